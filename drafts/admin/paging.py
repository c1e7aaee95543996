"""Pages of long lists."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST = 5000


class More(int):
    """A count that was broken off: so many and at least one more, ``5000+``."""

    def __str__(self) -> str:
        return f"{int(self) - 1}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic only in the stubs
    """Counts no further than one row beyond ``MOST``: counting a million rows takes longer than showing fifty.

    What lies beyond is reached by searching and filtering.
    """

    @cached_property
    def count(self) -> int:
        """Rows, at most ``MOST + 1``."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # a list's rows are no other sequence
        count = rows.order_by().values("pk")[: MOST + 1].count()
        return More(count) if count > MOST else count

    def page(self, number: int | str) -> Page[Any]:
        """Its keys first, then its rows: what is sorted and skipped is read without what it is joined to."""
        found = super().page(number)
        keys = list(found.object_list.values_list("pk", flat=True))  # type: ignore[attr-defined]  # as above
        found.object_list = self.object_list.filter(pk__in=keys)  # type: ignore[attr-defined]
        return found
