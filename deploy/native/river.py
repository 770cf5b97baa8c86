"""The whole river in a folder: Kafka, PostgreSQL, collector, aggregators.

DIR/config holds the configuration as a person would write it, DIR/secrets
what it refers to by ${file:...}, DIR/logs what everybody printed, DIR/env
the addresses for a shell. Kafka and PostgreSQL may be this stack's own or
belong to another folder (tests share one of each).
"""

import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import time

from processes import (Failure, Process, began, eventually, fetch, free_port,
                       marked, metric, send, write_file)
from servers import HERE, Kafka, Postgres, kafka_jars, postgres_programs

ROOT = os.path.dirname(os.path.dirname(HERE))
GAUGE_AGE = 1.2  # seconds; the collector's gauges may be this old
READY = re.compile(r"^ready (.+)$", re.M)

# A rebalance after a kill waits for the dead member's session to end, and a
# client that lost its server waits longer each time: short, as one waits.
CLIENT_KAFKA = {"reconnect.backoff.max.ms": 1000}
CONSUMER_KAFKA = {"session.timeout.ms": 4000, "heartbeat.interval.ms": 500}


def _yaml(value):
    """JSON is YAML: the form no value can break out of."""
    return json.dumps(value, ensure_ascii=False)


def _mapping(values, indent):
    pad = " " * indent
    return "".join(f"{pad}{_yaml(str(key))}: {_yaml(value)}\n"
                   for key, value in values.items())


