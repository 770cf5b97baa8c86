"""
How well hits were tracked: counted from the collector's door to the views,
and what is unusual marked; the numbers are worked out here once more.
"""

import csv
import datetime
import http.server
import io
import json
import math
import os
import ssl
import statistics
import subprocess
import threading
import time

import pytest

from conftest import BUILD_DIR, eventually
from conftest import http as http_get
from test_collector_http import Collector
from test_views import world  # noqa: F401 (a fixture)

AFTERCLICK = os.path.join(BUILD_DIR, "afterclick")

HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://google.com/bot.html)"


def post(river, event, agent=HUMAN, **headers):
    body = event if isinstance(event, str) else json.dumps(event)
    return http_get(river.collector_url + "/e", "POST", body, {
        "Content-Type": "text/plain", "User-Agent": agent, **headers})


def counts(river, columns):
    return river.sql(f"SELECT {columns} FROM data_quality_daily WHERE "
                     "hits > 0 ORDER BY day")[-1]


def refused(river):
    rows = river.sql("SELECT reason, sum(hits) FROM refusal_daily GROUP BY 1")
    return {reason: int(hits) for reason, hits in rows}


def test_what_the_collector_refuses_is_in_the_tables_once(stack):
    river = stack(collector_options={"report_refused": "200ms"}, workers=2)
    wrong = {"type": "conversion", "value": "much", "currency": "USD"}
    for number in range(5):
        assert post(river, {"site": "shop", **wrong}).status == 400
    # Of no site that we know: it counts for the one whose host was asked.
    assert post(river, {"site": "shpo", "type": "page"}).status == 400
    assert post(river, "no json").status == 400
    assert post(river, {"site": "shop", "type": "event"}).status == 400
    assert http_get(river.collector_url + "/v1/events", "POST", json.dumps(
        {"site": "shop", **wrong}), {}).status == 401
    want = {"value": 5, "site": 1, "json": 1, "field": 1, "signature": 1}
    eventually(lambda: refused(river) == want, 60)
    for reason, hits in want.items():
        assert river.metric("afterclick_hits_rejected_total{reason=\"" +
                            reason + "\"}", river.admin_url) == hits
    # A death between two turns costs what was not told yet, and what was
    # told comes neither twice nor not at all.
    river.collector.kill()
    river.start_collector()
    post(river, {"site": "shop", **wrong})
    river.collector.stop(60)  # in order: nothing is lost
    river.start_collector()
    want["value"] += 1
    eventually(lambda: refused(river) == want, 60)
    # None of it is a hit.
    assert river.sql("SELECT count(*) FROM hits_daily") == [["0"]]
    assert counts(river, "hits, accepted, refused, refused_by_reason->'json'"
                  ) == ["10", "0", "10", "1"]



def test_gauges_tell_the_last_hit_and_the_marks_of_yesterday(stack):
    river = stack()
    at = int(time.time()) - 100
    river.sql(f"""
        INSERT INTO hits_daily SELECT current_date - n, 'shop', 'page',
            'browser', '', CASE n WHEN 1 THEN 10 ELSE 1000 END
        FROM generate_series(1, 57) n;
        INSERT INTO quality_daily (site, day, last_received_at)
        VALUES ('shop', current_date, to_timestamp({at}))""")
    eventually(lambda: river.sql(
        "SELECT count(watermark) FROM position") == [["4"]], 60,
        "no heartbeat of idle partitions")
    river.restart("aggregator")  # which looks at once
    name = "afterclick_quality_{}{{site=\"shop\"}}".format
    url = river.aggregator_urls[0]
    eventually(lambda: river.metric(
        name("last_hit_timestamp_seconds"), url) == at, 60)
    # The day that is over is not closed for an hour.
    if time.gmtime().tm_hour > 1:
        assert river.metric(name("marks"), url) == 1


# --- what is unusual ----------------------------------------------------------
DAY = datetime.date(2026, 3, 30)  # the last of nine Mondays


# Compiling the queries would take longer than running them.
NO_JIT = "SET jit = off; "


