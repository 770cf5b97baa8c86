"""
Fixtures of the tests of deploy/docker-compose.yml on a real engine. Where none
can run the tests are skipped, and the last lines say so and why.
"""

import os
import signal
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
for part in ("deploy/native", "tests/faults", "tests/compose"):
    sys.path.insert(0, os.path.join(ROOT, part))

import engine as engines  # noqa: E402
from project import TOOLS, Project  # noqa: E402
from world import Load  # noqa: E402

told = []  # lines for the end: figures, and what was not run


def tell(text):
    told.append(text)


def pytest_sessionstart(session):
    def stop(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        item.session.afterclick_failed = True


def pytest_terminal_summary(terminalreporter):
    for line in told:
        terminalreporter.write_line("compose: " + line)


@pytest.fixture(scope="session")
def engine():
    try:
        it = engines.Engine(lambda text: print("compose: " + text,
                                               file=sys.stderr, flush=True))
    except engines.Unavailable as error:
        tell(f"NOT RUN, nothing was proved: {error}")
        pytest.skip(f"no engine: {error}")
    try:
        if not it.has(TOOLS):
            it.need(engines.BASE)
            it.build(TOOLS, os.path.join(HERE, "bases", "tools"))
        it.need(engines.BASE)
        yield it
    finally:
        for image in it.standins:
            tell(f"{image} could not be pulled: a stand-in, see "
                 "tests/compose/bases")
        it.close()


@pytest.fixture(scope="session")
def places(engine, tmp_path_factory):
    """places(**Project's) makes a composition that is gone at the end."""
    made = []

    def make(missing=(), **options):
        it = Project(engine, str(tmp_path_factory.mktemp("compose")),
                     **options)
        for service, image in it.images().items():
            if service not in missing:
                engine.need(image)
        made.append(it)
        return it
    yield make
    for it in made:
        it.remove()


@pytest.fixture(scope="module")
def loads(request, tmp_path_factory):
    """The generators of a module, whose ledgers add up; loads.start(...)."""
    class Loads(list):
        def start(self, where, **options):
            self.append(Load(where, tmp_path_factory.getbasetemp(),
                             **options))
            return self[-1]
    it = Loads()
    yield it
    for one in it:
        one.kill()
