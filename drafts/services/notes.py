"""What people say of a version: the only thing of it that can be changed."""

from __future__ import annotations

from drafts.access.idempotency import effect
from drafts.core import gate
from drafts.models import DraftVersion
from drafts.selectors.locks import lock_draft
from drafts.selectors.versions import get_version

from .events import Verb, record


@effect()
def write_note(*, draft_id: str, number: int, note: str) -> DraftVersion:
    """Give version ``number`` another note, at most 200 characters; "" takes it away.

    Raises ``DraftNotFound`` and ``NotFound``.
    """
    gate.check_writable()
    version = get_version(draft=lock_draft(draft_id=draft_id), number=number)
    if version.note != note:
        version.note = note
        version.save(update_fields=["note"])
        record(Verb.NOTE, draft_id=draft_id, version=number, arguments={"note": note})
    return version
