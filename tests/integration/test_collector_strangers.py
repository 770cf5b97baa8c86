"""What the collector takes from strangers and what not: compressed bodies,
floods, PROXY headers, click redirects, forged sales; and what it tells those
who run it about each."""

import gzip
import hashlib
import hmac
import json
import os
import resource
import shutil
import socket
import struct
import subprocess
import time
import urllib.parse
import zlib

import pytest

from conftest import BUILD_DIR, PATIENCE, eventually, http, raw
from test_collector_http import SITES, Collector, cookies, jar_header

REDIRECT_KEY = "a-key-for-links-of-shop"
MORE_SITES = SITES.replace("browser_value_cap: 1000", """browser_value_cap: 1000
    redirect_hosts: [landing.example]
    redirect_key: %s""" % REDIRECT_KEY) + """
  - id: small
    timezone: UTC
    currency: USD
    hit_rate: 2
    hit_burst: 4
"""


@pytest.fixture
def start(tmp_path):
    """start(more) gives a running Collector with the settings MORE."""
    running = []

    def make(more="", **options):
        folder = tmp_path / str(len(running))
        folder.mkdir()
        options.setdefault("sites", MORE_SITES)
        running.append(Collector(folder, more, **options))
        return running[-1]
    yield make
    for one in running:
        if one.process.poll() is None:
            assert one.stop() == 0
        assert "Sanitizer" not in one.log()


def from_address(address):
    return {"X-Forwarded-For": address}


def hits(one, **query):
    answer = http(one.admin + "/debug/hits?" + urllib.parse.urlencode(query))
    assert answer.status == 200
    return [json.loads(line) for line in answer.body.splitlines()]


# --- compressed bodies --------------------------------------------------------
@pytest.mark.parametrize("coding, pack", [
    ("gzip", gzip.compress), ("GZIP", gzip.compress),
    ("x-gzip", gzip.compress), ("deflate", zlib.compress),
    ("identity", bytes)])
def test_a_compressed_body_is_the_same_hit(start, coding, pack):
    one = start()
    body = json.dumps({"site": "shop", "event_id": "packed"}).encode()
    assert one.post(pack(body), {"Content-Encoding": coding}).status == 204
    assert [r["event_id"] for r in one.records()] == ["packed"]


def test_the_server_lane_signs_the_body_as_it_is_sent(start):
    one = start()
    body = gzip.compress(b'{"site":"shop","event_id":"s1"}')
    when = str(int(time.time()))
    mac = hmac.new(b"key-number-one-of-shop", when.encode() + b"." + body,
                   hashlib.sha256).hexdigest()
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json",
               "Afterclick-Signature": f"t={when},v1={mac}"}
    answer = http(one.url + "/v1/events", "POST", body, headers)
    assert (answer.status, json.loads(answer.body)["accepted"]) == (200, 1)
    assert http(one.url + "/v1/events", "POST", gzip.compress(body),
                headers).status in (400, 401)


@pytest.mark.parametrize("coding", [
    "br", "zstd", "compress", "gzip, gzip", "deflate, gzip", "gzip,", "x"])
def test_other_and_nested_codings_are_415(start, coding):
    one = start()
    answer = one.post(gzip.compress(b'{"site":"shop"}'),
                      {"Content-Encoding": coding})
    assert answer.status == 415
    assert answer.headers["Accept-Encoding"] == "gzip, deflate"
    assert one.rejected("encoding") == 1


def test_two_content_encoding_fields_are_415(start):
    one = start()
    assert raw(one.url, b"POST /e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
               b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"
               b"Content-Length: 2\r\n\r\n{}").startswith(b"HTTP/1.1 415 ")


def test_a_damaged_body_is_400(start):
    one = start()
    good = gzip.compress(b'{"site":"shop"}')
    for body in (good[:-1], good + b"x", b"{}", b"", good[:5]):
        assert one.post(body, {"Content-Encoding": "gzip"}).status == 400
    assert one.rejected("encoding") == 5
    assert one.records() == []


