"""
PostgreSQL refuses, runs full or goes back in time, and the aggregator dies
at each step of its transactions: F60, F63, F64, F65 and F72 of
docs/reliability.md.
"""

import os
import random
import re
import shutil
import subprocess

import pytest

import processes
import servers
import test_set_semantics as semantics
from proxy import StepProxy
from test_disk import MOUNTS
from test_tables import ANY, committed
from world import LEFT_OUT, LONG, dice, eventually, quick_or_long


# --- death at each step ---------------------------------------------------------
def stepwise(world, postgres, messages, steps):
    """
    The dump after MESSAGES went through an aggregator that was killed at
    each of STEPS, all the statements there were, and how often it was
    killed there: a step that does not come soon is passed over. STEPS is
    [(statement, whether after it)].
    """
    proxy = StepProxy(0, postgres.port)
    try:
        river = world(up=False)
        dsn = river.postgres.dsn(river.known["database"])
        river.known["aggregator_options"] = {
            "batch": {"records": 60, "wait": "20ms"},
            "postgres": {
                "dsn": dsn.replace(f":{postgres.port}/", f":{proxy.port}/"),
                "password": "${file:../secrets/postgres_password}"}}
        river.write_config()
        processes.write_file(river.path("config", "sites.yaml"),
                             semantics.SITES_YAML)
        river.cli("migrate")
        semantics.publish(river, messages)
        config = river.path("config", "aggregator.yaml")
        with open(config, encoding="utf-8") as file:
            text = file.read()
        lives = kills = 0

        def over():
            return river.sql(
                "SELECT coalesce(sum(next_offset), 0), (SELECT count(*) FROM "
                "dirty) FROM position") == [[str(len(messages)), "0"]]
        for step in [*steps, None]:
            # A group of its own: the dead one's session need not run out,
            # as the positions are in PostgreSQL.
            lives += 1
            processes.write_file(config, re.sub(
                r'(?m)^group: .*$', f'group: "{river.known["topic"]}.{lives}"',
                text), 0o600)
            proxy.arm(step, river.aggregators[0].kill)
            try:
                river.start_aggregator()
            except processes.Failure:
                if not proxy.fired.is_set():
                    raise
            if step is None:
                eventually(over, quick_or_long(60, 600), "it does not end")
                break
            proxy.fired.wait(4)
            river.aggregators[0].kill()
            kills += proxy.fired.is_set()
        river.aggregators[0].kill()
        return semantics.dump(river), set(proxy.seen), kills
    finally:
        proxy.close()


def test_an_aggregator_killed_at_each_step_writes_the_same_tables(
        world, postgres):
    records = semantics.Shop(60, quick_or_long(60, 200)).records
    messages = []
    for number in range(quick_or_long(3, 100)):  # resent, as other records
        messages += semantics.arrange(records, random.Random(number))
    want, seen, _ = stepwise(world, postgres, messages, [])
    every = [(step, after) for step in sorted(seen)
             for after in (False, True)]
    assert len(every) > 40, every
    dice.shuffle(every)
    steps = every * 10 if LONG else every[:12]
    got, _, kills = stepwise(world, postgres, messages, steps)
    # Some statements come once a minute, or not while Kafka has more.
    assert kills >= len(steps) / 3, f"only {kills} kills"
    assert want["daily"] and want["credits"] and want["problems"] == []
    text = semantics.differences(got, want)
    assert text == "", f"after {kills} kills:\n{text}"


# --- what PostgreSQL may answer ---------------------------------------------------
CODES = ("40001", "40P01", "55P03", "57014", "53300", "53100", "25P02",
         "25006", "08006", "57P01", "57P03", "23505", "26000", "58030")
TABLES = ("position", "touch", "conversion", "outcome", "campaign_daily",
          "traffic_daily", "hits_daily", "dirty", "identity", "dimension")


EVERY = 20


