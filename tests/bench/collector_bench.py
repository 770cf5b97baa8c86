"""The collector beside nginx `empty_gif` and, if asked for, Go peers."""

import os
import resource
import subprocess

import http_load
from measure import (CORES, OTHER_CORES, last_json, median, number, on_cores,
                     say, spread, table)
from processes import Failure
from river import Stack
from servers_under_test import Collector, Nginx, Peer

IDLE = 10000
MANY = 256


class Runner:
    """One who is measured: SERVER at REQUESTS, in rounds."""

    def __init__(self, name, server, requests, connections=64):
        self.name = name
        self.server = server
        self.requests = requests
        self.connections = connections
        self.rounds = []
        self.halves = []

    def round(self, seconds):
        """All that the requests cause counts, up to Kafka's last ack."""
        before = self.server.cpu()
        figures = http_load.closed_loop(self.server.port, self.requests,
                                        seconds, self.connections)
        self.server.drain()
        figures["cpu_us"] = 1e6 * (self.server.cpu() - before) / \
            figures["requests"]
        figures["per_second"] = figures["requests"] / figures["seconds"]
        self.server.check(figures["requests"])
        self.rounds.append(figures)
        say(f"{self.name:34} {figures['cpu_us']:6.2f} us/request  "
            f"{figures['per_second']:9,.0f} requests/s  p99 "
            f"{figures['p99_ms']:.2f} ms")

    def at_half_load(self, load, seconds):
        rate = self.middle("per_second") / 2
        half = http_load.open_loop(load, self.server.port, self.requests,
                                   rate, seconds)
        half["per_second"] = rate
        self.server.drain()
        self.server.check(half["requests"])
        self.halves.append(half)
        say(f"{self.name:34} at {rate:,.0f}/s: p50 "
            f"{half['p50_ms']:.2f} ms  p99 {half['p99_ms']:.2f} ms")

    def half(self):
        """The middle of the runs at half load."""
        if not self.halves:
            return None
        return {figure: median([one[figure] for one in self.halves])
                for figure in ("per_second", "p50_ms", "p99_ms")}

    def middle(self, figure):
        return median([one[figure] for one in self.rounds])

    def share_of(self, other):
        """Requests per CPU second beside OTHER's, round by round."""
        return median([b["cpu_us"] / a["cpu_us"] for a, b in
                       zip(self.rounds, other.rounds)])

    def figures(self):
        return {"cpu_us_per_request": self.middle("cpu_us"),
                "cpu_spread": spread([one["cpu_us"] for one in self.rounds]),
                "requests_per_second": self.middle("per_second"),
                "p50_ms": self.middle("p50_ms"),
                "p99_ms": self.middle("p99_ms"), "half_load": self.half(),
                "rounds": self.rounds, "half_loads": self.halves}


def flat_memory(folder, stack, requests, hits):
    """MiB of a collector in each tenth of so many HITS. The first tenth
    fills what every later one uses again."""
    server = Collector(folder, "collector-flat", stack)
    done, mib = 0, []
    try:
        while len(mib) < 10:
            done += http_load.closed_loop(server.port, requests,
                                          5)["requests"]
            if done >= hits * (len(mib) + 1) / 10:
                server.drain()
                mib.append(server.rss())
                say(f"{done:,} hits: {mib[-1]:.1f} MiB")
        server.check(done)
    finally:
        server.stop()
    return {"hits": done, "mib": mib, "growth": max(mib[1:]) / mib[0]}


