"""The locked reads. Lock order: draft, then blobs by sha256 (the other way two imports deadlock)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, transaction
from django.utils import timezone

from drafts.core.errors import DraftNotFound, Unavailable
from drafts.core.models import Blob
from drafts.core.rows import fetch_one
from drafts.models import Draft

from .drafts import find_draft, present


def lock_draft(*, draft_id: str) -> Draft:
    """The draft, locked until commit; ``head`` is read on first use, and so is newer than the lock.

    Raises ``DraftNotFound``.
    """
    return present(lock_if_there(draft_id=draft_id))


def lock_any_draft(*, draft_id: str) -> Draft:
    """The draft, also from the trash, locked until commit. Raises ``DraftNotFound``, also once its purge has begun."""
    draft = lock_if_there(draft_id=draft_id)
    if draft is None or draft.purged_at is not None:
        raise DraftNotFound
    return draft


def lock_if_there(*, draft_id: str) -> Draft | None:
    """The draft in whatever state, locked until commit."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock needs a transaction to hold it")
    # On SQLite the transaction itself is the lock: it begins IMMEDIATE.
    return find_draft(draft_id=draft_id, lock="FOR UPDATE" if connection.features.has_select_for_update else "")


def packed_content(*, draft: Draft) -> tuple[int, bytes]:
    """The size in bytes, and the compressed bytes, of the working content of a locked draft."""
    row = fetch_one("SELECT size, data FROM drafts_draftcontent WHERE draft_id = %s", [draft.pk])
    if row is None:
        raise DraftNotFound
    return int(row[0]), bytes(row[1])


def touch_blobs(*, ids: Collection[int]) -> None:
    """Lock blobs in order of hash and keep the collector away from them. Raises ``Unavailable`` if one is gone."""
    wanted = set(ids)
    locked = Blob.objects.select_for_update().filter(pk__in=wanted).order_by("sha256").values_list("pk", flat=True)
    if len(locked) != len(wanted):
        raise Unavailable(retry_after=1)
    Blob.objects.filter(pk__in=wanted).update(touched_at=timezone.now())
