"""afterclick init: a configuration that both programs take at once. That the
river runs with it, docs/quickstart.md shows in test_docs.py."""

import os
import pty
import re
import stat
import subprocess

import pytest

from conftest import BUILD_DIR, PATIENCE

AFTERCLICK = os.path.join(BUILD_DIR, "afterclick")
SECRETS = ("api_key", "cookie_key", "dashboard_token", "postgres_password",
           "redirect_key")


def init(folder, *options, code=0, **more):
    done = subprocess.run(
        [AFTERCLICK, "init", *options], cwd=folder, text=True,
        capture_output=True, timeout=30 * PATIENCE, check=False,
        stdin=subprocess.DEVNULL, **more)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def read(folder, name):
    return (folder / "afterclick" / name).read_text()


def taken(folder):
    """Both programs take what is in FOLDER, and nothing of it is unknown."""
    for name in ("collector", "aggregator"):
        done = subprocess.run(
            [os.path.join(BUILD_DIR, "afterclick-" + name), "--config",
             folder / f"{name}.yaml", "--check-config"], text=True,
            capture_output=True, timeout=30 * PATIENCE, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_options_make_a_configuration_that_both_programs_take(tmp_path):
    said = init(tmp_path, "--domain", "www.tea.example.org", "--site", "tea",
                "--time-zone", "Europe/Rome", "--currency", "GBP", "--kafka",
                "a:1,b:2", "--postgres", "host=db dbname=x user=y",
                "--spool", "/srv/spool")
    taken(tmp_path / "afterclick")
    assert '<script async src="https://stats.tea.example.org/t.js" ' \
        'data-site="tea"></script>' in said
    sites = read(tmp_path, "sites.yaml")
    for line in ("- id: tea", "timezone: Europe/Rome", "currency: GBP",
                 "hosts: [tea.example.org, www.tea.example.org, "
                 "stats.tea.example.org]",
                 'cookie_domain: "tea.example.org"'):
        assert line in sites
    for name in ("collector.yaml", "aggregator.yaml"):
        assert 'bootstrap.servers: "a:1,b:2"' in read(tmp_path, name)
    assert 'dsn: "host=db dbname=x user=y"' in read(tmp_path,
                                                    "aggregator.yaml")
    assert "AFTERCLICK_SPOOL:-/srv/spool}" in read(tmp_path, "collector.yaml")


def test_secrets_are_new_for_their_owner_alone_and_not_shown(tmp_path):
    (tmp_path / "other").mkdir()
    old = os.umask(0)
    try:
        said = init(tmp_path, "--domain", "localhost")
        init(tmp_path / "other", "--domain", "localhost")
    finally:
        os.umask(old)
    taken(tmp_path / "afterclick")
    folder = tmp_path / "afterclick" / "secrets"
    assert sorted(os.listdir(folder)) == sorted(SECRETS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    seen = set()
    for name in SECRETS:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        for place in (folder, tmp_path / "other" / "afterclick" / "secrets"):
            text = (place / name).read_text().strip()
            if name != "postgres_password":
                assert re.fullmatch("[0-9a-f]{64}", text)
                assert text not in said and text not in seen
                seen.add(text)


def test_nothing_is_overwritten_unless_asked_and_secrets_never(tmp_path):
    init(tmp_path, "--domain", "a.example")
    before = {name: read(tmp_path, name) for name in
              ("sites.yaml", "collector.yaml", "secrets/api_key",
               "secrets/cookie_key")}
    (tmp_path / "afterclick" / "aggregator.yaml").unlink()
    said = init(tmp_path, "--domain", "b.example", code=1)
    assert "collector.yaml is there already" in said and "--force" in said
    assert {name: read(tmp_path, name) for name in before} == before
    assert not (tmp_path / "afterclick" / "aggregator.yaml").exists()
    init(tmp_path, "--domain", "b.example", "--force")
    taken(tmp_path / "afterclick")
    assert "b.example" in read(tmp_path, "sites.yaml")
    for name in ("secrets/api_key", "secrets/cookie_key"):
        assert read(tmp_path, name) == before[name]
    assert sorted(os.listdir(tmp_path / "afterclick")) == [
        "aggregator.yaml", "channels.yaml", "collector.yaml", "secrets",
        "sites.yaml"]


@pytest.mark.parametrize("options, said", [
    ([], "needs --domain"),
    (["--domain", "https://a.example"], "is no domain"),
    (["--domain", "10.1.2.3"], "is no domain"),
    (["--domain", "a.example", "--site", "a: b"], "--site a: b"),
    (["--domain", "a.example", "--currency", "eur"], "upper-case"),
    (["--domain", "a.example", "--time-zone", "Europe/Rom"], "Europe/Rom"),
    (["--domain", "a.example", "--collector", "a_b"], "is no host"),
    (["--domain", "a.example", "--postgres", 'a" b'], "edit it afterwards"),
])
def test_a_wrong_value_is_told_and_nothing_is_written(tmp_path, options, said):
    assert said in init(tmp_path, *options, code=2)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "afterclick").write_text("a file")
    assert "afterclick: Not a directory" in init(
        tmp_path, "--domain", "a.example", code=1)


def test_on_a_terminal_it_asks_for_what_is_missing(tmp_path):
    main, side = pty.openpty()
    process = subprocess.Popen(
        [AFTERCLICK, "init", "--site", "tea"], cwd=tmp_path, stdin=side,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TZ": "Asia/Tokyo"})
    os.close(side)
    try:
        for answer in ("tea.example", "", "JPY"):
            os.write(main, answer.encode() + b"\n")
        out, asked = process.communicate(timeout=30 * PATIENCE)
    finally:
        process.kill()
        os.close(main)
    assert process.returncode == 0, asked
    assert re.findall(r"\[.*?\]", asked) == ["[Asia/Tokyo]", "[EUR]"]
    assert "site tea, for both: its days are in Asia/Tokyo, its reports in " \
        "JPY" in out
    taken(tmp_path / "afterclick")
