"""What is kept too long goes; numbers that were final stay as they were."""

import json
import subprocess

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


def keep(river, **settings):
    river.aggregators[0].stop(60)
    river.known["aggregator_options"]["retention"] = settings
    river.write_config()
    river.start_aggregator(0)


def ran(river):
    def done():
        page = http(river.aggregator_urls[0] + "/metrics").body.decode()
        return "afterclick_retention_last_run_timestamp_seconds 0" not in page
    eventually(done, 60, "no run of retention ended")


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
    keep(river, touches="200d")
    ran(river)
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
        ["addresses"], ["click_ids"], ["conversions"], ["dead_letters"],
        ["frozen"], ["order_ids"], ["touches"], ["user_agents"]]


def limits(river, now):
    """Rows past the limit that docs/data-map.md names, by table and column;
    settings as in the test below."""
    over = []
    for table, age, where in (
            ("touch", 100, "true"), ("touch", 30, "click_id IS NOT NULL"),
            ("conversion", 100, "event_id <> 'c-refunded'"),
            ("conversion", 30, "NOT order_is_hash(order_id)"),
            ("conversion", 30, "NOT order_is_hash(dedup_key)"),
            ("conversion", 30, "click_id IS NOT NULL"),
            ("conversion", 30, "coalesce(email_sha256, email_google_sha256, "
             "phone_sha256, phone_digits_sha256) IS NOT NULL"),
            ("conversion", 30, "coalesce(user_agent, page_url) IS NOT NULL"),
            ("refund", 30, "NOT order_is_hash(order_id)"),
            ("exposure", 100, "true")):
        count = river.sql(
            f"SELECT count(*) FROM {table} WHERE ts < to_timestamp("
            f"{now - age * DAY} / 1000) AND {where}")[0][0]
        over += [(table, where, count)] if count != "0" else []
    for table, column in (("outcome", "day"), ("credit", "conversion_day")):
        over += [(table, *row) for row in river.sql(
            f"SELECT event_id, {column} FROM {table} WHERE event_id <> "
            f"'c-refunded' AND {column} < to_timestamp("
            f"{now - 101 * DAY} / 1000)::date")]
    return over


def test_nothing_is_kept_past_its_limit(stack, now):
    """Events of up to thirteen months, then thirty and a hundred days:
    what is personal goes, the numbers stay, and orders of old are still
    found by their id."""
    ages = {"oldest": 395, "older": 150, "refunded": 120, "hashed": 60,
            "young": 20}
    river = stack()
    server_events(river, [event for name, age in ages.items() for event in
                          bought(name, now - age * DAY, "G" + name)] + [
        {"event_id": "r-1", "type": "refund", "order_id": "o-refunded",
         "refund_id": "R1", "value": "1", "time": now - 10 * DAY}] + [
        {"event_id": f"x-{name}", "type": "exposure", "experiment": name,
         "variant": "a", "visitor_id": name, "time": now - age * DAY}
        for name, age in ages.items()])
    river.wait()
    before = river.sql(NUMBERS)
    assert len(limits(river, now)) == 12, "the test would prove nothing"
    keep(river, touches="100d", conversions="100d", **dict.fromkeys(
        ("click_ids", "addresses", "user_agents", "order_ids"), "30d"))
    ran(river)
    assert limits(river, now) == []
    assert river.sql(NUMBERS) == before
    assert kept(river, "event_id", "conversion") == [
        "c-hashed", "c-refunded", "c-young"]
    assert river.sql("SELECT order_id FROM conversion WHERE NOT "
                     "order_is_hash(order_id)") == [["o-young"]]
    dump = subprocess.run(["pg_dump", "--data-only", river.dsn], check=True,
                          capture_output=True, text=True).stdout
    assert "o-young" in dump
    for name in ("oldest", "older", "refunded", "hashed"):
        assert f"o-{name}" not in dump and f"G{name}" not in dump
    assert river.sql("SELECT * FROM roi_check") == [] and wrong(river) == {}

    # A refund, a repetition, a correction and the shop's export name the
    # order as ever.
    server_events(river, [
        {"event_id": "r-2", "type": "refund", "order_id": "o-hashed",
         "refund_id": "R2", "value": "4", "time": now - DAY},
        {"event_id": "again", "type": "conversion", "order_id": "o-hashed",
         "value": "10", "visitor_id": "hashed", "time": now - DAY}])
    river.wait()
    assert river.sql("SELECT event_id, refunds FROM conversions ORDER BY 1") \
        == [["c-hashed", "4.000000"], ["c-refunded", "1.000000"],
            ["c-young", "0.000000"]]
    file = river.path("file.csv")
    with open(file, "w", encoding="utf-8") as out:
        out.write("Adjustment Type,Order ID,time,Adjusted Value,currency\n"
                  f"RESTATE,o-hashed,{now - DAY // 2},3,USD\n")
    river.cli("import-conversions", file, "--site", river.site, "--collector",
              river.collector_url)
    river.wait()
    assert river.sql("SELECT net_revenue FROM conversions WHERE event_id = "
                     "'c-hashed'") == [["3.000000"]]
    day = river.sql(f"SELECT to_timestamp({now - 60 * DAY} / 1000)::date")
    with open(file, "w", encoding="utf-8") as out:
        out.write("order_id,order_total,order_currency,date,status\n"
                  f"o-hashed,10,USD,{day[0][0]},completed\n")
    river.cli("reconcile", file, "--site", river.site, "--map",
              "order_id=order_id,amount=order_total,currency=order_currency,"
              "date=date,status=status")
    assert [row[0] for row in river.sql(
        "SELECT status FROM order_reconciliation WHERE event_id = 'c-hashed'"
    )] == ["matched"]
    assert river.sql("SELECT * FROM roi_check") == [] and wrong(river) == {}
    assert "o-hashed" not in subprocess.run(
        ["pg_dump", "--data-only", river.dsn], check=True,
        capture_output=True, text=True).stdout
    # The topic still has it all: the same numbers, hashes stay hashes.
    told = json.loads(river.cli("rebuild", "--json"))
    assert told["differences"] == []
    river.wait()
    assert river.sql("SELECT count(*) FROM conversion WHERE event_id IN "
                     "('c-hashed', 'again') AND order_is_hash(order_id) AND "
                     "dedup_key = order_id") == [["2"]]
