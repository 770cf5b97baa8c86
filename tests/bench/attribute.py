#!/usr/bin/env python3
"""attribute.py - `afterclick attribute` beside DuckDB on the same events.

  tests/bench/attribute.py [--hits 1000000] [--rounds 3] [--build-dir build]

Both make visits, touches, orders, six models by conversion's and touch's day,
and paths of channels from one CSV; the results must be equal. DuckDB comes
from PyPI into $XDG_CACHE_HOME/afterclick/duckdb. Reading the text is timed
apart: we find touches while we read, so a program that only reads (events.c)
says how much of that is reading. Writing the files is timed apart, too.

What only ours does with every event: the rules for bots and channels, spelling
of names, links of visitors to users, repeats of event ids, refunds, currencies,
the site's time zone. DuckDB is told the channel of each source.
"""

import argparse
import csv
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                     os.path.expanduser("~/.cache"), "afterclick", "duckdb")
MODELS = ("first_touch", "last_touch", "last_non_direct", "linear",
          "time_decay", "position_based")
DAY = 86400000
DAYS = 30
START = 1772323200000  # 2026-03-01 in UTC

TOUCHES = """
CREATE TABLE candidate AS
SELECT visitor_id, session_id, source, medium, campaign, min(time) AS time
FROM hit GROUP BY ALL;
CREATE TABLE touch AS
SELECT visitor_id, session_id, coalesce(source, '(direct)') AS source,
	coalesce(medium, '(none)') AS medium,
	coalesce(campaign, CASE WHEN source IS NULL THEN '(direct)'
		ELSE '(not set)' END) AS campaign,
	time, source IS NULL AS direct, first
FROM (SELECT *, time = min(time) OVER (PARTITION BY visitor_id, session_id)
	AS first FROM candidate)
WHERE source IS NOT NULL OR first;
"""
ATTRIBUTION = """
CREATE TABLE conversion AS
SELECT order_id, arg_min(visitor_id, time) AS visitor_id,
	min(time) AS time, arg_min(value, time) AS value
FROM hit WHERE type = 'conversion' GROUP BY order_id;
CREATE TABLE path AS
SELECT c.order_id, c.value, c.time AS ended, t.time, t.source, t.medium,
	t.campaign, t.direct,
	row_number() OVER w AS i, count(*) OVER o AS n,
	pow(2.0::DOUBLE, -(c.time - t.time) / 604800000.0) AS decay
FROM conversion c JOIN touch t ON t.visitor_id = c.visitor_id
	AND t.time BETWEEN c.time - 2592000000 AND c.time
WINDOW w AS (PARTITION BY c.order_id ORDER BY t.time),
	o AS (PARTITION BY c.order_id);
CREATE TABLE credit AS
WITH shared AS (
	SELECT *, coalesce(max(CASE WHEN NOT direct THEN i END) OVER o, n)
		AS chosen, decay / sum(decay) OVER o AS decayed
	FROM path WINDOW o AS (PARTITION BY order_id)
)
SELECT floor(ended / 86400000)::INTEGER AS day,
	floor(time / 86400000)::INTEGER AS touch_day, source, medium,
	campaign, value,
	(i = 1)::DOUBLE AS first_touch, (i = n)::DOUBLE AS last_touch,
	(i = chosen)::DOUBLE AS last_non_direct, 1.0::DOUBLE / n AS linear,
	decayed AS time_decay,
	CASE WHEN n <= 2 THEN 1.0::DOUBLE / n WHEN i = 1 OR i = n THEN 0.4
		ELSE 0.2::DOUBLE / (n - 2) END AS position_based
FROM shared;
CREATE TABLE daily AS
SELECT basis, day, source, medium, campaign, count(*) AS credits, {sums}
FROM (
	SELECT 'conversion' AS basis, * EXCLUDE (touch_day) FROM credit
	UNION ALL
	SELECT 'touch', * EXCLUDE (day) RENAME (touch_day AS day) FROM credit
) GROUP BY ALL;
CREATE TABLE traffic AS
SELECT floor(time / 86400000)::INTEGER AS day, source, medium, campaign,
	count(*) AS touches,
	count(*) FILTER (first) AS visits
FROM touch GROUP BY ALL;
""".format(sums=", ".join(
    f"sum({m}) AS {m}_n, sum({m} * value) AS {m}_v" for m in MODELS))
