"""Blobs over ``STORAGES["drafts"]``: put, read, stream, touch."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import BinaryIO, cast

import zstandard
from django.conf import settings
from django.core.files.storage import storages
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from . import gate, rows
from .errors import InvalidParameter, Text, Unavailable
from .models import Blob, BlobPayload, DoomedObject
from .storage import ObjectMissing, Store, StoreError, joined

STORE_DOWN = Text("The object store cannot be reached", "对象存储暂时不可用")
COLLECTED = Text("The file was collected meanwhile", "文件已被回收")
IN_MEMORY = 1024 * 1024
PAYLOAD = "SELECT data FROM drafts_core_blobpayload WHERE blob_id = %s"

LATE = 3600.0  # seconds; no write of an object lasts longer


def store() -> Store:
    """The object store of drafts."""
    return cast("Store", storages["drafts"])


def release_connection() -> None:
    """Give the database connection back before waiting for a client or the store; not inside a transaction."""
    if not connection.in_atomic_block:
        connection.close()


def new_key(sha256: str) -> str:
    """``blobs/<2 hex>/<sha256>.<random>``: a blob made again has another key, so a late delete misses it."""
    return f"blobs/{sha256[:2]}/{sha256}.{secrets.token_hex(6)}"


def touch(*, blob_id: int) -> None:
    """Keep the collector away from a blob that is about to be used; it must be called in a transaction."""
    if not Blob.objects.filter(pk=blob_id).update(touched_at=timezone.now()):
        raise Unavailable(COLLECTED, retry_after=1)


class Hashing(io.RawIOBase):
    """A stream that hashes and counts what is read from it, and insists on the announced length."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        super().__init__()
        self._source = source
        self._left = length
        self.size = 0
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        """Always true."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Up to ``size`` bytes; raises ``InvalidParameter`` when the source ends before the announced length.

        And ``Unavailable`` when the disk is nearly full by then.
        """
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        if wanted == 0:
            return b""
        gate.check_space()
        try:
            chunk = self._source.read(wanted)
        except OSError:
            chunk = b""
        if not chunk:
            raise InvalidParameter.of(
                "body", "complete", Text("The body ended before its Content-Length", "请求体未传输完整")
            )
        self._left -= len(chunk)
        self.size += len(chunk)
        self.digest.update(chunk)
        return chunk


def put(source: BinaryIO, *, length: int) -> Blob:
    """Store ``length`` bytes of ``source`` and return their blob, an existing one if the bytes are known.

    Must run outside a transaction; the database connection is given back while the source is read. Raises
    ``Unavailable`` when the store fails and ``InvalidParameter`` when the source ends early; nothing is left
    behind but, at worst, a row that the collector clears.
    """
    release_connection()
    stream = Hashing(source, length)
    if length <= IN_MEMORY:
        data = b"".join(iter(lambda: stream.read(IN_MEMORY), b""))
        return known(stream.digest.hexdigest()) or _upload(Hashing(io.BytesIO(data), length))
    return _upload(stream)


def known(sha256: str) -> Blob | None:
    """A stored blob with this hash, touched so that the collector leaves it; ``None`` if there is none."""
    blob = Blob.objects.filter(sha256=sha256, state=Blob.State.STORED).first()
    if blob and Blob.objects.filter(pk=blob.pk).update(touched_at=timezone.now()):
        return blob
    return None


def _upload(stream: Hashing) -> Blob:
    name = secrets.token_hex(16)
    blob = Blob.objects.create(key=f"blobs/up/{name[:2]}/{name}", state=Blob.State.UPLOADING)
    release_connection()
    try:
        store().put(blob.key, cast("BinaryIO", stream))
        if store().length(blob.key) != stream.size:
            raise StoreError("the store kept another length")
    except StoreError as error:
        abandon(blob)
        raise Unavailable(STORE_DOWN) from error
    except BaseException:
        abandon(blob)
        raise
    return _finish(blob, sha256=stream.digest.hexdigest(), size=stream.size)


