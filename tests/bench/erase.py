#!/usr/bin/env python3
"""How long it takes to erase 1,000 of 100,000 customers, each with two devices,
orders, addresses and links, all taken in and attributed by the aggregator; and
whether a search of the database finds any of them after.

    tests/bench/erase.py [--customers N] [--erase N]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "deploy", "native"))
from river import Stack  # noqa: E402
from servers import postgres_programs  # noqa: E402

PATIENCE = 1800


def records(customers, now):
    """Five hits of each customer."""
    for n in range(customers):
        for device in "ab":
            who = {"v": 1, "site": "shop", "lane": "server", "received_at":
                   now, "visitor_id": f"visitor-{n}-{device}", "session_id":
                   f"s-{n}-{device}", "time": now - 86400_000 + n}
            yield {**who, "event_id": f"land-{n}-{device}", "type": "page",
                   "url": "https://shop.example/?utm_source=s&utm_campaign="
                   f"c{n % 200}&gclid=gclid-{n}-{device}"}
            yield {**who, "event_id": f"link-{n}-{device}", "type":
                   "identify", "user_id": f"user-{n}"}
        yield {**who, "event_id": f"buy-{n}", "type": "conversion", "time":
               now - 80000_000 + n, "order_id": f"order-{n}", "value": "12.5",
               "email_sha256": f"{n:064x}"}


def publish(stack, all_records):
    with subprocess.Popen(
            ["kcat", "-P", "-b", stack.kafka.brokers, "-t",
             stack.known["topic"], "-K", "\t"],
            stdin=subprocess.PIPE, text=True) as kcat:
        for record in all_records:
            kcat.stdin.write(f"{record['visitor_id']}\t"
                             f"{json.dumps(record)}\n")
        kcat.stdin.close()
        if kcat.wait() != 0:
            sys.exit("kcat failed")


def settle(stack):
    stack.cli("lag", "--wait", "--timeout", f"{PATIENCE}s", timeout=PATIENCE)
    began = time.monotonic()
    while stack.sql("SELECT 1 FROM dirty LIMIT 1") != []:
        if time.monotonic() - began > PATIENCE:
            sys.exit("the customers were never attributed")
        time.sleep(0.2)


def left(stack, erased):
    """Ids of the erased that a dump of the database still holds."""
    dump = subprocess.run(
        [postgres_programs() + "/pg_dump", "--data-only", stack.dsn],
        check=True, capture_output=True, text=True).stdout
    words = set(dump.replace("\t", " ").replace("=", " ").split())
    return [word for n in range(erased) for word in
            (f"order-{n}", f"buy-{n}", f"land-{n}-a", f"gclid-{n}-b",
             f"link-{n}-b", f"{n:064x}") if word in words]


NUMBERS = "SELECT * FROM campaign_daily ORDER BY day, dim, basis, model_id"


def measure(stack, customers, erased):
    publish(stack, records(customers, int(time.time() * 1000)))
    settle(stack)
    before = stack.sql(NUMBERS)
    if len(left(stack, erased)) != 6 * erased:
        sys.exit("not all that is to be erased was there")
    with open(stack.path("ids"), "w", encoding="utf-8") as file:
        file.writelines(f"user-{n}\n" for n in range(erased))
    began = time.monotonic()
    told = json.loads(stack.cli("forget", "--user", "@" + stack.path("ids"),
                                "--json", timeout=PATIENCE))
    took = time.monotonic() - began
    rest = left(stack, erased)
    print(f"{erased:,} of {customers:,} customers erased in {took:.1f} s "
          f"(goal 60): {told['visitors']:,} visitors, {told['touches']:,} "
          f"touches, {told['conversions']:,} conversions; {len(rest)} ids "
          f"left in a dump, daily cells "
          f"{'unchanged' if stack.sql(NUMBERS) == before else 'CHANGED'}, "
          f"roi_check {len(stack.sql('SELECT * FROM roi_check'))} rows")
    began = time.monotonic()
    stack.cli("forget", "--user", f"user-{customers - 1}")
    print(f"one more: {time.monotonic() - began:.2f} s")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=100_000)
    arguments.add_argument("--erase", type=int, default=1000)
    options = arguments.parse_args()
    folder = tempfile.mkdtemp(prefix="afterclick-bench-")
    os.chmod(folder, 0o755)
    stack = Stack.new(os.path.join(folder, "stack"), postgres_fsync=False,
                      build=os.environ.get("BUILD_DIR"))
    stack.up()
    try:
        measure(stack, options.customers, options.erase)
    finally:
        stack.down()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
