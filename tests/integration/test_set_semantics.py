"""
The tables are a function of the set of stored events.

One data set goes through Kafka in other orders, with repeats, in batches of
other sizes, over other numbers of partitions and aggregators that come, go
and are killed: every table is the same each time, and its sums are those of
an oracle (definitions.py) that knows the page and nothing of the code.

$AFTERCLICK_INTERLEAVINGS: how many ways are tried (8).
"""

import datetime
import json
import os
import random
import subprocess

import pytest

from conftest import ROOT, eventually
from definitions import DAY, QUALITY, Tables

INTERLEAVINGS = int(os.environ.get("AFTERCLICK_INTERLEAVINGS", "8"))
HOUR = 3600 * 1000
MINUTE = 60 * 1000
# Fixed, so that a failure of today is a failure of tomorrow; the spring
# change of the clocks of both zones lies inside.
BASE = 1774000800000  # 2026-03-20 10:00 UTC
HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://google.com/bot.html)"

SITES = {
    "shop": {
        "hosts": ["shop.example"], "timezone": "Europe/Berlin",
        "currency": "USD", "lookback": 30 * DAY, "goals": [
            {"name": "sign_up", "event": "signup", "value": "2.5",
             "lookback": 7 * DAY},
            {"name": "brochure", "url": "/brochure", "once": True}]},
    "store": {
        "hosts": ["store.example"], "timezone": "America/New_York",
        "currency": "USD", "lookback": 3 * DAY, "goals": [], "reset": True,
        "exclude_direct": True, "exposure": True, "utm_keep": True},
}
SITES_YAML = """\
sites:
  - id: shop
    hosts: [shop.example]
    timezone: Europe/Berlin
    currency: USD
    goals:
      - {name: sign_up, event: signup, value: 2.5, lookback: 7d}
      - {name: brochure, url: /brochure, count: once_per_visit}
  - id: store
    hosts: [store.example]
    timezone: America/New_York
    currency: USD
    lookback: 3d
    reset_after_conversion: true
    exclude_direct: true
    exposure: true
    utm_case: keep
"""
# JPY has rates for some days, CHF for none: the former restate, the latter
# wait.
RATES = {(datetime.date(2026, 3, day), "JPY"): 6700 + day
         for day in (5, 12, 20, 21, 28)}


