"""Changing settings and programs under load: nothing that was answered is
lost, and nobody finds the door closed."""

import http.client
import json
import os
import select
import signal
import socket
import threading
import time
import urllib.parse

import pytest

from conftest import eventually
from test_collector_http import SITES, Collector

RELOADS = int(os.environ.get("RELOADS", "50"))
RESTARTS = int(os.environ.get("RESTARTS", "5"))


class Load:
    """Threads that send hits to URL one after another, each answered before
    the next; half of them with a connection for each hit."""

    def __init__(self, url, threads=4):
        self.where = urllib.parse.urlsplit(url)
        self.acked, self.failed, self.slowest = set(), [], 0
        self.retried = 0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(i,))
                        for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def connect(self):
        link = http.client.HTTPConnection(
            self.where.hostname, self.where.port, timeout=20)
        link.connect()
        link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return link

    def send(self, link, ident):
        link.request("POST", "/e", json.dumps(
            {"site": "shop", "event_id": ident}))
        answer = link.getresponse()
        answer.read()
        return answer.status, answer.will_close

    def run(self, number):
        keeps = number % 2 == 1
        link, count, old = None, 0, False
        while not self.stopping.is_set():
            count += 1
            ident = f"t{number}-{count}"
            start = time.monotonic()
            try:
                old = link is not None
                link = link or self.connect()
                try:
                    status, closes = self.send(link, ident)
                except (http.client.RemoteDisconnected, ConnectionError):
                    # A connection that was idle may end at any time (RFC
                    # 9112, 9.5); a new one may not.
                    if not old:
                        raise
                    self.retried += 1
                    link = self.connect()
                    status, closes = self.send(link, ident)
                if status == 204:
                    self.acked.add(ident)
                else:
                    self.failed.append(status)
                if closes or not keeps:
                    link.close()
                    link = None
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(repr(error))
                link = None
            self.slowest = max(self.slowest, time.monotonic() - start)
        if link:
            link.close()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)


@pytest.fixture
def start(tmp_path):
    running = []

    def make(more="", **options):
        folder = tmp_path / str(len(running))
        folder.mkdir()
        options.setdefault("workers", 2)
        options.setdefault("drain", "1s")
        running.append(Collector(folder, more, **options))
        return running[-1]
    yield make
    for one in running:
        if one.process.poll() is None:
            assert one.stop() == 0
        assert "Sanitizer" not in one.log()


def reloads(one, result):
    return one.metric(f'afterclick_reloads_total{{result="{result}"}}')


def test_settings_change_under_load_and_mistakes_change_nothing(start):
    one = start("limits: {address_rate: 0}\n")
    config = one.folder / "collector.yaml"
    good = config.read_text()
    load = Load(one.url)
    try:
        for i in range(RELOADS):
            kind = ("good", "sites", "settings", "good")[i % 4]
            (one.folder / "sites.yaml").write_text(
                "sites: [{id: shop}]" if kind == "sites" else
                SITES + f"  - id: new{i}\n    timezone: UTC\n"
                "    currency: EUR\n")
            config.write_text(good + ("nonsense: 1\n" if kind == "settings"
                                      else ""))
            result = "taken" if kind == "good" else "refused"
            before = reloads(one, result)
            one.process.send_signal(signal.SIGHUP)
            eventually(lambda r=result, b=before: reloads(one, r) == b + 1)
            # The last good sites are in force, whatever came after.
            last = i if kind == "good" else i - i % 4
            answer = one.post({"site": f"new{last}", "event_id": f"n{i}"})
            assert answer.status == 204, (i, kind)
    finally:
        load.stop()
    assert load.failed == []
    assert len(load.acked) >= RELOADS
    assert one.stop() == 0
    assert load.acked <= {r["event_id"] for r in one.records()}
    assert one.log().count("all settings are as they were") == RELOADS // 2


def test_a_reload_takes_limits_and_says_what_takes_a_restart(start):
    one = start("limits: {address_rate: 0}\n")
    config = one.folder / "collector.yaml"
    stranger = {"X-Forwarded-For": "203.0.113.9"}

    def statuses():
        return {one.post({"site": "shop"}, stranger).status
                for _ in range(20)}
    assert statuses() == {204}
    config.write_text(config.read_text().replace(
        "address_rate: 0", "address_rate: 1, address_burst: 2"))
    one.process.send_signal(signal.SIGHUP)
    eventually(lambda: reloads(one, "taken") == 1)
    eventually(lambda: 429 in statuses())
    assert "take a restart" not in one.log()
    config.write_text(config.read_text() + "topic: another\n")
    one.process.send_signal(signal.SIGHUP)
    eventually(lambda: "take a restart" in one.log())


def test_a_second_collector_on_the_port_is_refused_unless_asked_for(start):
    one = start("reuse_port: true\n")
    port = one.url.rsplit(":", 1)[1]
    with pytest.raises(AssertionError, match="no ready line"):
        start(listen=f"127.0.0.1:{port}")
    assert one.post({"site": "shop"}).status == 204


def test_who_comes_while_the_old_one_leaves_reaches_the_new_one(start):
    """Nobody is refused: a SYN goes unheard, and is sent again."""
    one = start("reuse_port: true\n")
    where = urllib.parse.urlsplit(one.url)
    one.process.send_signal(signal.SIGTERM)
    unheard, links = None, []
    end = time.monotonic() + 10
    while unheard is None and time.monotonic() < end:
        link = socket.socket()
        link.setblocking(False)
        links.append(link)
        link.connect_ex((where.hostname, where.port))
        poll = select.poll()
        poll.register(link, select.POLLOUT)
        if not poll.poll(50):
            unheard = link
        else:
            assert link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0, \
                "refused before anybody could take over"
    start("reuse_port: true\n", listen=f"127.0.0.1:{where.port}")
    unheard.settimeout(10)
    poll = select.poll()
    poll.register(unheard, select.POLLOUT)
    assert poll.poll(10000)
    unheard.sendall(b"GET /p?site=shop HTTP/1.1\r\nHost: x\r\n\r\n")
    assert unheard.recv(100).startswith(b"HTTP/1.1 200 ")
    for link in links:
        link.close()


def test_a_rolling_restart_fails_no_connection_and_loses_no_hit(start):
    key = "reuse_port: true\ncookie_key: 0123456789abcdef\n"
    all_of_them = [start(key)]
    port = all_of_them[0].url.rsplit(":", 1)[1]
    load = Load(all_of_them[0].url)
    try:
        for _ in range(RESTARTS):
            all_of_them.append(start(key, listen=f"127.0.0.1:{port}"))
            assert all_of_them[-2].stop() == 0
            reached = len(load.acked)
            eventually(lambda n=reached: len(load.acked) >= n + 50)
    finally:
        load.stop()
    print(f"{len(load.acked)} answered, slowest {load.slowest:.2f} s, "
          f"{load.retried} sent again on a new connection")
    assert load.failed == []
    # A SYN that the old one no longer hears is sent again after a second,
    # then after two: as often as it meets one that is about to leave.
    assert load.slowest < 30
    assert all_of_them[-1].stop() == 0
    kept = {r["event_id"] for one in all_of_them for r in one.records()}
    assert load.acked <= kept
