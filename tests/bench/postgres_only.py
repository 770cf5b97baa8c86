"""The same hits by PostgreSQL alone: copied raw, the models in SQL."""

import os
import subprocess
import time

from measure import cpu_seconds, say
from processes import Failure
from servers import postgres_programs

HERE = os.path.dirname(os.path.realpath(__file__))
DATABASE = "postgres_only"


def records(stack, build, hits, shape):
    """The records alone, one a line, as a running program."""
    make = subprocess.Popen([os.path.join(build, "tests", "bench", "hits"),
                             str(hits), *shape, stack.site],
                            stdout=subprocess.PIPE)
    return subprocess.Popen(["cut", "-f2"], stdin=make.stdout,
                            stdout=subprocess.PIPE)


def measure(stack, build, hits, shape, touches, conversions):
    """Seconds and processor seconds; TOUCHES and CONVERSIONS are what ours
    found of the same hits."""
    server = stack.postgres
    dsn, password = server.create_database(DATABASE)
    say("the same by PostgreSQL alone")
    source = records(stack, build, hits, shape)
    lines = source.stdout.read()  # made before, as Kafka's are
    before, start = cpu_seconds(server.process.pid), time.monotonic()
    psql = [postgres_programs() + "/psql", "-X", "-q", "-v",
            "ON_ERROR_STOP=1", "-d", dsn]
    environment = dict(os.environ, PGPASSWORD=password)
    done = subprocess.run(
        [*psql, "-f", os.path.join(HERE, "postgres_only.sql")], input=lines,
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=3600, check=False)
    if done.returncode != 0:
        raise Failure("PostgreSQL alone failed: " + done.stdout.decode())
    seconds = time.monotonic() - start
    cpu = cpu_seconds(server.process.pid) - before
    found = subprocess.run(
        [*psql, "-A", "-t", "-F", " ", "-c", "SELECT (SELECT sum(touches) "
         "FROM traffic), (SELECT round(sum(conversions)) FROM daily WHERE "
         "basis = 0 AND model = 2)"], env=environment, capture_output=True,
        text=True, check=True).stdout.split()
    if [int(n) for n in found] != [touches, conversions]:
        raise Failure(f"PostgreSQL alone found {found} touches and "
                      f"conversions, we {touches} and {conversions}")
    server.drop_database(DATABASE)
    say(f"PostgreSQL alone: {hits / seconds:,.0f} hits/s, "
        f"{1e6 * cpu / hits:.2f} us a hit")
    return {"seconds": seconds, "cpu": cpu}
