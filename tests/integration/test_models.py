"""Trained models: what they learn beside other tools, and on a stack."""

import csv
import io
import json
import os
import subprocess
import time

import pytest

from conftest import BUILD_DIR, ROOT, eventually, roi, server_events
from test_river import DAY, conversion, visit

PATHS = os.path.join(ROOT, "tests", "data", "paths.csv")

# Removal effects of tests/data/paths.csv by ChannelAttribution 2.2.5
# (markov_model, nsim_start=5000000, conv_par=0.005, seed=3), which simulates.
SIMULATED = {
    1: {"Direct": 0.375581, "Display": 0.165359, "Organic Search": 0.428972,
        "Paid Search": 0.443469, "Paid Social": 0.186968, "Email": 0.319337},
    2: {"Direct": 0.403994, "Display": 0.165036, "Organic Search": 0.449803,
        "Paid Search": 0.494852, "Paid Social": 0.196652, "Email": 0.342465},
    3: {"Direct": 0.415131, "Display": 0.176775, "Organic Search": 0.458012,
        "Paid Search": 0.553395, "Paid Social": 0.204792, "Email": 0.354469},
}
# The same by marketing-attribution-models 2.1.1 (order 1, exact).
EXACT = {
    "Direct": 0.37975003275069874, "Display": 0.1678455408281757,
    "Email": 0.3199985603088523, "Organic Search": 0.4291567761502517,
    "Paid Search": 0.44450744301167777, "Paid Social": 0.1890663720766953}


