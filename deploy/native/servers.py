"""A real Kafka and a real PostgreSQL in a folder, without Docker.

Both listen on loopback ports that stay the same for the life of the folder,
so a client finds them again after a restart.
"""

import base64
import fcntl
import glob
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import xml.etree.ElementTree

from processes import Failure, Process, free_port, write_file

HERE = os.path.dirname(os.path.realpath(__file__))
POM = os.path.join(HERE, "kafka", "pom.xml")
SOCKET_PATH_MAX = 107  # bytes of sockaddr_un.sun_path, less the NUL


def _run(argv, what, **options):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              start_new_session=True, **options)
    except OSError as error:
        raise Failure(f"{what}: cannot run {argv[0]}: {error.strerror}"
                      ) from error
    if done.returncode != 0:
        raise Failure(f"{what} failed:\n{done.stdout.strip()[-2000:]}")
    return done.stdout


# --- Kafka ----------------------------------------------------------------
def kafka_version():
    tree = xml.etree.ElementTree.parse(POM)
    space = {"m": "http://maven.apache.org/POM/4.0.0"}
    return tree.findtext("m:properties/m:kafka.version", None, space)


def kafka_jars(say=lambda text: None):
    """The folder with the broker's jars; fetched by Maven the first time,
    by one process at a time, and never seen half filled."""
    cache = os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
        "afterclick")
    folder = os.path.join(cache, "kafka-" + kafka_version())
    if os.path.isdir(folder):
        return folder
    os.makedirs(cache, exist_ok=True)
    with open(folder + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.isdir(folder):
            return folder
        say(f"fetching Kafka {kafka_version()} (once, about 45 MB)")
        with tempfile.TemporaryDirectory(dir=cache) as work:
            jars = os.path.join(work, "jars")
            _run(["mvn", "-B", "-q", "-f", POM, "dependency:copy-dependencies",
                  "-DincludeScope=runtime", "-DoutputDirectory=" + jars],
                 "fetching Kafka with Maven", stdin=subprocess.DEVNULL)
            if not glob.glob(os.path.join(jars, "kafka-server-[0-9]*.jar")):
                raise Failure("Maven brought no kafka-server jar")
            os.rename(jars, folder)
    return folder


def cluster_id():
    return base64.urlsafe_b64encode(
        secrets.token_bytes(16)).decode().rstrip("=")


class Kafka:
    """One broker that is its own controller (KRaft)."""

    name = "kafka"

    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        self.process = Process(self.folder, self.name)
        self.home = os.path.join(self.folder, "kafka")
        self.properties = os.path.join(self.home, "server.properties")

    @property
    def port(self):
        with open(self.properties, encoding="utf-8") as file:
            return int(re.search(r"^advertised\.listeners=.*:(\d+)$",
                                 file.read(), re.M).group(1))

    @property
    def brokers(self):
        return f"127.0.0.1:{self.port}"

    def _java(self):
        java = os.environ.get("JAVA_HOME")
        java = os.path.join(java, "bin", "java") if java else "java"
        # A broker that starts fast and stays small, not a fast broker.
        return [java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-Xshare:auto", "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]

    def create(self, say=lambda text: None, node=1, controllers=None,
               cluster=None):
        """Alone; or as number NODE of those whose ports CONTROLLERS names,
        in the order of their numbers, and that share the id CLUSTER."""
        jars = kafka_jars(say)
        os.makedirs(self.home, exist_ok=True)
        controllers = controllers or [free_port()]
        port, controller = free_port(), controllers[node - 1]
        voters = ",".join(f"{number}@127.0.0.1:{at}" for number, at in
                          enumerate(controllers, 1))
        write_file(os.path.join(self.home, "jars"), jars)
        write_file(self.properties, f"""\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={self.home}/data
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=30
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=2097152
""")
        cluster = cluster or cluster_id()
        _run(self._java() + ["-Xmx128m", "-cp", jars + "/*",
                             "kafka.tools.StorageTool", "format",
                             # With "=": the id may begin with a dash.
                             "--cluster-id=" + cluster, "-c",
                             self.properties], "formatting Kafka's storage",
             stdin=subprocess.DEVNULL)

    def start(self):
        with open(os.path.join(self.home, "jars"), encoding="utf-8") as file:
            jars = file.read()
        self.process.start(
            self._java() + ["-Xms64m", "-Xmx512m",
                            "-XX:ErrorFile=" + self.home + "/hs_err.log",
                            "-cp", jars + "/*",
                            "kafka.Kafka", self.properties],
            cwd=self.home)

    def ready(self):
        """True when the broker answers a Metadata request with itself in
        it: unlike an open port, that means its registration is through."""
        return _metadata_brokers(self.port) > 0

    def wait(self, timeout=60):
        self.process.wait_for(self.ready, timeout, "Kafka does not answer")

    def stop(self, timeout=20):
        return self.process.stop(timeout)

    def remove(self):
        """Nothing here is worth an orderly end: the folder goes."""
        self.process.kill()


def _metadata_brokers(port):
    """How many brokers the one at PORT knows; 0 when it does not answer.
    Metadata v1 for no topics, spoken by hand: no client needs a start."""
    import socket
    import struct
    body = struct.pack(">hhi", 3, 1, 1) + struct.pack(">h", 2) + b"up" + \
        struct.pack(">i", 0)
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as link:
            link.settimeout(2)
            link.sendall(struct.pack(">i", len(body)) + body)
            answer = b""
            while len(answer) < 12:
                more = link.recv(4096)
                if not more:
                    return 0
                answer += more
            return struct.unpack(">i", answer[8:12])[0]
    except (OSError, struct.error):
        return 0


# --- PostgreSQL -----------------------------------------------------------
def postgres_programs():
    """The folder of the newest server's programs."""
    def version(path):
        return [int(part) for part in path.split("/")[4].split(".")]
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"),
                   key=lambda path: version(path))
    if found:
        return os.path.dirname(found[-1])
    other = shutil.which("postgres")
    if other:
        return os.path.dirname(os.path.realpath(other))
    raise Failure("no PostgreSQL server here; run tools/install-deps run")


