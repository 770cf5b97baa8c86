"""The collector's front over HTTP, with no Kafka at all: whatever is taken
stays in its spool, whatever is not has a clear status and a metric."""

import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import time
import urllib.parse

import pytest

from conftest import BUILD_DIR, eventually, http, raw

PROGRAM = os.path.join(BUILD_DIR, "afterclick-collector")
KEYS = ["key-number-one-of-shop", "key-number-two-of-shop"]
ORIGIN = "https://shop.example"
SITES = """
sites:
  - id: shop
    timezone: UTC
    currency: USD
    hosts: [shop.example]
    keep_network: true
    origins: [%s]
    api_keys: [%s]
    browser_value_cap: 1000
  - id: plain
    timezone: UTC
    currency: USD
    cookies: off
""" % (ORIGIN, ", ".join(KEYS))


class Collector:
    """The built program in FOLDER, with a Kafka address nobody answers. With
    one worker the spool is in the order of the answers; more have none.
    Nothing will reach Kafka, so a stop waits for it only where DRAIN says."""

    def __init__(self, folder, more="", sites=SITES, listen="127.0.0.1:0",
                 workers=1, drain="0"):
        self.folder = folder
        (folder / "sites.yaml").write_text(sites)
        (folder / "collector.yaml").write_text(
            f"listen: {listen}\nadmin_listen: 127.0.0.1:0\n"
            f"workers: {workers}\n"
            f"drain_timeout: {drain}\n"
            "spool: {dir: spool, max_bytes: 4MiB, segment_bytes: 256KiB}\n"
            "kafka: {bootstrap.servers: '127.0.0.1:1'}\n"
            "trusted_proxies: [127.0.0.1]\n" + more)
        self.start()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--config", str(self.folder / "collector.yaml")],
                stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        ready = line and re.fullmatch(r"ready listen=(\S+) admin=(\S+)\n", line)
        assert ready, f"no ready line: {line!r} {self.log()}"
        self.url = "http://" + ready[1]
        self.admin = "http://" + ready[2]

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(60)
        self.process.stdout.close()
        return code

    def post(self, event, headers=None, path="/e"):
        body = event if isinstance(event, (str, bytes)) else json.dumps(event)
        return http(self.url + path, "POST", body,
                    {"Content-Type": "text/plain", **(headers or {})})

    def pixel(self, headers=None, **params):
        return http(self.url + "/p?" + urllib.parse.urlencode(params),
                    headers=headers)

    def signed(self, event, key=KEYS[0], shift=0, headers=None):
        body = event if isinstance(event, str) else json.dumps(event)
        when = str(int(time.time()) + shift)
        mac = hmac.new(key.encode(), f"{when}.{body}".encode(),
                       hashlib.sha256).hexdigest()
        return http(self.url + "/v1/events", "POST", body, {
            "Content-Type": "application/json",
            "Afterclick-Signature": f"t={when},v1={mac}", **(headers or {})})

    def metric(self, name):
        """The value of the row NAME, such as 'x_total{reason="json"}'."""
        for line in http(self.admin + "/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return int(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no metric {name}")

    def rejected(self, reason):
        return self.metric(
            f'afterclick_hits_rejected_total{{reason="{reason}"}}')

    def records(self):
        """The hits in the spool's files, as the disk has them."""
        found = []
        for segment in sorted((self.folder / "spool").glob("*.seg")):
            for text in re.findall(rb'\{"v":1,[ -~]*\}',
                                   segment.read_bytes()):
                try:  # what follows a record may look like text as well
                    found.append(json.JSONDecoder().raw_decode(
                        text.decode())[0])
                except ValueError:
                    pass
        return [r for r in found if r["type"] != "refused"]


@pytest.fixture
def collector(tmp_path):
    one = Collector(tmp_path)
    yield one
    if one.process.poll() is None:
        assert one.stop() == 0
    assert "Sanitizer" not in one.log()


def cookies(answer):
    """{name: (value, attributes)} of the answer's Set-Cookie fields."""
    jar = {}
    for field in answer.headers.get_all("Set-Cookie", []):
        name, rest = field.split("=", 1)
        value, *attributes = rest.split("; ")
        jar[name] = (value, attributes)
    return jar


def jar_header(jar):
    return {"Cookie": "; ".join(f"{n}={v}" for n, (v, _) in jar.items())}


def reasons(answer):
    return [one["reason"] for one in json.loads(answer.body)["rejected"]]


def test_a_hit_is_on_disk_when_it_is_answered(collector):
    assert collector.post({"site": "shop", "event_id": "one"}).status == 204
    assert collector.pixel(site="shop", event_id="two").status == 200
    assert collector.signed({"site": "shop", "event_id": "three"}
                            ).status == 200
    collector.process.kill()
    collector.process.wait(60)
    found = {r["event_id"]: r["lane"] for r in collector.records()}
    assert found == {"one": "browser", "two": "pixel", "three": "server"}


