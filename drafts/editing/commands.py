"""What an edit asks for: one frozen dataclass for each operation, and the one that it answers with.

Both HTTP surfaces parse their requests into these, so units are the same everywhere: times and durations in
integer microseconds, positions in canvas pixels from the centre (the draft's ``clip.transform`` is the pixels
divided by the canvas' full width or height, +y up, contract section 7), rotation in degrees, colours as
``#rrggbb``, volume and opacity as factors. Names of effects, filters, fonts and the like are catalogue names
(contract appendix B). Shape is checked where a command is parsed; what depends on the document (overlaps, unknown
ids and names) is checked by the operation, which names the item in ``place``, for example ``captions[3].end``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from drafts.core.errors import Text

MaskName = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A media file as an operation needs it: what the document says of it, and facts that were probed once.

    ``path`` is the token form of a file in the draft, or the remote URL in link mode. ``duration`` is that of the
    file, 0 for a still image. ``width`` and ``height`` are pixels after rotation, 0 for audio.
    """

    path: str
    name: str
    kind: Literal["video", "audio", "image"]
    duration: int = 0
    width: int = 0
    height: int = 0
    has_audio: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """How a visual segment lies on the canvas. ``None`` in a change means: leave it."""

    alpha: float = 1.0
    scale_x: float = 1.0
    scale_y: float = 1.0
    x: float = 0.0
    y: float = 0.0
    rotation: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Towards the next segment of the track; ``duration`` ``None`` is the catalogue's own."""

    name: str
    duration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Animation:
    """An entrance, exit or loop (JianYing's "group" on clips); ``duration`` ``None`` is the catalogue's own."""

    kind: Literal["in", "out", "loop"]
    name: str
    duration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A half-open range of the timeline."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoItem(Span):
    """A video or still image; ``width`` and ``height`` in canvas pixels fit the picture into that box."""

    source: Source
    volume: float = 1.0
    transition: Transition | None = None
    animations: tuple[Animation, ...] = ()
    mask: MaskName | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVideos:
    """One new video track. ``scenes`` are the lengths that items are retimed to (contract 7.4)."""

    items: tuple[VideoItem, ...]
    clip: Clip = field(default_factory=Clip)
    scenes: tuple[Span | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddImages:
    """One new video track of stills (contract 7.6)."""

    items: tuple[VideoItem, ...]
    clip: Clip = field(default_factory=Clip)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioItem(Span):
    source: Source
    volume: float = 1.0
    effect: str | None = None
    fade_in: int = 0
    fade_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAudios:
    """One new audio track (contract 7.5)."""

    items: tuple[AudioItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """Of text: ``alpha`` 0 to 1, ``diffuse`` and ``distance`` 0 to 100, ``angle`` in degrees."""

    alpha: float = 0.9
    color: str = "#000000"
    diffuse: float = 15.0
    distance: float = 5.0
    angle: float = -45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """How text looks. ``alignment`` 0 to 5 as in contract 7.9; spacings as the reference takes them."""

    size: float = 15.0
    color: str = "#ffffff"
    border_color: str | None = None
    font: str | None = None
    bold: bool = False
    italic: bool = False
    underline: bool = False
    alpha: float = 1.0
    alignment: int = 1
    letter_spacing: float | None = None
    line_spacing: float | None = None
    shadow: Shadow | None = None
    text_effect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keywords:
    """Words of a caption that look different; ``None`` takes the caption's own value."""

    words: tuple[str, ...]
    color: str = "#ff7100"
    border_color: str | None = None
    font: str | None = None
    size: float | None = None
    shadow: Shadow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StyledPart:
    """A part of a caption with a look of its own; ``None`` takes the caption's."""

    text: str
    color: str | None = None
    size: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionItem(Span):
    """``parts``, if there are any, are the whole of ``text`` and go before ``keywords``."""

    text: str
    parts: tuple[StyledPart, ...] = ()
    keywords: Keywords | None = None
    size: float | None = None
    text_effect: str | None = None
    animations: tuple[Animation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCaptions:
    """One new text track (contract 7.9). ``kind`` is the material's ``type``: "subtitle", or "text" for a title."""

    items: tuple[CaptionItem, ...]
    style: TextStyle = field(default_factory=TextStyle)
    clip: Clip = field(default_factory=Clip)
    kind: Literal["subtitle", "text"] = "subtitle"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSticker(Span):
    """One new sticker track with one sticker (contract 7.7)."""

    sticker_id: str
    clip: Clip = field(default_factory=Clip)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectItem(Span):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEffects:
    """Effect tracks: as many as overlapping items need, one when none overlap (contract 7.10, section 8 row 15)."""

    items: tuple[EffectItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterItem(Span):
    """``intensity`` 0 to 100."""

    name: str
    intensity: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFilters:
    """Filter tracks, as :class:`AddEffects` (contract 7.11)."""

    items: tuple[FilterItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyframe:
    """``property`` is a ``KFType...`` name or ``UNIFORM_SCALE``; ``offset`` counts from the segment's start.

    ``value`` of a position beyond -1..1 is in canvas pixels, within it in the draft's own unit (contract 7.8).
    """

    segment_id: str
    property: str
    offset: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AddKeyframes:
    """Keyframes on segments that exist, whoever made them (contract 7.8).

    ``lenient`` leaves out those that cannot be set, as the reference does, each with a warning.
    """

    items: tuple[Keyframe, ...]
    lenient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMasks:
    """One mask on each segment; sizes in pixels of the material, ``feather`` and ``round_corner`` 0 to 100 (7.12)."""

    segment_ids: tuple[str, ...]
    name: MaskName = "线性"
    x: int = 0
    y: int = 0
    width: int = 512
    height: int = 512
    feather: int = 0
    rotation: int = 0
    invert: bool = False
    round_corner: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where one new segment lies in truth, after shortening and retiming."""

    segment_id: str
    material_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The answer of every operation that places segments, in the order of its items.

    ``warnings`` name what was left out: unknown names of decorations, and decorations that do not fit.
    """

    track_ids: tuple[str, ...]
    segments: tuple[Placed, ...]
    warnings: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The answer of operations on what exists: the segments and tracks that changed.

    ``made`` are ids of new materials, keyframes and segments, ``removed`` of those that went.
    """

    segment_ids: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    track_ids: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    warnings: tuple[Text, ...] = ()


Command = (
    AddVideos | AddImages | AddAudios | AddCaptions | AddSticker | AddKeyframes | AddEffects | AddFilters | AddMasks
)
Result = Added | Changed
