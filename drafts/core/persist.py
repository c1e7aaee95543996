"""Copy pending blobs from the database into the store. The row is the job (DESIGN section 3)."""

from __future__ import annotations

import hashlib
import io
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone

from . import blobs, metrics
from .models import Blob, BlobPayload
from .storage import StoreError

log = structlog.get_logger(__name__)

TASK = "drafts.drain"
LEASE = 15.0
LONGEST = 600.0
GIVE_UP_AFTER = 3
SOON = 60.0


def backoff(tries: int) -> float:
    """Seconds until the next try: 1, 2, 4, ... at most ten minutes, give or take a quarter."""
    base = LONGEST if tries >= settings.PERSIST_TRIES else min(LONGEST, 2.0 ** max(0, tries - 1))
    return base * random.uniform(0.75, 1.25)  # noqa: S311 - jitter


def due() -> Q:
    """Blobs to persist now: their time has come, or lies further ahead than any back-off (clock set back)."""
    now = timezone.now()
    horizon = now + timedelta(seconds=LONGEST * 1.25 + 60)
    return Q(state__in=Blob.WAITING) & (Q(next_try_at__lte=now) | Q(next_try_at__gt=horizon))


def waiting() -> QuerySet[Blob]:
    """Blobs that are not in the store yet."""
    return Blob.objects.filter(state__in=Blob.WAITING)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for the store: how many blobs, how many of them failed, since when the oldest."""

    count: int
    failed: int
    oldest: datetime | None


def backlog() -> Backlog:
    """One query, which reads the partial index of waiting rows alone."""
    failed = Count("pk", filter=Q(state=Blob.State.FAILED))
    return Backlog(**waiting().aggregate(count=Count("pk"), failed=failed, oldest=Min("created_at")))


def hurry(*, blob_id: int | None = None) -> int:
    """Make what waits due now, all of it or one blob, when the store was mended; returns how many blobs are."""
    rows = waiting() if blob_id is None else waiting().filter(pk=blob_id)
    return rows.update(next_try_at=timezone.now())


@dataclass(frozen=True, slots=True)
class Drained:
    """What one pass did; ``more`` when it left blobs that were due as it began."""

    stored: int
    failed: int
    more: bool


def drain(*, limit: int = 50) -> Drained:
    """Claim up to ``limit`` due blobs, write each to the store, read it back, drop its payload."""
    claimed = _claim(limit)
    stored: list[Blob] = []
    failures: list[tuple[Blob, str]] = []
    untried: list[Blob] = []
    deadline = time.monotonic() + LEASE / 2
    for blob in claimed:
        if time.monotonic() > deadline or (len(failures) >= GIVE_UP_AFTER and not stored):
            untried.append(blob)
            continue
        error = _persist(blob)
        if error is None:
            stored.append(blob)
        else:
            failures.append((blob, error))
    _mark_stored(stored)
    for blob, error in failures:
        _mark_failed(blob, error)
    wait = 0 if stored or not failures else backoff(1 + failures[0][0].tries)
    if untried:
        _put_off(untried, seconds=wait)
    return Drained(len(stored), len(failures), more=len(claimed) == limit or bool(untried and not wait))


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
    """Mark all of them at once: two statements for each would cost more than storing it."""
    if not stored:
        return
    written = {blob.pk: blob.key for blob in stored}
    with transaction.atomic():
        # In order of hash, as everywhere; compare the key, for an upload of the same bytes may have given the row
        # another object meanwhile.
        locked = Blob.objects.select_for_update().filter(pk__in=written).order_by("sha256")
        ours = {pk for pk, key in locked.values_list("pk", "key") if written[pk] == key}
        Blob.objects.filter(pk__in=ours).update(state=Blob.State.STORED, stored_at=timezone.now(), error="")
        BlobPayload.objects.filter(blob_id__in=ours).delete()
        blobs.doom([key for pk, key in written.items() if pk not in ours], being_written=False)
    # The store works: what failed while it did not is tried within a minute, not only after its back-off.
    soon = timezone.now() + timedelta(seconds=SOON)
    Blob.objects.filter(state__in=Blob.WAITING, next_try_at__gt=soon).update(next_try_at=soon)
    metrics.PERSISTED.labels("stored").inc(len(stored))
    now = timezone.now()
    for blob in stored:
        metrics.PERSIST_DELAY.labels(str(blob.state)).observe((now - blob.created_at).total_seconds())
    log.info("blobs_stored", count=len(stored))


def _put_off(untried: list[Blob], *, seconds: float) -> None:
    """Blobs that were claimed and not reached: this counts as no try."""
    later = timezone.now() + timedelta(seconds=min(seconds, SOON))
    waiting = Blob.objects.filter(pk__in=[blob.pk for blob in untried], state__in=Blob.WAITING, tries__gt=0)
    waiting.update(tries=F("tries") - 1, next_try_at=later)


def _mark_failed(blob: Blob, error: str) -> None:
    tries = blob.tries + 1
    state = Blob.State.FAILED if tries >= settings.PERSIST_TRIES else Blob.State.PENDING
    later = timezone.now() + timedelta(seconds=backoff(tries))
    Blob.objects.filter(pk=blob.pk, state__in=Blob.WAITING).update(state=state, error=error[:300], next_try_at=later)
    metrics.PERSISTED.labels("failed").inc()
    log.warning("blob_not_stored", blob=blob.pk, tries=tries, error=error)
