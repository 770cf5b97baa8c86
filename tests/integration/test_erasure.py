"""Who is forgotten is gone from every place, and comes back from none; what
adds up to daily numbers stays."""

import glob
import json
import os
import re
import signal
import subprocess

import pytest

import servers
from conftest import eventually, http, server_events
from test_checks import wrong
from test_rebuild import delete_records

MAIL = "Anna.Planted@gmail.example"
NUMBERS = """
    SELECT 'roi', day, date_basis, model, channel, source, medium, campaign,
        visits, touches, conversions, orders, new_customers, gross_revenue,
        refunds, net_revenue, booked_refunds
    FROM campaign_roi_daily ORDER BY 2, 3, 4, 5, 6, 7, 8"""
OTHERS = """
    SELECT 'hits', day::text, site, type, lane, bot, hits FROM hits_daily
    UNION ALL SELECT 'goal', day::text, goal, lane, verified::text,
        count(*)::text, sum(net_revenue)::bigint FROM conversions
        GROUP BY 2, 3, 4, 5
    UNION ALL SELECT 'arm', day::text, experiment, variant, n::text,
        converted::text, sum_y::bigint FROM experiment_cell
    UNION ALL SELECT 'order', day::text, status, count(*)::text,
        coalesce(sum(shop_amount), 0)::text, '', 0
        FROM order_reconciliation GROUP BY 2, 3
    ORDER BY 1, 2, 3, 4, 5, 6, 7"""


def numbers(river):
    assert river.sql("SELECT * FROM roi_check") == []
    assert wrong(river) == {}
    return river.sql(NUMBERS), river.sql(OTHERS)


def person(name, visitors, mail, time):
    """Visits of several devices, one of them signed in by a link that came
    last; orders by both lanes, a refund, an exposure."""
    events = []
    for number, visitor in enumerate(visitors):
        who = {"visitor_id": visitor, "session_id": f"s-{visitor}"}
        at = time + number * 3600_000
        events += [
            {"event_id": f"land-{visitor}", "time": at, **who, "url":
             f"https://shop.example/?utm_source=news&utm_campaign=c{number}"
             f"&gclid=gclid-{visitor}", "user_agent":
             f"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0 ua-{visitor}"},
            {"event_id": f"seen-{visitor}", "type": "exposure", **who,
             "experiment": "headline", "variant": "ab"[number % 2],
             "time": at + 1000},
            {"event_id": f"buy-{visitor}", "type": "conversion", **who,
             "time": at + 60_000, "order_id": f"order-{visitor}",
             "value": f"{number + 10}.5", "email": mail,
             "url": f"https://shop.example/thanks/{visitor}"},
            {"event_id": f"link-{visitor}", "type": "identify", **who,
             "time": at + 70_000, "user_id": f"user-{name}"},
            {"event_id": f"back-{visitor}", "type": "refund", **who,
             "time": at + 90_000, "order_id": f"order-{visitor}",
             "refund_id": f"refund-{visitor}", "value": "3"}]
    return events + [
        # The back office's own copy of the first order, and one that names
        # the address alone.
        {"event_id": f"copy-{name}", "type": "conversion", "time":
         time + 120_000, "order_id": f"order-{visitors[0]}", "value": "10.5",
         "user_id": f"user-{name}"},
        {"event_id": f"shop-{name}", "type": "conversion", "time":
         time + 7200_000, "order_id": f"order-shop-{name}", "value": "99",
         "email": mail}]


def planted(name, visitors):
    """Every text that leads to the person."""
    return [f"user-{name}", f"copy-{name}", f"shop-{name}",
            f"order-shop-{name}"] + [
        f"{kind}-{visitor}" for visitor in visitors for kind in
        ("land", "seen", "buy", "link", "back", "order", "refund", "gclid",
         "ua", "s")] + list(visitors)


def publish(river, records):
    subprocess.run(
        ["kcat", "-P", "-b", river.kafka.brokers, "-t", river.known["topic"]],
        input="".join(record + "\n" for record in records).encode(),
        check=True, timeout=60, capture_output=True)


