"""Objects from one store into another, and what a store really holds: bytes are hashed whenever they pass."""

from __future__ import annotations

import hashlib
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, TypeVar, cast

from .storage import ObjectMissing, Store, StoreError

JOBS = 4
GIVE_UP_AFTER = 5

Work = TypeVar("Work")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Item:
    """A stored blob as a row tells of it: what its object must be. ``size`` in bytes."""

    id: int
    key: str
    sha256: str
    size: int


class Trouble(StrEnum):
    """What is wrong with an object."""

    MISSING = "missing"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"


class SourceError(StoreError):
    """The object to copy from is not what it should be."""

    def __init__(self, trouble: Trouble, reason: str) -> None:
        super().__init__(reason)
        self.trouble = trouble


class Checked(io.RawIOBase):
    """An object as a stream that fails at its end, before it says so, unless size and hash are the item's.

    A reader that takes the end for granted never sees it, so a store that is given this stream keeps nothing
    that is damaged. Raises ``SourceError``.
    """

    def __init__(self, source: Store, item: Item) -> None:
        super().__init__()
        self._item = item
        self._left = bytearray()
        self._digest = hashlib.sha256()
        self._size = 0
        self._ended = False
        try:
            self._chunks = source.stream(item.key)
        except ObjectMissing as error:
            raise SourceError(Trouble.MISSING, "it is not there") from error
        except StoreError as error:
            raise SourceError(Trouble.UNREADABLE, str(error)) from error

    def readable(self) -> bool:
        """Always true."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Exactly ``size`` bytes, or what is left."""
        wanted = float("inf") if size is None or size < 0 else size
        while not self._ended and len(self._left) <= wanted:
            self._next()
        end = len(self._left) if wanted == float("inf") else int(wanted)
        taken = bytes(self._left[:end])
        del self._left[:end]
        return taken

    def _next(self) -> None:
        try:
            chunk = next(self._chunks, b"")
        except StoreError as error:
            raise SourceError(Trouble.UNREADABLE, str(error)) from error
        self._left += chunk
        self._digest.update(chunk)
        self._size += len(chunk)
        self._ended = not chunk
        if self._ended and (self._size, self._digest.hexdigest()) != (self._item.size, self._item.sha256):
            raise SourceError(Trouble.DAMAGED, f"{self._size} of {self._item.size} bytes, or another hash")

    def close(self) -> None:
        """Let go of the object."""
        if not self.closed:
            getattr(self._chunks, "close", lambda: None)()
        super().close()


def examine(store: Store, item: Item) -> Trouble | None:
    """Read an object to its end and compare size and hash; what is wrong with it, or ``None``."""
    try:
        with closing(Checked(store, item)) as stream:
            while stream.read(1024 * 1024):
                pass
    except SourceError as error:
        return error.trouble
    return None


def ensure(item: Item, source: Store, target: Store, *, verify: bool) -> tuple[bool, Trouble | None]:
    """See that ``target`` holds the object: whether it was copied now, and what is wrong with the source's.

    An object of the right size counts as there; with ``verify`` only one of the right hash does. What is
    copied is hashed on the way and read back. Raises ``StoreError`` when the target fails.
    """
    if _holds(target, item, verify=verify):
        return False, None
    try:
        with closing(Checked(source, item)) as stream:
            target.put(item.key, cast("BinaryIO", stream))
    except SourceError as error:
        return False, error.trouble
    if examine(target, item) is not None:
        raise StoreError("it gave back other bytes than were written")
    return True, None


def _holds(store: Store, item: Item, *, verify: bool) -> bool:
    try:
        return store.length(item.key) == item.size and not (verify and examine(store, item))
    except ObjectMissing:
        return False


def in_parallel(
    work: Callable[[Work], Result], items: Iterable[Work], *, jobs: int = JOBS
) -> Iterator[tuple[Work, Result]]:
    """Each item with its result, in the order of the items; a few are worked on at once, in threads.

    ``work`` must not touch the database. What it raises is raised here.
    """
    waiting: deque[tuple[Work, Future[Result]]] = deque()
    pool = ThreadPoolExecutor(jobs)
    try:
        for item in items:
            waiting.append((item, pool.submit(work, item)))
            if len(waiting) > 4 * jobs:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


class Watcher:
    """Is told how far a long operation is; this one keeps it to itself."""

    def begin(self, what: str, total: int) -> None:
        """``total`` objects are about to be ``what``, e.g. "copied"."""

    def tick(self, size: int) -> None:
        """One more is done, of ``size`` bytes."""


class Patience:
    """One unreadable object is a finding; ``GIVE_UP_AFTER`` in a row mean that the store is away."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def see(self, trouble: Trouble | None) -> None:
        """Raise ``StoreError`` when it is time to give up."""
        self._in_a_row = self._in_a_row + 1 if trouble is Trouble.UNREADABLE else 0
        if self._in_a_row >= GIVE_UP_AFTER:
            raise StoreError(f"{self._in_a_row} objects in a row cannot be read")
