"""A client of the collector, as a shop's back end would write it."""

import hashlib
import hmac
import http.client
import json
import time
import urllib.parse


class Refused(Exception):
    """The collector did not take the events; says how it answered."""


def sign(key, body, now=None):
    """The value of the header Afterclick-Signature for BODY (bytes)."""
    stamp = str(int(time.time() if now is None else now))
    digest = hmac.new(key.encode(), stamp.encode() + b"." + body,
                      hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


class ServerLane:
    """POST /v1/events over one connection that is kept open."""

    def __init__(self, url, key, path="/v1/events", timeout=30):
        self.where = urllib.parse.urlsplit(url)
        self.key = key
        self.path = path
        self.timeout = timeout
        self.link = None

    def close(self):
        if self.link is not None:
            self.link.close()
            self.link = None

    def post(self, events):
        """(status, body) of one request; OSError when nobody answers."""
        body = json.dumps({"events": events}).encode()
        headers = {"Content-Type": "application/json",
                   "Afterclick-Signature": sign(self.key, body)}
        if self.link is None:
            self.link = http.client.HTTPConnection(
                self.where.hostname, self.where.port, timeout=self.timeout)
        try:
            self.link.request("POST", self.path, body, headers)
            answer = self.link.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if isinstance(error, OSError):
                raise
            raise ConnectionError(str(error)) from error

    def send(self, events, patience=60):
        """
        Sends EVENTS until they are accepted, every one of them. They carry
        event ids, so that sending them again after a lost answer or a 503
        does no harm. Refused when one of them is, or after PATIENCE seconds.
        """
        end = time.monotonic() + patience
        while True:
            try:
                status, body = self.post(events)
            except OSError as error:
                status, body = 0, str(error).encode()
            if status == 200:
                answer = json.loads(body)
                if answer["rejected"] or answer["accepted"] != len(events):
                    raise Refused(f"rejected: {answer['rejected'][:3]}")
                return
            if status not in (0, 429, 500, 502, 503, 504) or \
                    time.monotonic() > end:
                raise Refused(f"answer {status}: "
                              f"{body.decode('utf-8', 'replace')[:300]}")
            time.sleep(0.1)

    def send_all(self, events, batch=50, progress=None):
        """BATCH events a request: a body may have 64 KiB by default."""
        for first in range(0, len(events), batch):
            self.send(events[first:first + batch])
            if progress is not None:
                progress(min(first + batch, len(events)), len(events))
