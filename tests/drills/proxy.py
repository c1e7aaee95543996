"""A proxy in front of an S3 server that answers errors, answers slowly, or cuts transfers in half."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import socket
import threading
import time
from collections.abc import Iterator

SLOW_SECONDS = 3.0
SLOWDOWN = b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>drill</Message></Error>"
PASSED = {"connection", "transfer-encoding", "keep-alive"}


class FaultyStore(http.server.ThreadingHTTPServer):
    """Passes everything on while ``mode`` is "pass"; else "errors", "slow" or "half"."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, upstream: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = upstream
        self.mode = "pass"
        self.injected = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A client that is gone is no news."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: FaultyStore

    def do_GET(self) -> None:
        """Any method: read the request, pass it on, pass the answer back, unless a fault is due."""
        mode = self.server.mode
        if mode != "pass":
            self.server.injected += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if mode == "errors":
            self.answer(500, {"Content-Type": "application/xml", "Content-Length": str(len(SLOWDOWN))}, SLOWDOWN)
            return
        if mode == "slow":
            time.sleep(SLOW_SECONDS)
        try:
            if mode == "half" and body:
                self.half_a_request(body)
                self.cut()
                return
            status, headers, data = self.passed_on(body)
        except (OSError, http.client.HTTPException):
            self.cut()
            return
        self.answer(status, headers, data[: len(data) // 2] if mode == "half" else data)
        if mode == "half":
            self.cut()

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the library's names

    def passed_on(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The store's own answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=60)
        with contextlib.closing(connection):
            self.send_on(connection, body)
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in PASSED}
            return answer.status, headers, answer.read()

    def send_on(self, connection: http.client.HTTPConnection, body: bytes) -> None:
        """The head as it came, for it is signed, and ``body``."""
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in {*PASSED, "expect"}:
                connection.putheader(name, value)
        connection.endheaders()
        connection.send(body)

    def half_a_request(self, body: bytes) -> None:
        """The store gets half of the bytes, then nothing more."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=60)
        with contextlib.closing(connection):
            self.send_on(connection, body[: len(body) // 2])

    def answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
        """Status line, headers and these bytes, however many were announced."""
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def cut(self) -> None:
        """The connection ends here."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextlib.contextmanager
def faulty_store(upstream: int) -> Iterator[FaultyStore]:
    """A running proxy in front of the store on the port ``upstream``."""
    with FaultyStore(upstream) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()
