"""
Four weeks of a shop that advertises on three platforms and is paid in two
currencies: costs, orders, refunds and an offline sale in, and every cell of
campaign_roi_daily as worked out here with Decimal.
"""

import csv
import io
import json
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from conftest import everything, server_events

DAYS = 28
GOOGLE = ("google", "cpc", "brand")
META = ("facebook", "paid_social", "lookalike")
MICROSOFT = ("bing", "cpc", "generic")
ZERO = Decimal(0)


class Story:
    def __init__(self):
        self.base = datetime.now(timezone.utc).date() - timedelta(60)
        self.events = []
        self.orders = {}  # id: (day, campaign, value, currency)
        self.refunds = []  # (order id, value)
        for day in range(DAYS):
            self.visit("g", day, GOOGLE, f"gclid=Gc{day:02}Xy")
            self.visit("m", day, META, f"fbclid=Fb{day:02}Xy")
            self.visit("b", day, MICROSOFT, f"msclkid=Ms{day:02}Xy")
            if day % 2 == 0:
                self.buy(f"g{day}", day, GOOGLE, Decimal(40 + day), "USD")
            if day % 3 == 0:
                self.buy(f"m{day}", day + 1, META, Decimal("30.10"), "EUR")
            if day % 7 == 0:
                self.buy(f"b{day}", day, MICROSOFT, Decimal("99.99"), "USD")
            if day % 8 == 0:
                self.refund(f"g{day}", day + 2, Decimal("5.55"))
        self.refund("b7", 20, Decimal("99.99"))
        self.refund("m9", 19, Decimal("10.05"))

    def date(self, day):
        return str(self.base + timedelta(day))

    def at(self, day, clock):
        return f"{self.date(day)}T{clock}:00Z"

    def visit(self, kind, day, origin, click):
        query = "&".join(f"utm_{name}={value}" for name, value in zip(
            ("source", "medium", "campaign"), origin))
        self.events.append({
            "type": "page", "event_id": f"t-{kind}{day}",
            "visitor_id": f"{kind}{day}", "session_id": f"s-{kind}{day}",
            "time": self.at(day, "09:00"),
            "url": f"https://shop.example/?{query}&{click}"})

    def buy(self, who, day, origin, value, currency):
        self.orders[who] = (day, origin, value, currency)
        self.events.append({
            "type": "conversion", "event_id": f"c-{who}", "visitor_id": who,
            "order_id": who, "value": str(value), "currency": currency,
            "time": self.at(day, "15:00")})

    def refund(self, order, day, value):
        self.refunds.append((order, value))
        self.events.append({
            "type": "refund", "event_id": f"r-{order}", "order_id": order,
            "value": str(value), "currency": self.orders[order][3],
            "time": self.at(day, "10:00")})

    # --- money ----------------------------------------------------------------
    def rates(self):
        """{day: rate}: the bank has none for the weekends."""
        return {day: Decimal("1.05") + Decimal(day) / 1000
                for day in range(-7, DAYS + 2)
                if (self.base + timedelta(day)).weekday() < 5}

    def usd(self, value, currency, day):
        if currency == "USD":
            return value
        rates = self.rates()
        return value * rates[max(d for d in rates if d <= day)]

    def costs(self, origin, change=None):
        """What ORIGIN cost on each day, in its account's currency."""
        daily = {day: Decimal(10 + len(origin[0])) + Decimal(day * 37 % 100)
                 / 100 for day in range(DAYS)}
        daily.update(change or {})
        return daily

    def cost_file(self, origin, change=None):
        """The bytes of the export that ORIGIN's platform gives."""
        days = [(self.date(day), cost)
                for day, cost in self.costs(origin, change).items()]
        if origin == GOOGLE:
            text = "Campaign report\r\n\"The four weeks\"\r\n" + \
                "Day\tCampaign\tCurrency code\tCost\tImpr.\tClicks\r\n" + \
                "".join(f"{day}\tBrand\tUSD\t{cost}\t1,900\t5\r\n"
                        for day, cost in days) + \
                f"Total: Account\t--\tUSD\t{sum(c for _, c in days)}" \
                "\t53,200\t140\r\n"
            return text.encode("utf-16")
        if origin == META:
            return ("\ufeffReporting starts,Reporting ends,Campaign name,"
                    "Amount spent (EUR),Impressions,Link clicks\n" + "".join(
                        f"{day},{day},Lookalike,{cost},1900,5\n"
                        for day, cost in days)).encode()
        return ("Gregorian date,Campaign name,Currency code,Impressions,"
                "Clicks,Spend\n" + "".join(
                    f"{day},Generic,USD,1900,5,{cost}\n"
                    for day, cost in days)).encode()

    def cells(self):
        """{(date, campaign): [orders, gross, refunds, cost]}"""
        cells = defaultdict(lambda: [ZERO] * 4)
        for day, origin, value, currency in self.orders.values():
            cell = cells[self.date(day), origin]
            cells[self.date(day), origin] = [
                cell[0] + 1, cell[1] + self.usd(value, currency, day),
                *cell[2:]]
        for order, value in self.refunds:
            day, origin, _, currency = self.orders[order]
            cells[self.date(day), origin][2] += self.usd(value, currency, day)
        for origin, currency in ((GOOGLE, "USD"), (META, "EUR"),
                                 (MICROSOFT, "USD")):
            for day, cost in self.costs(origin).items():
                cells[self.date(day), origin][3] += self.usd(cost, currency,
                                                             day)
        return cells


