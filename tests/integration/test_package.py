"""
What operators install: `make install`, the Debian package, the units. The
package on a bare Debian 12 is `make deb-test`: it takes a minute and a mirror.
"""

import glob
import os
import re
import socket
import subprocess

import pytest
from conftest import BUILD_DIR, ROOT


def run(*argv, **options):
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True,
                          timeout=300, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make(*argv):
    env = {key: value for key, value in os.environ.items()
           if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return run("make", "--no-print-directory", "-s",
               "B=" + os.path.relpath(BUILD_DIR, ROOT), *argv, env=env)


@pytest.fixture(scope="module")
def package():
    make("deb")
    [path] = glob.glob(os.path.join(BUILD_DIR, "deb", "afterclick_*.deb"))
    return path


def test_the_package_has_programs_units_and_configuration(package):
    listing = run("dpkg-deb", "--contents", package)
    for path in ("usr/bin/afterclick", "usr/sbin/afterclick-collector",
                 "usr/sbin/afterclick-aggregator",
                 "usr/lib/systemd/system/afterclick-collector.service",
                 "usr/lib/systemd/system/afterclick-aggregator.service",
                 "usr/lib/sysusers.d/afterclick.conf",
                 "etc/afterclick/collector.yaml",
                 "etc/afterclick/sites.yaml",
                 "usr/share/doc/afterclick/copyright"):
        assert re.search(rf" \./{re.escape(path)}$", listing, re.M), path
    owners = {line.split()[1] for line in listing.splitlines()}
    assert owners == {"root/root"}


def test_the_package_asks_for_the_libraries_it_is_linked_with(package):
    depends = run("dpkg-deb", "--field", package, "Depends")
    for name in ("libevent-core-2.1-7", "librdkafka1", "libpq5", "libyaml-0-2",
                 "libssl3", "libcurl4", "tzdata"):
        assert name in depends
    conffiles = run("dpkg-deb", "--info", package, "conffiles").split()
    assert sorted(os.path.basename(path) for path in conffiles) == sorted(
        os.path.basename(path) for path in
        glob.glob(os.path.join(ROOT, "config", "*.yaml")))


def test_install_and_uninstall_leave_nothing(tmp_path):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/opt/ac")
    unit = tmp_path / "opt/ac/lib/systemd/system/afterclick-collector.service"
    assert "ExecStart=/opt/ac/sbin/afterclick-collector" in unit.read_text()
    make("uninstall", f"DESTDIR={tmp_path}", "PREFIX=/opt/ac")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["collector", "aggregator"])
def test_a_unit_is_right_and_exposes_little(name, tmp_path):
    unit = os.path.join(ROOT, f"deploy/systemd/afterclick-{name}.service")
    with open(unit, encoding="utf-8") as file:
        text = file.read()
    # verify wants the program to be there.
    copy = tmp_path / os.path.basename(unit)
    copy.write_text(text.replace("/usr/sbin/", BUILD_DIR + "/"))
    said = subprocess.run(["systemd-analyze", "verify", "--man=no",
                           "--recursive-errors=no", str(copy)],
                          capture_output=True, text=True, timeout=60,
                          check=False)
    assert said.returncode == 0 and copy.name not in said.stderr, said.stderr
    said = run("systemd-analyze", "security", "--offline=true",
               "--no-pager", str(copy))
    level = float(re.search(r"Overall exposure level[^:]*: ([\d.]+)",
                            said).group(1))
    assert level <= 2.0, said


def test_systemd_hears_that_a_collector_lives_and_when_it_stops(tmp_path):
    """Without Kafka: that is no reason to be restarted."""
    (tmp_path / "collector.yaml").write_text(
        "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\n"
        f"spool: {{dir: {tmp_path}/spool, max_bytes: 16MiB, "
        "segment_bytes: 1MiB}\n"
        "kafka: {bootstrap.servers: '127.0.0.1:1'}\ndrain_timeout: 100ms\n"
        f"sites_file: {ROOT}/config/sites.yaml\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
        ears.bind(str(tmp_path / "notify"))
        ears.settimeout(30)
        it = subprocess.Popen(
            [os.path.join(BUILD_DIR, "afterclick-collector"), "--config",
             str(tmp_path / "collector.yaml")],
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"),
                 "WATCHDOG_USEC": "400000"},
            stdout=subprocess.DEVNULL)
        try:
            assert ears.recv(100) == b"READY=1"
            assert [ears.recv(100) for _ in range(4)] == [b"WATCHDOG=1"] * 4
            it.terminate()
            while (last := ears.recv(100)) == b"WATCHDOG=1":
                pass
            assert last == b"STOPPING=1"
            assert it.wait(60) == 0
        finally:
            it.kill()
            it.wait()


def test_a_build_folder_has_one_name_however_it_is_given():
    """Else objects of one name would not know the headers of the other."""
    names = {subprocess.run(
        ["make", "-s", "--eval", "say: ; @echo $(B)", "say", "B=" + given],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for given in ("build", "./build/", os.path.join(ROOT, "build"))}
    assert names == {"build\n"}
