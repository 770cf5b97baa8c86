"""
A rebuild gives the tables that the events give: the same where no rule
changed, others where one did, while aggregators go on and whoever reads the
views notices nothing but the numbers.
"""

import json
import random
import signal
import socket
import struct
import subprocess
import time

import pytest

from conftest import PATIENCE, eventually
from definitions import Tables
from test_set_semantics import (RATES, SITES, SITES_YAML, Shop, arrange,
                                differences, dump, publish, settled)

FROM = "2026-03-21"  # in the midst of the data set


@pytest.fixture(scope="module")
def records():
    return Shop(20260321, 150).records


@pytest.fixture(scope="module")
def messages(records):
    return arrange(records, random.Random(5))


def write_sites(river, text=SITES_YAML):
    with open(river.path("config", "sites.yaml"), "w",
              encoding="utf-8") as file:
        file.write(text)


def river_of(stack, kafka, messages, partitions=3, **options):
    """A river that MESSAGES went through, with rates."""
    river = stack(up=False, partitions=partitions, aggregator_options={
        "kafka": {"bootstrap.servers": kafka.brokers,
                  "session.timeout.ms": 1500,
                  "heartbeat.interval.ms": 300}}, **options)
    write_sites(river)
    with open(river.path("fx.csv"), "w", encoding="utf-8") as file:
        file.write("date,currency,rate\n" + "".join(
            f"{day},{currency},0.{rate:06d}\n"
            for (day, currency), rate in RATES.items()))
    river.cli("migrate")
    for number in range(len(river.aggregators)):
        river.start_aggregator(number)
    publish(river, messages)
    river.cli("import-fx", river.path("fx.csv"))
    settled(river, len(messages))
    return river


def rebuild(river, *options):
    return json.loads(river.cli("rebuild", "--json", *options))


def test_without_a_change_of_rules_it_gives_the_same_and_life_goes_on(
        stack, kafka, records, messages):
    half = len(messages) // 2
    river = river_of(stack, kafka, messages[:half], aggregators=2)
    before = dump(river)
    told = rebuild(river)
    assert told["differences"] == []
    assert told["records"] == half and told["swapped"]
    assert told["touches"] > 100 and told["conversions"] > 50
    settled(river, half)
    assert differences(dump(river), before) == ""
    # The aggregators that run all the time read on into the new tables what
    # comes while these are made.
    work = subprocess.Popen(
        [river.program("afterclick"), "--config",
         river.path("config", "aggregator.yaml"), "rebuild", "--json"],
        stdout=subprocess.PIPE, text=True)
    publish(river, messages[half:])
    work.communicate(timeout=60 * PATIENCE)
    assert work.returncode == 0
    settled(river, len(messages))
    found = dump(river)
    oracle = Tables(records, SITES, RATES)
    assert found["problems"] == []
    assert differences(
        {"daily": found["daily"], "traffic": found["traffic"],
         "hits": found["hits"]},
        {"daily": oracle.daily_rows(), "traffic": oracle.traffic_rows(),
         "hits": oracle.hits_rows()}) == ""
    # And again, now from a day on.
    told = rebuild(river, "--from", FROM)
    assert told["differences"] == []
    settled(river, len(messages))
    assert differences(dump(river), found) == ""
    assert river.sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE "
                     "'afterclick\\_%'") == []


CHANGED = SITES_YAML.replace("value: 2.5", "value: 5")


