"""
Three brokers, three copies, two of which must be in step: F22 of
docs/reliability.md. Leaders move, brokers die, and for a while too few are
left to write to.
"""

import os
import shutil

import pytest

import processes
import servers
from test_tables import ANY
from world import LEFT_OUT, LONG, dice, eventually


class Broker(servers.Kafka):
    """One of three, with topics as safe as those of a cluster should be."""

    def create(self, say=lambda text: None, **place):
        super().create(say, **place)
        with open(self.properties, encoding="utf-8") as file:
            text = file.read()
        processes.write_file(self.properties, text.replace(
            "replication.factor=1", "replication.factor=3") + """\
min.insync.replicas=2
replica.lag.time.max.ms=2000
unclean.leader.election.enable=false
controlled.shutdown.enable=true
""")


class Cluster:
    """The three, in the place of a single one."""

    def __init__(self, folder):
        self.brokers_ = [Broker(os.path.join(folder, f"broker-{n}"))
                         for n in (1, 2, 3)]
        ports = [processes.free_port() for _ in range(3)]
        cluster = servers.cluster_id()
        for node, broker in enumerate(self.brokers_, 1):
            broker.create(node=node, controllers=ports, cluster=cluster)
        for broker in self.brokers_:
            broker.start()
        for broker in self.brokers_:
            broker.wait()
        eventually(lambda: servers._metadata_brokers(
            self.brokers_[0].port) == 3, 60, "they do not find each other")

    process = property(lambda self: self.brokers_[0].process)
    brokers = property(lambda self: ",".join(
        broker.brokers for broker in self.brokers_))

    def remove(self):
        for broker in self.brokers_:
            broker.remove()


@pytest.fixture
def cluster(session_dir):
    folder = os.path.join(session_dir, "cluster")
    it = Cluster(folder)
    yield it
    it.remove()
    shutil.rmtree(folder)


if not LONG:
    LEFT_OUT.append("test_cluster.py: three brokers belong to the long form "
                    "(AFTERCLICK_FAULTS=long)")
else:
    def test_three_brokers_die_one_by_one_and_two_at_once(
            world, load, cluster):
        client = {"bootstrap.servers": cluster.brokers,
                  "reconnect.backoff.max.ms": 1000}
        river = world(up=False, collector_options={"kafka": client},
                      aggregator_options={
                          **ANY, "topic_create": {"partitions": 4,
                                                  "replication": 3},
                          "kafka": {**client, "session.timeout.ms": 6000}})
        river.kafka = cluster
        river.up(keep=True)
        it = load(river, rate=500)
        it.more(200)

        def delivers(what):
            before = river.collector_metric("publisher_delivered_total")
            eventually(lambda: river.collector_metric(
                "publisher_delivered_total") > before + 100, 60,
                "nothing is delivered with " + what)
        for _ in range(10):
            # Leaders move, by an orderly end and by kill -9; two are enough.
            for broker in dice.sample(cluster.brokers_, 2):
                dice.choice((broker.stop, broker.process.kill))()
                delivers("a broker away")
                broker.start()
                broker.wait()
            # One is not: NOT_ENOUGH_REPLICAS, or no leader at all.
            two = dice.sample(cluster.brokers_, 2)
            for broker in two:
                broker.process.kill()
            delivered = river.collector_metric("publisher_delivered_total")
            it.more(500)
            eventually(lambda: river.collector_metric(
                "spool_pending_records") > 200, 60, "nothing is held back")
            assert river.collector_metric("publisher_delivered_total") < \
                delivered + 400, "one copy was enough"
            for broker in two:
                broker.start()
            for broker in two:
                broker.wait()
            delivers("all of them back")
        assert river.settle_tables(it, 120).acked > 700
        assert river.collector_metric("publisher_refused_total") == 0
