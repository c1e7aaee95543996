"""What the rules find in a draft's working state."""

from __future__ import annotations

from django.conf import settings

from drafts.document import canonical, companions
from drafts.document.integrity import FileFacts, Finding, check
from drafts.models import Draft, DraftVersion

from .delivery import microseconds, stored_document
from .files import manifest


def findings(*, draft: Draft) -> list[Finding]:
    """Findings of R1 to R21 in the working document, its manifest and its derived meta file.

    A draft that came in by import is held to what the apps tolerate (contract draft_format section 11).
    """
    document = canonical.parse_document(
        stored_document(draft=draft, version=None), max_depth=settings.MAX_DOCUMENT_DEPTH
    )
    files = {row.path: FileFacts(size=row.blob.size) for row in manifest(draft=draft).select_related("blob")}
    meta = companions.meta(
        document,
        draft_id=draft.pk,
        name=draft.pk,
        created_us=microseconds(draft.created_at),
        modified_us=microseconds(draft.updated_at),
    )
    imported = DraftVersion.objects.filter(draft=draft, origin=DraftVersion.Origin.IMPORT).exists()
    return check(document, files=files, meta=meta, imported=imported, twin_equal=True)
