"""
Conversions back to the ad platforms: through the whole river, out as files
and by HTTPS to a server that answers as the platforms do. Whatever dies
where, each conversion is accepted once.
"""

import collections
import csv
import datetime
import http.server
import json
import os
import random
import signal
import ssl
import subprocess
import threading
import time

import pytest

from conftest import eventually, server_events
from test_views import AFTERCLICK, world  # noqa: F401

PLATFORMS = ("google", "google-data-manager", "meta", "microsoft", "tiktok",
             "linkedin", "ga4")
TOKEN = "token-of-the-platform"
KIND = {"error": {"code": 100, "message": "bad event"}}


class Platform:
    """An HTTPS server of one platform's manners. `taken` counts each id it
    accepted; `answers` are used up first, then every event is judged."""

    def __init__(self, folder, name):
        self.name = name
        self.taken = collections.Counter()
        self.requests = []
        self.answers = []   # (status, headers, body); None hangs
        self.bad = set()    # ids that are no good
        self.hold = threading.Event()
        self.held = threading.Event()
        self.ca = os.path.join(folder, "cert.pem")
        key = os.path.join(folder, "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
             self.ca, "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True, timeout=60)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    outer.serve(self, json.loads(body))
                except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, key)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True,
            do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()

    def ids(self, body):
        if self.name == "meta":
            return [e["custom_data"]["order_id"] for e in body["data"]]
        if self.name == "tiktok":
            return [e["properties"]["order_id"] for e in body["data"]]
        if self.name == "linkedin":
            return [e["eventId"] for e in body["elements"]]
        if self.name == "ga4":
            return [body["events"][0]["params"]["transaction_id"]]
        return [e["transactionId"] for e in body["events"]]

    def judge(self, ids):
        bad = [i for i, one in enumerate(ids) if one in self.bad]
        if self.name == "linkedin":
            return 200, [i for i in ids if i not in self.bad], {
                "elements": [
                    {"status": 400, "error": {"message": "bad event"}}
                    if i in self.bad else {"status": 201} for i in ids]}
        if self.name == "tiktok" and bad:
            return 200, [i for i in ids if i not in self.bad], {
                "code": 20001, "message": "partly", "data": {
                    "failed_events": [{"order_in_batch": i,
                                       "error_message": "bad event"}
                                      for i in bad]}}
        if self.name == "google-data-manager" and bad:
            return 400, [], {"error": {
                "code": 400, "message": "bad event", "details": [{
                    "fieldViolations": [
                        {"field": f"events.events[{i}].x"} for i in bad]}]}}
        if bad:
            return 400, [], KIND
        return 200, ids, {"code": 0, "requestId": "q"}

    def serve(self, handler, body):
        self.requests.append((handler.path, dict(handler.headers), body))
        ids = self.ids(body)
        if self.answers:
            status, headers, answer = self.answers.pop(0)
            take = []
            if status == "hang":  # it takes all and says nothing
                self.note(ids)
                self.held.set()
                self.hold.wait(120)
                return
        else:
            status, take, answer = self.judge(ids)
            headers = {}
        self.note(take)
        data = json.dumps(answer).encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def note(self, ids):
        for one in ids:
            # An id that is known is thrown away, as the platforms do.
            self.taken[one] = 1 if self.name != "ga4" else \
                self.taken[one] + 1


@pytest.fixture
def platform(tmp_path):
    made = []

    def make(name):
        made.append(Platform(str(tmp_path), name))
        return made[-1]
    yield make
    for one in made:
        one.close()


def exports(**more):
    return [{"site": "shop", "platform": name, "account": "1234567890",
             "goals": {"purchase": "Web order", "signup": "Sign-up"},
             "token": TOKEN, **more} for name in PLATFORMS]


NOW = datetime.datetime.now(datetime.timezone.utc)


def ms(**ago):
    return int((NOW - datetime.timedelta(**ago)).timestamp() * 1000)


def visit(who, query, **ago):
    return {"type": "page", "event_id": f"page-{who}", "visitor_id": who,
            "session_id": f"s-{who}",
            "user_agent": "Mozilla/5.0 (X11) test",
            "url": f"https://shop.example/?{query}", "time": ms(**ago)}


