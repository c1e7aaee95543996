"""Reading drafts: those that the caller reaches."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, QuerySet

from drafts.access.reach import reach, reached
from drafts.core.errors import DraftNotFound, Text
from drafts.core.models import Blob
from drafts.core.rows import Columns, Row, fetch_one, relate
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


@dataclass(frozen=True, slots=True)
class Working:
    """What a save needs to know of the working state: its document, and how many files it has."""

    sha256: str
    size: int
    file_count: int


_JOINED = """
FROM drafts_draft draft
LEFT JOIN drafts_draftversion head ON head.id = draft.head_id
LEFT JOIN drafts_core_blob blob ON blob.id = head.content_id
"""
_WITH_HEAD = f"SELECT {DRAFT.sql}, {HEAD.sql}, {BLOB.sql} {_JOINED} WHERE draft.id = %s AND "

# What saving reads of a draft, and what is told of a version that was saved: half of the columns.
SAVING = Columns(
    Draft,
    "draft",
    ("id", "workspace_id", "width", "height", "fps", "duration", "revision", "head_id", "deleted_at", "purged_at"),
)
SAVED = Columns(
    DraftVersion,
    "head",
    ("id", "draft_id", "number", "revision", "content_id", "origin", "file_count", "author", "note", "created_at"),
)
SAVED_BLOB = Columns(Blob, "blob", ("id", "sha256", "size", "state", "stored_at"))
_TO_SAVE = f"""
SELECT {SAVING.sql}, {SAVED.sql}, {SAVED_BLOB.sql}, content.sha256, content.size,
       CASE WHEN draft.revision = head.revision THEN head.file_count ELSE (
           SELECT count(*) FROM drafts_draftfile file WHERE file.draft_id = draft.id AND file.removed_in IS NULL
       ) END
{_JOINED} JOIN drafts_draftcontent content ON content.draft_id = draft.id
WHERE draft.id = %s AND
"""


def get_draft_with_head(*, draft_id: str) -> Draft:
    """The draft with its head version and that version's blob, in one query. Raises ``DraftNotFound``."""
    return _read(_WITH_HEAD, draft_id, DRAFT, HEAD, BLOB)[0]


def get_draft_to_save(*, draft_id: str) -> tuple[Draft, Working]:
    """The draft with its head, and its working state, all of one moment and in one query. Raises ``DraftNotFound``.

    Of draft and head there is what a save needs; the rest is deferred.
    """
    draft, rest = _read(_TO_SAVE, draft_id, SAVING, SAVED, SAVED_BLOB)
    return draft, Working(*rest)


def _read(
    select: str, draft_id: str, first: Columns[Draft], second: Columns[DraftVersion], third: Columns[Blob]
) -> tuple[Draft, Row]:
    """The draft with its head, and what the statement selects beside them."""
    mine, values = reach()
    row = fetch_one(select + mine, [draft_id, *values])
    if row is None:
        raise DraftNotFound
    draft = first.instance(row)
    if draft.head_id is None:
        draft.head = None
    else:
        head = second.instance(row, first.count)
        relate(head, "content", third.instance(row, first.count + second.count))
        relate(draft, "head", head)
    return present(draft), row[first.count + second.count + third.count :]


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
