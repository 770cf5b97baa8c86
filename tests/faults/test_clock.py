"""
F12: the wall clock jumps while hits come. Timeouts go by the other clock,
which does not; what is written goes by the wall clock.
"""

import glob
import socket
import time
import urllib.parse

import pytest

from test_collector_http import Collector
from test_strangers import PAGE
from world import quick_or_long

LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
HEADER = 2  # seconds a header may take
STEPS = {"+1h": 3600, "-1h": -3600, "+1d": 86400, "-1d": -86400,
         "+13y": 13 * 365 * 86400,  # beyond what 32 bits can say
         "+0": 0}


@pytest.fixture
def stepped(tmp_path, monkeypatch):
    """A collector, and a function that sets its clock off by so much."""
    clock = tmp_path / "clock"

    def step(by):
        new = tmp_path / "clock.new"
        new.write_text(by + "\n")
        new.rename(clock)
    step("+0")
    assert LIBRARY, "libfaketime is missing; tools/install-deps brings it"
    with monkeypatch.context() as env:
        env.setenv("LD_PRELOAD", LIBRARY[0])
        env.setenv("FAKETIME_TIMESTAMP_FILE", str(clock))
        env.setenv("FAKETIME_NO_CACHE", "1")
        env.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        one = Collector(tmp_path, f"http: {{header_timeout: {HEADER}s}}\n")
    yield one, step
    if one.process.poll() is None:
        assert one.stop() == 0


def slow_header(one):
    """A connection whose header does not end."""
    where = urllib.parse.urlsplit(one.url)
    link = socket.create_connection((where.hostname, where.port), 15)
    link.sendall(PAGE)
    return link, time.monotonic()


def test_a_clock_that_jumps_ends_no_wait_and_no_process(stepped):
    one, step = stepped
    waits = []
    for number in range(quick_or_long(1, 10)):
        for by, seconds in STEPS.items():
            link, begin = slow_header(one)
            step(by)  # while the header is awaited
            event = f"s{number}{by[0] == '-' and 'm' or 'p'}{by[1:]}"
            assert one.post({"site": "plain", "event_id": event}).status == 204
            record = one.records()[-1]
            assert record["event_id"] == event
            off = record["received_at"] / 1000 - time.time()
            assert abs(off - seconds) < 60
            answer = link.recv(65536)
            waits.append(time.monotonic() - begin)
            link.close()
            assert b" 408 " in answer
    assert all(-1 < wait - HEADER < 30 for wait in waits), waits
    assert one.metric("afterclick_http_timeouts_total") == len(waits)