def idle_memory(folder, stack, load, requests):
    """MiB of a fresh collector before and with 10,000 idle connections, each
    of which was answered once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE + 1000
    if hard != resource.RLIM_INFINITY and hard < wanted:
        say(f"not more than {hard} open files are allowed here: idle "
            "connections are not measured")
        return None
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    server = Collector(folder, "collector-idle", stack,
                       connections=IDLE + 100)
    try:
        # The first requests allocate what every later one uses again.
        http_load.closed_loop(server.port, requests, 1)
        server.drain()
        before = server.rss()
        with on_cores(OTHER_CORES):
            holder = subprocess.Popen(
                [load, "idle", "127.0.0.1", str(server.port), requests.path,
                 str(IDLE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True)
        try:
            line = holder.stdout.readline()
            if not line:
                raise Failure("idle connections could not be opened")
            figures = last_json(line, "load")
            server.drain()
            after = server.rss()
        finally:
            holder.stdin.close()
            holder.wait(30)
            holder.stdout.close()
    finally:
        server.stop()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    say(f"{figures['open']} idle connections: {before:.1f} -> {after:.1f} MiB")
    return {"connections": figures["open"], "before_mib": before,
            "with_mib": after}


def two_workers(folder, stack, requests, seconds, rounds):
    """Requests/s and CPU of one worker and of two, free to use all cores."""
    servers, runs = [], []
    try:
        for n in (1, 2):
            servers.append(Collector(folder, f"collector-{n}-workers", stack,
                                     workers=n, cores=CORES))
            runs.append(Runner(f"disk, {n} worker{'s' * (n > 1)}, not pinned",
                               servers[-1], requests))
        for _ in range(rounds):
            for run in runs:
                run.round(seconds)
    finally:
        for server in servers:
            server.stop()
    return {"rate_ratio": median([
                b["per_second"] / a["per_second"] for a, b in
                zip(runs[0].rounds, runs[1].rounds)]),
            "cpu_ratio": runs[1].share_of(runs[0]),
            "one": runs[0].figures(), "two": runs[1].figures()}


def measure(folder, build, args):
    """All figures of the collector; see report() for what they are."""
    load = os.path.join(build, "tests", "bench", "load")
    stack = Stack.new(os.path.join(folder, "stack"), build=build,
                      partitions=8, say=lambda text: None)
    servers = []
    try:
        with on_cores(OTHER_CORES):
            stack.up()
        for part in ("aggregator", "collector"):
            stack.stop(part)
        plain, post = http_load.pixel(folder), http_load.post(folder)
        nginx = Nginx(folder)
        servers.append(nginx)
        ours = {}
        for durability in ("memory", "disk", "kafka"):
            ours[durability] = Collector(
                folder, "collector-" + durability, stack, durability)
            servers.append(ours[durability])
        cookies = http_load.with_cookies(folder, ours["disk"].port)
        ours["disk"].drain()
        ours["disk"].seen = ours["disk"].taken()
        runs = {
            "nginx": Runner("nginx empty_gif", nginx, plain),
            "memory": Runner("memory, GET /p", ours["memory"], plain),
            "disk": Runner("disk, GET /p", ours["disk"], plain),
            "kafka": Runner("kafka, GET /p", ours["kafka"], plain),
            "post": Runner("disk, POST /e of one event", ours["disk"], post),
            "cookies": Runner("disk, GET /p with signed cookies",
                              ours["disk"], cookies),
        }
        if args.peers:
            for key, promise in (("peer", "answers at once"),
                                 ("peer_disk", "after fdatasync")):
                peer = Peer(folder, stack, key == "peer_disk")
                servers.append(peer)
                runs[key] = Runner("Go fasthttp + franz-go, " + promise,
                                   peer, plain)
        # A sync serves all who wait for it: more clients, cheaper hits.
        many = {"nginx": Runner(f"nginx empty_gif, {MANY} connections", nginx,
                                plain, MANY),
                "disk": Runner(f"disk, GET /p, {MANY} connections",
                               ours["disk"], plain, MANY)}
        http_load.closed_loop(nginx.port, plain, 1)  # wakes wrk and the cores
        for _ in range(args.pairs):
            for run in (*runs.values(), *many.values()):
                run.round(args.seconds)
        for _ in range(args.pairs):
            for name in ("nginx", "memory", "disk", "post"):
                runs[name].at_half_load(load, args.seconds)
        for server in servers:
            server.stop()
        workers = two_workers(folder, stack, plain, args.seconds,
                              max(2, args.pairs - 1))
        idle = idle_memory(folder, stack, load, plain)
        flat = flat_memory(folder, stack, plain, args.flat) \
            if args.flat else None
    finally:
        for server in servers:
            server.process.kill()
        stack.down()
    return {
        "seconds": args.seconds, "pairs": args.pairs,
        "nginx_version": nginx.version(), "pinned": len(CORES) > 1,
        "request_bytes": {"pixel": plain.bytes, "post": post.bytes,
                          "cookies": cookies.bytes},
        "runs": {key: dict(run.figures(), name=run.name,
                           share_of_nginx=run.share_of(runs["nginx"]))
                 for key, run in runs.items()},
        "many": {key: dict(run.figures(), name=run.name,
                           share_of_nginx=run.share_of(many["nginx"]))
                 for key, run in many.items()},
        **{f"{ours}_to_{peer}": runs[ours].share_of(runs[peer])
           if args.peers else None
           for ours, peer in (("disk", "peer_disk"), ("disk", "peer"),
                              ("memory", "peer"))},
        "workers": workers, "idle": idle, "flat": flat,
    }


def goals(result):
    runs, idle = result["runs"], result["idle"]
    return [
        ("memory: requests per CPU second, nginx = 1",
         runs["memory"]["share_of_nginx"], ">=", 0.9),
        ("disk: requests per CPU second, nginx = 1",
         runs["disk"]["share_of_nginx"], ">=", 0.7),
        ("disk: requests per CPU second, Go after fdatasync = 1",
         result["disk_to_peer_disk"], ">=", 1.5),
        ("disk: requests per CPU second, Go that answers at once = 1",
         result["disk_to_peer"], ">=", 1.5),
        ("disk: p99 at half load, ms", runs["disk"]["half_load"]["p99_ms"],
         "<=", 5),
        ("two workers: requests/s, one = 1",
         result["workers"]["rate_ratio"] if len(CORES) > 3 else None,
         ">=", 1.7),
        ("10,000 idle connections: MiB",
         idle and idle["with_mib"], "<=", 60),
        ("memory over 10 million hits, after the first million = 1",
         result["flat"]["growth"]
         if result["flat"] and result["flat"]["hits"] >= 10_000_000
         else None, "<=", 1.1),
    ]


def report(result):
    """The figures as Markdown."""
    rows = []
    for run in (*result["runs"].values(), *result["many"].values()):
        half = run["half_load"]
        rows.append([
            run["name"], number(run["cpu_us_per_request"], 2),
            f"{100 * run['cpu_spread']:.0f} %",
            number(run["share_of_nginx"], 2),
            number(run["requests_per_second"], 0), number(run["p50_ms"], 2),
            number(run["p99_ms"], 2),
            f"{half['p50_ms']:.2f} / {half['p99_ms']:.2f}" if half else ""])
    text = table(["one worker, 64 keep-alive connections", "CPU µs/request",
                  "spread", "per CPU s, nginx = 1", "requests/s", "p50 ms",
                  "p99 ms", "p50 / p99 ms at half load"], rows)
    workers, idle = result["workers"], result["idle"]
    text += (
        f"\n\nnginx {result['nginx_version']}; {result['pairs']} rounds of "
        f"{result['seconds']} s each, in turn; requests of "
        f"{result['request_bytes']['pixel']} bytes (pixel), "
        f"{result['request_bytes']['post']} (POST), "
        f"{result['request_bytes']['cookies']} (with cookies).\n\n"
        "Two workers beside one, not pinned: "
        f"{workers['rate_ratio']:.2f} × the requests/s, "
        f"{workers['cpu_ratio']:.2f} × the requests per CPU second.\n")
    if idle:
        text += (f"{idle['connections']:,} idle connections: "
                 f"{idle['before_mib']:.1f} MiB before, "
                 f"{idle['with_mib']:.1f} MiB with them.\n")
    if result["memory_to_peer"]:
        text += ("Requests per CPU second beside the Go collector of the same "
                 f"promise: memory {result['memory_to_peer']:.2f} × (at "
                 f"once), disk {result['disk_to_peer_disk']:.2f} × (after "
                 "fdatasync).\n")
    flat = result["flat"]
    if flat:
        text += (f"{flat['hits']:,} hits through one collector (disk), MiB "
                 "after each tenth: "
                 f"{', '.join(number(mib) for mib in flat['mib'])}.\n")
    return text
