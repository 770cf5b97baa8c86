"""`afterclick import-log`: access logs become visits and touches."""

import gzip
import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse
from collections import Counter
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import ROOT, everything
from traffic import sign

EXCERPT = os.path.join(ROOT, "tests", "data", "access_log_excerpt")
WHOLE = os.path.join(os.path.dirname(ROOT), "shared", "data", "access_log.gz")
SITE = {"hosts": "[semicomplete.com, www.semicomplete.com]"}
TOUCHES_OF_THE_WHOLE = 12  # of 70 requests by people
FEED = ("feedburner", "feed",
        "feed: semicomplete/main (semicomplete.com - jordan sissel)")

LINE = re.compile(r'(\S+) \S+ .*?\[(\d\d/\w{3}/\d{4}:[\d:]{8} [+-]\d{4})\] '
                  r'"(\S+) (\S+) HTTP/[\d.]+" (\d{3}) (?:\d+|-) '
                  r'"([^"]*)" "([^"]*)"$')
ASSETS = set("""css js mjs map png gif jpg jpeg svg ico webp avif bmp tif tiff
    woff woff2 ttf otf eot mp3 mp4 m4a m4v webm ogg ogv wav avi mov swf wasm
    json xml txt pdf zip gz tgz bz2 xz tar rar 7z jar exe msi dmg deb rpm
    iso""".split())


class Hit:
    """A page hit, read from a line by other means than the program's."""

    def __init__(self, match):
        ip, when, _, target, _, referrer, agent = match.groups()
        self.time = datetime.strptime(when, "%d/%b/%Y:%H:%M:%S %z")
        self.agent = "" if agent == "-" else agent
        self.visitor = ip, self.agent
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(target).query)
        names = [query.get("utm_" + name, [""])[0].strip().lower()
                 for name in ("source", "medium", "campaign")]
        self.campaign = tuple(names) if any(names) else None
        host = (urllib.parse.urlsplit(referrer).hostname or "").lower()
        own = host in ("semicomplete.com", "www.semicomplete.com")
        web = referrer.startswith(("http://", "https://"))
        self.referrer = host if host and web and not own else None


def page_hits(lines):
    for line in lines:
        match = LINE.match(line.rstrip("\n"))
        if not match or match[3] != "GET":
            continue
        if not (match[5].startswith("2") or match[5] == "304"):
            continue
        name = re.split(r"[?#]", match[4])[0].rsplit("/", 1)[-1]
        if "." in name and name.rsplit(".", 1)[1].lower() in ASSETS:
            continue
        yield Hit(match)


def is_bot(hit):
    """The one crawler among those that came by the campaign's links. (Who
    has no name at all is none on the server's lane.)"""
    return "Tiny Tiny RSS" in hit.agent


def visits_of(hits):
    """Visits as DEFINITIONS has them: lists of hits, in the log's order."""
    last, made = {}, []
    for hit in hits:
        visit = last.get(hit.visitor)
        if visit is None or (
                abs(hit.time - max(h.time for h in visit))
                > timedelta(minutes=30)) or (
                hit.campaign and hit.campaign != next(
                    (h.campaign for h in reversed(visit) if h.campaign),
                    None)) or (
                hit.referrer and hit.referrer != next(
                    (h.referrer for h in reversed(visit) if h.referrer),
                    None)):
            visit = last[hit.visitor] = []
            made.append(visit)
        visit.append(hit)
    return made


def tagged_touches(visits):
    """A campaign touches once in a visit, however many of its hits it brought."""
    return Counter(campaign for visit in visits
                   for campaign in {h.campaign for h in visit if h.campaign})


