"""
The views and the commands that read and fill their tables: rows are put into
a migrated database by SQL, and the numbers are worked out by hand.
"""

import json
import os
import re
import subprocess
import urllib.parse

import pytest

from conftest import BUILD_DIR, ROOT

AFTERCLICK = os.path.join(BUILD_DIR, "afterclick")
MODELS = ["first_touch", "last_touch", "last_non_direct", "linear",
          "time_decay", "position_based"]
CUSTOMER = "00000000-0000-0000-0000-000000000001"

CONFIG = """\
kafka: {{bootstrap.servers: "127.0.0.1:1"}}
postgres: {{dsn: "{dsn}"}}
sites_file: sites.yaml
channels_file: {channels}
"""
SITES = """\
sites:
  - {id: shop, hosts: [shop.example], timezone: UTC, currency: USD,
     margin: 0.5}
"""


class World:
    """A migrated database and the program that works on it."""

    def __init__(self, dsn, folder):
        self.dsn = dsn
        self.folder = folder
        (folder / "sites.yaml").write_text(SITES)
        (folder / "aggregator.yaml").write_text(CONFIG.format(
            dsn=dsn, channels=os.path.join(ROOT, "config", "channels.yaml")))

    def run(self, *arguments, stdin=None):
        return subprocess.run(
            [AFTERCLICK, "--config", str(self.folder / "aggregator.yaml"),
             *arguments], input=stdin, capture_output=True, text=True,
            timeout=60)

    def sql(self, text):
        run = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.dsn],
            input="SET search_path TO afterclick;\n" + text,
            capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr
        return [line.split("|") for line in run.stdout.splitlines()]

    def roi(self, columns, model="linear", basis="conversion"):
        """{campaign: [COLUMNS]} of campaign_roi_daily."""
        rows = self.sql(
            f"SELECT campaign, {columns} FROM campaign_roi_daily WHERE "
            f"model = '{model}' AND date_basis = '{basis}' ORDER BY day")
        return {row[0]: row[1:] for row in rows}

    def costs(self, text, *options):
        return self.run("import-costs", "--site", "shop", "--currency", "USD",
                        *options, "-", stdin=text)


@pytest.fixture
def world(database, tmp_path):
    it = World(database, tmp_path)
    run = it.run("migrate", "--database-only")
    assert run.returncode == 0, run.stderr
    return it