def order(who, number, value, **more):
    ago = more.pop("ago", {"hours": 2})
    return {"type": "conversion", "event_id": f"buy-{number}",
            "visitor_id": who, "order_id": number, "value": value,
            "currency": "USD", "time": ms(**ago),
            "url": "https://shop.example/thanks",
            "user_agent": "Mozilla/5.0 (X11) test",
            "consent": {"ad_user_data": "granted"}, **more}


@pytest.fixture
def shop(stack):
    """A stack with all platforms in its settings, and .export() for it."""
    it = stack(partitions=1, aggregator_options={"exports": exports()})
    days = (NOW - datetime.timedelta(days=120), NOW)
    it.days = ["--from", days[0].strftime("%Y-%m-%d"), "--to",
               days[1].strftime("%Y-%m-%d")]

    def export(name, *options):
        return it.run_cli("export", name, "--site", "shop", *it.days,
                          *options)
    it.export = export
    return it


def counts(done):
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def rows(folder, part):
    """The lines of the only file whose name ends in PART."""
    names = [n for n in os.listdir(folder) if n.endswith(part)]
    assert len(names) == 1, os.listdir(folder)
    with open(os.path.join(folder, names[0]), newline="") as file:
        return list(csv.reader(file))


def states(shop, name):
    return {tuple(row[:2]): row[2] for row in shop.sql(
        "SELECT transaction_id, revision, state FROM export_receipts "
        f"WHERE platform = '{name}'")}


