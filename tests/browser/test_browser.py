"""The tracker in a real Chromium, all the way to the tables; alone it is in
tracker.test.mjs."""

import json
from decimal import Decimal

from integration_fixtures import roi

A = "/?utm_source=google&utm_medium=cpc&utm_campaign=spring"
B = "/?utm_source=newsletter&utm_medium=email&utm_campaign=may"
FROM_A = ("google", "cpc", "spring")
FROM_B = ("newsletter", "email", "may")
DIRECT = ("(direct)", "(none)", "(direct)")


# --- to the tables --------------------------------------------------------------
def shop_river(stack, ports, **more):
    return stack(site_options={
        "origins": f'["http://127.0.0.1:{ports[0]}"]', **more})


def credited(river, model):
    """{origin: (conversions, net revenue)} of what has any credit."""
    table = roi(river, model, "conversions, net_revenue")
    return {origin: (Decimal(row[0]), Decimal(row[1]))
            for origin, row in table.items() if Decimal(row[0] or 0) != 0}


def near(wanted, found):
    return all(abs(w - f) < Decimal("0.01") for w, f in zip(wanted, found))


def test_one_purchase_after_two_campaigns_and_a_direct_visit(
        stack, visit, ports):
    river = shop_river(stack, ports)
    seen = visit([
        ["goto", A, 1], ["goto", "/product", 1],
        ["goto", B, 1],  # new campaign: a new visit
        ["pause", None], ["goto", "/", 1], ["goto", "/thanks", 2],
        # The thank-you page again: the same order.
        ["reload", None, 2],
        ["click", "#leave", 2]], collector=river.collector_url)
    assert seen["violations"] == []
    assert seen["script"] > 0
    assert {hit["status"] for hit in seen["hits"]} == {204}

    # One visitor, by the collector's own cookies, out of any script's reach.
    ours = {cookie["name"]: cookie for cookie in seen["cookies"]}
    assert set(ours) == {"_ac_v", "_ac_s"}
    assert all(cookie["httpOnly"] for cookie in ours.values())
    assert all(cookie["sameSite"] == "Lax" for cookie in ours.values())
    assert seen["visible"] == ""

    river.wait()
    touches = river.sql("SELECT source, medium, campaign FROM touches "
                        "ORDER BY touch_time, event_id")
    assert [tuple(row) for row in touches] == [FROM_A, FROM_B, DIRECT]
    assert river.sql("SELECT count(*) FROM conversions") == [["1"]]
    one, all_of_it = Decimal(1), Decimal(100)
    assert credited(river, "first_touch") == {FROM_A: (one, all_of_it)}
    assert credited(river, "last_touch") == {DIRECT: (one, all_of_it)}
    assert credited(river, "last_non_direct") == {FROM_B: (one, all_of_it)}
    assert credited(river, "position_based") == {
        FROM_A: (Decimal("0.4"), Decimal(40)),
        FROM_B: (Decimal("0.2"), Decimal(20)),
        DIRECT: (Decimal("0.4"), Decimal(40))}
    third = one / 3, all_of_it / 3
    for model in ("linear", "time_decay"):
        table = credited(river, model)
        assert set(table) == {FROM_A, FROM_B, DIRECT}
        assert all(near(third, row) for row in table.values())
        assert sum(row[0] for row in table.values()) == 1
        assert sum(row[1] for row in table.values()) == 100
    # What was sent while leaving has arrived.
    assert river.sql("SELECT sum(hits) FROM hits_daily WHERE type = 'event' "
                     "AND bot = ''") == [["1"]]
    assert river.sql("SELECT * FROM roi_check") == []


