"""The store behind ``STORAGES["drafts"]`` on a file system; :mod:`drafts.core.s3` has the other one.

Both write an object whole or not at all, under exactly the given name, and raise :class:`StoreError`
for whatever goes wrong, so that callers need not know which one is in use.
"""

from __future__ import annotations

import contextlib
import io
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from . import metrics

if TYPE_CHECKING:
    from .s3 import BlobS3Storage

CHUNK = 256 * 1024
Store: TypeAlias = "BlobFileStorage | BlobS3Storage"
Guard = Callable[[], contextlib.AbstractContextManager[None]]
PREFIX = "blobs/"  # every key of ours begins so; whatever else lies in a bucket is none of our business


class StoreError(Exception):
    """The store could not be reached, or refused; worth another try later."""


class ObjectMissing(StoreError):
    """The store answered that it has no such object."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as the store lists it: bytes, and seconds since the epoch of its last change."""

    key: str
    size: int
    modified: float


class BlobFileStorage(FileSystemStorage):
    """Objects as files: temporary name, fsync of file and folder, then ``os.replace``."""

    @property
    def temporary(self) -> Path:
        """Where half-written objects lie."""
        return Path(self.base_location) / "tmp"

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: keys are unique by construction and writing twice is harmless."""
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        self.temporary.mkdir(parents=True, exist_ok=True)
        _make_folder(target.parent)
        scratch = self.temporary / uuid.uuid4().hex
        try:
            with scratch.open("xb") as handle:
                for chunk in content.chunks(CHUNK):
                    handle.write(chunk)
                handle.flush()
                os.fsync(handle.fileno())
            scratch.replace(target)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
        sync_folder(target.parent)
        return name

    def put(self, key: str, stream: BinaryIO) -> None:
        """Write ``stream`` under ``key``; the object is durable when this returns."""
        with file_errors():
            self._save(key, File(stream))

    def length(self, key: str) -> int:
        """Size of the object in bytes; raises ``ObjectMissing``."""
        with file_errors():
            return Path(self.path(key)).stat().st_size

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The object's bytes from ``start``, ``length`` of them; opened before the first is asked for."""
        with file_errors():
            handle = Path(self.path(key)).open("rb")  # noqa: SIM115 - Chunks closes it
            handle.seek(start)
        return Chunks(handle, length, file_errors)

    def remove(self, key: str) -> None:
        """Delete the object; deleting what is not there is fine."""
        with file_errors():
            Path(self.path(key)).unlink(missing_ok=True)

    def objects(self) -> Iterator[Listed]:
        """Every object of ours, half-written ones not; objects that come or go meanwhile may be listed or not."""
        with file_errors():
            root = Path(self.base_location)
            for folder, _, names in os.walk(root / PREFIX, onerror=_unless_missing):
                for path in (Path(folder, name) for name in names):
                    with contextlib.suppress(FileNotFoundError):
                        stat = path.stat()
                        yield Listed(path.relative_to(root).as_posix(), stat.st_size, stat.st_mtime)

    def sweep(self, *, older_than: float) -> int:
        """Delete temporaries that a killed writer left ``older_than`` seconds ago; returns how many."""
        swept = 0
        for scratch in self.temporary.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - scratch.stat().st_mtime > older_than:
                    scratch.unlink()
                    swept += 1
        return swept


@contextlib.contextmanager
def file_errors() -> Iterator[None]:
    """Say in this module's words what the file system says."""
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(str(error.strerror)) from error
    except OSError as error:
        metrics.STORE_ERRORS.labels(type(error).__name__).inc()
        raise StoreError(type(error).__name__) from error


class Chunks(Iterator[bytes]):
    """What is left of an open object, in chunks. Closing it early, or before the first chunk, closes the object."""

    def __init__(self, handle: BinaryIO, length: int | None, errors: Guard) -> None:
        self._handle = handle
        self._left = length
        self._errors = errors

    def __next__(self) -> bytes:
        """The next chunk. Raises ``StoreError`` when the object ends before ``length`` bytes."""
        with self._errors():
            chunk = self._handle.read(CHUNK if self._left is None else min(CHUNK, self._left))
        if not chunk:
            self.close()
            if self._left:
                raise StoreError("the object ended early")
            raise StopIteration
        if self._left is not None:
            self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        """Let go of the object."""
        self._handle.close()


def _unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def joined(parts: Iterable[bytes]) -> bytes:
    """All parts as one, in a buffer that grows: a list joined at the end takes everything twice."""
    whole = io.BytesIO()
    for part in parts:
        whole.write(part)
    return whole.getvalue()