# Paths of channels: those that ended with an order, and those of visitors
# without one whose look-back was over before the newest event.
PATHS = """
CREATE TABLE channel AS
SELECT * FROM (VALUES {channels}) AS c(source, medium, channel);
CREATE TABLE paths AS
WITH idle AS (
	SELECT visitor_id, max(time) AS last FROM touch GROUP BY visitor_id
	HAVING max(time) < (SELECT max(time) FROM hit) - 2592000000
), ending AS (
	SELECT order_id AS id, value, time, source, medium, 1 AS conversions
	FROM path
	UNION ALL
	SELECT t.visitor_id, 0, t.time, t.source, t.medium, 0
	FROM touch t JOIN idle USING (visitor_id)
	WHERE t.time >= last - 2592000000
		AND t.visitor_id NOT IN (SELECT visitor_id FROM conversion)
), way AS (
	SELECT string_agg(channel, ' > ' ORDER BY time) AS path,
		conversions, any_value(value) AS value
	FROM ending JOIN channel USING (source, medium)
	GROUP BY id, conversions
)
SELECT path, sum(conversions) AS conversions, sum(value) AS value,
	sum(1 - conversions) AS nulls
FROM way GROUP BY path;
""".format(channels=", ".join(f"('{s}', '{m}', '{c}')" for s, m, c in (
    ("google", "cpc", "Paid Search"), ("newsletter", "email", "Email"),
    ("facebook", "paid_social", "Paid Social"),
    ("bing", "cpc", "Paid Search"), ("(direct)", "(none)", "Direct"))))


