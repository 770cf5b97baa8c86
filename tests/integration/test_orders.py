"""afterclick reconcile and import-conversions."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from conftest import everything, server_events
from test_views import world  # noqa: F401

SHOPIFY = """\
Name,Email,Financial Status,Currency,Subtotal,Total,Created at,Lineitem name,Cancelled at
#1001,a@example.org,paid,USD,90.00,100.00,2026-03-01 10:00:00 +0100,Hat,
#1001,a@example.org,,,,,2026-03-01 10:00:00 +0100,Coat,
#1002,b@example.org,paid,USD,45.00,"1,050.00",2026-03-01 23:30:00 -0500,Hat,
#1003,c@example.org,paid,USD,45.00,50.00,2026-03-02 09:00:00 +0000,Hat,
#1004,d@example.org,voided,USD,45.00,50.00,2026-03-02 09:00:00 +0000,Hat,
#1005,e@example.org,paid,USD,45.00,fifty,2026-03-02 09:00:00 +0000,Hat,
#1006,f@example.org,paid,EUR,45.00,200.00,2026-03-02 12:00:00 +0000,Hat,
"""


@pytest.fixture
def tracked(world):
    """1001 was reported twice, 1002 with another amount, 1006 in EUR at a
    rate of 1.5; 999 is no order of the shop."""
    world.sql("""
    INSERT INTO fx_rate (day, base, currency, rate_micros)
        VALUES ('2026-02-27', 'USD', 'EUR', 1500000);
    INSERT INTO conversion (site, event_id, goal, ts, order_id, dedup_key,
        value_micros, currency, verified, lane, purchase, lookback_ms)
    SELECT 'shop', e, 'purchase', t::timestamptz, o, o, v * 1000000, c, true,
        'server', true, 2592000000
    FROM (VALUES ('a', '2026-03-01 09:00+00', '1001', 100, 'USD'),
        ('b', '2026-03-01 09:01+00', '1001', 100, 'USD'),
        ('c', '2026-03-02 04:30+00', '1002', 1000, 'USD'),
        ('d', '2026-03-02 12:00+00', '1006', 200, 'EUR'),
        ('x', '2026-03-01 12:00+00', '999', 70, 'USD'),
        ('y', '2026-04-01 12:00+00', '998', 70, 'USD')) n (e, t, o, v, c);
    INSERT INTO outcome (site, event_id, customer, state, day, value_micros,
        refunded_micros, new_customer, purchase, refund_days, refund_micros)
    SELECT site, event_id, gen_random_uuid(), (event_id = 'b')::int,
        ts::date, value_micros, 0, false, true, '{}', '{}' FROM conversion;
    """)
    return world


def reconcile(world, *options, text=SHOPIFY):
    return world.run("reconcile", "-", "--site", "shop", "--preset",
                     "shopify", "--json", *options, stdin=text)


def test_orders_are_matched_missing_different_extra_and_repeated(tracked):
    run = reconcile(tracked)
    assert run.returncode == 1
    assert run.stderr == "stdin:7: amount: not an amount of at most six " \
        "places (see --locale)\n"
    told = json.loads(run.stdout)
    assert (told["rows"], told["orders"], told["further_lines"],
            told["refused"], told["kept"]) == (7, 5, 1, 1, True)
    assert tracked.sql("SELECT order_id, status, day, duplicates FROM "
                       "order_reconciliation ORDER BY order_id") == [
        ["1001", "matched", "2026-03-01", "1"],
        ["1002", "different amount", "2026-03-02", "0"],
        ["1003", "missing", "2026-03-02", "0"],
        ["1004", "cancelled", "2026-03-02", "0"],
        ["1006", "matched", "2026-03-02", "0"],
        ["999", "extra", "2026-03-01", "0"]]
    # 1050 + 200 x 1.5 of 1050 + 50 + 200 x 1.5 on the second day
    assert [(day["day"], day["coverage"]) for day in told["days"]] == [
        ("2026-03-01", 1), ("2026-03-02", 0.964286)]
    assert told["total"]["coverage"] == round(1450 / 1500, 6)
    assert told["total"]["duplicate"] == 1


def test_a_second_reading_changes_nothing_and_a_later_one_replaces(tracked):
    reconcile(tracked)
    orders = "SELECT order_id, day, amount_micros, cancelled FROM shop_order"
    before = tracked.sql(orders + " ORDER BY 1")
    assert reconcile(tracked).stdout
    assert tracked.sql(orders + " ORDER BY 1") == before
    reconcile(tracked, text=SHOPIFY.replace('"1,050.00"', "1000.00"))
    assert tracked.sql("SELECT status FROM order_reconciliation WHERE "
                       "order_id = '1002'") == [["matched"]]


def test_strict_and_dry_run_keep_nothing(tracked):
    for option in ("--strict", "--dry-run"):
        told = json.loads(reconcile(tracked, option).stdout)
        assert told["orders"] == 5 and told["kept"] is False
        assert tracked.sql("SELECT count(*) FROM shop_order") == [["0"]]


def test_two_lines_that_contradict_each_other_are_told(tracked):
    text = "Id;Sum;When\nA;10,00;2026-03-01\nA;11,00;2026-03-01\n"
    run = tracked.run("reconcile", "-", "--site", "shop", "--locale", "de",
                      "--map", "order_id=Id,amount=Sum,date=When",
                      stdin=text)
    assert run.returncode == 1
    assert "stdin:3: amount: another amount than in line 2" in run.stderr
    assert tracked.sql("SELECT order_id, amount_micros, currency FROM "
                       "shop_order") == [["A", "10000000", "USD"]]


def test_a_missing_column_is_named_with_the_remedy(tracked):
    run = tracked.run("reconcile", "-", "--site", "shop", stdin="Id,Sum\n")
    assert run.returncode == 1
    assert "--map order_id=TITLE" in run.stderr
    run = tracked.run("reconcile", "-", "--site", "shop", "--map", "id=Id",
                      stdin="Id,Sum\n")
    assert run.returncode == 2 and "there is no column id" in run.stderr


def test_roas_is_shown_raw_and_corrected(tracked):
    """Half of the shop's revenue was tracked: orders count twice, a lead's
    value once."""
    tracked.sql("""
    INSERT INTO dimension (site, source, medium, campaign, channel)
        VALUES ('shop', 'google', 'cpc', 'spring', 'Paid Search');
    INSERT INTO campaign_daily (day, dim, basis, model_id, conversions_micros,
        orders_micros, order_value_micros, value_micros, refund_micros)
        VALUES ('2026-03-01', 1, 0, 1, 2000000, 1000000, 100000000,
        125000000, 0);
    INSERT INTO cost (platform, account, site, day, source, medium, campaign,
        campaign_id, dim, amount_micros, currency, cost_micros, import_id,
        name)
        VALUES ('generic', '', 'shop', '2026-03-01', 'google', 'cpc',
        'spring', '', 1, 50000000, 'USD', 50000000, 1, 'spring');
    INSERT INTO order_file (site, file, orders, refused, first_day, last_day)
        VALUES ('shop', 'f', 2, 0, '2026-03-01', '2026-03-01');
    INSERT INTO shop_order VALUES
        ('shop', '1001', '2026-03-01', '2026-03-01', 100000000, 'USD', false,
         1),
        ('shop', 'lost', '2026-03-01', '2026-03-01', 100000000, 'USD', false,
         1);
    """)
    run = tracked.run("roi", "--from", "2026-03-01", "--to", "2026-03-01",
                      "--coverage", "--json")
    assert run.returncode == 0, run.stderr
    row, = json.loads(run.stdout)
    assert (row["coverage"], row["roas_raw"], row["roas_corrected"],
            row["corrected_net_revenue"]) == (0.5, 2.5, 4.5, 225)
    assert tracked.sql(
        "SELECT roas::numeric(9,2), coverage, corrected_roas FROM "
        "campaign_roi_coverage WHERE model = 'last_touch' AND "
        "date_basis = 'conversion'") == [["2.50", "0.500000", "4.500000"]]


# --- import-conversions -------------------------------------------------------
def checked(world, text, *options):
    return world.run("import-conversions", "-", "--site", "shop",
                     "--dry-run", "--json", *options, stdin=text)


def ago(days, clock="12:00:00"):
    day = datetime.now(timezone.utc).date() - timedelta(days)
    return f"{day} {clock}"


def test_each_refused_row_is_told_with_its_line_and_reason(world):
    rows = [
        (f"A1,{ago(9)}+01:00,10,USD,", None),
        (f"A2,{ago(9)},1.1234567,USD,", "value: not a decimal"),
        (f"A3,{ago(9)},-1,USD,", "value: negative"),
        (f"A4,{ago(9)[:10]},1,USD,", "time: a day without a clock"),
        (f"A5,{ago(401)},1,USD,", "time: more than 400 days ago"),
        (f"A6,{ago(-1)},1,USD,", "time: more than 5 minutes ahead"),
        (f"A7,{ago(9)},1,US,", "currency: not a code"),
        (f"A8,{ago(9)},1,USD,nobody", "email: not an address"),
        (f"A9,{ago(9)},1", "3 fields where the head has 5"),
        ("A10,,1,USD,", "time: missing"),
        (f"{'x' * 101},{ago(9)},1,USD,", "order_id: longer than 100"),
    ]
    run = checked(world, "order_id,time,value,currency,email\n" +
                  "\n".join(row for row, _ in rows) + "\n")
    assert run.returncode == 1
    told = run.stderr.splitlines()
    bad = [(n, why) for n, (_, why) in enumerate(rows, 2) if why]
    assert len(told) == len(bad)
    for line, (number, why) in zip(told, bad):
        assert line.startswith(f"stdin:{number}: {why}"), line
    counts = json.loads(run.stdout)
    assert (counts["rows"], counts["events"], counts["refused"],
            counts["sent"]) == (11, 1, 10, False)


def test_rows_may_be_json_and_repeats_are_counted(world):
    line = json.dumps({"time": ago(3), "value": 5, "goal": "lead",
                       "consent": {"ad_user_data": "granted"},
                       "items": [{"sku": "1"}]})
    run = checked(world, f"{line}\n{line}\n" + '{"time": 1, "value": 1}\n')
    counts = json.loads(run.stdout)
    assert (counts["events"], counts["repeats"], counts["refused"]) == \
        (2, 1, 1)


def test_strict_sends_nothing_of_a_file_with_a_bad_row(world, tmp_path):
    sites = world.folder / "sites.yaml"
    sites.write_text(sites.read_text().replace(
        "margin: 0.5", "margin: 0.5, api_keys: [" + "k" * 32 + "]"))
    file = tmp_path / "c.csv"
    file.write_text(f"order_id,time,value\nA1,{ago(9)},1\nA2,{ago(9)},x\n")
    run = world.run("import-conversions", str(file), "--site", "shop",
                    "--strict", "--collector", "http://127.0.0.1:1")
    assert run.returncode == 1  # at once: nobody listens there
    assert "nothing was sent (--strict)" in run.stdout
    assert ":3: value: not a decimal" in run.stderr


def test_late_conversions_and_adjustments_reach_the_tables_once(
        stack, tmp_path):
    """One order by its click, restated twice and refunded by the shop in
    between; another retracted."""
    it = stack()

    def at(days, hour):
        return f"{ago(days)[:10]}T{hour:02}:00:00Z"
    server_events(it, [
        {"type": "page", "event_id": "t1", "visitor_id": "v1",
         "session_id": "s1", "time": at(9, 8),
         "url": "https://shop.example/?utm_source=g&utm_medium=cpc"
                "&utm_campaign=spring"},
    ])
    file = tmp_path / "late.csv"
    file.write_text(
        "order_id,visitor_id,time,value,currency\n"
        f"A1,v1,{at(9, 10)},100.50,USD\n"
        f"A2,v1,{at(9, 11)},30,USD\n"
        f"A3,v1,{at(9, 11)},0.000001,USD\n")

    def send(path):
        run = it.run_cli("import-conversions", str(path), "--site", it.site,
                         "--collector", it.collector_url, "--json")
        it.wait()
        return run, json.loads(run.stdout)
    run, counts = send(file)
    assert run.returncode == 0, run.stderr
    assert (counts["events"], counts["accepted"]) == (3, 3)
    server_events(it, [{"type": "refund", "event_id": "r1", "order_id": "A1",
                        "value": 10, "currency": "USD", "time": at(7, 0)}])
    it.wait()
    adjustments = tmp_path / "adjust.csv"
    adjustments.write_text(
        "Adjustment Type,Order ID,time,Adjusted Value,currency\n"
        f"RESTATE,A1,{at(6, 0)},50.5,USD\n"   # 90.50 - 40
        f"restate,A1,{at(8, 0)},95.5,\n"      # 100.50 - 5
        f"RETRACT,A2,{at(8, 0)},,\n"
        f"RESTATE,A3,{at(8, 0)},5,USD\n"
        f"RETRACT,A9,{at(8, 0)},,\n"
        f"RETRACT,A1,{at(5, 0)},,EUR\n")
    run, counts = send(adjustments)
    assert run.returncode == 1
    assert sorted(line.split(": ")[0].rsplit(":", 1)[1] + ": " +
                  line.split(": ", 1)[1][:20]
                  for line in run.stderr.splitlines()) == [
        "5: above the order's pr", "6: no such order in the",
        "7: another currency tha"]
    assert (counts["adjustments"], counts["refunds"], counts["refused"]) == \
        (6, 3, 3)
    values = ("SELECT order_id, gross_revenue, refunds, retracted FROM "
              "conversions ORDER BY order_id")
    expected = [["A1", "100.500000", "50.000000", "f"],
                ["A2", "30.000000", "30.000000", "t"],
                ["A3", "0.000001", "0.000000", "f"]]

    def sql(text):
        return it.sql("SET search_path TO afterclick;\n" + text)
    assert sql(values) == expected
    before = everything(it)
    assert before["check"] == []
    for path in (file, adjustments):
        again, counts = send(path)
        assert counts["accepted"] > 0
    assert everything(it) == before
    assert sql("SELECT count(*) FROM refund") == [["4"]]
