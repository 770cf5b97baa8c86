"""
DEFINITIONS.md, sections 1 to 3, in as few lines as they take: what the daily
tables must hold for a set of records. Written from the page and never from
the C code, slow and without any state: the oracle of test_set_semantics.
"""

import collections
import datetime
import json
import math
import urllib.parse
import zoneinfo
from fractions import Fraction

DAY = 86400 * 1000
UTC = datetime.timezone.utc
MODELS = ("first_touch", "last_touch", "last_non_direct", "linear",
          "time_decay", "position_based")
DIRECT = ("(direct)", "(none)", "(direct)")
NOBODY = ("(none)", "(none)", "(unattributed)")
PAYMENT = ("www.paypal.com",)
CLICKS = {"gclid": ("google", "cpc"), "fbclid": ("facebook", "social")}
PURPOSES = ("ad_storage", "analytics_storage", "ad_user_data",
            "ad_personalization")
QUALITY = tuple((
    "late_minutes late_hours late_days late_older clock_corrected "
    "clock_mistrusted clock_ahead cookieless_daily cookieless_none "
    "ad_storage_granted ad_storage_denied analytics_storage_granted "
    "analytics_storage_denied ad_user_data_granted ad_user_data_denied "
    "ad_personalization_granted ad_personalization_denied").split())
SEARCH = {"www.google.com": "google", "duckduckgo.com": "duckduckgo"}

Touch = collections.namedtuple("Touch", "time event_id names direct")
Cell = collections.namedtuple(
    "Cell", "conversions orders order_value new_customers value refund booked")


def micros(text):
    return int(Fraction(text) * 1000000)


def local_day(time, zone):
    moment = datetime.datetime.fromtimestamp(0, UTC) + \
        datetime.timedelta(milliseconds=time)
    return moment.astimezone(zoneinfo.ZoneInfo(zone)).date()


def event_time(r):
    """Section 1: web hits by arrival less their wait in the browser."""
    if r["lane"] in ("server", "import"):
        return r.get("time") or r["received_at"]
    waited = r.get("sent_at", 0) - r.get("time", 0)
    if r.get("sent_at") and r.get("time") and 0 <= waited <= 5 * DAY:
        return r["received_at"] - waited
    return r["received_at"]


def origin(r, site):
    """(names, what tells origins apart); the latter None when untagged."""
    url = urllib.parse.urlsplit(r.get("url", ""))
    query = dict(urllib.parse.parse_qsl(url.query))
    names = [query.get("utm_" + part, "").strip()
             for part in ("source", "medium", "campaign")]
    if not site.get("utm_keep"):
        names = [name.lower() for name in names]
    click = next(((name, query[name]) for name in CLICKS if name in query),
                 None)
    if click and not names[0] and not names[1]:
        names[:2] = CLICKS[click[0]]
    if any(names) or click:
        names = tuple(name or "(not set)" for name in names)
        return names, (names, click)
    host = urllib.parse.urlsplit(r.get("referrer", "")).hostname
    if not host or host in site["hosts"] or host in PAYMENT:
        return DIRECT, None
    names = (SEARCH[host], "organic", "(not set)") if host in SEARCH else \
        (host, "referral", "(not set)")
    return names, (names, None)


def split(amount, weights):
    """Largest remainder; ties to the earlier."""
    weights = [Fraction(weight) for weight in weights]
    due = [amount * weight / sum(weights) for weight in weights]
    part = [math.floor(share) for share in due]
    order = sorted(range(len(due)), key=lambda i: (part[i] - due[i], i))
    for i in order[:amount - sum(part)]:
        part[i] += 1
    return part


def weights(model, path, time):
    n = len(path)
    one = [0] * n
    if model == "first_touch":
        one[0] = 1
    elif model == "last_touch":
        one[-1] = 1
    elif model == "last_non_direct":
        one[max((i for i in range(n) if not path[i].direct),
                default=n - 1)] = 1
    elif model == "linear":
        one = [1] * n
    elif model == "time_decay":
        one = [math.exp2(-(time - touch.time) / (7 * DAY)) for touch in path]
    elif n <= 2:
        one = [1] * n
    else:
        one = [Fraction(2, 5)] + [Fraction(1, 5 * (n - 2))] * (n - 2) + \
            [Fraction(2, 5)]
    return one


