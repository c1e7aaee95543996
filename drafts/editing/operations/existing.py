"""Finding what a change names, and refusing what does not fit."""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from drafts.core.errors import Text
from drafts.document.integrity.model import Span, text_of
from drafts.document.skeleton import new_id

from ..errors import EMPTY, EditError, Kind
from ..segments import LATEST
from ..timeline import Json, Located, Timeline, refs_of, start_of

VISUAL: Final = frozenset({"video", "image", "text", "subtitle", "sticker"})
PLAYED: Final = frozenset({"video", "audio"})


def located(timeline: Timeline, segment_id: str, place: str = "segment_id") -> Located:
    """The segment of that id; EditError when there is none, or when it has no place on the timeline."""
    found = timeline.segment(segment_id)
    if found is None:
        text = Text("{place} names no segment of the draft", "{place} 不是草稿中的片段")
        raise EditError(Kind.SEGMENT_NOT_FOUND, place, "unknown", text)
    if found.span is None:
        text = Text("{place}: the segment has no place on the timeline", "{place}：片段没有时间范围")
        raise EditError(Kind.DRAFT, place, "damaged", text)
    return found


def all_located(timeline: Timeline, segment_ids: Sequence[str], types: Collection[str] = ()) -> list[Located]:
    """The segments of these ids, each once, on tracks of these types."""
    if not segment_ids:
        raise EditError(Kind.PARAMETER, "segment_ids", "empty", EMPTY)
    found: dict[int, Located] = {}
    for number, segment_id in enumerate(segment_ids):
        place = f"segment_ids[{number}]"
        one = located(timeline, segment_id, place)
        if types:
            check_type(one, types, place)
        found.setdefault(id(one.segment), one)
    return list(found.values())


def check_type(found: Located, types: Collection[str], place: str) -> None:
    """Refuse a segment on a track of another type."""
    if found.kind not in types:
        kind, fits = found.kind[:20], ", ".join(sorted(types))
        text = Text(
            f"{{place}} is on a track of type {kind}; this goes on {fits}",
            f"{{place}} 位于 {kind} 类型的轨道；此操作仅适用于 {fits}",
        )
        raise EditError(Kind.SEGMENT_TYPE, place, "type", text)


def track_of(timeline: Timeline, track_id: str) -> Json:
    """The track of that id."""
    for track in timeline.tracks:
        if track.get("id") == track_id:
            return track
    text = Text("{place} names no track", "{place} 不是草稿中的轨道")
    raise EditError(Kind.TRACK_NOT_FOUND, "track_id", "unknown", text)


def span(found: Located) -> Span:
    """Its place on the timeline, which ``located`` has seen."""
    assert found.span is not None  # noqa: S101 - the caller has checked it; this tells the type checker
    return found.span


def set_target(segment: Json, start: int, duration: int) -> None:
    """Write the place on the timeline; other keys of the range stay."""
    segment["target_timerange"] = {**segment["target_timerange"], "start": start, "duration": duration}


def check_time(value: int, place: str) -> None:
    """Refuse a time before 0 or beyond what apps count."""
    if not 0 <= value <= LATEST:
        text = Text(f"{{place}} must lie in 0..{LATEST}", f"{{place}} 必须在 0 到 {LATEST} 之间")
        raise EditError(Kind.PARAMETER, place, "range", text)


def check_range(value: float | None, least: float, most: float, place: str) -> None:
    """Refuse a number that is not finite or lies outside ``least .. most``."""
    if value is not None and not (math.isfinite(value) and least <= value <= most):
        text = Text(f"{{place}} must lie in {least:g}..{most:g}", f"{{place}} 必须在 {least:g} 到 {most:g} 之间")
        raise EditError(Kind.PARAMETER, place, "range", text)


def check_free(track: Json, start: int, end: int, besides: Collection[int], place: str) -> None:
    """Refuse a place on a track that another segment takes; ``besides`` are the ``id()`` of segments that may."""
    for segment in track["segments"]:
        if start_of(segment) < end and id(segment) not in besides:
            other = Located(track, segment).span
            if other is not None and start < other.end:
                raise _taken(segment, other, place)


def check_apart(track: Json, places: Mapping[int, str]) -> None:
    """Refuse segments that lie over another of their track now; ``places`` names them by their ``id()``."""
    spans = [(one.span, segment) for segment in track["segments"] if (one := Located(track, segment)).span]
    widest: tuple[Span, Json] | None = None
    for span, segment in sorted(spans, key=lambda item: item[0].start):
        if widest is not None and span.start < widest[0].end:
            place = places.get(id(segment)) or places.get(id(widest[1]))
            if place is not None:
                other = widest if id(segment) in places else (span, segment)
                raise _taken(other[1], other[0], place)
        if widest is None or span.end > widest[0].end:
            widest = span, segment


def _taken(segment: Json, span: Span, place: str) -> EditError:
    shown = text_of(segment.get("id"))[:40]
    text = Text(
        f"{{place}} overlaps segment {shown} ({span.start} to {span.end})",
        f"{{place}} 与片段 {shown}（{span.start} 至 {span.end}）在时间上重叠",
    )
    return EditError(Kind.OVERLAP, place, "overlap", text)


def users(timeline: Timeline) -> Counter[str]:
    """How many segments show each material."""
    return Counter(text_of(segment.get("material_id")) for track in timeline.tracks for segment in track["segments"])


def own_material(timeline: Timeline, segment: Json, list_name: str, users: Counter[str]) -> Json | None:
    """The segment's main material in a list, copied first when other segments show it too."""
    material = timeline.main_material(segment, list_name)
    if material is None:
        return None
    material_id = text_of(material.get("id"))
    if users[material_id] < 2:
        return material
    users[material_id] -= 1
    return copied(timeline, segment, list_name, material)


def copied(timeline: Timeline, segment: Json, list_name: str, material: Json) -> Json:
    """A copy of a material for this segment alone."""
    made: Json = {**copy.deepcopy(material), "id": new_id()}
    timeline.add_material(list_name, made)
    segment["material_id"] = made["id"]
    return made


def copy_companions(timeline: Timeline, segment: Json) -> None:
    """Give a copied segment companions of its own; a mask keeps one id in all of its lists."""
    refs = []
    for ref in refs_of(segment):
        made = new_id()
        for name, material in timeline.named(ref):
            timeline.add_material(name, {**copy.deepcopy(material), "id": made})
        refs.append(made if timeline.material(made) else ref)
    segment["extra_material_refs"] = refs
