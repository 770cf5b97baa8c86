"""What clients of other systems hear when something is wrong, and what the
operator reads of it. The clients themselves are in tests/browser."""

import json

from conftest import http
from test_collector_http import SITES, Collector

COMPATIBLE = json.dumps({
    "snowplow_app_ids": ["sp-app"], "matomo_ids": ["7"],
    "matomo_tokens": ["matomo-token-1"], "ga4_ids": ["G-TEST"],
    "segment_keys": ["sg-public"], "plausible_domains": ["shop.example"],
    "umami_ids": ["94db1cb1-74f4-4a40-ad6c-962362670409"]})
# A key, id or body that is wrong: what is sent, the answer that the protocol
# has for it, and what the operator reads.
WRONG = [
    ("/com.snowplowanalytics.snowplow/tp2",
     {"schema": "x", "data": [{"e": "pv", "aid": "who-is-this"}]},
     200, b"ok", "aid is none of our snowplow_app_ids"),
    ("/com.snowplowanalytics.snowplow/tp2",
     {"schema": "x", "data": [{"e": "ue", "aid": "sp-app", "ue_px": "%%"}]},
     200, b"ok", "ue_pr or ue_px is no self-describing JSON"),
    ("/com.snowplowanalytics.snowplow/tp2",
     {"schema": "x", "data": [{"e": "pv", "aid": "sp-app", "cx": "ab d"}]},
     200, b"ok", "co or cx is no JSON"),
    ("/matomo.php?idsite=99&rec=1&send_image=0", None,
     204, b"", "idsite is none of our matomo_ids"),
    ("/matomo.php?idsite=7&rec=1&token_auth=wrong&send_image=0", None,
     204, b"", "token_auth is none of the site's matomo_tokens"),
    ("/matomo.php", {"requests": ["?idsite=99&rec=1"]}, 200,
     b'{"status":"success","tracked":0,"invalid":1}',
     "idsite is none of our matomo_ids"),
    ("/v1/t", {"writeKey": "who-is-this", "event": "e"}, 200,
     b'{"success":true}', "writeKey is none of our segment_keys"),
    ("/v1/track", b"{", 400, b'{"success":false}', "the body is no JSON"),
    ("/mp/collect?measurement_id=G-NOBODY", {"client_id": "1", "events": [
        {"name": "e"}]}, 204, b"", "measurement_id is none of our ga4_ids"),
    ("/g/collect?v=2&tid=G-NOBODY&en=e", None, 204, b"",
     "tid is none of our ga4_ids"),
    ("/api/event", {"n": "pageview", "d": "nobody.example"}, 202, b"ok",
     "d is none of our plausible_domains"),
    ("/api/send", {"type": "event", "payload": {"website": "nobody"}}, 200,
     b'{"cache":"","sessionId":"","visitId":""}',
     "website is none of our umami_ids"),
]


def test_what_is_wrong_is_an_answer_for_the_client_and_a_reason_for_us(
        tmp_path):
    one = Collector(tmp_path, sites=SITES.replace(
        "    browser_value_cap: 1000\n",
        f"    browser_value_cap: 1000\n    compatible: {COMPATIBLE}\n"))
    for path, body, status, said, reason in WRONG:
        answer = http(one.url + path, "POST", body if isinstance(body, bytes)
                      else json.dumps(body) if body else b"", {
                          "User-Agent": "Firefox", "Content-Type": "text/plain"})
        assert (answer.status, answer.body) == (status, said), path
        hit = json.loads(http(one.admin + "/debug/hits?n=1").body)
        assert (hit["verdict"], hit["reason"]) == ("refused", reason), path
    assert one.rejected("site") == 8
    assert one.records() == []
    assert one.stop() == 0 and "Sanitizer" not in one.log()
