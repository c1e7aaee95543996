"""Copy a draft; blobs are shared."""

from __future__ import annotations

from drafts.access.idempotency import effect
from drafts.core import gate
from drafts.document.canonical import DocumentFacts
from drafts.models import Draft, DraftContent
from drafts.selectors.drafts import get_draft
from drafts.selectors.locks import lock_draft
from drafts.selectors.versions import get_version

from .content import Prepared
from .drafts import insert_draft
from .events import Verb
from .manifest import set_manifest
from .restore import entries_of, prepare_version
from .save import snapshot


def copy_draft(*, draft_id: str, number: int | None = None, name: str | None = None, author: str = "") -> Draft:
    """A new draft with the document and files of version ``number``, or of the working state, as its version 1."""
    gate.check_writable()
    source = get_draft(draft_id=draft_id)
    prepared = None if number is None else prepare_version(get_version(draft=source, number=number))
    with effect():
        source = lock_draft(draft_id=draft_id)
        copy = insert_draft(
            name=copy_name(source) if name is None else name,
            prepared=prepared or _working(source),
            author=author,
            workspace=str(source.workspace_id),
        )
        set_manifest(draft=copy, entries=entries_of(draft=source, number=number), number=1)
        what = "unsaved state" if number is None else f"version {number}"
        snapshot(
            Verb.COPY,
            draft=copy,
            arguments={"from": source.pk, "version": number},
            author=author,
            note=f"Copied from {source.pk}, {what}",
        )
    return copy


def _working(draft: Draft) -> Prepared:
    """The working content of a locked draft, as it is."""
    content = DraftContent.objects.get(draft=draft)
    facts = DocumentFacts(draft.width, draft.height, draft.fps, draft.duration)
    return Prepared(content.sha256, content.size, bytes(content.data), facts)


def copy_name(draft: Draft, suffix: str = " (copy)") -> str:
    """What a copy is called when nobody names it."""
    return f"{draft.name[:190]}{suffix}" if draft.name else ""
