"""What a person has allowed and what not, from the browser's request to the
tables and the ad platform's file; and nothing planted by who denied is found
anywhere."""

import http.client
import itertools
import json
import os
import re
import subprocess
import time
import urllib.parse

import pytest

from conftest import eventually, server_events
from test_every_byte import topic_records

ADDRESS = "203.0.113.77"
HOUR = 3600 * 1000
PURPOSES = ("ad_storage", "analytics_storage", "ad_user_data",
            "ad_personalization")


def exports(platform, **more):
    return {"site": "shop", "platform": platform, "account": "1234567890",
            "goals": {"purchase": "Web order"}, **more}


@pytest.fixture
def river(stack):
    """Behind a proxy that is trusted; a hit keeps the network it came from."""
    return stack(
        partitions=1,
        collector_options={"trusted_proxies": ["127.0.0.1"]},
        site_options={
            "keep_network": "true", "dnt": "deny", "redirect_hosts":
            "[shop.example]", "compatible": "{matomo_ids: ['1'], ga4_ids: "
            "[G-1], segment_keys: [key], plausible_domains: [shop.example], "
            "umami_ids: [u-1]}", "experiments":
            "[{name: hold, holdout: 0.5, campaigns: [spring]}]"},
        aggregator_options={"exports": [
            exports("google"),
            exports("google-data-manager", require_consent=True)]})


class Browser:
    """One after the other on one connection; each visit has its own jar."""

    def __init__(self, river):
        where = urllib.parse.urlsplit(river.collector_url)
        self.link = http.client.HTTPConnection(where.hostname, where.port,
                                               timeout=30)

    def send(self, method, target, body=None, **headers):
        headers = {name.replace("_", "-"): value
                   for name, value in headers.items()}
        self.link.request(method, target, body, {
            "X-Forwarded-For": ADDRESS, "User-Agent": "Mozilla/5.0 (X11)",
            **headers})
        answer = self.link.getresponse()
        answer.body = answer.read()
        return answer

    def hit(self, event, jar="", **headers):
        """The answer's cookies, those that are deleted as empty."""
        answer = self.send("POST", "/e", json.dumps({"site": "shop", **event}),
                           Cookie=jar, Content_Type="text/plain", **headers)
        assert answer.status == 204, answer.body
        return {pair.split("=")[0]: pair.split(";")[0].partition("=")[2]
                for pair in answer.headers.get_all("Set-Cookie") or []}


def buys(browser, name, headers=None, jar="", **said):
    """A click of an ad and an order; the cookies of the first answer."""
    headers = headers or {}
    got = browser.hit({"event_id": "p-" + name, "url":
                       f"https://shop.example/?utm_source={name}"
                       f"&utm_medium=cpc&gclid=click-{name}", **said},
                      jar, **headers)
    kept = [f"{key}={value}" for key, value in got.items() if value]
    browser.hit({"type": "conversion", "event_id": "c-" + name,
                 "order_id": "o-" + name, "value": "10", "currency": "USD",
                 **said}, "; ".join(([jar] if jar else []) + kept), **headers)
    return got


def exported(river, platform, folder):
    """The order ids in the file for PLATFORM."""
    folder.mkdir()
    day = time.gmtime(time.time() - 2 * 86400), time.gmtime()
    river.cli("export", platform, "--site", "shop", "--from",
              time.strftime("%Y-%m-%d", day[0]), "--to",
              time.strftime("%Y-%m-%d", day[1]), "--out", str(folder))
    text = "".join(file.read_text() for file in folder.rglob("*")
                   if file.is_file())
    return {"o-" + one for one in
            re.findall(r"o-([A-Za-z0-9-]+)", text)}


def attributed(river):
    """{order id: source that the last touch credits}."""
    return dict(river.sql("SELECT order_id, source FROM conversion_credits "
                          "WHERE model = 'last_touch'"))


def wait_for_orders(river, count):
    river.wait()
    eventually(lambda: len(attributed(river)) == count, 60,
               f"not {count} orders")


