"""What the rules share: findings, and a view of a document that tolerates any JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from .. import canonical

Severity = Literal["error", "warning", "info"]

LIMIT: Final = 1000
# A mask may stand in three lists under one id. Looking at more of the same id would only let a hostile
# document (every id equal) cost the square of its size; rule R4 reports it anyway.
SAME_ID: Final = 4

RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "R1": "The document has tracks, materials, a canvas, a frame rate and version markers.",
        "R2": "Every segment names a material that exists in a list fitting the type of its track.",
        "R3": "Every companion reference of a segment names an existing material, and none is named twice.",
        "R4": "Ids of tracks, segments, materials and keyframes are present and unique.",
        "R5": "Track names are unique.",
        "R6": "Times are whole microseconds, no start is negative and no duration is zero.",
        "R7": "The segments of a track are sorted by start and do not overlap.",
        "R8": "The duration of the document is the end of its last segment, and the meta file agrees.",
        "R9": "Source length, timeline length, speed and the linked speed material agree.",
        "R10": "No segment uses more of its source than the material has.",
        "R11": "Audio segments have no geometry, visible ones a finite one; volumes lie in 0..10.",
        "R12": "Keyframes have a known property, rising offsets inside the segment and finite values.",
        "R13": "A transition joins two touching video segments and is not longer than either.",
        "R14": "A segment has at most one of each decoration, and its animations fit into its duration.",
        "R15": "Text content is JSON whose styles cover the text in order, counted in UTF-16 units.",
        "R16": "A mask is written under both list names with the same settings.",
        "R17": "Every material is referred to.",
        "R18": "Local media have a portable path, an id that the meta lists, and a stored file that matches.",
        "R19": "A magnetic main track starts at 0 and has no gaps.",
        "R20": "All numbers are finite and fit into 64 bits.",
        "R21": "draft_content.json and draft_info.json have equal bytes.",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: ``place`` is a JSON pointer into the document ("" for the document as a whole).

    ``message`` is the English sentence, ``chinese`` the same in Chinese.
    """

    rule: str
    severity: Severity
    place: str
    message: str
    chinese: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A stored media file: pixels, microseconds, bytes; None where nobody has measured it."""

    width: int | None = None
    height: int | None = None
    duration: int | None = None
    size: int | None = None


@dataclass(slots=True)
class Report:
    """Collects findings up to LIMIT."""

    imported: bool
    findings: list[Finding] = field(default_factory=list)

    def add(self, rule: str, place: str, message: str, chinese: str, *, tolerated: Severity | None = None) -> None:
        """Note an error, told in both languages; on import it is only ``tolerated``, where that is given."""
        if len(self.findings) < LIMIT:
            severity = tolerated if self.imported and tolerated else "error"
            self.findings.append(Finding(rule, severity, place, message, chinese))


@dataclass(frozen=True, slots=True)
class Span:
    """A well-formed time range in microseconds."""

    start: int
    duration: int

    @property
    def end(self) -> int:
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Material:
    list_name: str
    value: dict[str, Any]
    place: str

    @property
    def id(self) -> str:
        return text_of(self.value.get("id"))

    @property
    def type(self) -> str:
        return text_of(self.value.get("type"))


@dataclass(frozen=True, slots=True)
class Segment:
    """``target`` is None unless the segment's place on the timeline is well-formed."""

    value: dict[str, Any]
    place: str
    track_type: str
    target: Span | None
    refs: tuple[str, ...]

    @property
    def material_id(self) -> str:
        return text_of(self.value.get("material_id"))


@dataclass(frozen=True, slots=True)
class Track:
    value: dict[str, Any]
    place: str
    type: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A document read as far as it can be read; ``frame`` is one frame in microseconds."""

    doc: dict[str, Any]
    tracks: tuple[Track, ...]
    materials: tuple[Material, ...]
    by_id: Mapping[str, Sequence[Material]]
    frame: float

    @classmethod
    def of(cls, doc: dict[str, Any]) -> View:
        materials = tuple(_materials(doc))
        by_id: dict[str, list[Material]] = {}
        for material in materials:
            same = by_id.setdefault(material.id, []) if material.id else None
            if same is not None and len(same) < SAME_ID:
                same.append(material)
        return cls(doc, tuple(_tracks(doc)), materials, by_id, 1_000_000 / canonical.frame_rate(doc))

    @property
    def segments(self) -> Iterator[Segment]:
        for track in self.tracks:
            yield from track.segments

    def main_of(self, segment: Segment, *lists: str) -> Material | None:
        """The segment's own material, if it lies in one of ``lists``."""
        for material in self.by_id.get(segment.material_id, ()):
            if material.list_name in lists:
                return material
        return None

    def linked(self, segment: Segment, *lists: str) -> list[Material]:
        """The distinct companions of a segment that lie in one of ``lists``."""
        return [
            material
            for ref in dict.fromkeys(segment.refs)
            for material in self.by_id.get(ref, ())
            if material.list_name in lists
        ]


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def dict_of(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def int_of(value: object) -> int | None:
    """An integer that a document can hold (below 2^64); None for anything else, booleans too."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**64:
        return None
    return value


def number_of(value: object) -> float | None:
    """A finite number as a float; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def span_of(value: object) -> Span | None:
    """A time range with start >= 0 and duration > 0; a missing start is 0, as in files that apps write."""
    if not isinstance(value, dict):
        return None
    start, duration = int_of(value.get("start", 0)), int_of(value.get("duration"))
    if start is None or duration is None or start < 0 or duration <= 0:
        return None
    return Span(start, duration)


def leaves(value: object) -> Iterator[object]:
    """Every value below ``value`` that is no list or object, without recursion."""
    stack: list[object] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack += node.values()
        elif isinstance(node, list):
            stack += node
        else:
            yield node


def nodes(value: object, place: str) -> Iterator[tuple[str, object]]:
    """Every value at or below ``value`` with its place, without recursion."""
    stack: list[tuple[str, object]] = [(place, value)]
    while stack:
        here, node = stack.pop()
        yield here, node
        if isinstance(node, dict):
            stack += [(f"{here}/{canonical.pointer(str(key))}", member) for key, member in node.items()]
        elif isinstance(node, list):
            stack += [(f"{here}/{index}", member) for index, member in enumerate(node)]


def _tracks(doc: Mapping[str, Any]) -> Iterator[Track]:
    for index, value in enumerate(list_of(doc.get("tracks"))):
        if isinstance(value, dict):
            place, kind = f"/tracks/{index}", text_of(value.get("type"))
            yield Track(value, place, kind, tuple(_segments(value, place, kind)))


def _segments(track: Mapping[str, Any], place: str, kind: str) -> Iterator[Segment]:
    for index, value in enumerate(list_of(track.get("segments"))):
        if isinstance(value, dict):
            refs = tuple(ref for ref in list_of(value.get("extra_material_refs")) if isinstance(ref, str))
            target = span_of(value.get("target_timerange"))
            yield Segment(value, f"{place}/segments/{index}", kind, target, refs)


def _materials(doc: Mapping[str, Any]) -> Iterator[Material]:
    for name, items in dict_of(doc.get("materials")).items():
        for index, value in enumerate(list_of(items)):
            if isinstance(value, dict):
                yield Material(name, value, f"/materials/{canonical.pointer(name)}/{index}")
