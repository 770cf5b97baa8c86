"""The drill of docs/backup.md: a backup of the past, restored, is exact once
the aggregator has read on. Its commands are those of the page."""

import json

import pytest

from conftest import everything, server_events
from test_docs import Shell, blocks, furnish, meant

PAGE = "docs/backup.md"
COSTS = "date,source,medium,campaign,cost\n{day},google,cpc,brand,{cost}\n"


def shop(number, day):
    """A visit, an order; the third order comes back."""
    who = f"v{number}"
    yield {"type": "page", "event_id": f"t{number}", "visitor_id": who,
           "session_id": who, "time": f"{day}T10:00:00Z",
           "url": "https://shop.example/?utm_source=google&utm_medium=cpc"
                  "&utm_campaign=brand"}
    yield {"type": "conversion", "event_id": f"c{number}", "visitor_id": who,
           "order_id": f"o{number}", "value": str(10 + number),
           "currency": "USD", "time": f"{day}T11:00:00Z"}
    if number % 3 == 0:
        yield {"type": "refund", "event_id": f"r{number}",
               "order_id": f"o{number}", "refund_id": f"r{number}",
               "value": "5", "currency": "USD", "time": f"{day}T12:00:00Z"}


def events(numbers, day):
    return [event for number in numbers for event in shop(number, day)]


@pytest.fixture
def page(stack, tmp_path):
    river = stack(partitions=3, aggregators=2)
    furnish(PAGE, river, tmp_path)
    shell = Shell(PAGE, river, tmp_path, meant(river))
    backup, restore = [block for block in blocks(PAGE)
                       if block.language == "sh"]
    return river, shell, backup, restore


def test_a_restored_backup_is_exact_after_it_has_read_on(page, tmp_path):
    import datetime
    river, shell, backup, restore = page
    day = datetime.datetime.now(datetime.timezone.utc).date() \
        - datetime.timedelta(20)
    server_events(river, events(range(60), day))
    costs = tmp_path / "costs-of-the-day.csv"
    costs.write_text(COSTS.format(day=day, cost=12))
    river.cli("import-costs", "--platform", "generic", "--site", "shop",
              "--currency", "USD", str(costs))
    river.wait()
    shell.run([backup])
    before = everything(river)
    # Life goes on: new customers, and more of the old ones.
    server_events(river, events(range(60, 140), day) + [
        {"type": "refund", "event_id": f"late{number}", "refund_id":
         f"late{number}", "order_id": f"o{number}", "value": "2.5",
         "currency": "USD", "time": f"{day}T13:00:00Z"}
        for number in range(1, 40, 2)])
    river.wait()
    reference = everything(river)
    assert reference != before and reference["check"] == []
    at = positions(river)
    shell.run([restore])
    assert positions(river) == at
    assert json.dumps(everything(river)) == json.dumps(reference)
    # And the tables are alive: what comes now is counted.
    server_events(river, events([500], day))
    river.wait()
    assert everything(river) != reference
    assert river.sql("SELECT * FROM roi_check") == []


def positions(river):
    return river.sql("SELECT partition, next_offset FROM position ORDER BY 1")