def test_a_missing_kafka_is_shown_and_does_not_stop_hits(collector):
    answer = http(collector.admin + "/readyz")
    state = json.loads(answer.body)
    assert answer.status == 200 and state["ready"] is True
    assert state["kafka"] != "ok" and not state["needs_kafka"]
    assert http(collector.admin + "/healthz").status == 200
    assert http(collector.admin + "/nothing").status == 404
    assert http(collector.admin + "/readyz", "POST", b"x").status == 405


def test_the_pixel_is_an_image_that_no_cache_keeps(collector):
    answer = collector.pixel(site="shop")
    assert answer.status == 200 and len(answer.body) == 43
    assert answer.body.startswith(b"GIF89a")
    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.headers["Cache-Control"] == "no-store"


def test_head_is_not_a_hit(collector):
    assert http(collector.url + "/p?site=shop", "HEAD").status == 200
    assert collector.metric("afterclick_hits_accepted_total") == 0


@pytest.mark.parametrize("body, status, reason", [
    ("{", 400, "json"),
    ("", 400, "json"),
    ("[]", 400, "json"),
    ('{"events":[]}', 400, "json"),
    ('{"events":{}}', 400, "json"),
    ('{"site":"shop"} x', 400, "json"),
    ('{"site":"shop","site":"shop"}', 400, "json"),
    ('{"events":[7]}', 400, "json"),
    ('{"type":"page"}', 400, "site"),
    ('{"site":"nope"}', 400, "site"),
    ('{"site":"shop","value":"NaN"}', 400, "value"),
    ('{"site":"shop","value":NaN}', 400, "json"),
    ('{"site":"shop","value":-1}', 400, "value"),
    ('{"site":"shop","value":1e9}', 400, "value"),
    ('{"site":"shop","value":1000.01}', 400, "value_cap"),
    ('{"site":"shop","event_id":"a b"}', 400, "field"),
    ('{"site":"shop","type":"purchase"}', 400, "field"),
    ('{"site":"shop","currency":"EURO"}', 400, "field"),
    ('{"site":"shop","email":"a@b.example"}', 400, "field"),
    ('{"site":"shop","time":"soon"}', 400, "time"),
    ('{"site":"shop","items":["' + "x" * 16384 + '"]}', 413, "size"),
    ('{"events":[' + ",".join(['{"site":"shop"}'] * 101) + "]}", 413, "size"),
])
def test_a_bad_hit_has_a_status_and_a_metric(collector, body, status, reason):
    assert collector.post(body).status == status
    assert collector.rejected(reason) >= 1
    assert collector.metric("afterclick_hits_accepted_total") == 0


def test_a_bad_pixel_has_a_status_and_a_metric(collector):
    assert collector.pixel(site="nope").status == 400
    assert collector.rejected("site") == 1
    assert collector.pixel(site="shop", value="NaN").status == 400
    assert collector.rejected("value") == 1


def test_nothing_of_a_bad_hit_comes_back_in_the_answer(collector):
    evil = "<script>alert(1)</script>"
    for answer in (collector.post({"site": evil}),
                   collector.post({"site": "shop", "type": evil}),
                   collector.pixel(site=evil), collector.post(evil),
                   http(collector.url + "/" + urllib.parse.quote(evil))):
        assert answer.status in (400, 404)
        assert b"script" not in answer.body


def test_a_good_hit_survives_its_bad_neighbours(collector):
    answer = collector.post({"events": [
        {"site": "shop", "event_id": "good"}, {"site": "nope"},
        {"site": "shop", "value": -1}]})
    assert answer.status == 200
    assert json.loads(answer.body)["accepted"] == 1
    assert [r["index"] for r in json.loads(answer.body)["rejected"]] == [1, 2]


def test_bodies_over_the_limit_are_refused(collector):
    assert b" 413 " in raw(collector.url, (
        "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"
    ).encode(), timeout=3).split(b"\r\n")[0]


def test_other_types_of_body_are_refused(collector):
    answer = collector.post({"site": "shop"}, {"Content-Type": "text/html"})
    assert answer.status == 415
    assert collector.post({"site": "shop"}, {
        "Content-Type": "application/json; charset=utf-8"}).status == 204


@pytest.mark.parametrize("path, method, allow", [
    ("/e", "GET", "POST, OPTIONS"), ("/e", "DELETE", "POST, OPTIONS"),
    ("/p", "POST", "GET, HEAD"), ("/v1/events", "GET", "POST"),
    ("/t.js", "POST", "GET, HEAD")])
