"""The requests that the servers are asked, and who asks them."""

import http.client
import json
import os
import subprocess
import urllib.parse

from measure import OTHER_CORES, last_json, on_cores
from processes import Failure

COUNT = 512  # different requests, asked in turn
AGENT = ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like "
         "Gecko) Chrome/126.0 Safari/537.36")
CAMPAIGNS = ["", "?utm_source=google&utm_medium=cpc&utm_campaign=spring",
             "?utm_source=newsletter&utm_medium=email&utm_campaign=week12"]

# wrk reads the requests itself: a script that made them would be what is
# measured.
SCRIPT = """\
local requests, at = {}, 0
local file = io.open("%s", "rb")
while true do
  local length = file:read("*n")
  if not length then break end
  file:read(1)
  requests[#requests + 1] = file:read(length)
end
file:close()
request = function()
  at = at %% #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local e = summary.errors
  print(string.format('\\n{"requests": %%d, "seconds": %%.3f, "failed": %%d, '
    .. '"p50_ms": %%.3f, "p99_ms": %%.3f}', summary.requests,
    summary.duration / 1e6, e.connect + e.read + e.write + e.status
    + e.timeout, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


def _event(i, named):
    event = {"site": "shop", "type": "page",
             "url": f"https://shop.example/p/{i}" +
                    CAMPAIGNS[i % len(CAMPAIGNS)],
             "screen": "1920x1080"}
    if named:
        event.update(visitor_id=f"v{i:08d}", session_id=f"s{i:08d}")
    return event


def _head(line, more=""):
    return (f"{line} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: {AGENT}"
            f"\r\nAccept-Language: en-GB\r\n{more}\r\n").encode()


def _pixel(i):
    return _head("GET /p?" + urllib.parse.urlencode(_event(i, True)))


def _post(i):
    body = json.dumps(_event(i, True)).encode()
    return _head("POST /e", "Content-Type: text/plain\r\nContent-Length: "
                 f"{len(body)}\r\n") + body


def _cookies(port):
    """Cookies as the collector at PORT gives them to new visitors."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for i in range(COUNT):
        link.request("GET", "/p?" + urllib.parse.urlencode(_event(i, False)))
        answer = link.getresponse()
        answer.read()
        if answer.status != 200:
            raise Failure(f"the collector answered {answer.status}")
        yield "; ".join(value.split(";")[0] for value in
                        answer.headers.get_all("Set-Cookie"))
    link.close()


class Requests:
    """A file of requests, as load and wrk read it."""

    def __init__(self, folder, name, requests):
        self.path = os.path.join(folder, name + ".requests")
        self.script = os.path.join(folder, name + ".lua")
        self.bytes = sum(map(len, requests)) // len(requests)
        with open(self.path, "wb") as file:
            for one in requests:
                file.write(b"%d\n" % len(one) + one)
        with open(self.script, "w", encoding="utf-8") as file:
            file.write(SCRIPT % self.path)


def pixel(folder):
    return Requests(folder, "pixel", [_pixel(i) for i in range(COUNT)])


def strangers(folder):
    """The same without ids or cookies: a new visitor each."""
    return Requests(folder, "strangers", [
        _head("GET /p?" + urllib.parse.urlencode(_event(i, False)))
        for i in range(COUNT)])


def post(folder):
    return Requests(folder, "post", [_post(i) for i in range(COUNT)])


def with_cookies(folder, port):
    """The pixel without ids in the query: signed cookies name the visitor."""
    return Requests(folder, "cookies", [
        _head("GET /p?" + urllib.parse.urlencode(_event(i, False)),
              f"Cookie: {cookie}\r\n")
        for i, cookie in enumerate(_cookies(port))])


def _run(argv, timeout, cores):
    with on_cores(cores):
        done = subprocess.run(argv, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True,
                              timeout=timeout, check=False)
    if done.returncode != 0:
        raise Failure(f"{argv[0]} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    figures = last_json(done.stdout, argv[0])
    if figures["failed"] > 0 or figures.get("unanswered", 0) > 0:
        raise Failure(f"{argv[0]}: not every request was answered well: "
                      f"{figures}")
    return figures


def closed_loop(port, requests, seconds, connections=64, cores=OTHER_CORES):
    """As many requests as the server takes."""
    return _run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
                 "--timeout", "10s", "-s", requests.script,
                 f"http://127.0.0.1:{port}/"], seconds + 30, cores)


def open_loop(program, port, requests, per_second, seconds, connections=64):
    """So many requests a second, whatever the server does."""
    return _run([program, "rate", "127.0.0.1", str(port), requests.path,
                 str(connections), f"{per_second:.0f}", str(seconds)],
                seconds + 30, OTHER_CORES)
