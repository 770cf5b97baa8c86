"""What should wake somebody about a site: the aggregator's gauges and the
dashboard say when conversions stop while visits go on, and when less is
tracked than before. Rows are put into the tables of a running aggregator."""

import json
import re

import pytest

from conftest import eventually, http

RULES = """
SET search_path = afterclick;
CREATE FUNCTION pg_temp.put(first int, last int, back int, lane text,
    "order" boolean) RETURNS void LANGUAGE sql AS $$
INSERT INTO conversion (site, event_id, goal, ts, order_id, dedup_key,
    value_micros, currency, verified, lane, purchase, lookback_ms)
SELECT 'shop', 'e' || n, 'purchase', now() - back * interval '1 day',
    CASE WHEN "order" THEN 'o' || n END, CASE WHEN "order" THEN 'o' || n END,
    1000000, 'USD', true, lane, true, 1
FROM generate_series(first, last) n;
INSERT INTO outcome (site, event_id, customer, state, day, value_micros,
    refunded_micros, new_customer, purchase, refund_days, refund_micros)
SELECT 'shop', 'e' || n, md5('e' || n)::uuid, 0, current_date - back,
    1000000, 0, true, true, '{}', '{}'
FROM generate_series(first, last) n;
$$;
"""


def put(river, first, last, back=0, lane="server", order=False):
    river.sql(RULES + f"SELECT pg_temp.put({first}, {last}, {back}, '{lane}', "
              f"{'true' if order else 'false'})")


def views(river, hits):
    river.sql("INSERT INTO hits_daily VALUES (current_date, 'shop', 'page', "
              f"'browser', '', {hits}) ON CONFLICT (day, site, type, lane, bot)"
              " DO UPDATE SET hits = hits_daily.hits + excluded.hits")


def gauges(river):
    """{name and labels: value} of the site's gauges."""
    body = http(river.aggregator_urls[0] + "/metrics").body.decode()
    return {name: float(value) for name, value in re.findall(
        r"^afterclick_site_(\S+) (\S+)$", body, re.M)}


MISSING = 'missing_conversions{site="shop"}'


def watched(river):
    answer = http(river.dashboard_url + "/api/quality?site=shop", headers={
        "Authorization": "Bearer " + river.known["dashboard_token"]})
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["watch"]


@pytest.fixture
def river(stack):
    it = stack()
    it.sql("INSERT INTO hits_daily SELECT current_date - n, 'shop', 'page', "
           "'browser', '', 1000 FROM generate_series(1, 28) n")
    for back in range(1, 29):  # two in a hundred views
        put(it, back * 1000, back * 1000 + 19, back)
    return it


def test_conversions_that_stop_while_visits_go_on_are_counted(river):
    put(river, 1, 5)
    views(river, 250)
    eventually(lambda: gauges(river).get(MISSING) == 0, 60)
    views(river, 1500)
    eventually(lambda: gauges(river)[MISSING] == 30, 60)
    # Bots and what is uploaded say nothing; one who buys says all.
    river.sql("INSERT INTO hits_daily VALUES (current_date, 'shop', 'page', "
              "'browser', 'rule', 5000)")
    put(river, 6, 9, lane="import")
    views(river, 500)
    eventually(lambda: gauges(river)[MISSING] == 40, 60)
    put(river, 10, 10)
    eventually(lambda: gauges(river)[MISSING] == 0, 60)
    assert watched(river)["missing_conversions"] == 0


def test_days_without_any_are_missing_at_the_first_look(river):
    # The day before yesterday was the last, in whichever aggregator's view.
    river.sql("DELETE FROM outcome WHERE day = current_date - 1")
    views(river, 1000)
    eventually(lambda: gauges(river).get(MISSING) == 40, 60)
    seen = watched(river)
    assert seen["missing_conversions"] == 40
    assert seen["views_since"] == 2000
    # A site that hardly ever sells is not said to have stopped.
    river.sql("DELETE FROM outcome WHERE event_id NOT IN ('e2000', 'e3000')")
    eventually(lambda: MISSING not in gauges(river), 60)
    assert watched(river)["missing_conversions"] is None


def test_coverage_is_held_against_its_own_past(river):
    river.sql("INSERT INTO shop_order SELECT 'shop', 'o' || back * 1000 + n, "
              "current_date - back, now(), 1000000, 'USD', false, 1 "
              "FROM generate_series(1, 28) back, generate_series(0, 19) n")
    river.sql("UPDATE conversion SET order_id = replace(event_id, 'e', 'o'), "
              "dedup_key = replace(event_id, 'e', 'o') WHERE substr(event_id, "
              "2)::int % 20 < CASE WHEN substr(event_id, 2)::int < 8000 "
              "THEN 10 ELSE 19 END")
    river.sql("INSERT INTO dimension (site, source, medium, campaign, channel) "
              "VALUES ('shop', 'google', 'cpc', 'c', 'Paid Search')")
    river.sql("""
    INSERT INTO cost (platform, account, site, day, source, medium, campaign,
        campaign_id, dim, amount_micros, currency, cost_micros, clicks,
        impressions, import_id, name)
    SELECT 'generic', '', 'shop', current_date - n, 'google', 'cpc', 'c', '',
        dim, 1, 'USD', 1, 100, 1, 1, 'c'
    FROM generate_series(1, 28) n, dimension WHERE campaign = 'c'""")
    river.sql("INSERT INTO traffic_daily (day, dim, visits, touches) SELECT "
              "current_date - n, dim, 60, 60 FROM generate_series(1, 28) n, "
              "dimension WHERE campaign = 'c'")
    want = {'coverage{site="shop",of="orders"}': .5,
            'coverage_before{site="shop",of="orders"}': .95,
            'coverage{site="shop",of="clicks"}': .6,
            'coverage_before{site="shop",of="clicks"}': .6}
    eventually(lambda: {name: value for name, value in gauges(river).items()
                        if name != MISSING} == want, 60)
    seen = watched(river)
    assert (seen["orders"], seen["tracked_orders"]) == (140, 70)
    assert (seen["order_coverage"], seen["order_coverage_before"]) == (.5, .95)
    assert (seen["clicks"], seen["landed_clicks"]) == (700, 420)
    # Too few to say anything of.
    river.sql("DELETE FROM shop_order WHERE day > current_date - 5")
    river.sql("UPDATE cost SET clicks = 10")
    eventually(lambda: set(gauges(river)) <= {MISSING} or
               'coverage{site="shop",of="clicks"}' not in gauges(river), 60)
    river.sql("DELETE FROM shop_order WHERE right(order_id, 1) <> '1'")
    eventually(lambda: set(gauges(river)) == {MISSING}, 60)