def test_a_changed_rule_changes_its_numbers_alone_and_they_are_logged(
        stack, kafka, messages):
    river = river_of(stack, kafka, messages, aggregators=1)
    before = dump(river)
    goals = "SELECT goal, day, sum(net_revenue) FROM conversions GROUP BY " \
        "1, 2 ORDER BY 1, 2"
    money = {(goal, day): value for goal, day, value in river.sql(goals)}
    river.aggregators[0].stop(60)
    write_sites(river, CHANGED)
    dry = rebuild(river, "--dry-run")
    assert not dry["swapped"] and dry["cells_changed"] > 0
    assert differences(dump(river), before) == "", "a dry run changed tables"
    # From a day on: earlier days stay.
    told = rebuild(river, "--from", FROM)
    days = {row["day"] for row in told["differences"]}
    assert days and min(days) < max(days)
    changed = {(goal, day): value for goal, day, value in river.sql(goals)}
    for (goal, day), value in changed.items():
        if goal == "sign_up" and day >= FROM:
            assert float(value) == 2 * float(money[goal, day]) > 0
        elif goal != "sign_up":
            assert value == money[goal, day]
    assert any(goal == "sign_up" and value == money[goal, day]
               for (goal, day), value in changed.items()), "none stayed"
    # All days.
    told = rebuild(river)
    assert told["cells_changed"] > 0
    after = {(goal, day): value for goal, day, value in river.sql(goals)}
    assert all(float(after[key]) == (2 if key[0] == "sign_up" else 1) *
               float(value) for key, value in money.items())
    assert rebuild(river)["differences"] == []
    assert river.sql("SELECT * FROM roi_check") == []
    # Those days were final: what changed is in their log.
    logged = river.sql(
        "SELECT sum(new_net_revenue - old_net_revenue) FROM restatements "
        "WHERE reason = 'rebuild' AND date_basis = 'conversion' AND model = "
        "'linear'")
    assert float(logged[0][0]) == sum(
        float(value) for (goal, _), value in money.items()
        if goal == "sign_up") > 0
    river.start_aggregator(0)
    settled(river, len(messages))


def test_what_reads_the_views_follows_and_keeps_its_rights(
        stack, kafka, postgres, messages):
    river = river_of(stack, kafka, messages[:200], partitions=1)
    owner = river.sql("SELECT current_user")[0][0]
    reader = river.known["database"] + "_analyst"
    postgres.psql(f"CREATE ROLE {reader}; GRANT {reader} TO {owner}")
    try:
        river.sql(f"""
            GRANT USAGE ON SCHEMA afterclick TO {reader};
            GRANT SELECT ON campaign_roi_daily, touch TO {reader};
            GRANT SELECT (goal) ON conversion TO {reader};
            CREATE SCHEMA desk;
            CREATE VIEW desk.mine AS SELECT model, count(*) AS rows
                FROM afterclick.campaign_roi_daily GROUP BY 1;
            CREATE VIEW desk.raw WITH (security_barrier) AS
                SELECT count(*) AS touches FROM afterclick.touch;
            COMMENT ON VIEW desk.raw IS 'mine too'""")
        seen = river.sql("SELECT * FROM desk.mine ORDER BY 1")
        comments = ("SELECT c.relname, d.objsubid, d.description FROM "
                    "pg_description d JOIN pg_class c ON c.oid = d.objoid "
                    "WHERE c.relnamespace = 'afterclick'::regnamespace "
                    "ORDER BY 1, 2")
        told = river.sql(comments)
        rebuild(river)
        assert river.sql("SELECT * FROM desk.mine ORDER BY 1") == seen
        assert river.sql(comments) == told
        assert river.sql("SELECT touches > 50 FROM desk.raw") == [["t"]]
        assert river.sql(
            "SELECT reloptions, obj_description(oid) FROM pg_class WHERE "
            "oid = 'desk.raw'::regclass") == [["{security_barrier=true}",
                                               "mine too"]]
        assert river.sql(
            f"SET ROLE {reader}; SELECT count(*) > 0, (SELECT count(*) > 0 "
            "FROM afterclick.touch), (SELECT count(goal) > 0 FROM "
            "afterclick.conversion) FROM afterclick.campaign_roi_daily"
            ) == [["t", "t", "t"]]
        # What could not follow is named, and nothing begins.
        river.sql("CREATE MATERIALIZED VIEW desk.still AS "
                  "SELECT count(*) FROM afterclick.touch")
        refused = river.run_cli("rebuild")
        assert refused.returncode == 1
        assert "the materialized view desk.still" in refused.stderr
    finally:
        river.sql(f"DROP OWNED BY {reader}")
        postgres.psql(f"DROP ROLE {reader}")


def test_killed_at_any_moment_it_goes_on(stack, kafka, messages):
    river = river_of(stack, kafka, messages, aggregators=1)
    before = dump(river)
    rng = random.Random(7)
    argv = [river.program("afterclick"), "--config",
            river.path("config", "aggregator.yaml"), "rebuild", "--json"]
    phases = set()
    for _ in range(12):
        work = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.PIPE)
        try:
            work.communicate(timeout=rng.uniform(0.05, 1.2))
            break
        except subprocess.TimeoutExpired:
            work.send_signal(signal.SIGKILL)
            work.communicate()
        # Its session may live on until PostgreSQL notices.
        eventually(lambda: river.sql(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
            "objid = 7311545") == [["0"]], 60)
        if river.sql("SELECT to_regclass('afterclick_rebuild.plan')") != \
                [[None]]:
            phases.update(row[0] for row in river.sql(
                "SELECT phase FROM afterclick_rebuild.plan"))
    told = rebuild(river)
    assert told["differences"] == []
    settled(river, len(messages))
    assert differences(dump(river), before) == ""
    assert phases, "it was never killed in the midst"


