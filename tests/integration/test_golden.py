"""
Marketers' stories, played through the real river.

tests/golden/STORY holds what happens (events.jsonl) and what must stand in
campaign_roi_daily afterwards (daily.csv). Stories are written to be checked
by hand, so everything is short:

events.jsonl   an event a line, as on the server lane; "at" is its time in
               UTC, in days from the story's base day: "-3d 10:00:00.000".
               With "lane": "browser" the line is a record of that lane: it
               goes to Kafka as the collector would have stored it, as no
               browser can be made to send from the past; "sent_after_s" and
               "received_after_s" tell its clock and the way. Other lines:
               {"base": "spring Europe/Berlin"}  base day is the last change
                                          of the clocks there
               {"check": "before.csv"}    compares as with daily.csv, now
               {"import_fx": "fx.csv"}    imports currency rates, now
               # ...                      a comment, as in all the files
sites.yaml     options of the story's site (UTC, USD)
costs.csv      for afterclick import-costs, after the events
daily.csv      rows that add up to the view's: an empty or missing column is
               0, * in basis or model means each, a|b means both. Ratios are
               computed here, from the page's formulas.
credits.csv    rows of conversion_credits
waiting.csv    rows of waiting_conversions; none without this file
quality.csv    rows of data_quality_daily
"""

import collections
import csv
import datetime
import functools
import json
import os
import re
import shutil
import subprocess
import zoneinfo
from decimal import Decimal

import pytest

from conftest import ROOT, server_events

GOLDEN = os.path.join(ROOT, "tests", "golden")
STORIES = sorted(name for name in os.listdir(GOLDEN)
                 if os.path.isdir(os.path.join(GOLDEN, name)))
MODELS = ("first_touch", "last_touch", "last_non_direct", "linear",
          "time_decay", "position_based")
KEY = ("day", "date_basis", "model", "channel", "source", "medium",
       "campaign")
SUMS = ("visits", "touches", "conversions", "orders", "new_customers",
        "gross_revenue", "refunds", "order_revenue", "booked_refunds", "cost")
PLATFORM = ("impressions", "clicks")  # NULL unless a cost row has them
UTC = datetime.timezone.utc


def lines(story, name):
    """The lines of a file that are no comments; None without the file."""
    try:
        with open(os.path.join(GOLDEN, story, name),
                  encoding="utf-8") as file:
            return [line for line in file
                    if line.strip() and not line.startswith("#")]
    except FileNotFoundError:
        return None


def base_day(text):
    """The day that "0d" is: old enough to be final, never a fixed date, as
    the collector takes nothing older than 400 days. None: there is no
    such day."""
    today = datetime.datetime.now(UTC).date()
    if text is None:
        return today - datetime.timedelta(120)
    season, zone = text.split()
    zone = zoneinfo.ZoneInfo(zone)

    def offset(day):
        return datetime.datetime(day.year, day.month, day.day,
                                 tzinfo=zone).utcoffset()
    # Old enough to be final, as the others.
    for back in range(40, 391):
        day = today - datetime.timedelta(back)
        change = offset(day + datetime.timedelta(1)) - offset(day)
        if season == "spring" and change > datetime.timedelta(0) or \
                season == "autumn" and change < datetime.timedelta(0):
            return day
    return None  # the year's one change is not within what is taken


def days(text, base):
    """Every "-3d" in TEXT as a date."""
    return re.sub(r"(?<![\w.])(-?\d+)d(?![\w.])", lambda found: str(
        base + datetime.timedelta(int(found.group(1)))), text)


def instant(text, base):
    day, _, clock = text.partition(" ")
    moment = datetime.datetime.fromisoformat(
        days(day, base) + "T" + (clock or "12:00")).replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def expected(story, name, base):
    """{key: row} of a daily.csv; its lines added up."""
    rows = collections.defaultdict(dict)
    for line in csv.DictReader(lines(story, name)):
        every = {"basis": ("conversion", "touch"), "model": MODELS}
        assert set(line) <= {"day", "basis", "model", *KEY, *SUMS,
                             *PLATFORM}, line
        chosen = {part: every[part] if line[part] == "*" else
                  line[part].split("|") for part in every}
        for basis in chosen["basis"]:
            for model in chosen["model"]:
                key = (days(line["day"], base), basis, model) + tuple(
                    line[part] for part in KEY[3:])
                row = rows[key]
                for part in SUMS + PLATFORM:
                    if line.get(part):
                        row[part] = row.get(part, 0) + Decimal(line[part])
    return {key: complete(row) for key, row in rows.items()}


