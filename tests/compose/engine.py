"""
A Docker engine, Docker Compose, and the images that docker-compose.yml names.

An engine that answers is used; else one is started, of Debian's docker.io,
with all it has below the user's cache, and ended after the tests. Images that
cannot be pulled are built from Debian's packages under their official names:
`standins` says which. Unavailable says why there is no engine.
"""

import fcntl
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

import processes
import servers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or
                     os.path.expanduser("~/.cache"), "afterclick")
COMPOSE = "v2.35.1"  # built where the plugin is missing
COMPOSE_MIN = (2, 24)
BASE = "debian:bookworm-slim"


class Unavailable(Exception):
    """No engine or no Compose can be had here; says why."""


def run(argv, timeout=600, **options):
    """What ARGV prints; Failure with its last lines unless it exits 0."""
    done = subprocess.run(argv, stdin=options.pop("stdin", subprocess.DEVNULL),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=timeout, check=False, **options)
    if done.returncode != 0:
        raise processes.Failure(f"{' '.join(argv[:6])}: exit {done.returncode}"
                                f"\n{done.stdout.strip()[-3000:]}")
    return done.stdout


def compose_version(argv):
    try:
        text = run(argv + ["version", "--short"], 30)
        return tuple(int(n) for n in re.findall(r"\d+", text)[:2])
    except (OSError, processes.Failure, subprocess.TimeoutExpired):
        return None


def compose_client(say, build=True):
    """The command of Docker Compose 2: the plugin, or one built by Go."""
    for argv in (["docker", "compose"], ["docker-compose"],
                 [os.path.join(CACHE, "docker-compose-" + COMPOSE)]):
        if (compose_version(argv) or (0,)) >= COMPOSE_MIN:
            return argv
    go = shutil.which("go")
    if go is None or not build:
        raise Unavailable("no Docker Compose 2.24 or newer (Docker's package "
                          "docker-compose-plugin; tests/compose builds one "
                          "where there is Go)")
    say(f"building Docker Compose {COMPOSE} (once)")
    made = os.path.join(CACHE, "docker-compose-" + COMPOSE)
    os.makedirs(CACHE, exist_ok=True)
    try:
        module = json.loads(run(
            [go, "mod", "download", "-json",
             "github.com/docker/compose/v2@" + COMPOSE], 600, cwd="/"))
        with tempfile.TemporaryDirectory() as work:
            # In a copy of its own, so that its go.mod is the one that counts.
            source = os.path.join(work, "source")
            shutil.copytree(module["Dir"], source)
            run(["chmod", "-R", "u+w", source])
            run([go, "build", "-ldflags", "-s -w -X github.com/docker/compose"
                 "/v2/internal.Version=" + COMPOSE, "-o", made + ".new",
                 "./cmd"], 1800, cwd=source,
                env={**os.environ, "CGO_ENABLED": "0"})
            os.rename(made + ".new", made)
    except (processes.Failure, OSError, ValueError) as error:
        raise Unavailable(f"Docker Compose cannot be built: {error}"
                          ) from error
    return [made]


