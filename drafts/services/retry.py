"""Have what a draft waits for stored now."""

from __future__ import annotations

from django.utils import timezone

from drafts.access.idempotency import effect
from drafts.core import persist
from drafts.core.wakeups import wake
from drafts.selectors.states import waiting_blobs

from .events import Verb, record


@effect()
def retry_draft(*, draft_id: str) -> int:
    """Make the draft's waiting blobs due now, when the store was mended; returns how many there are."""
    due = waiting_blobs(draft_id=draft_id).update(next_try_at=timezone.now())
    if due:
        record(Verb.RETRY, draft_id=draft_id, arguments={"blobs": due})
        wake(persist.TASK)
    return due
