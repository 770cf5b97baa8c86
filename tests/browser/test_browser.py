"""The tracker in a real Chromium, all the way to the tables; alone it is in
tracker.test.mjs."""

from decimal import Decimal

from integration_fixtures import roi

A = "/?utm_source=google&utm_medium=cpc&utm_campaign=spring"
B = "/?utm_source=newsletter&utm_medium=email&utm_campaign=may"
FROM_A = ("google", "cpc", "spring")
FROM_B = ("newsletter", "email", "may")
DIRECT = ("(direct)", "(none)", "(direct)")


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
