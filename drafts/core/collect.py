"""Collect blobs that nothing refers to, then the objects that no blob owns (DESIGN section 3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from . import blobs
from .models import Blob, BlobPayload, DoomedObject
from .storage import StoreError


@dataclass(frozen=True, slots=True)
class Collected:
    """What one pass did."""

    blobs: int
    objects: int
    more: bool


def collect(*, limit: int = 500) -> Collected:
    """Delete unreferenced blobs untouched for ``GC_GRACE`` and the objects of deleted blobs."""
    rows = _doom(limit)
    objects = _delete_doomed(limit)
    blobs.store().sweep(older_than=settings.GC_GRACE)
    return Collected(rows, objects, more=limit in (rows, objects))


@contextmanager
def kept_if_used(made: Collection[Blob]) -> Iterator[None]:
    """Uploads that are attached in this block; when it fails they go at once, not after ``GC_GRACE``."""
    try:
        yield
    except Exception:
        with suppress(DatabaseError, InterfaceError, StoreError):
            discard(made)
        raise


def discard(made: Collection[Blob]) -> None:
    """Delete blobs that nobody has touched since they were read, unless a row refers to them."""
    keys = []
    with transaction.atomic():
        for blob in sorted(made, key=lambda blob: blob.sha256 or ""):
            untouched = Blob.objects.filter(pk=blob.pk, touched_at=blob.touched_at, state=Blob.State.STORED)
            if _unused(untouched.select_for_update(of=("self",))).exists():
                DoomedObject.objects.bulk_create([DoomedObject(key=blob.key)], ignore_conflicts=True)
                Blob.objects.filter(pk=blob.pk).delete()
                keys.append(blob.key)
    for key in keys:
        blobs.store().remove(key)
        DoomedObject.objects.filter(key=key).delete()


def unreferenced() -> QuerySet[Blob]:
    """Blobs untouched for ``GC_GRACE`` that no row of any model refers to."""
    cutoff = timezone.now() - timedelta(seconds=settings.GC_GRACE)
    return _unused(Blob.objects.filter(touched_at__lt=cutoff))


def _unused(query: QuerySet[Blob]) -> QuerySet[Blob]:
    for relation in _relations():
        users = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
        query = query.filter(~Exists(users))
    return query


def _relations() -> Sequence[Any]:
    return [rel for rel in Blob._meta.related_objects if rel.related_model is not BlobPayload]


def _doom(limit: int) -> int:
    with transaction.atomic():
        rows = list(unreferenced().select_for_update(skip_locked=True, of=("self",)).order_by("touched_at")[:limit])
        # Seen again under the lock: a row that a save has just begun to use stays.
        doomed = list(unreferenced().filter(pk__in=[row.pk for row in rows]).values_list("pk", "key"))
        DoomedObject.objects.bulk_create([DoomedObject(key=key) for _, key in doomed], ignore_conflicts=True)
        Blob.objects.filter(pk__in=[pk for pk, _ in doomed]).delete()
    return len(doomed)


def _delete_doomed(limit: int) -> int:
    """Delete objects, oldest first; a delete that is repeated, or comes late, finds nothing and is fine."""
    done = []
    for doomed in DoomedObject.objects.order_by(F("doomed_at").asc())[:limit]:
        if not Blob.objects.filter(key=doomed.key).exists():
            try:
                blobs.store().remove(doomed.key)
            except StoreError:
                break
        done.append(doomed.pk)
    DoomedObject.objects.filter(pk__in=done).delete()
    return len(done)
