"""A load generator that costs little: one thread, raw sockets kept alive, one request a connection at a time."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
READ = 1 << 18
PATIENCE = 60.0


class Unexpected(Exception):
    """A reply that is no success; a measurement with such replies says nothing."""


@dataclass(slots=True)
class Outcome:
    """What one round of requests took."""

    seconds: float = 0.0
    client_cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)


class Connection:
    """One connection and the request that it carries."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.unsent = memoryview(b"")
        self.head = bytearray()
        self.missing: int | None = None
        self.started = 0.0

    def send(self, request: bytes) -> None:
        """Begin a request."""
        self.unsent, self.missing = memoryview(request), None
        self.head.clear()
        self.started = time.perf_counter()
        self.push()

    def push(self) -> None:
        """Write what the socket takes."""
        try:
            while self.unsent:
                self.unsent = self.unsent[self.socket.send(self.unsent) :]
        except BlockingIOError:
            pass

    def pull(self) -> bool:
        """Read what has come; true at the end of the reply. Raises ``Unexpected``."""
        data = self.socket.recv(READ)
        if not data:
            raise Unexpected("the server closed the connection")
        if self.missing is not None:
            self.missing -= len(data)
            return self.missing <= 0
        self.head += data
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = _LENGTH.search(self.head, 0, end)
        if self.head[9:10] != b"2" or length is None:
            raise Unexpected(self.head[:2000].decode("utf-8", "replace"))
        self.missing = int(length[1]) - (len(self.head) - end - 4)
        return self.missing <= 0


class Load:
    """What can be sent to one server. Every round has new connections, so that chance spreads them over processes."""

    def __init__(self, port: int) -> None:
        self.port = port

    def run(self, requests: Iterable[bytes], *, concurrency: int, seconds: float) -> Outcome:
        """Send ``requests`` over ``concurrency`` connections until they end or ``seconds`` have passed."""
        outcome, source = Outcome(), iter(requests)
        connections = [Connection(self.port) for _ in range(concurrency)]
        cpu, started = time.process_time(), time.perf_counter()
        with selectors.DefaultSelector() as selector:
            for connection in connections:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                self._next(selector, connection, source)
            self._loop(selector, source, outcome, started + seconds)
        outcome.seconds = time.perf_counter() - started
        outcome.client_cpu = time.process_time() - cpu
        for connection in connections:
            connection.socket.close()
        return outcome

    def _loop(self, selector: selectors.BaseSelector, source: Iterator[bytes], outcome: Outcome, until: float) -> None:
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                raise Unexpected(f"no reply within {PATIENCE:g} s")
            for key, events in ready:
                connection: Connection = key.data
                if events & selectors.EVENT_WRITE:
                    connection.push()
                    if not connection.unsent:
                        selector.modify(key.fileobj, selectors.EVENT_READ, connection)
                if events & selectors.EVENT_READ and connection.pull():
                    now = time.perf_counter()
                    outcome.latencies.append(now - connection.started)
                    self._next(selector, connection, source if now < until else iter(()))

    def _next(self, selector: selectors.BaseSelector, connection: Connection, source: Iterator[bytes]) -> None:
        request = next(source, None)
        if request is None:
            selector.unregister(connection.socket)
            return
        connection.send(request)
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)
        selector.modify(connection.socket, wanted, connection)


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of one request; ``if_match="*"`` is the header If-Match."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "User-Agent: bench"]
    if method != "GET":
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
