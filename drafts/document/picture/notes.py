"""What is said about tracks and segments: findings and changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from ..compare import Comparison
from ..integrity import Finding
from ..outline import OutlineSegment

Mark = Literal["added", "removed", "changed", "moved"]
SEVERITIES: Final = ("error", "warning", "info")
_MOVES: Final = {"moved", "trimmed", "retimed"}


@dataclass(frozen=True, slots=True)
class Notes:
    """``findings`` by place, as ``integrity.by_place`` gives them; ``marks`` by the id of a track or segment."""

    findings: Mapping[str, Sequence[Finding]] = field(default_factory=lambda: MappingProxyType({}))
    marks: Mapping[str, Mark] = field(default_factory=lambda: MappingProxyType({}))

    def found(self, segments: Sequence[OutlineSegment]) -> Sequence[Finding]:
        """The findings of one segment or several."""
        if len(segments) == 1:
            return self.findings.get(segments[0].place, ())
        return [finding for segment in segments for finding in self.findings.get(segment.place, ())]

    def key(self, segment: OutlineSegment) -> str:
        """What must be seen of a segment: its mark and the severity of its findings, "" when there are none."""
        return self.marks.get(segment.id, "") + worst(self.findings.get(segment.place, ()))


def worst(findings: Sequence[Finding]) -> str:
    """The severity of the worst finding, "" without any."""
    return min((finding.severity for finding in findings), key=SEVERITIES.index) if findings else ""


def marks_of(changes: Comparison) -> dict[str, Mark]:
    """The mark of each track and segment that came, went or changed, by its id."""
    return {track.id: track.kind for track in changes.tracks} | {
        item.id: "moved" if item.kind == "changed" and _MOVES.issuperset(item.aspects) else item.kind
        for item in changes.segments
    }