def modified_z(value, earlier, base=None):
    """(value - median) / spread, as docs/quality.md has it."""
    median = statistics.median(earlier)
    mad = statistics.median(abs(one - median) for one in earlier)
    noise = math.sqrt(max(median, 1)) if base is None else math.sqrt(
        (max(median * (1 - median), 0) + 1 / base) / base)
    return (value - median) / max(1.4826 * mad, noise)


@pytest.fixture
def mondays(world):  # noqa: F811
    """Nine Mondays of hits, of which the last differs: fewer hits, no consent
    of a half, the usual share of hits without a visitor."""
    world.hits = [1000, 1040, 980, 5000, 1010, 990, 1020, 1000, 700]
    world.granted = [800, 830, 780, 4100, 800, 800, 815, 790, 210]
    for week, (hits, granted) in enumerate(zip(world.hits, world.granted)):
        day = DAY - datetime.timedelta(7 * (8 - week))
        world.sql(f"""
            INSERT INTO hits_daily VALUES
                ('{day}', 'shop', 'page', 'browser', '', {hits}),
                ('{day}', 'shop', 'page', 'browser', 'google', 20);
            INSERT INTO quality_daily (site, day, cookieless_none,
                analytics_storage_granted, last_received_at)
            VALUES ('shop', '{day}', {hits // 10}, {granted}, '{day}')""")
    world.sql("""UPDATE site SET timezone = 'Europe/Berlin';
        INSERT INTO position VALUES ('t', 0, 1, 9, 'x', '',
            '2026-03-31 12:00Z')""")
    return world


def test_what_is_unusual_for_its_weekday_is_marked(mondays):
    rows = mondays.sql(
        NO_JIT + "SELECT measure, mark, value, median, weeks, score FROM "
        "data_quality_marks WHERE day = '2026-03-30' ORDER BY measure")
    shares = [granted / hits for granted, hits in
              zip(mondays.granted, mondays.hits)]
    bots = [20 / (20 + hits) for hits in mondays.hits]
    want = {"consent share": (shares, 700), "hits": (mondays.hits, None),
            "bot share": (bots, 720)}
    scores = {name: modified_z(values[-1], values[:-1], base)
              for name, (values, base) in want.items()}
    assert abs(scores["bot share"]) < 3.5  # a rise of a half, but of 20
    assert [row[:2] for row in rows] == [["consent share", "low"],
                                         ["hits", "low"]]
    for name, _, value, median, weeks, score in rows:
        values = want[name][0]
        assert abs(float(value) - values[-1]) < 1e-5
        assert abs(float(median) - statistics.median(values[:-1])) < 1e-5
        assert weeks == "8" and abs(float(score) - scores[name]) < 0.006
    # The week of the many hits is odd itself, with three before it not yet.
    assert mondays.sql(NO_JIT + "SELECT day FROM data_quality_marks WHERE day < "
                       "'2026-03-30'") == []
    assert mondays.sql(NO_JIT + "SELECT marks FROM data_quality_daily WHERE day = "
                       "'2026-03-30'") == [["consent share low, hits low"]]
    # Days on which nothing came are there, and marked.
    mondays.sql("UPDATE position SET watermark = '2026-04-07 12:00Z'")
    assert mondays.sql(NO_JIT + "SELECT hits, marks FROM data_quality_daily WHERE day "
                       "= '2026-04-06'") == [["0", "hits low"]]
    # A day that is not over has no marks.
    mondays.sql("UPDATE position SET watermark = '2026-03-30 22:00Z'")
    assert mondays.sql(NO_JIT + "SELECT marks FROM data_quality_daily WHERE day = "
                       "'2026-03-30'") == [[""]]


