"""Experiments from exposures to what they say, held against SciPy,
statsmodels and gbstats on the raw data."""

import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import time

import pytest

from conftest import eventually, http, server_events
from experiment_data import Data

ORACLE = os.path.join(os.path.dirname(__file__), "experiment_oracle.py")
PYTHON = os.path.join(
    os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")),
    "afterclick", "statistics", "bin", "python")
EXPERIMENTS = """[
      {name: checkout, variants: [{name: a}, {name: b}], planned_n: 1900,
       revenue_cap: 150, cuped_window: 30d, start: %s},
      {name: skewed, variants: [{name: a}, {name: b}]},
      {name: tiny, variants: [{name: a}, {name: b}]}]"""


def oracle(table):
    if not os.path.exists(PYTHON):
        pytest.fail(f"{PYTHON} is missing: run tools/install-deps test",
                    pytrace=False)
    run = subprocess.run([PYTHON, ORACLE], input=json.dumps(table), text=True,
                         capture_output=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def results(stack, experiment):
    """{arm: row} as `afterclick experiments show` prints it, once nothing is
    to come."""
    def settled():
        rows = json.loads(stack.run_cli("experiments", "show", experiment,
                                        "--json").stdout)
        waiting, = stack.sql("SELECT count(*) FROM dirty")
        return waiting == ["0"] and all(row["up_to_date"] for row in rows) \
            and {row["variant"]: row for row in rows}
    stack.wait()
    return eventually(settled, 60, f"{experiment} was never read out")


def split(experiment, arms):
    """Exposures of one customer each."""
    return [{"type": "exposure", "event_id": f"{experiment}{number}",
             "visitor_id": f"{experiment}{number}", "experiment": experiment,
             "variant": arm} for number, arm in enumerate(arms)]


def test_what_experiments_say_is_what_scipy_says_of_the_raw_data(stack):
    now = time.time()
    data = Data(now)
    shop = stack(site_options={"experiments": EXPERIMENTS % time.strftime(
        "%Y-%m-%d", time.gmtime(now - 25 * 86400))})
    others = split("skewed", "a" * 600 + "b" * 400) + split("tiny", "ab" * 20)
    # Before the start it was only tried out.
    trial = [{"type": "exposure", "event_id": "trial", "visitor_id": "v3999",
              "experiment": "checkout", "variant": "b" if data.table[-1][0]
              == "a" else "a", "time": int((now - 30 * 86400) * 1000)}]
    server_events(shop, data.events + others + trial, batch=200)
    rows = results(shop, "checkout")
    # Those with two devices are still two each: the links come last.
    assert rows["a"]["excluded"] == 40
    random.Random(1).shuffle(data.links)
    server_events(shop, data.links)
    rows = results(shop, "checkout")

    for arm in "ab":
        of = [row for row in data.table if row[0] == arm]
        assert rows[arm]["customers"] == len(of)
        assert rows[arm]["converted"] == sum(row[1] for row in of)
        assert float(rows[arm]["revenue"]) == pytest.approx(
            sum(row[2] for row in of), abs=1e-6)
        assert rows[arm]["excluded"] == data.excluded == 80
        assert rows[arm]["unknown"] == 0
        assert rows[arm]["status"] == "planned n reached"
    wanted = oracle(data.table)
    assert len(wanted) > 30
    for name, value in wanted.items():
        assert rows["b"][name] == pytest.approx(value, rel=1e-6, abs=1e-9), \
            name
    assert rows["a"]["control"] is None and rows["b"]["control"] == "a"

    # SQL, CSV and JSON are one.
    sql, = shop.sql("SELECT z, chance_to_win, cuped_lift FROM "
                    "experiment_results WHERE experiment = 'checkout' AND "
                    "variant = 'b'")
    assert [float(x) for x in sql] == pytest.approx(
        [rows["b"][x] for x in ("z", "chance_to_win", "cuped_lift")],
        rel=1e-12)
    text = shop.run_cli("experiments", "show", "checkout", "--csv").stdout
    line = list(csv.DictReader(io.StringIO(text)))[1]
    assert float(line["z"]) == pytest.approx(rows["b"]["z"], rel=1e-12)

    # Sums per customer and cells are one.
    assert shop.sql("""
        SELECT variant, count(*), sum(y_micros), sum(y_micros::numeric ^ 2),
            sum(x_micros::numeric * y_micros) FROM experiment_customer
        WHERE experiment = 'checkout' GROUP BY 1
        EXCEPT SELECT variant, sum(n), sum(sum_y), sum(sum_y2), sum(sum_xy)
        FROM experiment_cell WHERE experiment = 'checkout' GROUP BY 1""") == []

    # A split that is not chance's says nothing; nor do forty customers.
    skewed, tiny = results(shop, "skewed"), results(shop, "tiny")
    for arm in "ab":
        assert skewed[arm]["status"] == "withheld: SRM"
        assert skewed[arm]["srm_chi2"] == pytest.approx(40)
        assert skewed[arm]["srm_p"] == pytest.approx(2.5396e-10, rel=1e-4)
        assert skewed[arm]["rate"] is None and skewed[arm]["loss"] is None
        assert tiny[arm]["status"] == "not enough data"
        assert tiny[arm]["chance_to_win"] is None
    shown = shop.run_cli("experiments").stdout
    assert "withheld: SRM" in shown and "not enough data" in shown
    assert "95 % at any time" in shop.run_cli("experiments", "show",
                                              "checkout").stdout
    unknown = shop.run_cli("experiments", "show", "check-out")
    assert unknown.returncode == 1
    assert "no such experiment" in unknown.stderr and unknown.stdout == ""

    restated_by_configuration(shop, data)


def restated_by_configuration(shop, data):
    """Another cap and plan, on HUP: what was said is restated."""
    path = shop.path("config", "sites.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for old, new in (("revenue_cap: 150", "revenue_cap: 20"),
                     ("planned_n: 1900", "planned_n: 2500")):
        assert old in text
        text = text.replace(old, new)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    shop.aggregators[0].send(signal.SIGHUP)
    capped = sum(min(row[2], 20) for row in data.table if row[0] == "b")

    def restated():
        row = results(shop, "checkout")["b"]
        return abs(float(row["revenue"]) - capped) < 1e-6 and row
    row = eventually(restated, 60, "the new cap was never applied")
    # Before the planned n no fixed-horizon p is shown.
    assert row["status"] == "running" and row["p_value"] is None
    assert row["revenue_p_value"] is None and row["rate_lift_p"] is None
    assert row["rate_sequential_p"] is not None and row["z"] is not None


BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
                         "Gecko/20100101 Firefox/128.0"}
