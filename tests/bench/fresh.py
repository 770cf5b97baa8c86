"""How soon after its answer a conversion is visible in the view."""

import http.client
import json
import os
import threading
import time

import http_load
from measure import say
from processes import Failure
from river import Stack

RATE = 5000  # hits/s
PROBES = 10  # conversions/s among them
PATIENCE = 60


class Probes(threading.Thread):
    """Sends conversions and notes when each was answered."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.answered = {}
        self.done = threading.Event()
        self.failure = None

    def run(self):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        number = 0
        while not self.done.wait(1 / PROBES):
            number += 1
            name = f"probe-{number}"
            link.request("POST", "/e", json.dumps({
                "type": "conversion", "site": "shop", "event_id": name,
                "order_id": name, "value": "10", "visitor_id": f"p{number}",
                "session_id": f"p{number}.1",
                "url": "https://shop.example/?utm_source=google"
                       "&utm_medium=cpc"}),
                {"Content-Type": "text/plain", "User-Agent": http_load.AGENT,
                 "Host": "shop.example"})
            answer = link.getresponse()
            answer.read()
            if answer.status not in (200, 204):
                self.failure = f"a probe was answered {answer.status}"
                return
            self.answered[name] = time.monotonic()


def visible(stack, probes, seen):
    """Notes in SEEN when which probes were there first."""
    rows = stack.sql(
        "SELECT DISTINCT event_id FROM afterclick.conversion_credits "
        "WHERE event_id LIKE 'probe-%'")
    now = time.monotonic()
    for (name,) in rows:
        seen.setdefault(name, now)
    if probes.failure:
        raise Failure(probes.failure)


def measure(folder, build, seconds):
    stack = Stack.new(os.path.join(folder, "fresh"), build=build,
                      say=lambda text: None)
    figures = {}
    try:
        stack.up()
        port = int(stack.collector_url.rsplit(":", 1)[1])
        requests = http_load.strangers(folder)
        load = threading.Thread(target=lambda: figures.update(
            http_load.open_loop(os.path.join(build, "tests", "bench", "load"),
                                port, requests, RATE, seconds)))
        load.start()
        probes, seen = Probes(port), {}
        probes.start()
        while load.is_alive():
            visible(stack, probes, seen)
        probes.done.set()
        probes.join()
        end = time.monotonic() + PATIENCE
        while len(seen) < len(probes.answered):
            if time.monotonic() > end:
                raise Failure(f"{len(probes.answered) - len(seen)} probes "
                              f"were not visible after {PATIENCE} s")
            visible(stack, probes, seen)
        if not figures:
            raise Failure("the load failed")
    finally:
        stack.down()
    late = sorted(max(0.0, seen[name] - at)
                  for name, at in probes.answered.items())
    result = {"probes": len(late), "rate": figures["requests"] / seconds,
              "p50": late[len(late) // 2],
              "p99": late[min(len(late) - 1, len(late) * 99 // 100)]}
    say(f"freshness at {result['rate']:,.0f} hits/s: p50 {result['p50']:.2f} "
        f"s, p99 {result['p99']:.2f} s of {result['probes']} conversions")
    return result
