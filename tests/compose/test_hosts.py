"""
deploy/docker-compose.hosts.yml: three brokers, two collectors, three
aggregators, as three hosts that meet at their addresses only (a composition
each, on one engine), and as one. Whatever of it dies, the ledger is exact.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import types

import pytest

import processes
import river
from conftest import tell
from processes import eventually

FILES = ("docker-compose.yml", "docker-compose.hosts.yml")
HOSTS = [f"10.213.77.{number}" for number in (1, 2, 3)]
WHERE = {"kafka": 0, "postgres": 0, "migrate": 0, "collector": 0,
         "aggregator": 0, "haproxy": 0, "kafka-2": 1, "collector-2": 1,
         "aggregator-2": 1, "kafka-3": 2, "aggregator-3": 2}


class Cluster:
    """The compositions PLACES, all the same one when there is one host."""

    def __init__(self, places, addresses, brokers):
        self.places = places
        self.addresses = addresses
        places[0].brokers = lambda: brokers
        places[0].pending = self.pending

    def at(self, service):
        return self.places[WHERE[service] % len(self.places)]

    def pending(self):
        """Of both collectors; None while one does not say."""
        counts = [river.Stack._unconfirmed(types.SimpleNamespace(
            admin_url=f"http://{address}:8081"))
            for address in self.addresses[:2]]
        return None if None in counts else sum(counts)

    def crash(self, service):
        """kill -9; the engine starts it again."""
        place = self.at(service)
        pid = place.inspect(service)["State"]["Pid"]
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: place.inspect(service)["State"]["Pid"] not in (
            0, pid), 60, f"{service} is not started again", 0.2)
        place.healthy(service)

    def away(self, service, load):
        """Stopped for the time of some hundred hits."""
        self.at(service).compose("stop", service)
        load.more(400, timeout=60)
        self.at(service).compose("start", service)
        self.at(service).healthy(service)


def three_hosts(places):
    """By the table of docs/docker.md."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("only root can give this machine three addresses")
    settings = {f"HOST_{number}": address
                for number, address in enumerate(HOSTS, 1)}
    first = places(files=FILES, TRUSTED_PROXY="172.16.0.0/12", **settings)
    shared = {name: first.env[name] for name in ("SECRETS",
                                                 "POSTGRES_PASSWORD")}
    hosts = [first] + [places(files=FILES, TRUSTED_PROXY="172.16.0.0/12",
                              **settings, **shared) for _ in range(2)]
    first.compose("build", timeout=1800)
    up = ("up", "-d", "--no-deps", "--pull", "never")
    first.compose(*up, "kafka", "postgres")
    hosts[1].compose(*up, "kafka-2")
    hosts[2].compose(*up, "kafka-3")
    for name in ("postgres", "kafka", "kafka-2", "kafka-3"):
        hosts[WHERE[name]].healthy(name, 90)
    first.compose("run", "--rm", "--no-deps", "migrate")
    first.compose(*up, "collector", "aggregator", "haproxy")
    hosts[1].compose(*up, "collector-2", "aggregator-2")
    hosts[2].compose(*up, "aggregator-3")
    for name in ("aggregator", "aggregator-2", "aggregator-3", "collector-2",
                 "haproxy"):
        hosts[WHERE[name]].healthy(name, 90)
    return Cluster(hosts, HOSTS, ",".join(
        address + ":9092" for address in HOSTS))


def one_host(places):
    for address, port in (("127.0.0.1", 5432), ("127.0.0.1", 8080),
                          ("127.0.0.1", 9092)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                pytest.skip(f"the overlay wants {address}:{port}: {error}")
    place = places(files=FILES)
    place.compose("build", timeout=1800)
    place.up()
    return Cluster([place], ["127.0.0.1", "127.0.0.2"],
                   "kafka:9092,kafka-2:9092,kafka-3:9092")


@pytest.fixture
def addresses(engine):
    if engine.daemon is None:
        pytest.skip("needs an engine on this machine's own network")
    made = []
    for address in HOSTS:
        if subprocess.run(["ip", "address", "add", address + "/32", "dev",
                           "lo"], check=False).returncode == 0:
            made.append(address)
    yield
    for address in made:
        subprocess.run(["ip", "address", "del", address + "/32", "dev", "lo"],
                       check=True)


@pytest.mark.parametrize("start", [three_hosts, one_host])
def test_the_ledger_is_exact_whatever_dies(request, addresses, places, loads,
                                           start):
    cluster = start(places)
    first = cluster.places[0]
    loads.clear()
    try:
        topic = first.engine.docker(
            "run", "--rm", "--network", first.name + "_default",
            "afterclick-test-tools:local", "kcat", "-L", "-b",
            first.brokers(), "-t", "afterclick.hits")
        copies = re.findall(r"replicas: ([\d,]+), isrs", topic)
        assert len(copies) == 8
        assert {len(it.split(",")) for it in copies} == {3}, topic
        it = loads.start(first, rate=300)
        it.more(300)
        cluster.away("kafka-2", it)
        cluster.crash("kafka-3")
        it.more(200)
        cluster.crash("kafka")
        it.more(200)
        cluster.crash("collector-2")
        it.more(200)
        cluster.away("collector", it)
        cluster.crash("aggregator-3")
        it.more(200)
        cluster.at("aggregator-2").compose("pause", "aggregator-2")
        it.more(200)
        cluster.at("aggregator-2").compose("unpause", "aggregator-2")
        cluster.at("haproxy").compose("restart", "haproxy")
        cluster.at("haproxy").healthy("haproxy")
        it.more(200)
        verdict = first.exact(loads, 120)
        counts = it.end()
        served = [river.metric(processes.fetch(
            f"http://{address}:8081/metrics")[1],
            "afterclick_hits_accepted_total")
            for address in cluster.addresses[:2]]
        assert all(served), "one collector did all the work"
        tell(f"{start.__name__}: exact, {verdict.acked} acknowledged, "
             f"{verdict.unknown} unknown, {verdict.duplicates} repeats on "
             f"Kafka, {verdict.fresh} in the tables, longest answer "
             f"{counts['max_ms']:.0f} ms")
    except BaseException:
        for it in cluster.places:
            print(it.logs())
        raise
    finally:
        for it in loads:
            it.kill()
        for it in cluster.places:
            it.remove()
