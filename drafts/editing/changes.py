"""What a change of something that exists asks for: one frozen dataclass for each operation.

Units are those of ``commands.py``. ``None`` leaves a value as it is. A segment or track may be named by an alias of
an earlier command of the same edit (see ``apply``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .commands import Clip, Command, Source, TextStyle


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveSegment:
    """Start it elsewhere, and on another track of the same type if one is named."""

    segment_id: str
    start: int
    track_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimSegment:
    """New edges on the timeline; what is left of the source plays where it played before."""

    segment_id: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSegment:
    """Two segments that meet at ``at``, a place on the timeline; the first keeps the id."""

    segment_id: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSegments:
    """``ripple`` closes the gaps: later segments of the same tracks move up."""

    segment_ids: tuple[str, ...]
    ripple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceMedia:
    """Another file in the same place; a shorter one shortens the segment."""

    segment_id: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleChange:
    """How text is to look; ``None`` leaves a value. ``border_color`` "" takes the border away."""

    size: float | None = None
    color: str | None = None
    border_color: str | None = None
    font: str | None = None
    bold: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    alpha: float | None = None
    alignment: int | None = None
    letter_spacing: float | None = None
    line_spacing: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeText:
    """New words, a new look, or both; new words take the look of the first part of the old ones."""

    segment_ids: tuple[str, ...]
    text: str | None = None
    style: StyleChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeClip:
    """How visual segments lie on the canvas; positions in canvas pixels from the centre, rotation in degrees."""

    segment_ids: tuple[str, ...]
    alpha: float | None = None
    scale_x: float | None = None
    scale_y: float | None = None
    x: float | None = None
    y: float | None = None
    rotation: float | None = None
    flip_horizontal: bool | None = None
    flip_vertical: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeVolume:
    """0 to 10, 1 is the level of the source."""

    segment_ids: tuple[str, ...]
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSpeed:
    """Play the same part of the source faster or slower; ``ripple`` moves later segments of the track along."""

    segment_ids: tuple[str, ...]
    speed: float
    ripple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustPicture:
    """Brightness, contrast and saturation, each -1 to 1 with 0 for unchanged."""

    segment_ids: tuple[str, ...]
    brightness: float | None = None
    contrast: float | None = None
    saturation: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveTrack:
    """Give the track another place among all tracks, 0 the lowest."""

    track_id: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTrack:
    """Rename it, mute it, or let it sound again."""

    track_id: str
    name: str | None = None
    muted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCanvas:
    """Pixels; segments keep their place in proportion."""

    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveUnused:
    """Drop all materials that nothing refers to, whoever wrote them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSubtitles:
    """Captions from SRT or WebVTT, later by ``offset`` microseconds; overlapping cues go to further tracks."""

    text: str
    format: Literal["srt", "vtt"] | None = None
    offset: int = 0
    style: TextStyle = field(default_factory=TextStyle)
    clip: Clip = field(default_factory=Clip)


Change = (
    MoveSegment
    | TrimSegment
    | SplitSegment
    | DeleteSegments
    | ReplaceMedia
    | ChangeText
    | ChangeClip
    | ChangeVolume
    | ChangeSpeed
    | AdjustPicture
    | MoveTrack
    | ChangeTrack
    | ChangeCanvas
    | RemoveUnused
    | ImportSubtitles
)
Operation = Command | Change
