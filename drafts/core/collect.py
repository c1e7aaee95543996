"""Collect blobs that nothing refers to, then the objects that no blob owns (DESIGN section 3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import CASCADE, Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from . import blobs, turns
from .models import Blob, DoomedObject
from .storage import StoreError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Collected:
    """What one pass did."""

    blobs: int
    objects: int
    more: bool


GIVE_UP_AFTER = 3  # objects
AGAIN = 3600  # seconds
ROUND = 50_000  # ids looked at by one pass of the beat
EVERY = 600  # seconds between two passes


def collect(*, limit: int = 500, ids: range | None = None) -> Collected:
    """Delete unreferenced blobs untouched for ``GC_GRACE``, of all or of these ids, and objects of deleted blobs."""
    rows = _doom(limit, ids)
    objects = _delete_doomed(limit)
    with suppress(StoreError):  # a store may not let us list what was left; all else is collected
        blobs.store().sweep(older_than=settings.GC_GRACE)
    return Collected(rows, objects, more=limit in (rows, objects))


def turn() -> range:
    """The ids of this pass; looking at every old blob took 30 s with five million of them and nothing to collect."""
    return turns.turn(Blob, size=ROUND, every=EVERY)


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
    """Delete blobs that nobody has touched since they were read, unless a row refers to them.

    Their objects go when the rows have gone for good, also where this is part of a longer transaction.
    """
    keys: list[str] = []
    with transaction.atomic():
        for blob in sorted(made, key=lambda blob: blob.sha256 or ""):
            untouched = Blob.objects.filter(pk=blob.pk, touched_at=blob.touched_at, state=Blob.State.STORED)
            if unused(untouched.select_for_update(of=("self",))).exists():
                blobs.doom([blob.key], being_written=False)
                Blob.objects.filter(pk=blob.pk).delete()
                keys.append(blob.key)
        transaction.on_commit(partial(_delete_at_once, keys))


def _delete_at_once(keys: Sequence[str]) -> None:
    with suppress(StoreError):  # the collector comes back to those that are left
        for key in keys:
            blobs.store().remove(key)
            DoomedObject.objects.filter(key=key).delete()


def unreferenced(ids: range | None = None) -> QuerySet[Blob]:
    """Blobs untouched for ``GC_GRACE`` that no row of any model refers to."""
    cutoff = timezone.now() - timedelta(seconds=settings.GC_GRACE)
    old = Blob.objects.filter(touched_at__lt=cutoff)
    return unused(old if ids is None else old.filter(pk__gte=ids.start, pk__lt=ids.stop))


def unused(query: QuerySet[Blob], *, leaving: Mapping[type[Model], Q] | None = None) -> QuerySet[Blob]:
    """Those that no row refers to, other than the rows that ``leaving`` describes for their models."""
    for relation in _relations():
        users = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
        if leaving and relation.related_model in leaving:
            users = users.filter(~leaving[relation.related_model])
        query = query.filter(~Exists(users))
    return query


def _relations() -> Sequence[Any]:
    """What uses a blob. Rows that go with it (its payload, what is known of it) do not."""
    return [rel for rel in Blob._meta.related_objects if rel.on_delete is not CASCADE]


def _doom(limit: int, ids: range | None = None) -> int:
    with transaction.atomic():
        rows = list(unreferenced(ids).select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:limit])
        # Seen again under the lock: a row that a save has just begun to use stays.
        doomed = list(unreferenced().filter(pk__in=[row.pk for row in rows]).values_list("pk", "key", "state"))
        for being_written in (True, False):
            keys = [key for _, key, state in doomed if (state != Blob.State.STORED) is being_written]
            blobs.doom(keys, being_written=being_written)
        Blob.objects.filter(pk__in=[pk for pk, _, _ in doomed]).delete()
    return len(doomed)


def _delete_doomed(limit: int) -> int:
    """Delete objects, oldest first; a delete that is repeated, or comes late, finds nothing and is fine.

    One that the store does not delete is tried again in an hour, so that it keeps no other waiting; after
    ``GIVE_UP_AFTER`` of them in a row the store is taken to be away.
    """
    done, refused, in_a_row = list[int](), list[int](), 0
    for doomed in DoomedObject.objects.filter(doomed_at__lte=timezone.now()).order_by("doomed_at")[:limit]:
        if not Blob.objects.filter(key=doomed.key).exists():
            try:
                blobs.store().remove(doomed.key)
            except StoreError as error:
                refused.append(doomed.pk)
                log.warning("object_not_deleted", key=doomed.key, error=str(error))
                in_a_row += 1
                if in_a_row == GIVE_UP_AFTER:
                    break
                continue
            in_a_row = 0
        done.append(doomed.pk)
    DoomedObject.objects.filter(pk__in=done).delete()
    DoomedObject.objects.filter(pk__in=refused).update(doomed_at=timezone.now() + timedelta(seconds=AGAIN))
    return len(done)