# --- the events -------------------------------------------------------------
def generate(path, hits):
    """Five hits a visitor; one in fifty converts, in some visit."""
    rng = random.Random(1)
    names = [(source, medium, f"{campaign}{n}")
             for source, medium, campaign in (
                 ("google", "cpc", "spring"), ("newsletter", "email", "week"),
                 ("facebook", "paid_social", "video"), ("bing", "cpc", "brand"))
             for n in range(25)]
    visitors = max(1, hits // 5)
    rows = []
    orders = 0
    for i in range(hits):
        visitor = rng.randrange(visitors)
        day = i * DAYS // hits
        # Two visits on every eighth day; no two hits of one millisecond.
        visit = day // 8 * 2 + rng.randrange(2)
        when = START + day * DAY + rng.randrange(DAY // 1000) * 1000 + i % 1000
        names_of = rng.choice(names) if rng.random() < 0.2 else ("", "", "")
        order = value = ""
        if visitor % 50 == 0 and rng.random() < 0.2:
            orders += 1
            order, value = f"o{orders}", f"{rng.randrange(100, 20000) / 100}"
        rows.append((f"e{i:09d}", "conversion" if order else "page", when,
                     f"v{visitor:012d}", f"s{visitor}.{visit}", *names_of,
                     order, value))
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("event_id", "type", "time", "visitor_id", "session_id",
                      "source", "medium", "campaign", "order_id", "value"))
        out.writerows(rows)
    return orders


# --- DuckDB, in a process of its own ----------------------------------------
def duck_main(path, out):
    """Loads PATH, computes, writes results to OUT; figures on stdout."""
    import duckdb  # only in the venv
    base = duckdb.connect()
    figures = {"version": duckdb.__version__, "threads": base.sql(
        "SELECT current_setting('threads')").fetchall()[0][0]}

    def step(name, sql):
        wall, cpu = time.monotonic(), time.process_time()
        base.execute(sql)
        figures[name] = {"wall": time.monotonic() - wall,
                         "cpu": time.process_time() - cpu}
    step("read", "CREATE TABLE hit AS SELECT * FROM read_csv("
         f"'{path}', header = true, columns = {{event_id: 'VARCHAR', type: "
         "'VARCHAR', time: 'BIGINT', visitor_id: 'VARCHAR', session_id: "
         "'VARCHAR', source: 'VARCHAR', medium: 'VARCHAR', campaign: "
         "'VARCHAR', order_id: 'VARCHAR', value: 'DOUBLE'})")
    step("touches", TOUCHES)
    step("models", ATTRIBUTION)
    step("paths", PATHS)
    figures["peak_mib"] = resource.getrusage(
        resource.RUSAGE_SELF).ru_maxrss / 1024
    step("write", "".join(f"COPY {name} TO '{out}/{name}.csv' (header true);"
                          for name in ("daily", "traffic", "paths")))
    print(json.dumps(figures))


def run(command):
    """(stdout, wall s, CPU s, peak MiB) of COMMAND."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        text = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed: {process.returncode}")
    return text, time.monotonic() - start, used.ru_utime + used.ru_stime, \
        used.ru_maxrss / 1024


def install():
    python = os.path.join(CACHE, "bin", "python")
    have = os.path.exists(python) and subprocess.run(
        [python, "-c", "import duckdb"], capture_output=True,
        check=False).returncode == 0
    if not have:
        subprocess.run([sys.executable, "-m", "venv", CACHE], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "duckdb"],
                       check=True)
    return python


# --- comparing ----------------------------------------------------------------
def compare(ours, theirs):
    """Both hold the same cells. A credit is whole micros with us, so that a
    cell may differ by a micro a credit."""
    def day(number):
        return time.strftime("%Y-%m-%d", time.gmtime(int(number) * 86400))
    want, traffic = {}, {}
    with open(os.path.join(theirs, "daily.csv"), encoding="utf-8") as file:
        for r in csv.DictReader(file):
            for m in MODELS:
                want[day(r["day"]), r["basis"], m, r["source"], r["medium"],
                     r["campaign"]] = (float(r[m + "_n"]), float(r[m + "_v"]),
                                       int(r["credits"]))
    with open(os.path.join(theirs, "traffic.csv"), encoding="utf-8") as file:
        for r in csv.DictReader(file):
            traffic[day(r["day"]), r["source"], r["medium"],
                    r["campaign"]] = (int(r["touches"]), int(r["visits"]))
    cells, worst, visits = 0, 0.0, 0
    with open(os.path.join(ours, "daily.csv"), encoding="utf-8") as file:
        for r in csv.DictReader(file):
            names = (r["source"], r["medium"], r["campaign"])
            if r["date_basis"] == "touch" and r["model"] == "linear":
                pair = traffic.pop((r["day"], *names), (0, 0))
                if pair[0] != int(r["touches"]):
                    sys.exit(f"touches differ: {r} {pair}")
                visits += int(r["visits"]) - pair[1]
            conversions, value, credits_ = want.pop(
                (r["day"], r["date_basis"], r["model"], *names), (0, 0, 0))
            for mine, other in ((r["conversions"], conversions),
                                (r["gross_revenue"], value)):
                apart = abs(float(mine) - other)
                if apart > 1e-6 * (1 + credits_):
                    sys.exit(f"cells differ: {r} {other}")
                worst = max(worst, apart / max(1, abs(other)))
            cells += 1
    # A credit may be of nothing: of the touches that a model passes over.
    if visits or any(t != (0, 0) for t in traffic.values()) or \
            any(c[:2] != (0, 0) for c in want.values()):
        sys.exit("rows are missing")
    compare_paths(os.path.join(ours, "paths.csv"),
                  os.path.join(theirs, "paths.csv"))
    return cells, worst


def compare_paths(ours, theirs):
    paths = []
    for name in (ours, theirs):
        with open(name, encoding="utf-8") as file:
            paths.append({r["path"]: (int(r["conversions"]), int(r["nulls"]),
                                      round(float(r["value"]), 2))
                          for r in csv.DictReader(file)})
    if paths[0] != paths[1]:
        sys.exit("paths differ: " + ", ".join(sorted(
            p for p in {**paths[0], **paths[1]}
            if paths[0].get(p) != paths[1].get(p))[:9]))


def median(rounds, *path):
    values = []
    for one in rounds:
        for part in path:
            one = one[part]
        values.append(one)
    return statistics.median(values)


def measure(hits, rounds, build_dir):
    python = install()
    tool = os.path.join(build_dir, "tests", "bench", "events")
    subprocess.run(["make", "-s", "B=" + os.path.relpath(build_dir, ROOT),
                    os.path.relpath(tool, ROOT)], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="afterclick-bench-") as folder:
        path = os.path.join(folder, "events.csv")
        # Apart: a child's peak begins with what its parent held.
        orders = int(run([sys.executable, os.path.realpath(__file__),
                          "--generate", path, str(hits)])[0])
        mine, duck = [], []
        for _ in range(rounds):
            text, wall, cpu, peak = run(
                [os.path.join(build_dir, "afterclick"), "attribute",
                 "--events", path, "--out", os.path.join(folder, "ours"),
                 "--channels", os.path.join(ROOT, "config", "channels.yaml"),
                 "--no-credits", "--json"])
            told = {**json.loads(text), "wall": wall, "cpu": cpu,
                    "peak": peak}
            told.update(json.loads(run([tool, path])[0]))
            for kind in ("", "_cpu"):
                told[f"touches{kind}_ms"] = \
                    told[f"read{kind}_ms"] - told[f"text{kind}_ms"]
            mine.append(told)
            text, wall, cpu, peak = run(
                [python, os.path.realpath(__file__), "--duck", path, folder])
            duck.append({**json.loads(text), "wall": wall, "cpu": cpu,
                         "peak": peak})
        cells, worst = compare(os.path.join(folder, "ours"), folder)
    return {"hits": hits, "orders": orders, "cells": cells,
            "worst": worst, "rounds": rounds, "mine": mine,
            "duck": duck}


def ratios(result):
    """DuckDB's time and CPU for touches, look-back, models and paths, ours
    being 1; our peak of memory, DuckDB's being 1."""
    mine, duck = result["mine"], result["duck"]

    def ratio(theirs, ours):
        return 1000 * sum(median(duck, step, theirs) for step in
                          ("touches", "models", "paths")) / \
            sum(median(mine, f"{step}{ours}") for step in
                ("touches", "compute"))
    return {
        "wall": ratio("wall", "_ms"), "cpu": ratio("cpu", "_cpu_ms"),
        "peak": median(mine, "peak") / median(duck, "peak")}


def report(result):
    mine, duck = result["mine"], result["duck"]

    def ours(*names):
        return [sum(median(mine, f"{n}{kind}_ms") for n in names) / 1000
                for kind in ("", "_cpu")]

    def theirs(*names):
        return [sum(median(duck, n, kind) for n in names)
                for kind in ("wall", "cpu")]
    lines = []

    def row(name, a, b):
        lines.append(f"| {name} | {a[0]:.2f} | {a[1]:.2f} | {b[0]:.2f} | "
                     f"{b[1]:.2f} | {b[0] / a[0]:.1f} | {b[1] / a[1]:.1f} |")
    row("reading the text", ours("text"), theirs("read"))
    row("visits and touches, from the columns", ours("touches"),
        theirs("touches"))
    row("look-back, six models and paths, from touches", ours("compute"),
        theirs("models", "paths"))
    row("both, from the columns", ours("touches", "compute"),
        theirs("touches", "models", "paths"))
    row("writing the files", ours("write"), theirs("write"))
    row("whole, text to files", ours("read", "compute", "write"),
        theirs("read", "touches", "models", "paths", "write"))
    peaks = median(mine, "peak"), median(duck, "peak")
    touches = median(mine, "candidates")
    return "\n".join([
        f"{result['hits']:,} hits, {result['hits'] // 5:,} visitors, "
        f"{touches:,} touches, {result['orders']:,} orders; DuckDB "
        f"{duck[0]['version']}, {duck[0]['threads']} threads, ours 1; median "
        f"of {result['rounds']}; load average "
        f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.", "",
        "| | ours, s | CPU s | DuckDB, s | CPU s | times faster | times less "
        "CPU |", "|---|---|---|---|---|---|---|", *lines, "",
        f"Peak memory: ours {peaks[0]:.0f} MiB, DuckDB {peaks[1]:.0f} MiB "
        f"({peaks[0] / peaks[1]:.2f}). State: "
        f"{median(mine, 'candidate_bytes') / touches:.1f} bytes a touch with "
        f"its event id, {median(mine, 'customer_bytes') / median(mine, 'customers'):.0f}"
        " a customer.",
        f"{result['cells']:,} cells equal to within a micro a credit; the "
        f"farthest apart by {result['worst']:.1e} of its value."])


def main():
    if sys.argv[1:2] == ["--duck"]:
        duck_main(*sys.argv[2:])
        return
    if sys.argv[1:2] == ["--generate"]:
        print(generate(sys.argv[2], int(sys.argv[3])))
        return
    top = argparse.ArgumentParser(
        description=__doc__.partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--hits", type=int, default=1000000)
    top.add_argument("--rounds", type=int, default=3)
    top.add_argument("--build-dir", default=os.path.join(ROOT, "build"))
    top.add_argument("--json", action="store_true")
    args = top.parse_args()
    result = measure(args.hits, args.rounds, args.build_dir)
    print(json.dumps(result) if args.json else report(result))


if __name__ == "__main__":
    main()