class Stack:
    """What lies in FOLDER; `new` makes one, `up` starts it."""

    def __init__(self, folder, say=lambda text: None):
        self.folder = os.path.realpath(folder)
        self.say = say
        self.about = os.path.join(self.folder, "stack.json")
        try:
            with open(self.about, encoding="utf-8") as file:
                self.known = json.load(file)
        except FileNotFoundError:
            raise Failure(f"{folder} holds no stack") from None
        except ValueError as error:
            raise Failure(f"{self.about}: {error}") from error
        self.kafka = Kafka(self.known["kafka"])
        self.postgres = Postgres(self.known["postgres"])
        self.collector = Process(self.folder, "collector")
        self.aggregators = [Process(self.folder, f"aggregator-{n + 1}")
                            for n in range(len(self.known["aggregators"]))]

    # --- making one -------------------------------------------------------
    @classmethod
    def new(cls, folder, *, workers=0, aggregators=1, partitions=4,
            site_options=None, durability="disk", build=None, kafka=None,
            postgres=None, database="afterclick", topic="afterclick.hits",
            postgres_fsync=True, collector_options=None,
            aggregator_options=None, say=lambda text: None):
        """
        Writes down a stack in FOLDER, which must be empty or missing.
        KAFKA and POSTGRES are running servers to use instead of own ones;
        then TOPIC and DATABASE (which must exist there) keep stacks apart.
        """
        folder = os.path.realpath(folder)
        if os.path.isdir(folder) and os.listdir(folder):
            raise Failure(f"{folder} is not empty and holds no stack")
        build = os.path.realpath(build or os.path.join(ROOT, "build"))
        for program in ("afterclick-collector", "afterclick-aggregator",
                        "afterclick"):
            if not os.access(os.path.join(build, program), os.X_OK):
                raise Failure(f"{build}/{program} is missing; run make first")
        os.makedirs(folder, mode=0o755, exist_ok=True)
        known = {
            "build": build, "workers": workers, "partitions": partitions,
            "durability": durability, "topic": topic, "database": database,
            "group": "afterclick" if kafka is None else topic,
            "kafka": kafka.folder if kafka else folder,
            "postgres": postgres.folder if postgres else folder,
            "own_kafka": kafka is None, "own_postgres": postgres is None,
            "postgres_fsync": postgres_fsync, "created": False,
            "site": "shop", "site_options": site_options or {},
            "collector_options": collector_options or {},
            "aggregator_options": aggregator_options or {},
            "api_key": secrets.token_hex(24),
            "listen": free_port(), "admin": free_port(),
            "aggregators": [free_port() for _ in range(aggregators)],
            "dashboard": free_port(),
            "dashboard_token": secrets.token_hex(16),
        }
        write_file(os.path.join(folder, "stack.json"),
                   json.dumps(known, indent=1), 0o600)
        return cls(folder, say)

    def _save(self):
        write_file(self.about, json.dumps(self.known, indent=1), 0o600)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def program(self, name):
        return os.path.join(self.known["build"], name)

    def write_config(self):
        """Writes config/ and secrets/ from what is known; safe to repeat."""
        known = self.known
        for name, mode in (("config", 0o755), ("secrets", 0o700),
                           ("spool", 0o700), ("logs", 0o755)):
            os.makedirs(self.path(name), mode=mode, exist_ok=True)
        role = self.postgres.known["databases"][known["database"]]
        for name, text in (("api_key", known["api_key"]),
                           ("postgres_password", role["password"]),
                           ("reader_password", role["reader_password"]),
                           ("dashboard_token", known["dashboard_token"])):
            write_file(self.path("secrets", name), text + "\n", 0o600)
        if not os.path.exists(self.path("secrets", "cookie_key")):
            write_file(self.path("secrets", "cookie_key"),
                       secrets.token_hex(32) + "\n", 0o600)
        kafka = {"bootstrap.servers": self.kafka.brokers, **CLIENT_KAFKA}
        collector = {
            "listen": f"127.0.0.1:{known['listen']}",
            "admin_listen": f"127.0.0.1:{known['admin']}",
            "workers": known["workers"],
            "durability": known["durability"],
            "topic": known["topic"],
            "sites_file": "sites.yaml",
            "cookie_key": "${file:../secrets/cookie_key}",
            "spool": {"dir": self.path("spool")},
            "kafka": kafka,
        }
        collector.update(known["collector_options"])
        self._write_yaml("collector.yaml", collector)
        for number, port in enumerate(known["aggregators"]):
            aggregator = {
                "admin_listen": f"127.0.0.1:{port}",
                "topic": known["topic"],
                "group": known["group"],
                "sites_file": "sites.yaml",
                "channels_file": "channels.yaml",
                "kafka": {**kafka, **CONSUMER_KAFKA},
                "postgres": {
                    "dsn": self.postgres.dsn(known["database"]),
                    "password": "${file:../secrets/postgres_password}",
                    "reader": role["role"] + "_reader"},
                "topic_create": {"partitions": known["partitions"]},
                # Several members are several aggregators here.
                "intake_workers": 1,
                # What is played may be of any day.
                "retention": dict.fromkeys(
                    ("touches", "click_ids", "addresses", "user_agents",
                     "order_ids", "conversions", "dead_letters"), "0s"),
            }
            if number == 0:
                aggregator["dashboard"] = {
                    "listen": f"127.0.0.1:{known['dashboard']}",
                    "token": "${file:../secrets/dashboard_token}",
                    "dsn": self.postgres.dsn(known["database"], "_reader"),
                    "password": "${file:../secrets/reader_password}"}
            aggregator.update(known["aggregator_options"])
            name = "aggregator.yaml" if number == 0 else \
                f"aggregator-{number + 1}.yaml"
            self._write_yaml(name, aggregator)
        site = {
            "id": _yaml(known["site"]),
            "hosts": "[localhost, 127.0.0.1, shop.example]",
            "timezone": "UTC",
            "currency": "USD",
            "api_keys": '["${file:../secrets/api_key}"]',
        }
        site.update(known["site_options"])
        first, *rest = (f"{key}: {value}\n" for key, value in site.items())
        write_file(self.path("config", "sites.yaml"), "sites:\n  - " + first +
                   "".join("    " + line for line in rest))
        shutil.copyfile(os.path.join(ROOT, "config", "channels.yaml"),
                        self.path("config", "channels.yaml"))

    def _write_yaml(self, name, settings):
        text = ""
        for key, value in settings.items():
            if isinstance(value, dict):
                text += f"{key}:\n" + _mapping(value, 2)
            else:
                text += f"{key}: {_yaml(value)}\n"
        write_file(self.path("config", name), text, 0o600)

    # --- the daemons ------------------------------------------------------
    def _daemon(self, process, program, config, timeout, healthy):
        process.start([self.program(program), "--config",
                       self.path("config", config)], cwd=self.folder)
        line = process.wait_for(
            lambda: READY.search(process.output()), timeout,
            "said no ready line").group(1)
        ports = dict(item.split("=", 1) for item in line.split())
        if healthy:
            last = [""]

            def up():
                status, last[0] = fetch(f"http://{ports['admin']}/readyz")
                return status == 200
            process.wait_for(up, timeout, lambda: "/readyz does not answer "
                             "200: " + last[0].strip()[:300])
        self.write_env()
        return ports

    def start_collector(self, timeout=30, healthy=False):
        ports = self._daemon(self.collector, "afterclick-collector",
                             "collector.yaml", timeout, healthy)
        self.say(f"collector on {ports['listen']}")

    def start_aggregator(self, number=0, timeout=60, healthy=False):
        ports = self._daemon(
            self.aggregators[number], "afterclick-aggregator",
            "aggregator.yaml" if number == 0 else
            f"aggregator-{number + 1}.yaml", timeout, healthy)
        self.say(f"{self.aggregators[number].name} on {ports['admin']}")

    # --- the whole --------------------------------------------------------
    def servers(self):
        """The servers that are this stack's own."""
        return ([self.kafka] if self.known["own_kafka"] else []) + \
            ([self.postgres] if self.known["own_postgres"] else [])

    def up(self, keep=False):
        """Starts what does not run. If that fails nothing runs on, and a
        new folder is removed again unless KEEP."""
        fresh = not self.known["created"]
        try:
            self._up()
        except BaseException:
            self.down(keep=keep or not fresh)
            raise

    def _up(self):
        start = time.monotonic()
        known = self.known
        fresh = not known["created"]
        if known["own_kafka"]:
            if fresh:
                kafka_jars(self.say)
                self.kafka.create(self.say)
            if not self.kafka.process.alive():
                self.kafka.start()
        if known["own_postgres"]:
            if fresh:
                self.postgres.create(known["postgres_fsync"])
            if not self.postgres.process.alive():
                self.postgres.start()
        for server in reversed(self.servers()):
            server.wait()
            self.say(f"{server.name} on 127.0.0.1:{server.port}")
        if fresh:
            if known["own_postgres"]:
                self.postgres.create_database(known["database"])
            known["created"] = True
            self._save()
        self.write_config()
        self.write_env()
        self.cli("migrate")
        if not self.collector.alive():
            self.start_collector(healthy=True)
        for number, process in enumerate(self.aggregators):
            if not process.alive():
                self.start_aggregator(number, healthy=True)
        self.say(f"up after {time.monotonic() - start:.1f} s")

    def down(self, keep=False):
        """Ends every process of the stack, however it was left, and removes
        the folder unless KEEP."""
        for process in [self.collector] + self.aggregators:
            process.send(15)
            process.send(18)
        for process in [self.collector] + self.aggregators:
            if not process.wait_gone(15 if keep else 5):
                process.kill()
        for server in self.servers():
            if keep:
                server.stop()
            else:
                server.remove()
        left = marked(self.folder)
        for pid, since in left:
            send(pid, since, 9)
        eventually(lambda: all(began(p) != s for p, s in left), 20,
                   "processes of the stack do not die")
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def parts(self, name):
        """The processes NAME means: aggregator is all of them."""
        every = {"collector": [self.collector],
                 "aggregator": self.aggregators,
                 "kafka": [self.kafka.process],
                 "postgres": [self.postgres.process]}
        every.update({process.name: [process]
                      for process in self.aggregators})
        if name not in every:
            raise Failure(f"no part is called {name}; there are " +
                          ", ".join(sorted(every)))
        return every[name]

    def start(self, name, healthy=False):
        for process in self.parts(name):
            if process.alive():
                continue
            if process is self.collector:
                self.start_collector(healthy=healthy)
            elif process in self.aggregators:
                self.start_aggregator(self.aggregators.index(process),
                                      healthy=healthy)
            else:
                server = self.kafka if name == "kafka" else self.postgres
                server.start()
                server.wait()
                self.say(f"{name} on 127.0.0.1:{server.port}")
        if os.path.isdir(self.folder):
            self.write_env()

    def stop(self, name):
        for process in self.parts(name):
            if process is self.postgres.process:
                self.postgres.stop()
            else:
                process.stop(30)

    def kill(self, name):
        for process in self.parts(name):
            process.kill()

    def restart(self, name, kill=False):
        (self.kill if kill else self.stop)(name)
        self.start(name)

    def pause(self, name, on=True):
        for process in self.parts(name):
            process.pause(on)

    # --- asking it --------------------------------------------------------
    collector_url = property(
        lambda self: f"http://127.0.0.1:{self.known['listen']}")
    admin_url = property(
        lambda self: f"http://127.0.0.1:{self.known['admin']}")
    aggregator_urls = property(
        lambda self: [f"http://127.0.0.1:{port}"
                      for port in self.known["aggregators"]])
    dashboard_url = property(
        lambda self: f"http://127.0.0.1:{self.known['dashboard']}")
    site = property(lambda self: self.known["site"])
    api_key = property(lambda self: self.known["api_key"])

    @property
    def dsn(self):
        """With the password in it, for psql."""
        name = self.known["database"]
        about = self.postgres.known["databases"][name]
        return (f"postgresql://{about['role']}:{about['password']}"
                f"@127.0.0.1:{self.postgres.port}/{name}")

    def metric(self, name, url=None):
        """The sum of the samples NAME on an admin port's /metrics."""
        status, body = fetch((url or self.admin_url) + "/metrics")
        return metric(body, name) if status == 200 else None

    def run_cli(self, *arguments, timeout=120):
        """The finished `afterclick ARGUMENTS`, whatever it returned."""
        try:
            return subprocess.run(
                [self.program("afterclick"), "--config",
                 self.path("config", "aggregator.yaml"), *arguments],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"afterclick {' '.join(arguments)} did not end "
                          f"within {timeout:.0f} s") from error

    def cli(self, *arguments, timeout=120):
        """What `afterclick ARGUMENTS` prints; Failure unless it exits 0."""
        done = self.run_cli(*arguments, timeout=timeout)
        if done.returncode != 0:
            raise Failure(f"afterclick {' '.join(arguments)}: exit "
                          f"{done.returncode}\n{done.stderr.strip()[-2000:]}")
        return done.stdout

    def sql(self, query):
        """The rows of QUERY, as lists of text (None for NULL)."""
        import csv
        import io
        null = "\x01"
        done = subprocess.run(
            [postgres_programs() + "/psql", "-X", "-q", "-v",
             "ON_ERROR_STOP=1", "-P", "null=" + null, "--csv", "-t", "-f",
             "-", self.dsn], input=query, capture_output=True, text=True,
            timeout=60, env=dict(os.environ, PGCONNECT_TIMEOUT="10"))
        if done.returncode != 0:
            raise Failure("psql: " + done.stderr.strip())
        return [[None if cell == null else cell for cell in row]
                for row in csv.reader(io.StringIO(done.stdout))]

    def _unconfirmed(self):
        """How many records the collector holds that Kafka has not confirmed:
        by its gauge, and by its counters if they say more; None while it
        does not answer."""
        status, page = fetch(self.admin_url + "/metrics")
        if status != 200:
            return None
        gauge, appended, unwritten, delivered, refused = (
            metric(page, name) or 0 for name in (
                "afterclick_spool_pending_records",
                "afterclick_spool_records_total",
                "afterclick_spool_unwritten_records_total",
                "afterclick_publisher_delivered_total",
                "afterclick_publisher_refused_total"))
        return int(max(gauge, appended - unwritten - delivered - refused))

    def wait(self, timeout=60):
        """Until all that was accepted is in the tables."""
        begin = time.monotonic()
        end = begin + timeout

        def drained():
            if not self.collector.alive():
                raise self.collector.failure("does not run")
            # The gauge is a sample, taken once a second: only one taken
            # after we were called knows all that was accepted before.
            return self._unconfirmed() == 0 and \
                time.monotonic() - begin > GAUGE_AGE
        eventually(drained, timeout, lambda: "the collector still holds "
                   f"{self._unconfirmed()} records that Kafka has not "
                   "confirmed")
        left = max(1, int(end - time.monotonic()))
        self.cli("lag", "--wait", "--timeout", f"{left}s", timeout=left + 10)

    def env(self):
        """What a shell or a test wants to know."""
        def pid(process):
            return str(process.pid) if process.alive() else ""
        return {
            "COLLECTOR_URL": self.collector_url,
            "ADMIN_URL": self.admin_url,
            "AGGREGATOR_ADMIN_URL": self.aggregator_urls[0],
            "AGGREGATOR_ADMIN_URLS": " ".join(self.aggregator_urls),
            "DASHBOARD_URL": self.dashboard_url,
            "DASHBOARD_TOKEN": self.known["dashboard_token"],
            "KAFKA_BROKERS": self.kafka.brokers,
            "TOPIC": self.known["topic"],
            "PG_DSN": self.dsn,
            "SITE": self.site,
            "API_KEY": self.api_key,
            "COLLECTOR_PID": pid(self.collector),
            "AGGREGATOR_PIDS": " ".join(
                filter(None, map(pid, self.aggregators))),
            "KAFKA_PID": pid(self.kafka.process),
            "PG_PID": pid(self.postgres.process),
            "PG_DATA": self.postgres.data,
            "CONFIG_DIR": self.path("config"),
            "LOG_DIR": self.path("logs"),
            "CLI": self.program("afterclick"),
            "AFTERCLICK_CONFIG": self.path("config", "aggregator.yaml"),
        }

    def write_env(self):
        write_file(self.path("env"), "".join(
            f"{key}={shlex.quote(value)}\n"
            for key, value in self.env().items()), 0o600)
