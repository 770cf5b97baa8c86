"""nginx, our collector and peers, each as the one that is measured."""

import os
import re
import shutil
import subprocess

import measure
from measure import HERE, SERVER_CORES, on_cores
from processes import (Failure, Process, eventually, fetch, free_port, metric,
                       write_file)

READY = re.compile(r"^ready listen=127\.0\.0\.1:(\d+)(?: admin=(\S+))?", re.M)
DRAIN = 120  # seconds


class Server:
    """PROCESS listens on PORT; cores, processor time, memory."""

    def __init__(self, folder, name, cores=SERVER_CORES):
        self.folder = os.path.join(folder, name)
        self.cores = cores
        self.port = None
        os.makedirs(self.folder, mode=0o755, exist_ok=True)
        self.process = Process(self.folder, name)

    def start(self, argv, env=None):
        with on_cores(self.cores):
            self.process.start(argv, env=env, cwd=self.folder)

    def ready_line(self):
        return self.process.wait_for(
            lambda: READY.search(self.process.output()), 30,
            "said no ready line")

    def cpu(self):
        return measure.cpu_seconds(self.process.pid)

    def rss(self):
        return measure.rss_mb(self.process.pid)

    def stop(self):
        self.process.stop(30)

    def drained(self):
        """True when nothing is left to do for requests answered."""
        return True

    def drain(self):
        eventually(self.drained, DRAIN, f"{self.process.name} has still "
                   "records that Kafka has not confirmed", 0.05)

    def check(self, requests):
        """Failure unless REQUESTS answers since the last call left as much
        behind as they promised."""


class Nginx(Server):
    """empty_gif from memory: what answering alone costs."""

    def __init__(self, folder):
        super().__init__(folder, "nginx")
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        temp = "".join(f"    {name}_temp_path {self.folder}/{name};\n"
                       for name in ("client_body", "proxy", "fastcgi",
                                    "uwsgi", "scgi"))
        self.port = free_port()
        write_file(os.path.join(self.folder, "nginx.conf"), f"""\
daemon off;
worker_processes 1;
error_log {self.folder}/error.log;
pid {self.folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
{temp}    access_log off;
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{self.port};
        location = /p {{ empty_gif; }}
    }}
}}
""")
        self.start([program, "-p", self.folder, "-e",
                    self.folder + "/error.log", "-c",
                    self.folder + "/nginx.conf"])
        self.process.wait_for(
            lambda: fetch(f"http://127.0.0.1:{self.port}/p")[0] == 200, 10,
            "does not answer")

    @staticmethod
    def version():
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        text = subprocess.run([program, "-v"], capture_output=True,
                              text=True, check=False).stderr
        return text.rpartition("/")[2].strip()


class Collector(Server):
    """Ours, with STACK's sites, keys and Kafka."""

    def __init__(self, folder, name, stack, durability="disk", workers=1,
                 connections=1024, cores=SERVER_CORES):
        super().__init__(folder, name, cores)
        self.stack = stack
        self.settings = {
            "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0",
            "workers": workers, "durability": durability,
            "topic": stack.known["topic"],
            "sites_file": stack.path("config", "sites.yaml"),
            "cookie_key": "${file:" + stack.path("secrets", "cookie_key") +
                          "}",
        }
        text = "".join(f'{key}: "{value}"\n' if isinstance(value, str) else
                       f"{key}: {value}\n"
                       for key, value in self.settings.items())
        text += f'spool: {{dir: "{self.folder}/spool"}}\n' \
                f'http: {{connections: {connections}}}\n' \
                f'kafka: {{bootstrap.servers: "{stack.kafka.brokers}"}}\n'
        write_file(os.path.join(self.folder, "collector.yaml"), text, 0o600)
        self.run()

    def run(self):
        self.start([self.stack.program("afterclick-collector"), "--config",
                    os.path.join(self.folder, "collector.yaml")])
        found = self.ready_line()
        self.port, self.admin = int(found.group(1)), found.group(2)
        self.process.wait_for(
            lambda: fetch(f"http://{self.admin}/readyz")[0] == 200, 30,
            "is not ready")
        self.seen = self.taken()

    def _metric(self, name):
        status, page = fetch(f"http://{self.admin}/metrics")
        if status != 200:
            raise self.process.failure("/metrics does not answer")
        return metric(page, name) or 0

    def taken(self):
        return self._metric("afterclick_hits_accepted_total")

    def drained(self):
        done = self._metric("afterclick_publisher_delivered_total") + \
            self._metric("afterclick_publisher_refused_total")
        return done >= self._metric("afterclick_spool_records_total")

    def check(self, requests):
        taken = self.taken()
        if taken - self.seen < requests:
            raise Failure(f"{requests} requests were answered, but only "
                          f"{taken - self.seen:.0f} hits were taken")
        self.seen = taken


class Peer(Server):
    """The Go collector of peers/fasthttp-franz, on one core; ON_DISK: it
    answers after the record is on disk."""

    source = os.path.join(HERE, "peers", "fasthttp-franz")

    def __init__(self, folder, stack, on_disk=False):
        super().__init__(folder,
                         "fasthttp-franz" + ("-spool" if on_disk else ""))
        program = os.path.join(self.folder, "fasthttp-franz")
        go = shutil.which("go") or "/usr/local/go/bin/go"
        measure.say("building the Go peer")
        try:
            done = subprocess.run(
                [go, "build", "-mod=readonly", "-buildvcs=false", "-o",
                 program, "."],
                cwd=self.source, capture_output=True, text=True, check=False)
        except OSError as error:
            raise Failure(f"cannot run {go}: {error.strerror}; the peer "
                          "needs Go 1.21 or newer") from error
        if done.returncode != 0:
            raise Failure("building the peer failed:\n" + done.stderr[-2000:])
        argv = [program, "-brokers", stack.kafka.brokers, "-topic",
                stack.known["topic"], "-sites", "shop"]
        if on_disk:
            argv += ["-spool", os.path.join(self.folder, "spool")]
        self.start(argv, dict(os.environ, GOMAXPROCS="1"))
        self.port = int(self.ready_line().group(1))

    def drained(self):
        status, text = fetch(f"http://127.0.0.1:{self.port}/buffered")
        if status != 200:
            raise self.process.failure("/buffered does not answer")
        buffered, lost = map(int, text.split())
        if lost:
            raise self.process.failure(f"lost {lost} records")
        return buffered == 0