@pytest.fixture
def shop(world):
    """
    Day 1: 100 visits by spring (cost 100, 50 clicks), 40 by autumn (cost 30,
    no conversion), 10 direct. One order of 250, refunded by 50, shared
    between spring on day 1 and direct on day 2 when it was bought; and one
    sign-up without any touch.
    """
    def six(first, rest=None):
        return "{" + ",".join([str(first)] + [str(
            first if rest is None else rest)] * 5) + "}"
    world.sql(f"""
    INSERT INTO dimension (site, source, medium, campaign, channel) VALUES
        ('shop', 'google', 'cpc', 'spring', 'Paid Search'),
        ('shop', 'bing', 'cpc', 'autumn', 'Paid Search'),
        ('shop', '(direct)', '(none)', '(direct)', 'Direct'),
        ('shop', '(none)', '(none)', '(unattributed)', 'Unassigned');
    INSERT INTO traffic_daily (day, dim, visits, touches) VALUES
        ('2026-03-01', 1, 100, 40), ('2026-03-01', 2, 40, 40),
        ('2026-03-01', 3, 10, 10);
    INSERT INTO cost (platform, account, site, day, source, medium, campaign,
        campaign_id, dim, amount_micros, currency, cost_micros, clicks,
        impressions, import_id, name) VALUES
        ('generic', '', 'shop', '2026-03-01', 'google', 'cpc', 'spring', '',
         1, 100000000, 'USD', 100000000, 50, 1000, 1,
         'spring'),
        ('generic', '', 'shop', '2026-03-01', 'bing', 'cpc', 'autumn', '',
         2, 30000000, 'USD', 30000000, NULL, NULL, 1, 'autumn');
    INSERT INTO conversion (site, event_id, goal, ts, visitor, order_id,
        value_micros, currency, verified, lane, purchase, lookback_ms) VALUES
        ('shop', 'buy', 'purchase', '2026-03-01 10:00+00', '{CUSTOMER}', 'o1',
         250000000, 'USD', true, 'server', true, 2592000000),
        ('shop', 'sign', 'sign_up', '2026-03-01 11:00+00', '{CUSTOMER}', NULL,
         0, 'USD', false, 'browser', false, 2592000000);
    INSERT INTO outcome (site, event_id, customer, state, day, value_micros,
        refunded_micros, new_customer, purchase, refund_days, refund_micros)
        VALUES
        ('shop', 'buy', '{CUSTOMER}', 0, '2026-03-01', 250000000, 50000000,
         true, true, '{{2026-03-04}}', '{{50000000}}'),
        ('shop', 'sign', '{CUSTOMER}', 0, '2026-03-01', 0, 0, false, false,
         '{{}}', '{{}}');
    INSERT INTO credit (customer, site, event_id, touch_no, dim, touch_ts,
        touch_event_id, conversion_day, touch_day, share_micros, value_micros,
        refund_micros) VALUES
        ('{CUSTOMER}', 'shop', 'buy', 1, 1, '2026-02-27 09:00+00', 't1',
         '2026-03-01', '2026-02-27', '{six(800000)}', '{six(200000000)}',
         '{six(40000000)}'),
        ('{CUSTOMER}', 'shop', 'buy', 2, 3, '2026-03-01 09:00+00', 't2',
         '2026-03-01', '2026-03-01', '{six(200000)}', '{six(50000000)}',
         '{six(10000000)}'),
        ('{CUSTOMER}', 'shop', 'sign', 0, 4, NULL, NULL,
         '2026-03-01', '2026-03-01', '{six(1000000)}', '{six(0)}',
         '{six(0)}');
    INSERT INTO campaign_daily (day, dim, basis, model_id, conversions_micros,
        orders_micros, order_value_micros, new_customers_micros, value_micros,
        refund_micros, booked_refund_micros)
    SELECT c.day, c.dim, c.basis, m.model_id, c.share, c.orders, c.value,
        c.orders, c.value, c.refund, c.booked
    FROM model m CROSS JOIN (VALUES
        (date '2026-03-01', 1, 0, 800000, 800000, 200000000, 40000000, 0),
        ('2026-03-01', 3, 0, 200000, 200000, 50000000, 10000000, 0),
        ('2026-03-01', 4, 0, 1000000, 0, 0, 0, 0),
        ('2026-03-04', 1, 0, 0, 0, 0, 0, 40000000),
        ('2026-03-04', 3, 0, 0, 0, 0, 0, 10000000),
        ('2026-02-27', 1, 1, 800000, 800000, 200000000, 40000000, 0),
        ('2026-03-01', 3, 1, 200000, 200000, 50000000, 10000000, 0),
        ('2026-03-01', 4, 1, 1000000, 0, 0, 0, 0)
    ) c (day, dim, basis, share, orders, value, refund, booked)
    WHERE NOT m.trained;
    """)
    return world


DAY = "day = '2026-03-01' AND model = 'linear' AND date_basis = 'conversion'"


def first_day(world, columns):
    rows = world.sql(f"SELECT campaign, {columns} FROM campaign_roi_daily "
                     f"WHERE {DAY}")
    return {row[0]: row[1:] for row in rows}


# --- the views ----------------------------------------------------------------
def test_sums_and_ratios_are_those_worked_by_hand(shop):
    row = first_day(
        shop, "visits, touches, conversions, orders, new_customers, "
        "gross_revenue, refunds, net_revenue, impressions, clicks, cost, "
        "round(roas, 6), round(roi, 6), round(cpa, 6), round(cac, 6), "
        "round(cvr, 6), round(aov, 6), round(tracking_rate, 6), "
        "round(gross_roas, 6), round(cpc, 6), round(cpm, 6), round(ctr, 6), "
        "currency")["spring"]
    assert row == [
        "100", "40", "0.800000", "0.800000", "0.800000",
        "200.000000", "40.000000", "160.000000", "1000", "50", "100.000000",
        "1.600000",   # 160 / 100
        "-0.200000",  # (160 * 0.5 - 100) / 100
        "125.000000",  # 100 / 0.8
        "125.000000", "0.008000",
        "250.000000",  # 200 / 0.8
        "0.800000",   # 40 / 50
        "2.000000", "2.000000", "100.000000", "0.050000", "USD"]


