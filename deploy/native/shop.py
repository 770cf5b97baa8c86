"""A small shop: its week of events, what its campaigns cost, and visitors
with browsers. The same for the same seed."""

import collections
import csv
import http.cookies
import json
import random
import time
import urllib.request
from decimal import Decimal

from processes import Failure

SHOP = "https://shop.example"
HOUR, DAY = 3600 * 1000, 86400 * 1000
BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
    "like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/"
    "605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
]
PRODUCTS = [("mug", "14.90"), ("teapot", "39.00"), ("kettle", "64.50"),
            ("tea-box", "22.00"), ("tray", "29.95")]

# How a visit comes about: how often, how likely it is to buy, what a click
# costs, and what the landing page sees of it.
Way = collections.namedtuple("Way", "share buys click tags referrer")


def tagged(source, medium, campaign):
    return f"utm_source={source}&utm_medium={medium}&utm_campaign={campaign}"


WAYS = [
    Way(22, .09, "0.62", tagged("google", "cpc", "spring_sale"),
        "https://www.google.com/"),
    Way(10, .05, "0.48", tagged("google", "cpc", "brand"),
        "https://www.google.com/"),
    Way(14, .03, "0.35", tagged("facebook", "paid_social", "spring_sale"),
        "https://www.facebook.com/"),
    Way(7, .02, "0.30", tagged("facebook", "paid_social", "lookalike"),
        "https://l.facebook.com/"),
    Way(9, .12, None, tagged("newsletter", "email", "week_of_tea"), ""),
    Way(16, .04, None, "", "https://www.google.com/"),
    Way(4, .04, None, "", "https://tea-lovers.example/best-teapots"),
    Way(4, .06, None, "", "https://chatgpt.com/"),
    Way(14, .07, None, "", ""),
]


class Week:
    """The events of one week, the same for the same SEED and END."""

    def __init__(self, seed, end, visitors):
        self.dice = random.Random(seed)
        self.end = end
        self.events = []
        self.orders = {}  # id -> value
        self.signups = 0
        self.refunded = Decimal(0)
        self.clicks = collections.Counter()  # (day, way) -> paid clicks
        for number in range(visitors):
            self.visitor(f"v{number:05}")
        self.refund()
        self.events.sort(key=lambda event: event["time"])

    def add(self, kind, visitor, at, **fields):
        self.events.append({
            "type": kind, "site": "shop", "visitor_id": visitor, "time": at,
            "event_id": f"demo.{len(self.events)}", **fields})

    def visitor(self, visitor):
        dice = self.dice
        agent = dice.choice(BROWSERS)
        at = self.end - dice.randrange(HOUR, 7 * DAY - HOUR)
        for visit in range(dice.choice([1, 1, 1, 2, 2, 3, 4])):
            if at > self.end - HOUR:
                break
            self.visit(visitor, f"{visitor}.{visit}", agent, at)
            at += dice.randrange(3 * HOUR, 2 * DAY)

    def visit(self, visitor, session, agent, at):
        dice = self.dice
        [way] = dice.choices(WAYS, [way.share for way in WAYS])
        query = way.tags
        if "google&utm_medium=cpc" in query:
            query += f"&gclid=Cj{dice.getrandbits(64):016x}"
        if way.click is not None:
            self.clicks[time.strftime("%Y-%m-%d", time.gmtime(at / 1000)),
                        way] += 1
        common = {"session_id": session, "user_agent": agent}
        url = SHOP + "/" + ("?" + query if query else "")
        self.add("page", visitor, at, url=url, referrer=way.referrer,
                 title="Tea and more", **common)
        seen = []
        for _ in range(dice.randrange(4)):
            at += dice.randrange(5, 120) * 1000
            before, url = url, f"{SHOP}/p/{dice.choice(PRODUCTS)[0]}"
            seen.append(url.rpartition("/")[2])
            self.add("page", visitor, at, url=url, referrer=before, **common)
        if dice.random() < .05:
            at += 20000
            self.signups += 1
            self.add("conversion", visitor, at, goal="signup",
                     url=SHOP + "/welcome", **common)
        if seen and dice.random() < way.buys * 1.6:
            at += 90000
            order = f"A-{len(self.orders) + 1001}"
            value = sum(Decimal(dict(PRODUCTS)[item]) for item in seen)
            self.orders[order] = value
            self.add("conversion", visitor, at, goal="purchase",
                     order_id=order, value=str(value), currency="USD",
                     url=SHOP + "/thanks", **common)

    def refund(self):
        """One customer sends everything back."""
        order, value = self.dice.choice(sorted(self.orders.items()))
        bought = next(event for event in self.events
                      if event.get("order_id") == order)
        self.refunded = value
        self.add("refund", bought["visitor_id"], self.end - 1000,
                 refund_id="R-1", order_id=order, value=str(value),
                 currency="USD")

    def costs(self, path):
        """Writes what the ads cost, as a report of the platforms would."""
        total = Decimal(0)
        with open(path, "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["date", "source", "medium", "campaign", "cost",
                          "clicks", "impressions"])
            for (day, way), count in sorted(self.clicks.items()):
                names = [part.partition("=")[2]
                         for part in way.tags.split("&")]
                cost = Decimal(way.click) * count
                total += cost
                out.writerow([day, *names, cost, count, count * 37])
        return total


class Browser:
    """A visitor of the browser lane: no secret, a cookie jar."""

    def __init__(self, url):
        self.url = url
        self.jar = http.cookies.SimpleCookie()

    def hit(self, **event):
        request = urllib.request.Request(
            self.url + "/e", json.dumps({"site": "shop", **event}).encode(),
            {"Content-Type": "text/plain", "User-Agent": BROWSERS[0],
             "Origin": SHOP})
        if self.jar:
            request.add_header("Cookie", "; ".join(
                f"{name}={morsel.value}"
                for name, morsel in self.jar.items()))
        with urllib.request.urlopen(request, timeout=10) as answer:
            if answer.status != 204:
                raise Failure(f"a browser's hit was answered {answer.status}")
            for line in answer.headers.get_all("Set-Cookie") or []:
                self.jar.load(line)


def browse(url, week):
    """Three shoppers, here and now; returns how many hits they made."""
    hits = 0
    for number in range(3):
        browser = Browser(url)
        landing = f"{SHOP}/?{tagged('google', 'cpc', 'spring_sale')}"
        for page in (landing, SHOP + "/p/teapot"):
            browser.hit(url=page, title="Tea and more")
            hits += 1
        if number == 0:
            week.orders["B-1"] = Decimal("39.00")
            browser.hit(type="conversion", order_id="B-1", value="39.00",
                        currency="USD", url=SHOP + "/thanks")
            hits += 1
    return hits
