"""Copy pending blobs from the database into the store. The row is the job (DESIGN section 3)."""

from __future__ import annotations

import hashlib
import io
import random
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from . import blobs
from .models import Blob, BlobPayload, DoomedObject
from .storage import StoreError

log = structlog.get_logger(__name__)

LEASE = 15.0
LONGEST = 600.0
GIVE_UP_AFTER = 3


def backoff(tries: int) -> float:
    """Seconds until the next try: 1, 2, 4, ... at most ten minutes, give or take a quarter."""
    base = LONGEST if tries >= settings.PERSIST_TRIES else min(LONGEST, 2.0 ** max(0, tries - 1))
    return base * random.uniform(0.75, 1.25)  # noqa: S311 - jitter


def due() -> Q:
    """Blobs to persist now: their time has come, or lies further ahead than any back-off (clock set back)."""
    now = timezone.now()
    horizon = now + timedelta(seconds=LONGEST * 1.25 + 60)
    return Q(state__in=Blob.WAITING) & (Q(next_try_at__lte=now) | Q(next_try_at__gt=horizon))


def hurry() -> int:
    """Make every waiting blob due now, for an operator who has mended the store; returns how many wait."""
    return Blob.objects.filter(state__in=Blob.WAITING).update(next_try_at=timezone.now())


def store_again(key: str) -> bool:
    """Make a stored blob wait again, if its payload is still there: its object is missing or damaged.

    The object is then written anew under the same key. Returns whether there was such a payload.
    """
    with transaction.atomic():
        blob = Blob.objects.select_for_update().filter(key=key, state=Blob.State.STORED).first()
        if blob is None or not BlobPayload.objects.filter(blob_id=blob.pk).exists():
            return False
        Blob.objects.filter(pk=blob.pk).update(state=Blob.State.PENDING, tries=0, next_try_at=timezone.now())
    return True


@dataclass(frozen=True, slots=True)
class Drained:
    """What one pass did."""

    stored: int
    failed: int
    more: bool


def drain(*, limit: int = 50) -> Drained:
    """Claim up to ``limit`` due blobs, write each to the store, read it back, drop its payload."""
    claimed = _claim(limit)
    stored: list[Blob] = []
    failures: list[tuple[Blob, str]] = []
    for blob in claimed:
        if len(failures) >= GIVE_UP_AFTER and not stored:
            failures.append((blob, "not tried: the store fails"))
            continue
        error = _persist(blob)
        if error is None:
            stored.append(blob)
        else:
            failures.append((blob, error))
    _mark_stored(stored)
    for blob, error in failures:
        _mark_failed(blob, error)
    return Drained(len(stored), len(failures), more=len(claimed) == limit or Blob.objects.filter(due()).exists())


def _claim(limit: int) -> list[Blob]:
    """Take due rows: ``tries`` and the next time are written first, so that a payload that kills a worker counts."""
    with transaction.atomic():
        claimed = list(Blob.objects.select_for_update(skip_locked=True).filter(due()).order_by("next_try_at")[:limit])
        if claimed:
            lease = timezone.now() + timedelta(seconds=LEASE)
            Blob.objects.filter(pk__in=[blob.pk for blob in claimed]).update(tries=F("tries") + 1, next_try_at=lease)
    return claimed


def _persist(blob: Blob) -> str | None:
    """Write one blob; returns what went wrong, or ``None``."""
    data = blobs.payload(blob.pk, size=blob.size)
    if data is None:
        # A concurrent drain stored it and dropped the payload; anything else is an error to show.
        gone = not Blob.objects.filter(pk=blob.pk, state__in=Blob.WAITING).exists()
        return None if gone else "the payload is missing"
    if hashlib.sha256(data).hexdigest() != blob.sha256:
        return "the payload does not have the recorded hash"
    try:
        blobs.store().put(blob.key, io.BytesIO(data))
        if _hash_of(blob.key) != blob.sha256:
            return "the store gave back other bytes"
    except StoreError as error:
        return str(error)
    return None


def _hash_of(key: str) -> str:
    digest = hashlib.sha256()
    for chunk in blobs.store().stream(key):
        digest.update(chunk)
    return digest.hexdigest()


def _mark_stored(stored: list[Blob]) -> None:
    if not stored:
        return
    with transaction.atomic():
        for blob in sorted(stored, key=lambda blob: blob.sha256 or ""):
            # Compare the key: an upload of the same bytes may have given the row another object meanwhile.
            updated = Blob.objects.filter(pk=blob.pk, key=blob.key).update(
                state=Blob.State.STORED, stored_at=timezone.now(), error=""
            )
            if updated:
                BlobPayload.objects.filter(blob_id=blob.pk).delete()
            else:
                DoomedObject.objects.bulk_create([DoomedObject(key=blob.key)], ignore_conflicts=True)
    log.info("blobs_stored", count=len(stored))


def _mark_failed(blob: Blob, error: str) -> None:
    tries = blob.tries + 1
    state = Blob.State.FAILED if tries >= settings.PERSIST_TRIES else Blob.State.PENDING
    later = timezone.now() + timedelta(seconds=backoff(tries))
    Blob.objects.filter(pk=blob.pk, state__in=Blob.WAITING).update(state=state, error=error[:300], next_try_at=later)
    log.warning("blob_not_stored", blob=blob.pk, tries=tries, error=error)
