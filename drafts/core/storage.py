"""The two stores behind ``STORAGES["drafts"]``: the file system, and any S3-compatible store.

Both write an object whole or not at all, under exactly the given name, and raise :class:`StoreError`
for whatever goes wrong, so that callers need not know which one is in use.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage

CHUNK = 256 * 1024
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
        with _as_store_error():
            self._save(key, File(stream))

    def length(self, key: str) -> int:
        """Size of the object in bytes; raises ``ObjectMissing``."""
        with _as_store_error():
            return Path(self.path(key)).stat().st_size

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The object's bytes from ``start``, ``length`` of them; opened before the first is asked for."""
        with _as_store_error():
            handle = Path(self.path(key)).open("rb")  # noqa: SIM115 - Chunks closes it
            handle.seek(start)
        return Chunks(handle, length)

    def remove(self, key: str) -> None:
        """Delete the object; deleting what is not there is fine."""
        with _as_store_error():
            Path(self.path(key)).unlink(missing_ok=True)

    def objects(self) -> Iterator[Listed]:
        """Every object of ours, half-written ones not; objects that come or go meanwhile may be listed or not."""
        with _as_store_error():
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


class BlobS3Storage(S3Storage):  # type: ignore[misc]  # the library is not typed
    """Objects in an S3-compatible store, with short time-outs and no checksums that stores lack."""

    def __init__(self, **options: Any) -> None:
        from botocore.config import Config

        style = options.pop("addressing_style", "auto")
        options["client_config"] = Config(
            connect_timeout=3,
            read_timeout=30,
            retries={"total_max_attempts": 2, "mode": "standard"},
            # Newer defaults send trailing checksums that several stores refuse (STACK section 6).
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": style},
            signature_version="s3v4",
            max_pool_connections=64,
        )
        super().__init__(**options)

    def put(self, key: str, stream: BinaryIO) -> None:
        """Write ``stream`` under ``key``, in parts when it is large."""
        with _as_store_error():
            self._save(key, File(stream))

    def length(self, key: str) -> int:
        """Size of the object in bytes; raises ``ObjectMissing``."""
        with _as_store_error():
            return int(self.bucket.Object(key).content_length)

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The object's bytes from ``start``, ``length`` of them, without a local copy."""
        if length == 0:
            return iter(())
        end = "" if length is None else str(start + length - 1)
        with _as_store_error():
            answer = self.bucket.Object(key).get(**({"Range": f"bytes={start}-{end}"} if start or end else {}))
        return Chunks(cast("BinaryIO", answer["Body"]), length)

    def remove(self, key: str) -> None:
        """Delete the object; deleting what is not there is fine."""
        with _as_store_error():
            self.bucket.Object(key).delete()

    def objects(self) -> Iterator[Listed]:
        """Every object of ours, a thousand a request; objects that come or go meanwhile may be listed or not."""
        with _as_store_error():
            pages = self.bucket.meta.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=PREFIX):
                for entry in page.get("Contents", ()):
                    yield Listed(entry["Key"], int(entry["Size"]), entry["LastModified"].timestamp())

    def sweep(self, *, older_than: float) -> int:
        """An S3 store has no temporaries of ours."""
        return 0


Store = BlobFileStorage | BlobS3Storage


@contextlib.contextmanager
def _as_store_error() -> Iterator[None]:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(str(error.strerror)) from error
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        kind = ObjectMissing if code in {"404", "NoSuchKey", "NotFound"} else StoreError
        raise kind(f"the store answered {code or 'an error'}") from error
    except (OSError, BotoCoreError, Boto3Error) as error:
        raise StoreError(type(error).__name__) from error


class Chunks(Iterator[bytes]):
    """What is left of an open object, in chunks. Closing it early, or before the first chunk, closes the object."""

    def __init__(self, handle: BinaryIO, length: int | None) -> None:
        self._handle = handle
        self._left = length

    def __next__(self) -> bytes:
        """The next chunk. Raises ``StoreError`` when the object ends before ``length`` bytes."""
        with _as_store_error():
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
