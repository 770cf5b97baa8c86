"""
A composition that runs: deploy/docker-compose.yml under a name, ports and
secrets of its own. It answers what tests/faults/ledger.py and its generator
ask of a stack.
"""

import csv
import io
import json
import os
import re
import resource
import secrets
import subprocess
import time

import ledger
import processes
import river
from engine import ROOT, run

DEPLOY = os.path.join(ROOT, "deploy")
NULL = "\x01"
TOOLS = "afterclick-test-tools:local"
AGGREGATOR = ["afterclick", "--config", "/etc/afterclick/aggregator.yaml"]


class Project:
    site = "shop"

    def __init__(self, engine, folder, files=("docker-compose.yml",),
                 **settings):
        self.engine = engine
        self.name = "actest" + secrets.token_hex(4)
        self.files = files
        self.profiles = []
        run([os.path.join(DEPLOY, "docker", "make-secrets"), folder])
        with open(os.path.join(folder, "secrets", "api_key"),
                  encoding="ascii") as file:
            self.api_key = file.read().strip()
        ports = {name: processes.free_port() for name in (
            "AFTERCLICK_PORT", "COLLECTOR_ADMIN_PORT",
            "AGGREGATOR_ADMIN_PORT", "DASHBOARD_PORT", "PROMETHEUS_PORT",
            "GRAFANA_PORT")}
        self.known = {"listen": ports["AFTERCLICK_PORT"]}
        self.admin_url = f"http://127.0.0.1:{ports['COLLECTOR_ADMIN_PORT']}"
        self.ports = ports
        with open(os.path.join(folder, ".env"), encoding="ascii") as file:
            password = file.read().strip().partition("=")[2]
        files_max = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.env = {**engine.env, "POSTGRES_PASSWORD": password,
                    "SECRETS": os.path.join(folder, "secrets"),
                    "AFTERCLICK_ADDRESS": "127.0.0.1",
                    "NOFILE": str(min(65536, files_max)),
                    "COMPOSE_ENV_FILES": "/dev/null",
                    **{name: str(port) for name, port in ports.items()},
                    **settings}

    # --- the composition --------------------------------------------------
    def compose(self, *argv, timeout=300):
        files = [part for name in self.files
                 for part in ("-f", os.path.join(DEPLOY, name))]
        profiles = [part for name in self.profiles
                    for part in ("--profile", name)]
        return run([*self.engine.compose, "--progress", "plain", *files, "-p",
                    self.name, *profiles, *argv], timeout, env=self.env)

    def images(self):
        """Those that the files name and do not build."""
        config = json.loads(self.compose("config", "--format", "json"))
        return {name: it["image"] for name, it in config["services"].items()
                if not it["image"].startswith("afterclick-")}

    def up(self, *argv):
        return self.compose("up", "-d", "--wait", "--pull", "never", *argv)

    def down(self):
        self.compose("--profile", "*", "down", "--remove-orphans")

    def remove(self):
        """Nothing here is worth an orderly end."""
        try:
            self.compose("--profile", "*", "kill")
        except processes.Failure:
            pass  # nothing runs
        self.compose("--profile", "*", "down", "-v", "--remove-orphans")

    def container(self, service):
        return self.compose("ps", "-a", "-q", service).strip()

    def inspect(self, service):
        return self.engine.inspect(self.container(service))

    def healthy(self, service, timeout=60):
        processes.eventually(
            lambda: self.inspect(service)["State"].get("Health", {}).get(
                "Status") == "healthy", timeout,
            f"{service} does not get healthy", 0.5)

    def exec(self, service, *argv, timeout=120):
        """What ARGV prints in the container of SERVICE; not its errors."""
        done = subprocess.run(
            ["docker", "exec", "-i", self.container(service), *argv],
            env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=timeout, check=False)
        if done.returncode != 0:
            raise processes.Failure(f"{' '.join(argv)[:200]}: "
                                    f"{done.stdout}{done.stderr}")
        return done.stdout

    def logs(self):
        try:
            return self.compose("logs", "--no-color", "--tail", "200")
        except (processes.Failure, subprocess.TimeoutExpired) as error:
            return str(error)

    # --- what is in it ----------------------------------------------------
    def sql(self, query):
        text = self.exec("postgres", "psql", "-X", "-q", "-U", "postgres",
                         "-d", "afterclick", "-v", "ON_ERROR_STOP=1", "-P",
                         "null=" + NULL, "--csv", "-t", "-c", query)
        return [[None if cell == NULL else cell for cell in row]
                for row in csv.reader(io.StringIO(text))]

    def cli(self, *argv, service="aggregator"):
        return self.exec(service, *AGGREGATOR, *argv)

    _unconfirmed = river.Stack._unconfirmed

    def pending(self):
        """Records that are not on Kafka; None while nobody knows."""
        return self._unconfirmed()

    def brokers(self):
        return "kafka:9092"

    def records(self):
        """[(partition, record)] of the topic, as it stands."""
        text = self.engine.docker(
            "run", "--rm", "--network", self.name + "_default", TOOLS, "kcat",
            "-C", "-q", "-e", "-b", self.brokers(), "-t", "afterclick.hits",
            "-o", "beginning", "-f", "%p %s\\n")
        found = []
        for line in text.splitlines():
            partition, _, record = line.partition(" ")
            found.append((int(partition), json.loads(record)))
        return found

    def drained(self, timeout=90):
        """Waits until all that was accepted is in the tables."""
        begin = time.monotonic()
        processes.eventually(
            lambda: time.monotonic() - begin > river.GAUGE_AGE and
            self.pending() == 0, timeout, lambda: f"{self.pending()} records "
            "are not on Kafka", 0.2)
        self.cli("lag", "--wait", "--timeout", f"{timeout}s")

    def exact(self, loads, timeout=90):
        """Ends the last of LOADS; all of them must be in the tables, once
        each, and nothing else."""
        loads[-1].end()
        self.drained(timeout)
        records = self.records()
        verdict = ledger.reconcile(
            ledger.Ledger(*(it.path for it in loads)), records)
        ledger.reconcile_tables(
            verdict, {record["event_id"] for _, record in records}, self)
        return verdict

    def address(self, service):
        networks = self.inspect(service)["NetworkSettings"]["Networks"]
        return re.sub(r"\s", "", list(networks.values())[0]["IPAddress"])