def dump(river):
    return subprocess.run(
        [servers.postgres_programs() + "/pg_dump", "--data-only", river.dsn],
        check=True, capture_output=True, text=True).stdout


def spooled(river, needle):
    """Files below the spool's directory that hold NEEDLE."""
    found = []
    for folder, _, names in os.walk(river.path("spool")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                if needle.encode() in file.read():
                    found.append(name)
    return found


def hits(text, needles):
    return [needle for needle in needles if
            re.search(re.escape(needle) + r"(?![\w-])", text)]


def keys(river, table, column):
    return {row[0] for row in river.sql(
        f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")}


SITE = {"experiments": "[{name: headline, goal: purchase, assign: site, "
        "variants: [{name: a}, {name: b}]}]"}
ANNA = ("anna-phone-id-000000", "anna-desk-id-0000000")
BOB = ("bob-id-00000000000000",)


@pytest.fixture(scope="module")
def noon(postgres):
    """Of some days ago, so that a day holds all."""
    return int(postgres.psql("SELECT (extract(epoch FROM date_trunc('day', "
                             "now(), 'UTC')) * 1000)::bigint").strip()
               ) - 5 * 24 * 3600_000 + 12 * 3600_000


def shop_of(stack, noon, **options):
    river = stack(site_options=SITE, **options)
    server_events(river, person("anna", ANNA, MAIL, noon) +
                  person("bob", BOB, "bob@planted.example", noon))
    # Records that no aggregator can use, one of them not even read.
    publish(river, [json.dumps({
        "v": 1, "event_id": "dead-anna", "type": "page", "site": "nowhere",
        "visitor_id": ANNA[0], "received_at": noon}),
        '{"v":1,"broken":[],"visitor_id":"' + ANNA[1] + '"}',
        '{"v":1,"broken":[],"visitor_id":"' + BOB[0] + '"}'])
    with open(river.path("orders.csv"), "w", encoding="utf-8") as file:
        file.write("order_id,date,amount,currency\n" + "".join(
            f"order-{visitor},2026-01-01,10,USD\n" for visitor in ANNA))
    river.wait()
    eventually(lambda: river.sql("SELECT count(*) FROM dead_letter") ==
               [["3"]])
    return river


def test_who_is_forgotten_is_in_no_table_and_daily_numbers_stay(
        stack, noon):
    river = shop_of(stack, noon)
    site = river.site
    river.cli("reconcile", "--site", site, river.path("orders.csv"))
    river.sql("INSERT INTO export_receipt (platform, site, goal, "
              "transaction_id, revision, kind, event_id, value_micros, "
              "before_micros, currency, state, via) VALUES ('google', "
              f"'{site}', 'purchase', 'order-{ANNA[0]}', 0, 'conversion', "
              f"'copy-anna', 1, 0, 'USD', 'sent', 'file')")
    before = numbers(river)
    needles = planted("anna", ANNA)
    found = set(hits(dump(river), needles))
    visitors = keys(river, "touch", "visitor")
    assert len(visitors) == 3
    # Access: whatever a search of the tables finds is told.
    told = river.cli("subject-export", "--user", "user-anna")
    assert found - set(hits(told, needles)) == set()
    assert {"user-anna", *ANNA} <= set(hits(told, needles))
    about = json.loads(told)
    assert {"touch", "conversion", "outcome", "credit", "refund", "identity",
            "handle", "exposure", "experiment_customer", "export_receipt",
            "shop_order", "order_key"} == set(about["tables"])
    assert len(about["dead_letters"]) == 2
    assert {row["record"]["event_id"] for row in about["topic"]} >= {
        f"land-{ANNA[0]}", "copy-anna", "shop-anna"}
    assert hits(told, planted("bob", BOB)) == []
    # A dry run says what there is and changes nothing.
    dry = json.loads(river.cli("forget", "--email", MAIL, "--dry-run",
                               "--json"))
    assert not dry["erased"] and dry["visitors"] == 2 and dry["users"] == 1
    assert dry["conversions"] == 4 and dry["touches"] == 4
    assert numbers(river) == before and found <= set(hits(dump(river),
                                                          needles))
    assert not os.path.exists(river.path("config", "erased.list"))
    # From the address to the user and both devices.
    done = json.loads(river.cli("forget", "--email", MAIL, "--json"))
    assert done == {**dry, "erased": True, "dead_letters": 2}
    text = dump(river)
    assert hits(text, needles) == []
    gone = visitors - keys(river, "touch", "visitor")
    assert len(gone) == 2 and not any(key in text for key in gone)
    assert {key.replace("-", "") for key in gone} & set(
        re.findall(r"[0-9a-f]{32}", text)) == set()
    eventually(lambda: river.sql("SELECT count(*) FROM dirty") == [["0"]])
    assert numbers(river) == before
    # Bob is as he was.
    assert {f"buy-{BOB[0]}", f"order-{BOB[0]}"} <= set(
        hits(text, planted("bob", BOB)))
    assert river.sql("SELECT count(*) FROM dead_letter") == [["1"]]
    # The receipt tells what was done, and not of whom.
    assert river.sql("SELECT kind, visitors, users, orders, touches, "
                     "conversions, exposures, exports FROM erasure") == [
        ["email", "2", "1", "3", "4", "4", "2", "1"]]
    logs = "".join(open(name, encoding="utf-8").read() for name in
                   glob.glob(river.path("logs", "*")))
    assert hits(logs, needles) == []
    assert river.cli("subject-export", "--user", "user-anna", "--no-topic"
                     ) == '{"number":1,"tables":{},\n"dead_letters":[],\n' \
        '"topic":null}\n'
    # Asked again it finds nobody, and says so.
    again = json.loads(river.cli("forget", "--user", "user-anna", "--json"))
    assert again["visitors"] == again["conversions"] == 0
    # Nor does the shop's export bring orders back by their ids.
    river.cli("reconcile", "--site", site, river.path("orders.csv"))
    assert hits(dump(river), needles) == []
    # Numbers do not move when all is computed once more.
    river.sql("INSERT INTO dirty SELECT customer FROM outcome "
              "ON CONFLICT DO NOTHING")
    eventually(lambda: river.sql("SELECT count(*) FROM dirty") == [["0"]])
    assert numbers(river) == before


def test_a_rebuild_and_what_comes_late_bring_nobody_back(stack, noon):
    river = shop_of(stack, noon, aggregators=2)
    before = numbers(river)
    river.cli("forget", "--visitor", ANNA[0])
    needles = planted("anna", ANNA)
    told = json.loads(river.cli("rebuild", "--json"))
    assert told["swapped"] and told["differences"] == []
    assert hits(dump(river), needles) == [] and numbers(river) == before
    day = river.sql("SELECT max(day) FROM outcome")[0][0]
    told = json.loads(river.cli("rebuild", "--json", "--from", day))
    assert told["differences"] == [] and numbers(river) == before
    # What names one of them later is nobody's, on either way in: a hit, an
    # order of a known number, a refund, and records that were under way.
    late = person("anna", ANNA, MAIL, noon + 1000)
    server_events(river, [{**event, "event_id": "late-" + event["event_id"]}
                          for event in late])
    publish(river, [json.dumps({
        "v": 1, "event_id": f"late2-{visitor}", "type": "conversion",
        "site": river.site, "lane": "server", "received_at": noon,
        "value": "5", "visitor_id": visitor, "order_id": f"new-{visitor}"})
        for visitor in ANNA])
    river.wait()
    eventually(lambda: river.sql("SELECT count(*) FROM dirty") == [["0"]])
    text = dump(river)
    assert hits(text, needles + ["late-" + needle for needle in needles] +
                [f"late2-{visitor}" for visitor in ANNA]) == []
    roi, _ = numbers(river)
    sums = [sum(float(row[column]) for row in rows if row[2] == "conversion"
                and row[3] == "linear") for rows in (roi, before[0])
            for column in (10, 13)]
    assert sums[0] == sums[2] + 2 and sums[1] == sums[3] + 10, \
        "two new orders, and no old one twice"
    # Nor does an aggregator that reads all once more.
    kept = numbers(river)
    for process in river.aggregators:
        process.stop(60)
    river.sql("UPDATE position SET next_offset = 0, dedup = ''")
    river.start_aggregator(0)
    river.wait()
    eventually(lambda: river.sql("SELECT count(*) FROM dirty") == [["0"]])
    assert hits(dump(river), needles) == []
    assert numbers(river)[0] == kept[0]


def topic_of(river):
    """[(partition, offset, record as it stands)]"""
    lines = subprocess.run(
        ["kcat", "-C", "-q", "-e", "-b", river.kafka.brokers, "-t",
         river.known["topic"], "-f", "%p %o %s\n"],
        check=True, capture_output=True, text=True, timeout=60).stdout
    return [(int(part), int(offset), text) for part, offset, text in
            (line.split(" ", 2) for line in lines.splitlines())]


def look_at_letters_that_change(river, letters, visitor):
    """At a reload those are read that came since, and no others."""
    def reload():
        name = 'afterclick_reloads_total{result="taken"}'
        before = river.metric(name)
        river.collector.send(signal.SIGHUP)
        eventually(lambda: river.metric(name) > before)

    def read_at(begin=None):
        if begin is not None:
            os.utime(letters, ns=(begin, os.stat(letters).st_mtime_ns))
        return os.stat(letters).st_atime_ns
    reload()
    reload()  # the one before is over
    read_at(1)
    reload()
    reload()
    assert read_at() == 1, "read though nothing has changed"
    with open(letters, "a", encoding="utf-8") as file:
        file.write('{"time":2,"reason":"late","key":"%s","record":{}}\n' %
                   visitor)
    reload()
    eventually(lambda: hits(open(letters, encoding="utf-8").read(),
                            [visitor]) == [])


def test_a_browser_that_was_forgotten_is_somebody_new(stack, noon):
    river = stack()
    url = river.collector_url + f"/e?site={river.site}"

    def page(cookies):
        answer = http(river.collector_url + "/e", "POST", json.dumps(
            {"site": river.site, "url": "https://shop.example/"}),
            {"Content-Type": "text/plain", "Cookie": cookies,
             "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"})
        assert answer.status == 204, (url, answer)
        return {name: value for name, value in (
            line.split(";")[0].split("=", 1) for line in
            answer.headers.get_all("Set-Cookie") or [])}
    first = page("")
    visitor = first["_ac_v"].split(".")[0]
    cookies = "; ".join(f"{key}={value}" for key, value in first.items())
    assert "_ac_v" not in page(cookies)
    river.wait()
    # What Kafka never took waits beside the spool.
    letters = os.path.join(river.path("spool"), "dead-letters.jsonl")
    with open(letters, "w", encoding="utf-8") as file:
        file.write('{"time":1,"reason":"too large","key":"%s","record":'
                   '{"v":1,"site":"%s","visitor_id":"%s"}}\n' % (
                       visitor, river.site, visitor))
    assert json.loads(river.cli("forget", "--visitor", visitor, "--json")
                      )["touches"] == 1
    fresh = eventually(lambda: page(cookies).get("_ac_v"), 60,
                       "the old cookie is still good")
    assert fresh.split(".")[0] != visitor
    eventually(lambda: open(letters, encoding="utf-8").read() ==
               '{"time":1,"reason":"too large","erased":true}\n')
    look_at_letters_that_change(river, letters, visitor)
    river.wait()
    assert hits(dump(river), [visitor]) == []
    old = topic_of(river)
    assert hits(" ".join(text for _, _, text in old), [visitor])
    # What names itself cannot be given another name: it is nobody's.
    server_events(river, [{"event_id": "named", "visitor_id": visitor,
                           "session_id": "s", "url":
                           "https://shop.example/?utm_source=x"}])
    river.wait()
    assert river.metric("afterclick_erased_records_total") >= 1
    assert hits(dump(river), [visitor, "named"]) == []
    # What Kafka has is in no spool once the collector has been restarted.
    river.collector.stop(60)
    assert spooled(river, visitor) == []
    river.start_collector()
    # On Kafka the id ends with the records from before; none came after.
    for part in {part for part, _, _ in old}:
        delete_records(river.kafka, river.known["topic"], part, 1 + max(
            offset for other, offset, _ in old if other == part))
    left = topic_of(river)
    assert left and hits(" ".join(text for _, _, text in left),
                         [visitor]) == []


def test_a_batch_that_was_under_way_brings_nobody_back(stack):
    """It gathers for four seconds; the erasure falls between."""
    river = stack(aggregator_options={"batch": {"wait": "4s"}})
    read = 'afterclick_intake_records_total'
    server_events(river, [{"event_id": f"e{n}", "visitor_id": f"under-{n}",
                           "session_id": f"s{n}", "url":
                           "https://shop.example/?utm_source=x"}
                          for n in range(20)])
    eventually(lambda: river.metric(read, river.aggregator_urls[0]) == 20,
               what="the records are not read")
    assert river.sql("SELECT count(*) FROM touch") == [["0"]], \
        "the batch was written before"
    river.cli("forget", "--visitor", "under-0", "under-1")
    river.wait()
    assert river.sql("SELECT count(*), sum(touches) FROM touch, "
                     "traffic_daily GROUP BY day") == [["18", "324"]]
    assert hits(dump(river), ["under-0", "e0", "under-1", "e1", "s1"]) == []
    assert river.sql("SELECT sum(hits) FROM hits_daily") == [["20"]]


def test_a_restored_backup_is_put_right_as_the_aggregator_starts(
        stack, noon):
    river = shop_of(stack, noon)
    backup = river.path("backup")
    programs = servers.postgres_programs()
    subprocess.run([programs + "/pg_dump", "-Fc", "-f", backup, river.dsn],
                   check=True)
    river.cli("forget", "--user", "user-anna")
    before = numbers(river)
    needles = planted("anna", ANNA)
    river.aggregators[0].stop(60)
    subprocess.run([programs + "/pg_restore", "--clean", "-d", river.dsn,
                    backup], check=True, capture_output=True)
    assert set(hits(dump(river), needles)), "the backup brings her back"
    river.start_aggregator(0)
    assert hits(dump(river), needles) == []
    river.wait()
    assert numbers(river) == before
    assert {row[0] for row in river.sql("SELECT kind FROM erasure")} == {
        "again"}
    # Without its list nobody would know whom not to take in.
    river.aggregators[0].stop(60)
    os.rename(river.path("config", "erased.list"), river.path("list"))
    refused = river.run_cli("forget", "--user", "user-bob")
    assert refused.returncode == 1 and "erased.list is not there" in \
        refused.stderr
    os.rename(river.path("list"), river.path("config", "erased.list"))
    river.start_aggregator(0)


def test_many_are_named_in_a_file_and_mistakes_by_their_line(stack):
    river = stack(up=False)
    river.cli("migrate")
    with open(river.path("ids"), "w", encoding="utf-8") as file:
        file.write("u1\n\n  u2 \nu3\n")
    told = json.loads(river.cli("forget", "--user", "@" + river.path("ids"),
                                "u4", "--json"))
    assert told["ids"] == 4 and told["erased"]
    assert river.sql("SELECT count(*), count(DISTINCT entries) FROM erasure"
                     ) == [["4", "4"]]
    assert river.sql("SELECT count(*) FROM suppression") == [["4"]]
    with open(river.path("ids"), "w", encoding="utf-8") as file:
        file.write("a@b.example\nnot-an-address\n")
    wrong_line = river.run_cli("forget", "--email", "@" + river.path("ids"))
    assert wrong_line.returncode == 2 or wrong_line.returncode == 1
    assert f"{river.path('ids')}:2: neither an address" in wrong_line.stderr
    with open(river.path("nul"), "wb") as file:
        file.write(b"A-1\nA\0-2\n")
    nul = river.run_cli("forget", "--order", "@" + river.path("nul"))
    assert nul.returncode == 1
    assert f"{river.path('nul')}:2: no id of 1 to" in nul.stderr
    assert "not-an-address" not in wrong_line.stderr
    nobody = river.run_cli("forget")
    assert nobody.returncode == 2 and "say who" in nobody.stderr
    assert "there is no such site" in river.run_cli(
        "forget", "--user", "u", "--site", "x").stderr