def test_a_bomb_is_413_at_once_and_in_little_memory(start):
    one = start("http: {max_inflated: 64KiB}\n")
    assert one.post({"site": "shop"}).status == 204
    bomb = gzip.compress(gzip_of_zeros := bytes(60 << 20), 9)
    del gzip_of_zeros
    assert 50000 < len(bomb) < 65536

    def rss():
        with open(f"/proc/{one.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    def cpu():
        with open(f"/proc/{one.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    one.post(bomb, {"Content-Encoding": "gzip"})
    before, ticks = rss(), cpu()
    for _ in range(20):
        answer = one.post(bomb, {"Content-Encoding": "gzip"})
        assert answer.status == 413
    assert (cpu() - ticks) * 10 <= 20 * 50 * PATIENCE  # ms
    if PATIENCE == 1:  # a sanitizer keeps what was freed
        assert rss() - before < 1 << 20
    assert one.rejected("size") == 21


# --- floods -------------------------------------------------------------------
def test_an_address_over_its_limit_gets_429_and_others_do_not(start):
    one = start("limits: {address_rate: 2, address_burst: 10}\n", workers=2)
    answers = [one.post({"site": "shop"}, from_address("203.0.113.9"))
               for _ in range(40)]
    refused = [a for a in answers if a.status == 429]
    assert 10 <= len(refused) < 40  # two workers with five tokens each
    assert all(int(a.headers["Retry-After"]) >= 1 for a in refused)
    for i in range(5):
        assert one.post({"site": "shop"},
                        from_address(f"198.51.100.{i}")).status == 204
        assert one.post({"site": "shop"},
                        from_address(f"2001:db8:0:{i}::1")).status == 204
    eventually(lambda: one.metric(
        "afterclick_http_limited_total") == len(refused))


def test_one_ipv6_network_is_one_client(start):
    one = start("limits: {address_rate: 1, address_burst: 2}\n")
    statuses = [one.pixel(site="shop",
                          headers=from_address(f"2001:db8::{i:x}")).status
                for i in range(1, 30)]
    assert statuses.count(429) >= 20


def test_private_addresses_are_limited_only_when_asked_for(start):
    one = start("limits: {address_rate: 1, address_burst: 1}\n")
    assert {one.post({"site": "shop"}).status for _ in range(20)} == {204}
    two = start("limits: {address_rate: 1, address_burst: 1, "
                "private_addresses: true}\n")
    assert 429 in {two.post({"site": "shop"}).status for _ in range(20)}


def test_a_site_over_its_limit_gets_429_and_its_servers_do_not(start):
    one = start()
    answers = [one.post({"site": "small"}) for _ in range(20)]
    refused = [a for a in answers if a.status == 429]
    assert len(refused) >= 8
    assert all(int(a.headers["Retry-After"]) >= 1 for a in refused)
    assert one.rejected("rate") == len(refused)
    assert one.post({"site": "shop"}).status == 204
    # Of a batch what is over the limit is listed, the rest is taken.
    answer = one.post({"events": [{"site": "small"}] * 50 +
                       [{"site": "shop"}]})
    assert answer.status == 200
    assert json.loads(answer.body)["accepted"] >= 1
    assert "limit" in json.loads(answer.body)["rejected"][-1]["reason"]


# --- PROXY protocol -----------------------------------------------------------
REQUEST = (b"GET /p?site=shop&event_id=%s HTTP/1.1\r\nHost: x\r\n"
           b"Connection: close\r\n\r\n")
PROXY = "proxy_protocol: required\n"


def v2(command, family, body):
    return (b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x20 | command, family]) +
            struct.pack(">H", len(body)) + body)


@pytest.mark.parametrize("header, ip", [
    (b"PROXY TCP4 203.0.113.9 192.0.2.1 1000 80\r\n", "203.0.113.0"),
    (b"PROXY TCP6 2001:db8:1:2::3 ::1 1000 80\r\n", "2001:db8:1::"),
    (b"PROXY UNKNOWN\r\n", "127.0.0.0"),
    (v2(1, 0x11, socket.inet_aton("203.0.113.9") + bytes(8)), "203.0.113.0"),
    (v2(1, 0x21, socket.inet_pton(socket.AF_INET6, "2001:db8:1:2::3") +
        bytes(20)), "2001:db8:1::"),
    (v2(0, 0x00, b""), "127.0.0.0"),
])
def test_a_proxy_header_says_whose_hit_it_is(start, header, ip):
    one = start(PROXY)
    assert raw(one.url, header + REQUEST % b"a").startswith(
        b"HTTP/1.1 200 ")
    assert [r["ip"] for r in one.records()] == [ip]