def train(*options, paths=PATHS, code=0):
    done = subprocess.run(
        [os.path.join(BUILD_DIR, "afterclick"), "train", "--paths", paths,
         "--json", *options], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if code == 0 else done.stderr


def weights(answer):
    return {row["channel"]: row["weight"] for row in answer["channels"]}


@pytest.mark.parametrize("order", [1, 2, 3])
def test_effects_are_those_that_channelattribution_simulates(order):
    got = weights(train("--order", str(order), "--bootstrap", "0"))
    assert got.keys() == SIMULATED[order].keys()
    for channel, effect in SIMULATED[order].items():
        assert abs(got[channel] - effect) < 0.02, channel


def test_effects_of_order_one_are_those_of_marketing_attribution_models():
    got = weights(train("--bootstrap", "0"))
    for channel, effect in EXACT.items():
        assert abs(got[channel] - effect) < 1e-9, channel


def test_shapley_values_share_out_every_conversion():
    with open(PATHS, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    want = {}
    for row in rows:
        inside = set(row["path"].split(" > "))
        for channel in inside:
            want[channel] = (want.get(channel, 0)
                             + int(row["conversions"]) / len(inside))
    got = weights(train("--model", "shapley", "--bootstrap", "0"))
    assert got == pytest.approx(want, abs=1e-9)


def test_the_values_of_the_rate_game_add_up_to_the_rate():
    answer = train("--model", "shapley_rate", "--bootstrap", "0")
    assert sum(weights(answer).values()) == pytest.approx(
        answer["conversions"] / (answer["conversions"] + answer["nulls"]),
        abs=1e-12)


def test_a_seed_decides_the_intervals_and_they_hold_the_effect():
    one, same, other = (train("--seed", seed) for seed in ("4", "4", "5"))
    one.pop("took_ms"), same.pop("took_ms")
    assert one == same
    assert one["channels"] != other["channels"]
    for row in one["channels"]:
        assert row["low"] < row["weight"] < row["high"]


def test_too_few_conversions_teach_nothing(tmp_path):
    few = tmp_path / "few.csv"
    few.write_text("path,conversions,nulls\nA > B,99,5\n")
    assert "not enough data" in train(paths=str(few), code=1)
    few.write_text("path,conversions,nulls\nA > B,100,5\n")
    assert weights(train(paths=str(few))) == {"A": 1, "B": 1}


def test_sixteen_channels_are_too_many_for_the_rate_game(tmp_path):
    many = tmp_path / "many.csv"
    many.write_text("path,conversions,nulls\n" + "".join(
        f"C{n},10,10\n" for n in range(16)))
    assert "2^16" in train("--model", "shapley_rate", paths=str(many), code=1)


# --- on a stack ---------------------------------------------------------------
THEN = (int(time.time()) // 86400 - 20) * DAY + DAY // 2
EMAIL = ("letter", "email", "may")
SEARCH = ("google", "cpc", "spring")
PARTNER = ("partner", "affiliate", "blog")


def events():
    """C1 > C2 > C3 converts, C1 and C2 > C3 do not."""
    return [
        visit("a", THEN - 3000, EMAIL), visit("a", THEN - 2000, SEARCH),
        visit("a", THEN - 1000, PARTNER),
        conversion("a", THEN, "o-1", "100"),
        visit("b", THEN, EMAIL),
        visit("c", THEN - 1000, SEARCH), visit("c", THEN, PARTNER),
    ]


def money(stack, model="markov"):
    return {campaign[0]: row[1] for campaign, row in
            roi(stack, model, "conversions, gross_revenue").items()}


def days(stack):
    first, last = stack.sql(
        "SELECT min(day), max(day) FROM conversion_paths")[0]
    return "--from", first, "--to", last


def test_a_version_is_trained_pinned_and_credits(stack):
    s = stack(site_options={"lookback": "10d"})
    server_events(s, events())
    s.wait()
    eventually(lambda: s.sql("SELECT sum(nulls) FROM conversion_paths")[0][0]
               == "2", 60, "the paths without a conversion never counted")
    paths = {row["path"]: row for row in csv.DictReader(io.StringIO(
        s.cli("paths", *days(s), "--csv")))}
    assert {path: (row["conversions"], row["nulls"])
            for path, row in paths.items()} == {
        "Email > Paid Search > Affiliates": ("1", "0"),
        "Email": ("0", "1"), "Paid Search > Affiliates": ("0", "1")}

    # A version alone credits nothing; pinned, it credits from today on.
    learn = ("train", *days(s), "--min-conversions", "1", "--json")
    answer = json.loads(s.cli(*learn, "--pin"))
    assert answer["version"] == 1
    assert weights(answer) == pytest.approx(
        {"Email": .5, "Paid Search": 1, "Affiliates": 1}, abs=1e-12)
    s.wait()
    assert money(s) == {}
    assert s.sql("SELECT count(*) FROM conversion_credits "
                 "WHERE model = 'markov'") == [["0"]]
    now = int(time.time() * 1000)
    server_events(s, [visit("d", now - 2000, EMAIL),
                      visit("d", now - 1000, SEARCH),
                      conversion("d", now, "o-2", "30")])
    s.wait()
    new = {"letter": "10.000000", "google": "20.000000"}
    assert money(s) == new

    # Days before today change when that is asked for, and only then.
    day = days(s)[1]
    refused = s.run_cli("models", "pin", "markov", "1", "--from", day)
    assert refused.returncode == 1 and "--restate" in refused.stderr
    s.cli("models", "pin", "markov", "1", "--restate")
    s.wait()
    assert money(s) == {"letter": "30.000000", "google": "60.000000",
                        "partner": "40.000000"}
    table = s.cli("roi", *days(s), "--model", "markov")
    assert "partner" in table and "40.00" in table

    # A refund takes back by the same version; another version on its own.
    server_events(s, [{"type": "refund", "event_id": "r", "refund_id": "r-1",
                       "order_id": "o-1", "value": "10", "currency": "USD",
                       "time": now}])
    s.wait()
    assert roi(s, "markov", "refunds, booked_refunds")[PARTNER] == [
        "4.000000", "4.000000"]
    assert json.loads(s.cli(*learn, "--model", "shapley"))[
        "version"] == 1
    s.cli("models", "pin", "shapley", "1", "--restate")
    s.wait()
    assert money(s, "shapley")["partner"] == "33.333333"
    versions = json.loads(s.cli("models", "versions", "--json"))
    assert [(row["model"], row["version"]) for row in versions] == [
        ("markov", 1), ("shapley", 1)]
    again = json.loads(s.cli(*learn, "--order", "2"))
    assert again["version"] == 2
    compared = json.loads(
        s.cli("models", "compare", "markov", "1", "2", "--json"))
    assert {row["channel"] for row in compared} == {
        "Email", "Paid Search", "Affiliates"}
    assert s.sql("SELECT * FROM roi_check") == []

    s.cli("models", "unpin", "markov")
    s.wait()
    assert money(s) == {}
    assert s.sql("SELECT * FROM roi_check") == []