def test_spend_without_conversions_stays_visible(shop):
    assert first_day(shop, "cost, conversions, roas, roi, cpa, cac, aov, "
                     "tracking_rate")["autumn"] == [
        "30.000000", "0.000000", "0.00000000000000000000",
        "-1.00000000000000000000", "", "", "", ""]
    for model in MODELS:
        assert "autumn" in shop.roi("cost", model)
        assert "autumn" in shop.roi("cost", model, "touch")


def test_ratios_are_null_where_nothing_was_spent(shop):
    assert first_day(shop, "cost, roas, roi, gross_roas, cpc, cpm, ctr")[
        "(direct)"] == ["0.000000"] + [""] * 6


def test_a_conversion_without_a_touch_is_its_own_row(shop):
    assert first_day(shop, "conversions, visits, cvr")["(unattributed)"] == [
        "1.000000", "0", ""]


def test_both_bases_have_the_same_grand_totals(shop):
    rows = shop.sql(
        "SELECT date_basis, sum(conversions), sum(net_revenue), sum(cost), "
        "sum(visits) FROM campaign_roi_daily WHERE model = 'linear' "
        "GROUP BY 1 ORDER BY 1")
    assert rows == [
        ["conversion", "2.000000", "200.000000", "130.000000", "150"],
        ["touch", "2.000000", "200.000000", "130.000000", "150"]]


def test_refunds_are_also_booked_on_their_own_day(shop):
    rows = shop.sql(
        "SELECT campaign, booked_refunds, refunds FROM campaign_roi_daily "
        "WHERE day = '2026-03-04' AND model = 'linear' "
        "AND date_basis = 'conversion' ORDER BY 1")
    assert rows == [["(direct)", "10.000000", "0.000000"],
                    ["spring", "40.000000", "0.000000"]]


def test_a_cell_that_went_back_to_nothing_is_no_row(shop):
    shop.sql("INSERT INTO campaign_daily (day, dim, basis, model_id) "
             "VALUES ('2026-03-09', 1, 0, 3)")
    assert shop.sql("SELECT count(*) FROM campaign_roi_daily "
                    "WHERE day = '2026-03-09'") == [["0"]]


def test_a_cost_without_a_rate_makes_its_row_unknown_and_not_zero(shop):
    shop.sql("UPDATE cost SET cost_micros = NULL, currency = 'EUR' "
             "WHERE campaign = 'autumn'")
    assert first_day(shop, "cost, roas, roi, cpa")["autumn"] == [""] * 4
    assert shop.sql("SELECT campaign, amount, currency, reporting_currency "
                    "FROM waiting_costs") == [
        ["autumn", "30.000000", "EUR", "USD"]]


def test_credits_say_why(shop):
    rows = shop.sql(
        "SELECT event_id, touch_no, campaign, conversions, gross_revenue, "
        "refunds, net_revenue FROM conversion_credits WHERE model = 'linear' "
        "ORDER BY 1, 2")
    assert rows == [
        ["buy", "1", "spring", "0.800000", "200.000000", "40.000000",
         "160.000000"],
        ["buy", "2", "(direct)", "0.200000", "50.000000", "10.000000",
         "40.000000"],
        ["sign", "0", "(unattributed)", "1.000000", "0.000000", "0.000000",
         "0.000000"]]
    assert shop.sql("SELECT DISTINCT model FROM conversion_credits "
                    "ORDER BY 1") == [[m] for m in sorted(MODELS)]


def test_conversions_show_their_refunds(shop):
    assert shop.sql(
        "SELECT event_id, gross_revenue, refunds, net_revenue, new_customer, "
        "retracted FROM conversions ORDER BY 1") == [
        ["buy", "250.000000", "50.000000", "200.000000", "t", "f"],
        ["sign", "0.000000", "0.000000", "0.000000", "f", "f"]]


def test_a_conversion_without_a_rate_waits_in_sight(shop):
    shop.sql("UPDATE outcome SET state = 2 WHERE event_id = 'sign'")
    shop.sql("UPDATE conversion SET currency = 'JPY' WHERE event_id = 'sign'")
    assert shop.sql("SELECT event_id, original_currency, reporting_currency "
                    "FROM waiting_conversions") == [["sign", "JPY", "USD"]]
    assert shop.sql("SELECT count(*) FROM conversions") == [["1"]]


