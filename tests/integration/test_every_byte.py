"""Every byte in every text that a stranger may state, and what people write
who hope for SQL: each ends in PostgreSQL as docs/collector.md says ("Text"),
or is refused with 400, and nothing stops."""

import http.client
import json
import subprocess
import urllib.parse

from conftest import server_events
from test_set_semantics import HUMAN

# What the pixel takes as text, but for the ids, which have an alphabet.
TEXTS = ("user_id url referrer title language screen source medium campaign "
         "term content click_id name goal order_id refund_id experiment "
         "variant").split()
# Those a conversion brings to the view of that name.
SEEN = ("goal", "order_id")


def documented(raw):
    """The rule: each byte that is not UTF-8, and NUL, becomes U+FFFD."""
    return raw.decode("utf-8", "replace").replace("\0", "\ufffd")


def topic_records(river):
    done = subprocess.run(
        ["kcat", "-C", "-q", "-e", "-b", river.kafka.brokers, "-t",
         river.known["topic"], "-o", "beginning", "-f", "%s\n"],
        capture_output=True, timeout=60, check=True)
    return {one["event_id"]: one
            for one in map(json.loads, done.stdout.splitlines())}


def statuses(river, requests):
    """Sends (method, target, body, headers) one after the other on one
    connection; a status for each."""
    where = urllib.parse.urlsplit(river.collector_url)
    link = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
    found = []
    for method, target, body, headers in requests:
        link.request(method, target, body, headers)
        answer = link.getresponse()
        answer.read()
        found.append(answer.status)
    link.close()
    return found


def test_every_byte_of_every_text_comes_through_as_documented(stack):
    river = stack()
    want, pixels = {}, []
    for byte in range(256):
        query = {"site": "shop", "type": "conversion",
                 "event_id": f"pixel{byte}", "value": "1"}
        raw = {name: b"a%d-" % byte + bytes([byte]) + b"z" for name in TEXTS
               if name != "screen"}
        raw["screen"] = b"1" + bytes([byte]) + b"x"
        want[f"pixel{byte}"] = {name: documented(text)
                                for name, text in raw.items()}
        pixels.append(("GET", "/p?" + urllib.parse.urlencode(
            {**query, **raw}, encoding="latin-1"), None, {"User-Agent": HUMAN}))
    assert set(statuses(river, pixels)) == {200}

    bodies, expected = [], []
    for byte in range(256):
        head = b'{"site":"shop","type":"conversion","value":"1","event_id":'
        for kind, inside in (("byte", bytes([byte])),
                             ("escape", b"\\u%04x" % byte)):
            text = b"j" + inside + b"z%d" % byte
            bodies.append(("POST", "/e", head + b'"%s%d",' % (
                kind.encode(), byte) + b'"goal":"' + text +
                b'","order_id":"' + kind.encode() + text + b'"}',
                {"Content-Type": "text/plain",
                                "User-Agent": HUMAN}))
            try:
                stated = json.loads(b'"' + text + b'"')
                assert "\0" not in stated
                expected.append(204)
                want[f"{kind}{byte}"] = {"goal": stated,
                                         "order_id": kind + stated}
            except (ValueError, AssertionError):
                expected.append(400)
    assert statuses(river, bodies) == expected
    # A byte above 0x7f alone is no UTF-8, and a control character no JSON.
    assert expected.count(400) == 128 + 32 + 2 + 1

    # Headers: what HTTP lets through at all.
    agents = [byte for byte in range(256)
              if byte == 9 or 32 <= byte < 127 or byte > 127]
    assert set(statuses(river, [
        ("GET", f"/p?site=shop&event_id=agent{byte}", None,
         {"User-Agent": b"Mozilla/5.0 a" + bytes([byte]) + b"z"})
        for byte in agents])) == {200}
    for byte in agents:
        want[f"agent{byte}"] = {
            "user_agent": documented(b"Mozilla/5.0 a" + bytes([byte]) + b"z")}

    river.wait(60)
    records = topic_records(river)
    assert set(records) == set(want)
    wrong = [(event, name, records[event].get(name), text)
             for event, texts in want.items() for name, text in texts.items()
             if records[event].get(name) != text]
    assert not wrong, wrong[:5]

    columns = ", ".join(f"convert_to({name}, 'UTF8')" for name in SEEN)
    rows = {row[0]: [bytes.fromhex(text[2:]).decode() for text in row[1:]]
            for row in river.sql(f"SELECT event_id, {columns} "
                                 "FROM conversions")}
    sold = {event: texts for event, texts in want.items() if "goal" in texts}
    assert set(rows) == set(sold)
    wrong = [(event, name, row, sold[event][name])
             for event, found in rows.items()
             for name, row in zip(SEEN, found)
             if name in sold[event] and row != sold[event][name]]
    assert not wrong, wrong[:5]
    assert river.sql("SELECT count(*) FROM dead_letter") == [["0"]]
    assert river.sql("SELECT * FROM roi_check") == []


def injections():
    """500 of them: quotes and ends, times what might then run."""
    opens = ["'", "''", "\"", "\\'", "')", "'))", "\";", "';", "$$", "$1",
             "%27", "\u2019", "`", "1", "-1", "0x27", "E'\\''", "U&'\\0027'",
             "{", "]"]
    runs = ["DROP TABLE conversion", "SELECT pg_sleep(30)", "OR 1=1",
            "UNION SELECT usename, passwd FROM pg_shadow",
            "DELETE FROM touch", "COPY site TO PROGRAM 'id'",
            "; UPDATE site SET currency = 'XXX'", "AND 1=(SELECT 1/0)",
            "|| version()", "LIMIT 0", "\\gexec", "\\! id", "\\.",
            "\\N", "NULL", "\t\\t", "INTERSECT ALL TABLE site",
            "RETURNING *", "FOR UPDATE", "$body$ RAISE $body$"]
    ends = [" --", " /*", ";", " #", ""]
    made = [f"{o} {r}{ends[(i + j) % len(ends)]}"
            for i, o in enumerate(opens) for j, r in enumerate(runs)]
    return made + [f"{one} {n}" for n, one in enumerate(made[:100])]


def test_sql_is_text_like_any_other(stack):
    river = stack()

    def tables():
        return river.sql("SELECT count(*) FROM pg_class WHERE relnamespace = "
                         "'afterclick'::regnamespace")

    texts = injections()
    assert len(set(texts)) == 500
    before = tables()
    server_events(river, [
        {"type": "conversion", "event_id": f"i{n}", "value": "1",
         "visitor_id": f"v{n}", "name": text, "title": text,
         **{name: text for name in (
             "user_id goal order_id source medium campaign term content "
             "experiment variant").split()},
         "url": "https://shop.example/?utm_id=" + urllib.parse.quote(text)}
        for n, text in enumerate(texts)])
    river.wait(60)
    assert tables() == before
    rows = {row[0]: row[1:] for row in river.sql(
        "SELECT event_id, goal, order_id FROM conversions")}
    assert rows == {f"i{n}": [text] * 2 for n, text in enumerate(texts)}
    named = {row[0] for row in river.sql(
        "SELECT DISTINCT campaign FROM touches")}
    # Names of campaigns are in lower case, with spaces for control characters.
    lost = {text.lower().replace("\t", " ").strip() for text in texts} - named
    assert not lost, sorted(lost)[:5]
    assert river.sql("SELECT count(*) FROM dead_letter") == [["0"]]
    assert river.sql("SELECT * FROM roi_check") == []
