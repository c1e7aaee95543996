"""Purge: what lay in the trash goes for good.

The first transaction marks the draft and records the purge: from then on the draft is gone for everybody, and whoever
finds the mark can go on deleting its rows, batch by batch. Blobs that nothing else uses are left to the collector,
which waits for ``GC_GRACE`` from then on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from drafts.access import idempotency
from drafts.access.idempotency import effect
from drafts.core import gate
from drafts.core.errors import Conflict, DraftNotFound, Text
from drafts.core.wakeups import wake
from drafts.models import Draft, DraftFile, DraftVersion, RetiredPath
from drafts.selectors.locks import lock_any_draft, lock_if_there, touch_blobs
from drafts.selectors.trash import half_purged, to_purge

from .events import Verb, record

TASK = "drafts.purge"
ROWS: Sequence[tuple[type[Model], Sequence[str]]] = (
    (DraftFile, ["blob_id"]),
    (RetiredPath, []),
    (DraftVersion, ["content_id"]),
)
BATCH = 1000  # rows of one transaction
AT_ONCE = 100  # drafts begun by one pass


@effect()
def begin_purge(*, draft_id: str) -> None:
    """Mark a draft in the trash as gone and wake the worker, which deletes its rows.

    Raises ``DraftNotFound``, and ``Conflict`` for a draft that is not in the trash or that is held.
    """
    _begin(draft_id)
    wake(TASK)


def purge_draft(*, draft_id: str) -> Iterator[int]:
    """Begin the purge of a draft unless it was begun, and delete its rows; yields how many went each time.

    Any number of these may run at once, and be killed. Raises what :func:`begin_purge` raises.
    """
    if not half_purged().filter(pk=draft_id).exists():
        _begin(draft_id)
    while deleted := _delete_some(draft_id):
        yield deleted


def check_purgeable(draft: Draft) -> None:
    """Raise ``Conflict`` for a draft that is not in the trash, or that is held."""
    if draft.deleted_at is None:
        raise Conflict(
            Text("The draft is not in the trash", "草稿不在回收站中"),
            hint=Text("Only what is in the trash can be purged.", "只能清除回收站中的草稿。"),
        )
    version = draft.versions.filter(held=True).order_by("number").first()
    if draft.held or version is not None:
        en, zh = (
            ("The draft", "该草稿") if version is None else (f"Version {version.number}", f"版本 {version.number} ")
        )
        raise Conflict(
            Text(f"{en} is held", f"{zh}已被保留"),
            hint=Text("Take the hold away first.", "请先解除保留。"),
        )


@effect()
def _begin(draft_id: str) -> None:
    gate.check_open()
    draft = lock_any_draft(draft_id=draft_id)
    check_purgeable(draft)
    told = {"name": draft.name, "versions": draft.head.number if draft.head else 0, "owner": draft.owner}
    trashed = {"trashed_by": draft.trashed_by, "trashed_at": f"{draft.deleted_at:%Y-%m-%dT%H:%M:%SZ}"}
    record(Verb.PURGE, draft_id=draft.pk, arguments={**told, **trashed})
    # Without a head its versions can go; described, nobody reads it again.
    draft.purged_at, draft.head, draft.described_revision = timezone.now(), None, draft.revision
    draft.save(update_fields=["purged_at", "head", "described_revision"])
    idempotency.forget(draft_id=draft.pk)


@transaction.atomic
def _delete_some(draft_id: str) -> int:
    draft = lock_if_there(draft_id=draft_id)
    if draft is None or draft.purged_at is None:
        return 0
    for model, uses in ROWS:
        rows = list(model._default_manager.filter(draft=draft).values_list("pk", *uses)[:BATCH])
        if rows:
            touch_blobs(ids={blob_id for _, *used in rows for blob_id in used})  # a backup may be copying them
            return model._default_manager.filter(pk__in=[row[0] for row in rows]).delete()[0]
    return draft.delete()[0]


@dataclass(frozen=True, slots=True)
class Purged:
    """What one pass did: drafts that are gone now, and whether there is more to do."""

    drafts: int
    more: bool


def purge_due(*, seconds: float) -> Purged:
    """Go on with what was begun, then purge what has been in the trash for ``TRASH_DAYS``, for about so long.

    Raises ``Unavailable`` in a maintenance.
    """
    gate.check_open()
    deadline = time.monotonic() + seconds
    begun = list(half_purged().values_list("pk", flat=True))
    due = to_purge(days=settings.TRASH_DAYS) if settings.TRASH_DAYS else Draft.objects.none()
    new = list(due.values_list("pk", flat=True)[:AT_ONCE])
    gone = 0
    for draft_id in (*begun, *new):
        with suppress(Conflict, DraftNotFound):  # brought back, held or purged by another meanwhile
            for _ in purge_draft(draft_id=draft_id):
                if time.monotonic() > deadline:
                    return Purged(gone, more=True)
            gone += 1
    return Purged(gone, more=len(new) == AT_ONCE)