def test_a_proxy_header_may_come_byte_by_byte(start):
    one = start(PROXY)
    where = urllib.parse.urlsplit(one.url)
    with socket.create_connection((where.hostname, where.port), 10) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"PROXY TCP4 203.0.113.9 192.0.2.1 1 2\r\n":
            link.sendall(bytes([byte]))
        link.sendall(REQUEST % b"slow")
        assert link.recv(100).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("header", [
    b"", b"PROXY TCP4 203.0.113.9 192.0.2.1 1000 80\n", b"PROXY TCP4 x\r\n",
    v2(1, 0x11, b"abc"), v2(2, 0x11, bytes(12))])
def test_without_a_good_proxy_header_there_is_no_answer(start, header):
    one = start(PROXY)
    assert raw(one.url, header + REQUEST % b"a", timeout=5) == b""
    assert one.records() == []
    eventually(lambda: one.metric(
        "afterclick_http_proxy_refused_total") == 1)


def test_only_trusted_proxies_may_connect(start, tmp_path):
    one = start(PROXY)
    text = (one.folder / "collector.yaml").read_text()
    (one.folder / "collector.yaml").write_text(
        text.replace("[127.0.0.1]", "[192.0.2.1]"))
    one.stop()
    one.start()
    assert raw(one.url, b"PROXY UNKNOWN\r\n" + REQUEST % b"a",
               timeout=5) == b""
    eventually(lambda: one.metric(
        "afterclick_http_proxy_refused_total") == 1)


def test_a_proxy_header_that_does_not_come_is_waited_for_in_vain(start):
    one = start(PROXY + "http: {header_timeout: 300ms}\n")
    assert raw(one.url, b"PROXY TCP4 ", timeout=5) == b""


# --- slow bodies, crowded networks --------------------------------------------
def connect(one):
    where = urllib.parse.urlsplit(one.url)
    link = socket.create_connection((where.hostname, where.port), 30)
    link.settimeout(30)
    return link


def heard(link):
    """All that comes until the other side closes."""
    answer = b""
    while more := link.recv(65536):
        answer += more
    return answer


def test_a_body_that_trickles_is_408_before_its_deadline(start):
    one = start("http: {body_timeout: 10s, min_body_rate: 1000}\n")
    with connect(one) as link:
        link.sendall(b"POST /e HTTP/1.1\r\nHost: x\r\n"
                     b"Content-Length: 60000\r\n\r\n{")
        began = time.monotonic()
        answer = heard(link)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in answer
    assert time.monotonic() - began < 10
    eventually(lambda: one.metric("afterclick_http_timeouts_total") == 1)


def test_a_slow_body_has_its_time_when_no_rate_is_set(start):
    one = start("http: {body_timeout: 1s, min_body_rate: 0}\n")
    with connect(one) as link:
        link.sendall(b"POST /e HTTP/1.1\r\nHost: x\r\n"
                     b"Content-Length: 60000\r\n\r\n{")
        began = time.monotonic()
        assert heard(link).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began > 0.9


def test_one_network_has_so_many_connections_and_no_more(start):
    one = start("http: {net_connections: 2}\n")
    ask = b"GET /t.js HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(one) as first, connect(one) as second:
        for link in (first, second):
            link.sendall(ask)
            assert link.recv(12) == b"HTTP/1.1 200"
        with connect(one) as third:
            answer = heard(third)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 1" in answer

    def again():
        with connect(one) as link:
            link.sendall(ask)
            return link.recv(12) == b"HTTP/1.1 200"
    eventually(again)


# --- click redirects ----------------------------------------------------------
def follow(one, headers=None, method="GET", **query):
    return http(one.url + "/r?" + urllib.parse.urlencode(query), method,
                headers=headers)


def test_a_click_is_on_disk_when_the_visitor_is_sent_on(start):
    one = start()
    target = "https://landing.example/shoes?size=42#top"
    answer = follow(one, site="shop", to=target, source="partner",
                    medium="affiliate", campaign="spring",
                    headers={"Referer": "https://blog.example/post",
                             "User-Agent": "Firefox"})
    assert answer.status == 302
    assert answer.headers["Location"] == target
    assert answer.headers["Cache-Control"] == "no-store"
    record, = one.records()
    want = {"lane": "redirect", "type": "page", "site": "shop", "url": target,
            "source": "partner", "medium": "affiliate", "campaign": "spring",
            "referrer": "https://blog.example/post", "user_agent": "Firefox"}
    assert {key: record.get(key) for key in want} == want
    assert record["visitor_id"] and record["session_id"]
    # The landing page's hit is of the same visitor and visit.
    jar = cookies(answer)
    assert set(jar) == {"_ac_v", "_ac_s"}
    one.post({"site": "shop", "url": target,
              "referrer": "https://blog.example/post"}, jar_header(jar))
    landing = one.records()[-1]
    assert landing["visitor_id"] == record["visitor_id"]
    assert landing["session_id"] == record["session_id"]


