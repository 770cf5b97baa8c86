"""
The network between collector and broker is bad, or the broker does not let
the collector in: F23 and F26 of docs/reliability.md.
"""

import contextlib
import ctypes
import os
import subprocess
import time

import pytest

import kafka_wire
import ledger
import processes
from proxy import Proxy, TlsProxy
from test_broker import behind_proxy
from world import LEFT_OUT, eventually, quick_or_long


def delivers(river, what):
    before = river.collector_metric("publisher_delivered_total")
    eventually(lambda: river.collector_metric("publisher_delivered_total") >
               before, 60, "nothing is delivered after " + what)


# --- a network of its own ---------------------------------------------------------
class Network:
    """A network namespace with nothing but a loopback of its own, whose
    rules hurt nobody else."""

    def __init__(self):
        self.name = f"afterclick-{os.getpid()}"
        self.home = open("/proc/thread-self/ns/net", encoding="ascii")
        self.run("ip", "netns", "add", self.name)
        try:
            self.inside("ip", "link", "set", "lo", "up")
            self.inside("iptables", "-w", "-L", "-n")
        except BaseException:
            self.close()
            raise

    @staticmethod
    def run(*argv):
        return subprocess.run(argv, check=True, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True).stdout

    def inside(self, *argv):
        return self.run("ip", "netns", "exec", self.name, *argv)

    @contextlib.contextmanager
    def entered(self):
        """This thread, and what it starts, is inside."""
        with open("/run/netns/" + self.name, encoding="ascii") as there:
            enter(there)
        try:
            yield
        finally:
            enter(self.home)

    @contextlib.contextmanager
    def rule(self, *rule):
        """Yields a function that tells how many packets RULE has met."""
        def met():
            line = self.inside("iptables", "-w", "-L", "INPUT", "1", "-n",
                               "-v", "-x")
            return int(line.split()[0])
        self.inside("iptables", "-w", "-I", "INPUT", "-p", "tcp", *rule)
        try:
            yield met
        finally:
            self.inside("iptables", "-w", "-D", "INPUT", "-p", "tcp", *rule)

    def close(self):
        subprocess.run(["ip", "netns", "delete", self.name], check=False,
                       stderr=subprocess.DEVNULL)
        self.home.close()


def enter(space):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(space.fileno(), 0x40000000) != 0:  # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "setns")


class GateProxy(Proxy):
    """Listens where it was made and leads to HOME, a network."""

    def __init__(self, port, target, home):
        self.home = home
        super().__init__(port, target)

    def _connection(self, client):
        enter(self.home)
        super()._connection(client)


def may_make_networks():
    try:
        Network().close()
        return True
    except (OSError, subprocess.CalledProcessError):
        return False


if not may_make_networks():
    LEFT_OUT.append("the test of a bad network: no right to make network "
                    "namespaces, or no iptables")
else:
    @pytest.fixture
    def network():
        it = Network()
        yield it
        it.close()

    RULES = {
        "lost requests": ("--dport {}", "-j DROP"),
        "lost answers": ("--sport {}", "-j DROP"),
        "resets": ("--dport {}", "-j REJECT --reject-with tcp-reset"),
        "a third lost": ("--sport {}", "-m statistic --mode random "
                         "--probability 0.3 -j DROP"),
    }

    def test_a_bad_network_loses_nothing(network, world, kafka, load):
        river = behind_proxy(world, kafka, client={
            "socket.timeout.ms": 5000, "reconnect.backoff.ms": 50})
        river.cli("migrate")
        seconds = quick_or_long(1, 60)
        with network.entered():
            proxy = GateProxy(kafka.proxy_port, kafka.inner_port,
                              network.home)
            try:
                river.start_collector()
                it = load(river, rate=800)
                it.more(200)
                for name, (ports, target) in RULES.items():
                    rule = (ports.format(kafka.proxy_port) + " " +
                            target).split()
                    with network.rule(*rule) as met:
                        end = time.monotonic() + seconds
                        eventually(lambda: met() > 3, 60,
                                   f"{name}: it meets nothing")
                        it.more(50)  # hits are taken all the while
                        while time.monotonic() < end:
                            it.more(50)
                    delivers(river, name)
                proxy.slow = True
                it.more(800 * seconds, timeout=60 + 3 * seconds)
                proxy.slow = False
                proxy.cut()
                delivers(river, "a byte a second")
                it.end()
                river.drained(60)
            finally:
                river.collector.kill()
                proxy.close()
        assert ledger.reconcile(it.ledger(), river.records()).acked > 1000


