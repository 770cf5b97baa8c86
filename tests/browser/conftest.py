"""
The fixtures of tests/integration, and a browser: Debian's Chromium, driven
by playwright-core (`npm ci` in this folder).
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
_SHARED = os.path.join(ROOT, "tests", "integration", "conftest.py")

# By path, under a name of its own: this file is called conftest as well.
if "integration_fixtures" not in sys.modules:
    _spec = importlib.util.spec_from_file_location(
        "integration_fixtures", _SHARED)
    _module = importlib.util.module_from_spec(_spec)
    sys.modules["integration_fixtures"] = _module
    _spec.loader.exec_module(_module)
from integration_fixtures import *  # noqa: E402,F401,F403

from processes import free_port  # noqa: E402


@pytest.fixture
def ports():
    """The shop's and the front's, known before any of them runs."""
    return free_port(), free_port()


@pytest.fixture
def visit(ports, tmp_path):
    """visit(steps, collector=URL) runs the browser through STEPS and gives
    what visit.mjs has seen. A fresh profile each test."""
    def run(steps, collector=None, timeout=120, pages=None):
        about = {"collector": collector, "pages": pages,
                 "shopPort": ports[0],
                 "frontPort": ports[1], "profile": str(tmp_path / "profile"),
                 "chromium": shutil.which("chromium"), "steps": steps}
        assert about["chromium"], "chromium is not installed"
        done = subprocess.run(
            ["node", os.path.join(HERE, "visit.mjs")],
            input=json.dumps(about), capture_output=True, text=True,
            timeout=timeout, cwd=HERE)
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)
        assert seen["errors"] == []
        return seen
    return run
