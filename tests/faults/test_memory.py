"""
No memory: F11 of docs/reliability.md. One allocation of the collector fails,
its own or a library's, anywhere on the way of a hit. The process may end, by
its own decision; it may not crash, and what it has promised it keeps.
"""

import argparse
import gzip
import json
import time
import urllib.parse

import ledger
from world import OutOfMemory, quick_or_long, shared_library

SIGABRT = 6  # librdkafka's own way: its assert() says why


class Hits:
    """One hit on each lane, each on a connection of its own."""

    def __init__(self, river, path):
        self.where = "127.0.0.1", river.known["listen"]
        self.book = ledger.Generator(argparse.Namespace(
            ledger=path, key=river.api_key, site=river.site, events=1, pad=0))

    @staticmethod
    def pixel(event):
        return (f"GET /p?{urllib.parse.urlencode(event)} HTTP/1.1\r\n"
                "Host: localhost\r\nReferer: https://a.example/\r\n"
                "User-Agent: Mozilla/5.0\r\n\r\n").encode()

    @staticmethod
    def browser(event):
        body = gzip.compress(json.dumps(event).encode())
        return ("POST /e HTTP/1.1\r\nHost: localhost\r\n"
                "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n"
                "Origin: https://a.example\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode() + body

    def server(self, event):
        return self.book.request([event])

    def send(self):
        for make in (self.pixel, self.browser, self.server):
            event, = self.book.new_events()
            ids = [event["event_id"]]
            line = ledger.Line(*self.where)
            try:
                line.connect()
                self.book.note("S", ids, sync=True)
                status, _ = line.ask(make(event))
            except (OSError, ValueError):
                status = 0
            finally:
                line.close()
            kind = "A" if 200 <= status < 300 else "R"
            self.book.note("U" if status in (0, 503) else kind, ids)


def how_it_ended(pid):
    """The wait status of PID, a child of ours, once it is a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[49]) if fields[0] == "Z" and int(fields[17]) <= 1 \
        else None


def test_an_allocation_that_fails_breaks_no_promise(
        world, load, session_dir, tmp_path):
    river = world(up=False)
    memory = OutOfMemory(shared_library(session_dir, "oom", "oom.c"),
                         river.path("memory"))
    river.collector.more = memory.environment()
    river.only_collector()
    hits = Hits(river, str(tmp_path / "ledger"))
    hits.send()
    river.drained()
    ends = {}
    n, passes = 1, 0
    while passes < 3:
        failed = memory.get("failed")
        pid = river.collector.pid
        memory.set(left=n)
        hits.send()
        until = time.monotonic() + 1
        while memory.get("failed") == failed and time.monotonic() < until:
            time.sleep(0.01)
        # A hit that came through needs no more than this: its report.
        passes = passes + 1 if memory.get("failed") == failed else 0
        memory.set(left=0)
        if passes == 0:
            time.sleep(0.05)
        status = how_it_ended(pid)
        if status is not None:
            ends[status] = ends.get(status, 0) + 1
            assert status == 0x100 or status & 0x7f == SIGABRT, \
                f"allocation {n}: wait status {status:#x}\n" + \
                river.collector.tail()
            assert "out of memory" in river.collector.output() or \
                status & 0x7f == SIGABRT
            river.start_collector()
        n += quick_or_long(9, 1)
    assert n > 50 and ends.get(0x100, 0) > 0, (n, ends)
    assert river.collector.alive()
    hits.send()
    river.drained(60)
    verdict = ledger.reconcile(ledger.Ledger(hits.book.args.ledger),
                               river.records())
    print(f"{n} allocations, ends {ends}, {verdict}")
    assert verdict.acked > 3