def test_where_a_click_may_not_lead_it_does_not(start):
    one = start()
    for query, status in [
            ({"site": "shop"}, 400), ({"to": "https://landing.example"}, 400),
            ({"site": "nope", "to": "https://landing.example"}, 400),
            ({"site": "shop", "to": "http://landing.example"}, 400),
            ({"site": "shop", "to": "//landing.example"}, 400),
            ({"site": "shop", "to": "https://evil.example@landing.example"},
             400),
            ({"site": "shop", "to": "https://landing.example\\@evil.example"},
             400),
            ({"site": "shop", "to": "https://landing.example\r\nX: y"}, 400),
            ({"site": "shop", "to": "https://evil.example"}, 403),
            ({"site": "shop", "to": "https://landing.example:8443"}, 403),
            ({"site": "shop", "to": "https://landing.example.evil.example"},
             403),
            ({"site": "plain", "to": "https://landing.example"}, 404)]:
        answer = follow(one, **query)
        assert (query, answer.status) == (query, status)
        assert "Location" not in answer.headers
        assert "X" not in answer.headers
    assert one.records() == []
    assert one.rejected("redirect") == 12


def sign(site, campaign, to):
    return hmac.new(REDIRECT_KEY.encode(), f"{site}\n{campaign}\n{to}".encode(),
                    hashlib.sha256).hexdigest()


def test_a_signed_link_leads_to_its_target_only(start):
    one = start()
    to = "https://partner.example/a b".replace(" ", "%20")
    query = {"site": "shop", "to": to, "campaign": "été",
             "sig": sign("shop", "été", to)}
    assert follow(one, **query).headers["Location"] == to
    for change in ({"to": to + "x"}, {"campaign": "ete"}, {"sig": "00"},
                   {"sig": sign("plain", "été", to)}, {"campaign": ""}):
        assert follow(one, **{**query, **change}).status == 403
    # Of two parameters of one name the first counts, in all we do.
    answer = http(one.url + "/r?" + urllib.parse.urlencode(query) +
                  "&to=https%3A%2F%2Fevil.example%2F")
    assert answer.headers["Location"] == to


def test_head_and_what_is_fetched_ahead_are_no_clicks(start):
    one = start()
    link = {"site": "shop", "to": "https://landing.example/"}
    assert follow(one, method="HEAD", **link).status == 302
    for headers in ({"Sec-Purpose": "prefetch;prerender"},
                    {"Purpose": "prefetch"}, {"X-Moz": "prefetch"},
                    {"Purpose": "preview"}):
        answer = follow(one, headers, **link)
        assert answer.headers["Location"] == link["to"]
        assert "Set-Cookie" not in answer.headers
    assert one.records() == []
    assert one.metric("afterclick_redirects_total") == 5


def test_a_click_that_cannot_be_counted_leads_on_all_the_same(start):
    one = start()
    link = {"site": "shop", "to": "https://landing.example/"}
    assert follow(one, campaign="c" * 300, **link).status == 302
    assert one.records() == []
    assert one.rejected("field") == 1
    assert follow(one, fbclid="x", event_id="a b", value="1", **link
                  ).status == 302
    assert "value" not in one.records()[0]


