"""The dashboard on a year of 500 campaigns under six models: each question of
its API, and the page in Chromium."""

import json
import os
import shutil
import statistics
import subprocess
import time
import urllib.request

from measure import HERE, ROOT, number, say, table
from processes import Failure
from river import Stack
from servers import postgres_programs

PAINT = os.path.join(ROOT, "tests", "browser", "paint.mjs")
DAYS = 365


def asked(stack, path):
    """Milliseconds until all of the answer is here, and its bytes."""
    request = urllib.request.Request(stack.dashboard_url + path, headers={
        "Authorization": "Bearer " + stack.known["dashboard_token"]})
    begin = time.monotonic()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
    return 1000 * (time.monotonic() - begin), len(body)


def paint(stack, first, last):
    about = {"url": stack.dashboard_url, "from": first, "to": last,
             "token": stack.known["dashboard_token"],
             "chromium": shutil.which("chromium")}
    done = subprocess.run(["node", PAINT], input=json.dumps(about), text=True,
                          capture_output=True, timeout=300,
                          cwd=os.path.dirname(PAINT), check=False)
    if done.returncode != 0:
        raise Failure("the page could not be measured (npm ci in "
                      "tests/browser?):\n" + done.stderr[-2000:])
    return json.loads(done.stdout)


def measure(folder, build, args):
    rounds = 5 if args.quick else 15
    stack = Stack.new(os.path.join(folder, "stack"), build=build,
                      say=lambda text: None)
    try:
        stack.up()
        say("filling a year of 500 campaigns under six models")
        done = subprocess.run(
            [postgres_programs() + "/psql", "-X", "-q", "-o", os.devnull,
             "-v", "ON_ERROR_STOP=1", "-f",
             os.path.join(HERE, "dashboard_fill.sql"), stack.dsn],
            capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise Failure("filling: " + done.stderr)
        last = stack.sql("SELECT current_date")[0][0]
        first = stack.sql(f"SELECT current_date - {DAYS - 1}")[0][0]
        query = f"?site=shop&from={first}&to={last}"
        asked(stack, "/api/campaigns" + query)  # caches and connections
        asked(stack, "/api/models" + query)
        questions = []
        for path, more in (("/api/about", None), ("/api/overview", query),
                           ("/api/campaigns", query),
                           ("/api/campaigns.csv", query),
                           ("/api/models", query), ("/api/paths", query),
                           ("/api/quality", query),
                           ("/api/experiments", query),
                           ("/api/tag-health", query),
                           ("/api/quality-days", query)):
            times = [asked(stack, path + (more or ""))
                     for _ in range(rounds)]
            questions.append({
                "path": path, "bytes": times[0][1],
                "median_ms": statistics.median(ms for ms, _ in times),
                "worst_ms": max(ms for ms, _ in times)})
        pages = [paint(stack, first, last) for _ in range(3)]
        return {"questions": questions,
                "page": {key: statistics.median(page[key] for page in pages)
                         for key in pages[0]}}
    finally:
        stack.down()


def goals(result):
    return [("slowest question of the dashboard, median, ms",
             max(one["median_ms"] for one in result["questions"]), "<=", 300),
            ("first paint of a year, ms", result["page"]["paint"], "<=", 1000),
            ("a year's numbers and campaigns shown, ms",
             result["page"]["shown"], "<=", 1000)]


def report(result):
    page = result["page"]
    return table(
        ["a year, 500 campaigns, 6 models", "median, ms", "worst, ms", "KiB"],
        [[one["path"], number(one["median_ms"], 0),
          number(one["worst_ms"], 0), number(one["bytes"] / 1024, 1)]
         for one in result["questions"]] +
        [["first contentful paint", number(page["paint"], 0), "", ""],
         ["numbers, chart and campaigns shown", number(page["shown"], 0), "",
          ""],
         ["every section shown", number(page["whole"], 0), "", ""]])