def complete(row):
    """The other columns, as ratios of sums; None where there is no ratio."""
    row = {**dict.fromkeys(SUMS, Decimal(0)), **dict.fromkeys(PLATFORM),
           **row}

    def ratio(above, below):
        return None if above is None or not below else above / below
    net = row["gross_revenue"] - row["refunds"]
    cost = row["cost"]
    row.update(
        net_revenue=net, roas=ratio(net, cost),
        roi=ratio(net * MARGIN - cost, cost),
        cpa=ratio(cost, row["conversions"]),
        cac=ratio(cost, row["new_customers"]),
        cvr=ratio(row["conversions"], row["visits"]),
        aov=ratio(row["order_revenue"], row["orders"]),
        tracking_rate=ratio(row["touches"], row["clicks"]),
        gross_roas=ratio(row["gross_revenue"], cost),
        cpc=ratio(cost, row["clicks"]),
        cpm=ratio(1000 * cost, row["impressions"]),
        ctr=ratio(row["clicks"], row["impressions"]),
        day_status="final", currency="USD")
    return row


MARGIN = Decimal(1)


class Stage:
    """One river with a site for each story."""

    def __init__(self, river):
        self.river = river
        self.failures = {}
        self.untold = {}
        sites = "sites:\n"
        for story in STORIES:
            sites += f"  - id: {story}\n    hosts: [{story}.example]\n" \
                '    api_keys: ["${file:../secrets/api_key}"]\n'
            options = "".join(lines(story, "sites.yaml") or [])
            for line in ["timezone: UTC\n", "currency: USD\n"]:
                if line.split(":")[0] + ":" not in options:
                    sites += "    " + line
            sites += re.sub(r"^", "    ", options, flags=re.M).rstrip(" ")
        river.stop("collector")
        river.stop("aggregator")
        with open(river.path("config", "sites.yaml"), "w",
                  encoding="utf-8") as file:
            file.write(sites)
        river.start("aggregator", healthy=True)
        river.start("collector", healthy=True)

    def play(self):
        """All stories at once, as each wait costs them the same: every
        story goes on to its next check, all is waited for, all check."""
        casts = {story: self.acts(story) for story in STORIES}
        while casts:
            due = []
            for story, acts in list(casts.items()):
                try:
                    due.append((story, next(acts)))
                except StopIteration:
                    del casts[story]
                except Exception as error:
                    self.fail(story, repr(error))
                    del casts[story]
            self.river.wait()
            for story, action in due:
                try:
                    action()
                except Exception as error:
                    self.fail(story, repr(error))

    def acts(self, story):
        """Sends, then yields what to do when all is in the tables."""
        base, events = base_day(None), []
        for line in lines(story, "events.jsonl"):
            step = json.loads(line)
            if "base" in step:
                base = base_day(step["base"])
                if base is None:
                    self.untold[story] = step["base"]
                    return
            elif "at" in step:
                events.append(self.event(story, step, base))
            else:
                self.send(events)
                events = []
                if "check" in step:
                    yield functools.partial(self.compare, story,
                                            step["check"], base)
                else:
                    self.cli(story, "import-fx", step["import_fx"], base)
        self.send(events)
        if lines(story, "costs.csv") is not None:
            self.cli(story, "import-costs", "costs.csv", base,
                     "--site", story)
        yield functools.partial(self.finish, story, base)

    def finish(self, story, base):
        self.compare(story, "daily.csv", base)
        self.compare_rows(story, "credits.csv", "conversion_credits JOIN "
                          "model USING (model)",
                          "event_id, model_id, touch_no")
        self.compare_rows(story, "waiting.csv", "waiting_conversions",
                          "event_id")
        self.compare_rows(story, "quality.csv", "(SELECT * FROM "
                          "data_quality_daily WHERE hits > 0) q", "day", base)

    @staticmethod
    def event(story, step, base):
        time = instant(step.pop("at"), base)
        event = {"site": story, "time": time, **step}
        if "lane" in step:
            event.update(v=1, **{part + "_at": time + 1000 * event.pop(
                part + "_after_s", 0) for part in ("received", "sent")})
        return event

    def send(self, events):
        for event in events:
            if "lane" in event:
                subprocess.run(
                    ["kcat", "-P", "-b", self.river.kafka.brokers, "-t",
                     self.river.known["topic"], "-k",
                     event.get("visitor_id", event["event_id"])],
                    input=json.dumps(event).encode(), check=True, timeout=30)
        server_events(self.river, [event for event in events
                                   if "lane" not in event])

    def cli(self, story, command, name, base, *options):
        path = self.river.path(f"{story}-{name}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(days("".join(lines(story, name)), base))
        self.river.cli(command, *options, path)

    def fail(self, story, text):
        self.failures.setdefault(story, []).append(text)

    # --- comparing -----------------------------------------------------------
    def compare(self, story, name, base):
        want = expected(story, name, base)
        columns = [row[0] for row in self.river.sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = "
            "'campaign_roi_daily'::regclass AND attnum > 0 "
            "AND attname NOT IN ('site', 'revision') ORDER BY attnum")]
        found = {}
        for row in self.river.sql(
                # Compiling the query would take longer than running it.
                f"SET jit = off; SELECT {', '.join(columns)} FROM "
                f"campaign_roi_daily WHERE site = '{story}'"):
            row = dict(zip(columns, row))
            found[tuple(row.pop(part) for part in KEY)] = row
        problems = [f"{name} does not expect {key}: " + ", ".join(
            f"{part} {value}" for part, value in found[key].items()
            if value and value.strip("0."))
            for key in sorted(found.keys() - want.keys())]
        problems += [f"missing: {key}" for key in
                     sorted(want.keys() - found.keys())]
        for key in sorted(found.keys() & want.keys()):
            assert found[key].keys() == want[key].keys()
            problems += [f"{key}: {part} is {value}, not {want[key][part]}"
                         for part, value in found[key].items()
                         if not same(value, want[key][part])]
        if problems:
            self.fail(story, f"{name}:\n" + "\n".join(problems[:40]))

    def compare_rows(self, story, name, view, order, base=None):
        text = lines(story, name)
        if text is None and name in ("credits.csv", "quality.csv"):
            return
        if base is not None:
            text = days("".join(text), base).splitlines()
        want = list(csv.DictReader(text)) if text else []
        columns = list(want[0]) if want else ["event_id"]
        found = [dict(zip(columns, row)) for row in self.river.sql(
            f"SELECT {', '.join(columns)} FROM {view} WHERE site = '{story}' "
            f"ORDER BY {order}")]
        if len(found) != len(want) or not all(
                same(mine[part], number(other[part]))
                for mine, other in zip(found, want) for part in columns):
            self.fail(story, f"{name}:\n" + "\n".join(
                str(list(row.values())) for row in found))


