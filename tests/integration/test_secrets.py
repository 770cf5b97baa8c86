"""No secret is on a command line, in a log, in what a program prints or in a
core file: every program and every command, well and badly configured."""

import json
import os
import re
import secrets
import subprocess
import threading

from conftest import http, server_events

PROGRAMS = ("afterclick-collector", "afterclick-aggregator", "afterclick")
# Each command in a form that reads its settings and does some work; one that
# is not here is run without arguments.
COMMANDS = {
    "roi": [], "report": ["--markdown"], "import-costs":
    ["/dev/null", "--site", "shop"],
    "import-fx": ["/dev/null"],
    "import-conversions": ["FILE", "--site", "shop", "--collector", "URL"],
    "export": ["meta", "--site", "shop", "--from", "2026-01-01", "--to",
               "2026-01-31", "--dry-run"],
    "import-log": ["/dev/null", "--site", "shop", "--collector", "URL"],
    "reconcile": ["FILE", "--site", "shop", "--preset", "shopify"],
    "audit": ["spend"], "budget": [], "attribute": ["--help"],
    "classify": ["https://shop.example/?utm_source=a"],
    "rebuild": ["--dry-run", "--json"], "live": ["--site", "shop"],
    "doctor": ["--json", "--collector", "ADMIN"], "lag": [],
    "link": ["--site", "shop", "--campaign", "spring",
             "https://elsewhere.example/"],
    "quality": ["--site", "shop"], "verify-site": ["URL"],
    "models": [], "train": ["markov", "--site", "shop"], "paths": [],
    "experiments": [], "dead-letters": ["list"],
    "forget": ["--user", "nobody"],
    "subject-export": ["--user", "nobody", "--no-topic"], "completion": ["bash"],
    "man": [], "migrate": [], "init": ["--domain", "localhost", "--dir",
                                       "NEW"],
}


class Watch:
    """Every command line that a process of the build has, as it runs."""

    def __init__(self, build):
        self.build, self.lines, self.stop = build, set(), threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def look(self):
        while not self.stop.wait(0.002):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        line = file.read()
                except OSError:
                    continue
                if line.startswith(self.build.encode()):
                    self.lines.add(line)

    def end(self):
        self.stop.set()
        self.thread.join()


def test_no_secret_is_where_others_may_read_it(stack, tmp_path):
    planted = {name: "PLANTED" + secrets.token_hex(12) for name in (
        "redirect", "matomo", "ga4", "segment", "export", "sasl")}
    river = stack(
        up=False, partitions=1, site_options={
            "redirect_key": planted["redirect"], "redirect_hosts":
            "[shop.example]", "compatible":
            f"{{matomo_tokens: [{planted['matomo']}], ga4_secrets: "
            f"[{planted['ga4']}], segment_secrets: [{planted['segment']}]}}"},
        aggregator_options={"exports": [
            {"site": "shop", "platform": "meta", "account": "1", "goals":
             {"purchase": "Purchase"}, "token": planted["export"]}]})
    # librdkafka reads a password whether it is asked for one or not.
    written = river.write_config

    def write_config():
        written()
        for name in ("collector.yaml", "aggregator.yaml"):
            path = river.path("config", name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace(
                    "kafka:\n", "kafka:\n  sasl.password: "
                    f"{planted['sasl']}\n", 1))
    river.write_config = write_config
    watch = Watch(river.known["build"])
    said = []
    try:
        river.up(keep=True)
        for name in os.listdir(river.path("secrets")):
            with open(river.path("secrets", name), encoding="utf-8") as file:
                planted[name] = file.read().strip()
        assert len(planted) >= 11
        server_events(river, [{"type": "page", "visitor_id": "v",
                               "url": "https://shop.example/?utm_source=a"}])
        use_secrets_wrongly(river, planted, said)
        river.wait()
        run_every_command(river, tmp_path, said)
        with open(river.path("config", "erased.list"), encoding="utf-8") as \
                file:
            planted["erased"] = file.read().splitlines()[1]
        planted["order"] = river.sql("SELECT encode(secret, 'hex') FROM "
                                     "order_secret")[0][0]
        assert len(planted["erased"]) == len(planted["order"]) == 64
        limits = [subprocess.run(
            ["grep", "core file size", f"/proc/{process.pid}/limits"],
            capture_output=True, text=True, check=True).stdout.split()[4]
            for process in [river.collector] + river.aggregators]
        assert set(limits) == {"0"}
        said += configurations(river, planted, tmp_path)
    finally:
        watch.end()
    said += [process.output()
             for process in [river.collector] + river.aggregators]
    told = "\n".join(said)
    lines = b"\n".join(watch.lines).decode(errors="replace")
    assert len(watch.lines) > 20 and "import-conversions" in lines
    for name, secret in planted.items():
        assert secret not in told, name
        assert secret not in lines, name
    # Where they belong they are.
    with open(river.path("config", "sites.yaml"), encoding="utf-8") as file:
        assert planted["matomo"] in file.read()


