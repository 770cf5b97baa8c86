"""The examples of docs/tracking.md run as they stand there."""

import os
import re
import subprocess
import sys

import pytest

from conftest import ROOT, http
from test_collector_http import KEYS, Collector

with open(os.path.join(ROOT, "docs", "tracking.md"), encoding="utf-8") as file:
    EXAMPLES = re.findall(r"^```(sh|python)\n(.*?)^```$", file.read(),
                          re.M | re.S)


@pytest.fixture
def collector(tmp_path):
    one = Collector(tmp_path)
    yield one
    assert one.stop() == 0


def run(one, language, text):
    program = ["sh", "-eu", "-c"] if language == "sh" else [sys.executable,
                                                            "-c"]
    done = subprocess.run(
        program + [text], capture_output=True, text=True, timeout=60,
        check=False, env={**os.environ, "COLLECTOR": one.url, "KEY": KEYS[0],
                          "no_proxy": "*"})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_example_runs_and_its_hits_are_kept(collector):
    assert len(EXAMPLES) == 5
    for language, text in EXAMPLES:
        run(collector, language, text)
    assert [(r["lane"], r["type"], r.get("order_id")) for r in
            sorted(collector.records(), key=lambda r: r["received_at"])] == [
        ("pixel", "event", None), ("browser", "page", None),
        ("server", "conversion", "A-1001"), ("server", "conversion", "A-1002"),
        ("server", "refund", "A-1001")]


def test_a_link_signed_as_the_example_does_is_followed(tmp_path):
    from test_collector_strangers import MORE_SITES
    one = Collector(tmp_path, sites=MORE_SITES)
    text = [t for _, t in EXAMPLES if "def link" in t][0]
    made = run(one, "python", text).strip()
    answer = http(made.replace("https://stats.example.org", one.url))
    assert answer.headers["Location"] == "https://partner.example/x"
    assert one.stop() == 0
