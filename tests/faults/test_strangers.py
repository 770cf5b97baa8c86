"""
Many strangers who mean no good, and what the others notice of them: nothing.
Only a collector; its Kafka does not exist.
"""

import asyncio
import hashlib
import hmac
import json
import random
import re
import resource
import time
import urllib.parse

import pytest

from test_collector_http import KEYS, SITES, Collector
from world import SEED, quick_or_long, rss_kb

PAGE = b"GET /p?site=plain HTTP/1.1\r\nHost: shop.example\r\n"
SECRETS = ["planted-cookie-key-0123456789abcdef", *KEYS]


@pytest.fixture
def start(tmp_path):
    """start(more) gives a running Collector with the settings MORE."""
    running = []

    def make(more="", **options):
        folder = tmp_path / str(len(running))
        folder.mkdir()
        running.append(Collector(folder, more, sites=SITES, **options))
        return running[-1]
    yield make
    for one in running:
        if one.process.poll() is None:
            assert one.stop() == 0


def place(one):
    where = urllib.parse.urlsplit(one.url)
    return where.hostname, where.port


def p99(waits):
    return sorted(waits)[len(waits) * 99 // 100]


async def answer(reader, head_only=False):
    """(status, body) of one answer with a Content-Length, or none."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = None if head_only else re.search(
        rb"(?i)\r\ncontent-length: (\d+)", head)
    return (int(head.split(b" ", 2)[1]),
            await reader.readexactly(int(length[1]) if length else 0))


async def honest(one, until, address=None, pause=0.02):
    """A client who asks again and again on one connection; its waits, in
    seconds. Each request must be answered 200; it is a HEAD, so that the
    spool stays empty."""
    reader, writer = await asyncio.open_connection(*place(one))
    more = f"X-Forwarded-For: {address}\r\n" if address else ""
    waits = []
    while not until.done():
        begin = time.monotonic()
        writer.write(b"HEAD" + PAGE[3:] + more.encode() + b"\r\n")
        status, _ = await answer(reader, head_only=True)
        assert status == 200
        waits.append(time.monotonic() - begin)
        await asyncio.sleep(pause)
    writer.close()
    return waits


# --- slow ones --------------------------------------------------------------
DRIPPED = {
    "line": (b"", b"GET /p?" + b"a" * 1000),
    "header": (b"GET /p?site=plain HTTP/1.1\r\nHost: shop.example\r\n",
               b"X-Long: " + b"a" * 1000),
    "body": (b"POST /e HTTP/1.1\r\nHost: shop.example\r\nContent-Length: "
             b"1000\r\n\r\n", b" " * 1000),
    "chunk": (b"POST /e HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: "
              b"chunked\r\n\r\n3e8\r\n", b" " * 1000),
}


async def drip(one, where, every):
    """Sends a byte each EVERY seconds; how long it was let."""
    begin = time.monotonic()
    reader, writer = await asyncio.open_connection(*place(one))
    at_once, drops = DRIPPED[where]
    writer.write(at_once)
    ended = asyncio.ensure_future(reader.read())
    for byte in drops:
        done, _ = await asyncio.wait({ended}, timeout=every)
        if done:
            break
        writer.write(bytes([byte]))
    try:
        assert b"200 OK" not in await ended
    except ConnectionResetError:
        pass
    writer.close()
    return time.monotonic() - begin


def test_a_byte_a_second_buys_no_time_and_costs_the_others_none(start):
    """F31"""
    header, body = quick_or_long((2, 4), (10, 20))
    crowd = quick_or_long(400, 2000)
    one = start(f"http: {{header_timeout: {header}s, body_timeout: {body}s}}\n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (
        resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)

    async def all_of_them():
        kinds = list(DRIPPED)
        drippers = asyncio.gather(*(
            drip(one, kinds[n % 4], 1) for n in range(crowd)))
        waits = await honest(one, drippers)
        return await drippers, waits
    lasted, waits = asyncio.run(all_of_them())
    # The longest takes the header's time and then the body's.
    assert max(lasted) < header + body + 5
    assert p99(waits) < quick_or_long(1, .05), \
        f"p99 {p99(waits) * 1000:.0f} ms"
    assert one.metric("afterclick_http_timeouts_total") == crowd
    print(f"F31: {crowd} drippers, the last ended after {max(lasted):.1f} s; "
          f"others' p99 {p99(waits) * 1000:.1f} ms of {len(waits)}")


# --- many -------------------------------------------------------------------
def test_idle_connections_make_room_and_cost_little(start):
    """F32; as many as this machine's limit on descriptors lets a process
    hold."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sources = 4
    each = min(quick_or_long(750, 25000), (hard - 500) // sources)
    cap = sources * each * 2 // 3
    one = start(f"http: {{connections: {cap}}}\n")
    before = rss_kb(one.process.pid)

    async def idle(source):
        reader, writer = await asyncio.open_connection(
            *place(one), local_addr=(f"127.0.0.{source + 1}", 0))
        writer.write(PAGE + b"\r\n")
        assert (await answer(reader))[0] == 200
        return reader, writer

    async def all_of_them():
        held = []
        for source in range(sources):
            for begin in range(0, each, 250):
                held += await asyncio.gather(*(
                    idle(source) for _ in range(min(250, each - begin))))
        begin = time.monotonic()
        reader, writer = await idle(sources)
        took = time.monotonic() - begin
        grown = rss_kb(one.process.pid) - before
        alive = sum(not reader.at_eof() for reader, _ in held)
        for _, old in held + [(reader, writer)]:
            old.close()
        return took, grown, alive
    took, grown, alive = asyncio.run(all_of_them())
    assert took < 5
    assert alive <= cap
    # Those that were idle longest made room; nobody was turned away.
    assert one.metric("afterclick_http_shed_total") >= sources * each - cap
    assert grown < quick_or_long(20, 300) * 1024, f"{grown} KiB"
    print(f"F32: {sources * each} idle connections: +{grown / 1024:.1f} MiB, "
          f"the next served in {took * 1000:.1f} ms")


# --- big --------------------------------------------------------------------
HEAD = b" HTTP/1.1\r\nHost: shop.example\r\n"
POST = b"POST /e" + HEAD
BIG = {
    "line": (414, b"GET /" + b"a" * 60000 + HEAD + b"\r\n"),
    "field": (431, b"GET /p" + HEAD + b"A: " + b"b" * 60000 + b"\r\n\r\n"),
    "name": (431, b"GET /p" + HEAD + b"b" * 60000 + b": a\r\n\r\n"),
    "fields": (431, b"GET /p" + HEAD + b"A: b\r\n" * 1000 + b"\r\n"),
    "body": (413, POST + b"Content-Length: 10000000\r\n\r\n" + b"a" * 60000),
    "chunk": (413, POST + b"Transfer-Encoding: chunked\r\n\r\n989680\r\n" +
              b"a" * 60000),
    "chunks": (413, POST + b"Transfer-Encoding: chunked\r\n\r\n" +
               b"1000\r\n" + b"a" * 4096 + b"\r\n" * 1 +
               (b"1000\r\n" + b"a" * 4096 + b"\r\n") * 20),
    "extension": (None, POST + b"Transfer-Encoding: chunked\r\n\r\n1;" +
                  b"a" * 60000 + b"\r\n"),
    "trailers": (None, POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" +
                 b"A: b\r\n" * 10000 + b"\r\n"),
}


def test_what_is_too_big_is_refused_before_it_is_kept(start):
    """F33"""
    rounds = quick_or_long(40, 2000)
    one = start()

    async def ask(status, request):
        reader, writer = await asyncio.open_connection(*place(one))
        writer.write(request)
        try:
            got = (await answer(reader))[0]
        except (ConnectionResetError, asyncio.IncompleteReadError):
            got = None  # reset before the answer could be read
        writer.close()
        assert got is None or got == status or (
            status is None and 400 <= got < 500), (got, request[:40])
        return got

    async def all_of_them(times):
        answers = {}
        for _ in range(times):
            for kind, (status, request) in BIG.items():
                got = await ask(status, request)
                answers.setdefault(kind, set()).add(got)
        return answers
    asyncio.run(all_of_them(2))
    before = rss_kb(one.process.pid)
    answers = asyncio.run(all_of_them(rounds))
    grown = rss_kb(one.process.pid) - before
    assert all(got - {None} for got in answers.values()), answers
    assert grown < 10 * 1024, f"{grown} KiB"
    assert one.records() == []
    print(f"F33: {rounds} rounds of {len(BIG)} kinds: +{grown} KiB")


# --- a flood ----------------------------------------------------------------
def test_a_flood_from_one_address_is_felt_by_nobody_else(start):
    """F40"""
    seconds, clients = quick_or_long((3, 100), (60, 1000))
    one = start("limits: {address_rate: 50, address_burst: 100, "
                "private_addresses: true}\n")
    flood = (PAGE + b"X-Forwarded-For: 203.0.113.66\r\n\r\n") * 100

    async def attacker(until):
        reader, writer = await asyncio.open_connection(*place(one))
        sent = refused = 0
        while not until.done():
            writer.write(flood)
            for _ in range(100):
                status, _ = await answer(reader)
                refused += status == 429
            sent += 100
        writer.close()
        return sent, refused

    async def all_of_them():
        until = asyncio.ensure_future(asyncio.sleep(seconds))
        attack = asyncio.ensure_future(attacker(until))
        waits = await asyncio.gather(*(
            honest(one, until, f"198.51.{n // 250}.{n % 250 + 1}",
                   clients / 500)
            for n in range(clients)))
        return await attack, [wait for each in waits for wait in each]
    before = rss_kb(one.process.pid)
    (sent, refused), waits = asyncio.run(all_of_them())
    assert refused > sent * .8 and sent - refused <= 100 + 50 * (seconds + 1)
    assert one.metric("afterclick_http_limited_total") == refused
    assert len(waits) >= clients * 2
    assert p99(waits) < quick_or_long(1, .1), f"{p99(waits) * 1000:.0f} ms"
    assert rss_kb(one.process.pid) - before < 8 * 1024
    print(f"F40: {sent / seconds:.0f} requests/s of one address, {refused} of "
          f"{sent} refused; others' p99 {p99(waits) * 1000:.1f} ms of "
          f"{len(waits)}, none refused")


# --- noise ------------------------------------------------------------------
def test_a_million_mistakes_make_few_lines_and_tell_no_secret(start):
    """F42"""
    count = quick_or_long(10000, 1000000)
    one = start(f"cookie_key: {SECRETS[0]}\nlog_level: debug\n")
    dice = random.Random(SEED)
    evil = "\x1b]0;owned\x07\x1b[31m"
    kinds = [  # those after which a connection goes on
        (404, "GET", f"/{urllib.parse.quote(evil)}", ""),
        (405, "PUT", "/e", ""),
        (400, "POST", "/e", "{" + evil),
        (400, "POST", "/e", json.dumps({"site": evil})),
        (401, "POST", "/v1/events", json.dumps({"site": "shop",
                                                "name": SECRETS[1]})),
        (400, "GET", f"/p?site=shop&value={urllib.parse.quote(evil)}", ""),
    ]

    async def noise(times):
        reader, writer = await asyncio.open_connection(*place(one))
        for _ in range(times // 50):
            asked = [dice.choice(kinds) for _ in range(50)]
            writer.write(b"".join(
                f"{method} {target} HTTP/1.1\r\nHost: shop.example\r\n"
                f"User-Agent: {evil[1:4]}\r\nContent-Type: text/plain\r\n"
                f"Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()
                for _, method, target, body in asked))
            for status, *what in asked:
                assert (await answer(reader))[0] == status, what
        writer.close()

    async def all_of_them():
        await asyncio.gather(*(noise(count // 4) for _ in range(4)))
        for _ in range(count // 100):  # and some after which it is closed
            reader, writer = await asyncio.open_connection(*place(one))
            writer.write(f"\x00{evil}\r\n\r\n".encode())
            assert b" 400 " in await reader.read()
            writer.close()
    asyncio.run(all_of_them())
    assert one.metric('afterclick_http_requests_total{status="4xx"}') == \
        count + count // 100
    assert one.stop() == 0
    log = one.log()
    assert len(log.splitlines()) <= 100
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", log)
    for secret in SECRETS:
        assert secret not in log
    print(f"F42: {count} bad requests, {len(log.splitlines())} lines")


# --- forgers ----------------------------------------------------------------
def test_no_forged_cookie_is_taken_for_one_of_ours(start):
    """F50"""
    count = quick_or_long(1000, 10000)
    one = start()
    first = one.post({"site": "shop", "event_id": "first"})
    good = re.search("_ac_v=([^;]+)", str(first.headers["Set-Cookie"]))[1]
    victim = one.records()[0]["visitor_id"]
    dice = random.Random(SEED)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    def forged():
        how = dice.randrange(3)
        if how == 0:  # one letter changed
            at = dice.randrange(len(good))
            return good[:at] + dice.choice(
                [c for c in letters if c != good[at]]) + good[at + 1:]
        if how == 1:  # the victim's id, another signature
            return good[:len(good) - 8] + "".join(
                dice.choice(letters) for _ in range(8))
        return "".join(dice.choice(letters) for _ in good)

    async def all_of_them():
        reader, writer = await asyncio.open_connection(*place(one))
        for n in range(count):
            writer.write(
                f"GET /p?site=shop&event_id=f{n} HTTP/1.1\r\n"
                "Host: shop.example\r\n"
                f"Cookie: _ac_v={forged()}\r\n\r\n".encode())
            assert (await answer(reader))[0] == 200
        writer.close()
    asyncio.run(all_of_them())
    visitors = [record["visitor_id"] for record in one.records()]
    assert len(visitors) == len(set(visitors)) == count + 1
    assert visitors.count(victim) == 1


def test_a_signature_is_good_for_its_bytes_its_key_and_five_minutes(start):
    """F55, but for the table: repeats carry the same event id, and count
    once there as any others do."""
    one = start()
    body = b'{"site":"shop","event_id":"signed","type":"conversion"}'

    def ask(stamp, digest, text=body):
        return (b"POST /v1/events HTTP/1.1\r\nHost: shop.example\r\n"
                b"Content-Type: application/json\r\nContent-Length: %d\r\n"
                b"Afterclick-Signature: t=%d,v1=%s\r\n\r\n"
                % (len(text), stamp, digest.encode()) + text)

    def sign(stamp, key=KEYS[0]):
        return hmac.new(key.encode(), b"%d." % stamp + body,
                        hashlib.sha256).hexdigest()

    async def statuses(requests):
        reader, writer = await asyncio.open_connection(*place(one))
        got = []
        for request in requests:
            writer.write(request)
            got.append((await answer(reader))[0])
        writer.close()
        return got

    now = int(time.time())
    good = sign(now)
    flipped = [f"{int(good, 16) ^ 1 << bit:064x}" for bit in range(256)]
    texts = [body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]
             for at in range(len(body))]
    assert asyncio.run(statuses(
        [ask(now, one) for one in flipped] +
        [ask(now - age, sign(now - age)) for age in (310, 3600, -310, -3600)] +
        [ask(now, sign(now - 1))])) == [401] * (256 + 5)
    # A changed body may be no JSON any more, or name no site that has keys.
    assert set(asyncio.run(statuses(
        [ask(now, good, text) for text in texts]))) == {400, 401}
    assert one.records() == []
    repeats = quick_or_long(100, 1000)
    assert asyncio.run(statuses(
        [ask(now, good)] * repeats +
        [ask(now - 290, sign(now - 290, KEYS[1]))])) == [200] * (repeats + 1)
    assert {record["event_id"] for record in one.records()} == {"signed"}