def use_secrets_wrongly(river, planted, said):
    """What is refused must not tell what would have been right, or what was
    sent instead."""
    key = planted["api_key"]
    for headers, path, body in (
            ({"Afterclick-Signature": f"t=1,v1={key}"}, "/v1/events", "{}"),
            ({"Authorization": f"Bearer {key}"}, "/v1/events", "{}"),
            ({}, f"/matomo.php?idsite=shop&rec=1&token_auth="
                 f"{planted['matomo']}&cip=1.2.3.4.5", ""),
            ({}, f"/mp/collect?measurement_id=x&api_secret={planted['ga4']}",
             "{"),
            ({}, f"/r?site=shop&to=https://evil.example/&sig={key}", "")):
        said.append(http(river.collector_url + path,
                         "POST" if body else "GET", body or None,
                         headers).body.decode(errors="replace"))
    said.append(http(river.dashboard_url + "/login", "POST",
                     "token=" + planted["dashboard_token"] + "x", {
                         "Content-Type": "application/x-www-form-urlencoded"}
                     ).body.decode())
    for url in (river.admin_url, river.aggregator_urls[0]):
        for path in ("/healthz", "/readyz", "/metrics", "/debug/hits"):
            said.append(http(url + path).body.decode(errors="replace"))


def run_every_command(river, tmp_path, said):
    listed = set(re.findall(r"^  ([a-z][a-z-]+) ", subprocess.run(
        [river.program("afterclick"), "--help"], capture_output=True,
        text=True, check=True).stdout, re.M))
    assert set(COMMANDS) < listed and len(listed) > 25
    file = tmp_path / "orders.csv"
    file.write_text("order_id,time,value\nA1,2026-03-01T10:00:00Z,1\n")
    words = {"FILE": str(file), "URL": river.collector_url,
             "ADMIN": river.admin_url, "NEW": str(tmp_path / "new")}
    for name in sorted(listed - {"help"}):
        arguments = COMMANDS.get(name, [])
        done = river.run_cli(name, *(words.get(word, word)
                                     for word in arguments))
        assert done.returncode in (0, 1, 2), (name, done.stderr)
        said += [done.stdout, done.stderr]
    # What init makes up is in files for the owner alone.
    new = tmp_path / "new"
    for path in new.rglob("*"):
        if path.is_file() and "secret" in str(path.relative_to(new)):
            assert path.stat().st_mode & 0o077 == 0, path
            secret = path.read_text().strip()
            assert len(secret) < 16 or secret not in "\n".join(said)


def configurations(river, planted, tmp_path):
    """What each program says of its settings, good ones and bad ones."""
    said = []
    for program in PROGRAMS[:2]:
        name = program.rpartition("-")[2] + ".yaml"
        good = river.path("config", name)
        for option in ("--print-config", "--check-config", "--healthcheck"):
            done = subprocess.run([river.program(program), "--config", good,
                                   option], capture_output=True, text=True,
                                  check=False)
            said += [done.stdout, done.stderr]
        with open(good, encoding="utf-8") as file:
            text = file.read()
        # A secret under a wrong key, of a wrong kind, in a file that ends
        # early; in a DSN; a key of Kafka's that is none.
        for number, more in enumerate((
                f"pasword: {planted['export']}\n",
                f"exports: {planted['export']}\n",
                f"cookie_key: [{planted['export']}]\n",
                f"topic: \"{planted['export']}\n",
                f"topic: ${{{planted['export']}}}\n")):
            bad = os.path.join(river.path("config"), f"bad-{number}-{name}")
            with open(bad, "w", encoding="utf-8") as file:
                file.write(text + more)
            done = subprocess.run([river.program(program), "--config", bad,
                                   "--check-config"], capture_output=True,
                                  text=True, check=False)
            assert done.returncode == 78, (number, done.stderr)
            said += [done.stdout, done.stderr]
    dsn = river.path("config", "dsn.yaml")
    secret = planted["postgres_password"]
    for number, text in enumerate((
            f"postgresql://u:{secret}@127.0.0.1:1/db",
            f"host=127.0.0.1 port=1 password='{secret}'",
            f"host=127.0.0.1 passwort={secret}",
            f"postgresql://u:{secret}@127.0.0.1:x/db")):
        with open(river.path("config", "aggregator.yaml"),
                  encoding="utf-8") as file:
            other = re.sub(r"^postgres:\n(  .*\n)+", "postgres:\n  dsn: " +
                           json.dumps(text) + "\n", file.read(), flags=re.M)
        with open(dsn, "w", encoding="utf-8") as file:
            file.write(other)
        for argv in (["afterclick-aggregator", "--config", dsn,
                      "--print-config"],
                     ["afterclick", "--config", dsn, "roi"],
                     ["afterclick", "--config", dsn, "doctor"]):
            done = subprocess.run([river.program(argv[0]), *argv[1:]],
                                  capture_output=True, text=True, check=False,
                                  timeout=60)
            said += [done.stdout, done.stderr]
        assert "***" in said[-6] or number > 1
    return said
