"""Who may do what in PostgreSQL: the owner migrates, the writer writes rows,
readers read views, and some of them those of their sites alone."""

import os
import subprocess

import pytest

from conftest import eventually, http, server_events
from dashboard_shop import OPTIONS, shop

DAY = 24 * 3600 * 1000
BLOG = """
  - id: blog
    hosts: [blog.example]
    timezone: UTC
    currency: USD
    api_keys: ["${file:../secrets/api_key}"]
    experiments: [{name: button, variants: [{name: a}, {name: b}]}]
"""


class As:
    """psql as one of the test's roles."""

    def __init__(self, river, role):
        self.role = river.known["database"] + role
        self.dsn = (f"postgresql://{self.role}:{self.role}@127.0.0.1:"
                    f"{river.postgres.port}/{river.known['database']}")

    def run(self, query):
        return subprocess.run(
            ["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-f",
             "-", self.dsn], input=query, capture_output=True, text=True,
            check=False, timeout=60)

    def sql(self, query):
        done = self.run(query)
        assert done.returncode == 0, done.stderr
        return done.stdout.split("\n")[:-1]

    def refused(self, query):
        done = self.run(query)
        assert done.returncode != 0, query
        assert "permission denied" in done.stderr or \
            "must be owner" in done.stderr, done.stderr


@pytest.fixture
def two_sites(stack, postgres):
    """A stack with the sites shop and blog, alike, written by a role that is
    not the owner; a role that reads all, one that reads shop, one that reads
    nothing any more."""
    river = stack(up=False, partitions=1, site_options=OPTIONS)
    name = river.known["database"]
    roles = [name + role for role in ("_w", "_shop", "_both", "_gone")]
    for role in roles:
        postgres.psql(f"CREATE ROLE {role} LOGIN PASSWORD '{role}'")
    about = {"dsn": river.postgres.dsn(name),
             "password": "${file:../secrets/postgres_password}",
             "reader": name + "_reader", "writer": name + "_w",
             "site_readers": {name + "_shop": "shop",
                              name + "_gone": "shop, blog"}}
    river.known["aggregator_options"] = {"postgres": about}
    written = river.write_config

    def write_config():
        written()
        with open(river.path("config", "sites.yaml"), "a",
                  encoding="utf-8") as file:
            file.write(BLOG)
    river.write_config = write_config
    try:
        river.up(keep=True)
        about["site_readers"] = {name + "_shop": "shop",
                                 name + "_both": "blog shop"}
        river.write_config()
        river.cli("migrate")
        # From here on the aggregator is the writer.
        river.aggregators[0].stop(60)
        about.update(dsn=As(river, "_w").dsn, password="")
        river.known["aggregator_options"]["retention"] = {
            "touches": "200d", "order_ids": "30d"}
        river.write_config()
        river.start_aggregator(0)
        yield river
    finally:
        for process in river.aggregators:
            process.stop(60)
        river.sql("DROP SCHEMA IF EXISTS afterclick_sites CASCADE")
        for role in roles:
            postgres.psql(f"DROP OWNED BY {role}", name)
            postgres.psql(f"DROP ROLE {role}")


def fill(river):
    shop(river, server_events)
    now = int(river.sql("SELECT (extract(epoch FROM now()) * 1000)::bigint")
              [0][0])
    server_events(river, [
        {"site": "blog", "type": "page", "event_id": "bp", "visitor_id": "bv",
         "session_id": "bv", "time": now - 40 * DAY, "experiment": "button",
         "variant": "a", "url": "https://blog.example/?utm_source=blogsource"
         "&utm_medium=email&utm_campaign=blogcampaign"},
        {"site": "blog", "type": "conversion", "event_id": "bc",
         "visitor_id": "bv", "order_id": "B-1", "value": "7",
         "time": now - 40 * DAY + 1000},
        {"site": "blog", "type": "refund", "event_id": "br", "order_id":
         "none", "refund_id": "bq", "value": "1", "time": now - DAY},
        {"site": "blog", "type": "conversion", "event_id": "bx",
         "visitor_id": "bv", "value": "7", "currency": "EUR",
         "time": now - DAY}])
    path = os.path.join(river.folder, "blog.csv")
    with open(path, "w", encoding="utf-8") as file:
        file.write("date,source,medium,campaign,cost,clicks\n"
                   "2026-03-01,news,email,spring,10,5\n")
    river.cli("import-costs", "--platform", "generic", "--site", "blog",
              "--currency", "EUR", path)
    river.wait()
    eventually(lambda: river.sql(
        "SELECT count(*) FROM conversions WHERE site = 'blog'") == [["1"]],
        60, "the blog's conversion is not in the tables")


