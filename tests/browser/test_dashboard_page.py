"""The dashboard in a real Chromium: it shows the numbers, keeps strangers
out, takes no name for markup, and can be used by everyone."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile

from integration_fixtures import ROOT, server_events

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(ROOT, "aggregator", "dashboard", "page")
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))
from dashboard_shop import FORMULA, HOSTILE, OPTIONS, shop  # noqa: E402


def test_the_page_is_for_everyone(stack):
    river = stack(partitions=1, site_options=OPTIONS)
    shop(river, server_events)
    about = {"url": river.dashboard_url, "chromium": shutil.which("chromium"),
             "token": river.known["dashboard_token"],
             "shots": os.environ.get("AFTERCLICK_SHOTS")}
    done = subprocess.run(["node", os.path.join(HERE, "dashboard.mjs")],
                          input=json.dumps(about), capture_output=True,
                          text=True, timeout=300, cwd=HERE)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["errors"] == []
    assert seen["requests"] == [river.dashboard_url]
    # In only with the token, and it stands nowhere.
    assert seen["loginAt"].endswith("/login")
    assert seen["wrong"] == "That is not the token."
    assert not seen["leaks"]
    assert seen["out"] == 401
    # Numbers first.
    assert seen["cards"] == [
        ["Spend, USD", "10.00"], ["Net revenue, USD", "61.00"],
        ["ROAS", "6.10"], ["ROI", "510.0 %"], ["CPA, USD", "5.00"],
        ["Conversions", "2"]]
    assert seen["fresh"].startswith("Up to date")
    # Names are text.
    assert sorted(seen["names"]) == sorted(
        ["spring", HOSTILE, FORMULA.lower()])
    assert seen["markup"] == 0 and seen["dialogs"] == 0
    assert seen["arms"] == ["buttona · purchase", "buttonb · purchase"]
    # By keyboard.
    assert seen["found"] == 1
    assert seen["sorted"] == ["descending", True]
    assert seen["folded"] == ["false", 0]
    assert "model=first_touch" in seen["hash"]
    assert seen["pressed"] == "true"
    assert seen["first"] == "To the numbers"
    assert seen["csv"].startswith("channel,source,medium,campaign,visits")
    # For everyone, everywhere.
    assert seen["axe"] == {name: [] for name in seen["axe"]}
    assert len(seen["axe"]) == 4
    assert seen["darkPage"] != seen["lightPage"]
    assert seen["phone"][0] <= seen["phone"][1]
    assert max(seen["shifts"].values()) < 0.1, seen["shifted"]


def test_what_is_served_is_built_from_the_source_and_small():
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(["node", os.path.join(PAGE, "build.mjs"), out],
                       check=True, timeout=120)
        names = sorted(os.listdir(out))
        assert names == sorted(os.listdir(os.path.join(PAGE, "dist")))
        small = 0
        for name in names:
            with open(os.path.join(out, name), "rb") as file:
                fresh = file.read()
            with open(os.path.join(PAGE, "dist", name), "rb") as file:
                assert file.read() == fresh, name
            if not name.startswith("login"):
                small += len(gzip.compress(fresh, 9))
    assert small <= 40960
