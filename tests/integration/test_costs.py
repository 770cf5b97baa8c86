"""What campaigns cost, from the platforms' exports to the tables: numbers by
Python's Decimal, restatements, campaign ids, a watched folder, currencies."""

import datetime
import decimal
import json
import os
import random
import shutil
import signal
import subprocess
import sys

import pytest

from conftest import BUILD_DIR, ROOT, SANITIZED, eventually, server_events
from test_views import World

DATA = os.path.join(ROOT, "tests", "data", "costs")
SIGNS = {"en": (",", "."), "en-GB": (",", "."), "de": (".", ","),
         "fr": ("\u202f", ","), "es": (".", ","), "it": (".", ","),
         "nl": (".", ","), "pt": (".", ",")}


# --- numbers ------------------------------------------------------------------
def amounts(count):
    """(line for the program, what Decimal makes of it or None)."""
    dice = random.Random(11)
    names = list(SIGNS)
    million = decimal.Decimal(1000000)
    for _ in range(count):
        name = dice.choice(names)
        group, point = SIGNS[name]
        places = dice.randrange(8)
        number = decimal.Decimal(
            dice.randrange(10 ** dice.randrange(1, 15))).scaleb(-places)
        text = f"{number:,f}" if dice.random() < .7 else f"{number:f}"
        text = text.translate({44: group, 46: point})
        value = number * million
        if value != value.to_integral_value() or value >= 2 ** 63:
            value = None  # more than six places, or than fits
        kind = dice.random()
        if kind < .1:
            text, value = "-" + text, None if value is None else -value
        elif kind < .15:
            text = "EUR " + text
        elif kind < .2:
            text = text + "\u00a0\u20ac"
        elif kind < .25:
            text, value = text + point + "1" + point, None
        elif kind < .3:
            text, value = text[:1] + "x" + text[1:], None
        yield f"{name}\t{text}", value


def test_a_million_amounts_agree_with_pythons_decimal(tmp_path):
    count = 100000 if SANITIZED else 1000000
    with decimal.localcontext() as context, \
            open(tmp_path / "in", "w", encoding="utf-8") as file:
        context.prec = 60
        wanted = []
        for line, value in amounts(count):
            file.write(line + "\n")
            wanted.append("-" if value is None else str(int(value)))
    with open(tmp_path / "in", "rb") as file:
        run = subprocess.run(
            [os.path.join(BUILD_DIR, "tests/integration/c/micros")],
            stdin=file, capture_output=True, text=True, timeout=120,
            check=True)
    found = run.stdout.split("\n")[:-1]
    assert len(found) == len(wanted)
    if found != wanted:
        with open(tmp_path / "in", encoding="utf-8") as file:
            wrong = [(line, f, w) for line, f, w in
                     zip(file, found, wanted) if f != w]
        pytest.fail(f"{len(wrong)} differ: {wrong[:5]}")


# --- a database without a river -----------------------------------------------
@pytest.fixture
def world(database, tmp_path):
    it = World(database, tmp_path)
    run = it.run("migrate", "--database-only")
    assert run.returncode == 0, run.stderr
    return it


def costs(world, platform, name, *options, code=0):
    path = name if os.path.isabs(name) else os.path.join(DATA, name)
    run = world.run("import-costs", "--site", "shop", "--platform", platform,
                    "--json", *options, path)
    assert run.returncode == code, run.stdout + run.stderr
    return json.loads(run.stdout), run.stderr


def rows(world, columns="campaign, campaign_id, amount_micros, currency"):
    return world.sql(f"SELECT {columns} FROM cost ORDER BY day, name")


def test_every_platforms_export_is_imported_once(world):
    for platform, name, count in (
            ("google", "google_en.csv", 3), ("google", "google_de.tsv", 2),
            ("microsoft", "microsoft.csv", 2), ("tiktok", "tiktok.csv", 2),
            ("linkedin", "linkedin.tsv", 2), ("generic", "generic.csv", 2),
            ("pinterest", "pinterest.csv", 1), ("reddit", "reddit.csv", 1)):
        for inserted in (count, 0):
            told, _ = costs(world, platform, name, "--account", name)
            assert (told["rows"], told["inserted"], told["updated"]) == (
                count, inserted, 0), name
    assert world.sql("SELECT source, medium, sum(amount_micros) FROM cost "
                     "WHERE platform = 'linkedin' GROUP BY 1, 2") == [
                         ["linkedin", "cpc", "1045500000"]]


def test_a_row_of_several_days_is_told_and_the_rest_imported(world):
    told, said = costs(world, "meta", "meta_en.csv", code=1)
    assert (told["rows"], told["refused"], told["totals"]) == (2, 1, 1)
    assert "meta_en.csv:4: date: covers 2026-03-01 to 2026-03-07" in said
    told, _ = costs(world, "meta", "meta_en.csv", "--strict", code=1)
    assert not told["imported"]
    assert len(rows(world)) == 2