class Engine:
    def __init__(self, say=print):
        self.say = say
        self.daemon = None
        self.lock = None
        self.work = None
        self.env = dict(os.environ)
        self.standins = []
        if shutil.which("docker") is None:
            raise Unavailable("no program `docker`")
        if not self._answers():
            self._start()
        try:
            self.compose = compose_client(say)
        except BaseException:
            self.close()
            raise

    def _answers(self):
        return subprocess.run(["docker", "info"], env=self.env, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60).returncode == 0

    def _start(self):
        dockerd = shutil.which("dockerd") or shutil.which("/usr/sbin/dockerd")
        if dockerd is None:
            raise Unavailable("no engine answers and there is no dockerd "
                              "(Debian's package docker.io)")
        if os.geteuid() != 0:
            raise Unavailable("no engine answers, and only root can start one")
        self.work = tempfile.mkdtemp(prefix="afterclick-engine-")
        data = os.path.join(CACHE, "docker")
        os.makedirs(data, exist_ok=True)
        # Two engines on one folder: the second waits.
        self.lock = open(data + ".lock", "w", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.env["DOCKER_HOST"] = f"unix://{self.work}/sock"
        # Compose's builder of the client's own age may want more than it has.
        self.env["DOCKER_BUILDKIT"] = "0"
        self.env["BUILD_NETWORK"] = "host"
        log = os.path.join(self.work, "log")
        with open(log, "wb") as file:
            self.daemon = subprocess.Popen(
                [dockerd, "--data-root", data, "--exec-root",
                 self.work + "/run", "--pidfile", self.work + "/pid", "-H",
                 self.env["DOCKER_HOST"], "--bridge", "none"],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                start_new_session=True)
        try:
            processes.eventually(
                lambda: self.daemon.poll() is not None or self._answers(), 60,
                "dockerd does not answer")
            if self.daemon.poll() is not None:
                raise processes.Failure("dockerd ended")
        except processes.Failure as error:
            with open(log, encoding="utf-8", errors="replace") as file:
                last = file.read()[-800:]
            self.close()
            raise Unavailable(f"{error}: {last}") from error
        # What a run that was killed has left would start again.
        left = self.docker("ps", "-a", "-q").split()
        if left:
            self.docker("rm", "-f", "-v", *left)
        self.docker("volume", "prune", "-f")
        self.docker("network", "prune", "-f")
        self.docker("image", "prune", "-f", "--filter", "until=168h")

    def close(self):
        if self.daemon is not None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(60)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()
        if self.work is not None:
            for place in glob.glob(self.work + "/run/netns/*"):
                subprocess.run(["umount", place], check=False,
                               stderr=subprocess.DEVNULL)
            shutil.rmtree(self.work, ignore_errors=True)
        if self.lock is not None:
            self.lock.close()

    def docker(self, *argv, timeout=600, **options):
        return run(["docker", *argv], timeout, env=self.env, **options)

    def inspect(self, what):
        return json.loads(self.docker("inspect", what))[0]

    # --- images -----------------------------------------------------------
    def has(self, image):
        try:
            labels = self.inspect(image)["Config"].get("Labels") or {}
        except processes.Failure:
            return False
        if "afterclick.stands-in" in labels and image not in self.standins:
            self.standins.append(image)
        return True

    def need(self, image):
        """IMAGE is here afterwards: pulled, or built from its stand-in."""
        if self.has(image):
            return
        try:
            self.docker("pull", "-q", image, timeout=900)
            return
        except (processes.Failure, subprocess.TimeoutExpired):
            self.say(f"{image} cannot be pulled: building a stand-in")
        if image == BASE:
            self._debian()
        else:
            name = re.split(r"[:/]", image.partition(":")[0])[-1]
            self.need(BASE)
            with tempfile.TemporaryDirectory() as work:
                context = os.path.join(work, "context")
                shutil.copytree(os.path.join(HERE, "bases", name), context)
                if name == "kafka":
                    shutil.copytree(servers.kafka_jars(self.say),
                                    os.path.join(context, "jars"))
                self.build(image, context, "--label", "afterclick.stands-in=1")
        self.standins.append(image)

    def build(self, image, context, *more):
        self.docker("build", "-q", *more, "--network",
                    self.env.get("BUILD_NETWORK", "default"), "-t", image,
                    context, timeout=1800)

    def _debian(self):
        """What the official slim image is: a minimal Debian without its
        manuals, translations and package lists."""
        if shutil.which("debootstrap") is None:
            raise Unavailable(f"{BASE} cannot be pulled, and there is no "
                              "debootstrap to make one")
        mirror = ""
        for path in glob.glob("/etc/apt/sources.list.d/debian.sources"):
            with open(path, encoding="utf-8") as file:
                found = re.search(r"^URIs: *(\S+)", file.read(), re.M)
                mirror = found.group(1) if found else ""
        with tempfile.TemporaryDirectory() as work:
            root = os.path.join(work, "root")
            run(["debootstrap", "--variant=minbase", "bookworm", root] +
                ([mirror] if mirror else []), 1800)
            for pattern in ("usr/share/doc/*", "usr/share/man/*",
                            "usr/share/locale/*", "usr/share/info/*",
                            "var/lib/apt/lists/*", "var/cache/apt/*",
                            "var/log/*"):
                for path in glob.glob(os.path.join(root, pattern)):
                    if os.path.isdir(path) and not os.path.islink(path):
                        shutil.rmtree(path)
                    else:
                        os.unlink(path)
            os.makedirs(root + "/var/cache/apt/archives/partial")
            for path, text in (
                    ("etc/dpkg/dpkg.cfg.d/docker",
                     "path-exclude /usr/share/doc/*\n"
                     "path-exclude /usr/share/man/*\n"
                     "path-exclude /usr/share/locale/*\n"
                     "path-exclude /usr/share/info/*\n"),
                    ("etc/apt/apt.conf.d/docker-clean",
                     'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/'
                     '*.deb || true"; };\nDir::Cache::pkgcache "";\n'
                     'Dir::Cache::srcpkgcache "";\n')):
                with open(os.path.join(root, path), "w",
                          encoding="ascii") as file:
                    file.write(text)
            tar = os.path.join(work, "root.tar")
            run(["tar", "-C", root, "-cf", tar, "."])
            self.docker("import", "-c", 'CMD ["bash"]', "-c",
                        "LABEL afterclick.stands-in=1", tar, BASE)
