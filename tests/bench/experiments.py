#!/usr/bin/env python3
"""How long an experiment takes to read out: a million customers exposed, a
tenth of them with a purchase, all attributed by the aggregator; then the
command and the view, and a change of the revenue cap, which restates all.

    tests/bench/experiments.py [--customers N]
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "deploy", "native"))
from river import Stack  # noqa: E402

PATIENCE = 1800
FILL = """
INSERT INTO exposure (visitor, site, experiment, variant, ts, event_id)
SELECT md5('v' || n)::uuid, 'shop', 'bench', chr(97 + n %% 2),
    now() - interval '10 days' + n * interval '100 ms', 'x' || n
FROM generate_series(1, %(n)d) n;
INSERT INTO conversion (site, event_id, goal, ts, visitor, order_id, dedup_key,
    value_micros, currency, verified, lane, purchase, lookback_ms)
SELECT 'shop', 'c' || n, 'purchase', now() - interval '5 days',
    md5('v' || n)::uuid, 'o' || n, 'o' || n, (n %% 97 + 5) * 1000000, 'USD',
    true, 'server', true, 2592000000
FROM generate_series(1, %(n)d, 10) n;
INSERT INTO conversion (site, event_id, goal, ts, visitor, order_id, dedup_key,
    value_micros, currency, verified, lane, purchase, lookback_ms)
SELECT 'shop', 'd' || n, 'purchase', now() - interval '5 days',
    md5('v' || n)::uuid, 'p' || n, 'p' || n, (n %% 89 + 7) * 1000000, 'USD',
    true, 'server', true, 2592000000
FROM generate_series(2, %(n)d, 50) n;
ANALYZE exposure, conversion;
INSERT INTO dirty SELECT visitor FROM exposure;
"""


def drained(stack):
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if stack.sql("SELECT 1 FROM dirty LIMIT 1") == []:
            rows = stack.sql("SELECT bool_and(up_to_date), sum(customers) "
                             "FROM experiment_results")
            if rows[0][0] == "t":
                return time.monotonic() - began
        time.sleep(0.2)
    sys.exit("the customers were never attributed")


def timed(what):
    took = []
    for _ in range(5):
        began = time.monotonic()
        what()
        took.append(time.monotonic() - began)
    return sorted(took)[2]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=1_000_000)
    n = arguments.parse_args().customers
    folder = tempfile.mkdtemp(prefix="afterclick-bench-")
    os.chmod(folder, 0o755)
    stack = Stack.new(os.path.join(folder, "stack"), postgres_fsync=False,
                      build=os.environ.get("BUILD_DIR"), site_options={
                          "experiments": "[{name: bench, variants: "
                          "[{name: a}, {name: b}], revenue_cap: 200}]"})
    stack.up()
    try:
        stack.sql(FILL % {"n": n})
        first = drained(stack)
        print(f"{n:,} customers exposed and attributed: {first:.0f} s, "
              f"{n / first:,.0f}/s", flush=True)

        def show():
            rows = json.loads(stack.cli("experiments", "show", "bench",
                                        "--json"))
            assert sum(row["customers"] for row in rows) == n
            assert rows[1]["z"] is not None
        print(f"afterclick experiments show: {timed(show):.3f} s")
        print("SELECT from experiment_results, psql and all: "
              f"{timed(lambda: stack.sql('SELECT * FROM experiment_results')):.3f} s")
        stack.sql("UPDATE experiment_cell SET revision = revision + 1")
        print(f"a readout computed anew: {drained(stack):.3f} s "
              "(the aggregator looks every 2 s)")
        path = stack.path("config", "sites.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("revenue_cap: 200", "revenue_cap: 50"))
        stack.aggregators[0].send(signal.SIGHUP)
        began = time.monotonic()
        while stack.sql("SELECT 1 FROM experiment WHERE revenue_cap_micros = "
                        "50000000") == []:
            time.sleep(0.1)
        drained(stack)
        print("restated after a change of the cap: "
              f"{time.monotonic() - began:.0f} s", flush=True)
    finally:
        stack.down()


if __name__ == "__main__":
    main()
