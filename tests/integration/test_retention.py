"""What is kept too long goes; numbers that were final stay as they were."""

import pytest

from conftest import eventually, http, server_events
from test_checks import wrong

DAY = 24 * 3600 * 1000


@pytest.fixture
def now(postgres):
    return int(postgres.psql(
        "SELECT (extract(epoch FROM now()) * 1000)::bigint").strip())


def bought(name, time, click=None):
    """A touch, and a purchase an hour later."""
    query = f"?gclid={click}" if click else "?utm_source=news"
    who = {"visitor_id": name, "session_id": name}
    return [
        {"event_id": f"t-{name}", "type": "page", "time": time, **who,
         "url": "https://shop.example/" + query},
        {"event_id": f"c-{name}", "type": "conversion", "value": "10",
         "time": time + 3600 * 1000, "order_id": f"o-{name}",
         "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0",
         "email": f"{name}@example.com", **who}]


NUMBERS = ("SELECT day, date_basis, model, source, conversions, net_revenue, "
           "visits, touches FROM campaign_roi_daily ORDER BY 1, 2, 3, 4")


def kept(river, column, table):
    return [row[0] for row in river.sql(
        f"SELECT event_id FROM {table} WHERE {column} IS NOT NULL AND "
        f"event_id LIKE '{table[0]}-%' ORDER BY 1")]


def test_rows_go_by_their_age_and_old_credits_stay(stack, now):
    """First without any retention, then with 200 days of touches; 30 days of
    look-back freeze what is older than 170."""
    ages = {"old": 220, "edge": 190, "older": 100, "young": 20}
    river = stack()
    server_events(river, [event for name, age in ages.items() for event in
                          bought(name, now - age * DAY, "G" + name)])
    river.wait()
    before = river.sql(NUMBERS)
    assert len(kept(river, "click_id", "touch")) == 4
    river.aggregators[0].stop(20)
    river.known["aggregator_options"]["retention"] = {"touches": "200d"}
    river.write_config()
    river.start_aggregator(0)

    def done():
        page = http(river.aggregator_urls[0] + "/metrics").body.decode()
        return "afterclick_retention_last_run_timestamp_seconds 0" not in page
    eventually(done, 60, "no run of retention ended")
    assert kept(river, "visitor", "touch") == ["t-edge", "t-older", "t-young"]
    assert kept(river, "click_id", "touch") == ["t-young"]
    assert kept(river, "email_sha256", "conversion") == ["c-young"]
    assert kept(river, "user_agent", "conversion") == ["c-young"]
    assert len(kept(river, "event_id", "conversion")) == 4
    # A visitor of old buys again, and is computed anew, but for what is
    # frozen: "old" would have lost its touch.
    server_events(river, bought("again", now - 5 * DAY) + [
        {"event_id": f"new-{name}", "type": "conversion", "value": "5",
         "time": now - 2 * DAY, "visitor_id": name} for name in ages] + [
        {"event_id": "late", "type": "page", "time": now - 180 * DAY,
         "visitor_id": "late", "url": "https://shop.example/?utm_source=x"}])
    river.wait()
    after = [row for row in river.sql(NUMBERS)]
    day = river.sql(f"SELECT to_timestamp({now - 150 * DAY} / 1000)::date")
    assert [row for row in after if row[0] < day[0][0]] == \
        [row for row in before if row[0] < day[0][0]]
    assert river.sql("SELECT reason FROM dead_letter") == [
        ["older than what is kept: the events it needs are gone "
         "(retention.touches)"]]
    # Not a first purchase: it is known that they had bought before.
    assert river.sql("SELECT event_id FROM conversions WHERE new_customer "
                     "ORDER BY 1") == [["c-again"], ["c-edge"], ["c-old"],
                                       ["c-older"], ["c-young"]]
    assert river.sql("SELECT * FROM roi_check") == []
    assert wrong(river) == {}
    assert river.sql("SELECT what FROM retention_run ORDER BY 1") == [
        ["addresses"], ["click_ids"], ["dead_letters"], ["frozen"],
        ["touches"], ["user_agents"]]