HOLDOUT = """[
      {name: banner, assign: collector, variants: [{name: a}, {name: b}]},
      {name: later, assign: collector, variants: [{name: a}, {name: b}],
       start: 2100-01-01},
      {name: theirs, variants: [{name: a}, {name: b}]},
      {name: spring-offer, holdout: 0.3, campaigns: [spring],
       holdout_to: "https://www.example.com/plain"}]"""


def get(url, cookie=None, **headers):
    return http(url, headers={**BROWSER, **headers, **(
        {"Cookie": cookie} if cookie else {})})


def cookie_of(answer):
    for line in answer.headers.get_all("Set-Cookie") or []:
        if line.startswith("_ac_v="):
            return line.split(";")[0]
    return None


def assigned(body):
    """What the script /ab.js tells the page."""
    return json.loads(re.search(rb"\(window,document,(\{.*\})\);", body)[1])


def test_the_collector_tells_each_visitor_the_same_arm_for_ever(stack):
    shop = stack(site_options={"experiments": HOLDOUT})
    url = shop.collector_url + "/ab"
    seen = set()
    for _ in range(20):
        first = get(url + ".js?site=shop")
        arms, cookie = assigned(first.body), cookie_of(first)
        assert first.headers["Cache-Control"] == "private, no-store"
        assert set(arms) == {"banner"} and cookie
        again = get(url + ".js?site=shop", cookie)
        assert again.body == first.body and cookie_of(again) is None
        assert json.loads(get(url, cookie).body) == arms
        assert get(url + "?experiment=theirs", cookie).body == b"{}\n"
        seen.add(arms["banner"])
    assert seen == {"a", "b"}
    # Whoever objects is in none, and is given nothing to be known by.
    for cookies in ("_ac_out=1", cookie + "; _ac_out=1"):
        out = get(url + ".js?site=shop", cookies)
        assert assigned(out.body) == {} and cookie_of(out) is None
    # Nobody sees what a browser fetches ahead.
    ahead = get(url, **{"Sec-Purpose": "prefetch"})
    assert ahead.body == b"{}\n" and cookie_of(ahead) is None
    assert get(url + ".js?site=nosuch").status == 404
    assert get(url + ".jsx").status == 404
    # The exposure that the script has the tracker send is the visitor's.
    sent = http(shop.collector_url + "/e", "POST", json.dumps({
        "site": "shop", "type": "exposure", "experiment": "banner",
        "variant": arms["banner"]}), {**BROWSER, "Cookie": cookie,
                                      "Content-Type": "text/plain"})
    denied = http(shop.collector_url + "/e", "POST", json.dumps({
        "site": "shop", "type": "exposure", "experiment": "banner",
        "variant": "a", "consent": {"analytics_storage": "denied"}}),
        {**BROWSER, "Cookie": cookie, "Content-Type": "text/plain"})
    assert sent.status == denied.status == 204
    rows = results(shop, "banner")
    assert rows[arms["banner"]]["customers"] == 1
    assert sum(row["customers"] for row in rows.values()) == 1