def postgres_user():
    """Who the server runs as: None for ourselves, but never root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Failure("PostgreSQL will not run as root, and there is neither "
                  "a user postgres nor nobody")


def _may_enter(folder, user):
    probe = subprocess.run(["/bin/sh", "-c", 'cd "$0"', folder], cwd="/",
                           user=user.pw_uid, group=user.pw_gid,
                           extra_groups=[], stderr=subprocess.DEVNULL,
                           check=False)
    return probe.returncode == 0


class Postgres:
    """A private cluster: password logins only, TCP and a Unix socket."""

    name = "postgres"

    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        self.process = Process(self.folder, self.name)
        self.about = os.path.join(self.folder, "postgres.json")
        self.known = {}
        try:
            with open(self.about, encoding="utf-8") as file:
                self.known = json.load(file)
        except OSError:
            pass

    data = property(lambda self: self.known["data"])
    port = property(lambda self: self.known["port"])
    socket = property(lambda self: self.known["socket"])

    def _options(self):
        user = postgres_user()
        if user is None:
            return {}
        return {"user": user.pw_uid, "group": user.pw_gid,
                "extra_groups": []}

    def create(self, fsync=True):
        user = postgres_user()
        os.makedirs(self.folder, exist_ok=True)
        outside = []
        home = os.path.join(self.folder, "postgres")
        if user is not None:
            if not _may_enter(self.folder, user):
                # mktemp -d makes folders nobody else may pass through.
                mode = os.stat(self.folder).st_mode & 0o7777
                os.chmod(self.folder, mode | 0o011)
            if not _may_enter(self.folder, user):
                home = tempfile.mkdtemp(prefix="afterclick-pg-", dir="/tmp")
                outside.append(home)
                os.chmod(home, 0o755)
        os.makedirs(home, mode=0o755, exist_ok=True)
        data = os.path.join(home, "data")
        socket = os.path.join(home, "socket")
        if len(socket) + len("/.s.PGSQL.12345") > SOCKET_PATH_MAX:
            socket = tempfile.mkdtemp(prefix="afterclick-", dir="/tmp")
            os.chmod(socket, 0o755)
            outside.append(socket)
        self.known = {"data": data, "socket": socket, "port": free_port(),
                      "password": secrets.token_hex(16), "outside": outside,
                      "databases": {}}
        self._save()
        for path in (data, socket):
            os.makedirs(path, mode=0o700 if path == data else 0o755,
                        exist_ok=True)
            if user is not None:
                os.chown(path, user.pw_uid, user.pw_gid)
        secret = os.path.join(home, "superuser-password")
        write_file(secret, self.known["password"] + "\n", 0o600, user)
        programs = postgres_programs()
        try:
            _run([programs + "/initdb", "-D", data, "-U", "postgres", "-E",
                  "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256",
                  "--pwfile=" + secret] + ([] if fsync else ["--no-sync"]),
                 "initdb", cwd="/", **self._options())
        finally:
            os.unlink(secret)
        settings = f"""
