"""From a hit to the daily tables, on real servers."""

import json
import os
import random
import subprocess
import threading
import time
from decimal import Decimal

import pytest

from conftest import (BUILD_DIR, PATIENCE, eventually, everything, http, raw,
                      roi, server_events)
from traffic import ServerLane, sign

MODELS = ("first_touch", "last_touch", "last_non_direct", "linear",
          "time_decay", "position_based")
DAY = 86400 * 1000
HOUR = 3600 * 1000
# Three days ago at noon UTC: all of it lies in the past and in the window.
BASE = (int(time.time()) // 86400 - 3) * DAY + 12 * HOUR

GOOGLE = ("google", "cpc", "spring_sale")
LETTER = ("newsletter", "email", "may")
DIRECT = ("(direct)", "(none)", "(direct)")
BING = ("bing", "cpc", "brand")
SOCIAL = ("facebook", "paid_social", "retarget")
NOBODY = ("(none)", "(none)", "(unattributed)")


def visit(visitor, at, source=None, name=None, **more):
    """The first page of a visit of its own, tagged with SOURCE."""
    url = "https://shop.example/"
    if source is not None:
        url += "?utm_source={}&utm_medium={}&utm_campaign={}".format(*source)
    return {"type": "page", "event_id": name or f"{visitor}.p{at}",
            "visitor_id": visitor, "session_id": f"{visitor}.s{at}",
            "time": at, "url": url, "user_agent": "Mozilla/5.0 (X11; Linux "
            "x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", **more}


def conversion(visitor, at, order, value, goal="purchase", **more):
    event = {"type": "conversion", "event_id": f"{visitor}.c{at}",
             "visitor_id": visitor, "time": at, "goal": goal,
             "value": value, "currency": "USD"}
    if order:
        event["order_id"] = order
    return {**event, **more}


def the_story():
    """Small enough to be computed by hand; see EXPECTED."""
    return [
        # Three touches: 14 days, 7 days and no time at all before buying.
        visit("v1", BASE - 14 * DAY, ("Google", "cpc", " Spring_Sale"),
              name="v1.a"),
        visit("v1", BASE - 7 * DAY, LETTER, name="v1.b"),
        visit("v1", BASE, name="v1.c"),
        conversion("v1", BASE, "o-1", "100.00", event_id="v1.d"),
        # The look-back is 30 days, both ends included.
        visit("v2", BASE - 30 * DAY - 1, SOCIAL),
        visit("v2", BASE - 30 * DAY, BING),
        conversion("v2", BASE, "o-2", "50"),
        {"type": "refund", "event_id": "v2.r", "refund_id": "r-1",
         "order_id": "o-2", "value": "20", "currency": "USD",
         "time": BASE + HOUR},
        # Nobody brought this one.
        conversion("v3", BASE, "o-3", 7.5),
        # A sign-up without a value.
        visit("v4", BASE - HOUR),
        conversion("v4", BASE - HOUR + 1000, None, "0", goal="signup"),
    ]


#         conversions and net revenue, by campaign
EXPECTED = {
    "first_touch": {
        GOOGLE: ("1", "100"), LETTER: ("0", "0"), DIRECT: ("1", "0")},
    "last_touch": {
        GOOGLE: ("0", "0"), LETTER: ("0", "0"), DIRECT: ("2", "100")},
    "last_non_direct": {
        GOOGLE: ("0", "0"), LETTER: ("1", "100"), DIRECT: ("1", "0")},
    # Thirds of 100: the micro that is over goes to the first.
    "linear": {
        GOOGLE: ("0.333334", "33.333334"), LETTER: ("0.333333", "33.333333"),
        DIRECT: ("1.333333", "33.333333")},
    # Half-life 7 days: weights 1/4, 1/2, 1, so 1/7, 2/7, 4/7 of 100; the
    # second has the largest remainder.
    "time_decay": {
        GOOGLE: ("0.142857", "14.285714"), LETTER: ("0.285714", "28.571429"),
        DIRECT: ("1.571429", "57.142857")},
    "position_based": {
        GOOGLE: ("0.4", "40"), LETTER: ("0.2", "20"), DIRECT: ("1.4", "40")},
}
for expected in EXPECTED.values():
    expected.update({BING: ("1", "30"), SOCIAL: ("0", "0"),
                     NOBODY: ("1", "7.5")})


def numbers(rows):
    """ROWS of roi() as Decimals; NULL is 0."""
    return {key: tuple(Decimal(value or 0) for value in values)
            for key, values in rows.items()}


def assert_story(stack):
    for model in MODELS:
        got = numbers(roi(stack, model, "conversions, net_revenue"))
        want = {key: (Decimal(conversions), Decimal(revenue)) for
                key, (conversions, revenue) in EXPECTED[model].items()}
        # A campaign with nothing to show for it need not have a row.
        none = (Decimal(0), Decimal(0))
        for key in want.keys() | got.keys():
            assert got.get(key, none) == want.get(key, none), (model, key)
    assert stack.sql("SELECT * FROM roi_check") == []


def test_every_model_credits_what_was_computed_by_hand(stack):
    river = stack()
    server_events(river, the_story())
    river.wait()
    assert_story(river)


def test_repeats_change_nothing(stack):
    river = stack()
    events = the_story()
    server_events(river, events)
    server_events(river, events)
    # The same order, told by another system later, under another event id.
    server_events(river, [conversion("v9", BASE + HOUR, "o-1", "100.00")])
    river.wait()
    assert_story(river)


def test_the_order_of_arrival_changes_nothing(stack):
    river = stack()
    server_events(river, list(reversed(the_story())), batch=1)
    river.wait()
    assert_story(river)


def test_both_date_bases_have_the_same_grand_total(stack):
    river = stack()
    server_events(river, the_story())
    river.wait()
    for model in MODELS:
        totals = [sum(row[0] for row in numbers(
            roi(river, model, "net_revenue", basis)).values())
            for basis in ("conversion", "touch")]
        assert totals == [Decimal("137.5")] * 2


def test_costs_meet_their_campaign(stack, tmp_path):
    river = stack()
    server_events(river, the_story())
    day = time.strftime("%Y-%m-%d", time.gmtime(BASE / 1000))
    costs = tmp_path / "costs.csv"
    costs.write_text("date,source,medium,campaign,cost,clicks\n"
                     f"{day},GOOGLE,cpc,spring_sale,40.00,12\n"
                     f"{day},never,cpc,seen,1.25,3\n")
    for _ in range(2):  # again: the newest import wins, nothing adds up
        river.cli("import-costs", "--platform", "generic", "--site", "shop",
                  "--currency", "USD", str(costs))
    river.wait()
    rows = numbers(roi(river, "first_touch", "net_revenue, cost, clicks"))
    assert rows[GOOGLE] == (100, 40, 12)
    assert rows[("never", "cpc", "seen")] == (0, Decimal("1.25"), 3)
    [[roas, ratio]] = river.sql(
        "SELECT roas, roi FROM campaign_roi_daily WHERE model = 'first_touch'"
        " AND date_basis = 'conversion' AND campaign = 'spring_sale'"
        " AND cost > 0")
    assert (Decimal(roas), Decimal(ratio)) == (Decimal("2.5"), Decimal("1.5"))


def test_a_visit_counts_once_and_where_it_came_from(stack):
    river = stack()
    events = the_story()
    again = dict(events[1], event_id="v1.b2", time=events[1]["time"] + 1000,
                 url="https://shop.example/p/1")
    server_events(river, events + [again])
    river.wait()
    visits = numbers(roi(river, "linear", "visits"))
    assert {key: value for key, (value,) in visits.items() if value} == {
        GOOGLE: 1, LETTER: 1, DIRECT: 2, BING: 1, SOCIAL: 1}


def test_hits_of_a_browser_arrive_with_a_cookie_as_their_visitor(stack):
    river = stack()
    url = river.collector_url + "/e"
    headers = {"Content-Type": "text/plain", "Origin": "http://localhost",
               "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
               "Gecko/20100101 Firefox/128.0"}
    first = http(url, "POST", json.dumps({
        "site": "shop", "url": "http://localhost/?utm_source=google&"
        "utm_medium=cpc&utm_campaign=spring_sale"}), headers)
    assert first.status == 204
    jar = "; ".join(line.partition(";")[0] for line in
                    first.headers.get_all("Set-Cookie"))
    assert "_ac_v=" in jar and "HttpOnly" in str(first.headers)
    second = http(url, "POST", json.dumps({
        "site": "shop", "type": "conversion", "order_id": "b-1",
        "value": "12.34", "url": "http://localhost/thanks"}),
        {**headers, "Cookie": jar})
    assert second.status == 204
    river.wait()
    assert numbers(roi(river, "last_touch", "net_revenue"))[GOOGLE] == \
        (Decimal("12.34"),)


# --- nothing that breaks changes a number -------------------------------------
def the_crowd(visitors=120):
    """Visitors enough for every partition, always the same ones."""
    dice = random.Random(7)
    sources = [GOOGLE, LETTER, BING, SOCIAL, None]
    events = []
    for number in range(visitors):
        visitor = f"c{number:04}"
        at = BASE - dice.randrange(1, 25 * DAY)
        for _ in range(dice.randrange(1, 5)):
            events.append(visit(visitor, at, dice.choice(sources)))
            at += dice.randrange(HOUR, DAY)
        if dice.random() < 0.6:
            order = f"order-{number}"
            events.append(conversion(visitor, at, order,
                                     f"{dice.randrange(100, 20000) / 100}"))
            if dice.random() < 0.2:
                events.append({"type": "refund", "event_id": visitor + ".r",
                               "refund_id": "r" + visitor, "order_id": order,
                               "value": "1.01", "currency": "USD",
                               "time": at + HOUR})
    dice.shuffle(events)
    return events


calm = {}  # the tables of a run that nothing disturbed, by what was sent


def undisturbed(stack):
    if not calm:
        river = stack()
        server_events(river, the_crowd())
        river.wait()
        calm.update(everything(river))
        assert len(calm["roi"]) > 100 and calm["check"] == []
    return calm


@pytest.mark.parametrize("part", ["collector", "aggregator", "kafka",
                                  "postgres"])
def test_a_restart_and_a_kill_9_change_no_number(stack, part):
    expected = undisturbed(stack)
    river = stack(own=True)
    events = the_crowd()
    sent, failure = [0], []

    def send():
        lane = ServerLane(river.collector_url, river.api_key, timeout=5)
        try:
            for first in range(0, len(events), 4):
                lane.send([{"site": "shop", **event}
                           for event in events[first:first + 4]], 60)
                sent[0] = first + 4
        except Exception as error:  # told by the test's own thread
            failure.append(error)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        for share, kill in ((3, False), (2, True)):
            eventually(lambda: failure or sent[0] >= len(events) // share, 60,
                       "the events do not get through")
            river.restart(part, kill=kill)
    finally:
        sender.join(90)
    assert not sender.is_alive() and not failure, failure
    river.wait(90 * PATIENCE)
    assert everything(river) == expected


def test_two_aggregators_give_the_same_tables_as_one(stack):
    expected = undisturbed(stack)
    river = stack(aggregators=2, partitions=4,
                  aggregator_options={"intake_workers": 2})
    events = the_crowd()
    server_events(river, events[:len(events) // 2], batch=10)
    river.restart("aggregator-2", kill=True)
    server_events(river, events[len(events) // 2:], batch=10)
    river.wait(90 * PATIENCE)
    assert everything(river) == expected


@pytest.mark.parametrize("part", ["kafka", "postgres"])
def test_hits_are_taken_while_a_server_is_away_and_arrive_later(stack, part):
    river = stack(own=True)
    river.kill(part)
    server_events(river, the_story())
    river.start(part)
    river.wait(90 * PATIENCE)
    assert_story(river)


# --- what is wrong is said ----------------------------------------------------
def run(river, program, config, *options, timeout=30):
    """The daemon PROGRAM until it ends by itself."""
    try:
        return subprocess.run(
            [os.path.join(BUILD_DIR, program), "--config",
             river.path("config", config), *options], text=True,
            stdin=subprocess.DEVNULL, capture_output=True,
            timeout=timeout * PATIENCE)
    except subprocess.TimeoutExpired as error:
        pytest.fail(f"{program} goes on:\n{error.stdout}\n{error.stderr}")


@pytest.mark.parametrize("program, config", [
    ("afterclick-collector", "collector.yaml"),
    ("afterclick-aggregator", "aggregator.yaml")])
def test_an_unknown_key_is_named_with_its_place_and_the_nearest(
        stack, program, config):
    river = stack(up=False)
    path = river.path("config", config)
    with open(path, "a", encoding="utf-8") as file:
        file.write("log_levle: info\n")
    with open(path, encoding="utf-8") as file:
        line = len(file.readlines())
    done = run(river, program, config)
    assert done.returncode == 78
    assert f"{config}:{line}:1: log_levle: " in done.stderr
    assert "log_level" in done.stderr


def test_a_wrong_password_stops_the_aggregator_and_says_so(stack):
    river = stack(up=False)
    river.cli("migrate")
    with open(river.path("secrets", "postgres_password"), "w",
              encoding="ascii") as file:
        file.write("not-the-password\n")
    done = run(river, "afterclick-aggregator", "aggregator.yaml")
    assert done.returncode == 1
    assert "password authentication failed" in done.stderr
    assert "not-the-password" not in done.stderr
    done = river.run_cli("roi", "--from", "2020-01-01", "--to", "2020-01-02")
    assert done.returncode == 1
    assert "password authentication failed" in done.stderr


def test_a_missing_topic_stops_the_aggregator_and_says_which(stack):
    river = stack(up=False)
    river.cli("migrate")
    river.known["topic"] = "never-made"
    river.write_config()
    done = run(river, "afterclick-aggregator", "aggregator.yaml")
    assert done.returncode == 1
    assert "never-made" in done.stderr


def test_hits_taken_before_the_topic_exists_arrive_after(stack):
    river = stack(up=False)
    river.start_collector()
    server_events(river, the_story())
    eventually(lambda: river.metric("afterclick_spool_pending_records") == 11,
               60, "the records are not kept")
    river.cli("migrate")
    river.start_aggregator()
    river.wait(90)
    assert_story(river)


def test_dead_letters_go_round_again_once_they_are_of_use(stack):
    river = stack()
    letter = {"v": 1, "type": "conversion", "site": "shop", "lane": "server",
              "received_at": BASE, "time": BASE, "visitor_id": "late",
              "value": "5", "currency": "USD", "spool_id": "7", "seq": 1,
              "floor": 1}
    letters = [
        ("no such site", {**letter, "event_id": "use", "order_id": "use"}),
        ("no such site", {**letter, "event_id": "none", "site": "nowhere"}),
        ("text", {**letter, "event_id": "other", "order_id": "other"})]
    for offset, (reason, record) in enumerate(letters):
        river.sql("INSERT INTO afterclick.dead_letter (topic, partition, "
                  f"\"offset\", reason, record) VALUES ('t', 0, {offset}, "
                  f"'{reason}', convert_to('{json.dumps(record)}', 'UTF8'))")

    def left():
        return [int(row[0]) for row in river.sql(
            "SELECT \"offset\" FROM afterclick.dead_letter ORDER BY 1")]
    done = river.run_cli("dead-letters", "retry", "--reason", "site",
                         "--dry-run")
    assert (done.returncode, done.stdout) == (
        1, "1 would be sent again, 1 kept\n")
    assert left() == [0, 1, 2]
    done = river.run_cli("dead-letters", "retry", "--reason", "site")
    assert (done.returncode, done.stdout) == (1, "1 sent again, 1 kept\n")
    assert "kept t 0:1: the site is still not in " in done.stderr
    assert left() == [1, 2]
    done = river.run_cli("dead-letters", "retry", "--json")
    assert json.loads(done.stdout) == {"sent": 1, "kept": 1}
    eventually(lambda: len(river.sql(
        "SELECT 1 FROM afterclick.conversion "
        "WHERE event_id IN ('use', 'other')")) == 2, 60)
    river.wait()
    assert left() == [1]
    assert numbers(roi(river, "linear"))[NOBODY] == (2, 10, 0)


def test_what_postgres_refuses_alone_is_a_dead_letter(stack):
    river = stack()
    river.postgres.psql(
        "ALTER TABLE afterclick.conversion ADD CHECK (order_id <> 'poison')",
        river.known["database"])
    server_events(river, [conversion(f"v{i}", BASE + i,
                                     "poison" if i in (7, 333) else f"o{i}",
                                     "1") for i in range(500)])
    river.wait()
    letters = river.sql(
        "SELECT reason, convert_from(record, 'UTF8') FROM "
        "afterclick.dead_letter")
    assert len(letters) == 2
    for reason, record in letters:
        assert reason.startswith("refused by PostgreSQL: ")
        assert json.loads(record)["order_id"] == "poison"
    assert numbers(roi(river, "linear"))[NOBODY] == (498, 498, 0)


def test_bad_events_are_refused_counted_and_harm_nobody(stack):
    river = stack()
    url = river.collector_url + "/v1/events"

    def post(body, key=river.api_key, **headers):
        body = body.encode()
        return http(url, "POST", body, {
            "Content-Type": "application/json",
            "Afterclick-Signature": sign(key, body), **headers})

    def event(**fields):
        return json.dumps({"events": [{"site": "shop", "visitor_id": "v",
                                       "type": "conversion",
                                       "order_id": "bad", **fields}]})
    assert post('{"events":[').status == 400
    assert post(event(value="1"), key="wrong").status in (401, 403)
    assert post(event(value="1").replace('"1"', "NaN")).status == 400
    refusal = raw(url, b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\n"
                  b"Content-Type: application/json\r\n"
                  b"Content-Length: 8000000\r\n\r\n{", 2)
    assert refusal.startswith(b"HTTP/1.1 413 ")
    for bad in ({"value": "-1"}, {"value": "NaN"}, {"value": "1.1234567"},
                {"value": "1", "currency": "dollars"},
                {"value": "1", "site": "unknown"},
                {"value": "1", "event_id": "no spaces"},
                {"value": "1", "time": BASE - 500 * DAY}):
        answer = post(event(**bad))
        assert answer.status in (200, 400, 403), bad
        if answer.status == 200:
            told = json.loads(answer.body)
            assert told["accepted"] == 0, bad
            assert told["rejected"][0]["index"] == 0, bad
            assert told["rejected"][0]["reason"], bad
    assert river.metric("afterclick_hits_rejected_total") >= 7
    server_events(river, the_story())
    river.wait()
    assert_story(river)


def test_an_aggregator_that_waits_for_kafka_ends_when_it_is_asked(stack):
    river = stack(up=False)
    river.cli("migrate")
    config = river.path("config", "aggregator.yaml")
    with open(config, encoding="utf-8") as file:
        text = file.read()
    with open(config, "w", encoding="utf-8") as file:
        file.write(text.replace(river.kafka.brokers, "127.0.0.1:1"))
    river.start_aggregator()
    aggregator = river.aggregators[0]
    eventually(lambda: "Connection refused" in aggregator.output())
    assert aggregator.stop(15), "it asks Kafka on for half a minute"


@pytest.mark.parametrize("daemon", ["collector", "aggregator"])
def test_settings_without_a_broker_or_an_address_are_refused(daemon, tmp_path):
    config = tmp_path / "bad.yaml"
    config.write_text("topic: t\nkafka: {}\nadmin_listen: nowhere\n")
    done = subprocess.run(
        [os.path.join(BUILD_DIR, "afterclick-" + daemon), "--config",
         str(config), "--check-config"], capture_output=True, text=True,
        timeout=60)
    assert done.returncode == 78
    assert "bad.yaml:2:8: kafka: bootstrap.servers is missing" in done.stderr
    assert 'bad.yaml:3:15: admin_listen: "nowhere" is not host:port' \
        in done.stderr


@pytest.mark.parametrize("daemon", ["collector", "aggregator"])
def test_what_kafka_and_postgresql_would_refuse_is_refused_with_its_place(
        daemon, tmp_path):
    config = tmp_path / "bad.yaml"
    config.write_text(
        "topic: a b\nkafka:\n  bootstrap.servers: ''\n  linger.ms: soon\n"
        "  no.such: 1\n  acks: 0\nspool: {dir: s}\n" +
        ("postgres: {dsn: 'postgresql://u:hunter2@h/db?nope=1'}\n"
         if daemon == "aggregator" else ""))
    done = subprocess.run(
        [os.path.join(BUILD_DIR, "afterclick-" + daemon), "--config",
         str(config), "--check-config"], capture_output=True, text=True,
        timeout=60)
    assert done.returncode == 78
    lines = [line.partition("bad.yaml:")[2]
             for line in done.stderr.splitlines()]
    for expected in ("1:8: topic: must be 1 to 249 of a-z",
                     "3:3: kafka: bootstrap.servers is missing or empty",
                     "4:14: kafka.linger.ms: Invalid value",
                     "5:12: kafka.no.such: No such configuration property",
                     "6:9: kafka.acks: cannot be set: a record counts") + ((
                     "8:17: postgres.dsn: the postgresql dsn is neither",)
                     if daemon == "aggregator" else ()):
        assert [line for line in lines if line.startswith(expected)], \
            done.stderr
    assert "hunter2" not in done.stderr
