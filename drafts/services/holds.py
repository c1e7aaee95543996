"""Holds: a draft that is held, or has a version that is, is not purged until everything of it is released."""

from __future__ import annotations

from drafts.access.idempotency import effect
from drafts.core import gate
from drafts.models import Draft, DraftVersion
from drafts.selectors.locks import lock_any_draft
from drafts.selectors.versions import get_version

from .events import Verb, record


@effect()
def hold(*, draft_id: str, number: int | None = None, reason: str = "") -> Draft | DraftVersion:
    """Keep the draft, or its version ``number``, from any purge; what is held stays so.

    Raises ``DraftNotFound`` and ``NotFound``.
    """
    return _set(draft_id, number, held=True, reason=reason)


@effect()
def release(*, draft_id: str, number: int | None = None, reason: str = "") -> Draft | DraftVersion:
    """Take the hold away again. Raises ``DraftNotFound`` and ``NotFound``."""
    return _set(draft_id, number, held=False, reason=reason)


def _set(draft_id: str, number: int | None, *, held: bool, reason: str) -> Draft | DraftVersion:
    gate.check_writable()
    draft = lock_any_draft(draft_id=draft_id)
    row: Draft | DraftVersion = draft if number is None else get_version(draft=draft, number=number)
    if row.held != held:
        row.held = held
        row.save(update_fields=["held"])
        verb = Verb.HOLD if held else Verb.RELEASE
        record(verb, draft_id=draft_id, version=number, arguments={"reason": reason})
    return row
