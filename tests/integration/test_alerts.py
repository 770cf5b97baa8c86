"""The alarms of deploy/prometheus, by Prometheus' own tool."""

import os
import re
import shutil
import subprocess

from conftest import ROOT

PLACE = os.path.join(ROOT, "deploy", "prometheus")


def promtool(*argv):
    done = subprocess.run(["promtool", *argv], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read(name):
    with open(os.path.join(PLACE, name), encoding="utf-8") as file:
        return file.read()


def test_every_alarm_is_silent_and_then_speaks(tmp_path):
    promtool("check", "rules", os.path.join(PLACE, "alerts.yml"))
    rules = read("alerts.yml")
    # promtool would compare every word of the texts, too.
    bare = re.sub(r"^        annotations:\n(?:          .*\n)+", "", rules,
                  flags=re.M)
    (tmp_path / "alerts.yml").write_text(bare)
    shutil.copy(os.path.join(PLACE, "alerts_test.yml"), tmp_path)
    promtool("test", "rules", str(tmp_path / "alerts_test.yml"))
    names = re.findall(r"- alert: (\w+)", rules)
    tested = re.findall(r"- name: (\w+)", read("alerts_test.yml"))
    assert sorted(names) == sorted(tested)


def test_every_alarm_says_what_to_do():
    rules = read("alerts.yml")
    alarms = rules.split("- alert: ")[1:]
    assert len(alarms) > 10
    for alarm in alarms:
        assert re.search(r'summary: ".+"', alarm), alarm
        assert re.search(r'action: ".+"', alarm), alarm
        assert re.search(r"severity: (page|ticket)\}", alarm), alarm


def test_alarms_ask_for_metrics_that_there_are():
    known = set()
    for name in ("common/metrics_table.h", "aggregator/sitewatch.c"):
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            known |= set(re.findall(r'"(afterclick_\w+)"', file.read()))
    asked = set(re.findall(r"\b(afterclick_\w+)\b(?=[{\[ )])",
                           read("alerts.yml")))
    assert asked and asked <= known, asked - known


def test_the_scrape_configuration_is_one(tmp_path):
    for name in ("prometheus.yml", "alerts.yml"):
        shutil.copy(os.path.join(PLACE, name), tmp_path)
    promtool("check", "config", str(tmp_path / "prometheus.yml"))
