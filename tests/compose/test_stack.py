"""
deploy/docker-compose.yml on a real engine: what stands there is how it runs,
and whatever happens to a part of it, the ledger is exact.
"""

import json
import os
import signal
import socket
import time

import pytest

import processes
from conftest import tell
from processes import eventually

PARTS = ("kafka", "postgres", "collector", "aggregator")
IMAGE_MAX = 180 * 1000 * 1000  # bytes
FIRST_ROW_MAX = 60             # seconds


@pytest.fixture(scope="module")
def place(request, places):
    it = places()
    it.profiles = ["demo"]
    it.compose("build", timeout=1800)
    it.profiles = []
    yield it
    if getattr(request.session, "afterclick_failed", False):
        print(it.logs())


def answers(place):
    """Whether the collector answers at all."""
    try:
        with socket.create_connection(("127.0.0.1", place.known["listen"]),
                                      2) as link:
            link.settimeout(2)
            link.sendall(b"GET /t.js HTTP/1.0\r\n\r\n")
            return link.recv(1) != b""
    except OSError:
        return False


def test_from_nothing_to_the_first_row_takes_no_minute(place, loads):
    begin = time.monotonic()
    place.up()
    ready = time.monotonic() - begin
    loads.start(place, rate=50)
    eventually(lambda: place.sql("SELECT count(*) FROM campaign_roi_daily")
               [0][0] != "0", FIRST_ROW_MAX, "no row comes", 0.1)
    took = time.monotonic() - begin
    tell(f"up --wait took {ready:.1f} s, the first row of campaign_roi_daily "
         f"was there after {took:.1f} s")
    assert took <= FIRST_ROW_MAX
    assert place.exact(loads).acked > 0


def test_the_images_are_small(place):
    for name in ("collector", "aggregator", "demo"):
        size = place.engine.inspect(f"afterclick-{name}:local")["Size"]
        tell(f"image of the {name}: {size / 1e6:.0f} MB")
        assert size <= IMAGE_MAX


@pytest.mark.parametrize("part", PARTS)
def test_a_container_can_do_little(place, part):
    about = place.inspect(part)["HostConfig"]
    assert about["ReadonlyRootfs"] and about["CapDrop"] == ["ALL"]
    assert not about["CapAdd"] and not about["Privileged"]
    assert about["SecurityOpt"] == ["no-new-privileges:true"]
    assert about["Memory"] > 0 and about["PidsLimit"] > 0
    status = dict(line.split(":\t") for line in place.exec(
        part, "cat", "/proc/1/status").splitlines() if ":\t" in line)
    assert "0" not in status["Uid"].split() + status["Gid"].split()
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, name
    assert status["NoNewPrivs"] == "1"
    with pytest.raises(processes.Failure, match="Read-only file system"):
        place.exec(part, "sh", "-c", "echo > /etc/here")


def test_admin_ports_are_on_the_loopback(place):
    for part, port in (("collector", "8081"), ("aggregator", "9101"),
                       ("aggregator", "9102")):
        [where] = place.inspect(part)["NetworkSettings"]["Ports"][
            port + "/tcp"]
        assert where["HostIp"] == "127.0.0.1"
    for part in ("kafka", "postgres"):
        ports = place.inspect(part)["NetworkSettings"]["Ports"]
        assert not any(ports.values()), "open to the host"


def test_the_programs_find_nothing_to_mend(place):
    said = json.loads(place.cli("doctor", "--json"))
    lines = said if isinstance(said, list) else said["checks"]
    assert [line for line in lines if line.get("status") == "fail"] == []


def test_hup_reads_the_sites_again(place):
    """As docs/docker.md has it, and nobody is started anew by it."""
    pids = {part: place.inspect(part)["State"]["Pid"]
            for part in ("collector", "aggregator")}
    place.compose("kill", "-s", "HUP", *pids)
    eventually(lambda: 'afterclick_reloads_total{result="taken"} 1\n' in
               processes.fetch(place.admin_url + "/metrics")[1], 30,
               "the collector reads nothing again", 0.2)
    eventually(lambda: "sites and channels reloaded" in place.compose(
        "logs", "--no-color", "aggregator"), 30,
        "the aggregator reads nothing again", 0.2)
    assert pids == {part: place.inspect(part)["State"]["Pid"]
                    for part in pids}


def test_down_and_up_lose_nothing(place, loads):
    it = loads.start(place, rate=300)
    it.more(300)
    # With hits under way: what was answered stays.
    place.down()
    place.up()
    it.more(100)
    assert place.exact(loads).acked > 400


# --- what happens to a part -----------------------------------------------------
def killed(place, part, load):
    """kill -9 as a crash would be; the engine starts it again."""
    before = place.inspect(part)
    pid = before["State"]["Pid"]
    if place.engine.daemon is not None:  # it lives on this kernel
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: place.inspect(part)["State"]["Pid"] not in (0, pid),
                   60, f"{part} is not started again", 0.2)
    else:
        place.compose("kill", part)
        place.compose("start", part)


