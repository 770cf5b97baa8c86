"""
How well hits were tracked: counted from the collector's door to the views,
and what is unusual marked; the numbers are worked out here once more.
"""

import json

from conftest import eventually, http

HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://google.com/bot.html)"


def post(river, event, agent=HUMAN, **headers):
    body = event if isinstance(event, str) else json.dumps(event)
    return http(river.collector_url + "/e", "POST", body, {
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
    assert http(river.collector_url + "/v1/events", "POST", json.dumps(
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
    river.collector.stop(20)  # in order: nothing is lost
    river.start_collector()
    want["value"] += 1
    eventually(lambda: refused(river) == want, 60)
    # None of it is a hit.
    assert river.sql("SELECT count(*) FROM hits_daily") == [["0"]]
    assert counts(river, "hits, accepted, refused, refused_by_reason->'json'"
                  ) == ["10", "0", "10", "1"]

