"""The history of a draft as people read it: a page at a time, runs of automatic saves together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.db.models import Case, Q, QuerySet, When

from drafts.models import Draft, DraftFile, DraftVersion

from .versions import landmarks, list_versions

FOLDED_FROM = 3  # versions in a row


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring versions, newest first: landmarks and short runs are open, long runs of automatic saves folded."""

    versions: Sequence[DraftVersion]
    folded: bool


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """``PAGE_SIZE`` versions; ``older`` is what ``before`` has to be for the next page."""

    runs: tuple[Run, ...]
    older: int | None


def history_page(*, draft: Draft, before: int | None = None, named: bool = False) -> HistoryPage:
    """The newest versions, or those below number ``before``; ``named`` leaves out all but landmarks. One query."""
    found = landmarks(draft=draft) if named else list_versions(draft=draft)
    if before is not None:
        found = found.filter(number__lt=before)
    rows = list(found.select_related("content", "summary").order_by("-number")[: settings.PAGE_SIZE + 1])
    shown = rows[: settings.PAGE_SIZE]
    return HistoryPage(tuple(_runs(shown, draft)), shown[-1].number if len(rows) > len(shown) else None)


def _runs(versions: Sequence[DraftVersion], draft: Draft) -> Iterator[Run]:
    """The head is never folded away: it is what people came to see."""
    for calm, group in groupby(versions, lambda version: not version.landmark and version.pk != draft.head_id):
        run = list(group)
        yield Run(run, calm and len(run) >= FOLDED_FROM)


def changed_manifest(*, version: DraftVersion) -> QuerySet[DraftFile]:
    """The files of the version and those that it removed (``removed_in`` is its number): what it changed first."""
    number = version.number
    rows = DraftFile.objects.filter(draft=version.draft_id, added_in__lte=number)
    rows = rows.filter(Q(removed_in__isnull=True) | Q(removed_in__gte=number))
    changed = Case(When(Q(added_in=number) | Q(removed_in=number), then=0), default=1)
    return rows.order_by(changed, "path", "added_in")