# Settings of a private cluster; the rest are the defaults.
listen_addresses = '127.0.0.1'
port = {self.port}
unix_socket_directories = '{socket}'
max_connections = 200
password_encryption = scram-sha-256
dynamic_shared_memory_type = mmap
shared_buffers = 128MB
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%a %u@%d '
"""
        if not fsync:
            settings += "fsync = off\nfull_page_writes = off\n"
        # Still root's: appended to, owner unchanged.
        with open(os.path.join(data, "postgresql.conf"), "a",
                  encoding="utf-8") as file:
            file.write(settings)

    def _save(self):
        write_file(self.about, json.dumps(self.known, indent=1), 0o600)

    def start(self):
        if not self.process.alive():
            # After a kill -9 the dead postmaster may linger as a zombie
            # (containers whose init reaps nothing), and a new one takes
            # its lock files for those of a running server.
            for lock in (f"{self.data}/postmaster.pid",
                         f"{self.socket}/.s.PGSQL.{self.port}.lock"):
                try:
                    with open(lock, encoding="utf-8") as file:
                        dead = int(file.readline()) == self.process.pid
                    if dead:
                        os.unlink(lock)
                except (OSError, ValueError):
                    pass
        self.process.start([postgres_programs() + "/postgres", "-D",
                            self.data], user=postgres_user())

    def ready(self):
        try:
            with open(os.path.join(self.data, "postmaster.pid"),
                      encoding="utf-8") as file:
                lines = file.read().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and \
            lines[0] == str(self.process.pid)

    def wait(self, timeout=60):
        self.process.wait_for(self.ready, timeout,
                              "PostgreSQL does not accept connections")

    def stop(self, timeout=20):
        return self.process.stop(timeout, signal.SIGINT)

    def remove(self):
        """Ends it at once and gives back what lies outside the folder."""
        memory = None
        if self.known:
            try:
                with open(os.path.join(self.data, "postmaster.pid"),
                          encoding="utf-8") as file:
                    memory = file.read().splitlines()[6].split()[1]
            except (OSError, IndexError):
                pass
        alive = self.process.alive()
        if not self.process.stop(5, signal.SIGQUIT) or not alive:
            # Killed: its few bytes of System V memory have stayed behind.
            if memory is not None and shutil.which("ipcrm"):
                subprocess.run(["ipcrm", "-m", memory], check=False,
                               stderr=subprocess.DEVNULL)
        for path in self.known.get("outside", []):
            shutil.rmtree(path, ignore_errors=True)

    # --- databases --------------------------------------------------------
    def psql(self, sql, database="postgres"):
        """Runs SQL, given on standard input, as the superuser."""
        environment = dict(os.environ, PGPASSWORD=self.known["password"],
                           PGCONNECT_TIMEOUT="10")
        return _run([postgres_programs() + "/psql", "-X", "-q", "-v",
                     "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                     str(self.port), "-U", "postgres", "-d", database, "-A",
                     "-t", "-f", "-"], "psql", input=sql, env=environment)

    def create_database(self, name, role=None):
        """A database NAME owned by a role of its own, and ROLE_reader for
        who only reads; returns (DSN without the password, password)."""
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
            raise Failure(f"{name!r} is no name for a database")
        role = role or name
        password, reader = secrets.token_hex(16), secrets.token_hex(16)
        self.psql(f"CREATE ROLE {role} LOGIN PASSWORD '{password}';\n"
                  f"CREATE ROLE {role}_reader LOGIN PASSWORD '{reader}';\n"
                  f"CREATE DATABASE {name} OWNER {role};\n"
                  f"ALTER DATABASE {name} SET search_path ="
                  " afterclick, public;\n")
        self.known["databases"][name] = {
            "role": role, "password": password, "reader_password": reader}
        self._save()
        return self.dsn(name), password

    def drop_database(self, name):
        about = self.known["databases"].pop(name)
        self.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);\n"
                  f"DROP ROLE IF EXISTS {about['role']};\n"
                  f"DROP ROLE IF EXISTS {about['role']}_reader;\n")
        self._save()

    def dsn(self, name, suffix=""):
        """Of the owner; with SUFFIX "_reader" of who only reads."""
        role = self.known["databases"][name]["role"] + suffix
        return f"postgresql://{role}@127.0.0.1:{self.port}/{name}"
