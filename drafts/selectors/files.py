"""Reading the manifest."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from drafts.core.errors import NotFound, Text
from drafts.models import Draft, DraftFile

NO_FILE = Text("The draft has no such file", "草稿中没有该文件")


def manifest(*, draft: Draft, number: int | None = None) -> QuerySet[DraftFile]:
    """The files of version ``number``, or of the working state, in order of path."""
    rows = DraftFile.objects.filter(draft=draft).order_by("path")
    if number is None:
        return rows.filter(removed_in__isnull=True)
    return rows.filter(Q(removed_in__isnull=True) | Q(removed_in__gt=number), added_in__lte=number)


def get_file(*, draft: Draft, path: str, number: int | None = None) -> DraftFile:
    """One file of the manifest, by exact path. Raises ``NotFound``."""
    rows = manifest(draft=draft, number=number).select_related("blob").filter(path=path)
    row = None if "\0" in path else rows.first()  # PostgreSQL takes no NUL
    if row is None:
        raise NotFound(NO_FILE)
    return row
