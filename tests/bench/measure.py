"""What is measured with: processor time, memory, cores, tables."""

import contextlib
import json
import os
import platform
import re
import statistics
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "deploy", "native"))

from processes import Failure, children  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


# --- processes --------------------------------------------------------------
def _own_cpu(pid):
    """Seconds of PID, all its threads, and of its children that ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / TICK


def cpu_seconds(pid):
    """Processor time of PID and its children, user and system."""
    return _own_cpu(pid) + sum(_own_cpu(child) for child, _ in children(pid))


def rss_mb(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        kb = re.search(r"^VmRSS:\s+(\d+)", file.read(), re.M).group(1)
    return int(kb) / 1024


CORES = sorted(os.sched_getaffinity(0))
SERVER_CORES = CORES[:1]  # of the server under test
OTHER_CORES = CORES[1:] or CORES  # of its load and of everything else


@contextlib.contextmanager
def on_cores(cores):
    """What is started inside runs on CORES."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


# --- figures ----------------------------------------------------------------
def median(values):
    return statistics.median(values)


def spread(values):
    """How far apart the rounds were, as a share of their middle."""
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def number(value, digits=1):
    if value is None:
        return ""
    return f"{value:,.{digits}f}"


def table(titles, rows):
    """A Markdown table whose columns line up; the first is text."""
    cells = [titles] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(titles))]

    def line(row):
        return "| " + " | ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths))) + " |"
    rule = "|" + "|".join(
        "-" * (width + 2) if i == 0 else "-" * (width + 1) + ":"
        for i, width in enumerate(widths)) + "|"
    return "\n".join([line(cells[0]), rule] + [line(row)
                                               for row in cells[1:]])


def goal_rows(goals):
    """Rows of the goals' table from (what, measured, sign, bound)."""
    rows = []
    for what, value, sign, bound in goals:
        if value is None:
            met = "not measured"
        else:
            good = value >= bound if sign == ">=" else value <= bound
            met = "yes" if good else "no"
        # Enough digits that a miss never looks like a hit.
        sign = {">=": "at least", "<=": "at most"}[sign]
        rows.append([what, number(value, 2), f"{sign} {bound:,}", met])
    return table(["goal", "measured", "wanted", "met"], rows)


def machine():
    """The machine's facts; nothing that names it."""
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        found = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.M)
        model = found.group(1) if found else platform.machine()
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = int(re.search(r"MemTotal:\s+(\d+)", file.read()).group(1))
    return {"date": time.strftime("%Y-%m-%d", time.gmtime()),
            "cores": len(CORES), "cpu": model,
            "memory_gib": round(memory / (1 << 20), 1),
            "kernel": platform.release().split("-")[0],
            "load_before": round(os.getloadavg()[0], 1)}


def machine_line(facts):
    return (f"{facts['date']}, {facts['cores']} cores, {facts['cpu']}, "
            f"{facts['memory_gib']} GiB, Linux {facts['kernel']}; load "
            f"average before the run {facts['load_before']}.")


def last_json(text, what):
    """The JSON object that a program printed as its last line."""
    try:
        return json.loads(text.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise Failure(f"{what} printed no figures:\n{text[-2000:]}") from None
