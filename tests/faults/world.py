"""
What the fault tests stand on: a stack whose collector may run on a lossy
disk, a broker with a second door that leads through a proxy, and the
generator with its ledger.

AFTERCLICK_FAULTS=long runs each test as long as its figures in
docs/reliability.md say; SEED=N repeats the dice of a run.
"""

import collections
import glob
import json
import mmap
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

import ledger
import processes
import river
import servers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LONG = os.environ.get("AFTERCLICK_FAULTS") == "long"
SEED = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(31))
os.environ["SEED"] = str(SEED)  # of the workers that pytest-xdist starts
dice = random.Random()  # begun anew by each test
LEFT_OUT = []  # tests that cannot be here, and why; told at the end


def quick_or_long(quick, long):
    return long if LONG else quick


def eventually(condition, timeout=60, what="the condition never held"):
    return processes.eventually(condition, timeout, what)


def rss_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))


# --- the lossy disk -----------------------------------------------------------
def shared_library(folder, name, *sources):
    """Compiles SOURCES of here into FOLDER, for LD_PRELOAD."""
    path = os.path.join(folder, name + ".so")
    if not os.path.exists(path):
        subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-g",
                        "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror",
                        "-Wno-format-truncation", "-fno-builtin", "-pthread",
                        "-o", path, *(os.path.join(HERE, source)
                                      for source in sources), "-ldl"],
                       check=True)
    return path


class Knobs:
    """64-bit numbers in a file that a preloaded library shares with us."""

    KNOBS = ()
    COUNT = 32

    def __init__(self, library, path):
        self.library, self.path = library, path
        with open(path, "wb") as file:
            file.write(bytes(8 * self.COUNT))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8 * self.COUNT)

    def set(self, **knobs):
        for name, value in knobs.items():
            struct.pack_into("q", self.map, 8 * self.KNOBS.index(name), value)

    def get(self, name):
        return struct.unpack_from("q", self.map,
                                  8 * self.KNOBS.index(name))[0]


class Lossy(Knobs):
    """Those of lossy.c."""

    KNOBS = ("write_enospc", "write_eio", "write_half", "sync_eio",
             "sync_ms", "leak", "full", "kill_write", "kill_sync",
             "kill_synced", "writes", "syncs", "dir_syncs", "failed",
             "leaked")

    def environment(self, spool):
        return {"LD_PRELOAD": self.library, "LOSSY_DIR": spool,
                "LOSSY_CONTROL": self.path}


class OutOfMemory(Knobs):
    """Those of oom.c."""

    KNOBS = ("left", "failed", "count")

    def environment(self):
        return {"LD_PRELOAD": self.library, "OOM_CONTROL": self.path}


class Collector(processes.Process):
    """The collector, with more in its environment."""

    more = {}

    def start(self, argv, env=None, **others):
        super().start(argv, {**os.environ, **(env or {}), **self.more},
                      **others)


class World(river.Stack):
    """A stack whose collector can be killed in the middle of a load."""

    def __init__(self, folder, say=lambda text: None):
        super().__init__(folder, say)
        self.collector = Collector(self.folder, "collector")
        self.lossy = None

    @property
    def spool(self):
        return self.path("spool")

    def on_lossy_disk(self, library):
        os.makedirs(self.spool, mode=0o700, exist_ok=True)
        self.lossy = Lossy(library, self.path("lossy"))
        self.collector.more = self.lossy.environment(self.spool)

    def only_collector(self):
        """Topic and collector, and nobody who reads the topic."""
        self.write_config()
        self.cli("migrate")
        self.start_collector()

    def power_cut(self):
        """Kills the collector; what its disk had not synced is gone."""
        self.collector.kill()
        for name in os.listdir(self.spool):
            if name.startswith(".lossy-"):
                os.unlink(os.path.join(self.spool, name))

    def kill_collector(self):
        if self.lossy is None:
            self.collector.kill()
        else:
            self.power_cut()

    def collector_metric(self, name):
        return self.metric("afterclick_" + name) or 0

    def drained(self, timeout=60):
        """Waits until Kafka has all that the collector holds."""
        begin = time.monotonic()
        eventually(
            lambda: time.monotonic() - begin > river.GAUGE_AGE and
            self._unconfirmed() == 0, timeout,
            lambda: f"{self._unconfirmed()} records stay in the spool:\n"
            + self.collector.tail())

    def each_record(self):
        """(partition, record) of the topic, as it stands, one by one."""
        with subprocess.Popen(
                ["timeout", "1200", "kcat", "-C", "-q", "-e", "-b",
                 self.kafka.brokers, "-t", self.known["topic"], "-o",
                 "beginning", "-f", "%p %s\n"],
                stdout=subprocess.PIPE) as kcat:
            for line in kcat.stdout:
                partition, _, record = line.partition(b" ")
                try:
                    yield int(partition), json.loads(record)
                except ValueError:
                    raise AssertionError(
                        f"B: not a record: {line[:300]!r}") from None
        assert kcat.returncode == 0, "kcat did not read the topic to its end"

    def records(self):
        """The same, all together."""
        return list(self.each_record())

    def settle(self, load, timeout=60):
        """Ends LOAD; all it was promised must be on Kafka."""
        load.end()
        self.drained(timeout)
        return ledger.reconcile(load.ledger(), self.each_record())

    def settle_tables(self, load, timeout=90):
        """The same, to the last number of the tables."""
        load.end()
        self.wait(timeout)
        records = self.records()
        verdict = ledger.reconcile(load.ledger(), records)
        ledger.reconcile_tables(
            verdict, {record["event_id"] for _, record in records}, self)
        return verdict


