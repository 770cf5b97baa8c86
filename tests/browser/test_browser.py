"""The tracker in a real Chromium: alone, and all the way to the tables."""

from decimal import Decimal

from integration_fixtures import roi

A = "/?utm_source=google&utm_medium=cpc&utm_campaign=spring"
B = "/?utm_source=newsletter&utm_medium=email&utm_campaign=may"
FROM_A = ("google", "cpc", "spring")
FROM_B = ("newsletter", "email", "may")
DIRECT = ("(direct)", "(none)", "(direct)")


def events(seen, type=None):
    return [event for hit in seen["hits"] if hit["status"] < 300
            for event in hit["events"]
            if type is None or event["type"] == type]


# --- the tracker alone --------------------------------------------------------
def test_a_page_view_needs_no_preflight_and_breaks_no_policy(visit, ports):
    seen = visit([["goto", A, 1]])
    assert seen["violations"] == []
    assert [hit["method"] for hit in seen["hits"]] == ["POST"]
    assert seen["hits"][0]["path"] == "/e"
    assert seen["hits"][0]["type"] == "text/plain"
    (page,) = events(seen)
    assert page["type"] == "page"
    assert page["site"] == "shop"
    assert page["url"] == f"http://127.0.0.1:{ports[0]}{A}"
    assert page["referrer"] == ""
    assert page["title"] == "Shop /"
    assert page["language"] == "en-US"
    assert page["sent_at"] >= page["time"]


def test_the_cookie_of_another_port_comes_back(visit):
    seen = visit([["goto", "/", 1], ["goto", "/product", 1]])
    assert seen["hits"][0]["cookie"] is None
    assert "_ac_v=one" in seen["hits"][1]["cookie"]


def test_a_call_before_the_script_came_is_not_lost(visit):
    seen = visit([["goto", "/thanks", 2]])
    assert [event["type"] for event in events(seen)] == ["page", "conversion"]
    assert len(seen["hits"]) == 1
    (bought,) = events(seen, "conversion")
    assert (bought["order_id"], bought["value"], bought["currency"]) == (
        "order-1", "100", "USD")
    assert bought["items"] == [{"sku": "mug", "quantity": 2}]


def test_what_happens_while_leaving_goes_by_beacon(visit):
    seen = visit([["goto", "/", 1], ["click", "#leave", 2]])
    (leaving,) = [hit for hit in seen["hits"]
                  for event in hit["events"] if event.get("name")]
    # Only sendBeacon of a string has this type.
    assert leaving["type"] == "text/plain;charset=UTF-8"
    assert len({event["event_id"] for event in events(seen)}) == 3


def test_a_hit_under_way_while_leaving_keeps_its_id(visit):
    seen = visit([["goto", "/", 1], ["goto", "/thanks", 2],
                  ["reload", None, 2]])
    # An answer that the page did not live to see may be asked for again.
    assert len({event["event_id"] for event in events(seen)}) == 5


def test_closing_the_tab_at_once_still_sends_the_page_view(visit):
    seen = visit([["goto", "/", 0], ["close", None, 1]])
    assert len(events(seen, "page")) == 1


def test_push_state_and_going_back_are_pages(visit, ports):
    seen = visit([["goto", "/", 1], ["click", "#push", 1],
                  ["back", None, 1]])
    shop = f"http://127.0.0.1:{ports[0]}"
    assert [(event["url"], event["referrer"]) for event in events(seen)] == [
        (shop + "/", ""), (shop + "/pushed", shop + "/"),
        (shop + "/", shop + "/pushed")]


def test_a_hit_made_offline_arrives_when_online_again(visit):
    seen = visit([["goto", "/", 1], ["offline", True],
                  ["click", "#push", 0], ["failed", None],
                  ["offline", False, 1]])
    assert len(events(seen)) == 2
    assert events(seen)[1]["url"].endswith("/pushed")
    assert events(seen)[1]["sent_at"] > events(seen)[1]["time"]


def test_a_refused_hit_is_sent_again_under_its_id(visit):
    seen = visit([["answer", 503], ["goto", "/", 0], ["refused", 503],
                  ["answer", 200, 1]])
    refused = {event["event_id"] for hit in seen["hits"]
               if hit["status"] == 503 for event in hit["events"]}
    assert {event["event_id"] for event in events(seen)} == refused
    assert len(refused) == 1


# --- to the tables --------------------------------------------------------------
def shop_river(stack, ports):
    return stack(site_options={
        "origins": f'["http://127.0.0.1:{ports[0]}"]'})


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
