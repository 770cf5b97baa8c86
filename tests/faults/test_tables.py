"""
The aggregator, PostgreSQL, or the word between them dies: F60, F61 and F63
of docs/reliability.md. Every hit counts once, whatever happened.
"""

import time

import processes
from proxy import CommitProxy
from world import dice, eventually, quick_or_long

# Many small batches, of two members in one process.
ANY = {"batch": {"records": 200, "wait": "100ms"}, "intake_workers": 2}


def committed(river):
    """The sum of the positions in the table."""
    return int(river.sql("SELECT coalesce(sum(next_offset), 0) FROM position"
                         )[0][0])


def test_an_aggregator_killed_at_any_moment_counts_each_hit_once(world, load):
    river = world(aggregator_options=ANY)
    it = load(river, rate=800)
    it.more(100)
    for _ in range(quick_or_long(8, 200)):
        # Not a wait for something: the moment of death is the test.
        time.sleep(dice.uniform(0.005, 0.5))
        river.aggregators[0].kill()
        river.start_aggregator()
    # It also has to come to something between two deaths.
    it.more(200)
    before = committed(river)
    eventually(lambda: committed(river) > before, 60,
               "no batch is written any more")
    assert river.settle_tables(it).acked > quick_or_long(1000, 10000)


def lost_commits(world, load, postgres, times, **options):
    """Each of the three ways to lose the answer TIMES times."""
    proxy = CommitProxy(0, postgres.port)
    try:
        river = world(up=False, **options)
        dsn = river.postgres.dsn(river.known["database"])
        river.known["aggregator_options"] = {**ANY, "postgres": {
            "dsn": dsn.replace(f":{postgres.port}/", f":{proxy.port}/"),
            "password": "${file:../secrets/postgres_password}"}}
        river.up(keep=True)
        it = load(river, rate=800)
        proxy.armed = True
        eventually(lambda: min(proxy.cuts.values()) >= times,
                   30 + 10 * times, lambda: f"only {proxy.cuts}")
        proxy.armed = False
        return river, river.settle_tables(it)
    finally:
        proxy.close()


def test_a_lost_answer_to_commit_counts_nothing_twice_and_nothing_never(
        world, load, postgres):
    river, verdict = lost_commits(world, load, postgres,
                                  quick_or_long(8, 70))
    assert verdict.acked > 1000
    assert river.metric("afterclick_intake_batches_fenced_total",
                        river.aggregator_urls[0]) == 0, \
        "it took itself for another"


def test_a_postgres_killed_again_and_again_changes_no_number(
        world, load, postgres):
    river = world(aggregator_options=ANY)
    it = load(river, rate=800)
    for _ in range(quick_or_long(4, 50)):
        it.more(100)
        before = committed(river)
        eventually(lambda: committed(river) > before, 60,
                   "no batch is written any more")
        time.sleep(dice.uniform(0, 0.2))  # of when it dies
        postgres.process.kill()
        postgres.start()
        postgres.wait()
    assert river.settle_tables(it).acked > 300


def test_hits_are_taken_while_postgres_is_away(world, load, postgres):
    river = world(aggregator_options=ANY)
    it = load(river, rate=800)
    it.more(500)
    postgres.process.kill()
    it.more(800 * quick_or_long(4, 600), timeout=quick_or_long(60, 1200))
    assert processes.fetch(river.admin_url + "/readyz")[0] == 200
    postgres.start()
    postgres.wait()
    assert river.aggregators[0].alive()
    assert river.settle_tables(it).acked > 3000


def test_sessions_that_postgres_ends_change_no_number(
        world, load, postgres):
    """pg_terminate_backend and pg_cancel_backend at random."""
    river = world(aggregator_options=ANY)
    it = load(river, rate=800)
    for number in range(quick_or_long(20, 400)):
        it.more(30)
        call = ("pg_terminate_backend", "pg_cancel_backend")[number % 2]
        postgres.psql(f"SELECT {call}(pid) FROM pg_stat_activity WHERE "
                      f"datname = '{river.known['database']}'")
    assert river.aggregators[0].alive()
    assert river.settle_tables(it).acked > 500