def test_by_other_rules_an_interrupted_one_begins_anew(
        stack, kafka, messages):
    river = river_of(stack, kafka, messages[:100], partitions=1)
    river.sql("BEGIN; CREATE SCHEMA afterclick_rebuild; CREATE TABLE "
              "afterclick_rebuild.plan AS SELECT 'other' AS rules, "
              "NULL::date AS from_day, 3 AS phase, 0::bigint AS "
              "customers_waiting; COMMIT")
    told = rebuild(river)
    assert not told["resumed"] and told["records"] == 100
    assert told["differences"] == []


def test_two_do_not_run_at_once(stack, kafka, messages):
    river = river_of(stack, kafka, messages[:50], partitions=1)
    other = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", river.dsn],
                             stdin=subprocess.PIPE, text=True,
                             stdout=subprocess.PIPE)
    try:
        other.stdin.write("SELECT pg_try_advisory_lock(7311545);\n")
        other.stdin.flush()
        assert other.stdout.readline() == "t\n"
        refused = river.run_cli("rebuild")
        assert refused.returncode == 1
        assert "another rebuild is running" in refused.stderr
    finally:
        other.communicate(timeout=20)


def delete_records(kafka, topic, partition, offset):
    """Kafka's retention at work: what is before OFFSET is gone."""
    name = topic.encode()
    body = struct.pack(">hhih4s", 21, 0, 1, 4, b"test") + struct.pack(
        ">i", 1) + struct.pack(">h", len(name)) + name + struct.pack(
        ">iiqi", 1, partition, offset, 10000)
    with socket.create_connection(("127.0.0.1", kafka.port), 10) as link:
        link.sendall(struct.pack(">i", len(body)) + body)
        answer = link.recv(4096)
    assert struct.unpack(">h", answer[-2:])[0] == 0, answer


def test_what_the_topic_no_longer_holds_is_not_rebuilt(
        stack, kafka, messages):
    river = river_of(stack, kafka, messages[:100], partitions=1)
    before = dump(river)
    delete_records(kafka, river.known["topic"], 0, 40)
    refused = river.run_cli("rebuild")
    assert refused.returncode == 1
    assert "retention removed the first records" in refused.stderr
    assert "--from 20" in refused.stderr
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86400))
    refused = river.run_cli("rebuild", "--from", FROM)
    assert refused.returncode == 1, "its events are no longer all there"
    told = rebuild(river, "--from", day)
    assert told["differences"] == []
    assert differences(dump(river), before) == ""


# What a rebuild makes anew, and what stays; a table of neither kind may be
# counted twice when the events are read again.
KEPT = {
    "site", "model", "model_pin", "position", "dimension", "dirty", "cost",
    "cost_import", "cost_history", "cost_file", "fx_rate", "dead_letter",
    "model_version", "model_weight", "order_file", "shop_order",
    "click_id_limit", "daily_other", "retention_run",
    "registered_campaign", "site_goal", "export_receipt", "restatement",
    "schema_version", "suppression", "erasure", "erased_customer",
    "erased_traffic",
    # Their customers are marked, and exposures never count twice.
    "experiment", "experiment_cell", "experiment_customer",
    "experiment_readout", "exposure", "order_secret", "site_reader",
}


def test_every_table_is_known_to_be_rebuilt_or_kept(stack):
    river = stack(up=False)
    river.cli("migrate")
    with open("aggregator/store/sql/rebuild_begin.sql",
              encoding="utf-8") as file:
        text = file.read().partition("INSERT INTO part VALUES")[2]
    parts = {word.strip("(')") for word in
             text.partition(";")[0].replace(",", " ").split()}
    tables = {row[0] for row in river.sql(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND "
        "relnamespace = 'afterclick'::regnamespace")}
    assert tables == parts | KEPT