# --- who may come in ----------------------------------------------------------------
def shut_out(river, it, seconds, again):
    """The door is shut: hits are taken, few lines are written. AGAIN puts
    it right."""
    eventually(lambda: river.collector_metric("kafka_up") == 0, 60,
               "nobody notices")
    lines = len(river.collector.output().splitlines())
    begin = time.monotonic()
    while time.monotonic() < begin + seconds:
        it.more(100)
    assert river.collector.alive()
    text = river.collector.output().splitlines()[lines:]
    # One each ten seconds and cause, and there are three that may tell.
    assert len(text) <= 3 * (1 + (time.monotonic() - begin) / 10), text
    again()
    eventually(lambda: river.collector_metric("kafka_up") == 1, 60,
               "it is not told that all is well")
    delivers(river, "the door was opened")


def test_a_changed_password_and_a_right_withdrawn_lose_nothing(
        world, load, kafka):
    river = world(up=False, collector_options={"kafka": {
        "bootstrap.servers": f"127.0.0.1:{kafka.guarded_port}",
        "reconnect.backoff.max.ms": 1000,
        "security.protocol": "sasl_plaintext",
        "sasl.mechanism": "PLAIN", "sasl.username": "collector",
        "sasl.password": "first"}})
    river.cli("migrate")
    river.start_collector()
    it = load(river, rate=500)
    it.more(100)
    delivers(river, "the start")
    for _ in range(quick_or_long(1, 5)):
        kafka.change_password("first", "second")
        eventually(lambda: "uthentication" in river.collector.output(), 60,
                   "it is let in")
        shut_out(river, it, quick_or_long(2, 60), lambda:
                 kafka.change_password("second", "first"))
        topic = river.known["topic"]
        kafka_wire.deny_writing(kafka.port, "collector", topic)
        shut_out(river, it, quick_or_long(2, 60), lambda:
                 kafka_wire.deny_writing(kafka.port, "collector", topic,
                                         on=False))
    assert "first" not in river.collector.output()
    assert river.settle(it).acked > 500


def certificate(folder, name, *validity):
    """FOLDER/NAME.pem: a certificate of 127.0.0.1 and its key."""
    def openssl(*argv):
        subprocess.run(["openssl", *argv], check=True, cwd=folder,
                       stdin=subprocess.DEVNULL, capture_output=True)
    if not os.path.exists(os.path.join(folder, "ca.pem")):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "9")
        open(os.path.join(folder, "index"), "w", encoding="ascii").close()
        processes.write_file(os.path.join(folder, "ca.conf"), """\
[ca]
default_ca = it
[it]
database = index
new_certs_dir = .
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
[any]
commonName = supplied
""")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-keyout", name + ".key", "-out", name + ".csr",
            "-subj", "/CN=127.0.0.1")
    openssl("ca", "-batch", "-config", "ca.conf", "-keyfile", "ca.key",
            "-cert", "ca.pem", "-in", name + ".csr", "-out", name + ".crt",
            "-notext", *validity)
    path = os.path.join(folder, name + ".pem")
    with open(path, "w", encoding="ascii") as file:
        for part in (name + ".crt", name + ".key"):
            with open(os.path.join(folder, part), encoding="ascii") as source:
                file.write(source.read())
    return path


def test_a_certificate_that_has_expired_loses_nothing(
        world, load, kafka, tmp_path):
    good = certificate(tmp_path, "good", "-days", "2")
    old = certificate(tmp_path, "old", "-startdate", "20200101000000Z",
                      "-enddate", "20200201000000Z")
    river = behind_proxy(world, kafka, client={
        "security.protocol": "ssl", "ssl.ca.location":
        str(tmp_path / "ca.pem"),
        "ssl.endpoint.identification.algorithm": "none"})
    river.cli("migrate")
    proxy = TlsProxy(kafka.proxy_port, kafka.inner_port, good)
    try:
        river.start_collector()
        it = load(river, rate=500)
        it.more(100)
        delivers(river, "the start")
        for _ in range(quick_or_long(1, 5)):
            proxy.certificate = old
            proxy.cut()

            def renewed():
                proxy.certificate = good
            shut_out(river, it, quick_or_long(2, 60), renewed)
        assert river.settle(it).acked > 200
    finally:
        river.collector.kill()
        proxy.close()
