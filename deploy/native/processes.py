"""Processes that outlive the command that started them.

A Process is a name in a folder: FOLDER/run/NAME.json says which process it
is (its id and when it began, so that an id the kernel gave to somebody else
is never signalled) and FOLDER/logs/NAME.log has all it printed. Everything
started here carries $AFTERCLICK_STACK, which is how leftovers of a command
that died half-way are found.
"""

import fcntl
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

MARK = "AFTERCLICK_STACK"


class Failure(Exception):
    """Something a person has to read; no traceback helps."""


def eventually(condition, timeout, what, pause=0.02):
    """The first true value of CONDITION(); Failure saying WHAT otherwise."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            text = what() if callable(what) else what
            raise Failure(f"{text} (waited {timeout:g} s)")
        time.sleep(pause)


def write_file(path, text, mode=0o644, user=None):
    """Replaces PATH in one step; a secret is never readable in between."""
    temporary = f"{path}.{os.getpid()}.new"
    if os.path.exists(temporary):
        os.unlink(temporary)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
        if user is not None:
            os.fchown(fd, user.pw_uid, user.pw_gid)
    os.rename(temporary, path)


def port_range():
    """Those below what the kernel hands out by itself: a server that
    restarts finds its own port still free."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range",
                  encoding="ascii") as file:
            top = int(file.read().split()[0])
    except (OSError, ValueError):
        top = 32768
    return (15000, top) if top > 20000 else (40000, 65000)


class _Taken:
    """The ports that processes of this user were given and may not listen on
    yet: each is a locked byte of one file, until the process ends."""

    def __init__(self):
        self.mine, self.file = set(), None

    def take(self, port):
        """True when PORT was nobody's; it is ours from now on."""
        if port in self.mine:
            return False
        if self.file is None:  # closed, it would give up every lock
            folder = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                                  os.path.expanduser("~/.cache"),
                                  "afterclick")
            os.makedirs(folder, exist_ok=True)
            self.file = os.open(os.path.join(folder, "ports"),
                                os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except (BlockingIOError, PermissionError):
            return False
        self.mine.add(port)
        return True


_taken = _Taken()


def free_port():
    """A loopback port that nobody listens on, and nobody else was given."""
    low, high = port_range()
    for _ in range(1000):
        port = random.SystemRandom().randrange(low, high)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if _taken.take(port):
            return port
    raise Failure("no free port on 127.0.0.1")


def began(pid):
    """When PID began, in the kernel's ticks; None when it runs no more."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    # The first thread may be gone while others still hold its ports.
    if fields[0] in "ZX" and int(fields[17]) <= 1:
        try:
            os.waitpid(pid, os.WNOHANG)  # if it is ours, let it go
        except OSError:
            pass
        return None
    return fields[19]


def children(pid):
    """(id, began) of every process whose parent is PID."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8",
                      errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] not in "ZX":
            found.append((int(name), fields[19]))
    return found


def send(pid, since, number):
    """Signals PID if it is still the process that began at SINCE."""
    if since is None or began(pid) != since:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def marked(folder):
    """(id, began) of everything alive that was started for FOLDER."""
    wanted = f"{MARK}={os.path.realpath(folder)}".encode()
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if wanted not in file.read().split(b"\0"):
                    continue
        except OSError:
            continue
        since = began(int(name))
        if since is not None:
            found.append((int(name), since))
    return found


class held_signals:
    """Inside, INT, TERM and HUP wait until the block has ended: a process
    that was started is always written down."""

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self):
        self.came = []
        self.old = {}
        if threading.current_thread() is threading.main_thread():
            for number in self.signals:
                self.old[number] = signal.signal(
                    number, lambda number, _: self.came.append(number))
        return self

    def __exit__(self, *_):
        for number, handler in self.old.items():
            signal.signal(number, handler)
        for number in self.came:
            os.kill(os.getpid(), number)


