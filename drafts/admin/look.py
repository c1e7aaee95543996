"""What a page shows of one state of a draft: its picture, and what the rules find in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import mark_safe

from drafts.core.errors import DomainError, Text
from drafts.core.words import both, language
from drafts.document import picture
from drafts.document.canonical import DocumentError
from drafts.document.integrity import Finding, by_place
from drafts.document.outline import Outline, outline
from drafts.document.parts import Part, members
from drafts.models import Draft
from drafts.selectors.integrity import findings
from drafts.selectors.timeline import State, StateComparison, compare_states, states

from .rules import rule_in_words
from .terms import say

COUNTED = {
    "tracks_added": Text("tracks added", "新增轨道"),
    "tracks_removed": Text("tracks removed", "移除轨道"),
    "tracks_changed": Text("tracks changed", "修改轨道"),
    "segments_added": Text("segments added", "新增片段"),
    "segments_removed": Text("segments removed", "移除片段"),
    "segments_changed": Text("segments changed", "修改片段"),
    "texts_changed": Text("texts changed", "修改文字"),
    "files_added": Text("files added", "新增文件"),
    "files_removed": Text("files removed", "移除文件"),
    "files_changed": Text("files changed", "修改文件"),
}
UNREADABLE = (DomainError, DocumentError)
SHOWN_PARTS = 200  # members of an object or a list


@dataclass(frozen=True, slots=True)
class Pointed:
    """A finding, its sentence and its rule in the reader's language, and the segment in the picture that it is about.

    ``target`` is the address of that segment, "" when there is none.
    """

    finding: Finding
    message: str
    rule: str
    target: str


@dataclass(frozen=True, slots=True)
class Look:
    """One state. ``trouble`` says why its document cannot be read now; then there is nothing else."""

    picture: str = ""
    findings: tuple[Pointed, ...] = ()
    root: tuple[Part, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two states beside each other; ``trouble`` as in :class:`Look`."""

    found: StateComparison | None = None
    picture: str = ""
    trouble: str = ""

    @property
    def counts(self) -> list[tuple[str, int]]:
        """The summary in words."""
        if self.found is None:
            return []
        return [(say(COUNTED[name]), count) for name, count in self.found.summary().items() if name in COUNTED]


def look_at(draft: Draft, number: int | None) -> Look:
    """A version or the working state; a store that cannot be reached is told, not raised."""
    try:
        with states(draft=draft, numbers=[number]) as [state]:
            return _look(state)
    except UNREADABLE as error:
        return Look(trouble=trouble(error))


def _look(state: State) -> Look:
    found = findings(state)
    drawn = outline(state.document)
    marked = by_place(state.document, found)
    svg = mark_safe(picture.section(drawn, findings=marked, language=language()))  # noqa: S308 - it escapes
    targets = _targets(drawn, marked)
    return Look(
        svg,
        tuple(
            Pointed(each, say(Text(each.message, each.chinese)), rule_in_words(each.rule), targets.get(each, ""))
            for each in found
        ),
        tuple(members(state.document, "", start=0, limit=SHOWN_PARTS)),
    )


def difference(draft: Draft, older: int | None, newer: int | None) -> Difference:
    """What it takes to come from one state to the other; why that cannot be told, if it cannot."""
    try:
        with states(draft=draft, numbers=[older, newer]) as (before, after):
            return _difference(before, after)
    except UNREADABLE as error:
        return Difference(trouble=trouble(error))


def _difference(before: State, after: State) -> Difference:
    found = compare_states(before, after)
    svg = picture.comparison(
        outline(before.document),
        outline(after.document),
        found.document,
        names=(state_name(before), state_name(after)),
        language=language(),
    )
    return Difference(found, mark_safe(svg))  # noqa: S308 - it escapes what it is given


def state_name(state: State) -> str:
    """``Version 3``, or now."""
    return str(both("now", "当前") if state.number is None else f"{both('version', '版本')} {state.number}")


def trouble(error: DomainError | DocumentError) -> str:
    """Why something cannot be shown, and what to do."""
    if isinstance(error, DocumentError):
        return str(both("The stored document is damaged.", "存储的草稿文件已损坏。"))
    told = [say(text) for text in (error.detail, error.hint) if text]
    return " ".join(text if text[-1] in ".!?。！？" else f"{text}{both('.', '。')}" for text in told)


def _targets(drawn: Outline, marked: dict[str, list[Finding]]) -> dict[Finding, str]:
    """The first segment that each finding is about."""
    found: dict[Finding, str] = {}
    for track in drawn.tracks:
        for segment in track.segments:
            for finding in marked.get(segment.place, ()):
                found.setdefault(finding, f"#{picture.anchor(segment.id)}")
    return found