def test_wrong_methods_hear_which_are_right(collector, path, method, allow):
    answer = http(collector.url + path, method)
    assert answer.status == 405 and answer.headers["Allow"] == allow


def test_unknown_paths_are_404(collector):
    assert http(collector.url + "/").status == 404
    assert http(collector.url + "/e/").status == 404
    assert http(collector.url + "/metrics").status == 404


def test_the_visitor_stays_and_its_cookie_is_never_renewed(collector):
    first = cookies(collector.pixel(site="shop"))
    assert set(first) == {"_ac_v", "_ac_s"}
    value, attributes = first["_ac_v"]
    assert set(attributes) == {
        "Max-Age=33955200", "Path=/", "HttpOnly", "SameSite=Lax"}
    again = cookies(collector.pixel(jar_header(first), site="shop"))
    assert set(again) == {"_ac_s"}
    assert again["_ac_s"][0].split(".")[0] == first["_ac_s"][0].split(".")[0]
    visitors = {r["visitor_id"] for r in collector.records()}
    assert visitors == {value.split(".")[0]}


def test_a_forged_cookie_is_replaced(collector):
    first = cookies(collector.pixel(site="shop"))
    value = first["_ac_v"][0]
    forged = {"_ac_v": (("A" if value[0] != "A" else "B") + value[1:], [])}
    again = cookies(collector.pixel(jar_header(forged), site="shop"))
    assert again["_ac_v"][0].split(".")[0] not in (
        value.split(".")[0], forged["_ac_v"][0].split(".")[0])


def test_visitors_outlive_a_restart(collector):
    jar = cookies(collector.pixel(site="shop"))
    assert collector.stop() == 0
    collector.start()
    assert "_ac_v" not in cookies(
        collector.pixel(jar_header(jar), site="shop"))


def test_a_new_campaign_begins_a_visit(collector):
    def visit(jar):
        return jar["_ac_s"][0].split(".")[0]
    home = "https://shop.example/"
    jar = cookies(collector.pixel(site="shop", url=home))
    first = visit(jar)
    jar.update(cookies(collector.pixel(
        jar_header(jar), site="shop", url=home + "?utm_source=mail")))
    second = visit(jar)
    jar.update(cookies(collector.pixel(
        jar_header(jar), site="shop", url=home + "?utm_source=mail")))
    assert first != second == visit(jar)
    jar.update(cookies(collector.pixel(
        jar_header(jar), site="shop", url=home + "2",
        referrer="https://search.example/")))
    assert visit(jar) != second


def test_cookies_are_secure_behind_https(collector):
    https = {"X-Forwarded-Proto": "https"}
    value = cookies(collector.pixel(https, site="shop"))["_ac_v"]
    assert "Secure" in value[1] and "SameSite=Lax" in value[1]
    https["Sec-Fetch-Site"] = "cross-site"
    value = cookies(collector.pixel(https, site="shop"))["_ac_v"]
    assert "Secure" in value[1] and "SameSite=None" in value[1]


def test_denied_storage_leaves_no_trace_and_clears_cookies(collector):
    jar = cookies(collector.pixel(site="shop", event_id="before"))
    answer = collector.post({
        "site": "shop", "event_id": "after", "user_id": "planted-user",
        "url": "https://shop.example/?utm_source=a&gclid=planted-click",
        "consent": {"analytics_storage": "denied"}},
        {**jar_header(jar), "User-Agent": "planted-agent",
         "X-Forwarded-For": "198.51.100.77"})
    assert answer.status == 204
    assert {n: v for n, (v, _) in cookies(answer).items()} == {
        "_ac_v": "", "_ac_s": ""}
    record = [r for r in collector.records() if r["event_id"] == "after"][0]
    assert record["consent"] == "uduu"
    assert "planted" not in json.dumps(record)
    assert not {"visitor_id", "session_id", "ip", "user_agent"} & set(record)
    assert "utm_source=a" in record["url"]


def test_gpc_denies_advertising(collector):
    collector.post({"site": "shop", "event_id": "g", "click_id": "gclid=1"},
                   {"Sec-GPC": "1"})
    record = collector.records()[0]
    assert record["consent"] == "dudd" and "click_id" not in record


def test_addresses_are_cut_before_they_are_kept(collector):
    collector.pixel({"X-Forwarded-For": "198.51.100.77"}, site="shop")
    assert [r["ip"] for r in collector.records()] == ["198.51.100.0"]