# --- goals of every kind, as often as each may count ----------------------------
GOALS = [
    {"name": "url", "url": "/exact", "value": 1},
    {"name": "prefix", "url_prefix": "/plans/", "count": "once_per_visit"},
    {"name": "regex", "url_regex": "^/p/[0-9]+$", "count": "once"},
    {"name": "title", "title": "Thank you", "count": "once_per_visit"},
    {"name": "letter", "event": "newsletter"},
    {"name": "account", "event": "signup", "count": "once"},
    {"name": "contact", "form": "#contact", "count": "once_per_visit"},
    {"name": "paper", "download": "pdf"},
    {"name": "partner", "outbound": "localhost", "count": "once_per_visit"},
    {"name": "stayed", "time_on_site": "100ms", "count": "once"},
    {"name": "read", "scroll": 90, "count": "once_per_visit"},
]
PAGES = {
    "/": ["Shop", '<button data-goal-mark="begun">Begin</button>'],
    "/exact": ["Exact", ""], "/plans/a": ["A", ""], "/plans/b": ["B", ""],
    "/p/1": ["One", ""], "/p/2": ["Two", ""], "/p/x": ["None", ""],
    "/ty": ["Thank you, Pia", ""],
    "/form": ["Form", '<form id="contact" action="/sent"><button id="send">'
                      'Send</button></form>'],
    "/sent": ["Sent", ""],
    "/files": ["Files", '<a id="pdf" href="/list.pdf">List</a> <a id="out" '
                        'href="http://localhost:1/">Partner</a>'],
    "/long": ["Long", "<p>" + "text<br>" * 400],
    "/done": ["Done", '<p data-goal-on-return="begun" data-value="7" '
                      'data-currency="USD">'],
}
ITEMS = [{"sku": "mug", "name": "Mug", "quantity": 2, "price": 12.5}]
SALE = {"order_id": "o-1", "value": 25, "currency": "USD", "items": ITEMS}
# What happens in a visit; the number is of the hits that it makes. Of a short
# page all is seen at once.
VISIT = [
    ["open", "/exact", 2], ["open", "/plans/a", 2], ["open", "/plans/b", 2],
    ["open", "/p/1", 2], ["open", "/p/2", 2], ["open", "/p/x", 2],
    ["open", "/ty", 2], ["open", "/ty", 2],
    ["call", ["newsletter"], 1], ["call", ["newsletter"], 1],
    ["call", ["signup"], 1],
    ["open", "/form", 2], ["click", "#send", 3],
    ["open", "/form", 2], ["click", "#send", 3],
    ["open", "/files", 2], ["click", "#pdf", 1], ["click", "#pdf", 1],
    ["click", "#out", 1],
    ["open", "/long", 1], ["scroll", None, 1],
]
# Of two such visits.
COUNTED = {"url": 2, "prefix": 2, "regex": 1, "title": 2, "letter": 4,
           "account": 1, "contact": 2, "paper": 4, "partner": 2, "stayed": 1,
           "read": 2, "begun": 1, "purchase": 1}


def test_every_goal_counts_as_often_as_it_may(stack, visit, ports):
    river = shop_river(stack, ports, goals=json.dumps(GOALS))
    seen = visit([
        ["open", A, 3], *VISIT,
        # Begun here, completed there; a reload and coming back do nothing.
        ["open", "/", 2], ["click", "button", 0],
        ["open", "/done", 3], ["open", "/done", 2], ["open", "/done", 2],
        ["pause", None], *VISIT,
        ["call", ["view", {"items": ITEMS}], 1],
        ["call", ["cart", {"items": ITEMS}], 1],
        ["call", ["checkout", {"items": ITEMS}], 1],
        ["call", ["purchase", SALE], 1], ["call", ["purchase", SALE], 1],
        ["call", ["refund", {"order_id": "o-1", "refund_id": "r-1",
                             "value": 5, "currency": "USD"}], 1],
    ], collector=river.collector_url, pages=PAGES)
    assert seen["violations"] == []
    assert {hit["status"] for hit in seen["hits"]} == {204}
    events = [event for hit in seen["hits"] for event in hit["events"]]
    sent = {event.get("name") or event["type"]: event for event in events}
    for name in ("view", "cart", "checkout", "conversion"):
        assert sent[name]["items"] == ITEMS, name

    river.wait()
    counted = {goal: int(count) for goal, count in river.sql(
        "SELECT goal, count(*) FROM conversions GROUP BY 1")}
    assert counted == COUNTED, "\n".join(str(e) for e in [
        (event["type"], event.get("goal") or event["url"]) for event in events])
    assert river.sql("SELECT net_revenue FROM conversions WHERE order_id = "
                     "'o-1'") == [["20.000000"]]
    # Two of /exact, the thing begun, the order less its refund: all of it
    # goes to the campaign, as the second visit was direct.
    assert credited(river, "last_non_direct") == {
        FROM_A: (Decimal(sum(COUNTED.values())), Decimal(2 + 7 + 20))}
    assert river.sql("SELECT * FROM roi_check") == []
