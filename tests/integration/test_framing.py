"""
No stream of requests is framed by us otherwise than by Node's parser: what
stands between us and a proxy may not read another request than we do. We may
refuse more.

$AFTERCLICK_STREAMS: how many streams are tried (10000); SEED repeats them.
"""

import os
import random
import struct
import subprocess

from conftest import BUILD_DIR, ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
STREAMS = int(os.environ.get("AFTERCLICK_STREAMS", "10000"))

GOOD = [
    b"GET /p?a=b HTTP/1.1\r\nHost: h\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
    b"POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /e HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n",
    b"POST /e HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n"
    b"Content-Length: 2\r\n\r\nok",
    b"OPTIONS * HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    b"POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
    b"Content-Length: 36\r\n\r\nGET /inner HTTP/1.1\r\nHost: inner\r\n\r\n",
    b"GET http://h/a HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
]
PARTS = [
    b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b":", b";", b",", b"+", b"-",
    b"0", b"1", b"5", b"0x5", b"ffffffffffffffff", b"chunked", b"identity",
    b"gzip, chunked", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n",
    b"Content-Length: 5, 5\r\n", b"Content-Length : 5\r\n",
    b"Content-Length: +5\r\n", b"Content-Length: 05\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding:\r\n", b"Transfer-Encoding: Chunked\r\n",
    b"Transfer-Encoding: chunked, chunked\r\n", b"transfer-encoding\r\n",
    b" folded\r\n", b"X: y\r\n", b"0\r\n\r\n", b"\r\n\r\n", b"HTTP/1.1",
    b"HTTP/1.0", b"HTTP/1.2", b"GET ", b"POST ", b"\x0b", b"\x85", b"\xa0",
]


def mutate(rng, stream):
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        at = rng.randrange(len(stream) + 1)
        how = rng.randrange(5)
        if how == 0:
            stream = stream[:at] + rng.choice(PARTS) + stream[at:]
        elif how == 1:
            stream = stream[:at] + stream[at + rng.randrange(1, 4):]
        elif how == 2:
            stream = stream[:at] + bytes([rng.randrange(256)]) + \
                stream[at + 1:]
        elif how == 3:  # a field more, where fields are
            ends = [i + 2 for i in range(len(stream)) if
                    stream[i:i + 2] == b"\r\n"]
            at = rng.choice(ends) if ends else at
            stream = stream[:at] + rng.choice(
                [part for part in PARTS if part.endswith(b"\n")]) + stream[at:]
        else:
            other = rng.choice(GOOD)
            stream = stream[:at] + other[rng.randrange(len(other)):]
    return stream


def frames(argv, packed):
    done = subprocess.run(argv, input=packed, capture_output=True,
                          timeout=600, check=True)
    return [line.split(b"\t")[:-1]
            for line in done.stdout.split(b"\n")[:-1]]


def test_no_stream_is_framed_otherwise_than_by_nodes_parser():
    seed = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(31))
    rng = random.Random(seed)
    streams = [mutate(rng, b"".join(rng.choice(GOOD) for _ in
                                    range(rng.randint(1, 3))))
               for _ in range(STREAMS)]
    packed = b"".join(struct.pack(">I", len(s)) + s for s in streams)
    ours = frames([os.path.join(BUILD_DIR, "tests", "integration", "c",
                                "http_frames")], packed)
    node = frames(["node", os.path.join(HERE, "http_frames.mjs")], packed)
    assert len(ours) == len(node) == len(streams)
    both = 0
    for stream, mine, other in zip(streams, ours, node):
        for one, two in zip(mine, other):
            method, target, body = one.split(b" ")
            method_2, target_2, body_2 = two.split(b" ")
            # Node gives the absolute form as it came, and a lone "?".
            same = (method, body) == (method_2, body_2) and (
                target.removesuffix(b"?") == target_2.removesuffix(b"?") or
                not target_2.startswith(b"/"))
            assert same, f"SEED={seed}\n{stream!r}\nours {mine}\nNode {other}"
            both += 1
    assert both > STREAMS / 5, f"{both} requests taken by both"
