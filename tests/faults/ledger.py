"""
The ledger: what was sent, and what was promised.

As a program it is the generator, in a process of its own that nothing here
ever hurts: it writes the ids it is about to send to a file, syncs it, sends,
and writes down how the collector answered. As a module it reads that file
and reconciles it with what Kafka and PostgreSQL hold.

    S ids   about to be sent          A ids   answered 2xx: a promise
    R ids   answered 4xx, or refused  U ids   503, no answer: anything goes

What is unknown is sent again under the same id, at most five times.
"""

import argparse
import collections
import hashlib
import hmac
import json
import os
import random
import select
import signal
import socket
import sys
import threading
import time
import zlib
from decimal import Decimal

SENDS_MAX = 6  # the first and five more
ANSWER_S = 20


def value_of(event_id):
    """What an event is worth: known from its id, so that a record that was
    invented or damaged shows."""
    return Decimal(zlib.crc32(event_id.encode()) % 100000) / 100


# --- the generator ----------------------------------------------------------
class Line:
    """One connection at a time to the collector."""

    def __init__(self, host, port):
        self.where = (host, port)
        self.link = None

    def close(self):
        if self.link is not None:
            self.link.close()
            self.link = None

    def connect(self):
        """A kept connection that the other side has closed meanwhile is no
        failure: every HTTP client looks before it sends."""
        if self.link is not None and select.select([self.link], [], [], 0)[0]:
            self.close()
        if self.link is None:
            self.link = socket.create_connection(self.where, ANSWER_S)
            self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request):
        """(status, body); OSError when there is no whole answer."""
        self.link.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.link.recv(65536)
            if not more:
                raise ConnectionError("no answer")
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:])
        while len(body) < int(fields.get("content-length", 0)):
            more = self.link.recv(65536)
            if not more:
                raise ConnectionError("half an answer")
            body += more
        if fields.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1]), body


