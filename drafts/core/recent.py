"""What is worth knowing for a while and not worth a row: kept in the broker's Redis, best effort.

Whoever answers a request leaves a note and goes on; one background thread per process writes what has gathered, a
few commands for many notes. While Redis is away notes are dropped, the oldest first. What lies in Redis has a limit
in number and in time, and nothing depends on it.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from .wakeups import complain

if TYPE_CHECKING:
    from redis import Redis

T = TypeVar("T")
Writer = Callable[["Redis", Sequence[Any]], None]

GATHER = 0.5  # seconds
AWAY = 2.0  # seconds without a try after Redis did not answer
MOST = 2000  # notes of one process that wait

_notes: deque[tuple[Writer, Any]] = deque(maxlen=MOST)
_lock = threading.Lock()
_flag = threading.Event()
_owner = 0


def note(write: Writer, line: Any) -> None:
    """Have ``write`` called soon with Redis and a list of lines, this one among them. Takes microseconds."""
    if _owner != os.getpid():  # first use in this process, or in a fork of it
        _begin()
    _notes.append((write, line))
    _flag.set()


def _begin() -> None:
    global _owner, _flag
    with _lock:
        if _owner != os.getpid():
            _notes.clear()
            _flag = threading.Event()
            threading.Thread(target=_run, args=(_flag,), name="recent", daemon=True).start()
            _owner = os.getpid()


def _run(flag: threading.Event) -> None:
    while True:
        flag.wait()
        time.sleep(GATHER)
        flag.clear()
        if not _written(_taken()):
            time.sleep(AWAY)


def _taken() -> Iterator[tuple[Writer, Any]]:
    with suppress(IndexError):  # until there are none
        for _ in range(MOST):
            yield _notes.popleft()


def _written(notes: Iterable[tuple[Writer, Any]]) -> bool:
    lines: dict[Writer, list[Any]] = {}
    for write, line in notes:
        lines.setdefault(write, []).append(line)
    try:
        for write, gathered in lines.items():
            write(_client(settings.BROKER_URL), gathered)
    except Exception as error:  # noqa: BLE001 - whatever it is, this thread goes on and the notes are lost
        complain(error)
        return False
    return True


def ask(question: Callable[[Redis], T]) -> T | None:
    """What Redis answers; ``None`` when it does not, which takes a second or two."""
    try:
        return question(_client(settings.BROKER_URL))
    except Exception as error:  # noqa: BLE001 - an address that it cannot read, too
        complain(error)
        return None


def key(name: str) -> str:
    """The whole name of a key."""
    return f"{settings.QUEUE_PREFIX}recent:{name}"


@cache
def _client(url: str) -> Redis:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(
        url, decode_responses=True, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
