"""Create, rename, trash and untrash drafts."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from drafts.core import gate, identifiers
from drafts.document import canonical, companions, skeleton
from drafts.models import Draft
from drafts.selectors.locks import lock_any_draft, lock_draft

from .content import Prepared, prepare, touch_draft, write_content
from .preconditions import check_revision


def create_draft(*, width: int, height: int, fps: int = 30, name: str = "") -> Draft:
    """A draft with a fresh document: its canvas in pixels, one main track, no media, no version yet."""
    gate.check_writable()
    draft_id = identifiers.new_draft_id()
    document = skeleton.fresh(width=width, height=height, fps=fps, document_id=companions.app_draft_id(draft_id))
    prepared = prepare(document, canonical.dumps(document))
    with transaction.atomic():
        return insert_draft(name=name, prepared=prepared, draft_id=draft_id)


def insert_draft(*, name: str, prepared: Prepared, draft_id: str | None = None) -> Draft:
    """The rows of a new draft, with an id of its own unless one is given; in a transaction of the caller."""
    draft = Draft(id=draft_id or identifiers.new_draft_id(), name=name)
    draft.created_at = draft.updated_at = timezone.now()
    prepared.describe(draft)
    draft.save(force_insert=True)
    write_content(draft=draft, prepared=prepared, new=True)
    return draft


@transaction.atomic
def rename_draft(*, draft_id: str, name: str, revisions: frozenset[int] | None = None) -> Draft:
    """Give the draft another name; the same name changes nothing."""
    gate.check_writable()
    draft = lock_draft(draft_id=draft_id)
    check_revision(draft, revisions)
    if draft.name != name:
        draft.name = name
        touch_draft(draft)
    return draft


@transaction.atomic
def trash_draft(*, draft_id: str, revisions: frozenset[int] | None = None) -> Draft:
    """Put the draft into the trash; nothing of it is lost."""
    gate.check_writable()
    draft = lock_draft(draft_id=draft_id)
    check_revision(draft, revisions)
    draft.deleted_at = timezone.now()
    draft.save(update_fields=["deleted_at"])
    return draft


@transaction.atomic
def untrash_draft(*, draft_id: str) -> Draft:
    """Bring the draft back from the trash; an active draft stays as it is. Raises ``DraftNotFound``."""
    gate.check_writable()
    draft = lock_any_draft(draft_id=draft_id)
    draft.deleted_at = None
    draft.save(update_fields=["deleted_at"])
    return draft
