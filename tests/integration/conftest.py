"""
Fixtures: a real Kafka and PostgreSQL for the session, stacks on top of them.

$BUILD_DIR says which build is tested (build); a sanitizer's build is tested
by naming its folder. When a test fails, its stacks' logs and configuration
are kept and the summary says where. Nothing here sleeps for a fixed time:
eventually() waits for a condition.
"""

import collections
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "deploy", "native"))

import processes  # noqa: E402
import river  # noqa: E402
import servers  # noqa: E402
import traffic  # noqa: E402

BUILD_DIR = os.path.abspath(os.path.join(
    ROOT, os.environ.get("BUILD_DIR", "build")))
SANITIZED = any(name in BUILD_DIR for name in ("address", "thread"))
PATIENCE = 3 if SANITIZED else 1  # a sanitizer's build is slower by so much

Answer = collections.namedtuple("Answer", "status headers body")
kept = []  # (test, folder) of what failed


def pytest_sessionstart(session):
    config = session.config
    leads = config.getoption("numprocesses", None) and \
        not hasattr(config, "workerinput")

    def stop(*_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # let the fixtures end
        if leads:  # its children are the workers of pytest-xdist
            for pid, since in processes.children(os.getpid()):
                processes.send(pid, since, signal.SIGTERM)
        raise KeyboardInterrupt
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        item.failed = True


def pytest_sessionfinish(session):
    """One of several workers tells the one who writes the summary."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput.setdefault("kept", []).extend(kept)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    kept.extend(getattr(node, "workeroutput", {}).pop("kept", []))


def pytest_terminal_summary(terminalreporter):
    for test, folder in kept:
        terminalreporter.write_line(f"logs of {test}: {folder}")


def keep_logs(test, stack):
    """Copies what explains a failure out of STACK, before it goes."""
    safe = "".join(c if c.isalnum() else "-" for c in test)[:60]
    place = tempfile.mkdtemp(prefix=f"afterclick-failed-{safe}-")
    for name in ("logs", "config"):
        if os.path.isdir(stack.path(name)):
            shutil.copytree(stack.path(name), os.path.join(place, name))
    for server in (stack.kafka, stack.postgres):
        if os.path.exists(server.process.log):
            shutil.copy(server.process.log, place)
    kept.append((test, place))


def eventually(condition, timeout=60, what="the condition never held"):
    """The first true value of CONDITION(), tried for TIMEOUT seconds (more
    under a sanitizer); the test fails otherwise."""
    try:
        return processes.eventually(condition, timeout * PATIENCE, what)
    except processes.Failure as error:
        pytest.fail(str(error), pytrace=True)


def http(url, method="GET", body=None, headers=None, timeout=60):
    """One request; any status is an Answer. OSError if nobody answers."""
    if isinstance(body, str):
        body = body.encode()
    request = urllib.request.Request(url, body, headers or {}, method=method)

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
    try:
        with opener.open(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as answer:
        with answer:
            return Answer(answer.code, answer.headers, answer.read())


def raw(url, data, timeout=10):
    """Sends the bytes DATA as they are; all that comes back until the other
    side closes or is silent for TIMEOUT seconds."""
    where = urllib.parse.urlsplit(url)
    answer = b""
    with socket.create_connection((where.hostname, where.port),
                                  timeout) as link:
        link.settimeout(timeout)
        try:  # a refusal may come, with a reset, before all is sent
            link.sendall(data)
            while more := link.recv(65536):
                answer += more
        except (TimeoutError, ConnectionResetError):
            pass
    return answer


def server_events(stack, events, batch=50):
    """Sends EVENTS on the server lane, signed; every one must be taken."""
    lane = traffic.ServerLane(stack.collector_url, stack.api_key)
    try:
        lane.send_all([{"site": stack.site, **event} for event in events],
                      batch)
    finally:
        lane.close()


def roi(stack, model, columns="conversions, net_revenue, cost",
        basis="conversion"):
    """{(source, medium, campaign): [COLUMNS]} over all days, for MODEL.
    The texts are exactly what PostgreSQL shows."""
    sums = ", ".join(f"sum({column.strip()})"
                     for column in columns.split(","))
    rows = stack.sql(
        f"SELECT source, medium, campaign, {sums} FROM campaign_roi_daily "
        f"WHERE model = '{model}' AND date_basis = '{basis}' "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
    return {tuple(row[:3]): row[3:] for row in rows}


def everything(stack):
    """Every number of the tables, for comparing one run with another."""
    skip = "day_status, revision"  # say when it was counted, not what
    columns = ", ".join(row[0] for row in stack.sql(
        "SELECT attname FROM pg_attribute WHERE attrelid = "
        "'campaign_roi_daily'::regclass AND attnum > 0 AND attname <> ALL "
        f"(string_to_array('{skip}', ', ')) ORDER BY attnum"))
    return {
        "roi": stack.sql(f"SELECT {columns} FROM campaign_roi_daily "
                         "ORDER BY site, day, date_basis, model, source, "
                         "medium, campaign"),
        "credits": stack.sql(
            "SELECT site, event_id, customer, conversion_time, goal, "
            "order_id, model, touch_no, touch_time, touch_event_id, source, "
            "medium, campaign, conversions, net_revenue FROM "
            "conversion_credits ORDER BY site, event_id, model, touch_no"),
        "check": stack.sql("SELECT * FROM roi_check"),
    }


# --- fixtures -----------------------------------------------------------------
@pytest.fixture(scope="session")
def session_dir():
    folder = tempfile.mkdtemp(prefix="afterclick-tests-")
    os.chmod(folder, 0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _server(kind, folder, **options):
    server = kind(folder)
    try:
        server.create(**options)
        server.start()
        server.wait()
        yield server
    finally:
        server.remove()
        left = processes.marked(server.folder)
        assert not left, f"{server.name} left processes behind: {left}"


@pytest.fixture(scope="session")
def kafka(session_dir):
    """The session's broker: .brokers, .port, .process."""
    yield from _server(servers.Kafka, os.path.join(session_dir, "kafka-1"))


@pytest.fixture(scope="session")
def postgres(session_dir):
    """The session's server: .psql(), .create_database(), .process."""
    yield from _server(servers.Postgres,
                       os.path.join(session_dir, "postgres-1"), fsync=False)


@pytest.fixture
def database_name(postgres):
    name = "t" + secrets.token_hex(6)
    postgres.create_database(name)
    yield name
    postgres.drop_database(name)


@pytest.fixture
def database(postgres, database_name):
    """A fresh database: its DSN, password included."""
    about = postgres.known["databases"][database_name]
    return (f"postgresql://{about['role']}:{about['password']}@127.0.0.1:"
            f"{postgres.port}/{database_name}")


@pytest.fixture
def topic():
    """A name nobody else uses; `afterclick migrate` makes the topic."""
    return "test-" + secrets.token_hex(6)


@pytest.fixture
def stack(request, session_dir):
    """
    stack(**options) gives a running river.Stack (its options: Stack.new) on
    the session's Kafka and PostgreSQL, with a topic and a database of its
    own. stack(own=True) brings its own servers, for tests that hurt them;
    stack(up=False) is only written down.
    """
    made, databases = [], []

    def make(own=False, up=True, **options):
        folder = os.path.join(session_dir, f"s{secrets.token_hex(4)}")
        if not own:
            postgres = request.getfixturevalue("postgres")
            options.setdefault("database", "t" + secrets.token_hex(6))
            options.setdefault("topic", "test-" + secrets.token_hex(6))
            options["kafka"] = request.getfixturevalue("kafka")
            options["postgres"] = postgres
            if options["database"] not in postgres.known["databases"]:
                postgres.create_database(options["database"])
                databases.append(options["database"])
        else:
            options.setdefault("postgres_fsync", False)
        it = river.Stack.new(folder, build=BUILD_DIR, **options)
        made.append(it)
        if up:
            it.up(keep=True)
        elif not own:
            it.write_config()
        return it

    yield make
    failed = getattr(request.node, "failed", False)
    for it in made:
        for process in [it.collector] + it.aggregators:
            if process.alive() and SANITIZED:
                # Only an orderly end lets the leak checker speak.
                process.stop(60)
        reports = sanitizer_reports(it)
        if failed or reports:
            keep_logs(request.node.name, it)
        it.down()
        assert not processes.marked(it.folder)
        assert not reports, "a sanitizer complained:\n" + reports
    for name in databases:
        request.getfixturevalue("postgres").drop_database(name)


def sanitizer_reports(stack):
    """What ASan, UBSan or TSan wrote into the logs of STACK."""
    found = []
    for process in [stack.collector] + stack.aggregators:
        if not os.path.exists(process.log):
            continue
        with open(process.log, encoding="utf-8", errors="replace") as file:
            text = file.read()
        for mark in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
                     "WARNING: ThreadSanitizer", ": runtime error: "):
            at = text.find(mark)
            if at >= 0:
                found.append(f"{process.name}: {text[max(0, at - 200):][:3000]}")
                break
    return "\n".join(found)
