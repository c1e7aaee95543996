"""What stands on a draft's timeline, and what changed between two of its states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from drafts.core.large import Unread, in_turn
from drafts.core.models import Blob
from drafts.document import canonical
from drafts.document.compare import Comparison, compare
from drafts.document.outline import Outline, outline
from drafts.models import Draft, DraftVersion

from .delivery import stored_document, unread_document
from .files import manifest
from .versions import get_version


@dataclass(frozen=True, slots=True)
class Timeline:
    """The outline of one state of a draft, and the paths of the media files that it has."""

    outline: Outline
    paths: frozenset[str]


def get_timeline(*, draft: Draft, version: DraftVersion | None, document: Unread) -> Timeline:
    """The timeline in ``document``, that of a version or of the working state."""
    rows = manifest(draft=draft, number=None if version is None else version.number)
    there = frozenset(rows.values_list("path", flat=True))
    with in_turn(document) as [data]:
        return Timeline(outline(parsed(data)), there)


@dataclass(frozen=True, slots=True)
class State:
    """One state of a draft, a version or (``version`` is None) the working state, with its document."""

    draft: Draft
    version: DraftVersion | None
    document: dict[str, Any]

    @property
    def number(self) -> int | None:
        """The version's number, or ``None`` for the working state."""
        return None if self.version is None else self.version.number


@dataclass(frozen=True, slots=True)
class FileChange:
    """One path of the draft folder that came, went, or has other bytes."""

    kind: Literal["added", "removed", "changed"]
    path: str
    before: Blob | None
    after: Blob | None


@dataclass(frozen=True, slots=True)
class StateComparison:
    """What changed in the document and in the files."""

    document: Comparison
    files: tuple[FileChange, ...]

    @property
    def same(self) -> bool:
        """Whether nothing changed at all."""
        return self.document.same and not self.files

    def summary(self) -> dict[str, int]:
        """How many tracks, segments, materials, texts and files came, went and changed; zeros are left out."""
        counts = self.document.summary()
        for change in self.files:
            key = f"files_{change.kind}"
            counts[key] = counts.get(key, 0) + 1
        return counts


def get_state(*, draft: Draft, number: int | None) -> State:
    """Version ``number``, or the working state. Raises ``NotFound``, and ``Unavailable`` when the store fails."""
    version = None if number is None else get_version(draft=draft, number=number)
    return State(draft, version, parsed(stored_document(draft=draft, version=version)))


@contextmanager
def states(*, draft: Draft, numbers: Sequence[int | None]) -> Iterator[list[State]]:
    """Several states, each a version's number or ``None`` for the working state, while this process has room for them.

    Raises ``NotFound`` and ``Unavailable``.
    """
    versions = [None if number is None else get_version(draft=draft, number=number) for number in numbers]
    with in_turn(*(unread_document(draft=draft, version=version) for version in versions)) as read:
        yield [State(draft, version, parsed(data)) for version, data in zip(versions, read, strict=True)]


def compare_states(before: State, after: State) -> StateComparison:
    """What it takes to come from one state to another of the same draft."""
    old, new = (
        {row.path: row.blob for row in manifest(draft=state.draft, number=state.number).select_related("blob")}
        for state in (before, after)
    )
    files = [FileChange("added", path, None, blob) for path, blob in new.items() if path not in old]
    files += [FileChange("removed", path, blob, None) for path, blob in old.items() if path not in new]
    files += [FileChange("changed", path, old[path], blob) for path, blob in new.items() if old.get(path, blob) != blob]
    return StateComparison(compare(before.document, after.document), tuple(sorted(files, key=lambda item: item.path)))


def parsed(data: bytes) -> dict[str, Any]:
    """A document as it is stored."""
    return canonical.parse_stored(data)
