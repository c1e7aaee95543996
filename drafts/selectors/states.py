"""Where drafts stand: whether the store has all their bytes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import F, Q, QuerySet

from drafts.core import persist
from drafts.core.models import Blob
from drafts.models import DraftFile, DraftVersion


def _waiting(states: Collection[str], **drafts: Any) -> list[QuerySet[Any]]:
    """Versions and files whose bytes are in one of these states; few rows, found from the side of the blobs."""
    versions = DraftVersion.objects.filter(content__state__in=states, **drafts).annotate(state=F("content__state"))
    return [versions, DraftFile.objects.filter(blob__state__in=states, **drafts).annotate(state=F("blob__state"))]


def drafts_with(*states: str) -> QuerySet[Any]:
    """Ids of the drafts that have bytes in one of these states."""
    versions, files = _waiting(states)
    return versions.values("draft_id").union(files.values("draft_id"))


def storing_states(draft_ids: Collection[str]) -> dict[str, str]:
    """``failed`` or ``pending`` for those of the drafts whose bytes are not all in the store; one query."""
    versions, files = _waiting(Blob.WAITING, draft__in=draft_ids)
    pairs = versions.values_list("draft_id", "state").union(files.values_list("draft_id", "state"))
    return dict(sorted(pairs, key=lambda pair: pair[1] == Blob.State.FAILED))


def waiting_blobs(*, draft_id: str) -> QuerySet[Blob]:
    """Bytes of the draft, of any version, that are not in the store yet."""
    used = Q(pk__in=DraftVersion.objects.filter(draft_id=draft_id).values("content_id"))
    used |= Q(pk__in=DraftFile.objects.filter(draft_id=draft_id).values("blob_id"))
    return persist.waiting().filter(used)
