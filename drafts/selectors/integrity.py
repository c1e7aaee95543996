"""What the rules find in one state of a draft."""

from __future__ import annotations

from drafts.document import companions
from drafts.document.integrity import FileFacts, Finding, check
from drafts.models import DraftVersion

from .delivery import microseconds
from .files import manifest
from .timeline import State


def findings(state: State) -> list[Finding]:
    """Findings of R1 to R21 in a document, its manifest and its derived meta file.

    A draft that came in by import is held to what the apps tolerate (contract draft_format section 11).
    """
    draft = state.draft
    rows = manifest(draft=draft, number=state.number).select_related("blob")
    meta = companions.meta(
        state.document,
        draft_id=draft.pk,
        name=draft.pk,
        created_us=microseconds(draft.created_at),
        modified_us=microseconds(draft.updated_at),
    )
    return check(
        state.document,
        files={row.path: FileFacts(size=row.blob.size) for row in rows},
        meta=meta,
        imported=DraftVersion.objects.filter(draft=draft, origin=DraftVersion.Origin.IMPORT).exists(),
        twin_equal=True,
    )