def test_each_role_can_do_its_work_and_no_more(two_sites):
    river = two_sites
    fill(river)

    # --- the writer: all of the above, retention too, and no table.
    def cleaned():
        page = http(river.aggregator_urls[0] + "/metrics").body.decode()
        return "afterclick_retention_last_run_timestamp_seconds 0" not in page
    eventually(cleaned, 60, "no run of retention ended")
    assert "error" not in river.aggregators[0].output().lower()
    writer = As(river, "_w")
    assert writer.sql("SELECT current_user") == [writer.role]
    for query in ("DROP TABLE touch", "TRUNCATE touch",
                  "ALTER TABLE touch ADD COLUMN x int",
                  "CREATE TABLE afterclick.x ()", "CREATE SCHEMA x",
                  "DROP VIEW roi_check", "CREATE ROLE x",
                  "UPDATE schema_version SET name = 'x'",
                  "UPDATE order_secret SET secret = ''",
                  "INSERT INTO site_reader VALUES ('x', '{blog}')",
                  "SELECT pg_read_file('/etc/hostname')",
                  f"GRANT SELECT ON touch TO {As(river, '_shop').role}"
                  ):
        done = writer.run("SET search_path TO afterclick; " + query)
        assert done.returncode != 0 or "no privileges were granted" in \
            done.stderr, query

    # --- who reads all: every view, no table.
    everything = [tuple(row) for row in river.sql(
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = "
        "'afterclick'::regnamespace AND relkind IN ('r', 'v', 'p', 'S')")]
    reader = river.known["database"] + "_reader"
    rights = {row[0]: row[1] for row in river.sql(
        "SELECT relname, concat_ws(' ', "
        + ", ".join(f"CASE WHEN has_table_privilege('{reader}', oid, '{p}') "
                    f"THEN '{p}' END" for p in (
                        "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"))
        + ") FROM pg_class WHERE relnamespace = 'afterclick'::regnamespace "
          "AND relkind IN ('r', 'v', 'p')")}
    for name, kind in everything:
        if kind != "S":
            assert rights[name] == ("SELECT" if kind == "v" else ""), name

    name = river.known["database"]
    all_of_it = As(river, "_reader")
    all_of_it.dsn = all_of_it.dsn.replace(
        f":{reader}@", ":" + river.postgres.known["databases"][name][
            "reader_password"] + "@")
    assert all_of_it.sql("SELECT current_user") == [reader]
    all_of_it.sql("SET jit = off; SELECT sum(n) FROM (" + " UNION ALL ".join(
        f"SELECT count(*) AS n FROM afterclick.{view}"
        for view, kind in everything if kind == "v") + ") v")

    # --- who reads one site: nothing of the schema, and of its own schema
    # what the owner sees of that site.
    one, both, gone = (As(river, role) for role in ("_shop", "_both", "_gone"))
    assert one.sql("SELECT relname FROM pg_class WHERE relnamespace = "
                   "'afterclick'::regnamespace AND relkind IN ('r', 'v') AND "
                   "has_any_column_privilege(oid, 'SELECT, INSERT, UPDATE, "
                   "REFERENCES')") == []
    one.refused("SELECT FROM afterclick.touch")
    one.refused("SELECT FROM afterclick.campaigns")
    gone.refused("SELECT FROM afterclick_sites.sites")
    views = {row[0]: row[1].split() for row in river.sql(
        "SELECT c.relname, string_agg(a.attname, ' ') FROM pg_class c JOIN "
        "pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE "
        "relnamespace = 'afterclick_sites'::regnamespace GROUP BY 1")}
    del views["own_sites"]
    assert {name for name, kind in everything if kind == "v"} - set(views) \
        == {"dead_letters"}

    def rows(ask, schema, where="true", only=views):
        """{(view, row as text)} of all views, asked at once."""
        return {tuple(line.split("|", 1)) for line in ask(
            "SET jit = off; " + " UNION ALL ".join(
            f"SELECT '{view}' || '|' || v::text FROM {schema}.{view} v "
            f"WHERE {where}" for view in only))}
    owner = [view for view in views if "site" in views[view]]

    def own(query):
        return [row[0] for row in river.sql(query)]
    for role, sites in ((one, "'shop'"), (both, "'shop', 'blog'")):
        assert rows(role.sql, "afterclick_sites", only=owner) == rows(
            own, "afterclick", f"site IN ({sites})", owner)
    assert not [row for row in rows(one.sql, "afterclick_sites")
                if "blog" in row[1]]
    told_apart = {view for view, row in rows(
        own, "afterclick", "site = 'blog'", owner)} & {
        view for view, row in rows(own, "afterclick", "site = 'shop'", owner)}
    assert len(told_apart) >= 12, told_apart
    keys = ("SELECT count(DISTINCT campaign_key) FROM {}.campaign_cells")
    assert one.sql(keys.format("afterclick_sites")) == ["2"]
    assert river.sql(keys.format("afterclick")) == [["3"]]
    assert one.sql("SELECT sites FROM afterclick_sites.own_sites") == \
        ["{shop}"]
    one.refused("INSERT INTO afterclick_sites.sites VALUES ('x')")
    one.refused("CREATE TABLE afterclick_sites.x ()")

    # A rebuild, by the owner, changes none of that: the writer goes on.
    before = rows(one.sql, "afterclick_sites", only=owner)
    about = river.known["aggregator_options"]["postgres"]
    mine = dict(about)
    about.update(dsn=river.postgres.dsn(river.known["database"]),
                 password="${file:../secrets/postgres_password}")
    river.write_config()
    assert '"differences":[]' in river.cli("rebuild", "--json").replace(
        " ", "")
    about.update(mine)
    river.write_config()
    server_events(river, [{"type": "page", "site": "blog", "visitor_id": "x",
                           "url": "https://blog.example/?utm_source=late"}])
    river.wait()
    assert river.sql("SELECT count(*) FROM campaigns WHERE source = 'late'") \
        == [["1"]]
    steady = {"conversions", "touches", "campaigns", "conversion_credits",
              "waiting_refunds"}
    after = rows(one.sql, "afterclick_sites", only=owner)
    assert {row for row in after if row[0] in steady} == {
        row for row in before if row[0] in steady}

    # A condition that tells what it is asked sees its own rows only; without
    # the barrier it would see all.
    leak = ("CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE "
            "plpgsql COST 0.0001 AS $$ BEGIN RAISE NOTICE '%', $1; RETURN "
            "true; END $$; SELECT count(*) FROM afterclick_sites.campaigns "
            "WHERE pg_temp.leak(source);")
    assert "news" in one.run(leak).stderr
    assert "blogsource" not in one.run(leak).stderr
    river.sql("ALTER VIEW afterclick_sites.campaigns RESET "
              "(security_barrier)")
    assert "blogsource" in one.run(leak).stderr


def test_a_reader_of_an_unknown_site_is_refused(stack):
    river = stack(up=False, aggregator_options={})
    role = river.known["database"]
    river.known["aggregator_options"] = {"postgres": {
        "dsn": river.postgres.dsn(role),
        "password": "${file:../secrets/postgres_password}",
        "site_readers": {role + "_reader": "shopp"}}}
    river.write_config()
    done = river.run_cli("migrate", "--database-only")
    assert done.returncode == 1
    assert "no site is called shopp" in done.stderr
