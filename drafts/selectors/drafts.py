"""Reading drafts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import F, QuerySet

from drafts.core.errors import DraftNotFound, Text
from drafts.models import Draft


def get_draft(*, draft_id: str) -> Draft:
    """The draft alone. Raises ``DraftNotFound``; when it is in the trash the hint says since when."""
    return present(_one(Draft.objects.all(), draft_id))


def get_draft_with_head(*, draft_id: str) -> Draft:
    """The draft with its head version and that version's blob, in one query. Raises ``DraftNotFound``."""
    return present(_one(Draft.objects.select_related("head__content"), draft_id))


def _one(drafts: QuerySet[Draft], draft_id: str) -> Draft | None:
    """The draft with this id; ``first`` would sort, which costs as much as the read."""
    return next(iter(drafts.filter(pk=draft_id)), None)


def present(draft: Draft | None) -> Draft:
    """``draft`` unless it does not exist or is in the trash."""
    if draft is None:
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


def get_any_draft(*, draft_id: str) -> Draft:
    """The draft, also from the trash. Raises ``DraftNotFound``."""
    draft = _one(Draft.objects.all(), draft_id)
    if draft is None:
        raise DraftNotFound
    return draft


def list_drafts() -> QuerySet[Draft]:
    """All drafts with their head and ``size``, the working document's bytes."""
    return Draft.objects.select_related("head").annotate(size=F("content__size"))


@dataclass(frozen=True, slots=True)
class Working:
    """What a save needs to know of the working state, read in one query under the draft's lock."""

    sha256: str
    size: int
    head_number: int
    head_revision: int | None
    file_count: int


_WORKING = """
SELECT content.sha256, content.size, head.number, head.revision,
       (SELECT count(*) FROM drafts_draftfile file WHERE file.draft_id = draft.id AND file.removed_in IS NULL)
FROM drafts_draft draft
JOIN drafts_draftcontent content ON content.draft_id = draft.id
LEFT JOIN drafts_draftversion head ON head.id = draft.head_id
WHERE draft.id = %s
"""


def working_state(*, draft_id: str) -> Working:
    """The working content's hash and size, the head's number and revision, and the number of open files.

    A query of its own, after the lock: on PostgreSQL a joined row of the locking query may be older than
    the lock. In SQL, because the ORM takes longer to compose it than the database to answer it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WORKING, [draft_id])
        row = cursor.fetchone()
    return Working(row[0], row[1], row[2] or 0, row[3], row[4])