def test_models_are_compared_with_the_last_touch(shop):
    shop.sql("UPDATE campaign_daily SET conversions_micros = 1000000, "
             "value_micros = 250000000 WHERE dim = 1 AND model_id = 0 "
             "AND day = '2026-03-01'")
    assert shop.sql(
        "SELECT conversions_over_last_touch, net_revenue_over_last_touch "
        "FROM model_comparison WHERE model = 'first_touch' AND "
        "campaign = 'spring' AND day = '2026-03-01' AND "
        "date_basis = 'conversion'") == [["0.200000", "50.000000"]]


def test_a_hit_without_origin_is_a_touch_only_when_it_is_first(shop):
    shop.sql(f"""
    INSERT INTO touch (visitor, session, signature, ts, event_id,
        session_start, dim, tagged, partition, place) VALUES
        ('{CUSTOMER}', 1, 0, '2026-03-01 09:00+00', 'a', '2026-03-01', 3,
         false, 0, 0),
        ('{CUSTOMER}', 1, 5, '2026-03-01 09:05+00', 'b', '2026-03-01', 1,
         true, 0, 1),
        ('{CUSTOMER}', 2, 6, '2026-03-01 23:00+00', 'c', '2026-03-01', 1,
         true, 0, 0),
        ('{CUSTOMER}', 2, 0, '2026-03-01 23:05+00', 'd', '2026-03-01', 3,
         false, 0, 1)""")
    assert shop.sql("SELECT event_id, campaign FROM touches ORDER BY 1") == [
        ["a", "(direct)"], ["b", "spring"], ["c", "spring"]]


@pytest.mark.parametrize("watermark, status", [
    ("2026-03-02 00:59:59+00", "open"),
    ("2026-03-02 01:00:00+00", "provisional"),
    ("2026-04-05 23:59:59+00", "provisional"),
    ("2026-04-06 00:00:00+00", "final"),
])
def test_a_day_settles_as_the_slowest_partition_passes(shop, watermark,
                                                       status):
    shop.sql("INSERT INTO position (topic, partition, epoch, next_offset, "
             "owner, dedup, watermark) VALUES "
             f"('t', 0, 1, 1, 'x', '', '{watermark}'), "
             "('t', 1, 1, 1, 'x', '', '2027-01-01')")
    assert first_day(shop, "day_status")["spring"] == [status]
    assert shop.sql("SELECT day_status FROM day_status "
                    "WHERE day = '2026-03-01'") == [[status]]


def test_the_check_is_empty_when_all_is_well(shop):
    assert shop.sql("SELECT * FROM roi_check") == []


@pytest.mark.parametrize("damage, rule", [
    ("UPDATE campaign_daily SET value_micros = value_micros + 1 "
     "WHERE dim = 1 AND basis = 0 AND model_id = 3 AND day = '2026-03-01'",
     "cell = sum of credits"),
    ("UPDATE campaign_daily SET orders_micros = 0 "
     "WHERE dim = 1 AND basis = 1 AND model_id = 2",
     "cell = sum of credits"),
    ("UPDATE credit SET share_micros[3] = 799999 WHERE touch_no = 1",
     "credits = conversion"),
    ("DELETE FROM credit WHERE event_id = 'sign'", "credits = conversion"),
    ("UPDATE campaign_daily SET conversions_micros = 0 WHERE dim = 4",
     "campaigns = conversions"),
    ("UPDATE campaign_daily SET booked_refund_micros = 1 WHERE "
     "day = '2026-03-04' AND dim = 1", "campaigns = refunds"),
    ("UPDATE outcome SET refund_micros = '{1}' WHERE event_id = 'buy'",
     "refunds of a conversion = their sum"),
])
def test_the_check_finds_every_kind_of_damage(shop, damage, rule):
    shop.sql(damage)
    assert [rule] in shop.sql("SELECT DISTINCT rule FROM roi_check")


def test_everything_has_a_comment(world):
    assert world.sql("""
    SELECT c.relname, a.attname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        AND NOT a.attisdropped
    WHERE n.nspname = 'afterclick' AND c.relkind IN ('r', 'v', 'p', 'm')
        AND (obj_description(c.oid, 'pg_class') IS NULL
        OR col_description(c.oid, a.attnum) IS NULL)""") == []