def test_the_truth_table_of_consent(river, tmp_path):
    """All 81 combinations x {cookie?, id stored?, network stored?, joined?,
    exported, where nobody was asked and where consent is needed?}."""
    browser = Browser(river)
    want, found = {}, {}
    for letters in map("".join, itertools.product("gdu", repeat=4)):
        ads, analytics, user_data, _ = (letter != "d" for letter in letters)
        cookies = buys(browser, letters, consent={
            purpose: {"g": "granted", "d": "denied"}[letter]
            for purpose, letter in zip(PURPOSES, letters) if letter != "u"})
        want["o-" + letters] = (
            analytics, analytics, analytics, analytics,
            ads and analytics and user_data,
            ads and analytics and letters[2] == "g")
        found["o-" + letters] = [bool(cookies.get("_ac_v"))]
    wait_for_orders(river, 81)
    records, source = topic_records(river), attributed(river)
    google = exported(river, "google", tmp_path / "a")
    strict = exported(river, "google-data-manager", tmp_path / "b")
    for order, row in found.items():
        record = records["c-" + order[2:]]
        assert record["consent"] == order[2:]
        row += ["visitor_id" in record, "ip" in record,
                source[order] == order[2:], order in google, order in strict]
        if not row[1]:
            assert not {"session_id", "user_agent", "language"} & set(record)
        assert record.get("ip", "203.0.113.0") == "203.0.113.0"
    assert {order: tuple(row) for order, row in found.items()} == want
    # Counted all the same.
    assert river.sql("SELECT sum(conversions), sum(net_revenue) FROM "
                     "campaign_roi_daily WHERE model = 'linear' AND "
                     "date_basis = 'conversion'") == [["81.000000",
                                                      "810.000000"]]


def test_who_objects_or_is_held_out_is_in_no_export(river, tmp_path):
    """Sec-GPC x DNT x opt-out cookie x what the page says; and a holdout."""
    browser = Browser(river)
    want = set()
    for gpc, dnt, out, page in itertools.product(
            (False, True), (False, True), (False, True),
            ("granted", "denied", None)):
        name = f"{gpc:d}{dnt:d}{out:d}{page or 'nothing'}"
        headers = {**({"Sec_GPC": "1"} if gpc else {}),
                   **({"DNT": "1"} if dnt else {})}
        said = {} if page is None else {"consent": dict.fromkeys(
            PURPOSES, page)}
        got = buys(browser, name, headers, "_ac_out=1" if out else "", **said)
        assert bool(got.get("_ac_v")) == (
            not dnt and not out and page != "denied"), name
        if not (gpc or dnt or out or page == "denied"):
            want.add("o-" + name)
    answer = browser.send("GET", "/p?site=shop", Sec_GPC="1")
    assert answer.headers["X-Opt-Out"] == "gpc"
    assert browser.send("GET", "/p?site=shop").headers["X-Opt-Out"] is None
    now = int(time.time() * 1000)
    for arm in ("holdout", "exposed"):
        server_events(river, [
            {"type": "page", "event_id": "p" + arm, "visitor_id": arm,
             "session_id": arm, "time": now - 2 * HOUR, "url":
             f"https://shop.example/?gclid=click-{arm}",
             "experiment": "hold", "variant": arm},
            {"type": "conversion", "event_id": "c" + arm, "visitor_id": arm,
             "order_id": "o-" + arm, "value": "5", "currency": "USD",
             "time": now - HOUR, "consent": {"ad_user_data": "granted"}}])
    want.add("o-exposed")
    wait_for_orders(river, 26)
    assert exported(river, "google", tmp_path / "a") == want
    told = river.cli("export", "google", "--site", "shop", "--from",
                     "2020-01-01", "--to", "2040-01-01", "--dry-run")
    assert "the customer is held out of a campaign" in told