def in_tables(stack, model="last_touch"):
    rows = stack.sql(
        "SELECT day, source, medium, campaign, orders, gross_revenue, "
        "refunds, cost FROM afterclick.campaign_roi_daily WHERE "
        f"model = '{model}' AND date_basis = 'conversion'")
    return {(row[0], tuple(row[1:4])): [Decimal(n) for n in row[4:]]
            for row in rows}


def import_costs(stack, path, origin):
    platform = {"facebook": "meta", "bing": "microsoft"}.get(origin[0],
                                                            origin[0])
    return json.loads(stack.cli(
        "import-costs", "--platform", platform, "--site", stack.site,
        "--source", origin[0], "--medium", origin[1], "--json", str(path)))


def test_four_weeks_of_money_in(stack, tmp_path):
    it, story = stack(aggregator_options={"exports": [
        {"site": "shop", "platform": name, "goals": {"purchase": "Order"}}
        for name in ("google", "meta", "microsoft")]}), Story()
    server_events(it, story.events)

    # The offline sale comes with nothing but the click, in its own case.
    story.orders["counter-1"] = (12, GOOGLE, Decimal("500.00"), "EUR")
    offline = tmp_path / "offline.csv"
    offline.write_text(
        "Order ID,Google Click ID,Conversion Time,Conversion Value,"
        "Conversion Currency\n"
        f"counter-1,Gc05Xy,{story.date(12)} 16:00:00+00:00,500.00,EUR\n")

    def sell():
        counts = json.loads(it.cli(
            "import-conversions", str(offline), "--site", it.site,
            "--collector", it.collector_url, "--json"))
        assert counts["accepted"] == 1
    sell()
    it.wait()

    # Money in euros waits, visibly, until the rates are there.
    files = {}
    for origin, currency in ((GOOGLE, "USD"), (META, "EUR"),
                             (MICROSOFT, "USD")):
        files[origin] = tmp_path / f"{origin[0]}.csv"
        files[origin].write_bytes(story.cost_file(origin))
        counts = import_costs(it, files[origin], origin)
        assert counts["inserted"] == DAYS
        assert counts["waiting"] == (DAYS if currency == "EUR" else 0)
    waiting = {row[0] for row in it.sql(
        "SELECT order_id FROM afterclick.waiting_conversions")}
    assert waiting == {name for name, order in story.orders.items()
                       if order[3] == "EUR"}
    rates = tmp_path / "rates.csv"
    rates.write_text("date,currency,rate\n" + "".join(
        f"{story.date(day)},EUR,{rate}\n"
        for day, rate in story.rates().items()))
    it.cli("import-fx", str(rates))
    it.wait()

    assert in_tables(it) == story.cells()
    assert in_tables(it, "linear") == story.cells()
    before = everything(it)
    assert before["check"] == []

    # All of it again: nothing changes.
    sell()
    server_events(it, story.events)
    for origin in (GOOGLE, META):
        assert import_costs(it, files[origin], origin)["unchanged"] == DAYS
    it.wait()
    assert everything(it) == before

    # A restated cost changes its own cells and no other.
    change = {10: Decimal("21.50")}
    files[META].write_bytes(story.cost_file(META, change))
    counts = import_costs(it, files[META], META)
    assert (counts["updated"], counts["unchanged"]) == (1, DAYS - 1)
    after = everything(it)
    assert after["credits"] == before["credits"] and after["check"] == []
    assert len(after["roi"]) == len(before["roi"])
    changed = [new for old, new in zip(before["roi"], after["roi"])
               if old != new]
    cells = len(it.sql("SELECT day FROM afterclick.campaign_roi_daily WHERE "
                       f"day = '{story.date(10)}' AND "
                       f"campaign = '{META[2]}'"))
    assert len(changed) == cells > 0
    for row in changed:
        assert row[0:2] == [it.site, story.date(10)] and META[2] in row
    expected = story.cells()
    expected[story.date(10), META][3] = story.usd(change[10], "EUR", 10)
    assert in_tables(it) == expected

    # The shop's own export knows one order more, which nobody tracked.
    export = io.StringIO()
    shop = csv.writer(export)
    shop.writerow(["order_id", "order_date", "status", "order_total",
                   "order_currency"])
    for name, (day, _, value, currency) in story.orders.items():
        shop.writerow([name, f"{story.date(day)} 15:00:00", "completed",
                       value, currency])
    shop.writerow(["phone-1", f"{story.date(3)} 15:00:00", "completed",
                   "100.00", "USD"])
    orders = tmp_path / "orders.csv"
    orders.write_text(export.getvalue())
    told = json.loads(it.cli("reconcile", str(orders), "--site", it.site,
                             "--preset", "woocommerce", "--json"))
    assert told["total"]["matched"] == len(story.orders)
    assert told["total"]["missing"] == 1
    gross = sum(cell[1] for cell in expected.values())
    assert told["total"]["coverage"] == float(
        (gross / (gross + 100)).quantize(Decimal("0.000001")))
    audit = json.loads(it.cli("audit", "spend", "--json"))
    assert audit == []  # each cent of it was clicked
    money_out(it, story, tmp_path)


