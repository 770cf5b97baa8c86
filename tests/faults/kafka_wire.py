"""
Kafka's protocol, spoken by hand where no client at hand has the word for it.
"""

import socket
import struct


def text(value):
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def ask(port, key, version, body):
    """The answer to a request, less its length and correlation id."""
    head = struct.pack(">hhi", key, version, 1) + text("test")
    with socket.create_connection(("127.0.0.1", port), 30) as link:
        link.sendall(struct.pack(">i", len(head + body)) + head + body)
        file = link.makefile("rb")
        return file.read(struct.unpack(">i", file.read(4))[0])[4:]


def delete_topic(port, topic):
    """DeleteTopics v1."""
    answer = ask(port, 20, 1, struct.pack(">i", 1) + text(topic) +
                 struct.pack(">i", 10000))
    assert answer[-2:] == b"\0\0", answer


def delete_records(port, topic, partition, offset):
    """DeleteRecords v0: the log begins at OFFSET now."""
    answer = ask(port, 21, 0, struct.pack(">i", 1) + text(topic) +
                 struct.pack(">iiqi", 1, partition, offset, 10000))
    assert answer[-2:] == b"\0\0", answer


DENY = 2


def acl(user, topic):
    """Nobody called USER writes to TOPIC."""
    return struct.pack(">ib", 1, 2) + text(topic) + b"\3" + \
        text("User:" + user) + text("*") + struct.pack(">bb", 4, DENY)


def deny_writing(port, user, topic, on=True):
    """CreateAcls or DeleteAcls v1."""
    answer = ask(port, 30 if on else 31, 1, acl(user, topic))
    assert answer[8:10] == b"\0\0", answer
