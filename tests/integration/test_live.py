"""afterclick live, beside a real collector."""

import json
import os
import signal
import subprocess

import pytest

from conftest import BUILD_DIR, eventually
from test_collector_http import Collector

AFTERCLICK = os.path.join(BUILD_DIR, "afterclick")


@pytest.fixture
def collector(tmp_path):
    it = Collector(tmp_path)
    yield it
    it.stop()


def live(collector, *options, code=0, **environment):
    run = subprocess.run(
        [AFTERCLICK, "live", "--url", collector.admin, *options],
        capture_output=True, text=True, timeout=60,
        env={**os.environ, **environment})
    assert run.returncode == code, run.stderr
    return run


def test_the_last_hits_with_verdict_and_reason(collector):
    for number in range(5):
        collector.pixel(site="shop", event_id=f"hit-{number}")
    collector.post({"site": "shop", "type": "conversion", "event_id": "bad",
                    "value": "much", "currency": "USD"})
    lines = live(collector).stdout.splitlines()
    assert lines[0].split() == [
        "time", "(UTC)", "verdict", "site", "lane", "type", "event",
        "visitor", "order", "network", "reason"]
    assert len(lines) == 2 + 6
    assert [line.split()[5] for line in lines[2:5]] == [
        "hit-0", "hit-1", "hit-2"]
    assert "refused 400" in lines[-1] and "value" in lines[-1]
    assert "127.0.0.1" not in lines[-1]
    refused = live(collector, "--refused").stdout.splitlines()
    assert refused[2:] == lines[-1:]
    assert live(collector, "--count", "2").stdout.splitlines()[2:] == lines[-2:]
    told = [json.loads(line) for line in
            live(collector, "--json").stdout.splitlines()]
    assert [hit["verdict"] for hit in told] == ["accepted"] * 5 + ["refused"]
    none = live(collector, "--site", "other")
    assert (none.stdout, none.stderr) == ("", "no hits yet\n")


def test_each_hit_that_comes_is_followed_once(collector, tmp_path):
    """A hundred hits, many told in the same words in one millisecond; and a
    collector that is away for a while."""
    told = tmp_path / "told"
    with open(told, "wb") as out, subprocess.Popen(
            [AFTERCLICK, "live", "--url", collector.admin, "--follow",
             "--every", "100ms", "--json"], stdout=out,
            stderr=subprocess.PIPE, text=True) as process:
        try:
            def count():
                return len(told.read_text().splitlines())
            for number in range(100):
                collector.pixel(site="shop", event_id=f"{number % 3}")
                if number % 30 == 0:
                    eventually(lambda: count() == number + 1, 60)
            eventually(lambda: count() == 100, 60)
            host = collector.url.rsplit("/", 1)[1]
            admin = collector.admin.rsplit("/", 1)[1]
            collector.stop()
            assert "waiting" in process.stderr.readline()
            config = tmp_path / "collector.yaml"
            config.write_text(config.read_text().replace(
                "\nadmin_listen: 127.0.0.1:0", f"\nadmin_listen: {admin}"))
            collector.start()
            assert collector.url.rsplit("/", 1)[1] != host
            collector.pixel(site="shop", event_id="last")
            eventually(lambda: count() == 101, 60)
            assert json.loads(told.read_text().splitlines()[-1])[
                "event_id"] == "last"
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0


def test_what_strangers_send_does_not_steer_the_terminal(collector):
    collector.post({"site": "shop", "type": "conversion", "event_id": "e",
                    "order_id": "\x1b[31mred", "value": 1})
    assert "\x1b" not in live(collector).stdout


def test_colours_on_a_terminal_but_not_with_no_color(collector):
    collector.pixel(site="shop", event_id="hit")
    command = f"{AFTERCLICK} live --url {collector.admin}"

    def on_terminal(**environment):
        return subprocess.run(
            ["script", "-qec", command, "/dev/null"], text=True,
            capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
            env={**os.environ, **environment}).stdout
    assert "\x1b[32maccepted\x1b[0m" in on_terminal(NO_COLOR="")
    assert "\x1b" not in on_terminal(NO_COLOR="1")


def test_wrong_usage_is_told(collector):
    assert "--count 0 is not 1 to 200" in live(
        collector, "--count", "0", code=2).stderr
    assert "no site id" in live(
        collector, "--site", "a&n=1", code=2).stderr
    run = subprocess.run(
        [AFTERCLICK, "live", "--url", collector.url], capture_output=True,
        text=True, timeout=60)
    assert run.returncode == 1 and "admin port" in run.stderr