def test_every_column_is_in_the_data_map(world):
    """tools/make-data-map reads the migrations; here it is held against what
    PostgreSQL made of them."""
    with open(os.path.join(ROOT, "docs", "data-map.md"),
              encoding="utf-8") as file:
        tables = re.split(r"^### ", file.read(), flags=re.M)[1:]
    mapped = {(name, column) for name, rest in
              (t.split("\n", 1) for t in tables)
              for column in re.findall(r"^\| (\w+) \|", rest, re.M)}
    assert mapped == {tuple(row) for row in world.sql("""
        SELECT c.relname, a.attname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
            AND NOT a.attisdropped
        WHERE c.relnamespace = 'afterclick'::regnamespace
            AND c.relkind IN ('r', 'p', 'm')""")}


# --- migrations ---------------------------------------------------------------
def test_migrating_again_changes_nothing(world):
    run = world.run("migrate", "--database-only")
    assert run.returncode == 0
    assert "nothing to do" in run.stdout


def test_a_newer_database_is_refused(world):
    world.sql("INSERT INTO schema_version VALUES "
              "(100, '100_future', 'x', '9.9')")
    run = world.run("migrate", "--database-only")
    assert run.returncode == 1
    assert "newer than this program" in run.stderr
    assert world.run("roi", "--from", "2026-03-01", "--to",
                     "2026-03-01").returncode == 1


def test_a_migration_with_another_text_is_refused(world):
    world.sql("UPDATE schema_version SET checksum = 'x' WHERE version = 1")
    run = world.run("migrate", "--database-only")
    assert run.returncode == 1
    assert "001_tables" in run.stderr and "checksum" in run.stderr


def test_commands_on_an_empty_database_say_what_to_do(database, tmp_path):
    run = World(database, tmp_path).run("roi", "--from", "2026-03-01", "--to",
                                        "2026-03-01")
    assert run.returncode == 1
    assert "afterclick migrate" in run.stderr


def test_two_that_migrate_at_once_take_turns(database, tmp_path):
    world = World(database, tmp_path)
    command = [AFTERCLICK, "--config", str(tmp_path / "aggregator.yaml"),
               "migrate", "--database-only"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
            for _ in range(3)]
    outputs = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], outputs
    applied = sum(out.count("applied migration") for out, _ in outputs)
    assert [[str(applied)]] == world.sql("SELECT count(*) FROM schema_version")


def test_a_wrong_password_is_a_clear_error(database, tmp_path):
    url = urllib.parse.urlsplit(database)
    wrong = database.replace(f":{url.password}@", ":hunter2@")
    run = World(wrong, tmp_path).run("roi", "--from", "2026-03-01", "--to",
                                     "2026-03-01")
    assert run.returncode == 1
    assert "password authentication failed" in run.stderr
    assert "hunter2" not in run.stderr
    assert run.stderr.count("\n") == 1


# --- the report ---------------------------------------------------------------
ALL = ("roi", "--from", "2026-02-01", "--to", "2026-03-31")


def test_the_report_adds_up_before_it_divides(shop):
    run = shop.run(*ALL, "--model", "linear", "--json")
    report = json.loads(run.stdout)
    by = {row["campaign"]: row for row in report["rows"]}
    assert by["spring"]["net_revenue"] == 160
    assert by["spring"]["roas"] == 1.6
    assert by["spring"]["roi"] == -0.2
    assert by["(direct)"]["roas"] is None
    [total] = report["totals"]
    assert (total["net_revenue"], total["cost"], total["visits"]) == (
        200, 130, 150)
    assert total["roas"] == 1.538462  # 200 / 130
    assert total["roi"] == -0.230769  # (200 * .5 - 130) / 130
    assert total["total"] is True


def test_the_report_is_a_table_for_people(shop):
    lines = shop.run(*ALL).stdout.splitlines()
    assert lines[0].split() == ["channel", "source", "medium", "campaign",
                                "visits", "conv.", "revenue", "cost", "roas",
                                "roi", "cpa"]
    assert lines[-1].split() == ["total", "150", "2.00", "200.00", "130.00",
                                 "1.54", "-0.23", "65.00"]


@pytest.mark.parametrize("by, count", [
    ("campaign", 4), ("source", 4), ("channel", 3), ("day", 2)])
