"""
afterclick attribute: the same engine on a file, without a server.

The golden stories and a random data set must give the tables that the river
gives, to the last digit that psql prints, in whatever order and form the
events stand in the file.
"""

import csv
import datetime
import gzip
import json
import os
import random
import re
import subprocess

import pytest

import test_golden as golden
import test_set_semantics as semantics
from conftest import BUILD_DIR, ROOT
from definitions import Tables

PROGRAM = os.path.join(BUILD_DIR, "afterclick")
CHANNELS = os.path.join(ROOT, "config", "channels.yaml")
SERVER_ONLY = {"day_status", "revision"}


def attribute(events, out, *options, config=None, stdin=None, code=0):
    """Runs the command; its counts."""
    env = {name: value for name, value in os.environ.items()
           if name != "AFTERCLICK_CONFIG"}
    done = subprocess.run(
        [PROGRAM, "attribute", "--json", "--events", events, "--out", out,
         "--channels", CHANNELS, *options,
         *(["--config", config] if config else [])],
        input=stdin, env=env, capture_output=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr.decode()
    counts = json.loads(done.stdout) if done.stdout else {}
    counts["told"] = done.stderr.decode()
    return counts


def sheet(out, name):
    with open(os.path.join(out, name), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return str(path)


def write_events(path, events):
    return write(path, "".join(json.dumps(
        {k: v for k, v in event.items() if v is not None}) + "\n"
        for event in events))


def configured(folder, sites):
    write(folder / "sites.yaml", sites)
    return write(folder / "aggregator.yaml",
                 f"sites_file: sites.yaml\nchannels_file: {CHANNELS}\n"
                 "topic: none\ngroup: none\nkafka: {bootstrap.servers: "
                 "none}\npostgres: {dsn: host=none}\nadmin_listen: 127.0.0.1:0\n")


# --- the golden stories ---------------------------------------------------
def story_files(story, folder):
    """(options of attribute, base day) for STORY; None: no such day."""
    base, events, rates = golden.base_day(None), [], []
    for line in golden.lines(story, "events.jsonl"):
        step = json.loads(line)
        if "base" in step:
            base = golden.base_day(step["base"])
            if base is None:
                return None
        elif "at" in step:
            events.append(golden.Stage.event(story, step, base))
        elif "import_fx" in step:
            rates += golden.lines(story, step["import_fx"])[bool(rates):]
    options = []
    for option, text in (("--rates", rates),
                         ("--costs", golden.lines(story, "costs.csv"))):
        if text:
            options += [option, write(folder / option.strip("-"),
                                      golden.days("".join(text), base))]
    sites = f"sites:\n  - id: {story}\n    hosts: [{story}.example]\n"
    options_of = "".join(golden.lines(story, "sites.yaml") or [])
    for line in ("timezone: UTC\n", "currency: USD\n"):
        if line.split(":")[0] + ":" not in options_of:
            sites += "    " + line
    sites += re.sub(r"^", "    ", options_of, flags=re.M).rstrip(" ")
    return write_events(folder / "events.jsonl", events), options, \
        configured(folder, sites), base


@pytest.mark.parametrize("story", golden.STORIES)
def test_the_story_ends_the_same_without_a_server(story, tmp_path):
    files = story_files(story, tmp_path)
    if files is None:
        pytest.skip("no such day in the last 390")
    events, options, config, base = files
    out = str(tmp_path / "out")
    attribute(events, out, *options, config=config)
    want = golden.expected(story, "daily.csv", base)
    found = {}
    for row in sheet(out, "daily.csv"):
        assert row.pop("site") == story
        row = {part: value or None for part, value in row.items()}
        found[tuple(row.pop(part) for part in golden.KEY)] = row
    assert found.keys() == want.keys()
    for key, row in found.items():
        assert row.keys() == want[key].keys() - SERVER_ONLY
        for part, value in row.items():
            assert golden.same(value, want[key][part]), (key, part)
    for name in ("credits.csv", "waiting.csv"):
        text = golden.lines(story, name)
        if text is None and name == "credits.csv":
            continue
        rows = list(csv.DictReader(text)) if text else []
        models = list(golden.MODELS)
        mine = sorted(sheet(out, name), key=lambda row: (
            row["event_id"], models.index(row.get("model", "linear")),
            int(row.get("touch_no", 0))))
        assert len(mine) == len(rows)
        for one, other in zip(mine, rows):
            for part, value in other.items():
                assert golden.same(one[part], golden.number(value)), \
                    (name, part, one)


# --- a random data set ----------------------------------------------------
@pytest.fixture(scope="module")
def records():
    return semantics.Shop(20260321, 250).records


@pytest.fixture(scope="module")
def oracle(records):
    return Tables(records, semantics.SITES, semantics.RATES)


RATES_CSV = "date,currency,rate\n" + "".join(
    f"{day},{currency},0.{rate:06d}\n"
    for (day, currency), rate in semantics.RATES.items())


def run_random(records, folder, *options):
    folder.mkdir(exist_ok=True)
    config = configured(folder, semantics.SITES_YAML)
    return attribute(
        write_events(folder / "events.jsonl", records), str(folder / "out"),
        "--rates", write(folder / "fx.csv", RATES_CSV), *options,
        config=config, code=1)  # some records are of no use


def as_micros(text):
    return str(round(float(text) * 1e6))


def test_the_tables_are_those_of_the_definitions(records, oracle, tmp_path):
    counts = run_random(records, tmp_path / "a")
    daily = sheet(tmp_path / "a" / "out", "daily.csv")
    basis = {"conversion": "0", "touch": "1"}
    cells = sorted(
        [r["site"], r["day"], basis[r["date_basis"]], r["model"], r["source"],
         r["medium"], r["campaign"]] + [as_micros(r[part]) for part in (
             "conversions", "orders", "order_revenue", "new_customers",
             "gross_revenue", "refunds", "booked_refunds")] for r in daily)
    assert [r for r in cells if set(r[7:]) != {"0"}] == oracle.daily_rows()
    traffic = sorted({(r["site"], r["day"], r["source"], r["medium"],
                       r["campaign"], r["visits"], r["touches"])
                      for r in daily})
    assert [list(r) for r in traffic if r[5:] != ("0", "0")] == \
        oracle.traffic_rows()
    waiting = {(r["site"], r["event_id"])
               for r in sheet(tmp_path / "a" / "out", "waiting.csv")}
    assert waiting == {tuple(pair) for pair in oracle.waiting}
    assert counts["waiting"] == len(waiting) > 0
    assert counts["bots"] > 0 and counts["duplicates"] > 0
    assert "site \"unheard-of\" is not in the configuration" in counts["told"]
    assert counts["refused"] == counts["told"].count("events.jsonl:")


def test_the_order_of_the_rows_changes_nothing(records, tmp_path):
    run_random(records, tmp_path / "a")
    for seed in range(3):
        folder = tmp_path / f"b{seed}"
        mixed = list(records)
        random.Random(seed).shuffle(mixed)
        run_random(mixed, folder)
        for name in ("daily.csv", "paths.csv"):
            assert (folder / "out" / name).read_bytes() == \
                (tmp_path / "a" / "out" / name).read_bytes()
        for name in ("credits.csv", "waiting.csv"):
            mine, other = sheet(folder / "out", name), \
                sheet(tmp_path / "a" / "out", name)
            assert sorted(map(str, mine)) == sorted(map(str, other))


COSTS = """date,source,medium,campaign,cost,clicks,impressions,currency,campaign_id
2026-03-20,Google,CPC,Spring,12.34,7,1000,USD,
2026-03-20,google,cpc,spring,0.66,,,,second
2026-03-21,news,email,may,1000,3,7,JPY,
2026-03-22,news,email,may,5,3,,CHF,
2026-03-23,bing,cpc,,7,0,0,,
2026-03-24,nobody,cpc,came,0.000001,123456789,99999999999,,
"""


def test_every_digit_is_that_of_the_river(records, stack, tmp_path):
    costs = write(tmp_path / "costs.csv", COSTS)
    run_random(records, tmp_path / "a", "--site", "shop", "--costs", costs)
    river = stack(up=False, partitions=3)
    write(river.path("config", "sites.yaml"), semantics.SITES_YAML)
    write(river.path("fx.csv"), RATES_CSV)
    river.cli("migrate")
    messages = semantics.arrange(records, random.Random(7))
    river.start_aggregator(0)
    semantics.publish(river, messages)
    semantics.settled(river, len(messages))
    river.cli("import-fx", river.path("fx.csv"))
    river.cli("import-costs", "--site", "shop", costs)
    semantics.settled(river, len(messages))
    for name, view, order in (
            ("daily.csv", "campaign_roi_daily", None),
            ("credits.csv", "conversion_credits", None),
            ("waiting.csv", "waiting_conversions", None)):
        mine = sheet(tmp_path / "a" / "out", name)
        columns = list(mine[0])
        theirs = river.sql("SET jit = off; SET timezone = 'UTC'; SELECT " +
                           ", ".join(columns) + f" FROM {view}")
        assert sorted([row[part] for part in columns] for row in mine) == \
            sorted([value or "" for value in row] for row in theirs), name
    view = {row[0] for row in river.sql(
        "SELECT attname FROM pg_attribute WHERE attrelid = "
        "'campaign_roi_daily'::regclass AND attnum > 0")}
    assert set(sheet(tmp_path / "a" / "out", "daily.csv")[0]) == \
        view - SERVER_ONLY


# --- files ----------------------------------------------------------------
HEAD = "event_id,type,time,visitor_id,session_id,source,medium,order_id," \
    "value,currency\n"
GOOD = """a,page,2026-03-01T10:00:00Z,v1,s1,google,cpc,,,
b,conversion,2026-03-02T23:30:00Z,v1,s2,,,o1,100,
"""


def test_bad_rows_are_told_and_the_rest_goes_on(tmp_path):
    bad = [("c,conversion,2026-03-02,v1,,,,,1,\n", "time: must be ms"),
           ("c,conversion,1,v1,,,,,1,\n", "time: is not between"),
           ("c,page,,v1,,,,,,\n", "time: is missing"),
           ("c,sale,1772359200000,v1,,,,,,\n", "type: must be page"),
           ("c d,page,1772359200000,v1,,,,,,\n", "event_id: must be 1 to"),
           ("c,conversion,1772359200000,v1,,,,,1e3,\n", "value: must be a"),
           ("c,conversion,1772359200000,v1,,,,,-1,\n", "must not be negative"),
           ("c,conversion,1772359200000,v1,,,,,1,EURO\n", "currency: must be"),
           ("c,refund,1772359200000,,,,,o1,0,\n", "must be positive"),
           ("c,refund,1772359200000,,,,,,5,\n", "order_id: is needed"),
           ("c,event,1772359200000,v1,,,,,,\n", "name: is needed"),
           (f"c,page,1772359200000,{'v' * 81},,,,,,\n", "longer than 80"),
           ("c,page\n", "2 fields where the head has 10"),
           ('c,"page"x,1772359200000,v1,,,,,,\n', "behind a closing quote")]
    path = write(tmp_path / "e.csv",
                 HEAD + "".join(row for row, _ in bad) + GOOD)
    counts = attribute(path, str(tmp_path / "out"), code=1)
    told = counts["told"].splitlines()
    assert len(told) == len(bad) == counts["refused"]
    for number, (line, (_, why)) in enumerate(zip(told, bad), 2):
        assert line.startswith(f"{path}:{number}: ") and why in line
    alone = attribute(write(tmp_path / "g.csv", HEAD + GOOD),
                      str(tmp_path / "good"))
    assert alone["conversions"] == counts["conversions"] == 1
    assert (tmp_path / "out" / "daily.csv").read_bytes() == \
        (tmp_path / "good" / "daily.csv").read_bytes()
    strict = attribute(path, str(tmp_path / "strict"), "--strict", code=1)
    assert not strict["written"] and not (tmp_path / "strict").exists()


def test_csv_json_gzip_and_stdin_are_one(tmp_path):
    text = HEAD + GOOD
    names = HEAD.strip().split(",")
    lines = "".join(json.dumps({**dict(zip(names, row.split(","))),
                                "props": {"k": [1]}}) + "\n"
                    for row in GOOD.splitlines())
    wanted = None
    for number, (data, packed) in enumerate((
            (text, False), (text.replace("\n", "\r\n"), True),
            (lines, False), (lines, True))):
        data = data.encode()
        path = tmp_path / f"e{number}"
        path.write_bytes(gzip.compress(data) if packed else data)
        for source, stdin in ((str(path), None), ("-", path.read_bytes())):
            out = str(tmp_path / f"out{number}")
            attribute(source, out, stdin=stdin)
            found = [sheet(out, name) for name in (
                "daily.csv", "credits.csv", "paths.csv", "waiting.csv")]
            wanted = wanted or found
            assert found == wanted and len(found[0]) > 0


def test_the_site_can_be_described(tmp_path):
    path = write(tmp_path / "e.csv", HEAD + GOOD)
    attribute(path, str(tmp_path / "out"), "--site-option",
              "timezone=Europe/Berlin", "--site-option=currency=EUR",
              "--site-option", "lookback=1d")
    rows = sheet(tmp_path / "out", "credits.csv")
    assert {row["conversion_day"] for row in rows} == {"2026-03-03"}
    assert {row["campaign"] for row in rows} == {"(direct)"}  # ad is too old
    for wrong, why in (("timezone=Mars/Base", "Mars/Base"),
                       ("colour=red", "colour"), ("lookback", "KEY=VALUE")):
        assert why in attribute(path, str(tmp_path / "x"), "--site-option",
                                wrong, code=2)["told"]


def test_a_damaged_file_writes_nothing(tmp_path):
    data = gzip.compress((HEAD + GOOD * 500).encode())
    path = tmp_path / "e.gz"
    path.write_bytes(data[:-20])
    told = attribute(str(path), str(tmp_path / "out"), code=1)["told"]
    assert "too early" in told and not (tmp_path / "out").exists()


def test_customers_who_did_not_convert_are_null_paths(tmp_path):
    rows = "".join(f"n{i},page,2026-01-0{i + 1}T10:00:00Z,w{i % 2},t{i},"
                   "google,cpc,,,\n" for i in range(4))
    attribute(write(tmp_path / "e.csv", HEAD + GOOD + rows),
              str(tmp_path / "out"))
    paths = {row["path"]: (row["conversions"], row["value"], row["nulls"])
             for row in sheet(tmp_path / "out", "paths.csv")}
    assert paths == {"Paid Search > Paid Search": ("0", "0.000000", "2"),
                     "Paid Search > Direct": ("1", "100.000000", "0")}