class Shop:
    """A generator of what happens on two sites; everything from one seed."""

    def __init__(self, seed, visitors):
        self.rng = random.Random(seed)
        self.records = []
        self.orders = []
        self.clicks = []
        for number in range(visitors):
            self.visitor(f"v{number}")
        for number in range(visitors // 2):
            self.offline(number)
        self.refunds()
        self.useless()
        self.resent()

    def record(self, kind, time, lane=None, **more):
        lane = lane or self.rng.choice(("browser", "browser", "server"))
        number = len(self.records)
        r = {"v": 1, "event_id": f"e{number:05d}", "type": kind,
             "site": more.pop("site", "shop"), "lane": lane,
             "user_agent": HUMAN}
        if lane == "server":
            r.update(time=time, received_at=time + self.rng.randrange(DAY))
        else:
            # A clock of its own, and a wait before it was sent.
            waited = self.rng.choice((0, 0, 500, HOUR, 5 * DAY))
            clock = time + self.rng.choice((0, 0, -HOUR, 400 * DAY))
            r.update(time=clock, sent_at=clock + waited,
                     received_at=time + waited)
        r.update({name: value for name, value in more.items()
                  if value is not None})
        if number % 5:
            # Who denied analytics has no id, but here some have.
            r["consent"] = ("gggg", "udgu" if "visitor_id" in r else "uuuu",
                            "dgdd", "guuu")[number % 4]
        self.records.append(r)
        return r

    def url(self, site, path="/"):
        query = self.rng.choice((
            "", "", "", "utm_source=Google&utm_medium=CPC&utm_campaign=Spring",
            "utm_source=news&utm_medium=email&utm_campaign=may",
            f"gclid=Cl{self.rng.randrange(3)}", "fbclid=X",
            f"gclid=One{self.rng.randrange(10000)}",
            "utm_source=bing&utm_medium=cpc"))
        return f"https://{site}.example{path}" + ("?" + query if query else "")

    def visitor(self, name):
        rng = self.rng
        site = rng.choice(("shop", "shop", "shop", "store"))
        # Some devices are shared, some people have several.
        user = f"u{rng.randrange(60)}" if rng.random() < 0.3 else None
        time = BASE + rng.randrange(-20 * DAY, 12 * DAY)
        robot = rng.random() < 0.05
        for visit in range(rng.choice((1, 1, 2, 3, 5))):
            start = time
            about = {"site": site, "visitor_id": name,
                     "session_id": rng.choice((f"{name}.{visit}",) * 9 +
                                              (None,)),
                     "user_agent": ROBOT if robot else HUMAN}
            about["session_start"] = about["session_id"] and \
                rng.choice((start, None))
            for _ in range(rng.choice((1, 2, 4))):
                url = self.url(site, rng.choice(("/", "/", "/brochure")))
                if "gclid" in url:
                    self.clicks.append((site, url.partition("?")[2], time))
                self.record("page", time, url=url,
                    referrer=rng.choice((
                        None, "https://www.google.com/",
                        "https://www.paypal.com/pay", "https://blog.example/x",
                        f"https://{site}.example/before")), **about)
                # Sometimes two in one millisecond.
                time += rng.choice((0, 1, 3 * MINUTE))
            if rng.random() < 0.2:
                self.record("event", time, name="signup", **about)
            if rng.random() < 0.35:
                self.buy(time, user if rng.random() < 0.2 else None, about)
            if user and rng.random() < 0.5:
                who = user if rng.random() < 0.9 else f"u{rng.randrange(60)}"
                self.record("identify", time + MINUTE, user_id=who, **about)
            if rng.random() < 0.2:
                self.record("identify", time + MINUTE, lane="server",
                            user_id=rng.choice((user, None)),
                            **self.address(0.7), **about)
            # To the millisecond of the look-back, now and then.
            time = start + rng.choice((HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY,
                                       rng.randrange(20 * DAY)))

    def buy(self, time, user, about):
        rng = self.rng
        order = f"o{len(self.orders)}" if rng.random() < 0.8 else None
        currency = rng.choice(("USD", None, None, None, "JPY", "CHF"))
        value = rng.choice(("100", "99.99", "0.000001", "0", "33.333333",
                            str(rng.randrange(1, 90000))))
        bought = self.record("conversion", time, order_id=order, value=value,
                             currency=currency, user_id=user, **about)
        if order is None:
            return
        self.orders.append((about["site"], order, value, currency, time))
        if rng.random() < 0.3:  # the shop's own server says it again
            other = dict(about, session_id=None, session_start=None)
            if rng.random() < 0.5:
                other.update(visitor_id=None)
                user = user or f"u{rng.randrange(60)}"
            self.record("conversion", time + rng.choice((-MINUTE, 0, 700)),
                        lane="server" if bought["lane"] == "browser" else
                        rng.choice(("browser", "server")), order_id=order,
                        value=value, currency=currency, user_id=user, **other)

    def address(self, often):
        rng = self.rng
        return {name: f"{rng.randrange(40):064x}" for name in
                ("email_sha256", "phone_sha256") if rng.random() < often}

    def offline(self, number):
        rng = self.rng
        site, click, time = "shop", None, BASE + rng.randrange(10 * DAY)
        if rng.random() < 0.4:
            site, click, time = rng.choice(self.clicks)
            # To the millisecond of the five minutes, now and then.
            time += rng.choice((-HOUR, -5 * MINUTE - 1, -5 * MINUTE, -1, 0,
                                HOUR, 3 * DAY))
        elif rng.random() < 0.1:
            click = "gclid=Never"
        self.record("conversion", time, lane="server", site=site,
                    goal=rng.choice(("contract", "contract", None)),
                    value="1000", click_id=click, user_id=rng.choice(
                        (None, f"u{rng.randrange(80)}")),
                    event_id=f"offline-{number}", **self.address(0.4))

    def refunds(self):
        rng = self.rng
        for site, order, value, currency, time in self.orders:
            for part in range(rng.choice((0, 0, 0, 1, 2))):
                self.record("refund", time + rng.randrange(-HOUR, 9 * DAY),
                            lane="server", site=site, order_id=order,
                            currency=currency,
                            refund_id=rng.choice((None, f"r-{order}-{part}")),
                            value=rng.choice((value, "10", "0.5")))
        self.record("refund", BASE, lane="server", order_id="never",
                    value="5")

    def useless(self):
        self.record("refund", BASE, lane="server", order_id="o1", value="0")
        self.record("page", BASE, site="unheard-of", visitor_id="x")
        for number in range(12):
            self.records.append({
                "v": 1, "event_id": f"r{number}", "type": "refused",
                "site": self.rng.choice(("shop", "store")),
                "lane": "collector", "received_at": BASE + number * 7 * HOUR,
                "props": json.dumps({"signature": number + 1, "rate": 2})})

    def resent(self):
        """A client that heard no answer sends once more: another record."""
        for r in self.rng.sample(self.records, len(self.records) // 12):
            again = dict(r, received_at=r["received_at"] +
                         self.rng.randrange(1500))
            if "sent_at" in again:
                again["sent_at"] += again["received_at"] - \
                    r["received_at"] - self.rng.randrange(2)
                again["sent_at"] = max(again["sent_at"], again["time"])
            self.records.append(again)


def arrange(records, rng):
    """RECORDS as messages (key, text), in an order of RNG's: dealt to some
    spools, numbered there, each with the floor of the moment it is sent,
    and some of them sent again."""
    order = list(records)
    kind = rng.randrange(4)
    if kind == 0:
        rng.shuffle(order)
    elif kind == 1:
        order.sort(key=lambda r: r["received_at"])
    elif kind == 2:
        order.sort(key=lambda r: r["received_at"], reverse=True)
    else:
        order.sort(key=lambda r: (rng.random() < 0.05, r["received_at"]))
    spools = [f"{rng.getrandbits(64):016x}" for _ in range(rng.randint(1, 3))]
    last = dict.fromkeys(spools, 0)
    numbered = []
    for r in order:
        spool = rng.choice(spools)
        last[spool] += 1
        numbered.append((r, spool, last[spool]))
    window = rng.choice((1, 10, 200))
    numbered = [item for _, item in sorted(
        enumerate(numbered),
        key=lambda pair: (pair[0] + rng.random() * window))]
    waiting = {spool: set(range(1, last[spool] + 1)) for spool in spools}
    floor = dict.fromkeys(spools, 1)
    messages = []
    for r, spool, seq in numbered:
        sealed = dict(r, spool_id=spool, seq=seq, floor=floor[spool])
        key = next(r[name] for name in ("visitor_id", "user_id", "order_id",
                                        "event_id") if r.get(name))
        messages.append((key, json.dumps(sealed)))
        waiting[spool].discard(seq)
        while floor[spool] not in waiting[spool] and \
                floor[spool] <= last[spool]:
            floor[spool] += 1
    for _ in range(rng.choice((0, 50, 300))):
        at = rng.randrange(len(messages))
        messages.insert(rng.randint(at + 1, len(messages)), messages[at])
    return messages


def publish(stack, messages):
    text = "".join(f"{key}\t{value}\n" for key, value in messages)
    subprocess.run(
        ["kcat", "-P", "-b", stack.kafka.brokers, "-t", stack.known["topic"],
         "-K", "\t", "-X", "enable.idempotence=true"], input=text.encode(),
        check=True, timeout=60, capture_output=True)


def settled(stack, published):
    def done():
        rows = stack.sql(
            "SELECT coalesce(sum(next_offset), 0), (SELECT count(*) FROM "
            "dirty) FROM position")
        return rows == [[str(published), "0"]]
    eventually(done, 60, "the aggregators did not come to the end")


# Dimension numbers are given in order of arrival: names instead. Visitors,
# sessions and customers are hashes of what is in the records.
DUMPS = {
    "daily": "SELECT d.site, c.day, basis, model, source, medium, campaign, "
    "conversions_micros, orders_micros, order_value_micros, "
    "new_customers_micros, value_micros, refund_micros, booked_refund_micros "
    "FROM campaign_daily c JOIN dimension d USING (dim) JOIN model USING "
    "(model_id) WHERE (conversions_micros, orders_micros, order_value_micros, "
    "new_customers_micros, value_micros, refund_micros, booked_refund_micros) "
    "IS DISTINCT FROM (0, 0, 0, 0, 0, 0, 0)",
    "traffic": "SELECT d.site, t.day, source, medium, campaign, visits, "
    "touches FROM traffic_daily t JOIN dimension d USING (dim) "
    "WHERE visits <> 0 OR touches <> 0",
    "hits": "SELECT day, site, type, lane, bot <> '', sum(hits) FROM "
    "hits_daily GROUP BY 1, 2, 3, 4, 5",
    # Repeats are no events: see play().
    "quality": f"SELECT site, day, {', '.join(QUALITY)}, "
    "round(extract(epoch FROM last_received_at) * 1000) FROM quality_daily "
    "WHERE last_received_at IS NOT NULL",
    "refusals": "SELECT site, day, reason, hits FROM refusal_daily",
    "landings": "SELECT d.site, b.day, source, medium, campaign, sum(pages), "
    "sum(redirects) FROM bot_landing_daily b JOIN dimension d USING (dim) "
    "GROUP BY 1, 2, 3, 4, 5",
    "dimensions": "SELECT DISTINCT site, source, medium, campaign, channel "
    "FROM dimension",
    "touches": "SELECT * FROM touches",
    "candidates": "SELECT visitor, session, signature, ts, event_id, "
    "session_start, tagged, term, content, click_id, campaign_id FROM touch",
    "links": "SELECT visitor, user_key, ts FROM identity",
    "handles": "SELECT * FROM handle",
    "conversion": "SELECT * FROM conversion",
    "refund": "SELECT * FROM refund",
    "outcome": "SELECT * FROM outcome",
    "credits": "SELECT * FROM conversion_credits",
    "conversions": "SELECT * FROM conversions",
    "waiting": "SELECT * FROM waiting_conversions",
    "dead": "SELECT reason, count(*) FROM dead_letter GROUP BY 1",
    "roi": "SELECT site, day, date_basis, model, channel, source, medium, "
    "campaign, visits, touches, conversions, orders, new_customers, "
    "gross_revenue, refunds, net_revenue, cost, roas, cvr, aov, "
    "order_revenue, booked_refunds FROM campaign_roi_daily",
    "problems": "SELECT * FROM roi_check",
}


def dump(stack):
    # Compiling the queries would take longer than running them.
    return {name: sorted(stack.sql("SET jit = off; " + query), key=repr)
            for name, query in DUMPS.items()}


def differences(got, want):
    """Nothing, or the first rows of what is in one and not in the other."""
    text = ""
    for name, rows in want.items():
        mine, other = {repr(r) for r in got[name]}, {repr(r) for r in rows}
        for title, left in (("only here", mine - other),
                            ("missing", other - mine)):
            if left:
                text += f"{name}, {title}, {len(left)} rows:\n  " + \
                    "\n  ".join(sorted(left)[:5]) + "\n"
    return text


def start_some(river, number):
    if not river.aggregators[number].alive():
        river.start_aggregator(number)


def disturb(river, rng):
    """Aggregators come, go in order, or are killed."""
    number = rng.randrange(len(river.aggregators))
    process = river.aggregators[number]
    if not process.alive():
        start_some(river, number)
    elif rng.random() < 0.5:
        process.kill()
    else:
        process.stop(60)


def play(stack, kafka, records, seed, calm=False):
    """The dump after RECORDS came in the way of SEED."""
    rng = random.Random(seed)
    river = stack(
        up=False, aggregators=1 if calm else rng.randint(1, 3),
        partitions=1 if calm else rng.randint(1, 12),
        aggregator_options={
            "batch": {"records": 5000 if calm else
                      rng.choice((3, 40, 700, 5000)),
                      "wait": "100ms" if calm else
                      rng.choice(("1ms", "20ms", "200ms"))},
            "intake_workers": 1 if calm else rng.randint(1, 2),
            "attribution_workers": 1 if calm else rng.randint(1, 3),
            "kafka": {"bootstrap.servers": kafka.brokers,
                      "session.timeout.ms": 1500,
                      "heartbeat.interval.ms": 300}})
    with open(river.path("config", "sites.yaml"), "w",
              encoding="utf-8") as file:
        file.write(SITES_YAML)
    with open(river.path("fx.csv"), "w", encoding="utf-8") as file:
        file.write("date,currency,rate\n" + "".join(
            f"{day},{currency},0.{rate:06d}\n"
            for (day, currency), rate in RATES.items()))
    river.cli("migrate")
    messages = arrange(records, rng)
    parts = 1 if calm else rng.randint(2, 5)
    cuts = sorted(rng.sample(range(1, len(messages)), parts - 1))
    rates_at = rng.randrange(parts)
    start_some(river, 0)
    for part, (first, end) in enumerate(zip([0] + cuts,
                                            cuts + [len(messages)])):
        publish(river, messages[first:end])
        if not calm and part > 0:
            disturb(river, rng)
        if part == rates_at:
            # Its rates need the sites, which the first aggregator enters.
            eventually(lambda: river.sql("SELECT 1 FROM site"), 60)
            river.cli("import-fx", river.path("fx.csv"))
    for process in range(len(river.aggregators)):
        start_some(river, process)
    settled(river, len(messages))
    found = dump(river)
    repeats = [text for _, text in messages
               if json.loads(text)["site"] in SITES]
    assert river.sql("SELECT sum(duplicates) FROM quality_daily") == [
        [str(len(repeats) - len(set(
            (r["spool_id"], r["seq"]) for r in map(json.loads, repeats))))]]
    about = f"seed {seed}: {river.known['partitions']} partitions, " \
        f"{len(river.aggregators)} aggregators, batch " \
        f"{river.known['aggregator_options']['batch']}"
    river.down()
    return found, about


@pytest.fixture(scope="module")
def records():
    return Shop(20260320, 300).records


@pytest.fixture(scope="module")
def oracle(records):
    return Tables(records, SITES, RATES)


def test_the_data_set_has_something_of_everything(records, oracle):
    """A property of few events is soon proved."""
    kinds = {r["type"] for r in records}
    assert kinds >= {"page", "event", "conversion", "identify", "refund"}
    ids = [r["event_id"] for r in records]
    assert len(ids) > len(set(ids)) + 50, "too few are sent twice"
    assert len(oracle.waiting) > 5
    for name in set(QUALITY) - {
            "cookieless_daily", "clock_ahead", "late_older"}:
        assert sum(q[name] for q in oracle.quality.values()) > 3, name
    assert len(oracle.landings) > 3 and len(oracle.refused) > 12
    assert sum(cell[5] > 0 for cell in oracle.cells.values()) > 100
    assert sum(len(path) > 3 for path in oracle.touches.values()) > 50
    users = [user for _, user in oracle.links.values()]
    assert len(users) > len(set(users)) + 5, "nobody has two devices"


@pytest.mark.parametrize("seed", range(INTERLEAVINGS))
def test_every_way_of_arriving_gives_the_tables_of_the_definitions(
        stack, kafka, records, oracle, seed):
    found, about = play(stack, kafka, records, seed, calm=seed == 0)
    assert found["problems"] == []
    text = differences(
        {"daily": found["daily"], "traffic": found["traffic"],
         "hits": found["hits"], "quality": found["quality"],
         "refusals": found["refusals"], "landings": found["landings"],
         "waiting": [row[:2] for row in
                                            found["waiting"]]},
        {"daily": oracle.daily_rows(), "traffic": oracle.traffic_rows(),
         "hits": oracle.hits_rows(), "quality": oracle.quality_rows(),
         "refusals": oracle.refused_rows(),
         "landings": oracle.landing_rows(),
         "waiting": [list(pair) for pair in oracle.waiting]})
    assert text == "", f"{about}, against the definitions:\n{text}"
    first = reference.setdefault("first", found)
    text = differences(found, first)
    assert text == "", f"{about}, against the first run:\n{text}"


reference = {}


def test_a_visit_taken_for_new_that_is_not_is_looked_up(stack):
    """The intake asks for no visit that begins after all it remembers; one
    that says so and was there before is refused by the key of the table."""
    river = stack(aggregators=1)

    def hit(number, visitor, campaign):
        at = BASE + number * HOUR
        record = {"v": 1, "event_id": f"e{number}", "type": "page",
                  "site": river.site, "lane": "browser", "received_at": at,
                  "visitor_id": visitor, "session_id": f"{visitor}.1",
                  "session_start": at, "user_agent": HUMAN,
                  "url": f"https://shop.example/?utm_source={campaign}"
                         "&utm_medium=cpc"}
        publish(river, [(visitor, json.dumps(record))])
        settled(river, number)

    def retried():
        return river.metric("afterclick_intake_batches_retried_total",
                            river.aggregator_urls[0])
    hit(1, "v1", "google")
    river.restart("aggregator")
    hit(2, "v2", "google")
    before = retried()
    hit(3, "v1", "bing")
    assert retried() == before + 1, "nothing was taken for new"
    assert river.sql("SELECT sum(visits), sum(touches) FROM traffic_daily") \
        == [["2", "3"]]


VISITOR, USER, OTHER = (f"00000000-0000-0000-0000-{n:012d}" for n in (1, 2, 3))
MARKS = {
    "touch_dirty": f"ARRAY['{VISITOR}']::uuid[]",
    "link_dirty": f"ARRAY['{VISITOR}']::uuid[], ARRAY['{OTHER}']::uuid[]",
    "conversion_dirty": "ARRAY['shop'], ARRAY['c'], '{}', '{}', '{}'",
}


def statement(name):
    with open(os.path.join(ROOT, "aggregator", "store", "sql",
                           name + ".sql"), encoding="utf-8") as file:
        return file.read().rstrip()


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_not_taken_while_what_it_marks_is_not_visible(stack, mark):
    """The customer is marked already; who attributes it now would see the
    tables without the batch that marks it again, and nobody would look at
    it once more."""
    river = stack(up=False)
    river.cli("migrate")
    river.sql(f"""
        INSERT INTO identity VALUES ('{VISITOR}', '{USER}', now(), 'i');
        INSERT INTO conversion VALUES ('shop', 'c', 'purchase', now(),
            '{VISITOR}', NULL, NULL, NULL, 1, 'USD', true, 'server', true, 1);
        INSERT INTO dirty VALUES ('{USER}')""")
    take = f"PREPARE take AS {statement('dirty_take')};\nEXECUTE take(10);"
    batch = subprocess.Popen(
        ["psql", "-X", "-q", "-A", "-t", river.dsn], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        batch.stdin.write(f"PREPARE mark AS {statement(mark)};\nBEGIN;\n"
                          f"EXECUTE mark({MARKS[mark]});\nSELECT 'marked';\n")
        batch.stdin.flush()
        assert batch.stdout.readline() == "marked\n"
        assert [USER, "f"] not in river.sql(take)
    finally:
        batch.communicate("COMMIT;\n", timeout=20)
    assert [USER, "f"] in river.sql(take)
