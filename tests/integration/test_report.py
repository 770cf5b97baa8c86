"""
afterclick report: rows are put into a migrated database; the report's numbers
are those of the views, and no name in them does anything.
"""

import csv
import html.parser
import io
import os
import re
from decimal import ROUND_HALF_UP, Decimal

import pytest

from test_money_views import budgets  # noqa: F401
from test_quality import mondays  # noqa: F401
from test_views import shop, world  # noqa: F401

DAY = ("--from", "2026-03-01", "--to", "2026-03-01")
SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd()|'/c calc'!A1"
LINK = "[x](https://evil.example) `a` | b"
VOID = {"meta", "br", "img", "link"}


class Page(html.parser.HTMLParser):
    """Fails on an element that is not closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.text, self.open, self.tags, self.attributes = "", [], [], []
        self.rows, self.cell, self.ids = [], None, []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.cell = ""

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}>"
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell)
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        if "style" not in self.open:
            self.text += data


def sections(text):
    """{section: [rows as dicts]} of --csv."""
    found = {}
    for part in text.split("\n\n"):  # subprocess made CRLF LF
        name, _, body = part.partition("\n")
        found[name] = list(csv.DictReader(io.StringIO(body)))
    return found


def shown(number):
    """As the page writes it."""
    if number == "":
        return "–"
    return f"{Decimal(number).quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def report(world, *arguments):
    run = world.run("report", *arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture
def strange(shop):
    shop.sql(f"""
    INSERT INTO dimension (site, source, medium, campaign, channel) VALUES
        ('shop', '{SCRIPT}', 'cpc', '{SCRIPT}', 'Paid Search'),
        ('shop', '=1+1', 'cpc', '{FORMULA.replace("'", "''")}', 'Email'),
        ('shop', 'x', 'y', '{LINK}', 'Email');
    INSERT INTO traffic_daily (day, dim, visits, touches)
    SELECT '2026-03-01', dim, 1234 + dim, 1 FROM dimension WHERE dim > 4;
    INSERT INTO position VALUES ('t', 0, 1, 1, 'x', '', '2026-03-05');
    """)
    return shop


def test_the_numbers_are_those_of_the_views(strange):
    got = sections(report(strange, *DAY, "--model", "linear", "--csv"))
    levels = {"1": "channel", "2": "channel, source",
              "3": "channel, source, medium, campaign"}
    seen = 0
    for level, names in [("0", ""), *levels.items()]:
        names = names.split(", ") if names else []
        want = strange.sql(f"""
        SELECT {"".join(f"{name}, " for name in names)} sum(visits),
            sum(conversions), sum(net_revenue), sum(cost),
            round(sum(net_revenue) / nullif(sum(cost), 0), 6),
            round((0.5 * sum(net_revenue) - sum(cost))
                / nullif(sum(cost), 0), 6),
            round(sum(cost) / nullif(sum(conversions), 0), 6)
        FROM campaign_roi_daily WHERE model = 'linear'
            AND date_basis = 'conversion' AND day = '2026-03-01'
        {"GROUP BY " + ", ".join(names) if names else ""}""")
        rows = [[re.sub("^'(?=[=+@-])", "", row[name]) for name in names] +
                [row[name] for name in (
                    "visits", "conversions", "net_revenue", "cost", "roas",
                    "roi", "cpa")]
                for row in got["campaigns"] if row["level"] == level]
        # psql splits at the bar of the strangers' names: compare as text.
        assert sorted("|".join(row) for row in rows) == sorted(
            "|".join(row) for row in want)
        seen += len(rows)
    assert seen == len(got["campaigns"])
    total = got["campaigns"][-1]
    assert total["level"] == "0" and total["cost"] == "130.000000"
    head = {row["measure"]: row["value"] for row in got["totals"]}
    assert head == {
        "Spend": total["cost"], "Net revenue": total["net_revenue"],
        "ROAS": total["roas"], "ROI": total["roi"], "CPA": total["cpa"],
        "Conversions": total["conversions"]}
    assert {(row["channel"], row["model"]): row["net_revenue"]
            for row in got["models"]} == {
        (a, b): c for a, b, c in strange.sql(
            "SELECT channel, model, sum(net_revenue) FROM model_comparison "
            "WHERE date_basis = 'conversion' AND day = '2026-03-01' "
            "GROUP BY 1, 2")}
    page = Page(report(strange, *DAY, "--model", "linear", "--html", "-"))
    by_name = {row[0]: row[1:] for row in page.rows if len(row) == 8}
    for row in got["campaigns"]:
        name = ("Total" if row["level"] == "0" else
                row[("channel", "source", "campaign")[int(row["level"]) - 1]]
                + (row["medium"] if row["level"] == "3" else ""))
        if name.startswith("'"):
            name = name[1:]
        assert by_name[name] == [f"{int(row['visits']):,}"] + [
            shown(row[column]) for column in (
                "conversions", "net_revenue", "cost", "roas", "roi", "cpa")]


def test_the_days_before_are_as_many(shop):
    got = sections(report(shop, "--from", "2026-03-02", "--to", "2026-03-02",
                          "--csv"))
    rows = {row["measure"]: row for row in got["totals"]}
    # The fixture's second day has nothing, its first 130 spent.
    assert rows["Spend"]["before"] == "130.000000"
    assert rows["Spend"]["value"] == "" and rows["Spend"]["change"] == ""
    shop.sql("""UPDATE cost SET day = '2026-03-02' WHERE campaign = 'autumn'""")
    got = sections(report(shop, "--from", "2026-03-02", "--to", "2026-03-02",
                          "--csv"))
    rows = {row["measure"]: row for row in got["totals"]}
    assert rows["Spend"]["value"] == "30.000000"
    assert rows["Spend"]["change"] == "-70.000000"


def test_names_from_strangers_do_nothing(strange):
    text = report(strange, *DAY, "--html", "-")
    page = Page(text)
    assert "script" not in page.tags and "a" not in page.tags
    assert SCRIPT in page.text and SCRIPT not in text
    for name, value in page.attributes:
        assert name not in ("src", "href", "style", "srcset", "action")
        assert not name.startswith("on")
        assert "://" not in (value or "")
    style = text[text.index("<style>"):text.index("</style>")]
    assert "url(" not in style and "@import" not in style
    assert "default-src 'none'" in text
    assert len(page.ids) == len(set(page.ids))
    rows = sections(report(strange, *DAY, "--csv"))["campaigns"]
    assert "'" + FORMULA in {row["campaign"] for row in rows}
    assert not any(value.startswith(("=", "@", "+")) for row in rows
                   for value in row.values())
    lines = report(strange, *DAY, "--markdown").splitlines()
    assert "<script" not in "\n".join(lines)
    evil = next(line for line in lines if "evil.example" in line)
    assert r"\[x\](https\://evil.example) \`a\` \| b" in evil
    assert len(re.findall(r"(?<!\\)\|", evil)) == 12


def test_a_table_says_what_its_rows_and_columns_are(strange):
    text = report(strange, *DAY, "--html", "-")
    page = Page(text)
    assert page.tags.count("table") == page.tags.count("caption") >= 4
    assert text.count("<th>") == 0 and 'scope="rowgroup"' in text
    assert '<html lang="en">' in text and text.count("<h1>") == 1
    labelled = {value for name, value in page.attributes
                if name == "aria-labelledby"}
    assert labelled <= set(page.ids)


def test_what_is_unsettled_or_waits_is_told(strange):
    strange.sql("""
    INSERT INTO cost (platform, account, site, day, source, medium, campaign,
        campaign_id, dim, amount_micros, currency, cost_micros, clicks,
        impressions, import_id, name)
    VALUES ('generic', 'b', 'shop', '2026-03-01', 'bing', 'cpc', 'autumn', '',
        2, 1000000, 'EUR', NULL, NULL, NULL, 1, 'autumn');
    UPDATE campaign_daily SET value_micros = value_micros + 1
        WHERE dim = 1 AND model_id = 1 AND basis = 0;
    """)
    got = sections(report(strange, "--from", "2026-03-01", "--to",
                          "2026-03-03", "--csv"))
    notes = {row["note"]: int(row["count"]) for row in got["notes"]}
    states = [row["day_status"] for row in got["days"]]
    assert states[0] == strange.sql(
        "SELECT day_status FROM day_status WHERE day = '2026-03-01'")[0][0]
    assert notes["provisional days"] == states.count("provisional") >= 1
    assert notes["days without data"] == states.count("no data")
    checks = int(strange.sql("SELECT count(*) FROM roi_check WHERE day "
                             "BETWEEN '2026-03-01' AND '2026-03-03'")[0][0])
    assert notes["rows of roi_check"] == checks > 0
    assert notes["waiting costs"] == 1
    # What waits is unknown, not nothing.
    assert got["totals"][0]["value"] == "" and got["days"][0]["cost"] == ""


def test_the_budget_is_a_suggestion_or_not_enough_data(budgets):
    days = ("--from", "2026-03-01", "--to", "2026-04-29")
    page = Page(report(budgets, *days, "--html", "-"))
    by_name = {row[0].replace("google / cpc · shop", ""): row[1:]
               for row in page.rows if len(row) == 9}
    assert by_name["curve"][0] == "suggestion: spend more"
    assert by_name["short"][0] == by_name["flat"][0] == "not enough data"
    assert by_name["short"][4] == "–"
    assert "a suggestion, no proof" in page.text
    (low, high), = budgets.sql("SELECT marginal_low, marginal_high FROM "
                               "budget_suggestion WHERE campaign = 'curve' "
                               "AND model = 'last_touch'")
    assert by_name["curve"][5:7] == [shown(low), shown(high)]
    assert page.tags.count("svg") == 3
    text = report(budgets, *days, "--markdown")
    assert "## Budget: a suggestion, no proof" in text
    assert "| not enough data |" in text


def test_paths_are_those_of_the_view_and_the_page_has_the_most_travelled(shop):
    rows = sections(report(shop, *DAY, "--csv"))["paths"]
    assert [[row["path"], row["conversions"], row["net_revenue"]]
            for row in rows] == [
        ["Paid Search > Direct", "1", "200.000000"],
        ["(no touch)", "1", "0.000000"]]
    assert {row["share_percent"] for row in rows} == {"50.000000"}
    shop.sql("""
    INSERT INTO dimension (site, source, medium, campaign, channel)
    SELECT 'shop', 's', 'm' || n, 'c', 'Channel ' || n
    FROM generate_series(1, 60) n;
    INSERT INTO outcome (site, event_id, customer, state, day, value_micros,
        refunded_micros, new_customer, purchase, refund_days, refund_micros)
    SELECT 'shop', source || medium, md5(medium)::uuid, 0, '2026-03-01',
        1000000, 0, true, true, '{}', '{}'
    FROM dimension WHERE source = 's';
    INSERT INTO credit (customer, site, event_id, touch_no, dim, touch_ts,
        touch_event_id, conversion_day, touch_day, share_micros, value_micros,
        refund_micros)
    SELECT md5(medium)::uuid, 'shop', source || medium, 1, dim, now(), '',
        '2026-03-01', '2026-03-01', '{0,0,0,0,0,0}', '{0,0,0,0,0,0}',
        '{0,0,0,0,0,0}'
    FROM dimension WHERE source = 's';
    """)
    assert len(sections(report(shop, *DAY, "--csv"))["paths"]) == 62
    page = Page(report(shop, *DAY, "--html", "-"))
    shown_paths = [row for row in page.rows if len(row) == 4 and
                   row[1] == "1" and row[2] == "1.61"]
    assert len(shown_paths) == 50
    assert shown_paths[0] == ["Paid Search > Direct", "1", "1.61", "200.00"]
    text = report(shop, *DAY, "--markdown")
    assert "| Paid Search &gt; Direct | 1 | 1.61 | 200.00 |" in text
    assert "No experiment has been seen." in text


def test_a_page_has_an_end_and_says_what_it_leaves_out(shop):
    shop.sql("""
    INSERT INTO dimension (site, source, medium, campaign, channel)
    SELECT 'shop', 's' || n % 10, 'cpc', 'c' || n, 'Display'
    FROM generate_series(1, 400) n;
    INSERT INTO traffic_daily (day, dim, visits, touches)
    SELECT '2026-03-01', dim, 1, 1 FROM dimension WHERE dim > 4;
    """)
    page = Page(report(shop, *DAY, "--html", "-"))
    rows = [row for row in page.rows if len(row) == 8]
    assert len([row for row in rows if re.match(r"c\d+cpc", row[0])]) < 300
    assert "104 smaller rows are only in the sums" in page.text
    assert next(row for row in rows if row[0] == "Display")[1] == "400"
    got = sections(report(shop, *DAY, "--csv"))["campaigns"]
    assert len([row for row in got if row["channel"] == "Display"]) == 411


def test_how_well_the_days_were_tracked(mondays):  # noqa: F811
    mondays.sql("INSERT INTO site_goal VALUES ('shop', 'video', '2026-01-07')")
    march = ("--from", "2026-03-01", "--to", "2026-03-30")
    got = sections(report(mondays, *march, "--csv"))
    assert [(row["finding"], row["subject"]) for row in got["silent"]] == [
        ("goal never fired", "video")]
    assert [(row["day"], row["measure"], row["mark"])
            for row in got["unusual"]] == [
        ("2026-03-30", "consent share", "low"), ("2026-03-30", "hits", "low")]
    assert got["unusual"][1]["value"].startswith("700")
    days = {row["day"]: row for row in got["quality"]}
    assert days["2026-03-30"]["hits"] == "720"
    assert Decimal(days["2026-03-30"]["consent_percent"]) == 30
    assert days["2026-03-30"]["tracking_percent"] == ""
    page = Page(report(mondays, *march, "--html", "-"))
    assert ["2026-03-30", "shop", "720", "700", "20"] in [
        row[:5] for row in page.rows]
    assert "video" in page.text
    text = report(mondays, *march, "--markdown")
    assert "## What fell silent" in text and "video" in text
    early = report(mondays, *DAY, "--markdown")
    assert "Nothing differs from the weeks before." in early


def test_a_time_without_anything_says_so(world):
    for form in (("--html", "-"), ("--markdown",)):
        text = report(world, *DAY, *form)
        assert "Nothing in these days." in text
        assert "Not enough data" in text
    Page(report(world, *DAY, "--html", "-"))
    got = sections(report(world, *DAY, "--csv"))
    assert got["campaigns"] == [] and len(got["days"]) == 1


def test_the_file_is_whole_or_as_it_was(shop, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("old")
    (tmp_path / "link.html").symlink_to(page)
    assert report(shop, *DAY, "--html", str(tmp_path / "link.html")) == ""
    Page(page.read_text())
    assert (tmp_path / "link.html").is_symlink()
    text = report(shop, *DAY, "--csv", str(tmp_path / "all.csv"))
    assert text == "" and "campaigns" in sections(
        (tmp_path / "all.csv").read_text())
    assert sorted(name for name in os.listdir(tmp_path)
                  if re.match("(page|all|link)", name)) == [
        "all.csv", "link.html", "page.html"]
    run = shop.run("report", *DAY, "--html", str(tmp_path / "no" / "x.html"))
    assert run.returncode == 1 and "no/x.html" in run.stderr
    assert report(shop, *DAY, "--html", "/dev/null") == ""
    assert not os.path.isfile("/dev/null")


def test_what_cannot_be_is_told(world):
    for arguments, code, why in (
            ((*DAY,), 2, "one of --html FILE"),
            ((*DAY, "--csv", "--markdown"), 2, "one of --html FILE"),
            ((*DAY, "--html", "-", "x"), 2, "has its FILE already"),
            (("--from", "2026-03-02", "--to", "2026-03-01", "--csv"), 2,
             "--from is after --to"),
            (("--from", "2016-03-02", "--to", "2026-03-31", "--csv"), 2,
             "more than 3660 days"),
            ((*DAY, "--csv", "--model", "lst"), 2, "no model lst"),
            ((*DAY, "--csv", "--site", "shpo"), 1, "no site shpo")):
        run = world.run("report", *arguments)
        assert (run.returncode, run.stdout) == (code, ""), arguments
        assert why in run.stderr
    world.sql("INSERT INTO site VALUES ('eu', 'UTC', 'EUR', 1000000)")
    run = world.run("report", *DAY, "--csv")
    assert run.returncode == 1 and "name one with --site" in run.stderr
