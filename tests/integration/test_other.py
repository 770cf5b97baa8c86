"""Invented campaigns add up to (other), whichever came first."""

import json
import random

import pytest

from conftest import eventually
from test_set_semantics import HUMAN, publish, settled

TIME = 1774000800000  # 2026-03-20 10:00 UTC
SHOWN = 20
CHANNELS = {"email": 60, "cpc": 40}
SOURCES = {"email": "letters", "cpc": "google"}


def records():
    """Campaigns by the hundred; a few have many hits, some convert."""
    rng = random.Random(11)
    made = []

    def add(kind, **more):
        made.append({
            "v": 1, "event_id": f"e{len(made)}", "type": kind, "site": "shop",
            "lane": "server", "user_agent": HUMAN,
            "received_at": TIME + len(made), "time": TIME + len(made), **more})
    for medium, count in CHANNELS.items():
        for number in range(count):
            for hit in range(1 + (number * 7 % 5)):
                visitor = f"{medium}-{number}-{hit}"
                add("page", visitor_id=visitor, session_id=visitor,
                    url="https://shop.example/?utm_source="
                    f"{SOURCES[medium]}&utm_medium={medium}&utm_campaign="
                    f"c{number:03d}")
                if rng.random() < 0.2:
                    add("conversion", visitor_id=visitor, value="7",
                        session_id=visitor)
    add("page", visitor_id="rare", session_id="rare", url="https://shop."
        "example/?utm_source=google&utm_medium=cpc&utm_campaign=zz-paid")
    add("page", visitor_id="named", session_id="named", url="https://shop."
        "example/?utm_source=google&utm_medium=cpc&utm_campaign=zz-named")
    return made


ROWS = ("SELECT channel, source, medium, campaign, visits, touches, "
        "conversions, net_revenue, cost FROM campaign_roi_daily WHERE model "
        "= 'linear' AND date_basis = 'conversion' ORDER BY 1, 2, 3, 4")
SUMS = ("SELECT sum(visits), sum(touches), sum(conversions), "
        "sum(net_revenue) FROM campaign_roi_daily WHERE model = 'linear' "
        "AND date_basis = 'conversion'")


def folded(stack, order):
    river = stack(up=False, partitions=2, aggregator_options={
        "campaigns_per_day": SHOWN, "campaigns_file": "campaigns.yaml"})
    with open(river.path("config", "campaigns.yaml"), "w",
              encoding="utf-8") as file:
        file.write("campaigns:\n  - {name: something, campaign: zz-named}\n")
    with open(river.path("costs.csv"), "w", encoding="utf-8") as file:
        file.write("date,source,medium,campaign,cost\n"
                   "2026-03-20,google,cpc,zz-paid,12\n")
    river.cli("migrate")
    river.cli("import-costs", "--platform", "generic", "--site", "shop",
              river.path("costs.csv"))
    river.start_aggregator(0)
    publish(river, [(r["visitor_id"], json.dumps(r)) for r in order])
    settled(river, len(order))

    def done():
        rows = river.sql(ROWS)
        names = [row for row in rows if not row[3].startswith(("(", "zz"))]
        return len(names) == SHOWN * len(CHANNELS) and rows
    rows = eventually(done, 60, "nothing was folded")
    return river, rows


@pytest.fixture(scope="module")
def made():
    return records()


def cells(river, views):
    """Sums of the cells of VIEWS, by all that the dashboard adds them up by."""
    sums = [f"sum({name}_micros)" for name in
            ("conversions", "orders", "new_customers", "value", "refund")]
    return river.sql(
        f"SELECT day, campaign_key, basis, model_id, {', '.join(sums)} FROM ("
        + " UNION ALL ".join(f"TABLE {view}" for view in views) +
        ") c GROUP BY 1, 2, 3, 4 HAVING " +
        " OR ".join(one + " <> 0" for one in sums) + " ORDER BY 1, 2, 3, 4")


def test_the_rest_adds_up_to_other_whatever_came_first(stack, made):
    river, rows = folded(stack, made)
    hits = [r for r in made if r["type"] == "page"]
    sold = [r for r in made if r["type"] == "conversion"]
    assert [[float(n) for n in row] for row in river.sql(SUMS)] == [
        [len(hits), len(hits), len(sold), 7 * len(sold)]]
    by_name = {(row[0], row[3]): row for row in rows}
    assert by_name["Paid Search", "zz-paid"][5] == "1"
    assert float(by_name["Paid Search", "zz-paid"][8]) == 12
    assert by_name["Paid Search", "zz-named"][5] == "1"
    for channel in ("Email", "Paid Search"):
        assert int(by_name[channel, "(other)"][5]) > 0
    # The largest are those that have names: five hits before four.
    least = min(int(row[5]) for row in rows if row[3].startswith("c"))
    assert least >= 3
    # The dashboard adds up the same in two parts.
    assert cells(river, ["campaign_cells"]) == cells(
        river, ["campaign_own_cells", "campaign_cell_moves"])
    assert cells(river, ["campaign_cells"]) != cells(
        river, ["campaign_own_cells"])
    # The other way round, the same rows.
    other, again = folded(stack, made[::-1])
    assert again == rows
    assert other.sql("SELECT * FROM roi_check") == []