def test_the_command_prints_days_marks_and_tags(mondays):
    run = mondays.run("quality", "--from", "2026-03-30", "--to", "2026-03-30")
    assert run.returncode == 0, run.stderr
    head, _, row = run.stdout.splitlines()[:3]
    assert head.split()[:4] == ["site", "day", "hits", "bots"]
    assert row.split()[:4] == ["shop", "2026-03-30", "720", "20"]
    assert "consent share low, hits low" in row
    assert "no tag fell silent" in run.stdout
    told = json.loads(mondays.run("quality", "--to", "2026-03-30", "--json")
                      .stdout)
    assert len(told) == 14 and told[-1]["day"] == "2026-03-30"
    assert told[-1]["bots_by_rule"] == '{"google": 20}'
    assert told[-1]["ad_storage_unknown"] == 700
    assert told[-1]["cookieless_share"] == 0.1
    rows = list(csv.DictReader(io.StringIO(mondays.run(
        "quality", "--marks", "--to", "2026-03-30", "--csv").stdout)))
    assert [row["measure"] for row in rows] == ["consent share", "hits"]
    assert mondays.run("quality", "--site", "none", "--to", "2026-03-30",
                       "--csv").stdout.count("\n") == 1
    wrong = mondays.run("quality", "--marks", "--tags")
    assert wrong.returncode == 2 and "not both" in wrong.stderr
    typo = mondays.run("quality", "--site", "shpo")
    assert typo.returncode == 0 and "has no site shpo" in typo.stderr


def test_bots_cost_and_coverage_by_hand(world):  # noqa: F811
    world.sql("""
        INSERT INTO dimension (site, source, medium, campaign, channel) VALUES
            ('shop', 'google', 'cpc', 'spring', 'Paid Search'),
            ('shop', 'bing', 'cpc', 'few', 'Paid Search'),
            ('shop', 'mail', 'email', 'news', 'Email');
        INSERT INTO traffic_daily (day, dim, visits, touches) VALUES
            ('2026-03-01', 1, 30, 30), ('2026-03-01', 2, 1, 1);
        INSERT INTO cost (platform, account, site, day, source, medium,
            campaign, campaign_id, dim, amount_micros, currency, cost_micros,
            clicks, impressions, import_id, name) VALUES
            ('g', 'a', 'shop', '2026-03-01', 'google', 'cpc', 'spring', '', 1,
             20000000, 'USD', 20000000, 40, 1, 1, 'spring'),
            ('g', 'a', 'shop', '2026-03-01', 'bing', 'cpc', 'few', '', 2,
             3000000, 'USD', 3000000, 2, 1, 1, 'few');
        -- 5 of 40 clicks at 0.5, at most the 2 clicks of 1.5, a mail's none
        INSERT INTO bot_landing_daily VALUES
            ('2026-03-01', 1, 'google', 3, 4), ('2026-03-01', 1, 'curl', 1, 1),
            ('2026-03-01', 2, 'curl', 9, 0), ('2026-03-01', 3, 'curl', 2, 0);
        INSERT INTO shop_order SELECT 'shop', 'o' || n, '2026-03-01',
            '2026-03-01', 1, 'USD', n = 4, 1 FROM generate_series(1, 4) n;
        INSERT INTO conversion (site, event_id, goal, ts, order_id, dedup_key,
            value_micros, currency, verified, lane, purchase, lookback_ms)
            SELECT 'shop', 'e' || n, 'purchase', '2026-03-01', 'o' || n,
                'o' || n, 1, 'USD', n = 1, 'browser', true, 1
            FROM generate_series(1, 2) n""")
    assert world.sql(NO_JIT +
        "SELECT bot_landings, bot_cost, platform_clicks, landed_clicks, "
        "tracking_rate, orders, tracked_orders, order_coverage FROM "
        "data_quality_daily") == [["16", "5.500000", "42", "31", "0.738095",
                                   "3", "2", "0.666667"]]