def test_the_report_has_a_row_for_each(shop, by, count):
    report = json.loads(shop.run(*ALL, "--by", by, "--json").stdout)
    assert len(report["rows"]) == count
    assert report["totals"][0]["net_revenue"] == 200


def test_the_report_can_show_every_model(shop):
    report = json.loads(shop.run(*ALL, "--model", "all", "--json").stdout)
    assert [row["model"] for row in report["totals"]] == MODELS


def test_the_report_is_csv_too(shop):
    lines = shop.run(*ALL, "--csv").stdout.splitlines()
    assert lines[0].startswith("model,day,channel,source,medium,campaign,")
    assert len(lines) == 6


@pytest.mark.parametrize("arguments, words", [
    (("roi", "--from", "2026-03-01"), "--to DAY is missing"),
    (("roi", "--from", "2026-02-30", "--to", "2026-03-01"), "not a day"),
    (("roi", "--from", "2026-03-02", "--to", "2026-03-01"), "after --to"),
    ((*ALL, "--model", "last_tuch"), "did you mean last_touch?"),
    ((*ALL, "--modle", "x"), "did you mean --model?"),
    (("imprt-costs",), "did you mean import-costs?"),
])
def test_a_wrong_command_line_says_what_is_wrong(world, arguments, words):
    run = world.run(*arguments)
    assert run.returncode == 2
    assert words in run.stderr


# --- costs and rates ----------------------------------------------------------
HEAD = "date,source,medium,campaign,cost,clicks,impressions,currency\n"


def test_costs_meet_the_traffic_of_their_campaign(shop):
    shop.sql("DELETE FROM cost")
    run = shop.costs(HEAD + "2026-03-01, Google ,CPC,SPRING,100,50,1000,\n")
    assert run.returncode == 0, run.stderr
    assert first_day(shop, "visits, cost, clicks, round(roas, 2)")[
        "spring"] == ["100", "100.000000", "50", "1.60"]


def test_importing_again_changes_nothing(world):
    text = HEAD + "2026-03-01,google,cpc,spring,12.5,,,\n"
    assert " 1 inserted," in world.costs(text).stdout
    assert " 1 unchanged," in world.costs(text).stdout
    assert world.sql("SELECT count(*) FROM cost_history") == [["0"]]


def test_the_newest_import_wins_and_the_older_is_kept(world):
    world.costs(HEAD + "2026-03-01,google,cpc,spring,12.5,,,\n")
    run = world.costs(HEAD + "2026-03-01,google,cpc,spring,13,,,\n")
    assert " 1 updated," in run.stdout
    assert world.sql("SELECT amount_micros FROM cost") == [["13000000"]]
    assert world.sql("SELECT amount_micros, import_id, replaced_by "
                     "FROM cost_history") == [["12500000", "1", "2"]]


def test_wrong_rows_are_named_and_the_rest_is_imported(world):
    run = world.costs(
        HEAD + "2026-13-01,google,cpc,a,1,,,\n"
        "2026-03-01,google,cpc,b,NaN,,,\n"
        "2026-03-01,google,cpc,c,-1,,,\n"
        "2026-03-01,google,cpc,d,1\n"
        "2026-03-01,google,cpc,e,1,,,euro\n"
        "2026-03-01,google,cpc,f,1,many,,\n"
        '2026-03-01,google,cpc,g"h,1,,,\n'
        "2026-03-01,,cpc,i,1,,,\n"
        '2026-03-01,google,cpc,"good, ""one""",1.000001,,,\n'
        '2026-03-01,google,cpc,"GOOD, ""one""",2,,,\n')
    assert run.returncode == 1
    told = run.stderr.splitlines()
    assert [line.split(": ")[0:2] for line in told[:6]] == [
        ["stdin:2", "date"], ["stdin:3", "cost"], ["stdin:4", "cost"],
        ["stdin:5", "5 fields where the head has 8"],
        ["stdin:6", "currency"], ["stdin:7", "clicks"]]
    assert "stdin:8: a quote" in told[6]
    assert "stdin:9: source: empty" == told[7]
    assert "stdin:11: campaign: the same day and campaign as line 10" == \
        told[8]
    assert world.sql("SELECT campaign, amount_micros FROM cost") == [
        ['good, "one"', "1000001"]]


def test_a_strict_import_with_a_wrong_row_writes_nothing(world):
    run = world.costs(HEAD + "2026-03-01,google,cpc,a,1,,,\nx,y\n",
                      "--strict")
    assert run.returncode == 1
    assert world.sql("SELECT count(*) FROM cost") == [["0"]]