class Generator:
    def __init__(self, args):
        self.args = args
        self.fd = os.open(args.ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND,
                          0o600)
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.next = 0
        self.counts = collections.Counter()
        self.times = []
        self.run = "%08x" % random.SystemRandom().getrandbits(32)

    def note(self, kind, ids, sync=False):
        os.write(self.fd, (kind + " " + " ".join(ids) + "\n").encode())
        if sync:
            os.fdatasync(self.fd)

    def new_events(self):
        count = random.randint(1, self.args.events)
        with self.lock:
            first, self.next = self.next, self.next + count
        events = []
        for number in range(first, first + count):
            event_id = f"{self.run}.{number}"
            events.append({
                "site": self.args.site, "type": "conversion",
                "event_id": event_id, "goal": "purchase",
                "visitor_id": f"{self.run}.v{number // 5}",
                "value": str(value_of(event_id)), "currency": "USD"})
            if self.args.pad:
                events[-1]["title"] = "x" * self.args.pad
        return events

    def request(self, events):
        body = json.dumps({"events": events}).encode()
        stamp = str(int(time.time()))
        mac = hmac.new(self.args.key.encode(), stamp.encode() + b"." + body,
                       hashlib.sha256).hexdigest()
        return (f"POST /v1/events HTTP/1.1\r\nHost: localhost\r\n"
                "Content-Type: application/json\r\n"
                f"Afterclick-Signature: t={stamp},v1={mac}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode() + body

    def connected(self, line):
        """Waits until somebody is there; False at the end."""
        while True:
            try:
                line.connect()
                return True
            except OSError:  # nothing was sent
                if self.stopping.wait(0.01):
                    return False

    def once(self, line, events):
        """Sends EVENTS; those to be sent again."""
        ids = [event["event_id"] for event in events]
        if not self.connected(line):
            return []
        request = self.request(events)
        self.note("S", ids, sync=True)
        # Once more, as the ledger's disk has taken its time.
        if not self.connected(line):
            return []
        begin = time.monotonic()
        try:
            status, body = line.ask(request)
        except (OSError, ValueError) as error:
            line.close()
            status, body = 0, b""
            with self.lock:
                self.counts[f"no answer: {error}"] += 1
        with self.lock:
            self.times.append(time.monotonic() - begin)
            self.counts[f"status {status}"] += 1
        if status == 200:
            refused = {ids[no["index"]]
                       for no in json.loads(body)["rejected"]}
            self.note("A", [i for i in ids if i not in refused])
            if refused:
                self.note("R", sorted(refused))
        elif 400 <= status < 500 and status != 429:
            self.note("R", ids)
        else:
            self.note("U", ids)
            return events
        return []

    def work(self):
        line = Line(self.args.host, self.args.port)
        pace = self.args.threads * (1 + self.args.events) / 2 / self.args.rate
        due = time.monotonic() + random.random() * pace
        while not self.stopping.wait(max(0, due - time.monotonic())):
            due = max(due + pace, time.monotonic() - 1)
            events = self.new_events()
            for number in range(SENDS_MAX):
                if number:
                    if self.stopping.is_set() or not events:
                        break
                    self.counts["resends"] += 1
                    self.stopping.wait(0.02 * number)
                events = self.once(line, events)
        line.close()

    def go(self):
        threads = [threading.Thread(target=self.work)
                   for _ in range(self.args.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        times = sorted(self.times) or [0]
        print(json.dumps({
            "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
            "max_ms": round(times[-1] * 1000, 1), **self.counts}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--site", default="shop")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1000,
                        help="events a second")
    parser.add_argument("--events", type=int, default=3,
                        help="in a request, at most")
    parser.add_argument("--pad", type=int, default=0,
                        help="bytes more in each event")
    generator = Generator(parser.parse_args())
    signal.signal(signal.SIGTERM, lambda *_: generator.stopping.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    generator.go()


# --- the reconciliation -----------------------------------------------------
class Ledger:
    """What the file PATHS say, all together."""

    def __init__(self, *paths):
        self.sent = collections.Counter()
        self.acked, self.refused, self.unknown = set(), set(), set()
        names = {}  # one string for each id: there may be millions
        for path in paths:
            with open(path, encoding="ascii") as file:
                for text in file:
                    if not text.endswith("\n"):
                        continue  # being written
                    kind, *ids = text.split()
                    ids = [names.setdefault(i, i) for i in ids]
                    if kind == "S":
                        self.sent.update(ids)
                    else:
                        {"A": self.acked, "R": self.refused,
                         "U": self.unknown}[kind].update(ids)
        # Sent and never answered: the generator was asked to end.
        self.unknown |= self.sent.keys() - self.acked - self.refused

    @property
    def resends(self):
        return sum(self.sent.values()) - len(self.sent)


def first_arrivals(records):
    """
    Each record, and whether it counts, by the rule of the place: a record is a
    repeat if its seq is below the highest floor its spool has stated, or was
    there before. Written from the page, not from aggregator/intake/dedup.c.
    """
    floor, seen = {}, collections.defaultdict(set)
    for partition, record in records:
        spool = (partition, record["spool_id"])
        floor[spool] = max(floor.get(spool, 0), record["floor"])
        fresh = record["seq"] >= floor[spool] and \
            record["seq"] not in seen[spool]
        if fresh:
            seen[spool].add(record["seq"])
        yield record, fresh


Verdict = collections.namedtuple(
    "Verdict", "acked unknown resends records duplicates fresh value")


def few(ids):
    ids = sorted(ids)
    return f"{len(ids)}: {ids[:5]}"


def reconcile(ledger, records):
    """
    Holds LEDGER against RECORDS, pairs (partition, record) in the topic's
    order, which are looked at once. A no promise broken, B nothing invented,
    C nothing twice, D nothing that was refused.
    """
    stored, damaged, count, fresh = collections.Counter(), set(), 0, 0
    for record, counts in first_arrivals(records):
        count += 1
        if counts:
            fresh += 1
            stored[record["event_id"]] += 1
            if Decimal(record["value"]) != value_of(record["event_id"]):
                damaged.add(record["event_id"])
    lost = ledger.acked - stored.keys()
    assert not lost, f"A: acknowledged and lost, {few(lost)}"
    invented = stored.keys() - ledger.acked - ledger.unknown
    assert not invented - ledger.refused, \
        f"B: never sent, {few(invented - ledger.refused)}"
    assert not invented, f"D: refused and stored, {few(invented)}"
    assert not damaged, f"B: not as it was sent, {few(damaged)}"
    twice = {i for i, count in stored.items() if count > ledger.sent[i]}
    assert not twice, f"C: more often than sent, {few(twice)}"
    return Verdict(len(ledger.acked), len(ledger.unknown), ledger.resends,
                   count, count - fresh, fresh,
                   sum(value_of(i) for i in stored))


def reconcile_tables(verdict, stored, stack):
    """The tables of STACK hold the event ids STORED once each, all hits of
    VERDICT, and their money to the cent in every model."""
    rows = [row[0] for row in stack.sql("SELECT event_id FROM conversion")]
    assert len(rows) == len(set(rows))
    missing, more = stored - set(rows), set(rows) - stored
    assert not missing, f"A: not in the tables, {few(missing)}"
    assert not more, f"B: only in the tables, {few(more)}"
    hits = int(stack.sql("SELECT coalesce(sum(hits), 0) FROM hits_daily"
                         )[0][0])
    assert hits == verdict.fresh, \
        f"C: {hits} hits counted, {verdict.fresh} arrived"
    for model, conversions, money in stack.sql(
            "SELECT model, sum(conversions), sum(net_revenue) FROM "
            "campaign_roi_daily WHERE date_basis = 'conversion' GROUP BY 1"):
        assert Decimal(conversions) == len(stored), (model, conversions)
        assert Decimal(money) == verdict.value, (model, money)
    assert stack.sql("SELECT * FROM roi_check") == []
    assert stack.sql("SELECT reason FROM dead_letter LIMIT 3") == []


if __name__ == "__main__":
    sys.exit(main())