def test_a_site_that_waits_for_consent_assigns_nobody_before(stack):
    shop = stack(site_options={"experiments": HOLDOUT, "consent": "wait"})
    answer = get(shop.collector_url + "/ab.js")
    assert assigned(answer.body) == {} and cookie_of(answer) is None


def test_a_holdout_says_what_a_campaign_caused(stack, tmp_path):
    shop = stack(site_options={"experiments": HOLDOUT,
                               "redirect_hosts": "[www.example.com]"})
    draw = random.Random(3).random
    sold = {"holdout": [], "exposed": []}
    events = []
    link = (shop.collector_url + "/r?site=shop&source=news&medium=email&"
            "campaign=%s&to=https://www.example.com/offer")
    for number in range(500):
        answer = get(link % "spring")
        assert answer.status == 302, answer.body
        arm = {"https://www.example.com/plain": "holdout",
               "https://www.example.com/offer": "exposed"}[
                   answer.headers["Location"]]
        cookie = cookie_of(answer)
        if number < 20:  # clicked again: led there again
            assert get(link % "spring", cookie).headers["Location"] == \
                answer.headers["Location"]
        value = 20 + number % 7 if draw() < (
            0.5 if arm == "exposed" else 0.2) else 0
        sold[arm].append(value)
        if value:
            events.append({"type": "conversion", "event_id": f"c{number}",
                           "visitor_id": cookie[len("_ac_v="):][:22],
                           "order_id": f"o{number}", "value": str(value),
                           "currency": "USD"})
    # Other campaigns are not split; nor is who objects.
    assert get(link % "autumn").headers["Location"].endswith("/offer")
    for _ in range(10):
        assert get(link % "spring", "_ac_out=1").headers[
            "Location"].endswith("/offer")
    day = time.strftime("%Y-%m-%d", time.gmtime())
    costs = tmp_path / "costs.csv"
    costs.write_text("date,source,medium,campaign,cost\n"
                     f"{day},news,email,spring,1000\n")
    shop.cli("import-costs", "--platform", "generic", "--site", "shop",
             "--currency", "USD", str(costs))
    shop.wait()
    server_events(shop, events)
    rows = results(shop, "spring-offer")
    n = {arm: len(values) for arm, values in sold.items()}
    assert {arm: row["customers"] for arm, row in rows.items()} == n
    assert 100 < n["holdout"] < 200
    assert rows["exposed"]["status"] == "running"

    told = json.loads(shop.run_cli("experiments", "incrementality",
                                   "spring-offer", "--json").stdout)
    told = {row["model"]: row for row in told}
    row = told["last_touch"]
    mean = {arm: sum(values) / n[arm] for arm, values in sold.items()}
    revenue = n["exposed"] * (mean["exposed"] - mean["holdout"])
    cost = 1000 * n["exposed"] / 500
    assert row["incremental_revenue"] == pytest.approx(revenue)
    assert row["exposed_cost"] == pytest.approx(cost)
    assert row["incremental_roas"] == pytest.approx(revenue / cost)
    half = n["exposed"] * (rows["exposed"]["revenue_difference_high"]
                           - rows["exposed"]["revenue_difference"]) / cost
    assert row["incremental_roas_low"] == pytest.approx(
        revenue / cost - half)
    assert row["incremental_roas_high"] == pytest.approx(
        revenue / cost + half)
    assert half > 0
    # What is credited is all that those bought who had clicked, those held
    # out as well: far more than was caused.
    everything = sum(sum(values) for values in sold.values())
    assert row["attributed_revenue"] == pytest.approx(everything)
    assert row["attributed_roas"] == pytest.approx(everything / 1000)
    assert row["attributed_roas"] > row["incremental_roas"]
    assert "incremental ROAS" in shop.run_cli("experiments",
                                              "incrementality").stdout

    # The dashboard's role may read it.
    answer = http(shop.dashboard_url + "/api/experiments?site=shop", headers={
        "Authorization": "Bearer " + shop.known["dashboard_token"]})
    shown = [row for row in json.loads(answer.body)["rows"]
             if row["experiment"] == "spring-offer"]
    assert [row["variant"] for row in shown] == ["holdout", "exposed"]
    assert shown[1]["chance_to_win"] == pytest.approx(
        rows["exposed"]["chance_to_win"], rel=1e-12)
