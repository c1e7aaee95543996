"""Save: every changed save becomes an immutable version (DESIGN section 3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from drafts.access.caller import Caller
from drafts.core import blobs, gate
from drafts.core.models import Blob
from drafts.core.wakeups import wake
from drafts.models import Draft, DraftVersion
from drafts.selectors.drafts import Working, get_draft_with_head, working_state
from drafts.selectors.locks import lock_draft

from .preconditions import check_revision

DRAIN = "drafts.drain"

_PAYLOAD = """
INSERT INTO drafts_core_blobpayload (blob_id, data)
SELECT %s, data FROM drafts_draftcontent WHERE draft_id = %s
ON CONFLICT (blob_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Saved:
    """The version that holds the draft now, and whether this save made it."""

    version: DraftVersion
    changed: bool


def save_draft(
    *,
    draft_id: str,
    caller: Caller,
    author: str = "",
    note: str = "",
    revisions: frozenset[int] | None = None,
) -> Saved:
    """Make a version of the working state, unless the head already holds it and there is no note.

    An unchanged draft costs one read. Raises ``DraftNotFound``, ``Stale``, ``Unavailable``.
    """
    draft = get_draft_with_head(draft_id=draft_id)
    check_revision(draft, revisions)
    if draft.head is not None and draft.head.revision == draft.revision and not note:
        return Saved(draft.head, changed=False)
    gate.check_writable()
    with transaction.atomic():
        draft = lock_draft(draft_id=draft_id)
        check_revision(draft, revisions)
        working = working_state(draft_id=draft_id)
        if working.head_revision == draft.revision and not note and draft.head is not None:
            return Saved(draft.head, changed=False)
        version = snapshot(
            draft=draft,
            caller=caller,
            origin=DraftVersion.Origin.SAVE,
            author=author,
            note=note,
            working=working,
        )
    return Saved(version, changed=True)


def snapshot(
    *,
    draft: Draft,
    caller: Caller,
    origin: str,
    author: str = "",
    note: str = "",
    working: Working | None = None,
) -> DraftVersion:
    """The next version of a locked draft, in the caller's transaction; the collector and the head know it.

    The bytes go from content to payload inside the database, and wait there for ``drain``.
    """
    state = working or working_state(draft_id=draft.pk)
    ref = blobs.claim_content(sha256=state.sha256, size=state.size)
    if ref.state != Blob.State.STORED:
        with connection.cursor() as cursor:
            cursor.execute(_PAYLOAD, [ref.id, draft.pk])
    version = DraftVersion.objects.create(
        draft=draft,
        number=state.head_number + 1,
        revision=draft.revision,
        content_id=ref.id,
        origin=origin,
        width=draft.width,
        height=draft.height,
        fps=draft.fps,
        duration=draft.duration,
        file_count=state.file_count,
        author=author,
        note=note,
        address=caller.address,
        user_agent=caller.user_agent[:200],
        request_id=caller.request_id,
    )
    Draft.objects.filter(pk=draft.pk).update(head=version)
    draft.head = version
    if ref.state != Blob.State.STORED:
        version.content = Blob(id=ref.id, sha256=state.sha256, size=state.size, state=ref.state)
        wake(DRAIN)
    return version


def freeze_unsaved(*, draft: Draft, caller: Caller, reason: str) -> DraftVersion | None:
    """Keep unsaved work of a locked draft as an ``auto`` version before something replaces it.

    A draft that was created and never touched holds no work.
    """
    head = draft.head
    unsaved = draft.revision > 1 if head is None else head.revision != draft.revision
    if not unsaved:
        return None
    return snapshot(draft=draft, caller=caller, origin=DraftVersion.Origin.AUTO, note=reason)