def test_tags_that_fell_silent(world):  # noqa: F811
    """To 2026-03-31: /thanks converted ten times a day until the 29th, /rare
    ten times in four weeks until the 25th; the goal `video` never did."""
    world.sql("""
        INSERT INTO position VALUES ('t', 0, 1, 9, 'x', '',
            '2026-03-31 12:00Z');
        INSERT INTO site_goal VALUES ('shop', 'video', '2026-01-07'),
            ('shop', 'buy', '2026-01-07');
        INSERT INTO hits_daily SELECT d::date, 'shop', 'page', 'browser', '',
            100 FROM generate_series('2026-03-01'::timestamp, '2026-03-31',
            '1 day') d;
        CREATE TEMP TABLE bought AS
        SELECT d::date AS day, '/thanks' AS page, 10 AS n FROM
            generate_series('2026-03-01'::timestamp, '2026-03-29', '1 day') d
        UNION ALL SELECT d::date, '/rare', 1 FROM
            generate_series('2026-03-16'::timestamp, '2026-03-25', '1 day') d
        UNION ALL SELECT d::date, '/always', 1 FROM
            generate_series('2026-03-01'::timestamp, '2026-03-31', '1 day') d;
        INSERT INTO conversion (site, event_id, goal, ts, value_micros,
            currency, verified, lane, purchase, lookback_ms, page_url)
        SELECT 'shop', page || day || k, 'buy', day, 1, 'USD', false,
            'browser', false, 1, 'https://shop.example' || page || '?k=' || k
        FROM bought, generate_series(1, n) k;
        INSERT INTO outcome SELECT site, event_id, gen_random_uuid(), 0,
            ts::date, 1, NULL, NULL, 0, false, false, '{}', '{}'
        FROM conversion;
        INSERT INTO dimension (site, source, medium, campaign, channel) VALUES
            ('shop', 'google', 'cpc', 'lost', 'Paid Search'),
            ('shop', 'google', 'cpc', 'found', 'Paid Search');
        INSERT INTO cost (platform, account, site, day, source, medium,
            campaign, campaign_id, dim, amount_micros, currency, cost_micros,
            clicks, impressions, import_id, name)
        SELECT 'g', 'a', 'shop', '2026-03-30', 'google', 'cpc', campaign, '',
            dim, 1, 'USD', 1, 25, 1, 1, campaign FROM dimension;
        INSERT INTO traffic_daily (day, dim, visits, touches)
        SELECT '2026-03-30', dim, 1, 1 FROM dimension
        WHERE campaign = 'found'""")
    assert world.sql(NO_JIT + "SELECT finding, subject, since, events FROM tag_health "
                     "ORDER BY 1") == [
        ["clicks without landings", "google / cpc / lost", "2026-03-30",
         "25"],
        ["goal never fired", "video", "2026-01-07", "0"],
        ["page fell silent", "/thanks", "2026-03-29", "280"]]
    world.sql("UPDATE position SET watermark = '2026-04-01 12:00Z'")
    assert world.sql("SELECT subject, events FROM tag_health WHERE finding = "
                     "'site fell silent'") == [["shop", "280"]]
    out = world.run("quality", "--tags").stdout
    assert "/thanks" in out and "never met by a conversion" in out


