"""afterclick doctor: a stack that works has nothing to mend; what is broken
on purpose is found, with what to do, and the rest is looked at all the same.
"""

import json

from conftest import eventually, server_events

VISITOR = "a1b2c3d4e5f60718"


def ask(stack, *arguments):
    """(exit code, {what: finding})"""
    done = stack.run_cli("doctor", "--json", *arguments)
    assert done.stdout, done.stderr
    return done.returncode, {one["what"]: one
                             for one in json.loads(done.stdout)}


def test_a_stack_that_works_has_nothing_to_mend(stack):
    it = stack()
    server_events(it, [{"type": "page", "visitor_id": VISITOR,
                        "url": "https://shop.example/"}])
    it.wait()
    code, found = ask(it, "--collector", it.admin_url)
    bad = {what: one for what, one in found.items() if
           one["verdict"] != "ok" and what not in ("durability", "role")}
    assert (code, bad) == (0, {})
    assert {"configuration", "kafka", "retention", "postgresql", "clock",
            "schema", "aggregator", "days", "dead letters", "rates",
            "roi_check", "collector"} <= set(found)
    assert "\n" not in found["collector"]["found"]


def test_what_is_broken_is_found_with_what_to_do(stack):
    it = stack()
    server_events(it, [
        {"type": "conversion", "visitor_id": VISITOR, "order_id": "1",
         "value": "5", "currency": "CHF"},
        {"type": "conversion", "visitor_id": VISITOR, "order_id": "2",
         "value": "5", "currency": "USD"}])
    it.wait()
    it.collector.kill()
    it.aggregators[0].kill()
    it.sql("UPDATE campaign_daily SET value_micros = value_micros + 1")
    it.sql("UPDATE position SET updated_at = now() - interval '1 hour'")
    code, found = ask(it, "--collector", it.admin_url)
    assert code == 1
    assert found["rates"]["verdict"] == "warn"
    assert "import-fx" in found["rates"]["todo"]
    for what in ("roi_check", "collector", "aggregator"):
        assert found[what]["verdict"] == "fail", found[what]
        assert found[what]["todo"]
    it.sql("DELETE FROM schema_version WHERE version = "
           "(SELECT max(version) FROM schema_version)")
    code, found = ask(it)
    assert code == 1
    assert found["schema"]["todo"] == "afterclick migrate"
    assert found["kafka"]["verdict"] == "ok"


def test_without_postgresql_kafka_is_looked_at_all_the_same(stack):
    it = stack(up=False)
    it.cli("migrate")
    # A topic that was made just now has no leader for a moment.
    eventually(lambda: ask(it)[1]["kafka"]["verdict"] == "ok", 60)
    path = it.path("config", "aggregator.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    where = f"@127.0.0.1:{it.postgres.port}/"
    assert where in text
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(where, "@127.0.0.1:1/"))
    code, found = ask(it)
    assert code == 1
    assert found["postgresql"]["verdict"] == "fail"
    assert found["kafka"]["verdict"] == "ok"
