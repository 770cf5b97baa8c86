"""A thread that hangs ends the signs of life that systemd asks for, so that it
starts the program anew; whoever only waits for a database does not."""

import contextlib
import ctypes
import errno
import os
import socket
import struct
import time

import pytest

from conftest import eventually

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207


def ptrace(request, thread):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                            ctypes.c_void_p]
    if libc.ptrace(request, thread, None, None) != 0:
        error = ctypes.get_errno()
        if error == errno.EPERM:
            pytest.skip("no right to stop a single thread (ptrace)")
        raise OSError(error, os.strerror(error))


@contextlib.contextmanager
def hanging(pid, name):
    """One of the threads NAME of PID stands still, the others do not."""
    threads = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/comm", encoding="ascii") as file:
            if file.read().strip() == name:
                threads.append(int(thread))
    assert threads, f"no thread {name}"
    ptrace(PTRACE_SEIZE, threads[-1])
    try:
        ptrace(PTRACE_INTERRUPT, threads[-1])
        yield
        os.waitpid(threads[-1], 0x40000000)  # __WALL: it had stopped
    finally:
        ptrace(PTRACE_DETACH, threads[-1])


class Systemd:
    """The ears of systemd."""

    def __init__(self, path):
        self.ears = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ears.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.ears.bind(path)

    def hears(self, pid, seconds):
        """Whether PID gives a sign of life within SECONDS from now."""
        self.ears.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.ears.recv(100)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.ears.settimeout(left)
            try:
                text, about, _, _ = self.ears.recvmsg(
                    100, socket.CMSG_SPACE(12))
            except TimeoutError:
                break
            who = struct.unpack("3i", about[0][2][:12])[0] if about else 0
            if who == pid and text == b"WATCHDOG=1":
                return True
        return False


def test_a_hanging_thread_ends_the_signs_of_life(stack, tmp_path,
                                                 monkeypatch):
    systemd = Systemd(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "600000")
    river = stack(workers=2)
    for process, thread in ((river.collector, "worker"),
                            (river.aggregators[0], "intake")):
        assert systemd.hears(process.pid, 60)
        with hanging(process.pid, thread):
            eventually(lambda: not systemd.hears(process.pid, 0.8), 60,
                       f"fed although {process.name}'s {thread} hangs")
        assert systemd.hears(process.pid, 60), process.tail()
    assert "no sign of life" in river.aggregators[0].output()