def test_the_program_makes_links_that_the_collector_follows(start):
    one = start()
    program = os.path.join(BUILD_DIR, "afterclick")
    (one.folder / "aggregator.yaml").write_text(
        "kafka: {bootstrap.servers: '127.0.0.1:1'}\n"
        "postgres: {dsn: 'host=127.0.0.1 port=1'}\nsites_file: sites.yaml\n")
    shutil.copy(os.path.join(os.path.dirname(__file__), "..", "..", "config",
                             "channels.yaml"), one.folder)

    def link(*args):
        return subprocess.run(
            [program, "--config", str(one.folder / "aggregator.yaml"), "link",
             "--site", "shop", "--at", one.url + "/r", *args],
            capture_output=True, text=True, timeout=30, check=False)
    made = link("--to", "https://partner.example/?a=b&c=d%20e#f", "--campaign",
                "spring & more", "--source", "x+y")
    assert (made.returncode, made.stderr) == (0, "")
    answer = http(made.stdout.strip())
    assert answer.status == 302
    assert answer.headers["Location"] == \
        "https://partner.example/?a=b&c=d%20e#f"
    record, = one.records()
    assert (record["campaign"], record["source"]) == ("spring & more", "x+y")
    for bad in ("http://partner.example/", "https://u@partner.example/"):
        made = link("--to", bad)
        assert (made.returncode, made.stdout) == (1, "")
        assert "https" in made.stderr


# --- believed and not ---------------------------------------------------------
def test_a_browser_cannot_state_a_sale_above_the_cap(start):
    one = start()
    sale = {"site": "shop", "type": "conversion", "order_id": "forged",
            "currency": "USD"}
    assert one.post({**sale, "value": "1000000000"}).status == 400
    assert one.post({**sale, "value": "1000.000001"}).status == 400
    assert one.pixel(**sale, value="1000.01").status == 400
    assert one.rejected("value_cap") == 3
    assert one.post({**sale, "value": 1000}).status == 204
    assert one.signed({**sale, "value": "1000000000"}).status == 200
    assert [(r["lane"], r["value"]) for r in one.records()] == [
        ("browser", "1000"), ("server", "1000000000")]
    assert [h["reason"] for h in hits(one) if h["verdict"] == "refused"] == [
        "value is above the site's cap for browsers"] * 3


# --- /debug/hits --------------------------------------------------------------
def test_the_last_hits_are_shown_with_their_verdicts(start):
    one = start()
    one.post({"site": "shop", "event_id": "0123456789abcdef",
              "order_id": "order-number-1", "type": "conversion"},
             from_address("203.0.113.77"))
    one.post({"site": "shop", "value": -1})
    one.post({"site": "nope"})
    one.post("not json")
    one.signed({"site": "shop"}, key="wrong-key-of-the-shop")
    one.post(b"x", {"Content-Encoding": "br"})
    http(one.url + "/nothing")
    shown = hits(one)[::-1]  # the newest is first
    assert [(h["verdict"], h.get("status")) for h in shown] == [
        ("accepted", None), ("refused", 400), ("refused", 400),
        ("refused", 400), ("refused", 401), ("refused", 415)]
    first = shown[0]
    assert (first["event_id"], first["order_id"], first["ip"], first["lane"],
            first["type"]) == ("01234567", "order-nu", "203.0.113.0",
                               "browser", "conversion")
    assert len(first["visitor_id"]) == 8
    assert shown[1]["reason"].startswith("value ")
    text = http(one.admin + "/debug/hits").body.decode()
    for secret in ("0123456789abcdef", "order-number-1", "203.0.113.77"):
        assert secret not in text


def test_the_last_hits_are_200_a_worker_and_can_be_chosen(start):
    one = start()
    for i in range(250):
        assert one.pixel(site="shop" if i % 2 else "plain",
                         event_id=f"e{i}").status == 200
    shown = hits(one)
    assert 200 == len(shown)
    assert shown[0]["time"] >= shown[-1]["time"]
    assert {h["site"] for h in hits(one, site="plain")} == {"plain"}
    assert len(hits(one, n=7)) == 7
    assert hits(one, site="nope") == []
    assert http(one.admin + "/debug/hits?n=x").status == 400


# --- metrics ------------------------------------------------------------------
@pytest.mark.skipif(shutil.which("promtool") is None,
                    reason="promtool is not installed")
def test_promtool_has_nothing_to_say_about_the_metrics(start):
    one = start()
    one.post({"site": "shop"})
    text = http(one.admin + "/metrics").body
    done = subprocess.run(["promtool", "check", "metrics"], input=text,
                          capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_record_is_kept_while_its_metrics_are_read(start):
    one = start()
    eventually(lambda: http(one.admin + "/metrics").status == 200)
    for family in ("http_limited", "http_inflated", "redirects",
                   "http_proxy_refused"):
        assert one.metric(f"afterclick_{family}_total") == 0