# --- planted identifiers --------------------------------------------------------
def plants(mark):
    """[(method, target, body, headers)]: a request to every endpoint with
    something of MARK in every place that could name a person."""
    ua = f"Mozilla/5.0 {mark}-agent"
    page = (f"https://shop.example/a?utm_source=n&gclid={mark}-g&fbclid="
            f"{mark}-f&uid={mark}-q&g%63lid={mark}-e#tok={mark}-h")
    referrer = f"https://other.example/?u={mark}-r#x={mark}-s"
    event = {"site": "shop", "url": page, "referrer": referrer,
             "visitor_id": f"{mark}-v", "session_id": f"{mark}-w",
             "user_id": f"{mark}-u", "click_id": f"gclid={mark}-c",
             "email_sha256": mark.encode().hex().ljust(64, "e"),
             "phone_sha256": mark.encode().hex().ljust(64, "f"),
             "screen": f"{mark}-x"[:16], "language": f"{mark}-l",
             "props": {"who": f"{mark}-p"}, "items": [{"sku": f"{mark}-i"}]}
    head = {"User-Agent": ua, "Referer": page, "X-Forwarded-For": ADDRESS,
            "Accept-Language": f"{mark}-al", "Cookie":
            f"_ac_v=v1{mark}.1.{mark}; _ac_s={mark}; other={mark}-cookie"}
    flat = {key: value if isinstance(value, str) else json.dumps(value)
            for key, value in event.items()}
    out = []
    for kind, more in (("page", {}), ("event", {"name": "n"}),
                       ("conversion", {"value": "1"}), ("identify", {}),
                       ("exposure", {"experiment": "e", "variant": "a"})):
        one = {**event, "type": kind, **more}
        out.append(("POST", "/e", json.dumps(one), head))
        out.append(("GET", "/p?" + urllib.parse.urlencode(
            {**flat, "type": kind, **more}), None, head))
    out.append(("GET", "/r?" + urllib.parse.urlencode(
        {"site": "shop", "to": "https://shop.example/?utm_campaign=spring",
         "click_id": f"gclid={mark}-rc"}), None, head))
    out.append(("GET", f"/ab?site=shop&visitor={mark}", None, head))
    out.append(("GET", "/matomo.php?" + urllib.parse.urlencode(
        {"idsite": 1, "rec": 1, "_id": "0123456789abcdef", "uid": mark,
         "url": page, "urlref": referrer, "action_name": "x"}), None, head))
    out.append(("GET", "/i?" + urllib.parse.urlencode(
        {"e": "pv", "aid": "shop", "p": "web", "duid": mark, "uid": mark,
         "sid": mark, "url": page, "refr": referrer, "ip": ADDRESS}), None,
        head))
    out.append(("POST", "/g/collect?" + urllib.parse.urlencode(
        {"v": 2, "tid": "G-1", "cid": mark, "sid": mark, "uid": mark,
         "dl": page, "dr": referrer, "en": "page_view"}), "", head))
    out.append(("POST", "/v1/t", json.dumps(
        {"writeKey": "key", "event": "x", "anonymousId": mark,
         "userId": mark, "context": {"page": {"url": page, "referrer":
                                              referrer}, "ip": ADDRESS,
                                     "userAgent": ua},
         "properties": {"who": mark}}), {**head, "Content-Type":
                                         "text/plain"}))
    out.append(("POST", "/api/event", json.dumps(
        {"n": "pageview", "u": page, "d": "shop.example", "r": referrer,
         "p": {"who": mark}}), head))
    out.append(("POST", "/api/send", json.dumps(
        {"type": "event", "payload": {"website": "u-1", "url": page,
                                      "referrer": referrer, "name": "x",
                                      "data": {"who": mark}}}), head))
    return out


def found(river, *marks):
    """{place: files} of the spool, Kafka's folder, logs, and a dump of the
    database, that hold one of MARKS."""
    places = {
        "spool": river.path("spool"), "kafka": river.kafka.folder,
        "logs": river.path("logs"), "postgres": river.postgres.folder}
    with open(os.path.join(river.folder, "dump.sql"), "w",
              encoding="utf-8") as out:
        subprocess.run(["pg_dump", river.dsn], stdout=out, check=True)
    places["dump"] = os.path.join(river.folder, "dump.sql")
    hits = {}
    for place, folder in places.items():
        done = subprocess.run(
            ["grep", "-rlaF"] + [word for mark in marks
                                 for word in ("-e", mark)] + [folder],
            capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1) or "No such file" in done.stderr
        if done.stdout:
            hits[place] = done.stdout.split()
    return hits


def test_what_is_planted_by_who_denied_is_nowhere(river):
    browser = Browser(river)
    mark, public = (os.urandom(4).hex() + "Q" for _ in range(2))
    hexed = mark.encode().hex()
    answers = []
    for method, target, body, headers in plants(mark):
        # The opt-out cookie denies on every lane; the page's word on ours.
        headers = {**headers, "Cookie": headers["Cookie"] + "; _ac_out=1"}
        answers.append(browser.send(method, target, body, **headers).status)
        if target.startswith("/e"):
            headers = {**headers, "Cookie": headers["Cookie"].replace(
                "_ac_out=1", "")}
            body = json.dumps({**json.loads(body), "consent": {
                "analytics_storage": "denied"}})
            answers.append(browser.send(method, target, body,
                                        **headers).status)
    assert all(status < 400 for status in answers), answers
    server_events(river, [
        {"type": kind, "url": f"https://shop.example/?q={mark}", "value": "1",
         "order_id": f"o{kind}", "name": "x", "visitor_id": mark,
         "session_id": mark, "user_id": mark, "user_agent": mark,
         "ip": ADDRESS, "email": f"{mark}@example.com",
         "click_id": f"gclid={mark}", "props": {"who": mark},
         "consent": {"analytics_storage": "denied"}}
        for kind in ("page", "conversion", "event")])
    river.wait()
    assert len(topic_records(river)) >= len(answers) - 1
    assert found(river, mark, hexed, ADDRESS) == {}

    # The same with consent: all but the full address is there to be found.
    for method, target, body, headers in plants(public):
        browser.send(method, target, body, **headers)
    river.wait()
    assert {"kafka", "dump"} <= set(found(river, public))
    assert found(river, ADDRESS) == {}
