"""common/postgres against a real server: runs the C tests with a database."""

import os
import subprocess
import urllib.parse

import pytest
from conftest import BUILD_DIR


@pytest.mark.parametrize("name", ["test_postgres", "test_postgres_values"])
def test_common_postgres_keeps_its_promises(database, name):
    url = urllib.parse.urlsplit(database)
    dsn = (f"host={url.hostname} port={url.port} user={url.username} "
           f"password={urllib.parse.unquote(url.password)} "
           f"dbname={url.path[1:]}")
    program = os.path.join(BUILD_DIR, "tests/integration/c", name)
    run = subprocess.run([program], env={**os.environ,
                                         "AFTERCLICK_TEST_DSN": dsn},
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
