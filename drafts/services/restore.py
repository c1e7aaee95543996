"""Restore: the past becomes the newest version; history is never rewritten."""

from __future__ import annotations

from drafts.access.idempotency import effect
from drafts.core import gate
from drafts.core.large import in_turn
from drafts.models import Draft, DraftFile, DraftVersion
from drafts.selectors.delivery import unread_document
from drafts.selectors.drafts import get_draft
from drafts.selectors.files import manifest
from drafts.selectors.locks import lock_draft
from drafts.selectors.versions import get_version

from .content import Prepared, parse, prepare, write_working
from .events import Verb
from .manifest import Entry, set_manifest
from .preconditions import check_revision
from .save import freeze_unsaved, snapshot


def restore_version(
    *,
    draft_id: str,
    number: int,
    author: str = "",
    note: str = "",
    revisions: frozenset[int] | None = None,
) -> DraftVersion:
    """A new version with the exact content and manifest of version ``number``.

    Unsaved work is frozen as an ``auto`` version first. Raises ``NotFound``, ``Stale``, and ``Unavailable``
    when the old document lies in a store that cannot be reached.
    """
    gate.check_writable()
    draft = get_draft(draft_id=draft_id)
    prepared = prepare_version(get_version(draft=draft, number=number))
    with effect():
        draft = lock_draft(draft_id=draft_id)
        check_revision(draft, revisions)
        freeze_unsaved(draft=draft, reason=f"Unsaved work before restoring version {number}")
        set_manifest(draft=draft, entries=entries_of(draft=draft, number=number), number=draft.next_number)
        write_working(draft=draft, prepared=prepared)
        return snapshot(
            Verb.RESTORE,
            draft=draft,
            arguments={"from": number, "note": note},
            author=author,
            note=note or f"Restored from version {number}",
        )


def prepare_version(version: DraftVersion) -> Prepared:
    """The document of a version, ready to be written as working content."""
    with in_turn(unread_document(draft=version.draft, version=version)) as [data]:
        return prepare(parse(data), data)


def entries_of(*, draft: Draft, number: int | None) -> dict[str, Entry]:
    """The manifest of a version, or of the working state, by path."""
    rows: list[DraftFile] = list(manifest(draft=draft, number=number).select_related("blob"))
    return {row.path: Entry(row.path, row.kind, row.blob_id, row.blob.sha256 or "") for row in rows}
