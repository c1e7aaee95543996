"""Create, rename, trash and untrash drafts."""

from __future__ import annotations

from django.utils import timezone

from drafts.access.caller import current_caller
from drafts.access.idempotency import effect
from drafts.core import gate, identifiers
from drafts.document import canonical, companions, skeleton
from drafts.models import Draft
from drafts.selectors.locks import lock_any_draft, lock_draft

from .content import Prepared, insert_content, prepare, touch_draft
from .describe import wake_describe
from .events import Verb, record
from .preconditions import check_revision


def create_draft(*, width: int, height: int, fps: int = 30, name: str = "") -> Draft:
    """A draft with a fresh document: its canvas in pixels, one main track, no media, no version yet."""
    gate.check_writable()
    draft_id = identifiers.new_draft_id()
    document = skeleton.fresh(width=width, height=height, fps=fps, document_id=companions.app_draft_id(draft_id))
    prepared = prepare(document, canonical.dumps(document))
    with effect():
        draft = insert_draft(name=name, prepared=prepared, draft_id=draft_id)
        record(Verb.CREATE, draft_id=draft_id, arguments={"name": name, "width": width, "height": height, "fps": fps})
        return draft


def insert_draft(
    *, name: str, prepared: Prepared, draft_id: str | None = None, author: str = "", workspace: str = ""
) -> Draft:
    """The rows of a new draft, with an id of its own unless one is given; in a transaction of the caller.

    It belongs to ``workspace``, or to that of the caller.
    """
    caller = current_caller()
    draft = Draft(
        id=draft_id or identifiers.new_draft_id(),
        workspace_id=workspace or caller.principal.workspace,
        name=name,
        owner=caller.label(author),
    )
    draft.created_at = draft.updated_at = timezone.now()
    prepared.describe(draft)
    draft.save(force_insert=True)
    insert_content(draft=draft, prepared=prepared)
    wake_describe()
    return draft


@effect()
def rename_draft(*, draft_id: str, name: str, revisions: frozenset[int] | None = None) -> Draft:
    """Give the draft another name; the same name changes nothing."""
    gate.check_writable()
    draft = lock_draft(draft_id=draft_id)
    check_revision(draft, revisions)
    if draft.name != name:
        named = {"was": draft.name, "name": name}
        draft.name = name
        touch_draft(draft)
        record(Verb.RENAME, draft_id=draft_id, arguments={**named, "revision": draft.revision})
    return draft


@effect()
def trash_draft(*, draft_id: str, revisions: frozenset[int] | None = None) -> Draft:
    """Put the draft into the trash; nothing of it is lost."""
    gate.check_writable()
    draft = lock_draft(draft_id=draft_id)
    check_revision(draft, revisions)
    draft.deleted_at, draft.trashed_by = timezone.now(), current_caller().label()
    draft.save(update_fields=["deleted_at", "trashed_by"])
    record(Verb.TRASH, draft_id=draft_id)
    return draft


@effect()
def untrash_draft(*, draft_id: str) -> Draft:
    """Bring the draft back from the trash; an active draft stays as it is. Raises ``DraftNotFound``."""
    gate.check_writable()
    draft = lock_any_draft(draft_id=draft_id)
    if draft.deleted_at is not None:
        draft.deleted_at, draft.trashed_by = None, ""
        draft.save(update_fields=["deleted_at", "trashed_by"])
        record(Verb.UNTRASH, draft_id=draft_id)
    return draft