def test_a_dry_run_writes_nothing(world):
    run = world.costs(HEAD + "2026-03-01,google,cpc,a,1,,,\n", "--dry-run",
                      "--json")
    told = json.loads(run.stdout)
    assert told.pop("read_ms") >= 0
    assert told == {
        "file": "stdin", "rows": 1, "refused": 0, "totals": 0, "inserted": 1,
        "updated": 0, "superseded": 0, "unchanged": 0, "waiting": 0,
        "imported": False}
    assert world.sql("SELECT count(*) FROM cost") == [["0"]]


def test_a_file_without_a_needed_column_is_refused(world):
    run = world.costs("date,source,medium,cost\n")
    assert run.returncode == 1
    assert "campaign: column is missing" in run.stderr


def test_columns_may_stand_in_any_order(world):
    run = world.costs("Cost,Campaign,Medium,Source,Date\r\n"
                      "7,spring,cpc,google,2026-03-01\r\n")
    assert run.returncode == 0, run.stderr
    assert world.sql("SELECT campaign, cost_micros FROM cost") == [
        ["spring", "7000000"]]


def test_a_foreign_cost_waits_until_its_rate_is_known(world):
    text = HEAD + "2026-03-01,google,cpc,spring,10,,,EUR\n"
    assert " 1 waiting" in world.costs(text).stdout
    assert " 1 waiting" in world.costs(text).stdout
    run = world.run("import-fx", "--json", "-",
                    stdin="date,currency,rate\n2026-02-27,EUR,1.1\n"
                    "2026-02-20,EUR,1.5\n")
    assert json.loads(run.stdout)["costs"] == 1
    assert world.roi("cost")["spring"] == ["11.000000"]
    # A rate of a nearer day takes its place.
    world.run("import-fx", "-", stdin="date,currency,rate\n"
              "2026-03-01,EUR,1.2\n")
    assert world.roi("cost")["spring"] == ["12.000000"]
    assert " 1 unchanged, 0 waiting" in world.costs(text).stdout


def test_a_rate_older_than_a_week_is_not_used(world):
    world.run("import-fx", "-",
              stdin="date,currency,rate\n2026-02-21,EUR,1.1\n")
    assert " 1 waiting" in world.costs(
        HEAD + "2026-03-01,google,cpc,spring,10,,,EUR\n").stdout


def test_the_central_bank_s_files_are_read_by_way_of_the_euro(world):
    run = world.run("import-fx", "-", stdin="Date,USD,JPY,BGN,\n"
                    "2026-03-02,1.25,160,N/A,\n2026-02-27,1.2,150,2,\n")
    assert run.returncode == 0, run.stderr
    run = world.run("import-fx", "-",
                    stdin="Date, USD, JPY, \n3 March 2026, 1.5, 160, \n")
    assert run.returncode == 0, run.stderr
    assert world.sql("SELECT day, currency, rate_micros FROM fx_rate "
                     "WHERE base = 'USD' ORDER BY 1, 2") == [
        ["2026-02-27", "BGN", "600000"], ["2026-02-27", "EUR", "1200000"],
        ["2026-02-27", "JPY", "8000"], ["2026-03-02", "EUR", "1250000"],
        ["2026-03-02", "JPY", "7813"], ["2026-03-03", "EUR", "1500000"],
        ["2026-03-03", "JPY", "9375"]]


def test_a_new_rate_marks_the_customers_it_concerns(shop):
    shop.sql("UPDATE conversion SET currency = 'EUR' WHERE event_id = 'buy'")
    run = shop.run("import-fx", "--json", "-",
                   stdin="date,currency,rate\n2026-03-01,EUR,1.1\n")
    assert json.loads(run.stdout)["customers"] == 1
    assert shop.sql("SELECT customer FROM dirty") == [[CUSTOMER]]


def test_dead_letters_are_listed_without_their_contents(world):
    world.sql("INSERT INTO dead_letter (topic, partition, \"offset\", reason, "
              "record) VALUES ('hits', 3, 42, 'no such site', 'secret')")
    [letter] = json.loads(world.run("dead-letters", "list", "--json").stdout)
    assert (letter["partition"], letter["offset"], letter["reason"],
            letter["bytes"]) == (3, 42, "no such site", 6)
    assert "secret" not in world.run("dead-letters", "list").stdout