def test_a_renamed_campaign_is_not_counted_twice(world, tmp_path):
    head = "Day,Campaign,{}Cost\n"
    file = tmp_path / "g.csv"
    file.write_text(head.format("") + "2026-03-01,Old,1\n")
    costs(world, "google", str(file))
    # The same day again, now with the id: one row takes the other's place.
    file.write_text(head.format("Campaign ID,") + "2026-03-01,Old,77,2\n")
    assert costs(world, "google", str(file))[0]["superseded"] == 1
    file.write_text(head.format("Campaign ID,") + "2026-03-01,New,77,3\n")
    assert costs(world, "google", str(file))[0]["superseded"] == 1
    assert rows(world) == [["new", "77", "3000000", "USD"]]
    assert world.sql("SELECT name, amount_micros FROM cost_history "
                     "ORDER BY replaced_by") == [["old", "1000000"],
                                                 ["old", "2000000"]]


def test_two_names_with_one_alias_both_count(world, tmp_path):
    (tmp_path / "campaigns.yaml").write_text(
        "campaigns:\n"
        "- {id: '77', campaign: By Id}\n"
        "- {name: Old Name, campaign: brand}\n"
        "- {pattern: 'brand[_-].*', source: google, campaign: brand}\n")
    with open(tmp_path / "aggregator.yaml", "a", encoding="utf-8") as file:
        file.write("campaigns_file: campaigns.yaml\n")
    exported = tmp_path / "g.csv"
    exported.write_text(
        "Day,Campaign,Campaign ID,Cost\n2026-03-01,OLD NAME,,1\n"
        "2026-03-01,Brand_DE,,2\n2026-03-01,Other,77,4\n"
        "2026-03-01,No Brand_DE,,8\n")
    costs(world, "google", str(exported))
    assert world.sql("SELECT campaign, sum(cost_micros) FROM cost GROUP BY 1 "
                     "ORDER BY 1") == [["brand", "3000000"],
                                       ["by id", "4000000"],
                                       ["no brand_de", "8000000"]]


def test_wrong_aliases_are_named(world, tmp_path):
    (tmp_path / "campaigns.yaml").write_text(
        "campaigns:\n- {id: a, name: b, campaign: c}\n"
        "- {pattern: '(', campaign: c}\n")
    with open(tmp_path / "aggregator.yaml", "a", encoding="utf-8") as file:
        file.write("campaigns_file: campaigns.yaml\n")
    run = world.run("import-costs", "--site", "shop",
                    os.path.join(DATA, "generic.csv"))
    assert run.returncode == 78
    assert "needs exactly one of id, name and pattern" in run.stderr
    assert "pattern:" in run.stderr


@pytest.mark.parametrize("arguments, said", [
    (("--platform", "myspace", "x"), "no platform myspace"),
    (("--locale", "xx", "x"), "--locale xx is not one of en"),
    (("--currency", "euro", "x"), "--currency euro is not a code"),
    ((), "name files, or a folder"),
    (("--watch", "d", "x"), "name files, or a folder"),
])
def test_wrong_usage_is_told(world, arguments, said):
    run = world.run("import-costs", "--site", "shop", *arguments)
    assert run.returncode == 2
    assert said in run.stderr


def test_the_rates_of_the_central_bank_release_what_waits(world, tmp_path):
    told, _ = costs(world, "google", "google_de.tsv")  # a Sunday and a Monday
    assert told["waiting"] == 2
    assert len(world.sql("SELECT * FROM waiting_costs")) == 2
    rates = tmp_path / "eurofxref-hist.csv"
    rates.write_text("Date,USD,JPY,\n2026-03-02,1.2,N/A,\n"
                     "2026-02-27,1.1,160.1,\n")
    run = world.run("import-fx", "--dry-run", "--json", str(rates))
    assert json.loads(run.stdout)["imported"] is False
    assert world.sql("SELECT count(*) FROM fx_rate") == [["0"]]
    run = world.run("import-fx", "--json", str(rates))
    assert json.loads(run.stdout)["costs"] == 2, run.stderr
    # Friday's rate on Sunday, Monday's on Monday.
    assert world.sql("SELECT cost_micros, rate_micros, rate_day FROM cost "
                     "ORDER BY day") == [
                         ["1358016000", "1100000", "2026-02-27"],
                         ["3000000", "1200000", "2026-03-02"]]
    assert world.sql("SELECT count(*) FROM waiting_costs") == [["0"]]


def test_a_rate_is_carried_for_seven_days_and_no_longer(world, tmp_path):
    file = tmp_path / "c.csv"
    file.write_text("date,source,medium,campaign,cost,currency\n"
                    "2026-03-08,a,cpc,a,1,EUR\n2026-03-09,a,cpc,a,1,EUR\n")
    world.run("import-fx", "-",
              stdin="date,currency,rate\n2026-03-01,EUR,1.5\n")
    assert costs(world, "generic", str(file))[0]["waiting"] == 1
    assert world.sql("SELECT day, cost_micros FROM cost ORDER BY day") == [
        ["2026-03-08", "1500000"], ["2026-03-09", ""]]


