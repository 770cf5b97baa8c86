"""deploy/proxy: the examples as they stand but for addresses, in the real
servers, before a real collector."""

import hashlib
import hmac
import http.client
import json
import os
import shutil
import subprocess
import time

import pytest

from conftest import PATIENCE, ROOT, eventually
from processes import free_port
from test_collector_http import KEYS, SITES, Collector

EXAMPLES = os.path.join(ROOT, "deploy", "proxy")
PROXY_SITES = SITES.replace("hosts: [shop.example]",
                            "hosts: [shop.example, www.example.org]")
CLIENT = "127.7.7.7"  # not the address the proxies come from
SPOOFED = {"X-Forwarded-For": "198.51.100.77", "X-Forwarded-Proto": "https",
           "Host": "www.example.org", "User-Agent": "Firefox"}
APACHE_MODULES = "/usr/lib/apache2/modules"


def example(name, changes):
    """The text of deploy/proxy/NAME; each of CHANGES is there once."""
    with open(os.path.join(EXAMPLES, name), encoding="utf-8") as file:
        text = "".join(line for line in file
                       if not line.lstrip().startswith("#"))
    for old, new in changes.items():
        assert text.count(old) == 1, f"{name}: {old}"
        text = text.replace(old, new)
    return text


def find(program):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    assert path, f"{program} is missing; run tools/install-deps test"
    return path


def nginx(folder, port, collector, admin):
    (folder / "site.conf").write_text(example("nginx.conf", {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "server 127.0.0.1:8080;": f"server {collector};"}))
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in
        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid;\n"
        f"error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{ access_log off; {temporary} include {folder}/site.conf; }}\n")
    return [find("nginx"), "-e", f"{folder}/error.log", "-c",
            f"{folder}/nginx.conf"], {}


def caddy(folder, port, collector, admin):
    # The port is that of a name, so that it speaks http without certificates.
    (folder / "Caddyfile").write_text(
        "{\n\tadmin off\n\tauto_https off\n}\n" +
        example("Caddyfile", {
            "www.example.org {": f"http://www.example.org:{port} {{",
            "127.0.0.1:8080": collector}))
    return [find("caddy"), "run", "--adapter", "caddyfile", "--config",
            f"{folder}/Caddyfile"], {
        "HOME": str(folder), "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder)}


def apache(folder, port, collector, admin):
    (folder / "site.conf").write_text(example("apache.conf", {
        "*:80": f"127.0.0.1:{port}",
        "http://127.0.0.1:8080/": f"http://{collector}/"}))
    modules = "".join(
        f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so\n"
        for name in ("mpm_event", "authz_core", "proxy", "proxy_http",
                     "headers"))
    (folder / "apache.conf").write_text(
        f"ServerRoot {folder}\nPidFile {folder}/pid\n"
        f"DefaultRuntimeDir {folder}\nServerName www.example.org\n"
        f"ErrorLog {folder}/error.log\nListen 127.0.0.1:{port}\n{modules}"
        f"User www-data\nGroup www-data\nInclude {folder}/site.conf\n")
    return [find("apache2"), "-X", "-f", f"{folder}/apache.conf"], {}


def haproxy(folder, port, collector, admin):
    (folder / "haproxy.cfg").write_text(example("haproxy.cfg", {
        "bind :80": f"bind 127.0.0.1:{port}",
        "127.0.0.1:8080 check port 8081":
            f"{collector} check port {admin.rsplit(':', 1)[1]}"}))
    return [find("haproxy"), "-db", "-f", f"{folder}/haproxy.cfg"], {}


def haproxy_tcp(folder, port, collector, admin):
    (folder / "haproxy.cfg").write_text(example("haproxy-tcp.cfg", {
        "bind :80": f"bind 127.0.0.1:{port}", "127.0.0.1:8080": collector}))
    return [find("haproxy"), "-db", "-f", f"{folder}/haproxy.cfg"], {}


class Proxy:
    """A server of MAKE's in FOLDER, and one connection to it of CLIENT."""

    def __init__(self, make, folder, collector, prefix):
        self.prefix, self.port = prefix, free_port()
        self.log = folder / "output"
        argv, more = make(folder, self.port, collector.url[len("http://"):],
                          collector.admin[len("http://"):])
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=folder, env={**os.environ, **more})
        self.link = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=20 * PATIENCE,
            source_address=(CLIENT, 0))

    def ask(self, method, path, body=None, headers=None):
        self.link.request(method, self.prefix + path, body,
                          {**SPOOFED, **(headers or {})})
        answer = self.link.getresponse()
        return answer, answer.read()

    def up(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.ask("HEAD", "/t.js")[0].status == 200
        except (OSError, http.client.HTTPException):
            self.link.close()
            return False

    def stop(self):
        self.link.close()
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.mark.parametrize("make, settings", [
    (nginx, ""), (caddy, ""), (apache, ""), (haproxy, ""),
    (haproxy_tcp, "proxy_protocol: required\n")],
    ids=lambda value: getattr(value, "__name__", ""))
def test_the_example_leads_to_the_collector(tmp_path, make, settings):
    folder = tmp_path / "proxy"
    folder.mkdir()
    one = Collector(tmp_path, settings, sites=PROXY_SITES)
    proxy = Proxy(make, folder, one, "" if settings else "/stats")
    try:
        eventually(proxy.up, 60, "the proxy does not lead to the collector")
        went_over = proxy.link.sock

        # The script, as the page of the site asks for it.
        answer, script = proxy.ask("GET", "/t.js")
        assert answer.status == 200 and b"afterclick" in script
        # A first-party cookie that no script can read.
        answer, _ = proxy.ask("GET", "/p?url=https://www.example.org/")
        assert answer.status == 200
        jar = {}
        for field in answer.headers.get_all("Set-Cookie"):
            pair, *attributes = field.split("; ")
            assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
            assert not [a for a in attributes if a.startswith("Domain")]
            assert "Secure" not in attributes  # http, whatever was claimed
            jar.update([pair.split("=", 1)])
        assert set(jar) == {"_ac_v", "_ac_s"}
        # The same visitor sends hits, and a server its signed ones.
        body = json.dumps({"type": "event", "name": "seen"})
        answer, _ = proxy.ask("POST", "/e", body, {
            "Content-Type": "text/plain", "Cookie": "; ".join(
                f"{name}={value}" for name, value in jar.items())})
        assert answer.status == 204
        body = json.dumps({"site": "shop", "event_id": "signed"})
        when = str(int(time.time()))
        mac = hmac.new(KEYS[0].encode(), f"{when}.{body}".encode(),
                       hashlib.sha256).hexdigest()
        answer, _ = proxy.ask("POST", "/v1/events", body, {
            "Content-Type": "application/json",
            "Afterclick-Signature": f"t={when},v1={mac}"})
        assert answer.status == 200

        # All of that over one connection, and one to the collector is kept.
        assert proxy.link.sock is went_over is not None
        eventually(lambda: one.metric("afterclick_http_connections") > 0)
        first, second, third = one.records()
        assert first["ip"] == second["ip"] == "127.7.7.0"
        assert first["visitor_id"] == second["visitor_id"] == \
            jar["_ac_v"].split(".")[0]
        assert (first["site"], third["lane"]) == ("shop", "server")
    except BaseException:
        print(proxy.log.read_text(errors="replace"))
        raise
    finally:
        proxy.stop()
        code = one.stop()
    assert code == 0 and "Sanitizer" not in one.log()
