"""When a draft was last fetched, how often, by whom, and which of its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from drafts.access import fetches as noted
from drafts.access.fetches import Fetch
from drafts.models import Draft

from .delivery import file_names


@dataclass(frozen=True, slots=True)
class Fetches:
    """Calls by programs and looks by people, within ``FETCHES_SECONDS``; the last few of both, newest first.

    ``listed`` counts the files that get_draft lists now; ``missing`` are those that nobody has fetched as they are
    now, or ``None`` when the draft has more files than are remembered.
    """

    programs: int
    people: int
    last: Sequence[Fetch]
    listed: int
    missing: Sequence[str] | None

    @property
    def fetched(self) -> int:
        """How many of the listed files were fetched."""
        return self.listed - len(self.missing or ())


def fetches(*, draft: Draft) -> Fetches | None:
    """The fetches of a draft, which is not in the trash; ``None`` while Redis is away.

    Media never change under their path, so a file once fetched is fetched; JSON was, if that came after the last edit.
    """
    kept = noted.kept(draft_id=draft.pk)
    if kept is None:
        return None
    names = file_names(draft_id=draft.pk, number=None).names
    missing = [name for name in names if not _is_fetched(name, kept.files.get(name), draft)]
    known = len(names) <= noted.FILES
    return Fetches(kept.programs, kept.people, kept.last, len(names), missing if known else None)


def _is_fetched(name: str, at: datetime | None, draft: Draft) -> bool:
    return at is not None and (at >= draft.updated_at or not name.endswith(".json"))
