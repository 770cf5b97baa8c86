"""Kafka to tables, beside what librdkafka alone reads and PostgreSQL alone
does in the same run; what a day more costs; how fresh the tables are."""

import os
import subprocess
import sys
import time

import attribute
import fresh
import growth
import postgres_only
from measure import (cpu_seconds, last_json, median, number, rss_mb, say,
                     table)
from processes import Failure, fetch, metric
from river import Stack

DAYS = 30
HITS_PER_VISITOR = 5
PATIENCE = 600  # seconds
INTAKE_WORKERS = 2
# What a server of its own would be given.
POSTGRES = {"shared_buffers": "1GB", "wal_buffers": "64MB",
            "max_wal_size": "8GB"}


def shape(hits):
    return [str(max(1, hits // HITS_PER_VISITOR)), str(DAYS)]


def preload(stack, build, hits):
    """Puts HITS records on Kafka; returns how many are conversions."""
    make = [os.path.join(build, "tests", "bench", "hits"), str(hits),
            *shape(hits), stack.site]
    send = ["kcat", "-P", "-q", "-b", stack.kafka.brokers, "-t",
            stack.known["topic"], "-K", "\t", "-z", "lz4", "-X",
            "linger.ms=50", "-X", "queue.buffering.max.messages=1000000",
            "-X", "partitioner=murmur2_random"]
    say(f"putting {hits:,} hits on Kafka")
    maker = subprocess.Popen(make, stdout=subprocess.PIPE)
    sender = subprocess.Popen(send, stdin=subprocess.PIPE)
    conversions = 0
    while chunk := maker.stdout.readlines(1 << 20):
        conversions += sum(b'"type":"conversion"' in line for line in chunk)
        sender.stdin.writelines(chunk)
    sender.stdin.close()
    if maker.wait() != 0 or sender.wait() != 0:
        raise Failure("putting hits on Kafka failed")
    return conversions


def consume(stack, build, hits, number_):
    done = subprocess.run(
        [os.path.join(build, "tests", "bench", "consume"),
         stack.kafka.brokers, stack.known["topic"], f"bench-{number_}",
         str(hits)], capture_output=True, text=True, timeout=PATIENCE,
        check=False)
    if done.returncode != 0:
        raise Failure("reading alone failed: " + done.stderr)
    figures = last_json(done.stdout, "consume")
    say(f"reading alone: {hits / figures['seconds']:,.0f}/s, "
        f"{1e6 * figures['cpu_seconds'] / hits:.2f} us each")
    return figures


class Watch:
    """Processor time of the aggregator and of PostgreSQL since START."""

    def __init__(self, stack, start):
        self.aggregator = stack.aggregators[0].pid
        self.postgres = stack.postgres.process.pid
        self.start = start
        self.postgres_before = cpu_seconds(self.postgres)

    def now(self):
        return {"seconds": time.monotonic() - self.start,
                "aggregator_cpu": cpu_seconds(self.aggregator),
                "postgres_cpu": cpu_seconds(self.postgres) -
                self.postgres_before,
                "aggregator_mib": rss_mb(self.aggregator)}


def until(stack, what, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if not stack.aggregators[0].alive():
            raise stack.aggregators[0].failure("does not run")
        if time.monotonic() > end:
            raise Failure(f"{what} took more than {PATIENCE} s")
        time.sleep(0.05)


def aggregate(stack, hits):
    """From the aggregator's start to the last credit."""
    start = time.monotonic()
    stack.start_aggregator()
    watch = Watch(stack, start)
    url = stack.aggregator_urls[0] + "/metrics"

    def read():
        return metric(fetch(url)[1], "afterclick_intake_records_total") or 0

    def committed():
        rows = stack.sql('SELECT coalesce(sum(next_offset), 0) '
                         'FROM afterclick.position')
        return int(rows[0][0]) >= hits
    until(stack, "the first record", lambda: read() > 0)
    first = watch.now()
    until(stack, "the intake", lambda: read() >= hits)
    until(stack, "the last commit", committed)
    intake = watch.now()
    intake["since_first"] = intake["seconds"] - first["seconds"]
    stack.cli("lag", "--wait", "--timeout", f"{PATIENCE}s",
              timeout=PATIENCE + 10)
    whole = watch.now()
    for name, at in (("intake", intake), ("with attribution", whole)):
        say(f"{name}: {hits / at['seconds']:,.0f} hits/s, CPU "
            f"{1e6 * at['aggregator_cpu'] / hits:.2f} us a hit, PostgreSQL "
            f"{1e6 * at['postgres_cpu'] / hits:.2f}")
    return {"intake": intake, "whole": whole}


def rebuild(stack, hits):
    """The same tables once more: nothing may differ."""
    start = time.monotonic()
    told = last_json(stack.cli("rebuild", "--json", timeout=PATIENCE),
                     "rebuild")
    seconds = time.monotonic() - start
    if told["differences"] or told["records"] != hits:
        raise Failure(f"a rebuild read {told['records']} records and found "
                      f"{len(told['differences'])} differences")
    say(f"rebuild: {hits / seconds:,.0f} hits/s, of that reading "
        f"{told['read_ms'] / 1000:.1f} of {seconds:.1f} s")
    return {"seconds": seconds, "read_seconds": told["read_ms"] / 1000}


def tables(folder, build, hits, peers):
    """Kafka to tables, and the same by others."""
    stack = Stack.new(os.path.join(folder, "river"), build=build,
                      aggregator_options={"intake_workers": INTAKE_WORKERS},
                      say=lambda text: None)
    try:
        stack.up()
        for part in ("aggregator", "collector"):
            stack.stop(part)
        stack.postgres.psql("".join(f"ALTER SYSTEM SET {name} = '{value}';\n"
                                    for name, value in POSTGRES.items()))
        stack.restart("postgres")
        conversions = preload(stack, build, hits)
        alone = [consume(stack, build, hits, 1)]
        result = aggregate(stack, hits)
        stored = int(stack.sql(
            "SELECT count(*) FROM afterclick.conversion")[0][0])
        if stored != conversions:
            raise Failure(f"{conversions} conversions were sent, {stored} "
                          "are in the tables")
        wrong = int(stack.sql(
            "SELECT count(*) FROM afterclick.roi_check")[0][0])
        if wrong:
            raise Failure(f"roi_check has {wrong} rows")
        touches = int(stack.sql(
            "SELECT sum(touches) FROM afterclick.traffic_daily")[0][0])
        stack.stop("aggregator")
        result["rebuild"] = rebuild(stack, hits)
        alone.append(consume(stack, build, hits, 2))
        if peers:
            result["postgres_only"] = postgres_only.measure(
                stack, build, hits, shape(hits), touches, conversions)
    finally:
        stack.down()
    reading = {
        "per_second": median([hits / one["seconds"] for one in alone]),
        "cpu_us": median([1e6 * one["cpu_seconds"] / hits for one in alone])}
    result.update(hits=hits, conversions=conversions, days=DAYS,
                  visitors=max(1, hits // HITS_PER_VISITOR), alone=reading,
                  touches=touches)
    result["ratio_to_alone"] = \
        hits / result["whole"]["seconds"] / reading["per_second"]
    return result


def remembered(build):
    """What the intake's memory of touches takes."""
    done = subprocess.run([os.path.join(build, "tests", "bench", "known")],
                          capture_output=True, text=True, check=True)
    return last_json(done.stdout, "known")


def beside_duckdb(build, hits, rounds):
    """In a process of its own: a child's peak of memory begins with ours."""
    done = subprocess.run(
        [sys.executable, attribute.__file__, "--json", "--hits", str(hits),
         "--rounds", str(rounds), "--build-dir", build],
        stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failure("attribute beside DuckDB failed")
    return last_json(done.stdout, "attribute")


def measure(folder, build, args):
    result = tables(folder, build, args.hits, args.peers)
    result["known"] = remembered(build)
    result["growth"] = growth.measure(folder, build,
                                      max(5000, args.hits // 250))
    result["fresh"] = fresh.measure(folder, build, 10 if args.quick else 60)
    if args.peers:
        result["attribute"] = beside_duckdb(
            build, max(args.hits, 1000000), 1 if args.quick else 3)
    return result


def goals(result):
    seconds = result["whole"]["seconds"]
    grown, fresh_ = result["growth"], result["fresh"]
    rows = [
        ("Kafka to tables, hits/s", result["hits"] / seconds, ">=", 1000000),
        ("Kafka to tables, librdkafka alone = 1",
         result["ratio_to_alone"], ">=", 0.45),
    ]
    if "postgres_only" in result:
        rows.append(("Kafka to tables, PostgreSQL alone = 1",
                     result["postgres_only"]["seconds"] / seconds, ">=", 5))
    rows += [
        ("memory of recent touches, bytes each",
         result["known"]["bytes_per_touch"], "<=", 32),
        ("take-over, touches of the tables/s",
         grown["touches"] / grown["take_over"], ">=", 1000000),
        ("CPU of a day after 180, of a day after 30 = 1",
         grown["cpu_us"][180] / grown["cpu_us"][30], "<=", 1.2),
        (f"freshness at {fresh.RATE:,} hits/s: p99, s", fresh_["p99"],
         "<=", 5),
    ]
    if "attribute" in result:
        ratios = attribute.ratios(result["attribute"])
        rows += [("attribute: DuckDB's time, ours = 1", ratios["wall"], ">=",
                  3),
                 ("attribute: DuckDB's CPU, ours = 1", ratios["cpu"], ">=",
                  6),
                 ("attribute: memory, DuckDB = 1", ratios["peak"], "<=", 1)]
    return rows


def report(result):
    hits, alone = result["hits"], result["alone"]
    intake, whole = result["intake"], result["whole"]

    def row(name, seconds, at):
        return [name, number(hits / seconds, 0),
                number(hits / seconds / alone["per_second"], 2),
                number(1e6 * at["aggregator_cpu"] / hits, 2),
                number(1e6 * at["postgres_cpu"] / hits, 2),
                number(at["aggregator_mib"], 0)]
    rows = [["librdkafka alone, reading only",
             number(alone["per_second"], 0), "1.00",
             number(alone["cpu_us"], 2), "", ""],
            row("intake: first record to last commit",
                intake["since_first"], intake),
            row("aggregator's start to last commit", intake["seconds"],
                intake),
            row("aggregator's start to last credit", whole["seconds"],
                whole)]
    if "postgres_only" in result:
        other = result["postgres_only"]
        rows.append(["PostgreSQL alone: raw COPY, models in SQL",
                     number(hits / other["seconds"], 0),
                     number(hits / other["seconds"] / alone["per_second"], 2),
                     "", number(1e6 * other["cpu"] / hits, 2), ""])
    text = table([f"{hits:,} hits, touches stored", "hits/s",
                  "librdkafka = 1", "CPU µs/hit", "PostgreSQL µs/hit",
                  "MiB"], rows)
    known, grown = result["known"], result["growth"]
    text += (
        f"\n\n{result['visitors']:,} visitors over {result['days']} days, "
        f"{result['touches']:,} touches, "
        f"{result['conversions']:,} conversions, every rule model; one "
        f"aggregator of {INTAKE_WORKERS} intake workers, four partitions, "
        "broker and PostgreSQL (fsync on, "
        f"{POSTGRES['shared_buffers']} of shared buffers) on the same "
        "cores.\n\n"
        "`afterclick rebuild` makes the same tables, compares and swaps them "
        f"at {number(hits / result['rebuild']['seconds'], 0)} hits/s.\n\n"
        f"One more day of {grown['hits_a_day']:,} hits after " +
        ", ".join(f"{at} days: {us:.2f}" for at, us in
                  grown["cpu_us"].items()) +
        " µs of aggregator and PostgreSQL a hit. "
        f"Another aggregator's first commit came {grown['take_over']:.2f} s "
        f"after the order to stop, with {grown['touches']:,} touches in the "
        "tables. Its memory of recent touches takes "
        f"{known['bytes_per_touch']:.1f} bytes each; "
        f"{known['put_ns']:.0f} ns to add, {known['find_ns']:.0f} ns to find. "
        f"Of {result['fresh']['probes']:,} conversions at "
        f"{result['fresh']['rate']:,.0f} hits/s half were in the view "
        f"{result['fresh']['p50']:.2f} s after their answer, 99 % within "
        f"{result['fresh']['p99']:.2f} s.\n")
    if "attribute" in result:
        text += "\n`afterclick attribute` beside DuckDB:\n\n" + \
            attribute.report(result["attribute"]) + "\n"
    return text
