"""Large documents are worked on one at a time in a process, and only a few wait for that in its memory.

Several at once would use the same core, but much more memory: what is parsed takes several times its bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from .blobs import release_connection
from .errors import Unavailable

LARGE = 1024 * 1024  # bytes of a document

FEW = 2

_one = threading.RLock()
_few = threading.BoundedSemaphore(FEW)


@contextmanager
def one_at_a_time(size: int) -> Iterator[None]:
    """Work on a document of ``size`` bytes: a small one at once, a large one when no other is in anybody's hands.

    Inside, nothing else may be waited for: no draft's lock, no store, no client. Raises ``Unavailable`` after
    ``DRAFT_LOCK_SECONDS``.
    """
    if size < LARGE:
        yield
        return
    release_connection()
    if not _one.acquire(timeout=settings.DRAFT_LOCK_SECONDS):
        raise Unavailable
    try:
        yield
    finally:
        _one.release()


@dataclass(frozen=True, slots=True)
class Unread:
    """A document of ``size`` bytes that is not in memory yet; ``read`` brings it."""

    size: int
    read: Callable[[], bytes]

    @classmethod
    def of(cls, data: bytes) -> Unread:
        """One that was read after all."""
        return cls(len(data), lambda: data)


@contextmanager
def in_turn(*documents: Unread) -> Iterator[list[bytes]]:
    """The bytes of documents that are worked on together.

    Of those that wait for the store, or for their turn, so few are in memory at once. Never inside ``one_at_a_time``.
    Raises ``Unavailable`` after ``DRAFT_LOCK_SECONDS``, and what ``read`` raises.
    """
    size = sum(document.size for document in documents)
    if size < LARGE:
        yield [document.read() for document in documents]
        return
    release_connection()
    if not _few.acquire(timeout=settings.DRAFT_LOCK_SECONDS):
        raise Unavailable
    try:
        read = [document.read() for document in documents]
        with one_at_a_time(size):
            yield read
    finally:
        _few.release()
