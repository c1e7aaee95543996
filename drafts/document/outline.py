"""Tracks and segments as a small model, to list or to draw."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import canonical, paths
from .integrity.model import Segment, Track, View, int_of, span_of, text_of
from .integrity.words import parse_content


@dataclass(frozen=True, slots=True)
class OutlineSegment:
    """One clip: ``start`` and ``duration`` in microseconds (0 when unreadable).

    ``kind`` is the material's list name in the singular, or "photo"; ``path`` is the path inside the draft,
    else the path as written, "" without one. ``text`` is what a text says, "" for other kinds. ``source_start`` is
    where the file begins to play, in microseconds. ``volume`` and ``speed`` are factors. ``place`` is a JSON pointer
    into the document. What is not ``visible`` is not drawn by the apps.
    """

    id: str
    kind: str
    start: int
    duration: int
    label: str
    material_id: str
    path: str
    text: str = ""
    volume: float = 1.0
    speed: float = 1.0
    source_start: int = 0
    place: str = ""
    visible: bool = True


@dataclass(frozen=True, slots=True)
class OutlineTrack:
    """One track; ``place`` is a JSON pointer into the document."""

    id: str
    type: str
    name: str
    muted: bool
    segments: tuple[OutlineSegment, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Pixels; 0 when the document does not say."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Outline:
    """``duration`` in microseconds; ``materials`` counts the items of every list that has any."""

    canvas: Canvas
    duration: int
    fps: float
    tracks: tuple[OutlineTrack, ...]
    materials: dict[str, int]


_SINGULAR = {
    "videos": "video",
    "audios": "audio",
    "texts": "text",
    "text_templates": "text_template",
    "stickers": "sticker",
    "images": "image",
    "video_effects": "effect",
    "drafts": "compound",
}


def outline(doc: Mapping[str, Any]) -> Outline:
    """The outline of a document; values that cannot be read become "" or 0, nothing raises."""
    view = View.of(dict(doc))
    known = canonical.facts(doc)
    counts: dict[str, int] = {}
    for material in view.materials:
        counts[material.list_name] = counts.get(material.list_name, 0) + 1
    return Outline(
        canvas=Canvas(known.width, known.height),
        duration=known.duration,
        fps=known.fps,
        tracks=tuple(_track(view, track) for track in view.tracks),
        materials=counts,
    )


def _track(view: View, track: Track) -> OutlineTrack:
    return OutlineTrack(
        id=text_of(track.value.get("id")),
        type=track.type,
        name=text_of(track.value.get("name")),
        muted=bool((int_of(track.value.get("attribute")) or 0) & 1),
        segments=tuple(_segment(view, segment) for segment in track.segments),
        place=track.place,
    )


def _segment(view: View, segment: Segment) -> OutlineSegment:
    material = next(iter(view.by_id.get(segment.material_id, ())), None)
    value = material.value if material else {}
    path = text_of(value.get("path"))
    source = span_of(segment.value.get("source_timerange"))
    words = text_of(parse_content(value.get("content")).get("text"))
    kind = segment.track_type
    if material:
        kind = "photo" if material.type == "photo" else _SINGULAR.get(material.list_name, material.type or kind)
    return OutlineSegment(
        id=text_of(segment.value.get("id")),
        kind=kind,
        start=segment.target.start if segment.target else 0,
        duration=segment.target.duration if segment.target else 0,
        label=_label(value, words),
        material_id=segment.material_id,
        path=paths.relative(path) or path,
        text=words,
        volume=_factor(segment.value.get("volume")),
        speed=_factor(segment.value.get("speed")),
        source_start=source.start if source else 0,
        place=segment.place,
        visible=segment.value.get("visible") is not False,
    )


def _factor(value: Any) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return float(value) if known else 1.0


def _label(material: Mapping[str, Any], words: str) -> str:
    for candidate in (words, *(text_of(material.get(key)) for key in ("material_name", "name"))):
        if candidate:
            return candidate
    return text_of(material.get("path")).replace("\\", "/").rpartition("/")[2]
