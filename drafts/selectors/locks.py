"""The locked reads. Lock order: draft, then blobs by sha256 (the other way two imports deadlock)."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from drafts.core.errors import Unavailable
from drafts.core.models import Blob
from drafts.models import Draft

from .drafts import get_any_draft, present


def lock_draft(*, draft_id: str) -> Draft:
    """The draft, locked until commit; ``head`` is read on first use, and so is newer than the lock.

    Raises ``DraftNotFound``.
    """
    return present(_lock(draft_id))


def lock_any_draft(*, draft_id: str) -> Draft:
    """The draft, also from the trash, locked until commit. Raises ``DraftNotFound``."""
    return _lock(draft_id) or get_any_draft(draft_id=draft_id)


def _lock(draft_id: str) -> Draft | None:
    return next(iter(Draft.objects.select_for_update().filter(pk=draft_id)), None)


def touch_blobs(*, ids: Collection[int]) -> None:
    """Lock blobs in order of hash and keep the collector away from them. Raises ``Unavailable`` if one is gone."""
    wanted = set(ids)
    locked = Blob.objects.select_for_update().filter(pk__in=wanted).order_by("sha256").values_list("pk", flat=True)
    if len(locked) != len(wanted):
        raise Unavailable(retry_after=1)
    Blob.objects.filter(pk__in=wanted).update(touched_at=timezone.now())
