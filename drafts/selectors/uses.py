"""What uses a blob: documents of versions, files of drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

from drafts.core.models import Blob
from drafts.models import DraftFile, DraftVersion

LISTED = 20
COUNTED = 1000

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Users(Generic[M]):
    """The newest of the rows that use a blob, and how many there are; counting ends at 1,000 (``many``)."""

    newest: Sequence[M]
    count: int

    @property
    def many(self) -> bool:
        """There are more than were counted."""
        return self.count > COUNTED


def versions_with(blob: Blob) -> Users[DraftVersion]:
    """Versions whose document it is."""
    return _users(DraftVersion.objects.filter(content=blob).select_related("draft"))


def files_with(blob: Blob) -> Users[DraftFile]:
    """Files of drafts that have these bytes, or had."""
    return _users(DraftFile.objects.filter(blob=blob).select_related("draft"))


def _users(rows: QuerySet[M]) -> Users[M]:
    newest = list(rows.order_by("-pk")[: LISTED + 1])
    count = len(newest) if len(newest) <= LISTED else rows.order_by()[: COUNTED + 1].count()
    return Users(newest[:LISTED], count)