def read_lines(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        return file.readlines()


def import_log(stack, *arguments):
    answer = stack.cli("import-log", *arguments, "--site", stack.site,
                       "--collector", stack.collector_url, "--json")
    text = answer if isinstance(answer, str) else answer.stdout
    return json.loads(text)


def hits_by(stack, column):
    return dict(stack.sql(
        f"SELECT {column}, sum(hits) FROM hits_daily GROUP BY 1"))


def check_against_model(stack, path):
    """Imports PATH; its touches are those of the model."""
    lines = read_lines(path)
    hits = list(page_hits(lines))
    people = [hit for hit in hits if not is_bot(hit)]
    summary = import_log(stack, "--shift", "auto", path)
    assert summary["lines"] == len(lines)
    assert summary["hits"] == summary["accepted"] == len(hits)
    assert summary["visits"] == len(visits_of(hits))
    assert summary["rejected"] == 0
    stack.wait()
    wanted = tagged_touches(visits_of(people))
    assert list(wanted) == [FEED]
    found = stack.sql(
        "SELECT source, medium, campaign, count(*) FROM touches "
        "WHERE medium = 'feed' GROUP BY 1, 2, 3")
    assert [(*row[:3], int(row[3])) for row in found] == [
        (*FEED, wanted[FEED])]
    return hits, wanted[FEED]


def last_day(stack):
    return stack.sql("SELECT max(day) = (now() AT TIME ZONE 'UTC')::date - 1 "
                     "FROM touches")[0][0]


def test_the_excerpt_arrives_as_touches_and_twice_changes_nothing(stack):
    river = stack(site_options=SITE)
    hits, touches = check_against_model(river, EXCERPT)
    assert sum(hit.campaign is not None for hit in hits) == 55
    assert 0 < touches < 55
    assert last_day(river) in ("t", True, "true")
    # Search engines are organic search, other sites referrals.
    search = river.sql("SELECT DISTINCT source, medium, channel FROM touches "
                       "WHERE source IN ('google', 'bing', 'duckduckgo')")
    assert ["google", "organic", "Organic Search"] in [
        list(row) for row in search]
    assert {tuple(row[1:]) for row in search} == {
        ("organic", "Organic Search")}
    # Crawlers are kept, by name, and are no touches.
    bots = river.sql("SELECT bot, sum(hits) FROM hits_daily "
                     "WHERE bot <> '' GROUP BY 1")
    names = " ".join(row[0] for row in bots).lower()
    assert "googlebot" in names and "tiny" in names
    assert sum(int(row[1]) for row in bots) >= 25 + sum(map(is_bot, hits))
    assert sum(int(n) for n in hits_by(river, "day").values()) == len(hits)
    # The same log again, on another day or under another name: nothing new.
    before = everything(river), river.sql(
        "SELECT * FROM touches ORDER BY touch_time, event_id")
    again = import_log(river, "--shift", "auto", EXCERPT)
    assert again["accepted"] == len(hits)
    river.wait()
    assert (everything(river), river.sql(
        "SELECT * FROM touches ORDER BY touch_time, event_id")) == before


@pytest.mark.skipif(not os.path.exists(WHOLE), reason="needs the whole log")
def test_ten_thousand_real_requests_give_the_touches_of_the_model(stack):
    river = stack(site_options=SITE)
    hits, touches = check_against_model(river, WHOLE)
    tagged = [hit for hit in hits if hit.campaign]
    assert len(tagged) == 153
    assert sum(map(is_bot, tagged)) == 83
    assert touches == TOUCHES_OF_THE_WHOLE
    assert sum(int(n) for n in hits_by(river, "day").values()) == len(hits)
    assert river.sql("SELECT * FROM roi_check") == []


# --- without a river: the program against a collector that has moods --------
class Moody(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.mood(self.server.count)
        self.server.count += 1
        stated = self.headers["Afterclick-Signature"]
        moment = int(re.match(r"t=(\d+),", stated)[1])
        if sign(self.server.key, body, moment) != stated:
            status = 401
        answer = b""
        if status == 200:
            events = json.loads(body)["events"]
            self.server.events += events
            self.server.batches.append(len(events))
            answer = json.dumps({"accepted": len(events),
                                 "rejected": []}).encode()
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


@pytest.fixture
def collector():
    """collector(mood) answers the Nth batch with mood(N), 0 for not at all."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Moody)
    server.events, server.batches, server.count = [], [], 0
    server.mood, server.key = (lambda n: 200), None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def written(stack):
    """A stack that is only written down: configuration, no processes."""
    return stack(up=False, site_options=SITE)


def run(written, collector, *arguments, stdin=None):
    collector.key = collector.key or written.api_key
    return subprocess.run(
        [written.program("afterclick"), "--config",
         written.path("config", "aggregator.yaml"), "import-log", "--site",
         written.site, "--collector",
         f"http://127.0.0.1:{collector.server_port}", *arguments],
        input=stdin, capture_output=True, text=True, timeout=120)


def test_a_collector_that_stumbles_gets_everything_once(written, collector):
    collector.mood = lambda n: {1: 503, 2: 0, 4: 429}.get(n, 200)
    it = run(written, collector, "--shift", "auto", "--json", EXCERPT)
    assert it.returncode == 0, it.stderr
    summary = json.loads(it.stdout)
    ids = [event["event_id"] for event in collector.events]
    assert len(ids) == len(set(ids)) == summary["accepted"]
    assert max(collector.batches) <= 100


def test_the_same_line_has_the_same_id_whatever_the_shift(written, collector):
    run(written, collector, "--shift", "auto", EXCERPT)
    first = {event["event_id"] for event in collector.events}
    collector.events.clear()
    run(written, collector, "--shift", "4100d", EXCERPT)
    assert {event["event_id"] for event in collector.events} == first != set()


def test_a_refused_signature_ends_it_and_says_why(written, collector):
    collector.key = "another key"
    it = run(written, collector, "--shift", "auto", EXCERPT)
    assert it.returncode == 1
    assert "refuses our signature (401)" in it.stderr
    assert collector.events == []


def test_an_old_log_without_shift_is_refused_with_the_remedy(
        written, collector):
    it = run(written, collector, EXCERPT)
    assert it.returncode == 1
    assert "400 days" in it.stderr and "--shift auto" in it.stderr
    assert collector.count == 0


def test_a_dry_run_counts_and_sends_nothing(written, collector):
    it = run(written, collector, "--shift", "auto", "--dry-run", "--json",
             EXCERPT)
    summary = json.loads(it.stdout)
    assert summary["hits"] == len(list(page_hits(read_lines(EXCERPT))))
    assert summary["skipped"]["malformed"] == 1
    assert collector.count == 0


def test_a_malformed_line_is_named_and_the_rest_is_sent(
        written, collector, tmp_path):
    good = read_lines(EXCERPT)[0]
    log = tmp_path / "log"
    log.write_text("rubbish\n" + good + "\x00\x01\n" + "a" * 100000 + "\n" + good)
    it = run(written, collector, "--shift", "auto", "--include-assets",
             str(log))
    assert it.returncode == 0
    assert f"{log}:1: the line does not begin with an address" in it.stderr
    assert f"{log}:3: " in it.stderr
    assert f"{log}:4: the line is too long" in it.stderr
    # The same line at two places is two hits.
    assert len({event["event_id"] for event in collector.events}) == 2


def test_a_file_that_is_no_log_at_all_fails(written, collector, tmp_path):
    log = tmp_path / "log"
    log.write_text("date,source\n2026-11-01,a\n")
    it = run(written, collector, "--shift", "auto", str(log))
    assert it.returncode == 1
    assert "no line is one of an access log" in it.stderr
    assert collector.events == []


def test_a_cut_off_gzip_file_fails_before_anything_is_sent(
        written, collector, tmp_path):
    log = tmp_path / "log.gz"
    whole = gzip.compress("".join(read_lines(EXCERPT)).encode())
    log.write_bytes(whole[:-100])
    it = run(written, collector, "--shift", "auto", str(log))
    assert it.returncode == 1
    assert "the gzip file ends too early" in it.stderr
    assert collector.count == 0


def test_standard_input_takes_days_but_not_auto(written, collector):
    text = "".join(read_lines(EXCERPT))
    it = run(written, collector, "--shift", "auto", "-", stdin=text)
    assert it.returncode == 2 and "standard input" in it.stderr
    age = datetime.now(timezone.utc) - datetime(2015, 5, 21,
                                                tzinfo=timezone.utc)
    it = run(written, collector, "--shift", f"{age.days}d", "-", stdin=text)
    assert it.returncode == 0, it.stderr
    assert len(collector.events) == len(list(page_hits(read_lines(EXCERPT))))


def test_files_are_read_in_the_order_of_their_days(
        written, collector, tmp_path):
    lines = read_lines(EXCERPT)
    for name, part in (("new", lines[90:]), ("old.gz", lines[:90])):
        opener = gzip.open if name.endswith("gz") else open
        with opener(tmp_path / name, "wt") as file:
            file.writelines(part)
    it = run(written, collector, "--shift", "auto", "--json",
             str(tmp_path / "new"), str(tmp_path / "old.gz"))
    assert json.loads(it.stdout)["visits"] == len(
        visits_of(page_hits(lines)))


def test_the_excerpt_is_what_its_script_makes_of_the_whole_log():
    if not os.path.exists(WHOLE):
        pytest.skip("needs the whole log")
    made = subprocess.run(
        [sys.executable, os.path.join(ROOT, "tools", "make-log-excerpt"),
         WHOLE], capture_output=True, text=True, check=True).stdout
    assert made.splitlines(keepends=True) == read_lines(EXCERPT)