def misfortunes(river):
    """Every so often a statement or a COMMIT fails with the next of CODES,
    counted by a sequence, as no rollback takes that back."""
    text = f"""
SET search_path = afterclick;
CREATE SEQUENCE misfortunes;
CREATE FUNCTION misfortune() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n bigint := nextval('afterclick.misfortunes');
BEGIN
    IF n % {EVERY} = 0 THEN
        RAISE EXCEPTION 'a misfortune' USING ERRCODE =
            ('{{{",".join(CODES)}}}'::text[])[1 + n / {EVERY} % {len(CODES)}];
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER late_misfortune AFTER UPDATE ON position
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION misfortune();
"""
    for table in TABLES:
        text += f"""
CREATE TRIGGER misfortune AFTER INSERT OR UPDATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION misfortune();
"""
    river.sql(text)


def rounds(river):
    """How often each of CODES has come."""
    return int(river.sql("SELECT last_value FROM afterclick.misfortunes"
                         )[0][0]) // EVERY // len(CODES)


def test_no_answer_of_postgres_changes_a_number(world, load):
    river = world(up=False, aggregator_options=ANY)
    river.only_collector()
    misfortunes(river)
    river.start_aggregator()
    it = load(river, rate=400)
    times = quick_or_long(2, 50)
    eventually(lambda: rounds(river) >= times, 60 * times,
               lambda: f"only {rounds(river)} rounds")
    it.more(10)
    assert river.aggregators[0].alive(), "it has given up"
    it.end()
    for table in TABLES:
        river.sql(f"DROP TRIGGER misfortune ON afterclick.{table}")
    river.sql("DROP TRIGGER late_misfortune ON afterclick.position")
    assert river.settle_tables(it).acked > 100


# --- a database that goes back in time ----------------------------------------------
def test_a_database_restored_from_a_dump_reads_again(world, load, tmp_path):
    river = world(aggregator_options=ANY)
    it = load(river, rate=800)
    it.more(300)
    eventually(lambda: committed(river) > 200, 60)
    programs, dump = servers.postgres_programs(), str(tmp_path / "dump")
    subprocess.run([programs + "/pg_dump", "-f", dump, river.dsn],
                   check=True)
    at_dump = committed(river)
    it.more(300)
    eventually(lambda: committed(river) > at_dump + 100, 60)
    river.aggregators[0].kill()
    river.sql("DROP SCHEMA afterclick CASCADE")
    subprocess.run([programs + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1",
                    "-o", "/dev/null", "-f", dump, river.dsn], check=True)
    river.start_aggregator()
    it.more(100)
    assert river.settle_tables(it).acked > 600


@pytest.fixture
def primary(session_dir):
    """A PostgreSQL that may be lost."""
    server = servers.Postgres(os.path.join(session_dir, "primary"))
    server.create(fsync=False)
    server.start()
    server.wait()
    yield server
    server.remove()
    shutil.rmtree(server.folder)


def standby_of(primary, folder):
    """A copy of PRIMARY that follows it, asynchronously, under a port of its
    own; not started."""
    standby = servers.Postgres(folder)
    shutil.copytree(primary.folder, folder, ignore=lambda path, names:
                    [name for name in names if name in
                     ("data", "socket", "run", "logs")])
    os.chmod(folder, 0o711)
    user = servers.postgres_user()
    home = os.path.join(folder, "postgres")
    os.makedirs(home, exist_ok=True)
    socket = os.path.join(home, "socket")
    data = os.path.join(home, "data")
    standby.known = {**primary.known, "data": data, "socket": socket,
                     "port": processes.free_port(), "outside": []}
    standby._save()
    for path in (socket, home):
        os.makedirs(path, mode=0o755, exist_ok=True)
        if user is not None:
            os.chown(path, user.pw_uid, user.pw_gid)
    servers._run(
        [servers.postgres_programs() + "/pg_basebackup", "-D", data, "-R",
         "-c", "fast", "-X", "stream", "-h", "127.0.0.1", "-p",
         str(primary.port), "-U", "postgres"], "pg_basebackup", cwd="/",
        env={**os.environ, "PGPASSWORD": primary.known["password"]},
        **standby._options())
    place(standby, standby.port)
    return standby


