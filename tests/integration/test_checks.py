"""The aggregator notices, while it runs, when sums do not agree."""

import re

import pytest

from conftest import eventually, http, server_events

DAY = 24 * 3600 * 1000
BASE = 1774000800000  # 2026-03-20 10:00 UTC


@pytest.fixture
def river(stack):
    it = stack()
    events = []
    for n in range(3):
        events += [
            {"event_id": f"e{n}", "type": "page", "time": BASE + n * DAY,
             "visitor_id": "v1", "url": "https://shop.example/?utm_source=a"},
            {"event_id": f"c{n}", "type": "conversion", "value": "10",
             "time": BASE + n * DAY + 1000, "visitor_id": "v1",
             "order_id": f"o{n}"}]
    server_events(it, events + [
        {"event_id": "r", "type": "refund", "order_id": "o1", "value": "4",
         "time": BASE + 2 * DAY}])
    it.wait()
    return it


def page(river):
    return http(river.aggregator_urls[0] + "/metrics").body.decode()


def wrong(river):
    """{rule: sums that do not agree}, those that do left out."""
    return {rule: int(n) for rule, n in re.findall(
        r'^afterclick_check_violations\{rule="(\w+)"\} (\d+)$', page(river),
        re.M) if n != "0"}


def swept(river):
    return int(re.search(
        r"^afterclick_check_swept_timestamp_seconds (\d+)", page(river),
        re.M).group(1))


BREAK = {
    # Whole rows: what they break, and what mends them.
    "cells": ("campaign_daily SET value_micros = value_micros + 1 WHERE "
              "basis = 1 AND day = '2026-03-20'", {"cells"}),
    "cells and days": ("campaign_daily SET value_micros = value_micros + 1 "
                       "WHERE basis = 0 AND day = '2026-03-20'",
                       {"cells", "days"}),
    "credits": ("credit SET value_micros[1] = value_micros[1] + 1 WHERE "
                "event_id = 'c0'", {"cells", "credits"}),
    "refunds": ("campaign_daily SET booked_refund_micros = "
                "booked_refund_micros + 1 WHERE basis = 0 AND "
                "booked_refund_micros <> 0", {"refunds"}),
}


def test_a_sum_broken_by_hand_shows_in_the_metrics_until_it_is_mended(river):
    eventually(lambda: swept(river) > 0, 60, "no sweep ended")
    assert wrong(river) == {}
    for name, (change, rules) in BREAK.items():
        river.sql("UPDATE " + change)
        assert river.sql("SELECT count(*) > 0 FROM roi_check") == [["t"]]
        eventually(lambda: set(wrong(river)) == rules, 60,
                   f"{name}: {wrong(river)}")
        health = http(river.aggregator_urls[0] + "/healthz")
        assert health.status == 200
        assert "sums of the tables do not agree" in health.body.decode()
        river.sql("UPDATE " + change.replace("+ 1 ", "- 1 "))
        assert river.sql("SELECT * FROM roi_check") == []
        eventually(lambda: wrong(river) == {}, 60, f"{name} stayed")
    assert http(river.aggregator_urls[0] + "/healthz").body == b"ok\n"
    assert "sums of 2026-03-20 do not agree" in river.aggregators[0].output()
