"""deploy/native: the servers everything else is tested on."""

import json
import os
import signal
import subprocess
import sys

import pytest

import processes
import servers
from conftest import BUILD_DIR, ROOT, eventually

STACK = os.path.join(ROOT, "deploy", "native", "stack")


def kcat(brokers, *arguments, data=None):
    return subprocess.run(
        ["kcat", "-q", "-b", brokers, *arguments], input=data, text=True,
        capture_output=True, timeout=60, check=True).stdout


def psql(dsn, sql):
    return subprocess.run(["psql", "-X", "-At", "-c", sql, dsn], text=True,
                          capture_output=True, timeout=30, check=False)


def test_a_fresh_database_belongs_to_its_role_alone(database, postgres):
    done = psql(database, "CREATE SCHEMA afterclick; SELECT current_user, "
                "current_schemas(false), "
                "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)")
    assert done.returncode == 0, done.stderr
    user, schemas, superuser = done.stdout.splitlines()[-1].split("|")
    assert superuser == "f" and user in database
    assert schemas == "{afterclick,public}"


def test_the_wrong_password_is_refused(database):
    role = database.split("//")[1].split(":")[0]
    wrong = database.replace(database.split("@")[0],
                             f"postgresql://{role}:wrong")
    done = psql(wrong, "SELECT 1")
    assert done.returncode != 0
    assert "password authentication failed" in done.stderr


def test_the_server_does_not_run_as_root(postgres):
    status = f"/proc/{postgres.process.pid}/status"
    with open(status, encoding="ascii") as file:
        uid = [line for line in file if line.startswith("Uid:")][0].split()[1]
    assert uid != "0"


def test_secrets_are_readable_by_their_owner_alone(postgres):
    assert os.stat(postgres.about).st_mode & 0o077 == 0
    assert os.stat(postgres.data).st_mode & 0o077 == 0


def test_two_brokers_and_clusters_live_side_by_side(kafka, postgres,
                                                    session_dir):
    other = servers.Kafka(os.path.join(session_dir, "other"))
    cluster = servers.Postgres(os.path.join(session_dir, "other"))
    try:
        other.create()
        other.start()
        cluster.create(fsync=False)
        cluster.start()
        cluster.wait()
        other.wait()
        assert len({kafka.port, other.port, postgres.port, cluster.port}) == 4
        assert cluster.psql("SELECT 1").strip() == "1"
        assert json.loads(kcat(other.brokers, "-L", "-J"))["brokers"]
        assert kafka.ready() and postgres.ready()
    finally:
        other.remove()
        cluster.remove()
    assert not processes.marked(other.folder)


def test_what_was_written_outlives_kill_9(session_dir):
    folder = os.path.join(session_dir, "killed")
    broker, cluster = servers.Kafka(folder), servers.Postgres(folder)
    try:
        broker.create()
        with open(broker.properties, "a", encoding="utf-8") as file:
            file.write("auto.create.topics.enable=true\n")
        broker.start()
        cluster.create()
        cluster.start()
        cluster.wait()
        broker.wait()
        ports = broker.port, cluster.port
        cluster.psql("CREATE TABLE t AS SELECT 42 AS answer")
        kcat(broker.brokers, "-P", "-t", "t", data="one\ntwo\n")
        broker.process.kill()
        cluster.process.kill()
        assert not broker.ready() and not broker.process.alive()
        broker.start()
        cluster.start()
        cluster.wait()
        broker.wait()
        assert ports == (broker.port, cluster.port)
        assert cluster.psql("TABLE t").strip() == "42"
        assert eventually(
            lambda: read_topic(broker, "t") == ["one", "two"], 60,
            "the records are gone")
    finally:
        broker.remove()
        cluster.remove()


def read_topic(broker, name):
    try:
        return kcat(broker.brokers, "-C", "-t", name, "-o", "beginning",
                    "-e").split()
    except subprocess.SubprocessError:
        return None


def test_no_two_processes_are_given_the_same_port():
    """Though nobody listens yet on any of them."""
    low = processes.free_port()
    program = (f"import processes\nprocesses.port_range = lambda: ({low}, "
               f"{low + 40})\nfor _ in range(8):\n    print(processes."
               "free_port(), flush=True)\ninput()")
    others = [subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, cwd=os.path.dirname(STACK))
        for _ in range(3)]
    try:
        given = [other.stdout.readline() for _ in range(8)
                 for other in others]
        assert len(set(given)) == 3 * 8 and "" not in given
        assert f"{low}\n" not in given
    finally:
        for other in others:
            other.communicate("\n", timeout=30)


