"""docs/openapi.yaml and docs/openapi-dashboard.yaml say the truth: they are
valid, of OpenAPI 3.1, and what schemathesis makes up from them is answered by a
real collector and a real dashboard as they say.

The tools come from PyPI (openapi-requirements.txt) into a venv of the user's
cache, made by tools/install-deps test."""

import json
import os
import re
import subprocess

import pytest

from conftest import BUILD_DIR, PATIENCE, ROOT, server_events
from dashboard_shop import OPTIONS, shop
from test_collector_http import KEYS, SITES, Collector

SPEC = os.path.join(ROOT, "docs", "openapi.yaml")
DASHBOARD = os.path.join(ROOT, "docs", "openapi-dashboard.yaml")
VENV = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                    os.path.expanduser("~/.cache"), "afterclick", "openapi")
CHECKS = ("not_a_server_error,status_code_conformance,"
          "content_type_conformance,response_headers_conformance,"
          "response_schema_conformance")
ADMIN = "^/(healthz|readyz|metrics|debug/hits)$"
# The client's own host is the site's, so that most gets beyond its name.
API_SITES = SITES.replace("hosts: [shop.example]",
                          "hosts: [shop.example, 127.0.0.1]\n"
                          "    redirect_hosts: [landing.example]")


def tool(name, *arguments, folder=None, **environment):
    program = os.path.join(VENV, "bin", name)
    assert os.access(program, os.X_OK), \
        f"{program} is missing; run tools/install-deps test"
    return subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True,
        timeout=120 * PATIENCE, check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "no_proxy": "*",
             **environment})


def spec(path):
    """The valid document; read by the venv's YAML, as ours has none."""
    done = tool("openapi-spec-validator", path)
    assert done.returncode == 0, done.stdout + done.stderr
    done = tool("python", "-c", "import json, sys, yaml; "
                "json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)",
                path)
    assert done.returncode == 0, done.stderr
    about = json.loads(done.stdout)
    assert about["openapi"].startswith("3.1.")
    return about


@pytest.fixture
def collector(tmp_path):
    one = Collector(tmp_path, sites=API_SITES)
    yield one
    assert one.stop() == 0
    assert "Sanitizer" not in one.log()


def test_the_description_is_valid_and_has_every_path(tmp_path):
    about = spec(SPEC)
    (tmp_path / "sites.yaml").write_text(SITES)
    (tmp_path / "collector.yaml").write_text(
        "spool: {dir: spool}\nkafka: {bootstrap.servers: '127.0.0.1:1'}\n")
    shown = subprocess.run(
        [os.path.join(BUILD_DIR, "afterclick-collector"), "--config",
         str(tmp_path / "collector.yaml"), "--print-config"],
        capture_output=True, text=True, timeout=30, check=True).stdout
    paths = re.search(r"^paths:\n((?: .*\n|\n)+)", shown, re.M)[1]
    ours = {name: value.strip('"') for name, value in
            re.findall(r"^  (\w+): (\S+)", paths, re.M)}
    native = {"events", "pixel", "server", "script", "redirect", "opt_out",
              "crosslink", "assign"}
    assert native <= set(ours)
    for name in native:
        assert ours[name] in about["paths"], name


def run(path, url, folder, *which):
    done = tool(
        "schemathesis", "run", path, "--url", url, "--seed", "1",
        "--generation-deterministic", "--max-examples", "8",
        "--phases", "coverage,fuzzing", "--checks", CHECKS,
        "--request-timeout", str(10 * PATIENCE), "--no-color", *which,
        folder=folder, AFTERCLICK_KEY=KEYS[0],
        SCHEMATHESIS_HOOKS="openapi_hooks",
        PYTHONPATH=os.path.dirname(os.path.realpath(__file__)))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return int(re.search(r"(\d+) generated, \1 passed", done.stdout)[1])


def test_the_collector_answers_as_described(collector):
    assert run(SPEC, collector.url, collector.folder,
               "--exclude-path-regex", ADMIN) > 500
    # It has not only been refused.
    assert {"browser", "pixel", "server"} <= \
        {record["lane"] for record in collector.records()}
    assert run(SPEC, collector.admin, collector.folder,
               "--include-path-regex", ADMIN) > 20


def test_the_dashboard_answers_as_described(stack):
    river = stack(partitions=1, site_options=OPTIONS)
    shop(river, server_events)
    with open(os.path.join(ROOT, "aggregator", "dashboard", "dashboard.c"),
              encoding="utf-8") as file:
        served = set(re.findall(r'\{ "(/api/[^"]+)"', file.read()))
    assert served == set(spec(DASHBOARD)["paths"])
    before = river.metric("afterclick_dashboard_queries_total",
                          river.aggregator_urls[0])
    assert run(DASHBOARD, river.dashboard_url, river.folder, "--header",
               "Authorization: Bearer " + river.known["dashboard_token"],
               ) > 300
    # It has not only been refused.
    assert river.metric("afterclick_dashboard_queries_total",
                        river.aggregator_urls[0]) > before + 50
