"""Reading drafts: those that the caller reaches."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, QuerySet

from drafts.access.reach import reach, reached
from drafts.core.errors import DraftNotFound, Text
from drafts.core.models import Blob
from drafts.core.rows import Columns, fetch_one
from drafts.models import Draft, DraftVersion

DRAFT, HEAD, BLOB = Columns(Draft, "draft"), Columns(DraftVersion, "head"), Columns(Blob, "blob")


def get_draft(*, draft_id: str) -> Draft:
    """The draft alone. Raises ``DraftNotFound``; when it is in the trash the hint says since when."""
    return present(find_draft(draft_id=draft_id))


def get_any_draft(*, draft_id: str) -> Draft:
    """The draft, also from the trash. Raises ``DraftNotFound``."""
    draft = find_draft(draft_id=draft_id)
    if draft is None or draft.purged_at is not None:
        raise DraftNotFound
    return draft


def find_draft(*, draft_id: str, lock: str = "") -> Draft | None:
    """The draft, also from the trash or half purged, or ``None``; ``lock`` ends the statement (``FOR UPDATE``)."""
    mine, values = reach()
    select = f"SELECT {DRAFT.sql} FROM drafts_draft draft WHERE draft.id = %s AND {mine} {lock}"
    row = fetch_one(select, [draft_id, *values])
    return None if row is None else DRAFT.instance(row)


def get_draft_with_head(*, draft_id: str) -> Draft:
    """The draft with its head version and that version's blob, in one query. Raises ``DraftNotFound``."""
    return get_draft_to_save(draft_id=draft_id)[0]


@dataclass(frozen=True, slots=True)
class Working:
    """What a save needs to know of the working state: its document, and how many files it has."""

    sha256: str
    size: int
    file_count: int


_TO_SAVE = f"""
SELECT {DRAFT.sql}, {HEAD.sql}, {BLOB.sql}, content.sha256, content.size,
       CASE WHEN draft.revision = head.revision THEN head.file_count ELSE (
           SELECT count(*) FROM drafts_draftfile file WHERE file.draft_id = draft.id AND file.removed_in IS NULL
       ) END
FROM drafts_draft draft
JOIN drafts_draftcontent content ON content.draft_id = draft.id
LEFT JOIN drafts_draftversion head ON head.id = draft.head_id
LEFT JOIN drafts_core_blob blob ON blob.id = head.content_id
WHERE draft.id = %s AND
"""


def get_draft_to_save(*, draft_id: str) -> tuple[Draft, Working]:
    """The draft with its head, and its working state, all of one moment and in one query. Raises ``DraftNotFound``."""
    mine, values = reach()
    row = fetch_one(_TO_SAVE + mine, [draft_id, *values])
    if row is None:
        raise DraftNotFound
    draft = DRAFT.instance(row)
    if draft.head_id is None:
        draft.head = None
    else:
        draft.head = HEAD.instance(row, DRAFT.count)
        draft.head.content = BLOB.instance(row, DRAFT.count + HEAD.count)
    return present(draft), Working(*row[-3:])


def present(draft: Draft | None) -> Draft:
    """``draft`` unless it does not exist or is in the trash."""
    if draft is None or draft.purged_at is not None:
        raise DraftNotFound
    if draft.deleted_at is not None:
        raise DraftNotFound(hint=in_trash(draft))
    return draft


def in_trash(draft: Draft) -> Text:
    """Where the draft is, and how it comes back."""
    since = f"{draft.deleted_at:%Y-%m-%d %H:%M:%S} UTC"
    return Text(
        f"The draft is in the trash since {since}; POST /api/v1/drafts/{draft.pk}/untrash brings it back.",
        f"草稿自 {since} 起在回收站中；POST /api/v1/drafts/{draft.pk}/untrash 可恢复。",
    )


def list_drafts() -> QuerySet[Draft]:
    """All drafts with their head and ``size``, the working document's bytes."""
    return (
        reached(Draft.objects.filter(purged_at__isnull=True)).select_related("head").annotate(size=F("content__size"))
    )
