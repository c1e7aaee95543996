"""A host on the loopback that serves what a test wants, well behaved or not."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


class Remote:
    """``answers`` by path; ``asked`` lists the paths in order, ``now`` how many are being answered."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.gone = threading.Event()
        self.now = 0
        self.lock = threading.Lock()

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://{self.host}{path}"

    def serve(self, path: str, data: bytes, *, kind: str = "application/octet-stream") -> str:
        """Serve bytes under a path; returns the address."""
        self.answers[path] = lambda handler: send(handler, 200, data, {"Content-Type": kind})
        return self.url(path)

    def answer(self, path: str, answer: Answer) -> str:
        """Answer a path in any way; returns the address."""
        self.answers[path] = answer
        return self.url(path)


def send(
    handler: BaseHTTPRequestHandler, status: int, data: bytes = b"", headers: dict[str, str] | None = None
) -> None:
    """One whole answer."""
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)


@contextlib.contextmanager
def remote_host() -> Iterator[Remote]:
    """A running host."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            with remote.lock:
                remote.asked.append(path)
                remote.now += 1
            try:
                remote.answers.get(path, lambda handler: send(handler, 404))(self)
            except OSError:
                remote.gone.set()
            finally:
                with remote.lock:
                    remote.now -= 1

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    remote = Remote(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield remote
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