# --- verify-site --------------------------------------------------------------
class Site(http.server.ThreadingHTTPServer):
    """A site of PAGES {path: (status, type, text)}; notes who asked what."""

    def __init__(self, pages, certificate=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages, self.asked, self.agents = pages, [], set()
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"http{'s' if certificate else ''}://localhost:" + \
            str(self.server_port)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.agents.add(self.headers["User-Agent"].split("/")[0])
        status, kind, text = self.server.pages.get(
            self.path, (404, "text/plain", "none"))
        self.send_response(status)
        self.send_header("Location" if status == 302 else "Content-Type",
                         text if status == 302 else kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path):
    made = []

    def make(pages, certificate=None):
        made.append(Site({path: ((200, "text/html; charset=utf-8", page)
                                 if isinstance(page, str) else page)
                          for path, page in pages.items()}, certificate))
        return made[-1]
    yield make
    for one in made:
        one.shutdown()
        one.server_close()


def verify(url, *options):
    return subprocess.run([AFTERCLICK, "verify-site", url, *options],
                          capture_output=True, text=True, timeout=60)


def test_the_tag_is_found_on_the_pages_of_a_site(site, tmp_path):
    collector = Collector(tmp_path)
    try:
        tag = f'<script async src="{collector.url}/t.js" data-site="shop">' \
            "</script>"
        pages = {
            "/": f"<title>Shop &amp; more</title>{tag}<!-- <a href='/old'> -->"
                 "<a href='/bare?a=1&amp;b=2#x'>x</a><a href=/wait>y</a>"
                 "<a href='/private/x'>p</a><a href='https://else.example/'>"
                 "</a><a href='/picture'></a><a href='mailto:a@b'>m</a>"
                 "<script>document.write('<a href=\"/no\">')</script>",
            "/bare?a=1&b=2": "<p>no tag here",
            "/wait": f"{tag}{tag}".replace(
                "data-site", "data-consent=wait data-site", 1),
            "/picture": (200, "image/png", "\x89"),
            "/listed": f"<img src='{collector.url}/p?x=1&amp;site=shop'>",
            "/moved": (302, "", "/wait"),
            "/private/x": tag, "/private/open": tag,
            "/other": tag.replace('"shop"', "'plain'"),
            "/broken": tag.replace("/t.js", "/t.txt"),
            "/robots.txt": (200, "text/plain",
                            "User-agent: bad\nDisallow: /\n\nUser-agent: *\n"
                            "Disallow: /private/ # not\nAllow: /private/open"),
            "/sitemap.xml": (200, "text/xml", "".join(
                f"<loc>URL{path}</loc>" for path in (
                    "/listed", "/private/open", "/other", "/broken")) +
                "<loc>http://else.example/</loc>")}
        it = site(pages)
        it.pages["/sitemap.xml"] = (200, "text/xml", it.pages["/sitemap.xml"]
                                    [2].replace("URL", it.url))
        run = verify(it.url, "--json")
        assert run.returncode == 1, run.stderr
        assert "2 of 7 pages are not as they should be" in run.stderr
        told = {page["page"].replace(it.url, ""): page
                for page in json.loads(run.stdout)}
        assert set(told) == {"/", "/listed", "/private/open", "/other",
                             "/broken", "/bare?a=1&b=2", "/wait"}
        first = told["/"]
        assert (first["tag"], first["site"], first["collector"]) == (
            "script", "shop", collector.url + "/e")
        assert first["sends"] == {"type": "page", "site": "shop",
                                  "url": it.url + "/",
                                  "title": "Shop & more"}
        assert told["/bare?a=1&b=2"]["problem"] == "no tag"
        assert told["/listed"]["tag"] == "pixel"
        assert told["/wait"]["consent"] == "wait"
        assert "twice" in told["/wait"]["remark"]
        assert told["/broken"]["problem"] == "the script is answered 404"
        assert it.agents == {"afterclick-verify"}
        assert not {"/private/x", "/no", "/old"} & set(it.asked)
        run = verify(it.url, "--site", "shop", "--pages", "4")
        assert run.returncode == 1
        assert "the tag is of plain" in run.stdout
        assert f"would send to {collector.url}/e" in run.stdout
        # What was said to be sent is what the collector takes.
        assert http_get(collector.url + "/e", "POST", json.dumps(
            first["sends"]), {"Content-Type": "text/plain"}).status == 204
        good = site({"/": tag})
        assert verify(good.url + "/").returncode == 0
        http_get(good.url)  # still there
    finally:
        collector.stop()


def test_bounds_of_a_walk_through_a_site(site, tmp_path):
    """Certificates, other hosts, endless redirects, pages without an end."""
    certificate = tmp_path / "site.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-keyout", str(certificate), "-out",
         str(tmp_path / "ca.pem")], check=True, capture_output=True)
    with open(certificate, "a", encoding="utf-8") as file:
        file.write((tmp_path / "ca.pem").read_text())
    safe = site({"/": "<p>none"}, str(certificate))
    run = verify(safe.url, "--ca-file", str(tmp_path / "ca.pem"))
    assert run.returncode == 1 and "no tag" in run.stdout
    run = verify(safe.url)
    assert run.returncode == 1 and "certificate" in run.stderr
    away = site({"/": (302, "", "http://else.example/"), "/ring":
                 (302, "", "/ring"), "/large": "x" * (3 << 20)})
    run = verify(away.url)
    assert run.returncode == 1 and "another host" in run.stderr
    assert "without an end" in verify(away.url + "/ring").stderr
    assert verify(away.url + "/large").returncode == 1
    shut = site({"/": "", "/robots.txt": (200, "text/plain",
                 "user-agent: Afterclick-Verify\ndisallow: /")})
    run = verify(shut.url)
    assert run.returncode == 1 and "robots.txt forbids" in run.stderr
    assert shut.asked == ["/robots.txt"]
    assert verify("ftp://localhost/").returncode == 1
    assert verify(away.url, "--pages", "0").returncode == 2
