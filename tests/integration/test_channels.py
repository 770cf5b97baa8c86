"""Where visits come from: links that count clicks, through to the tables, and
what `afterclick classify` says about an address."""

import json
import os
import subprocess
import urllib.parse

import pytest

from conftest import BUILD_DIR, ROOT, http, roi, server_events
from test_collector_http import Collector, cookies, jar_header

FIREFOX = ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
           "Firefox/128.0")
GOOGLEBOT = ("Mozilla/5.0 (compatible; Googlebot/2.1; "
             "+http://www.google.com/bot.html)")
CHANNELS = os.path.join(ROOT, "config", "channels.yaml")


# --- clicks -------------------------------------------------------------------
def test_a_click_is_credited_though_the_landing_page_has_no_tracker(stack):
    river = stack(site_options={
        "redirect_hosts": "[partner.example]",
        "redirect_key": "a-key-for-links-of-shop"})

    def click(link, agent=FIREFOX, jar=None):
        answer = http(link, headers={"User-Agent": agent,
                                     **jar_header(jar or {})})
        assert answer.status == 302
        return answer.headers["Location"], cookies(answer)

    def link(to, campaign):
        return river.cli(
            "link", "--site", "shop", "--at", river.collector_url + "/r",
            "--to", to, "--source", "Partner", "--medium", "affiliate",
            "--campaign", campaign).strip()

    # A host that only the signature permits; then the same person by another.
    where, jar = click(link("https://elsewhere.example/landing", "Spring"))
    assert where == "https://elsewhere.example/landing"
    assert "sig=" in link("https://elsewhere.example/", "x")
    visitor = jar["_ac_v"][0].split(".")[0]
    where, _ = click(river.collector_url + "/r?" + urllib.parse.urlencode({
        "site": "shop", "to": "https://partner.example/?a=b",
        "source": "letter", "medium": "email", "campaign": "may"}), jar=jar)
    assert where == "https://partner.example/?a=b"
    # Whoever looks what is behind a link in a mail is no customer.
    _, other = click(link("https://elsewhere.example/", "Scanned"), GOOGLEBOT)
    scanner = other["_ac_v"][0].split(".")[0]
    server_events(river, [
        {"type": "conversion", "event_id": "sale-1", "visitor_id": visitor,
         "order_id": "o-1", "value": "80", "currency": "USD"},
        {"type": "conversion", "event_id": "sale-2", "visitor_id": scanner,
         "order_id": "o-2", "value": "5", "currency": "USD"}])
    river.wait()
    assert roi(river, "linear", "touches, conversions, net_revenue") == {
        ("partner", "affiliate", "spring"): ["1", "0.500000", "40.000000"],
        ("letter", "email", "may"): ["1", "0.500000", "40.000000"],
        ("(none)", "(none)", "(unattributed)"): ["0", "1.000000", "5.000000"]}
    assert river.sql(
        "SELECT DISTINCT channel FROM campaign_roi_daily "
        "WHERE campaign = 'spring'") == [["Affiliates"]]


@pytest.mark.parametrize("header", [
    {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"},
    {"X-Purpose": "preview"}, {"X-Moz": "prefetch"}])
def test_what_a_browser_fetches_ahead_is_recorded_as_that(tmp_path, header):
    one = Collector(tmp_path)
    assert one.pixel({**header, "User-Agent": FIREFOX}, site="shop",
                     url="https://shop.example/").status == 200
    assert one.pixel({next(iter(header)): "x" * 500, "User-Agent": FIREFOX},
                     site="shop").status == 200
    first, second = (r["purpose"] for r in one.records())
    assert one.stop() == 0
    assert first == next(iter(header.values()))
    assert second == "x" * 32  # bounded
    assert classify("https://shop.example/", "--user-agent", FIREFOX,
                    "--purpose", first)["bot_rule"] == "prefetch"


# --- afterclick classify --------------------------------------------------------
def run(*arguments):
    return subprocess.run(
        [os.path.join(BUILD_DIR, "afterclick"), "classify", *arguments],
        capture_output=True, text=True, timeout=60, check=False)


def classify(*arguments):
    done = run("--channels", CHANNELS, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("arguments, wanted", [
    (["https://shop.example/?utm_source=Google&utm_medium=cpc&"
      "utm_campaign=Spring&gclid=AbC"],
     {"source": "google", "medium": "cpc", "campaign": "spring",
      "click_id": "gclid=AbC", "channel": "Paid Search",
      "rule": "paid-search", "touch": True, "bot_rule": ""}),
    (["https://shop.example/", "https://www.google.co.uk/"],
     {"source": "google", "medium": "organic", "channel": "Organic Search",
      "referrer_category": "search"}),
    (["https://shop.example/", "https://chatgpt.com/"],
     {"source": "chatgpt", "channel": "AI Assistants"}),
    (["https://shop.example/", "https://checkout.stripe.com/pay/1"],
     {"channel": "Direct", "payment_provider": "stripe",
      "referrer_host": "checkout.stripe.com", "touch": False}),
    (["https://shop.example/", "https://shop.example/cart"],
     {"channel": "Direct", "own_referrer": True, "touch": False}),
    (["https://shop.example/?utm_source=a&utm_medium=b"],
     {"channel": "Unassigned", "rule": "none", "rule_line": 0}),
    (["https://shop.example/?gclid=x", "--user-agent", GOOGLEBOT],
     {"bot_rule": "googlebot", "touch": False}),
    (["https://shop.example/?gclid=x", "--user-agent", "W3C-checklink/5.0"],
     {"bot_rule": "w3c-checklink", "touch": False}),
    (["https://shop.example/?gclid=x", "--user-agent",
      "BrokenLinkCheck.com/1.2"],
     {"bot_rule": "link-checker", "touch": False}),
    (["https://shop.example/?fbclid=x", "--user-agent", FIREFOX],
     {"channel": "Organic Social", "bot_rule": ""}),
    (["https://shop.example/", "--user-agent", ""],
     {"bot_rule": "no-user-agent"})])
def test_the_program_says_where_a_visit_comes_from(arguments, wanted):
    got = classify(*arguments)
    assert {key: got[key] for key in wanted} == wanted
    if got["rule_line"] > 0:
        with open(got["rule_file"], encoding="utf-8") as file:
            line = file.read().splitlines()[got["rule_line"] - 1]
        assert line == "  - name: " + got["rule"]


def test_people_read_the_rule_and_its_line():
    done = run("--channels", CHANNELS, "https://shop.example/?gclid=AbC",
               "https://www.paypal.com/x", "--user-agent", FIREFOX)
    assert (done.returncode, done.stderr) == (0, "")
    for text in ("Paid Search", "paid-search (" + CHANNELS + ":",
                 "gclid=AbC", "paypal.com (payment provider, no touch)"):
        assert text in done.stdout


def test_rules_that_are_wrong_are_refused_with_their_place(tmp_path):
    rules = tmp_path / "channels.yaml"
    rules.write_text("channels:\n  - {name: a, channel: A, medium: x}\n"
                     "  - {name: a, channel: B}\n")
    done = run("--channels", str(rules), "https://shop.example/")
    assert done.returncode == 78
    assert 'channels[1].name: "a" is that of channels[0] already' in done.stderr
    assert run().returncode == 2
    assert run("--channels", CHANNELS, "--site", "shop", "x").returncode == 2