# --- a folder -----------------------------------------------------------------
class Watcher:
    def __init__(self, world, folder, *options):
        self.output = open(world.folder / "watch.out", "ab")
        self.process = subprocess.Popen(
            [os.path.join(BUILD_DIR, "afterclick"), "--config",
             str(world.folder / "aggregator.yaml"), "import-costs", "--site",
             "shop", "--platform", "google", "--json", "--watch", str(folder),
             "--every", "100ms", *options],
            stdout=self.output, stderr=self.output)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()
            self.process.wait()
            self.output.close()


def put(name, folder, source):
    """A file that was written a while ago."""
    path = folder / name
    shutil.copy(os.path.join(DATA, source), path)
    os.utime(path, (1772600000, 1772600000))


def test_a_watched_folder_is_imported_once(world, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()

    def imports():
        return [row[0] for row in world.sql(
            "SELECT split_part(file, '/', -1) FROM cost_import "
            "ORDER BY import_id")]
    put("a.csv", folder, "google_en.csv")
    put(".hidden.csv", folder, "google_en.csv")
    put("notes.md", folder, "google_en.csv")
    watcher = Watcher(world, folder)
    try:
        eventually(lambda: imports() == ["a.csv"], 60)
        put("b.tsv", folder, "google_de.tsv")
        put("a-copy.csv", folder, "google_en.csv")  # the same bytes
        eventually(lambda: imports() == ["a.csv", "b.tsv"], 60)
        put("a.csv", folder, "google_fr.csv")  # changed
        eventually(lambda: imports() == ["a.csv", "b.tsv", "a.csv"], 60)
    finally:
        code = watcher.stop()
    assert code == 0, (tmp_path / "watch.out").read_text()
    assert sorted(os.listdir(folder)) == [
        ".hidden.csv", "a-copy.csv", "a.csv", "b.tsv", "notes.md"]
    # Another that starts later knows them.
    watcher = Watcher(world, folder)
    try:
        put("z.csv", folder, "google_it.csv")
        eventually(lambda: imports()[3:] == ["z.csv"], 60)
    finally:
        assert watcher.stop() == 0


# --- with hits ----------------------------------------------------------------
def cells(river):
    skip = "day_status"
    names = ", ".join(row[0] for row in river.sql(
        "SELECT attname FROM pg_attribute WHERE attrelid = "
        "'campaign_roi_daily'::regclass AND attnum > 0 AND attname <> "
        f"'{skip}' ORDER BY attnum"))
    return {tuple(row[:8]): row[8:] for row in river.sql(
        "SELECT site, day, date_basis, model, source, medium, campaign, "
        f"channel, {names} FROM campaign_roi_daily")}


def test_restated_costs_change_their_cells_and_no_others(stack, tmp_path):
    river = stack()
    base = datetime.datetime.now(datetime.timezone.utc).replace(
        hour=12, minute=0, second=0, microsecond=0) - datetime.timedelta(3)
    day = base.strftime("%Y-%m-%d")
    file = tmp_path / "google.csv"

    def spend(*lines):
        file.write_text("Day,Campaign,Campaign ID,Cost,Clicks\n" + "".join(
            f"{day},{line}\n" for line in lines))
        river.cli("import-costs", "--site", "shop", "--platform", "google",
                  "--currency", "USD", str(file))

    def hit(number, query):
        ms = int(base.timestamp() * 1000) + number
        return {"type": "page", "event_id": f"h{number}", "time": ms,
                "visitor_id": f"v{number}", "session_id": f"v{number}.1",
                "url": f"https://shop.example/?{query}"}
    # Cost first: hits that come later take it along by its id.
    spend("Brand,111,10,5", "Generic,222,20,6", "Unseen,333,5,1")
    server_events(river, [
        hit(1, "utm_source=google&utm_medium=cpc&utm_campaign=b_2026&"
               "utm_id=111"),
        hit(2, "utm_source=google&utm_medium=cpc&utm_campaign=generic")])
    river.wait()

    def cost():
        return {row[0]: row[1:] for row in river.sql(
            "SELECT campaign, cost, touches FROM campaign_roi_daily WHERE "
            "model = 'linear' AND date_basis = 'conversion' AND cost > 0")}
    assert cost() == {"b_2026": ["10.000000", "1"],
                      "generic": ["20.000000", "1"],
                      "unseen": ["5.000000", "0"]}
    before = cells(river)
    spend("Brand,111,12.5,5", "Generic,222,20,6", "Unseen,333,5,1")
    after = cells(river)
    changed = {key for key in before.keys() | after.keys()
               if before.get(key) != after.get(key)}
    # Every model and both bases of the one campaign on the one day.
    assert changed == {key for key in before
                       if key[6] == "b_2026" and key[1] == day} != set()
    assert cost()["b_2026"] == ["12.500000", "1"]
    # A name that hits bring with the id later and that is the cost's own.
    server_events(river, [hit(3, "utm_source=google&utm_medium=cpc&"
                              "utm_campaign=brand&utm_id=111")])
    river.wait()
    assert cost()["brand"] == ["12.500000", "1"]
    assert "b_2026" not in cost()
    assert river.sql("SELECT * FROM roi_check") == []