def test_only_listed_origins_may_send_cookies(collector):
    def allowed(answer):
        assert answer.headers["Vary"] == "Origin"
        return (answer.headers["Access-Control-Allow-Origin"],
                answer.headers["Access-Control-Allow-Credentials"])
    for origin, want in ((ORIGIN, (ORIGIN, "true")),
                         ("https://evil.example", (None, None)),
                         (ORIGIN + ".evil.example", (None, None)),
                         ("http://shop.example", (None, None)),
                         ("null", (None, None))):
        header = {"Origin": origin}
        assert allowed(collector.post({"site": "shop"}, header)) == want
        assert allowed(http(collector.url + "/e", "OPTIONS",
                            headers=header)) == want
    answer = http(collector.url + "/e", "OPTIONS", headers={"Origin": ORIGIN})
    assert answer.status == 204
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    # One site's origin says nothing about another site.
    assert allowed(collector.post({"site": "plain"}, {"Origin": ORIGIN})
                   ) == (None, None)


def test_a_site_without_cookies_sets_none(collector):
    assert cookies(collector.post({"site": "plain"})) == {}


def test_servers_are_believed_when_they_sign(collector):
    answer = collector.signed({"events": [
        {"site": "shop", "event_id": "a", "visitor_id": "v", "value": 5000,
         "email": "John_Smith@gmail.com"},
        {"site": "shop", "time": 1000}, {"site": "nope"}]}, KEYS[1])
    assert answer.status == 200
    result = json.loads(answer.body)
    assert result["accepted"] == 1
    assert [one["index"] for one in result["rejected"]] == [1, 2]
    assert reasons(answer) == ["time is more than 400 days ago",
                               "site is not one of ours"]
    record = collector.records()[0]
    assert record["visitor_id"] == "v" and record["email_sha256"].startswith(
        "62a14e44")
    assert "gmail" not in json.dumps(record)


def test_a_server_without_a_good_signature_gets_401(collector):
    event = {"site": "shop"}
    assert collector.post(event, path="/v1/events").status == 401
    assert collector.signed(event, "wrong-key-of-the-shop").status == 401
    assert collector.signed(event, shift=-301).status == 401
    assert collector.signed(event, shift=302).status == 401
    assert collector.signed(event, headers={
        "Afterclick-Signature": "t=1,v1=00"}).status == 401
    assert collector.rejected("signature") == 5
    assert collector.signed({"site": "plain"}).status == 401
    assert collector.signed({"site": "nope"}).status == 400
    assert collector.signed("{").status == 400
    assert collector.metric("afterclick_hits_accepted_total") == 0


def test_the_tracker_is_cached_by_its_hash(collector):
    answer = http(collector.url + "/t.js")
    assert answer.status == 200 and b"afterclick" in answer.body
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    etag = answer.headers["ETag"]
    assert http(collector.url + "/t.js", headers={
        "If-None-Match": etag}).status == 304
    named = http(collector.url + "/t-" + etag.strip('"') + ".js")
    assert named.body == answer.body
    assert "immutable" in named.headers["Cache-Control"]
    assert hashlib.sha256(answer.body).hexdigest().startswith(
        etag.strip('"'))


def test_a_full_spool_answers_503_and_is_not_ready(tmp_path):
    one = Collector(tmp_path, "")
    try:
        event = {"site": "shop", "type": "conversion",
                 "items": ["x" * 16000]}
        body = {"events": [event] * 3}

        def full():
            answer = one.post(body)
            return answer if answer.status == 503 else None
        answer = eventually(full, 60, "the spool never filled")
        assert answer.headers["Retry-After"]
        assert http(one.admin + "/readyz").status == 503
        assert one.rejected("spool") >= 1
    finally:
        assert one.stop() == 0


def test_hup_reads_the_sites_again_and_keeps_them_on_error(collector):
    sites = collector.folder / "sites.yaml"
    assert collector.post({"site": "third"}).status == 400
    sites.write_text(SITES + "  - id: third\n    timezone: UTC\n"
                     "    currency: EUR\n")
    collector.process.send_signal(signal.SIGHUP)
    eventually(lambda: all(collector.post({"site": "third"}).status == 204
                           for _ in range(8)), 60)
    sites.write_text("sites: nonsense\n")
    collector.process.send_signal(signal.SIGHUP)
    eventually(lambda: "as they were" in collector.log(), 60)
    assert collector.post({"site": "third"}).status == 204


def test_term_keeps_what_kafka_has_not(collector):
    for i in range(20):
        assert collector.post({"site": "shop", "event_id": f"e{i}"}
                              ).status == 204
    assert collector.stop() == 0
    assert len(collector.records()) == 20


def test_wrong_settings_end_with_78_and_all_their_places(tmp_path):
    config = tmp_path / "collector.yaml"
    config.write_text("listen: nonsense\npaths: {events: e}\nwrokers: 2\n")
    done = subprocess.run([PROGRAM, "--config", str(config),
                           "--check-config"], capture_output=True, text=True,
                          timeout=20, check=False)
    assert done.returncode == 78
    for place in (":1:9: listen", ":2:17: paths.events", ":3:1: wrokers"):
        assert place in done.stderr
