"""
spend_audit, campaign_alias_candidates, budget_suggestion and the coverage
views: rows are put into a migrated database, the numbers are worked out here
by other means.
"""

import csv
import io
import json
import math
import re

import pytest

from test_views import world  # noqa: F401


def trigrams(name):
    found = set()
    for word in re.split(r"[\W_]+", name.lower()):
        word = f"  {word} " if word else ""
        found |= {word[i:i + 3] for i in range(len(word) - 2)}
    return found


def similarity(a, b):
    a, b = trigrams(a), trigrams(b)
    return len(a & b) / len(a | b)


@pytest.fixture
def audited(world):
    world.sql("""
    UPDATE site SET margin_micros = 1000000;
    INSERT INTO dimension (site, source, medium, campaign, channel) VALUES
        ('shop', 'google', 'cpc', 'spring sale 2026', 'Paid Search'),
        ('shop', 'google', 'cpc', 'spring_sale', 'Paid Search'),
        ('shop', 'bing', 'cpc', 'brand', 'Paid Search'),
        ('shop', 'news', 'email', 'weekly', 'Email'),
        ('shop', 'google', 'cpc', 'autumn', 'Paid Search'),
        ('other', 'google', 'cpc', 'spring sale 2026!', 'Paid Search');
    INSERT INTO cost (platform, account, site, day, source, medium, campaign,
        campaign_id, dim, amount_micros, currency, cost_micros, clicks,
        impressions, import_id, name)
    SELECT 'generic', '', d.site, '2026-03-01', d.source, d.medium,
        d.campaign, '', dim, 10000000, 'USD', 10000000, n, NULL, 1,
        d.campaign
    FROM dimension d JOIN (VALUES (1, 50), (3, 100), (5, 40)) c (dim, n)
        USING (dim);
    INSERT INTO traffic_daily (day, dim, visits, touches) VALUES
        ('2026-03-01', 2, 30, 30), ('2026-03-01', 3, 20, 20),
        ('2026-03-01', 4, 9, 9), ('2026-03-01', 5, 39, 39),
        ('2026-03-01', 6, 9, 9);
    INSERT INTO touch (visitor, session, signature, ts, event_id, dim, tagged,
        click_id, partition)
    SELECT gen_random_uuid(), n, 1, '2026-03-01 12:00+00', 'e' || n, 5, true,
        CASE WHEN n < 4 THEN 'gclid=A' || n ELSE 'fbclid=B' || n END, 0
    FROM generate_series(1, 9) n;
    INSERT INTO campaign_daily (day, dim, basis, model_id, conversions_micros)
        VALUES ('2026-03-01', 5, 1, 1, 1000000);
    """)
    # What is too old depends on the day it is run.
    world.sql("UPDATE touch SET ts = now() - interval '100 days'")
    for table in ("campaign_daily", "traffic_daily", "cost"):
        world.sql(f"UPDATE {table} SET day = (SELECT (max(ts) AT TIME ZONE "
                  "'UTC')::date FROM touch)")
    return world


def test_the_audit_finds_spend_and_touches_that_do_not_fit(audited):
    run = audited.run("audit", "spend", "--site", "shop", "--json", "--all")
    assert run.returncode == 0, run.stderr
    rows = {row["campaign"]: row for row in json.loads(run.stdout)}
    assert {name: row["findings"] for name, row in rows.items()} == {
        "spring sale 2026": "spend without touches",
        "spring_sale": "touches without spend",
        "brand": "few clicks landed",
        "weekly": "",
        "autumn": "expired click ids"}
    assert rows["brand"]["tracking_rate"] == 0.2
    assert rows["autumn"]["click_ids"] == 3  # fbclid has no such limit
    assert rows["autumn"]["expired_click_ids"] == 3
    only = audited.run("audit", "spend", "--site", "shop", "--csv")
    assert {row["campaign"] for row in csv.DictReader(io.StringIO(
        only.stdout))} == {"autumn", "brand", "spring sale 2026",
                           "spring_sale"}


def test_a_likely_alias_is_the_touched_name_with_the_same_trigrams(audited):
    assert audited.sql(
        "SELECT site, spend_campaign, touch_campaign, similarity FROM "
        "campaign_alias_candidates") == [
        ["shop", "spring sale 2026", "spring_sale",
         f"{similarity('spring sale 2026', 'spring_sale'):.4f}"]]
    assert audited.sql(
        "SELECT likely_alias FROM spend_audit WHERE likely_alias IS NOT NULL"
    ) == [["google / cpc / spring_sale"]]


