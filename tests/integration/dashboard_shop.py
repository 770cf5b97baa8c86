"""A shop for the tests of the dashboard, with names that mean harm."""

import os
import time
import urllib.parse

import processes

HOSTILE = "<img src=x onerror=alert(1)>"
FORMULA = "=HYPERLINK(1)"
OPTIONS = {"experiments":
           "[{name: button, variants: [{name: a}, {name: b}]}]"}


def shop(river, server_events):
    """Two buyers by three campaigns, and what one of those cost."""
    now = int(time.time() * 1000)
    events = []
    for number, campaign in enumerate(["spring", HOSTILE, FORMULA]):
        visitor = f"v{number}"
        events.append({
            "type": "page", "visitor_id": visitor, "session_id": visitor,
            "time": now - 3600000, "event_id": f"p{number}",
            "experiment": "button", "variant": "ab"[number % 2],
            "url": "https://shop.example/?utm_source=news&utm_medium=email&"
                   "utm_campaign=" + urllib.parse.quote(campaign)})
        if number < 2:
            events.append({
                "type": "conversion", "visitor_id": visitor,
                "session_id": visitor, "time": now - 3000000,
                "event_id": f"c{number}", "goal": "purchase",
                "order_id": f"A-{number}", "value": "30.5",
                "currency": "USD", "url": "https://shop.example/thanks"})
    server_events(river, events)
    path = os.path.join(river.folder, "costs.csv")
    day = time.strftime("%Y-%m-%d", time.gmtime((now - 3000000) / 1000))
    with open(path, "w", encoding="utf-8") as file:
        file.write("date,source,medium,campaign,cost,clicks\n"
                   f"{day},news,email,spring,10,5\n")
    river.cli("import-costs", "--platform", "generic", "--site", river.site,
              "--currency", "USD", path)
    river.wait()
    processes.eventually(lambda: river.sql(
        "SELECT count(*) FROM conversions") == [["2"]], 90,
        "the conversions are not in the tables")