# --- the load -------------------------------------------------------------------
class Load:
    """A generator at work on WORLD; with load(...) as it."""

    def __init__(self, world, folder, **options):
        fd, self.path = tempfile.mkstemp(prefix="ledger-", dir=folder)
        os.close(fd)
        argv = [sys.executable, os.path.join(HERE, "ledger.py"), "--ledger",
                self.path, "--port", str(world.known["listen"]), "--key",
                world.api_key, "--site", world.site]
        for name, value in options.items():
            argv += ["--" + name, str(value)]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE,
                                        text=True)
        self.counts = None
        self.at, self.tally = 0, collections.Counter()

    def end(self):
        """Asks it to end; what it counted."""
        if self.counts is None:
            self.process.send_signal(signal.SIGTERM)
            text, _ = self.process.communicate(timeout=60)
            self.counts = json.loads(text)
        return self.counts

    def kill(self):
        if self.counts is None:
            self.process.kill()
            self.process.communicate()

    def ledger(self):
        return ledger.Ledger(self.path)

    def so_far(self, kind):
        """How many ids were written down as KIND (S, A, R, U) by now."""
        with open(self.path, "rb") as file:
            file.seek(self.at)
            text = file.read()
        whole = text.rfind(b"\n") + 1
        for line in text[:whole].splitlines():
            self.tally[line[:1]] += line.count(b" ")
        self.at += whole
        return self.tally[kind.encode()]

    def more(self, count, kind="A", timeout=60):
        """Waits for COUNT further ids of KIND."""
        goal = self.so_far(kind) + count
        eventually(lambda: self.so_far(kind) >= goal, timeout,
                   lambda: f"{self.so_far(kind)} ids of kind {kind}, not "
                   f"{goal}")


class Meanwhile:
    """Looks at something every 50 ms while the block runs: .seen."""

    def __init__(self, look):
        self.look = look
        self.seen = []
        self.over = threading.Event()

    def _watch(self):
        while not self.over.wait(0.05):
            try:
                self.seen.append(self.look())
            except (OSError, AttributeError):
                pass

    def __enter__(self):
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


# --- the broker with a second door ------------------------------------------------
class TwoDoorKafka(servers.Kafka):
    """
    Whoever enters by the listener PROXIED is told that the broker is at
    `proxy_port`, where a proxy must lead to `inner_port`. At `guarded_port`
    one needs a user's password. All others meet the broker itself, and may
    do anything.
    """

    def create(self, say=lambda text: None):
        super().create(say)
        about = {name: processes.free_port()
                 for name in ("inner", "proxy", "guarded")}
        with open(self.properties, encoding="utf-8") as file:
            text = file.read()
        text = text.replace(
            "\nlisteners=", "\nlisteners=PROXIED://127.0.0.1:"
            f"{about['inner']},GUARDED://127.0.0.1:{about['guarded']},"
        ).replace(
            "\nadvertised.listeners=", "\nadvertised.listeners=PROXIED://"
            f"127.0.0.1:{about['proxy']},GUARDED://127.0.0.1:"
            f"{about['guarded']},").replace(
            "PLAINTEXT:PLAINTEXT,", "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,"
            "GUARDED:SASL_PLAINTEXT,")
        text += """\
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.guarded.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required \
user_collector="first";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
allow.everyone.if.no.acl.found=true
"""
        processes.write_file(self.properties, text)
        processes.write_file(os.path.join(self.home, "doors.json"),
                             json.dumps(about))

    def _doors(self):
        with open(os.path.join(self.home, "doors.json"),
                  encoding="utf-8") as file:
            return json.load(file)

    def change_password(self, old, new):
        """Of the user at the guarded door; takes a restart."""
        self.process.kill()
        with open(self.properties, encoding="utf-8") as file:
            text = file.read()
        assert text.count(f'="{old}";') == 1
        processes.write_file(self.properties, text.replace(
            f'="{old}";', f'="{new}";'))
        self.start()
        self.wait()

    inner_port = property(lambda self: self._doors()["inner"])
    proxy_port = property(lambda self: self._doors()["proxy"])
    guarded_port = property(lambda self: self._doors()["guarded"])


# --- a build with a line taken out --------------------------------------------------
def mutant(folder, build, path, old, new):
    """A copy of the sources and of BUILD in FOLDER with OLD in the file PATH
    replaced by NEW; the folder of its programs."""
    tree = os.path.join(folder, "mutant")
    for part in ("common", "collector", "aggregator", "config", "Makefile"):
        source = os.path.join(ROOT, part)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(tree, part))
        else:
            shutil.copy2(source, tree)
    shutil.copytree(build, os.path.join(tree, "built"),
                    ignore=shutil.ignore_patterns("tests", "address*",
                                                  "thread"))
    where = os.path.join(tree, path)
    with open(where, encoding="utf-8") as file:
        text = file.read()
    assert text.count(old) == 1, f"{path} has no single {old!r}"
    with open(where, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))
    if not path.endswith(".c"):  # what it is embedded in
        for user in glob.glob(os.path.join(tree, "aggregator", "*", "*.c")):
            os.utime(user)
    subprocess.run(["make", "-s", "B=built", "WARN=-w", "all"], cwd=tree,
                   check=True, stdin=subprocess.DEVNULL)
    return os.path.join(tree, "built")