# --- restatements -------------------------------------------------------------
def add_cells(world, *cells):
    """Runs the program's own statement; a cell is (days ago, basis,
    conversions, value, refund)."""
    with open(os.path.join(ROOT, "aggregator", "store", "sql",
                           "cells_add.sql"), encoding="utf-8") as file:
        statement = file.read()
    columns = list(zip(*cells))
    arrays = ["ARRAY[%s]::date[]" % ",".join(
        f"current_date - {days}" for days in columns[0]),
        "ARRAY[%s]::int[]" % ",".join(["1"] * len(cells)),
        "ARRAY[%s]::int[]" % ",".join(map(str, columns[1])),
        "ARRAY[%s]::int[]" % ",".join(["0"] * len(cells))]
    for numbers in (columns[2], columns[2], columns[3], columns[2],
                    columns[3], columns[4], columns[4]):
        arrays.append("ARRAY[%s]::bigint[]" % ",".join(
            str(n * 1000000) for n in numbers))
    world.sql(f"PREPARE add_cells AS {statement}; "
              f"EXECUTE add_cells({', '.join(arrays)})")


def restated(world):
    return world.sql(
        "SELECT current_date - day, date_basis, model, campaign, reason, "
        "changes, old_conversions::float, new_conversions::float, "
        "old_net_revenue::float, new_net_revenue::float FROM restatements "
        "ORDER BY day, reason")


def test_a_change_of_a_final_day_is_logged_with_its_reason(world):
    world.sql("""
    INSERT INTO site (site, timezone, currency, margin_micros)
        VALUES ('shop', 'UTC', 'USD', 1000000) ON CONFLICT DO NOTHING;
    INSERT INTO dimension (site, source, medium, campaign, channel)
        VALUES ('shop', 'google', 'cpc', 'spring', 'Paid Search');
    INSERT INTO position (topic, partition, epoch, next_offset, owner, dedup,
        watermark) VALUES ('t', 0, 1, 1, 'x', '', NULL)""")
    add_cells(world, (60, 0, 1, 100, 0))
    assert restated(world) == []  # nothing is final yet
    world.sql("UPDATE position SET watermark = now()")
    add_cells(world, (60, 0, 1, 50, 0), (20, 0, 1, 50, 0))
    add_cells(world, (60, 0, 0, 0, 30))
    add_cells(world, (60, 0, 0, 0, 20))
    add_cells(world, (59, 0, 0, 7, 0))
    assert restated(world) == [
        ["60", "conversion", "first_touch", "spring", "conversion", "1",
         "1", "2", "100", "150"],
        ["60", "conversion", "first_touch", "spring", "refund", "2",
         "2", "2", "150", "100"],
        ["59", "conversion", "first_touch", "spring", "value", "1",
         "0", "0", "0", "7"]]


def test_credit_that_only_moves_is_logged_as_such(world):
    world.sql("""
    INSERT INTO site (site, timezone, currency, margin_micros)
        VALUES ('shop', 'UTC', 'USD', 1000000) ON CONFLICT DO NOTHING;
    INSERT INTO dimension (site, source, medium, campaign, channel)
        VALUES ('shop', 'google', 'cpc', 'spring', 'Paid Search'),
        ('shop', '(direct)', '(none)', '(direct)', 'Direct');
    INSERT INTO position (topic, partition, epoch, next_offset, owner, dedup,
        watermark) VALUES ('t', 0, 1, 1, 'x', '', now())""")
    with open(os.path.join(ROOT, "aggregator", "store", "sql",
                           "cells_add.sql"), encoding="utf-8") as file:
        statement = file.read()
    world.sql(f"PREPARE move AS {statement}; EXECUTE move("
              "ARRAY[current_date - 60, current_date - 60], "
              "ARRAY[1, 2], ARRAY[0, 0], ARRAY[0, 0], "
              "ARRAY[1000000, -1000000], ARRAY[0, 0], ARRAY[0, 0], "
              "ARRAY[0, 0], ARRAY[5, -5], ARRAY[0, 0], ARRAY[0, 0])")
    assert sorted((row[3], row[4]) for row in restated(world)) == [
        ("(direct)", "credit"), ("spring", "credit")]