def _finish(blob: Blob, *, sha256: str, size: int) -> Blob:
    """Give an uploaded blob its hash; if another one has these bytes in the store, use that instead."""
    now = timezone.now()
    try:
        with transaction.atomic():
            finished = Blob.objects.filter(pk=blob.pk).update(
                sha256=sha256, size=size, state=Blob.State.STORED, stored_at=now, touched_at=now
            )
    except IntegrityError:
        other = known(sha256)
        if other is not None:
            abandon(blob)
            return other
        return _adopt(blob, sha256) or _finish(blob, sha256=sha256, size=size)
    if not finished:  # it took longer than GC_GRACE, or the clock was set forward
        doom([blob.key], being_written=False)
        raise Unavailable(COLLECTED, retry_after=1)
    blob.refresh_from_db()
    return blob


def _adopt(blob: Blob, sha256: str) -> Blob | None:
    """A blob with these bytes waits for the store: the object just written becomes its object."""
    with transaction.atomic():
        waiting = Blob.objects.select_for_update().filter(sha256=sha256).exclude(state=Blob.State.STORED).first()
        upload = Blob.objects.select_for_update().filter(pk=blob.pk).first()
        if waiting is None or upload is None:
            return None
        key, old = upload.key, waiting.key
        upload.delete()
        doom([old], being_written=True)
        now = timezone.now()
        Blob.objects.filter(pk=waiting.pk).update(
            key=key, state=Blob.State.STORED, stored_at=now, touched_at=now, error=""
        )
        BlobPayload.objects.filter(blob_id=waiting.pk).delete()
    waiting.refresh_from_db()
    return waiting


def abandon(blob: Blob) -> None:
    """Forget an upload that failed: its row goes, its object is doomed."""
    with transaction.atomic():
        doom([blob.key], being_written=True)
        Blob.objects.filter(pk=blob.pk).delete()


def doom(keys: Collection[str], *, being_written: bool) -> None:
    """Hand objects to the collector, in the transaction that takes their owner away.

    An object that somebody may still be writing is deleted later: a write that comes after the delete, by a
    worker that dies before it can say so or by a store that answered too late, would stay for ever.
    """
    wait = min(LATE, settings.GC_GRACE) if being_written else 0
    moment = timezone.now() + timedelta(seconds=wait)
    DoomedObject.objects.bulk_create([DoomedObject(key=key, doomed_at=moment) for key in keys], ignore_conflicts=True)


def payload(blob_id: int, *, size: int) -> bytes | None:
    """The bytes of a blob that is not stored yet, or ``None``."""
    row = rows.fetch_one(PAYLOAD, (blob_id,))
    return None if row is None else zstandard.ZstdDecompressor().decompress(bytes(row[0]), max_output_size=size or 1)


def read(blob: Blob) -> bytes:
    """All bytes of a blob: its payload while that exists, else the store. Raises ``Unavailable``."""
    for attempt in (1, 2):
        data = payload(blob.pk, size=blob.size)
        if data is not None:
            return data
        try:
            key = Blob.objects.filter(pk=blob.pk).values_list("key", flat=True).first()
            if key is None:  # what used it was purged meanwhile
                raise Unavailable(COLLECTED, retry_after=1)
            data = joined(store().stream(key))
        except ObjectMissing as error:
            if attempt == 2:
                raise Unavailable(STORE_DOWN) from error
            continue
        except StoreError as error:
            raise Unavailable(STORE_DOWN) from error
        if len(data) == blob.size:
            return data
    raise Unavailable(STORE_DOWN)


def open_stream(blob: Blob, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Bytes of a blob, in chunks, opened before this returns. Raises ``Unavailable``, and ``StoreError`` on the way."""
    if blob.state != Blob.State.STORED:
        data = read(blob)
        return iter([data[start : None if length is None else start + length]])
    try:
        return store().stream(blob.key, start, length)
    except StoreError as error:
        raise Unavailable(STORE_DOWN) from error
