"""Copy a draft; blobs are shared."""

from __future__ import annotations

from django.db import transaction

from drafts.access.caller import Caller
from drafts.core import gate
from drafts.document import canonical
from drafts.models import Draft, DraftContent, DraftVersion
from drafts.selectors.drafts import get_draft
from drafts.selectors.locks import lock_draft
from drafts.selectors.versions import get_version

from .content import Prepared, parse, prepare
from .drafts import insert_draft
from .manifest import set_manifest
from .restore import entries_of, prepare_version
from .save import snapshot


def copy_draft(
    *, draft_id: str, caller: Caller, number: int | None = None, name: str | None = None, author: str = ""
) -> Draft:
    """A new draft with the document and files of version ``number``, or of the working state, as its version 1."""
    gate.check_writable()
    source = get_draft(draft_id=draft_id)
    prepared = None if number is None else prepare_version(get_version(draft=source, number=number))
    with transaction.atomic():
        source = lock_draft(draft_id=draft_id)
        copy = insert_draft(name=_copy_name(source) if name is None else name, prepared=prepared or _working(source))
        set_manifest(draft=copy, entries=entries_of(draft=source, number=number), number=1)
        what = "unsaved state" if number is None else f"version {number}"
        snapshot(
            draft=copy,
            caller=caller,
            origin=DraftVersion.Origin.IMPORT,
            author=author,
            note=f"Copied from {source.pk}, {what}",
        )
    return copy


def _working(draft: Draft) -> Prepared:
    row = DraftContent.objects.get(draft_id=draft.pk)
    data = canonical.decompress(bytes(row.data), limit=row.size)
    return prepare(parse(data), data)


def _copy_name(draft: Draft) -> str:
    return f"{draft.name[:190]} (copy)" if draft.name else ""
