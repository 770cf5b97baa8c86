"""
Fixtures of the fault tests: those of tests/integration, a broker with a
second door, and worlds, which are stacks that expect to be hurt.
"""

import importlib.util
import os
import secrets
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
_spec = importlib.util.spec_from_file_location(
    "integration_conftest", os.path.join(
        os.path.dirname(HERE), "integration", "conftest.py"))
integration = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(integration)
sys.path.insert(0, HERE)
# Data sets and oracles of the integration tests are used here too.
sys.path.append(os.path.dirname(integration.__file__))
ROOT, eventually = integration.ROOT, integration.eventually
BUILD_DIR, PATIENCE = integration.BUILD_DIR, integration.PATIENCE
http, raw = integration.http, integration.raw

from proxy import Proxy  # noqa: E402
from world import (LEFT_OUT, LONG, SEED, Load,  # noqa: E402
                   TwoDoorKafka, World, dice, shared_library)

pytest_sessionstart = integration.pytest_sessionstart
pytest_runtest_makereport = integration.pytest_runtest_makereport
session_dir = integration.session_dir
postgres = integration.postgres


def pytest_sessionfinish(session):
    integration.pytest_sessionfinish(session)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = LEFT_OUT


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    integration.pytest_testnodedown(node, error)
    LEFT_OUT[:] = dict.fromkeys(
        LEFT_OUT + getattr(node, "workeroutput", {}).get("left_out", []))


def pytest_terminal_summary(terminalreporter):
    integration.pytest_terminal_summary(terminalreporter)
    terminalreporter.write_line(
        f"faults: {'long' if LONG else 'quick'} form, SEED={SEED}")
    for what in LEFT_OUT:
        terminalreporter.write_line("LEFT OUT: " + what)


@pytest.fixture(scope="session")
def kafka(session_dir):
    """The session's broker; see TwoDoorKafka."""
    yield from integration._server(TwoDoorKafka,
                                   os.path.join(session_dir, "kafka-1"))


@pytest.fixture(autouse=True)
def seed(request):
    """The same dice for a test, whichever others ran before it."""
    dice.seed(f"{SEED} {request.node.nodeid}")


@pytest.fixture
def proxy(kafka):
    """Before the broker's second door."""
    it = Proxy(kafka.proxy_port, kafka.inner_port)
    yield it
    it.close()


@pytest.fixture(scope="session")
def build_dir():
    return integration.BUILD_DIR


@pytest.fixture(scope="session")
def library(session_dir):
    return shared_library(session_dir, "lossy", "lossy.c", "lossy_names.c")


@pytest.fixture
def world(request, session_dir, kafka, postgres):
    """
    world(**options) is a World on the session's servers, with a topic and a
    database of its own; world(up=False) is only written down; world(postgres=
    SERVER) stands on another one. Whatever a test did to the session's
    servers, the next one finds them well.
    """
    made, databases = [], []
    for server in (kafka, postgres):
        if not server.process.alive():
            server.start()
        server.wait()

    def make(up=True, build=integration.BUILD_DIR, **options):
        name = "f" + secrets.token_hex(6)
        options = {"workers": 2, "kafka": kafka, "postgres": postgres,
                   "database": name, "topic": "faults-" + name, **options}
        options["postgres"].create_database(name)
        if options["postgres"] is postgres:
            databases.append(name)
        it = World.new(os.path.join(session_dir, name), build=build,
                       **options)
        made.append(it)
        if up:
            it.up(keep=True)
        else:
            it.write_config()
        return it

    yield make
    failed = getattr(request.node, "failed", False)
    reports = ""
    for it in made:
        for process in [it.collector] + it.aggregators:
            if process.alive() and integration.SANITIZED:
                process.stop(60)
        reports += integration.sanitizer_reports(it)
        if failed or reports:
            integration.keep_logs(request.node.name, it)
        it.down()
    for server in (kafka, postgres):
        if not server.process.alive():
            server.start()
        server.process.send(18)
        server.wait()
    for name in databases:
        postgres.drop_database(name)
    assert not reports, "a sanitizer complained:\n" + reports


@pytest.fixture
def load(tmp_path):
    """load(world, rate=..., ...) starts a generator."""
    made = []

    def start(world, **options):
        it = Load(world, tmp_path, **options)
        made.append(it)
        return it
    yield start
    for it in made:
        it.kill()