def test_an_audit_of_anything_else_is_a_mistake(audited):
    run = audited.run("audit", "clicks")
    assert run.returncode == 2 and "there is: spend" in run.stderr


@pytest.fixture
def budgets(world):
    """60 days of three campaigns: 'curve' earns exactly 10 + 50 ln(spend),
    'short' has 10 days, 'flat' always spends the same."""
    world.sql("""
    UPDATE site SET margin_micros = 1000000;
    INSERT INTO position VALUES ('t', 0, 1, 1, 'x', '', '2026-06-01');
    INSERT INTO dimension (site, source, medium, campaign, channel) VALUES
        ('shop', 'google', 'cpc', 'curve', 'Paid Search'),
        ('shop', 'google', 'cpc', 'short', 'Paid Search'),
        ('shop', 'google', 'cpc', 'flat', 'Paid Search');
    INSERT INTO cost (platform, account, site, day, source, medium, campaign,
        campaign_id, dim, amount_micros, currency, cost_micros, clicks,
        impressions, import_id, name)
    SELECT 'generic', '', 'shop', '2026-03-01'::date + n, 'google', 'cpc',
        campaign, '', dim, m, 'USD', m, NULL, NULL, 1, campaign
    FROM generate_series(0, 59) n, dimension
    CROSS JOIN LATERAL (SELECT CASE campaign WHEN 'flat' THEN 20000000
        ELSE 10000000 + 500000 * ((n * 7) % 60) END) x (m)
    WHERE campaign <> 'short' OR n < 10;
    INSERT INTO campaign_daily (day, dim, basis, model_id, conversions_micros,
        value_micros)
    SELECT day, dim, 1, 1, 1000000,
        round(1e6 * (10 + 50 * ln(amount_micros * 0.000001)))::bigint
    FROM cost;
    """)
    return world


def test_the_budget_view_finds_the_curve_it_was_given(budgets):
    run = budgets.run("budget", "--json")
    assert run.returncode == 0, run.stderr
    rows = {row["campaign"]: row for row in json.loads(run.stdout)}
    spends = [10 + 0.5 * (n * 7 % 60) for n in range(60)]
    curve = rows["curve"]
    assert math.isclose(curve["marginal_return"], 50 * 60 / sum(spends),
                        rel_tol=1e-5)
    assert curve["marginal_low"] <= curve["marginal_return"] \
        <= curve["marginal_high"]
    assert curve["marginal_high"] - curve["marginal_low"] < 0.001
    assert curve["suggestion"] == "suggestion: spend more"
    for name, why in (("short", "10 of 14 days"), ("flat", "hardly varied")):
        assert rows[name]["suggestion"] == "not enough data"
        assert why in rows[name]["reason"]
        assert rows[name]["marginal_return"] is None


def test_the_interval_is_that_of_least_squares(budgets):
    """Against sums done here, with revenue off the curve by turns."""
    budgets.sql("UPDATE campaign_daily SET value_micros = value_micros + "
                "CASE WHEN day - '2026-03-01'::date IN (3, 4, 11, 19, 40) "
                "THEN 30000000 ELSE 0 END WHERE dim = 1")
    xs = [math.log(10 + 0.5 * (n * 7 % 60)) for n in range(60)]
    ys = [10 + 50 * x + (30 if n in (3, 4, 11, 19, 40) else 0)
          for n, x in enumerate(xs)]
    mx, my = sum(xs) / 60, sum(ys) / 60
    sxx = sum((x - mx) ** 2 for x in xs)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sxx
    rest = sum((y - my - slope * (x - mx)) ** 2 for x, y in zip(xs, ys))
    half = 2.0017175 * math.sqrt(rest / 58 / sxx)  # t of 58 degrees, 97.5 %
    spend = sum(math.exp(x) for x in xs) / 60
    (low, high), = budgets.sql(
        "SELECT marginal_low, marginal_high FROM budget_suggestion "
        "WHERE campaign = 'curve' AND model = 'last_touch'")
    assert math.isclose(float(low), (slope - half) / spend, rel_tol=1e-4)
    assert math.isclose(float(high), (slope + half) / spend, rel_tol=1e-4)


def test_deciles_rise_and_show_the_return_between_them(budgets):
    run = budgets.run("budget", "--deciles", "--json")
    rows = [row for row in json.loads(run.stdout)
            if row["campaign"] == "curve"]
    assert [(row["decile"], row["days"]) for row in rows] == [
        (n, 6) for n in range(1, 11)]
    assert rows[0]["marginal_return"] is None
    returns = [row["marginal_return"] for row in rows[1:]]
    assert returns == sorted(returns, reverse=True)
