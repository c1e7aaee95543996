"""Reading drafts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from drafts.core.errors import DraftNotFound, Text
from drafts.models import Draft, DraftContent, DraftFile


def get_draft(*, draft_id: str) -> Draft:
    """The draft with its head version and that version's blob, in one query.

    Raises ``DraftNotFound``; when the draft is in the trash its hint says since when.
    """
    draft = Draft.objects.select_related("head__content").filter(pk=draft_id).first()
    return present(draft)


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
    draft = Draft.objects.select_related("head__content").filter(pk=draft_id).first()
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


def working_state(*, draft_id: str) -> Working:
    """The working content's hash and size, the head's number and revision, and the number of open files.

    A query of its own, after the lock: on PostgreSQL a joined row of the locking query may be older than
    the lock.
    """
    files = (
        DraftFile.objects.filter(draft_id=OuterRef("draft_id"), removed_in__isnull=True)
        .order_by()
        .values("draft_id")
        .annotate(count=Count("pk"))
        .values("count")
    )
    row = DraftContent.objects.values_list(
        "sha256", "size", "draft__head__number", "draft__head__revision", Coalesce(Subquery(files), 0)
    ).get(draft_id=draft_id)
    return Working(row[0], row[1], row[2] or 0, row[3], row[4])
