"""
What lies in the topic is damaged, gone, or another topic's: F66, F71, F72
and F74 of docs/reliability.md.
"""

import json
import re
import secrets
import subprocess
import time

import pytest

import kafka_wire
import processes
from test_tables import ANY, committed
from world import dice, eventually, quick_or_long


def record(number, event_id, spool, seq, **more):
    now = int(time.time() * 1000)
    return {"v": 1, "event_id": event_id, "type": "conversion",
            "site": "shop", "lane": "server", "received_at": now,
            "time": now - 1000, "visitor_id": f"v{number // 3}",
            "goal": "purchase", "value": f"{number % 1000}.5",
            "currency": "USD", "spool_id": spool, "seq": seq, "floor": 1,
            **more}


def produce(river, messages, partition=None):
    """MESSAGES, [(key, bytes)], none with a tab or the end of a line."""
    subprocess.run(
        ["kcat", "-P", "-b", river.kafka.brokers, "-t",
         river.known["topic"], "-K", "\t", "-X", "linger.ms=5"] +
        ([] if partition is None else ["-p", str(partition)]),
        input=b"".join(key.encode() + b"\t" + value + b"\n"
                       for key, value in messages),
        check=True, timeout=120, capture_output=True)


def mutated(text):
    """TEXT with a mistake in it: a byte changed, cut off, doubled, lost."""
    while True:
        data = bytearray(text)
        at = dice.randrange(len(data))
        how = dice.randrange(5)
        if how == 0:
            data[at] = dice.randrange(256)
        elif how == 1:
            del data[at:]
        elif how == 2:
            data[at:at] = data[at:at + dice.randrange(1, 40)]
        elif how == 3:
            del data[at:at + dice.randrange(1, 10)]
        else:
            data[at:at + 8] = dice.randbytes(8)
        if data and bytes(data) != text and not set(data) & set(b"\t\n"):
            return bytes(data)


def is_json(data):
    try:
        return isinstance(json.loads(data.decode()), dict)
    except ValueError:
        return False


def test_damaged_records_are_set_aside_and_the_rest_is_exact(world):
    good, bad = quick_or_long((5000, 200), (100000, 1000))
    river = world(aggregator_options={"batch": {"records": 2000,
                                                "wait": "100ms"}})
    spool = secrets.token_hex(8)
    messages = [(f"v{n // 3}", json.dumps(record(
        n, f"good.{n}", spool, n + 1)).encode()) for n in range(good)]
    for n in range(bad):
        # In a spool of its own: a changed number hides no neighbour.
        text = json.dumps(record(n, f"bad.{n}", secrets.token_hex(8), 1))
        messages.insert(dice.randrange(len(messages)),
                        (f"v{n}", mutated(text.encode())))
    produce(river, messages)
    eventually(lambda: committed(river) == good + bad,
               quick_or_long(30, 300), "the damage stops it")
    river.wait(quick_or_long(60, 300))
    stored = {row[0] for row in river.sql("SELECT event_id FROM conversion")}
    assert {f"good.{n}" for n in range(good)} <= stored
    dead = {(int(partition), int(offset)): (reason, bytes.fromhex(text[2:]))
            for partition, offset, reason, text in river.sql(
                "SELECT partition, \"offset\", reason, record FROM "
                "dead_letter")}
    assert all(reason for reason, _ in dead.values())
    found = subprocess.run(
        ["kcat", "-C", "-q", "-e", "-b", river.kafka.brokers, "-t",
         river.known["topic"], "-o", "beginning", "-f", "%p %o %s\n"],
        capture_output=True, timeout=120, check=True).stdout.split(b"\n")[:-1]
    assert len(found) == good + bad
    aside = 0
    for line in found:
        partition, offset, value = line.split(b" ", 2)
        place = int(partition), int(offset)
        if place in dead:
            assert dead.pop(place)[1] == value, "not the record that came"
            aside += 1
        else:
            assert is_json(value), f"not a record, and no dead letter: {line}"
    assert not dead and aside > bad / 2
    assert river.sql("SELECT * FROM roi_check") == []


def position(river, partition):
    return int(river.sql("SELECT next_offset FROM position WHERE partition "
                         f"= {partition}")[0][0])


def test_what_retention_took_unread_stops_its_partition_and_is_told(
        world, kafka):
    river = world(aggregator_options=ANY)
    spools = [secrets.token_hex(8) for _ in range(4)]

    def some(first, count):
        for partition, spool in enumerate(spools):
            produce(river, [(f"v{n}", json.dumps(record(
                n, f"{partition}.{n}", spool, n + 1)).encode())
                for n in range(first, first + count)], partition)
    some(0, 20)
    eventually(lambda: committed(river) == 80, 60)
    assert river.aggregators[0].stop(60)
    some(20, 20)
    kafka_wire.delete_records(kafka.port, river.known["topic"], 2, 27)
    river.start_aggregator()
    # The others go on, this one is not read, and it says why.
    eventually(lambda: [position(river, p) for p in (0, 1, 3)] == [40] * 3,
               60, "the other partitions stand as well")
    eventually(lambda: "retention" in river.aggregators[0].output(), 60)
    assert position(river, 2) == 20
    line, = [line for line in river.aggregators[0].output().splitlines()
             if "retention" in line]
    assert "partition 2" in line and "20 to 26 (7 records)" in line
    url = river.aggregator_urls[0]

    def stopped():
        return river.metric("afterclick_intake_stopped_partitions", url)
    eventually(lambda: stopped() == 1, 60)
    some(40, 5)
    eventually(lambda: committed(river) == 3 * 45 + 20, 60)
    # The remedy is in the line.
    remedy = re.search(r"UPDATE [^,]*", line).group()
    assert river.aggregators[0].stop(60)
    river.sql(remedy)
    river.start_aggregator()
    eventually(lambda: committed(river) == 4 * 45, 60)
    stored = river.sql("SELECT count(*) FROM conversion")
    assert stored == [[str(4 * 45 - 7)]]
    assert stopped() == 0


def test_another_topic_of_the_same_name_is_refused(world, load, kafka):
    """Neither when it is shorter than what was read, nor when it has grown
    beyond that. With its positions set back it is read from its start."""
    river = world(aggregator_options=ANY)
    it = load(river, rate=800)
    it.more(400)
    it.end()
    river.wait(60)
    read = committed(river)
    assert river.aggregators[0].stop(60)
    kafka_wire.delete_topic(kafka.port, river.known["topic"])
    river.cli("migrate")

    def refused(why):
        try:
            river.start_aggregator()
        except processes.Failure:
            pass  # so soon
        eventually(lambda: not river.aggregators[0].alive(), 60)
        said = river.aggregators[0].output()
        assert why in said and "UPDATE afterclick.position" in said
        assert committed(river) == read
        return said
    refused("ends before its position")
    # Of each partition more than was read of the one before.
    again = load(river, rate=1500, threads=12, events=5)
    again.more(3 * read)
    again.end()
    river.drained(60)
    said = refused("has other records before its position")
    river.sql(re.search(r"UPDATE [^,]*", said).group())
    river.start_aggregator()
    river.wait(120)
    assert river.metric("afterclick_dirty_customers",
                        river.aggregator_urls[0]) == 0
    ids = {row[0] for row in river.sql("SELECT event_id FROM conversion")}
    assert it.ledger().acked <= ids
    assert {r["event_id"] for _, r in river.records()} <= ids
