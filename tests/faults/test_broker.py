"""
Kafka is away, deaf, dumb, forgetful or picky: F20 to F25 and F28 of
docs/reliability.md. The collector keeps what it has promised, and what it
sends twice counts once.
"""

import json
import os
import secrets
import shutil
import subprocess
import time

import kafka_wire
import ledger
import processes
import traffic
from world import LONG, eventually, quick_or_long, rss_kb


def behind_proxy(world, kafka, **options):
    options.setdefault("up", False)
    return world(collector_options={"kafka": {
        "bootstrap.servers": f"127.0.0.1:{kafka.proxy_port}",
        "reconnect.backoff.max.ms": 1000,
        **options.pop("client", {})}}, **options)


def readiness(river):
    return processes.fetch(river.admin_url + "/readyz")


def test_a_collector_that_starts_without_a_broker_delivers_later(
        world, load, kafka):
    river = world(up=False)
    river.cli("migrate")
    kafka.process.kill()
    river.start_collector()
    it = load(river, rate=500)
    it.more(quick_or_long(500, 30000), timeout=quick_or_long(30, 120))
    assert "kafka" in processes.fetch(
        river.admin_url + "/healthz")[1].lower() or \
        river.collector_metric("kafka_up") == 0
    assert river.collector_metric("publisher_delivered_total") == 0
    kafka.start()
    kafka.wait()
    assert river.settle(it, 30).acked >= 500


def test_an_outage_costs_no_hit_and_no_memory_and_is_soon_made_up(
        world, load, kafka):
    rate = quick_or_long(1000, 2000)
    river = world(up=False)
    river.only_collector()
    it = load(river, rate=rate, threads=12, events=quick_or_long(5, 39))
    it.more(rate)
    kafka.process.kill()
    # Memory is flat once the publisher's window (50,000 records of each
    # spool) is full; the quick form ends before that.
    it.more(rate * quick_or_long(1, 130), timeout=quick_or_long(30, 400))
    at_first = rss_kb(river.collector.pid)
    begin = time.monotonic()
    it.more(rate * quick_or_long(12, 3470), timeout=quick_or_long(60, 5400))
    seconds = time.monotonic() - begin
    backlog = river.collector_metric("spool_pending_records")
    assert backlog > rate * quick_or_long(8, 3400)
    at_last = rss_kb(river.collector.pid)
    assert at_last < at_first + 20 * 1024
    kafka.start()
    kafka.wait()
    eventually(lambda: river.collector_metric("kafka_up") == 1, 60)
    before = river.collector_metric("publisher_delivered_total")
    begin = time.monotonic()
    eventually(lambda: (river._unconfirmed() or 0) < rate / 2,
               quick_or_long(60, 900), "the backlog does not go down")
    took = time.monotonic() - begin
    drained = river.collector_metric("publisher_delivered_total") - before
    verdict = river.settle(it, 120)
    print(f"{backlog:.0f} records after {seconds:.0f} s, RSS {at_first} to "
          f"{at_last} KiB, then {drained:.0f} delivered in {took:.1f} s at "
          f"{rate}/s; {verdict}")
    # If all was gone before we could look, that is fast enough.
    assert drained < backlog / 2 or drained / took >= 5 * rate, \
        f"{drained} records in {took:.1f} s"
    assert verdict.acked > backlog
    assert rss_kb(river.collector.pid) < at_first + 64 * 1024


def test_a_broker_killed_under_load_loses_nothing(world, load, kafka):
    river = world(up=False)
    river.only_collector()
    it = load(river, rate=1000)
    for _ in range(quick_or_long(1, 20)):
        it.more(300)
        kafka.process.kill()
        it.more(200)
        kafka.start()
        kafka.wait()
    it.more(300)
    assert river.settle(it).acked > 500


def lose_the_machine(river):
    """Collector and spool are gone at once; another one begins."""
    river.collector.kill()
    shutil.rmtree(river.spool)
    os.mkdir(river.spool, 0o700)
    river.start_collector()


