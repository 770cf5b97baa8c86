"""
An aggregator that was stopped for longer than its session may last is a
zombie when it goes on: the group has given its partitions to another, and
it still holds a batch. It must not write a row of it.
"""

import contextlib
import os
import random
import subprocess

import pytest

from conftest import PATIENCE, eventually
from definitions import Tables
from test_set_semantics import (RATES, SITES, SITES_YAML, Shop, arrange,
                                differences, dump, publish, settled)

# As they are, with the numbers that say how often a row was written.
WRITTEN = {
    "daily": "SELECT * FROM campaign_daily",
    "traffic": "SELECT * FROM traffic_daily",
    "hits": "SELECT * FROM hits_daily",
    "orders": "SELECT * FROM order_key",
    "outcome": "SELECT * FROM outcome",
    "position": "SELECT partition, epoch, next_offset, owner, dedup FROM "
    "position",
    "touch": "SELECT xmin, * FROM touch",
    "conversion": "SELECT xmin, * FROM conversion",
    "identity": "SELECT xmin, * FROM identity",
}


def written(river):
    return {name: sorted(river.sql(query)) for name, query in WRITTEN.items()}


def metric(river, number, name):
    return river.metric("afterclick_" + name, river.aggregator_urls[number])


@pytest.fixture
def river(stack, kafka):
    it = stack(up=False, aggregators=2, partitions=3, aggregator_options={
        # A batch gathers for so long that it can be stopped in between.
        "batch": {"records": 100000, "wait": "2s"},
        "kafka": {"bootstrap.servers": kafka.brokers,
                  "session.timeout.ms": 6000, "heartbeat.interval.ms": 500}})
    with open(it.path("config", "sites.yaml"), "w", encoding="utf-8") as file:
        file.write(SITES_YAML)
    it.cli("migrate")
    return it


@contextlib.contextmanager
def locked(river, table):
    """Inside, nobody else can lock TABLE."""
    psql = subprocess.Popen(
        ["psql", "-X", "-q", "-A", "-t", river.dsn], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=dict(os.environ, PGCONNECT_TIMEOUT="10"))
    try:
        psql.stdin.write(f"BEGIN; LOCK TABLE {table}; SELECT 'held';\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == "held\n"
        yield
    finally:
        psql.communicate("ROLLBACK;\n", timeout=20)


def owners(river):
    return {row[0].rpartition("/")[2] for row in
            river.sql("SELECT owner FROM position")}


def all_of(river, process):
    """The group has come to its first end: PROCESS has every partition."""
    eventually(lambda: len(river.sql("SELECT 1 FROM position")) == 3 and
               owners(river) == {str(process.pid)}, 60,
               "the partitions found no owner")


def check(river, records):
    found = dump(river)
    assert found["problems"] == []
    oracle = Tables(records, SITES, {})
    assert differences(
        {"daily": found["daily"], "traffic": found["traffic"],
         "hits": found["hits"]},
        {"daily": oracle.daily_rows(), "traffic": oracle.traffic_rows(),
         "hits": oracle.hits_rows()}) == ""


def test_a_stopped_aggregator_that_goes_on_writes_nothing(river):
    records = Shop(7, 120).records
    messages = arrange(records, random.Random(7))
    half = len(messages) // 2
    zombie, other = river.aggregators
    river.start_aggregator(0)
    all_of(river, zombie)
    publish(river, messages[:half])
    eventually(lambda: metric(river, 0, "intake_records_total") == half, 60,
               "the records were not read")
    zombie.pause()
    assert river.sql("SELECT sum(next_offset) FROM position") == [["0"]], \
        "it was too late: the batch is written"
    # Six seconds later the group gives the partitions to another.
    river.start_aggregator(1)
    settled(river, half)
    assert owners(river) == {str(other.pid)}
    before = written(river)

    zombie.pause(False)
    eventually(lambda: metric(river, 0, "batches_fenced_total") or
               "another owner" in zombie.output() or
               "left us" in zombie.output(), 60,
               "the zombie did not notice that it is one")
    after = written(river)
    # It may come back into the group at once, and then take a partition as
    # everybody does: but it has written nothing.
    before.pop("position"), after.pop("position")
    assert differences(after, before) == ""

    publish(river, messages[half:])
    settled(river, len(messages))
    check(river, records)
    assert zombie.alive() and other.alive()


def test_an_aggregator_stopped_in_a_transaction_does_not_stop_the_others(
        river):
    """Its locks go with its connection, which PostgreSQL ends."""
    records = Shop(8, 120).records
    messages = arrange(records, random.Random(8))
    zombie, other = river.aggregators
    river.start_aggregator(0)
    all_of(river, zombie)
    # Somebody else holds a row that the batch needs: it waits inside.
    river.sql("CREATE TABLE gate (); CREATE FUNCTION wait() RETURNS trigger "
              "LANGUAGE plpgsql AS 'BEGIN LOCK TABLE gate IN SHARE MODE; "
              "RETURN NULL; END'; CREATE TRIGGER wait BEFORE INSERT ON "
              "hits_daily FOR EACH STATEMENT EXECUTE FUNCTION wait()")
    with locked(river, "gate"):
        publish(river, messages)
        eventually(lambda: river.sql(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND application_name LIKE 'afterclick%'"), 60,
            "no batch is being written")
        zombie.pause()
    assert river.sql("SELECT sum(next_offset) FROM position") == [["0"]]
    river.start_aggregator(1)
    settled(river, len(messages))
    assert owners(river) == {str(other.pid)}
    check(river, records)
    zombie.pause(False)
    river.stop(zombie.name)
    check(river, records)