class Tables:
    """The daily tables of RECORDS; SITES as in sites.yaml, RATES as
    {(day, currency): micros}, DEAD are records that cannot be used."""

    def __init__(self, records, sites, rates):
        self.sites = sites
        self.rates = rates
        self.cells = collections.defaultdict(lambda: [0] * 7)
        self.traffic = collections.defaultdict(lambda: [0, 0])
        self.hits = collections.Counter()
        self.quality = collections.defaultdict(collections.Counter)
        self.refused = collections.Counter()
        self.landings = collections.Counter()
        self.waiting = set()
        self.visits = collections.defaultdict(list)
        self.links, self.orders, self.refunds = {}, {}, {}
        self.handles = collections.defaultdict(dict)
        conversions = {}
        for r in self.humans(records):
            self.read(r, conversions)
        self.count_visits()
        for c in conversions.values():
            self.enter(c)
        for c in conversions.values():
            self.at_its_click(c)
        customers = collections.defaultdict(list)
        for c in sorted(conversions.values(), key=lambda c: c["at"]):
            customers[self.customer(c)].append(c)
        for who, of in customers.items():
            self.attribute(who, of)

    # --- from records to facts -------------------------------------------
    def humans(self, records):
        """The records that count, one an event id: the earliest."""
        first = {}
        for r in records:
            if r["site"] not in self.sites:
                continue
            at = (event_time(r), r["event_id"])
            bot = "bot" in r.get("user_agent", "").lower()
            zone = self.sites[r["site"]]["timezone"]
            day = str(local_day(at[0], zone))
            if r["type"] == "refused":
                for reason, hits in json.loads(r["props"]).items():
                    self.refused[r["site"], day, reason] += hits
                continue
            if r["type"] == "refund" and not micros(r.get("value", "0")):
                self.refused[r["site"], day, "dead_letter"] += 1
                continue
            self.hits[day, r["site"], r["type"], r["lane"], bot] += 1
            self.judge(self.quality[r["site"], day], r, at[0], bot, day)
            key = (r["site"], r["event_id"])
            if not bot and (key not in first or at < first[key]["at"]):
                first[key] = {**r, "at": at}
        return first.values()

    def judge(self, q, r, time, bot, day):
        """How well the hit was tracked."""
        browser = r["lane"] in ("browser", "pixel", "redirect", "compatible")
        late = r["received_at"] - time
        for limit, name in ((5 * DAY, "late_older"), (DAY, "late_days"),
                            (DAY // 24, "late_hours"),
                            (DAY // 1440, "late_minutes")):
            if late > limit:
                q[name] += 1
                break
        if not browser:
            q["clock_ahead"] += -late > 60000
        elif r.get("time") and r.get("sent_at"):
            if not 0 <= r["sent_at"] - r["time"] <= 5 * DAY:
                q["clock_mistrusted"] += 1
            elif abs(r["received_at"] - r["sent_at"]) > 60000:
                q["clock_corrected"] += 1
        q["last"] = max(q["last"], r["received_at"])
        if bot:
            own = {**r, "referrer": ""}
            names, apart = origin(own, self.sites[r["site"]])
            if r["type"] == "page" and apart:
                self.landings[(r["site"], day) + names] += 1
            return
        for purpose, letter in zip(PURPOSES, r.get("consent", "")):
            q[purpose + "_granted"] += letter == "g"
            q[purpose + "_denied"] += letter == "d"
        who = r.get("visitor_id")
        q["cookieless_none"] += browser and not who
        q["cookieless_daily"] += bool(browser and who and who[:2] == "d.")

    def read(self, r, conversions):
        site = self.sites[r["site"]]
        if r["type"] == "refund":
            key = (r["site"], r.get("refund_id", r["event_id"]))
            if key not in self.refunds or r["at"] < self.refunds[key]["at"]:
                self.refunds[key] = r
            return
        visitor, user = r.get("visitor_id"), r.get("user_id")
        if visitor and user:
            key = (r["site"], visitor)
            self.links[key] = max(self.links.get(key, ((), None)),
                                  (r["at"], user))
        click = next((part for part in urllib.parse.urlsplit(
            r.get("url", "")).query.split("&")
            if part.split("=")[0] in CLICKS), r.get("click_id"))
        handles = {"click": click, "email": r.get("email_sha256"),
                   "phone": r.get("phone_sha256")}
        for kind, value in handles.items():
            if not value or not (visitor or user):
                continue
            known = self.handles[r["site"], kind, value]
            if kind != "click" and user:
                known["user"] = max(known.get("user", ((), None)),
                                    (r["at"], user))
            elif kind != "click":
                known["visitor"] = max(known.get("visitor", ((), None)),
                                       (r["at"], visitor))
            elif visitor:
                known["visitor"] = min(known.get("visitor", ((math.inf,),)),
                                       (r["at"], visitor))
        if visitor:
            names, apart = origin(r, site)
            session = r.get("session_id")
            if session or apart:
                self.visits[r["site"], visitor, bool(session),
                            session or r["event_id"]].append(
                                (r["at"], names, apart, r))
        found = []
        goals = {goal["name"]: goal for goal in site["goals"]}
        if r["type"] == "conversion":
            name = r.get("goal", "purchase")
            rule = goals.get(name, {})
            found.append({
                "goal": name, "at": r["at"], "key": r.get("order_id"),
                "value": micros(r.get("value", rule.get("value", "0"))),
                "purchase": "order_id" in r or name == "purchase",
                "lookback": rule.get("lookback", site["lookback"])})
        else:
            for goal in goals.values():
                path = urllib.parse.urlsplit(r.get("url", "")).path
                if r["type"] == "event" and \
                        r.get("name") == goal.get("event", 0) or \
                        r["type"] == "page" and path == goal.get("url", 0):
                    once = goal.get("once") and r.get("session_id")
                    found.append({
                        "goal": goal["name"], "key": once and
                        (visitor, once), "purchase": False,
                        "at": (r["at"][0], r["event_id"] + "#" +
                               goal["name"]),
                        "value": micros(goal.get("value", "0")),
                        "lookback": goal.get("lookback", site["lookback"])})
        for c in found:
            c.update(site=r["site"], visitor=visitor, user=user, **handles,
                     currency=r.get("currency", site["currency"]),
                     order=r.get("order_id"),
                     verified=r["lane"] in ("server", "import"))
            conversions[r["site"], c["at"][1]] = c

    def enter(self, c):
        """Of one (site, goal, key) the signed lanes win, then the first."""
        if c["key"]:
            key = (c["site"], c["goal"], c["key"])
            other = self.orders.get(key)
            if other is None or (not c["verified"], c["at"]) < \
                    (not other["verified"], other["at"]):
                self.orders[key] = c

    def customer(self, c):
        """By the visitor's last link; without a visitor the user it names."""
        if c["visitor"]:
            return self.customer_of(c["site"], c["visitor"])
        known = {kind: self.handles.get((c["site"], kind, c[kind]), {})
                 for kind in ("click", "email", "phone")}
        if "visitor" in known["click"]:
            return self.customer_of(c["site"], known["click"]["visitor"][1])
        users = [(None, c["user"])] if c["user"] else []
        with_touches = {user for (site, _), (_, user) in self.links.items()
                        if site == c["site"]}
        if c["user"] in with_touches:
            return (c["site"], "user", c["user"])
        for kind in ("email", "phone"):
            if "user" in known[kind]:
                users.append(known[kind]["user"])
                if users[-1][1] in with_touches:
                    return (c["site"], "user", users[-1][1])
            if "visitor" in known[kind]:
                return self.customer_of(c["site"], known[kind]["visitor"][1])
        if users:
            return (c["site"], "user", users[0][1])
        for kind in ("email", "phone", "click"):
            if c[kind]:
                return (c["site"], kind, c[kind])
        return (c["site"], "nobody", c["at"][1])

    def customer_of(self, site, visitor):
        link = self.links.get((site, visitor))
        return (site, "user", link[1]) if link else (site, "visitor", visitor)

    def at_its_click(self, c):
        """Without a visitor it has another clock: up to five minutes before
        its click it counts as at the click."""
        click = self.handles.get((c["site"], "click", c["click"]), {})
        if not c["visitor"] and "visitor" in click and \
                0 <= click["visitor"][0][0] - c["at"][0] <= 5 * 60000:
            c["at"] = (click["visitor"][0][0], c["at"][1])

    # --- visits and touches ------------------------------------------------
    def count_visits(self):
        self.touches = collections.defaultdict(list)
        for (site, visitor, is_visit, _), hits in self.visits.items():
            zone = self.sites[site]["timezone"]
            hits.sort(key=lambda hit: hit[0])
            if is_visit:
                start = hits[0][3].get("session_start") or hits[0][0][0]
                self.traffic[(site, str(local_day(start, zone))) +
                             hits[0][1]][0] += 1
            seen = set()
            for place, (at, names, apart, _) in enumerate(hits):
                if (apart is None and place > 0) or apart in seen:
                    continue
                if apart is not None:
                    seen.add(apart)
                self.touches[site, visitor].append(
                    Touch(*at, names, apart is None))
                self.traffic[(site, str(local_day(at[0], zone))) +
                             names][1] += 1

    def path(self, who):
        site, kind, name = who
        if kind == "user":
            visitors = [visitor for (s, visitor), (_, user) in
                        self.links.items() if s == site and user == name]
        else:
            visitors = [name] if kind == "visitor" else []
        return sorted(touch for visitor in visitors
                      for touch in self.touches[site, visitor])

    # --- credits -----------------------------------------------------------
    def attribute(self, who, conversions):
        touches = self.path(who)
        bought, before = False, []
        for c in conversions:
            site = self.sites[c["site"]]
            if c["key"] and self.orders[c["site"], c["goal"], c["key"]] is \
                    not c:
                continue
            new = c["purchase"] and not bought
            bought = bought or c["purchase"]
            before.append((c["goal"], c["at"][0]))
            day = local_day(c["at"][0], site["timezone"])
            rate = None
            if c["currency"] != site["currency"]:
                rate = next((self.rates[day - datetime.timedelta(back),
                                        c["currency"]] for back in range(8)
                             if (day - datetime.timedelta(back),
                                 c["currency"]) in self.rates), None)
                if rate is None:
                    self.waiting.add((c["site"], c["at"][1]))
                    continue
            value = self.convert(c["value"], rate)
            path = [touch for touch in touches if
                    c["at"][0] - c["lookback"] <= touch.time <= c["at"][0]]
            path = self.options(site, path, max(
                (at for goal, at in before if goal == c["goal"] and
                 at < c["at"][0]), default=-math.inf))
            self.credit(c, new, day, value, path,
                        self.refunds_of(c, value, rate))

    @staticmethod
    def options(site, path, reset):
        if site.get("reset"):
            path = [touch for touch in path if touch.time > reset]
        if site.get("exclude_direct"):
            path = [touch for touch in path if not touch.direct] or path
        if site.get("exposure"):
            path = [touch for place, touch in enumerate(path) if
                    place == 0 or path[place - 1].names != touch.names]
        return path

    @staticmethod
    def convert(amount, rate):
        return amount if rate is None else (amount * rate + 500000) // 1000000

    def refunds_of(self, c, value, rate):
        """[(day, amount)], capped at the value all together."""
        left, found = value, []
        for r in sorted(self.refunds.values(), key=lambda r: (
                r["at"][0], r.get("refund_id", r["event_id"]))):
            zone = self.sites[c["site"]]
            if r["site"] != c["site"] or r["order_id"] != c["order"] or \
                    r.get("currency", zone["currency"]) != c["currency"]:
                continue
            amount = min(left, self.convert(micros(r["value"]), rate))
            if amount > 0:
                left -= amount
                found.append((local_day(r["at"][0], zone["timezone"]),
                              amount))
        return found

    def credit(self, c, new, day, value, path, refunds):
        zone = self.sites[c["site"]]["timezone"]
        for model in MODELS:
            shown, days, by = [NOBODY], [day], [1]
            if path:
                shown = [touch.names for touch in path]
                days = [local_day(touch.time, zone) for touch in path]
                by = weights(model, path, c["at"][0])
            shares, values = split(1000000, by), split(value, by)
            back = [0] * len(by)
            for when, amount in refunds:
                parts = split(amount, values)
                for i, part in enumerate(parts):
                    back[i] += part
                    self.cells[(c["site"], str(when), 0, model) +
                               shown[i]][6] += part
            for i, names in enumerate(shown):
                for basis, of in ((0, day), (1, days[i])):
                    cell = self.cells[(c["site"], str(of), basis, model) +
                                      names]
                    for place, more in enumerate((
                            shares[i], c["purchase"] * shares[i],
                            c["purchase"] * values[i], new * shares[i],
                            values[i], back[i])):
                        cell[place] += more

    # --- as psql shows it ----------------------------------------------------
    def daily_rows(self):
        return sorted([str(part) for part in key + tuple(cell)]
                      for key, cell in self.cells.items() if any(cell))

    def traffic_rows(self):
        return sorted([str(part) for part in key + tuple(cell)]
                      for key, cell in self.traffic.items() if any(cell))

    def hits_rows(self):
        return sorted([day, site, kind, lane, "t" if bot else "f", str(n)]
                      for (day, site, kind, lane, bot), n in
                      self.hits.items())

    def quality_rows(self):
        return sorted([site, day] + [str(q[name]) for name in QUALITY] +
                      [str(q["last"])]
                      for (site, day), q in self.quality.items())

    def refused_rows(self):
        return sorted([*key, str(n)] for key, n in self.refused.items())

    def landing_rows(self):
        return sorted([*key, str(n), "0"] for key, n in self.landings.items())