def test_with_durability_kafka_an_answer_needs_no_spool(world, load, kafka):
    river = world(up=False, collector_options={
        "durability": "kafka", "http": {"answer_timeout": "1s"},
        "kafka": {"bootstrap.servers": kafka.brokers,
                  "reconnect.backoff.max.ms": 500}})
    river.only_collector()
    it = load(river, rate=1000, threads=12)
    for _ in range(quick_or_long(4, 100)):
        it.more(100)
        lose_the_machine(river)
    it.more(100)
    if LONG:
        kafka.process.pause()
        it.more(20, kind="U")
        kafka.process.pause(False)
        it.more(100, timeout=60)
    kafka.process.kill()
    it.more(20, kind="U")
    assert river.collector_metric("http_unconfirmed_total") > 0
    # Who asks before he sends is told so.
    eventually(lambda: readiness(river)[0] == 503, 60, lambda: readiness(river))
    assert river.collector.alive()
    kafka.start()
    kafka.wait()
    it.more(100, timeout=60)
    counts = it.end()
    river.collector.kill()
    verdict = ledger.reconcile(it.ledger(), river.each_record())
    assert verdict.acked > 500 and verdict.unknown > 0
    assert counts["status 503"] > 0, counts


def cut_answers(river, it, proxy, times):
    """The broker hears and answers, and the answers do not arrive."""
    for _ in range(times):
        it.more(100)
        before = proxy.swallowed
        proxy.mute = True
        eventually(lambda: proxy.swallowed > before, 60)
        it.more(50)
        proxy.cut()
        proxy.mute = False
        delivered = river.collector_metric("publisher_delivered_total")
        eventually(lambda: river.collector_metric(
            "publisher_delivered_total") > delivered, 60,
            "nothing is delivered any more")


def without_an_answer(river, load, proxy, times):
    """A new producer knows nothing of the old one's sequence, so kill -9
    between write and answer makes true duplicates in the topic."""
    it = load(river, rate=600)
    cut_answers(river, it, proxy, times)
    for _ in range(times):
        it.more(50)
        before = proxy.swallowed
        proxy.mute = True
        eventually(lambda: proxy.swallowed > before, 60)
        it.more(50)
        river.collector.kill()
        proxy.mute = False
        river.start_collector()
    it.more(50)
    return river.settle_tables(it)


def test_what_was_written_without_an_answer_counts_once(
        world, load, kafka, proxy):
    river = behind_proxy(world, kafka, up=True)
    verdict = without_an_answer(river, load, proxy, quick_or_long(3, 40))
    assert verdict.duplicates > 0, "no duplicate in Kafka: nothing is proved"
    counted = river.metric("afterclick_intake_duplicate_records_total",
                           river.aggregator_urls[0])
    assert counted == verdict.duplicates
    assert verdict.acked > 200


def test_requests_that_vanish_are_sent_again(world, load, kafka, proxy):
    """One-way drop, the other way: the broker hears nothing."""
    river = behind_proxy(world, kafka,
                         client={"socket.timeout.ms": 3000})
    river.only_collector()
    it = load(river, rate=500)
    for _ in range(quick_or_long(1, 10)):
        it.more(100)
        before = proxy.swallowed
        proxy.deaf = True
        eventually(lambda: proxy.swallowed > before, 60)
        # Until it gives the connection up by itself.
        eventually(lambda: river.collector_metric("kafka_up") == 0, 60,
                   "nobody notices that the broker is deaf")
        proxy.deaf = False
        eventually(lambda: river.collector_metric("kafka_up") == 1, 60,
                   "nobody notices that the broker hears again")
    assert river.settle(it, 60).acked > 100


