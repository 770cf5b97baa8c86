"""The official clients of other systems, to the tables.

Each brings a visitor by a campaign of its own and an order, some a refund;
gtag.js and matomo.js are on no registry, so what they send is written here.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.parse
from decimal import Decimal

from integration_fixtures import http, roi

HERE = os.path.dirname(os.path.abspath(__file__))
AGENT = ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like "
         "Gecko) Chrome/140.0.0.0 Safari/537.36")
COMPATIBLE = json.dumps({
    "snowplow_app_ids": ["sp-app"],
    "matomo_ids": ["7"], "matomo_tokens": ["matomo-token-1"],
    "ga4_ids": ["G-TEST"], "ga4_secrets": ["ga4-secret-1"],
    "segment_keys": ["sg-public"], "segment_secrets": ["sg-server-secret"],
    "plausible_domains": ["shop.example"],
    "umami_ids": ["94db1cb1-74f4-4a40-ad6c-962362670409"]})


def landing(name):
    return (f"https://shop.example/{name}?utm_source={name}&utm_medium=cpc"
            f"&utm_campaign=camp-{name}")


def query(**params):
    return urllib.parse.urlencode(params)


def gtag(url):
    """What gtag.js sends: a page, then a purchase and a refund in one."""
    common = {"v": "2", "tid": "G-TEST", "cid": "123.456", "sid": "1700000000",
              "_p": "9", "sct": "1", "seg": "1", "ul": "en-us",
              "sr": "800x600", "gcs": "G111"}
    headers = {"User-Agent": AGENT, "Content-Type": "text/plain"}
    first = http(url + "/g/collect?" + query(
        **common, _s=1, en="page_view", dl=landing("gtag"), dt="Shop"),
        "POST", b"", headers)
    lines = [query(en="purchase", cu="USD", _s=2, uid="cust-gtag", **{
                 "epn.value": "45.5", "ep.transaction_id": "G-1",
                 "pr1": "idmug~nmMug~pr45.5~qt1", "up.weather": "sun"}),
             query(en="refund", cu="USD", _s=3, **{
                 "epn.value": "5.5", "ep.transaction_id": "G-1"})]
    second = http(url + "/g/collect?" + query(**common), "POST",
                  "\r\n".join(lines), headers)
    # The same customer from another device; the same request twice.
    common.update(cid="789.10", sid="1700000009", uid="cust-gtag")
    line = query(**common, _s=1, en="purchase", cu="USD", **{
        "epn.value": "2", "ep.transaction_id": "G-2"})
    more = [http(url + "/g/collect?" + line, "POST", b"", headers).status
            for _ in range(2)]
    return [first.status, second.status, *more]


def measurement(url, secret, order, value, client="77.88",
                page="https://shop.example/thanks"):
    body = {"client_id": client, "user_id": "cust-mp", "events": [
        {"name": "page_view", "params": {
            "session_id": "5", "page_location": page}},
        {"name": "purchase", "params": {
            "session_id": "5", "transaction_id": order, "value": value,
            "currency": "USD", "items": [{"item_id": "mug"}]}}]}
    to = "collect?measurement_id=G-TEST&api_secret=" + secret
    checked = http(url + "/debug/mp/" + to, "POST", json.dumps(body))
    return (http(url + "/mp/" + to, "POST", json.dumps(body)).status,
            json.loads(checked.body)["validationMessages"])


def matomo_js(url):
    """matomo.js: all in the query, an empty body, by sendBeacon."""
    headers = {"User-Agent": AGENT, "Content-Type": "text/plain",
               "Origin": "https://shop.example"}
    common = {"idsite": "7", "rec": "1", "_id": "fedcba9876543210",
              "send_image": "0", "cookie": "1", "res": "800x600"}
    return [http(url + "/matomo.php?" + query(**common, **more), "POST", b"",
                 headers).status for more in (
        {"r": "1", "url": landing("mjs"), "action_name": "Shop"},
        {"r": "2", "ping": "1", "url": "https://shop.example/"},
        {"r": "3", "idgoal": "0", "ec_id": "J-1", "revenue": "8",
         "ec_dt": "false", "url": "https://shop.example/thanks"},
        {"r": "3", "idgoal": "0", "ec_id": "J-1", "revenue": "8",
         "ec_dt": "false", "url": "https://shop.example/thanks"})]


def debug(river):
    lines = http(river.admin_url + "/debug/hits?n=200").body.splitlines()
    return [json.loads(line) for line in lines]


#         conversions, gross revenue, refunds; where a client knows its
#         customer, the second order is one from another device
WANTED = {
    "spnode": ("2", "44", "15"), "snow": ("1", "60", "20"),
    "matomo": ("2", "36", "0"), "mjs": ("1", "8", "0"),
    "sgnode": ("2", "32", "5"), "next": ("1", "70", "30"),
    "rudder": ("2", "15.5", "2.5"), "gtag": ("2", "47.5", "5.5"),
    "mp": ("2", "34", "0"), "ga4mp": ("1", "21", "1"), "plaus": ("1", "11", "0"),
    "umami": ("1", "9", "0"),
}


def test_the_clients_of_other_systems_fill_the_tables(
        stack, ports, tmp_path):
    river = stack(site_options={
        "origins": f'["http://127.0.0.1:{ports[0]}"]',
        "redirect_hosts": "[shop.example]", "compatible": COMPATIBLE})
    url = river.collector_url
    about = {"collector": url, "shopPort": ports[0], "frontPort": ports[1],
             "profile": str(tmp_path / "profile"),
             "chromium": shutil.which("chromium")}
    day = time.time() // 86400
    done = subprocess.run(["node", os.path.join(HERE, "clients.mjs")],
                          input=json.dumps(about), capture_output=True,
                          text=True, timeout=300, cwd=HERE, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["errors"] == []
    # Whatever was wrong, no client has seen an error.
    assert {status for _, _, status in seen["answers"]} <= {200, 202, 204}
    assert seen["lost"] == 4  # answers: those hits were sent twice
    assert seen["matomo"] == {"status": "success", "tracked": 2, "invalid": 1}

    assert gtag(url) == [204] * 4
    assert measurement(url, "ga4-secret-1", "MP-1", 33,
                       page=landing("mp")) == (204, [])
    assert measurement(url, "ga4-secret-1", "MP-2", 1,
                       client="99.11") == (204, [])
    status, messages = measurement(url, "wrong", "MP-0", 1000)
    assert status == 204
    assert [m["fieldPath"] for m in messages] == ["api_secret"]
    assert matomo_js(url) == [204] * 4
    broken = http(url + "/i?e=ue&aid=sp-app&ue_px=%25%25", "GET", None,
                  {"User-Agent": AGENT})
    assert (broken.status, broken.body[:3]) == (200, b"GIF")

    # A page's preflight with credentials, and a click's way by /r/tp2.
    tp2 = url + "/com.snowplowanalytics.snowplow/tp2"
    origin = f"http://127.0.0.1:{ports[0]}"
    preflight = http(tp2, "OPTIONS", None, {
        "Origin": origin, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,sp-anonymous"})
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == origin
    assert preflight.headers["Access-Control-Allow-Credentials"] == "true"
    assert "SP-Anonymous" in preflight.headers["Access-Control-Allow-Headers"]
    click = http(url + "/r/tp2?" + query(aid="sp-app", u=landing("click")),
                 "GET", None, {"User-Agent": AGENT})
    assert (click.status, click.headers["Location"]) == (302,
                                                         landing("click"))
    assert http(url + "/r/tp2?" + query(
        aid="sp-app", u="https://evil.example/")).status == 403

    # The operator sees why, and what was not kept of what was taken.
    hits = debug(river)
    reasons = {hit.get("reason") for hit in hits}
    for reason in ("ue_pr or ue_px is no self-describing JSON",
                   "api_secret is none of the site's ga4_secrets",
                   "writeKey is none of our segment_keys",
                   "value must be a decimal with at most six places"):
        assert reason in reasons, reasons
    dropped = {name for hit in hits if "reason" not in hit
               for name in hit.get("dropped", "").split(", ")}
    assert dropped >= {"weather", "up.weather", "device", "nested", "traits"}
    metrics = http(river.admin_url + "/metrics").body.decode()
    assert 'hits_rejected_total{reason="signature"} 2\n' in metrics
    assert 'compatible_hits_total{protocol="umami"} 2\n' in metrics

    river.wait()
    table = roi(river, "last_non_direct", "conversions, gross_revenue, refunds")
    got = {origin: tuple(Decimal(value or 0) for value in row)
           for origin, row in table.items()
           if Decimal(row[0] or 0) != 0}
    wanted = {(name, "cpc", f"camp-{name}"):
              tuple(Decimal(value) for value in row)
              for name, row in WANTED.items()}
    if day != time.time() // 86400:
        # Who has no id of a client's is somebody else after midnight.
        for name in ("plaus", "umami"):
            origin = (name, "cpc", f"camp-{name}")
            wanted.pop(origin)
            got.pop(origin, None)
        got.pop(("(none)", "(none)", "(unattributed)"), None)
        got.pop(("(direct)", "(none)", "(direct)"), None)
    assert got == wanted
    assert river.sql("SELECT campaign FROM touches WHERE source = 'click'"
                     ) == [["camp-click"]]
    assert river.sql("SELECT * FROM roi_check") == []
    # Only what a secret came with is verified.
    assert [row[0] for row in river.sql(
        "SELECT order_id FROM conversions WHERE verified ORDER BY 1")] == [
            "GM-1", "MP-1", "MP-2", "S-1", "S-2"]
    # All of them are people, by what their clients say of the browser.
    assert river.sql("SELECT count(*) FROM hits_daily WHERE bot <> ''") == [
        ["0"]]
