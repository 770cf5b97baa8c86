"""
TCP proxies that hurt: one that swallows what one side says, one that knows
when PostgreSQL is asked to commit.
"""

import selectors
import socket
import ssl
import struct
import threading

CHUNK = 65536


class Proxy:
    """
    127.0.0.1:PORT leads to 127.0.0.1:TARGET. While `mute` is set nothing
    that the server says arrives, but all that it is told does; while
    `deaf` is set it is told nothing, while `slow` is set a byte a second
    passes each way. `cut()` resets what is connected. A connection that has
    lost a byte never goes on.
    """

    def __init__(self, port, target):
        self.target = target
        self.mute = self.deaf = self.slow = False
        self.links = set()
        self.lock = threading.Lock()
        self.swallowed = 0
        self.door = socket.socket()
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.door.bind(("127.0.0.1", port))
        self.door.listen(64)
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self._connection, args=(client,),
                             daemon=True).start()

    def _connection(self, client):
        try:
            server = socket.create_connection(
                ("127.0.0.1", self.target), 5)
        except OSError:
            reset(client)
            return
        for link in (client, server):
            link.settimeout(None)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            client = self.greet(client)
        except OSError:
            reset(server)
            return
        with self.lock:
            self.links.add((client, server))
        try:
            self.relay(client, server)
        except OSError:
            pass
        with self.lock:
            self.links.discard((client, server))
        reset(client)
        reset(server)

    def greet(self, client):
        """CLIENT as it is spoken to."""
        return client

    def relay(self, client, server):
        """Until one side ends."""
        lame = False
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ)
            ready.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select(0.05):
                    data = read(key.fileobj)
                    if not data:
                        return
                    if key.fileobj is client:
                        if self.deaf:
                            lame = True
                            self.swallowed += len(data)
                        else:
                            self._pass(server, data)
                    elif self.mute:
                        lame = True
                        self.swallowed += len(data)
                    else:
                        if lame:
                            return
                        self._pass(client, data)
                if lame and not self.mute and not self.deaf:
                    return

    def _pass(self, link, data):
        while self.slow and data:
            link.sendall(data[:1])
            data = data[1:]
            threading.Event().wait(1)
        if data:
            link.sendall(data)

    def cut(self):
        with self.lock:
            links = list(self.links)
        for client, server in links:
            for link in (client, server):
                try:
                    link.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        try:
            self.door.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.door.close()
        self.cut()


def read(link):
    """What has come; of TLS all that is there, as select() cannot tell."""
    data = link.recv(CHUNK)
    while data and getattr(link, "pending", int)():
        data += link.recv(CHUNK)
    return data


def reset(link):
    """Closes LINK as a crash would: RST, not FIN."""
    try:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
    except OSError:
        pass
    link.close()


class CommitProxy(Proxy):
    """
    Before PostgreSQL, without TLS. Every EVERY-th COMMIT of a client loses
    its answer, in turn in three ways: the server never got it; it has
    committed; it gets it only after the client has come back.
    """

    WAYS = ("before", "after", "late")

    def __init__(self, port, target, every=3):
        self.every = every
        self.commits = 0
        self.cuts = {way: 0 for way in self.WAYS}
        self.armed = False
        super().__init__(port, target)

    def _due(self):
        with self.lock:
            if not self.armed:
                return None
            self.commits += 1
            if self.commits % self.every:
                return None
            way = self.WAYS[self.commits // self.every % len(self.WAYS)]
            self.cuts[way] += 1
            return way

    def relay(self, client, server):
        held = b""
        begun = False
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ)
            ready.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(CHUNK)
                    if not data:
                        return
                    if key.fileobj is server:
                        client.sendall(data)
                        continue
                    held += data
                    while True:
                        # The first message has no type: TLS, or start-up.
                        head = 4 if not begun else 5
                        if len(held) < head:
                            break
                        size = struct.unpack(
                            ">i", held[head - 4:head])[0] + head - 4
                        if len(held) < size:
                            break
                        message, held = held[:size], held[size:]
                        if not begun:
                            begun = struct.unpack(
                                ">i", message[4:8])[0] == 196608
                        elif message[:1] == b"Q" and \
                                message[5:] == b"COMMIT\0":
                            way = self._due()
                            if way is not None:
                                self._cut(way, client, server, message)
                                return
                        server.sendall(message)

    @staticmethod
    def _cut(way, client, server, message):
        if way == "before":
            return
        if way == "late":
            reset(client)
            # The server holds the transaction open until we say so; what
            # the client does meanwhile is what is tested.
            threading.Event().wait(0.3)
        server.sendall(message)
        server.recv(CHUNK)


class StepProxy(Proxy):
    """
    Before PostgreSQL, without TLS. Knows the statements of the aggregator by
    their first lines: `seen`. Armed with (statement, after), it calls a
    function, once, when that statement comes, before the server hears of it
    or after the server has answered, and that connection ends.
    """

    def __init__(self, port, target):
        self.seen = {}
        self.fired = threading.Event()
        self.step = self.strike = None
        super().__init__(port, target)

    def arm(self, step, strike):
        self.fired.clear()
        self.step, self.strike = step, strike

    def _struck(self, name, after):
        with self.lock:
            self.seen[name] = self.seen.get(name, 0) + 1 - after
            if self.step != (name, after):
                return False
            self.step = None
            strike = self.strike
        strike()
        self.fired.set()
        return True

    @staticmethod
    def title(sql):
        return sql.split(b"\n")[0].strip(b"- ;").decode()[:80]

    def relay(self, client, server):
        held = b""
        prepared, watched, begun, current = {}, False, False, None
        with selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ)
            ready.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(CHUNK)
                    if not data:
                        return
                    if key.fileobj is server:
                        # What the server says after a statement is its
                        # answer, as no statement is sent before that.
                        if current and self._struck(current, True):
                            return
                        current = None
                        client.sendall(data)
                        continue
                    held += data
                    while True:
                        head = 5 if begun else 4
                        if len(held) < head:
                            break
                        size = struct.unpack(
                            ">i", held[head - 4:head])[0] + head - 4
                        if len(held) < size:
                            break
                        message, held = held[:size], held[size:]
                        name = None
                        if not begun:
                            begun = struct.unpack(
                                ">i", message[4:8])[0] == 196608
                            watched = any(
                                b"afterclick-aggregator " + what in message
                                for what in (b"intake", b"attribution"))
                        elif message[:1] == b"P":
                            about = message[5:].split(b"\0")
                            prepared[about[0]] = self.title(about[1])
                        elif message[:1] == b"B":
                            name = prepared[message[5:].split(b"\0")[1]]
                        elif message[:1] == b"Q":
                            name = self.title(message[5:].split(b"\0")[0])
                        if watched and name:
                            if self._struck(name, False):
                                return
                            current = name
                        server.sendall(message)


class TlsProxy(Proxy):
    """Speaks TLS with the client, not with the server; `certificate` is the
    file with the chain and the key."""

    def __init__(self, port, target, certificate):
        self.certificate = certificate
        super().__init__(port, target)

    def greet(self, client):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        client.settimeout(10)
        client = context.wrap_socket(client, server_side=True)
        client.settimeout(None)
        return client
