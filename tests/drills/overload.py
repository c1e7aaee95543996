"""Clients that stall: downloads that nobody reads, uploads and JSON bodies that never end, idle connections."""

from __future__ import annotations

import contextlib
import math
import selectors
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import requests

from tests.harness import Service, wait_for

from .model import MATE
from .say import say

BIG = 24 * 1024 * 1024  # more than the kernel keeps for a client that does not read
SLOW_BODY = 1000  # bytes; one of them is sent each second


class Stalled:
    """Connections that keep a request open, by kind, and what was answered to them."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sockets: dict[str, list[socket.socket]] = {}
        self.answers: dict[str, Counter[int]] = {}

    def add(self, kind: str, count: int, request: bytes, *, window: int | None = None) -> None:
        """``count`` connections that send ``request`` and then nothing."""
        for _ in range(count):
            connection = socket.socket()
            if window is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            connection.settimeout(20)
            connection.connect(("127.0.0.1", self.port))
            connection.sendall(request)
            self.sockets.setdefault(kind, []).append(connection)

    def trickle(self, kind: str, stop: threading.Event) -> None:
        """A byte a second into each connection of a kind."""
        while not stop.wait(1):
            for connection in self.sockets.get(kind, []):
                with contextlib.suppress(OSError):
                    connection.send(b" ")

    def collect(self, kind: str) -> int:
        """Note the answers that have come and drop their connections; returns how many still wait."""
        seen = self.answers.setdefault(kind, Counter())
        waiting = []
        with selectors.DefaultSelector() as selector:
            for connection in self.sockets.get(kind, []):
                selector.register(connection, selectors.EVENT_READ)
            ready = {key.fileobj for key, _ in selector.select(0)} if selector.get_map() else set()
        for connection in self.sockets.get(kind, []):
            if connection not in ready:
                waiting.append(connection)
                continue
            with contextlib.suppress(OSError), connection:
                head = connection.recv(4096)
                seen[int(head.split()[1]) if head else 0] += 1
                assert b" 503 " not in head[:20] or b"retry-after:" in head.lower(), head
        self.sockets[kind] = waiting
        return len(waiting)

    def vanish(self, kind: str) -> None:
        """Close all connections of a kind."""
        for connection in self.sockets.pop(kind, []):
            connection.close()

    def close(self) -> None:
        """Close everything."""
        for kind in list(self.sockets):
            self.vanish(kind)


def head(method: str, path: str, length: int, kind: str = "application/json") -> bytes:
    """The beginning of a request whose body is still to come."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {kind}", f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


def latencies(url: str, count: int) -> list[float]:
    """Milliseconds of ``count`` requests, one after the other on one connection; each must be answered with 200."""
    found = []
    with requests.Session() as session:
        for _ in range(count):
            started = time.perf_counter()
            answer = session.get(url, timeout=30)
            found.append((time.perf_counter() - started) * 1000)
            assert answer.status_code == 200, answer.text
    return found


def spread(found: list[float]) -> dict[str, float]:
    """p50, p95, p99 and the longest."""
    cuts = statistics.quantiles(found, n=100, method="inclusive")
    return {
        "p50": round(cuts[49], 1),
        "p95": round(cuts[94], 1),
        "p99": round(cuts[98], 1),
        "max": round(max(found), 1),
    }


@contextlib.contextmanager
def stalled_clients(
    service: Service, draft: dict[str, Any], *, downloads: int, uploads: int, slow: int, idle: int
) -> Iterator[Stalled]:
    """The crowd of the drill, while the block runs."""
    base = f"/api/v1/drafts/{draft['draft_id']}/files/assets/videos"
    url = f"{service.url}{base}/big.mp4"
    assert requests.put(url, data=b"\0" * BIG, timeout=120).status_code in {200, 201}
    stop = threading.Event()
    crowd = Stalled(service.port)
    crowd.add("downloads", downloads, f"GET {base}/big.mp4 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(), window=4096)
    crowd.add("uploads", uploads, head("PUT", f"{base}/never.mp4", 10 * BIG, "video/mp4") + b"x" * 1000)
    crowd.add("slow bodies", slow, head("POST", f"{MATE}/create_draft", SLOW_BODY) + b'{"width": 5')
    crowd.add("idle", idle, b"")
    thread = threading.Thread(target=crowd.trickle, args=("slow bodies", stop), daemon=True)
    thread.start()
    try:
        yield crowd
    finally:
        stop.set()
        thread.join()
        crowd.close()


def overload_drill(
    service: Service,
    *,
    downloads: int = 48,
    uploads: int = 48,
    slow: int = 64,
    idle: int = 200,
    flood: int = 600,
    asked: int = 5000,
    patience: float = 150,
) -> dict[str, Any]:
    """The crowd stalls; ``get_draft`` is asked ``asked`` times, drafts are created and saved meanwhile.

    Then ``flood`` slow bodies more than there is room for. Fails when ``get_draft`` is not answered, when
    anything is answered with 500, when a 503 has no Retry-After, and when a stalled body does not come to an end.
    """
    draft = service.create()
    calm = spread(latencies(draft["draft_url"], asked))
    say(f"calm: {calm}")
    create = head("POST", f"{MATE}/create_draft", SLOW_BODY) + b'{"width": 5'
    with stalled_clients(service, draft, downloads=downloads, uploads=uploads, slow=slow, idle=idle) as crowd:
        time.sleep(1)
        stalled = spread(latencies(draft["draft_url"], asked))
        say(f"stalled: {stalled}")
        begun = time.monotonic()
        other = service.create()
        body = {"draft_url": other["draft_url"]}
        saved = requests.post(f"{service.url}{MATE}/save_draft", json=body, timeout=30)
        assert saved.status_code == 200, saved.text
        crowd.add("flood", flood, create)
        flooded = spread(latencies(draft["draft_url"], math.ceil(asked / 5)))
        say(f"flooded: {flooded}")
        for kind in ("slow bodies", "uploads", "flood"):
            wait_for(lambda kind=kind: crowd.collect(kind) == 0, f"the {kind} to end", patience)
        ended = time.monotonic() - begun
        say(f"ended after {ended:.0f} s: {crowd.answers}")
        crowd.vanish("downloads")
        wait_for(lambda: _uploads(service, draft), "room for an upload")
    answers = {kind: dict(sorted(found.items())) for kind, found in crowd.answers.items()}
    assert not {status for found in answers.values() for status in found} - {400, 408, 503}, answers
    assert answers["slow bodies"].get(408, 0) > 0
    return {
        "get_draft ms, calm": calm,
        "get_draft ms, stalled": stalled,
        "get_draft ms, flooded": flooded,
        "stalled bodies": answers,
        "all ended after s": round(ended),
    }


def _uploads(service: Service, draft: dict[str, Any]) -> bool:
    url = f"{service.url}/api/v1/drafts/{draft['draft_id']}/files/assets/videos/after.mp4"
    answer = requests.put(url, data=b"\1" * 2 * 1024 * 1024, timeout=30)
    assert answer.status_code in {200, 201, 503}, answer.text
    return answer.status_code != 503