def limit_records(kafka, topic, size):
    """The broker takes no record of TOPIC above SIZE bytes from now."""
    with open(os.path.join(kafka.home, "jars"), encoding="utf-8") as file:
        jars = file.read()
    done = subprocess.run(
        ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
         "-Xshare:auto", "-cp", jars + "/*", "kafka.admin.ConfigCommand",
         "--bootstrap-server", kafka.brokers, "--entity-type", "topics",
         "--entity-name", topic, "--alter", "--add-config",
         f"max.message.bytes={size}"], capture_output=True, text=True,
        timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_deleted_topic_is_told_and_nothing_is_lost_once_it_is_back(
        world, load, kafka):
    river = world(up=False)
    river.only_collector()
    first = load(river, rate=500)
    first.more(300)
    first.end()
    river.drained()
    before = river.records()  # goes with the topic
    kafka_wire.delete_topic(kafka.port, river.known["topic"])
    it = load(river, rate=500)
    eventually(lambda: river.collector_metric("kafka_up") == 0, 60,
               "the missing topic goes unnoticed")
    it.more(300)
    assert river.collector.alive()
    lines = len(river.collector.output().splitlines())
    it.more(500)
    assert len(river.collector.output().splitlines()) - lines <= 5, \
        "a line for each failure"
    river.cli("migrate")
    it.more(100)
    it.end()
    river.drained(60)
    verdict = ledger.reconcile(ledger.Ledger(first.path, it.path),
                               before + river.records())
    assert verdict.acked > 1000


def test_what_the_broker_will_never_take_is_set_aside_and_stops_nobody(
        world, load, kafka):
    river = world(up=False)
    river.cli("migrate")
    limit_records(kafka, river.known["topic"], 1500)
    river.start_collector()
    it = load(river, rate=400)
    # A record that is too large for this topic, in the middle of others.
    large = load(river, rate=20, threads=1, events=1, pad=500)
    large.more(3)
    it.more(300)
    lane = traffic.ServerLane(river.collector_url, river.api_key)
    poison = [f"poison.{n}" for n in range(quick_or_long(5, 100))]
    for event_id in poison:
        lane.send([{"site": "shop", "type": "conversion", "goal": "purchase",
                    "event_id": event_id, "visitor_id": event_id,
                    "value": "1", "url": "https://shop.example/?" +
                    secrets.token_hex(990)}])  # packs to no less
    lane.close()
    it.more(200)
    large.end()
    it.end()
    river.drained()
    with open(os.path.join(river.spool, "dead-letters.jsonl"),
              encoding="utf-8") as file:
        dead = [json.loads(line) for line in file if line.strip()]
    assert sorted(letter["record"]["event_id"] for letter in dead) == \
        sorted(poison)
    assert all("large" in letter["reason"].lower() for letter in dead)
    assert river.collector_metric("publisher_refused_total") == len(poison)
    verdict = ledger.reconcile(ledger.Ledger(it.path, large.path),
                               river.records())
    assert verdict.acked > 500
    # No loop: each was tried a few times at most.
    assert river.collector_metric("publisher_resent_total") < \
        verdict.acked


def test_a_spool_restored_from_a_copy_counts_nothing_twice(
        world, load, kafka, tmp_path):
    river = world()
    it = load(river, rate=800)
    it.more(500)
    copy = tmp_path / "copy"
    shutil.copytree(river.spool, copy)
    it.more(500)
    river.collector.kill()
    # The disk is lost, and with it what Kafka did not have yet: a restored
    # copy can only bring back what it had.
    shutil.rmtree(river.spool)
    shutil.copytree(copy, river.spool)
    os.chmod(river.spool, 0o700)
    river.start_collector()
    it.more(300)
    it.end()
    river.wait(60)
    records = river.records()
    book = it.ledger()
    arrived = {record["event_id"] for _, record in records}
    lost = book.acked - arrived
    assert len(lost) < 100, "more than was on its way"
    book.acked -= lost
    verdict = ledger.reconcile(book, records)
    ledger.reconcile_tables(verdict, arrived, river)
    assert verdict.duplicates > 0, "the copy held nothing: nothing is proved"