def test_files_once_then_adjustments(shop, tmp_path):
    server_events(shop, [
        visit("ann", "gclid=AnnsClick_1", days=2),
        visit("bob", "msclkid=BobsClick", days=2),
        visit("cy", "gclid=CysClick", days=100),
        visit("dan", "gclid=DansClick", days=2),
        visit("eve", "utm_source=letter&utm_medium=email", days=2),
        order("ann", "A-1", 100, email="A.nn@gmail.com",
              phone="+1 650 555 1212"),
        order("bob", "B-1", 50),
        order("cy", "C-1", 70, ago={"days": 99}),
        order("dan", "D-1", 60, consent={"ad_user_data": "denied"}),
        order("eve", "E-1", 80)])
    shop.wait()
    eventually(lambda: len(shop.sql("SELECT * FROM conversions")) == 5)

    dry = shop.export("google", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "ad_user_data was denied" in dry.stdout
    assert "the click is older" in dry.stdout
    assert "no touch that counts is a click" in dry.stdout
    assert shop.sql("SELECT * FROM export_receipts") == []

    out = tmp_path / "out"
    out.mkdir()
    done = shop.export("google", "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    n = counts(done)
    assert (n["conversions"], n["sent"], n["held_back"]) == (5, 1, 4)
    assert sum(n["reasons"].values()) == 4
    # Its file has no column for either.
    assert (n["without_email"], n["without_phone"]) == (1, 1)
    file = rows(out, "Z.csv")
    assert file[0] == ["Parameters:TimeZone=+0000"]
    assert file[2][0] == "AnnsClick_1" and file[2][3:7] == [
        "100", "USD", "A-1", "Granted"]
    assert states(shop, "google") == {("A-1", "0"): "sent"}

    again = shop.export("google", "--out", str(out), "--json")
    assert (counts(again)["sent"], counts(again)["sent_before"]) == (0, 1)
    assert len(os.listdir(out)) == 1

    assert counts(shop.export("microsoft", "--out", str(out), "--json"))[
        "sent"] == 1
    server_events(shop, [
        {"type": "refund", "order_id": "A-1", "refund_id": "r1", "value": 30,
         "time": ms(hours=1)},
        {"type": "refund", "order_id": "B-1", "refund_id": "r2", "value": 50,
         "time": ms(hours=1)}])
    shop.wait()
    eventually(lambda: len(shop.sql(
        "SELECT * FROM conversions WHERE refunds > 0")) == 2)
    done = shop.export("google", "--out", str(out), "--json")
    assert (counts(done)["sent"], counts(done)["adjustments"]) == (1, 1)
    assert rows(out, "restate.csv")[2][:1] + rows(
        out, "restate.csv")[2][3:] == ["A-1", "RESTATE", "70", "USD"]
    assert counts(shop.export("microsoft", "--out", str(out), "--json"))[
        "adjustments"] == 1
    retract = rows(out, "retract.csv")[2]
    assert (retract[1], retract[7]) == ("Retract", "BobsClick")
    for name in ("google", "microsoft"):
        assert counts(shop.export(name, "--out", str(out), "--json"))[
            "sent"] == 0


def test_the_platforms_share_of_the_value_and_its_latest_click(shop):
    """Two clicks of Google's and a newsletter: each model has its share of
    the net value, and one click id stands for both."""
    server_events(shop, [
        {**visit("ann", "gclid=First", days=4), "event_id": "p1",
         "session_id": "s1"},
        {**visit("ann", "gclid=Second", days=3), "event_id": "p2",
         "session_id": "s2"},
        {**visit("ann", "utm_source=letter&utm_medium=email", days=2),
         "event_id": "p3", "session_id": "s3"},
        order("ann", "A-1", 90),
        {"type": "refund", "order_id": "A-1", "refund_id": "r1", "value": 30,
         "time": ms(hours=1)}])
    shop.wait()
    eventually(lambda: shop.sql("SELECT * FROM conversions WHERE refunds > 0"))

    def goes(*options):
        done = shop.export("google", "--dry-run", "--json", *options)
        assert done.returncode == 0, done.stderr
        row, last = (json.loads(line) for line in done.stdout.splitlines())
        assert last["would_go"] == row["goes"]
        return row["value"], row["reason"]
    assert goes() == (60, None)
    for model, value in (("linear", 40), ("first_touch", 60),
                         ("position_based", 36)):
        assert goes("--credit", "share", "--model", model) == (value, None)
    value, why = goes("--credit", "share", "--model", "last_touch")
    assert value == 0 and "no credit" in why
    out = shop.path("out")
    os.mkdir(out)
    assert counts(shop.export("google", "--out", out, "--json", "--credit",
                              "share", "--model", "linear"))["sent"] == 1
    assert [row[0] for row in rows(out, ".csv")[2:]] == ["Second"]
    # Another share is another value: an adjustment, not a second conversion.
    done = counts(shop.export("google", "--out", out, "--json"))
    assert (done["sent"], done["adjustments"]) == (1, 1)


def test_a_bad_event_does_not_hold_the_others(shop, platform):
    ids = {"meta": "fbclid", "tiktok": "ttclid", "linkedin": "li_fat_id",
           "google-data-manager": "gbraid"}
    events = []
    for click in ids.values():
        for i in range(8):
            who = f"{click}-{i}"
            events += [visit(who, f"{click}=Click{i}", days=1),
                       order(who, f"{click}.{i}", 10 + i,
                             email=f"{click}{i}@example.org",
                             phone=f"+1650555121{i}")]
    server_events(shop, events)
    shop.wait()
    eventually(lambda: len(shop.sql("SELECT * FROM conversions")) == 32, 60)
    for name, click in ids.items():
        it = platform(name)
        first = "buy-" if name == "linkedin" else ""
        it.bad = {f"{first}{click}.3", f"{first}{click}.6"}
        it.answers = [(503, {}, {})]
        if name == "tiktok":
            it.answers += [(429, {"Retry-After": "1"}, {}), (500, {}, {})]
        busy = len(it.answers)
        done = shop.export(name, "--post", it.url, "--ca-file", it.ca,
                           "--json")
        assert done.returncode == 1, done.stderr  # as two were rejected
        n = counts(done)
        assert (n["sent"], n["accepted"], n["rejected"], n["retries"]) == (
            8, 6, 2, busy), (name, n, done.stderr)
        assert sorted(it.taken) == sorted(
            f"{first}{click}.{i}" for i in range(8) if i not in (3, 6))
        path, headers, body = it.requests[-1]
        assert TOKEN not in path and TOKEN in (
            headers.get("Authorization", "") + headers.get("Access-Token", ""))
        got = dict(zip((row[0] for row in shop.sql(
            "SELECT transaction_id FROM export_receipts WHERE platform = "
            f"'{name}' AND state = 'rejected' AND reason = 'bad event'")),
            "xy"))
        assert set(got) == {f"{click}.3", f"{click}.6"}
        before = len(it.requests)
        n = counts(shop.export(name, "--post", it.url, "--ca-file", it.ca,
                               "--json"))
        assert (n["sent"], n["sent_before"]) == (0, 6)
        assert len(it.requests) == before
        it.bad = set()
        n = counts(shop.export(name, "--post", it.url, "--ca-file", it.ca,
                               "--json", "--retry"))
        assert n["accepted"] == 2
        assert "client_ip_address" not in json.dumps(body)


def test_a_wrong_certificate_or_token_sends_nothing(shop, platform):
    server_events(shop, [visit("ann", "fbclid=Fb1", days=1),
                         order("ann", "A-1", 5)])
    shop.wait()
    eventually(lambda: shop.sql("SELECT * FROM conversions"))
    it = platform("meta")
    done = shop.export("meta", "--post", it.url, "--json")
    assert done.returncode == 1 and "certificate" in done.stderr
    it.answers = [(401, {}, {"error": {"message": "no", "code": 190}})]
    done = shop.export("meta", "--post", it.url, "--ca-file", it.ca, "--json")
    assert done.returncode == 1 and "token" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert states(shop, "meta") == {("A-1", "0"): "prepared"}
    it.answers = [(429, {"Retry-After": "3600"}, {})]
    done = shop.export("meta", "--post", it.url, "--ca-file", it.ca, "--json",
                       "--give-up", "2s")
    assert done.returncode == 1 and "429" in done.stderr
    n = counts(shop.export("meta", "--post", it.url, "--ca-file", it.ca,
                           "--json"))
    assert n["accepted"] == 1 and it.taken["A-1"] == 1
    assert shop.export("google", "--post", it.url).returncode == 2


@pytest.mark.parametrize("name, click", [("meta", "fbclid"), ("ga4", "fbclid")])
def test_killed_while_the_platform_takes_it(shop, platform, name, click):
    server_events(shop, [
        event for i in range(3) for event in (
            visit(f"v{i}", f"{click}=Click{i}", days=1),
            order(f"v{i}", f"O-{i}", 10))])
    shop.wait()
    eventually(lambda: len(shop.sql("SELECT * FROM conversions")) == 3)
    it = platform(name)
    it.answers = [("hang", {}, {})]
    argv = [shop.program("afterclick"), "--config",
            shop.path("config", "aggregator.yaml"), "export", name, "--site",
            "shop", *shop.days, "--post", it.url, "--ca-file", it.ca]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        assert it.held.wait(60)
        # Two at once cannot be.
        second = shop.export(name, "--post", it.url, "--ca-file", it.ca)
        assert second.returncode == 1 and "is running" in second.stderr
        process.send_signal(signal.SIGKILL)
    it.hold.set()
    assert "sent" in states(shop, name).values()
    eventually(lambda: not shop.sql(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND pid IN (SELECT pid FROM pg_stat_activity WHERE "
        "application_name = 'afterclick')"), 60)
    done = shop.export(name, "--post", it.url, "--ca-file", it.ca, "--json")
    assert done.returncode == 0, done.stderr
    n = counts(done)
    if name == "meta":  # it knows an event id that it has seen
        assert n["accepted"] == 3
    else:  # nobody knows of one: a person must say so
        assert n["accepted"] == 2 and n["reasons"] == {
            "posted before, and the answer was lost: --resend": 1}
        assert set(it.taken.values()) == {1}
        n = counts(shop.export(name, "--post", it.url, "--ca-file", it.ca,
                               "--json", "--resend"))
        assert n["accepted"] == 1
    assert set(it.taken) == {"O-0", "O-1", "O-2"}
    assert set(states(shop, name).values()) == {"accepted"}
    if name == "meta":
        assert set(it.taken.values()) == {1}
    last = counts(shop.export(name, "--post", it.url, "--ca-file", it.ca,
                              "--json"))
    assert last["sent"] == 0 and last["sent_before"] == 3


def test_a_file_cut_off_before_its_receipts(shop, tmp_path):
    server_events(shop, [visit("ann", "gclid=Click", days=1),
                         order("ann", "A-1", 5)])
    shop.wait()
    eventually(lambda: shop.sql("SELECT * FROM conversions"))
    out = tmp_path / "out"
    out.mkdir()
    stands = out / "stands.csv"

    def prepared(path):
        shop.sql("INSERT INTO export_receipt (platform, site, goal, "
                 "transaction_id, revision, kind, event_id, value_micros, "
                 "before_micros, currency, state, via) VALUES ('google', "
                 "'shop', 'purchase', 'A-1', 0, 'conversion', 'buy-A-1', "
                 f"5000000, 0, 'USD', 'prepared', '{path}')")
    # The file never got its name: its row goes again.
    prepared(out / "never.csv")
    assert counts(shop.export("google", "--out", str(out), "--json"))[
        "sent"] == 1
    # It got it, and then the machine died: the row is out.
    shop.sql("DELETE FROM export_receipt")
    stands.write_text("x")
    prepared(stands)
    n = counts(shop.export("google", "--out", str(out), "--json"))
    assert (n["sent"], n["sent_before"]) == (0, 1)
    assert states(shop, "google") == {("A-1", "0"): "sent"}


def test_killed_at_any_time_each_order_is_in_one_file(world, tmp_path):
    """Whenever the command dies, the same command again goes on: no order is
    lost, none stands in two files."""
    orders = 8000
    world.sql(f"""
    INSERT INTO conversion (site, event_id, goal, ts, order_id, dedup_key,
        value_micros, currency, verified, lane, purchase, lookback_ms,
        click_id)
    SELECT 'shop', 'e' || n, 'purchase', now() - interval '1 hour', 'o' || n,
        'o' || n, 1000000, 'USD', true, 'import', true, 2592000000,
        'gclid=Click' || n
    FROM generate_series(1, {orders}) n;
    INSERT INTO outcome (site, event_id, customer, state, day, value_micros,
        refunded_micros, new_customer, purchase, refund_days, refund_micros)
    SELECT site, event_id, md5(event_id)::uuid, 0, ts::date, value_micros, 0,
        false, true, '{{}}', '{{}}' FROM conversion;
    ANALYZE conversion, outcome;
    """)
    with open(tmp_path / "aggregator.yaml", "a", encoding="utf-8") as file:
        file.write("exports: [{site: shop, platform: google, "
                   "goals: {purchase: Order}}]\n")
    out = tmp_path / "out"
    out.mkdir()
    period = ["--from", str((NOW - datetime.timedelta(2)).date()), "--to",
              str((NOW + datetime.timedelta(1)).date())]
    argv = [AFTERCLICK, "--config", str(tmp_path / "aggregator.yaml"),
            "export", "google", "--site", "shop", *period, "--out", str(out),
            "--json"]

    def files(ending):
        return {name for name in os.listdir(out) if name.endswith(ending)}

    def gone():
        return world.sql("SELECT count(*) FROM pg_stat_activity WHERE datname "
                         "= current_database()") == [["1"]]

    def watch(process, condition):
        """As long as it runs; at once when CONDITION() holds."""
        end = time.monotonic() + 60
        while not condition() and process.poll() is None:
            assert time.monotonic() < end
    dice = random.Random(7)
    killed = 0
    for attempt in range(9):
        parts, whole = files(".part"), files(".csv")
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            # While it writes; when its file has got its name, and the
            # receipts do not say so yet; any time.
            if attempt % 3 == 0:
                watch(process, lambda: files(".part") - parts)
            elif attempt % 3 == 1:
                watch(process, lambda: files(".csv") - whole)
            else:
                try:
                    process.wait(dice.random() * 0.3)
                except subprocess.TimeoutExpired:
                    pass
            process.kill()
        killed += process.returncode == -signal.SIGKILL
        eventually(gone, 60)
    assert killed > 2
    last = world.run(*argv[3:])
    assert last.returncode == 0, last.stderr
    sent = collections.Counter()
    for name in files(".csv"):
        with open(out / name, newline="", encoding="utf-8") as file:
            sent.update(row[5] for row in list(csv.reader(file))[2:])
    assert set(sent.values()) == {1}
    assert len(sent) == orders
    assert world.sql("SELECT state, count(*) FROM export_receipts GROUP BY 1"
                     ) == [["sent", str(orders)]]
    assert counts(world.run(*argv[3:]))["sent"] == 0