def export(stack, story, platform, folder):
    return json.loads(stack.cli(
        "export", platform, "--site", stack.site, "--from", story.date(0),
        "--to", story.date(DAYS + 2), "--out", str(folder), "--json"))


def uploaded(folder, ending):
    """The rows of the file that ends so, by the names of its columns."""
    path, = folder.glob("*" + ending)
    lines = path.read_text().splitlines()
    return list(csv.DictReader(lines[lines[0].startswith("Parameters"):]))


def money_out(it, story, tmp_path):
    """What the platforms' clicks brought goes back to them, once."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    sold = {name for name, order in story.orders.items()
            if order[1] == GOOGLE}
    counts = export(it, story, "google", folder)
    assert (counts["sent"], counts["adjustments"]) == (len(sold), 0)
    rows = uploaded(folder, "Z.csv")
    assert {row["Order ID"] for row in rows} == sold
    assert [row["Google Click ID"] for row in rows
            if row["Order ID"] == "counter-1"] == ["Gc05Xy"]
    net = sum(cell[1] - cell[2] for (_, origin), cell
              in story.cells().items() if origin == GOOGLE)
    assert sum(Decimal(row["Conversion Value"]) for row in rows) == net
    # A week is over for Meta; one sale of Microsoft was taken back.
    assert export(it, story, "meta", folder)["sent"] == 0
    counts = export(it, story, "microsoft", folder)
    assert counts["sent"] == 3
    assert counts["reasons"]["refunded before it was sent"] == 1
    for platform in ("google", "microsoft"):
        assert export(it, story, platform, folder)["sent"] == 0

    story.refund("g26", 27, Decimal("6.50"))
    server_events(it, story.events[-1:])
    it.wait()
    counts = export(it, story, "google", folder)
    assert (counts["sent"], counts["adjustments"]) == (1, 1)
    row, = uploaded(folder, "-restate.csv")
    assert (row["Order ID"], row["Adjusted Value"]) == ("g26", "59.5")
    assert export(it, story, "google", folder)["sent"] == 0