def place(server, port):
    with open(os.path.join(server.data, "postgresql.auto.conf"), "a",
              encoding="utf-8") as file:
        file.write(f"port = {port}\nunix_socket_directories = "
                   f"'{server.socket}'\n")
    server.known["port"] = port
    server._save()


def test_a_standby_that_lacks_the_last_commits_is_brought_up_to_date(
        world, load, primary, session_dir):
    river = world(postgres=primary, aggregator_options=ANY)
    it = load(river, rate=800)
    for number in range(quick_or_long(1, 10)):
        it.more(200)
        standby = standby_of(primary, os.path.join(
            session_dir, f"standby-{number}"))
        standby.start()
        standby.wait()
        here = committed(river)
        eventually(lambda: committed(river) > here, 60)
        # It hears nothing more, while the primary goes on.
        standby.stop()
        behind = committed(river)
        it.more(200)
        eventually(lambda: committed(river) > behind + 100, 60,
                   "nothing is committed that the standby could lack")
        primary.process.kill()
        place(standby, primary.port)
        standby.start()
        # A standby still refuses to write: 25006, to be waited out.
        it.more(50)
        standby.wait()
        assert committed(river) <= behind, "the standby lacks nothing"
        standby.psql("SELECT pg_promote()")
        known = primary.known
        primary.process, primary.known = standby.process, standby.known
        it.more(100)
        assert river.aggregators[0].alive()
        shutil.rmtree(os.path.dirname(known["data"]))
    assert river.settle_tables(it).acked > 400


# --- a full disk ----------------------------------------------------------------------
if not MOUNTS:
    LEFT_OUT.append("the test of PostgreSQL's full disk: no right to mount "
                    "a tmpfs")
else:
    @pytest.fixture
    def small_disk(postgres):
        """A tablespace of 64 MB: (name, folder)."""
        name = f"small_{os.getpid()}"
        folder = f"/tmp/afterclick-{name}"
        os.makedirs(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=755",
                        "none", folder], check=True)
        place = os.path.join(folder, "postgres")
        os.makedirs(place, mode=0o700)
        user = servers.postgres_user()
        if user is not None:
            os.chown(place, user.pw_uid, user.pw_gid)
        postgres.psql(f"CREATE TABLESPACE {name} LOCATION '{place}'")
        yield name, folder
        postgres.psql(f"DROP TABLESPACE {name}")
        subprocess.run(["umount", folder], check=True)
        os.rmdir(folder)

    def test_a_full_disk_of_postgres_is_waited_out(
            world, load, postgres, small_disk):
        name, folder = small_disk
        river = world(up=False, aggregator_options=ANY)
        database = river.known["database"]
        postgres.psql(f"ALTER DATABASE {database} SET TABLESPACE {name}")
        river.up(keep=True)
        try:
            it = load(river, rate=800)
            for _ in range(quick_or_long(1, 10)):
                it.more(200)
                with open(os.path.join(folder, "filler"), "wb") as file:
                    try:
                        while True:
                            file.write(bytes(65536))
                            file.flush()
                    except OSError:
                        pass
                known = river.aggregators[0].output().count("53100")
                eventually(lambda: river.aggregators[0].output().count(
                    "53100") > known, 60, "the disk is not full")
                it.more(500)
                assert river.aggregators[0].alive()
                os.unlink(os.path.join(folder, "filler"))
                stands = committed(river)  # it could not be asked before
                eventually(lambda: committed(river) > stands, 60,
                           "it does not go on")
            assert river.settle_tables(it).acked > 600
        finally:
            river.aggregators[0].kill()
            postgres.psql(f"ALTER DATABASE {database} SET TABLESPACE "
                          "pg_default")