def number(text):
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def same(text, value):
    """TEXT of psql is VALUE; ratios have more places than we compare."""
    if value is None or text is None:
        return value is None and text is None
    if isinstance(value, str):
        return text == value
    return abs(Decimal(text) - value) < Decimal("0.000000001")


@pytest.fixture(scope="module")
def stage(request, kafka, postgres, session_dir):
    """As the fixture stack, but one for all stories."""
    import river
    from conftest import BUILD_DIR, keep_logs, sanitizer_reports
    folder = os.path.join(session_dir, "golden")
    postgres.create_database("golden")
    it = river.Stack.new(folder, build=BUILD_DIR, kafka=kafka,
                         postgres=postgres, database="golden",
                         topic="golden", partitions=4)
    try:
        it.up(keep=True)
        stage = Stage(it)
        stage.play()
        yield stage
        it.stop("collector")
        it.stop("aggregator")
        reports = sanitizer_reports(it)
        if request.session.testsfailed or reports:
            keep_logs("golden stories", it)
        assert not reports, "a sanitizer complained:\n" + reports
    finally:
        it.down()
        postgres.drop_database("golden")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("story", STORIES)
def test_the_story_ends_in_the_table_it_tells(stage, story):
    if story in stage.untold:
        pytest.skip(f"no day like {stage.untold[story]} in the last 390")
    if story in stage.failures:
        pytest.fail("\n".join(stage.failures[story]), pytrace=False)


def test_no_sum_disagrees_after_all_the_stories(stage):
    assert stage.river.sql("SELECT * FROM roi_check") == []
