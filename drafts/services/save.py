"""Save: every changed save becomes an immutable version (DESIGN section 3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from drafts.access.caller import current_caller
from drafts.access.idempotency import effect
from drafts.core import gate, persist
from drafts.core.models import Blob
from drafts.core.wakeups import wake
from drafts.models import Draft, DraftVersion
from drafts.selectors.drafts import Working, get_draft_to_save
from drafts.selectors.locks import lock_draft

from . import events
from .describe import wake_describe
from .events import Arguments, Verb
from .preconditions import check_revision
from .quotas import grow, limited
from .version_rows import insert_version

AFTER = 0.2  # seconds after a save, so that a burst of saves is stored at once, and not beside itself
ORIGINS = {
    Verb.SAVE: DraftVersion.Origin.SAVE,
    Verb.FREEZE: DraftVersion.Origin.AUTO,
    Verb.RESTORE: DraftVersion.Origin.RESTORE,
    Verb.COPY: DraftVersion.Origin.IMPORT,
    Verb.IMPORT: DraftVersion.Origin.IMPORT,
    Verb.ADOPT: DraftVersion.Origin.IMPORT,
}


@dataclass(frozen=True, slots=True)
class Saved:
    """The version that holds the draft now, and whether this save made it."""

    version: DraftVersion
    changed: bool


def save_draft(
    *,
    draft_id: str,
    author: str = "",
    note: str = "",
    revisions: frozenset[int] | None = None,
) -> Saved:
    """Make a version of the working state, unless the head already holds it and there is no note.

    An unchanged draft costs one read, and a changed one is written as it was read, unless something else has
    written it in between. Raises ``DraftNotFound``, ``Stale``, ``Unavailable``.
    """
    draft, working = get_draft_to_save(draft_id=draft_id)
    check_revision(draft, revisions)
    if not note and (head := _head_of_saved(draft)):
        return Saved(head, changed=False)
    gate.check_writable()
    with effect(one_statement=not limited(str(draft.workspace_id))):
        version = _next_version(Verb.SAVE, draft, working, {"note": note}, author, note)
    if version is not None:
        return Saved(version, changed=True)
    with effect():
        lock_draft(draft_id=draft_id)
        # A query of its own: on PostgreSQL what the locking query joins may be older than the lock.
        draft, working = get_draft_to_save(draft_id=draft_id)
        check_revision(draft, revisions)
        if not note and (head := _head_of_saved(draft)):
            return Saved(head, changed=False)
        version = snapshot(Verb.SAVE, draft=draft, arguments={"note": note}, author=author, note=note, working=working)
    return Saved(version, changed=True)


def snapshot(
    verb: Verb,
    *,
    draft: Draft,
    arguments: Arguments,
    author: str = "",
    note: str = "",
    working: Working | None = None,
) -> DraftVersion:
    """The next version of a locked draft, recorded as made by ``verb``; in the caller's transaction."""
    state = working or get_draft_to_save(draft_id=draft.pk)[1]
    version = _next_version(verb, draft, state, arguments, author, note)
    if version is None:
        raise RuntimeError(f"draft {draft.pk} changed under its lock")
    return version


def freeze_unsaved(*, draft: Draft, reason: str) -> DraftVersion | None:
    """Keep unsaved work of a locked draft as an ``auto`` version before something replaces it.

    A draft that was created and never touched holds no work.
    """
    head = draft.head
    unsaved = draft.revision > 1 if head is None else head.revision != draft.revision
    if not unsaved:
        return None
    return snapshot(Verb.FREEZE, draft=draft, arguments={"reason": reason}, note=reason)


def _head_of_saved(draft: Draft) -> DraftVersion | None:
    """The head, if it holds the working state."""
    return draft.head if draft.head is not None and draft.head.revision == draft.revision else None


def _next_version(
    verb: Verb, draft: Draft, working: Working, arguments: Arguments, author: str, note: str
) -> DraftVersion | None:
    """The version after the head, or ``None`` when the draft is no longer as it was read."""
    caller = current_caller()
    now, number = timezone.now(), draft.next_number
    values = {
        "draft_id": draft.pk,
        "number": number,
        "revision": draft.revision,
        "origin": ORIGINS[verb].value,
        "width": draft.width,
        "height": draft.height,
        "fps": draft.fps,
        "duration": draft.duration,
        "file_count": working.file_count,
        "author": author or caller.name,
        "note": note,
        "address": caller.address,
        "user_agent": caller.user_agent,
        "request_id": caller.request_id,
        "created_at": now,
        "held": False,
    }
    event = events.values(verb, draft_id=draft.pk, arguments=arguments, version=number, author=author, at=now)
    version = insert_version(draft, values, working=working, event=event)
    if version is None:
        return None
    grow(str(draft.workspace_id), size=working.size)
    if version.content.state != Blob.State.STORED:
        wake(persist.TASK, after=AFTER)
    wake_describe()
    return version
