"""Ends requests whose body stalls. The web server waits for a body for ever and shows us no socket.

So the requests that wait for a body are counted here, and when one waits too long the process looks at its
own connections: the kernel knows of each how much came in and when (``TCP_INFO``, Linux). Reading is shut
down on those that owe a body; the request then ends as one that broke off does, and its thread is free.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from drafts.core.errors import BodyTimeout

log = structlog.get_logger(__name__)

PIECE = 64 * 1024
LOOK_EVERY = 1.0
_TCP_INFO = 192  # bytes asked for; shorter on old kernels, which then are left alone
_LAST, _BYTES = 44, 120  # offsets in it: last_data_sent, last_ack_sent, last_data_recv (ms); acked, received


@dataclass(slots=True, eq=False)
class Request:
    """A request under way: who sent it, and since when it waits for its body or does something else."""

    address: str
    since: float
    reading: bool = False


@dataclass(frozen=True, slots=True)
class Counters:
    """What the kernel says of a connection; ages in seconds."""

    sent_ago: float
    received_ago: float
    acked: int
    received: int


class Body:
    """A request body that is read in pieces, each within ``seconds``."""

    def __init__(self, source: BinaryIO, request: Request, seconds: float) -> None:
        self._source = source
        self._request = request
        self._seconds = seconds

    def read(self, size: int) -> bytes:
        """``size`` bytes, fewer at the end. Raises ``BodyTimeout`` when a piece was waited for too long."""
        parts: list[bytes] = []
        left = size
        while left > 0:
            wanted = min(left, PIECE)
            part = self._timed(self._source.read, wanted)
            parts.append(part)
            left -= len(part)
            if len(part) < wanted:
                break
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        """One line."""
        return self._timed(self._source.readline, size)

    def _timed(self, read: Callable[[int], bytes], size: int) -> bytes:
        request = self._request
        request.since, request.reading = time.monotonic(), True
        try:
            part = read(size)
        finally:
            began, request.since, request.reading = request.since, time.monotonic(), False
        if len(part) < size and request.since - began > self._seconds:
            raise BodyTimeout
        return part


class Stalls:
    """The requests of this process, and the watch over them."""

    def __init__(self, *, seconds: float) -> None:
        self.seconds = seconds
        self.requests: set[Request] = set()
        self._seen: dict[Any, tuple[float, Counters]] = {}

    def watched(self, serve: Callable[..., Any]) -> Callable[..., Any]:
        """``serve``, with every request known here until it is answered."""

        def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            request = Request(environ["REMOTE_ADDR"], time.monotonic())
            if environ.get("CONTENT_LENGTH"):
                environ["wsgi.input"] = Body(environ["wsgi.input"], request, self.seconds)
            self.requests.add(request)
            try:
                return serve(environ, start_response)
            finally:
                self.requests.discard(request)

        return wrapped

    def watch(self) -> None:
        """Look every second, in a thread; where there is no ``TCP_INFO``, the slots alone must do."""
        if sys.platform == "linux":
            threading.Thread(target=self._watch, name="stalls", daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            try:
                self.look()
            except Exception:
                log.exception("stalls_not_seen")  # and again in a second: without the watch, stalled bodies stay

    def look(self) -> int:
        """End what has stalled; returns how many."""
        now = time.monotonic()
        requests = list(self.requests.copy())
        late = {each.address for each in requests if each.reading and now - each.since > self.seconds}
        if not late:
            self._seen.clear()
            return 0
        # Half the time, for a request may have waited for a thread between its last byte and its first line here.
        busy = {each.address for each in requests if not each.reading and now - each.since > self.seconds / 2}
        ended = 0
        for connection, peer, counters in connections():
            if peer[0] in late and self._owes(peer, counters, now, busy=peer[0] in busy):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
                    ended += 1
        return ended

    def _owes(self, peer: Any, counters: Counters, now: float, *, busy: bool) -> bool:
        """Whether a connection has owed a piece of a body for too long.

        One that took bytes after it last gave some is being answered, or idle. A silent one may belong to a
        request that came whole and takes long; when its client has such a request, none is ended.
        """
        if not counters.received or counters.sent_ago < counters.received_ago:
            self._seen.pop(peer, None)
            return False
        began, first = self._seen.setdefault(peer, (now, counters))
        came = counters.received - first.received
        if counters.acked != first.acked or came >= PIECE:
            self._seen[peer] = (now, counters)
            return False
        return max(now - began, counters.received_ago) > self.seconds and (came > 0 or not busy)


def connections() -> Iterator[tuple[socket.socket, Any, Counters]]:
    """This process's TCP connections with peer and counters; each is valid until the next is asked for."""
    for entry in Path("/proc/self/fd").iterdir():
        try:
            if not str(entry.readlink()).startswith("socket:"):
                continue
            # Only ever of a socket: closing any descriptor of a file drops SQLite's locks on it, so one that has
            # become a file since the line above stays open.
            connection = socket.socket(fileno=os.dup(int(entry.name)))
        except OSError:
            continue
        with connection:
            try:
                peer = connection.getpeername()
                info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO)
            except OSError:
                continue
            if len(info) < _BYTES + 16:
                continue
            sent, _, received = struct.unpack_from("3I", info, _LAST)
            yield connection, peer, Counters(sent / 1000, received / 1000, *struct.unpack_from("2Q", info, _BYTES))