def test_a_process_that_took_over_the_id_is_never_killed(session_dir):
    process = processes.Process(os.path.join(session_dir, "reused"), "it")
    process.start(["sleep", "60"])
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid = process.pid
        process.kill()
        with open(process.record, encoding="utf-8") as file:
            known = json.load(file)
        assert known["pid"] == pid
        known["pid"] = stranger.pid  # the kernel gave the id to another
        known["began"] = "1"
        with open(process.record, "w", encoding="utf-8") as file:
            json.dump(known, file)
        assert not process.alive()
        process.stop(1)
        process.kill()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_that_fails_shows_the_last_log_lines(session_dir):
    process = processes.Process(os.path.join(session_dir, "fails"), "it")
    process.start(["sh", "-c", "echo the reason; exit 3"])
    with pytest.raises(processes.Failure, match="the reason"):
        process.wait_for(lambda: False, 10, "does not come up")


@pytest.mark.parametrize("arguments, code, text", [
    (["down", "--dir", "/nonexistent/stack"], 1, "holds no stack"),
    (["up", "--dir", "/proc/self"], 1, "is not empty and holds no stack"),
    (["up", "--dir", "/nonexistent/s", "--site-option", "x"], 2, "KEY=VALUE"),
    (["sideways"], 2, "invalid choice"),
])
def test_wrong_use_of_stack_is_said_and_has_an_exit_code(arguments, code,
                                                         text):
    done = subprocess.run([STACK, *arguments], text=True, timeout=30,
                          capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr


# --- the command, with the real programs on top --------------------------------
def stack_command(*arguments, timeout=120):
    return subprocess.run([STACK, *arguments], text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          check=False)


def shell_env(folder):
    """What a shell sees after sourcing the stack's env file."""
    text = subprocess.run(
        ["env", "-i", "sh", "-c", 'set -a; . "$0"; env -0', folder + "/env"],
        text=True, capture_output=True, check=True).stdout
    return dict(pair.split("=", 1) for pair in text.split("\0") if pair)


def test_a_restart_keeps_the_addresses_and_the_env_file_current(session_dir):
    folder = os.path.join(session_dir, "commands")
    up = stack_command("up", "--dir", folder, "--build-dir", BUILD_DIR,
                       "--aggregators", "2", "--pg-fsync", "off",
                       "--site-option", "timezone=Europe/Rome")
    try:
        assert up.returncode == 0, up.stderr
        before = shell_env(folder)
        assert len(before["AGGREGATOR_PIDS"].split()) == 2
        assert psql(before["PG_DSN"], "SELECT count(*) FROM "
                    "campaign_roi_daily").stdout.strip() == "0"
        for part, kill in (("collector", True), ("aggregator", False),
                           ("postgres", True), ("kafka", True)):
            done = stack_command("restart", part, "--dir", folder,
                                 *(["--kill"] if kill else []))
            assert done.returncode == 0, done.stderr
        after = shell_env(folder)
        changed = {key for key in before if before[key] != after[key]}
        assert changed == {"COLLECTOR_PID", "AGGREGATOR_PIDS", "KAFKA_PID",
                           "PG_PID"}
        with open(f"/proc/{after['COLLECTOR_PID']}/cmdline",
                  encoding="utf-8") as file:
            assert "afterclick-collector" in file.read()
        done = stack_command("wait", "--dir", folder, "--timeout", "60")
        assert done.returncode == 0, done.stderr
        eventually(lambda: stack_command("status", "--dir", folder)
                   .returncode == 0, 60, "not everything is ready again")
        assert stack_command("kill", "collector", "--dir",
                             folder).returncode == 0
        assert stack_command("status", "--dir", folder).returncode == 1
        assert shell_env(folder)["COLLECTOR_PID"] == ""
    finally:
        assert stack_command("down", "--dir", folder).returncode == 0
    assert not os.path.exists(folder)
    assert not processes.marked(folder)


def test_ctrl_c_while_it_starts_leaves_nothing(session_dir):
    folder = os.path.join(session_dir, "interrupted")
    # What a shell runs in the background begins with SIGINT ignored.
    command = subprocess.Popen(
        [STACK, "up", "--dir", folder, "--build-dir", BUILD_DIR],
        stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    try:
        eventually(lambda: processes.marked(folder) or
                   command.poll() is not None, 60, "nothing starts")
    finally:
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=60)
    assert command.returncode == 130, said
    assert not os.path.exists(folder)
    assert not processes.marked(folder)


def test_the_demo_finds_nothing_lost_and_leaves_nothing(session_dir):
    folder = os.path.join(session_dir, "demo")
    os.mkdir(folder, 0o755)
    done = subprocess.run(
        [os.path.join(ROOT, "deploy", "native", "demo"), "--exit",
         "--build-dir", BUILD_DIR], text=True, capture_output=True,
        timeout=120, stdin=subprocess.DEVNULL, check=False,
        env=dict(os.environ, TMPDIR=folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "checked: " in done.stdout
    assert "google / cpc / spring_sale" in done.stdout
    assert os.listdir(folder) == []
    left = subprocess.run(["pgrep", "-f", folder], text=True,
                          capture_output=True, check=False).stdout
    assert left == ""