class Process:
    """One server or daemon, in a session of its own."""

    def __init__(self, folder, name):
        self.folder = folder
        self.name = name
        self.record = os.path.join(folder, "run", name + ".json")
        self.log = os.path.join(folder, "logs", name + ".log")

    # --- what we know -----------------------------------------------------
    def _read(self):
        try:
            with open(self.record, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return {}

    @property
    def pid(self):
        """The id of the process last started, alive or not; or None."""
        return self._read().get("pid")

    def alive(self):
        known = self._read()
        return bool(known) and known["began"] is not None and \
            began(known["pid"]) == known["began"]

    def tail(self, lines=25):
        """The last LINES of the log of the last start."""
        text = self.output()[-20000:]
        return "\n".join("    " + line for line in
                         text.splitlines()[-lines:]) or "    (nothing)"

    def output(self):
        """What the process has printed since it was last started."""
        try:
            with open(self.log, "rb") as file:
                file.seek(self._read().get("offset", 0))
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def failure(self, what):
        return Failure(f"{self.name}: {what}\n  last lines of {self.log}:\n"
                       f"{self.tail()}")

    # --- what we do -------------------------------------------------------
    def start(self, argv, env=None, user=None, cwd=None):
        """Starts ARGV; USER (a pwd entry) is who it runs as."""
        if self.alive():
            raise Failure(f"{self.name} runs already, as process {self.pid}")
        os.makedirs(os.path.dirname(self.record), exist_ok=True)
        os.makedirs(os.path.dirname(self.log), exist_ok=True)
        who = {}
        if user is not None:
            who = {"user": user.pw_uid, "group": user.pw_gid,
                   "extra_groups": []}
        environment = dict(os.environ if env is None else env)
        environment[MARK] = os.path.realpath(self.folder)
        with open(self.log, "ab") as log, held_signals():
            offset = log.tell()
            try:
                child = subprocess.Popen(
                    argv, env=environment, cwd=cwd or "/", stdout=log,
                    stderr=log, stdin=subprocess.DEVNULL,
                    start_new_session=True, **who)
            except OSError as error:
                raise Failure(f"{self.name}: cannot start {argv[0]}: "
                              f"{error.strerror}") from error
            write_file(self.record, json.dumps({
                "pid": child.pid, "began": began(child.pid),
                "offset": offset}), 0o600)
            child.returncode = 0  # began() reaps it; Popen need not warn

    def send(self, number):
        known = self._read()
        return bool(known) and send(known["pid"], known["began"], number)

    def wait_gone(self, timeout):
        end = time.monotonic() + timeout
        while self.alive():
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def stop(self, timeout=15, number=signal.SIGTERM):
        """Asks it to end, then makes it. True when asking was enough."""
        self.send(number)
        self.send(signal.SIGCONT)
        if self.wait_gone(timeout):
            return True
        self.kill()
        return False

    def kill(self):
        """SIGKILL, and waits until it is gone."""
        known = self._read()
        if not known:
            return
        family = children(known["pid"]) if self.alive() else []
        self.send(signal.SIGKILL)
        for pid, since in family:
            send(pid, since, signal.SIGKILL)
        gone = [(known["pid"], known["began"])] + family
        eventually(lambda: all(s is None or began(p) != s for p, s in gone),
                   20, f"{self.name}: process {known['pid']} does not die", 0.01)

    def pause(self, on=True):
        """Stops it and its children in their tracks, or lets them go on."""
        number = signal.SIGSTOP if on else signal.SIGCONT
        if not self.alive():
            raise Failure(f"{self.name} does not run")
        for pid, since in [(self.pid, self._read()["began"])] + \
                children(self.pid):
            send(pid, since, number)

    def wait_for(self, condition, timeout, what):
        """The first true CONDITION(); says why when the process dies."""
        def check():
            value = condition()
            if not value and not self.alive():
                raise self.failure("ended while it was starting")
            return value
        try:
            return eventually(check, timeout, what)
        except Failure as error:
            if str(error).startswith(self.name + ": ended"):
                raise
            raise self.failure(str(error)) from None


def fetch(url, timeout=5):
    """(status, body) of a GET; (0, reason) when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        return 0, str(error)


def metric(text, name):
    """The sum of the samples called NAME in a Prometheus page, or None."""
    total = None
    for line in text.splitlines():
        if line.startswith(name) and line[len(name):len(name) + 1] in " {":
            total = (total or 0) + float(line.rpartition(" ")[2])
    return total