def paused(place, part, load):
    place.compose("pause", part)
    if part == "collector":
        eventually(lambda: not answers(place), 30, "it answers")
    else:
        load.more(500)  # the collector goes on without the others
    place.compose("unpause", part)


def made_anew(place, part, load):
    """As an upgrade does it: another container on the same volume."""
    old = place.container(part)
    place.up("--no-deps", "--force-recreate", part)
    assert place.container(part) != old


@pytest.mark.parametrize("what", [killed, paused, made_anew])
@pytest.mark.parametrize("part", PARTS)
def test_the_ledger_is_exact_when_a_part_is(place, loads, part, what):
    it = loads.start(place, rate=300)
    it.more(200)
    what(place, part, it)
    place.healthy(part)
    it.more(200)
    verdict = place.exact(loads)
    counts = it.end()
    tell(f"{part} {what.__name__.replace('_', ' ')}: exact, "
         f"{verdict.acked} acknowledged in all, "
         f"{verdict.duplicates} repeats on Kafka, "
         f"longest answer {counts['max_ms']:.0f} ms")


def test_a_rolling_restart_of_all_is_exact(place, loads):
    it = loads.start(place, rate=300)
    for part in PARTS:
        it.more(100)
        place.compose("restart", part)
        place.healthy(part)
    it.more(100)
    assert place.exact(loads).acked > 500


def test_what_is_in_the_collector_outlives_its_container(place, loads):
    """Without Kafka: the hits are in the spool's volume only."""
    place.compose("stop", "kafka")
    it = loads.start(place, rate=300)
    it.more(300)
    it.end()
    assert place.pending() > 0
    place.compose("rm", "-f", "-s", "collector")
    place.up("--no-deps", "collector")
    assert place.pending() > 0
    place.compose("start", "kafka")
    place.healthy("kafka")
    assert place.exact(loads).acked > 0


# --- profiles -------------------------------------------------------------------
def test_the_demo_plays_a_week_with_costs(place):
    place.profiles = ["demo"]
    begin = time.monotonic()
    place.up()
    tell(f"--profile demo: a week was played after "
         f"{time.monotonic() - begin:.1f} s")
    place.drained()
    [[days, cost, orders]] = place.sql(
        "SELECT count(DISTINCT day), sum(cost), sum(orders) FROM "
        "campaign_roi_daily WHERE model = 'last_touch' AND date_basis = "
        "'conversion' AND source = 'google'")
    assert int(days) >= 7 and float(cost) > 100 and float(orders) > 10
    assert place.sql("SELECT * FROM roi_check") == []
    hits = "SELECT sum(hits) FROM hits_daily"
    before = place.sql(hits)
    eventually(lambda: place.sql(hits) != before, 60,
               "nobody comes after the week", 0.5)
    place.profiles = []


def test_prometheus_scrapes_and_has_the_alarms(place):
    place.up()
    place.profiles = ["observability"]
    place.engine.need(place.images()["prometheus"])
    place.up("prometheus")
    url = f"http://127.0.0.1:{place.ports['PROMETHEUS_PORT']}/api/v1"

    def ask(path):
        return json.loads(processes.fetch(url + path)[1])["data"]
    eventually(lambda: sorted(
        it["labels"]["job"] for it in ask("/targets")["activeTargets"]
        if it["health"] == "up") == ["afterclick-aggregator",
                                     "afterclick-collector"],
        60, "not all is scraped", 0.5)
    [group] = ask("/rules")["groups"]
    assert len(group["rules"]) > 10
    assert {rule["health"] for rule in group["rules"]} <= {"ok", "unknown"}
    place.profiles = []


def test_grafana_has_its_dashboards(place):
    place.profiles = ["observability"]
    image = place.images()["grafana"]
    try:
        if not place.engine.has(image):
            place.engine.docker("pull", "-q", image, timeout=900)
    except processes.Failure as error:
        tell(f"LEFT OUT: Grafana, which Debian has no package of: {error}")
        place.profiles = []
        pytest.skip(f"{image} cannot be pulled")
    place.up("grafana")
    with open(os.path.join(place.env["SECRETS"], "grafana_password"),
              encoding="ascii") as file:
        password = file.read().strip()
    base = f"http://admin:{password}@127.0.0.1:3000/api"
    for board in ("campaigns", "quality", "operations"):
        place.exec("grafana", "wget", "-q", "-O", "/dev/null",
                   f"{base}/dashboards/uid/afterclick-{board}")
    place.exec("grafana", "wget", "-q", "-O", "/dev/null",
               f"{base}/datasources/uid/afterclick-postgresql/health")
    place.profiles = []
