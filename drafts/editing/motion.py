"""What must follow when a segment gets other times: keyframes, animations, transitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drafts.core.errors import Text
from drafts.document.integrity.model import dict_of, int_of, list_of, number_of, text_of
from drafts.document.skeleton import new_id

from .timeline import Json, Located, Timeline, refs_of


def cut_keyframes(segment: Json, start: int, end: int) -> None:
    """Keep what plays in ``start .. end``, microseconds from the segment's old start.

    A value that was on its way at an edge gets a key there, as a straight line gives it.
    """
    for group in map(dict_of, list_of(segment.get("common_keyframes"))):
        keys = [dict_of(key) for key in list_of(group.get("keyframe_list"))]
        kept = [key for key in keys if start <= _offset(key) <= end]
        edges = [at for at in (start, end) if all(_offset(key) != at for key in kept)]
        made = [key for key in (_between(keys, at) for at in edges) if key is not None]
        if not keys:
            continue
        everything = sorted([*kept, *made], key=_offset) or [_nearest(keys, start)]
        for key in everything:
            key["time_offset"] = min(max(_offset(key) - start, 0), end - start)
        group["keyframe_list"] = everything


def stretch_keyframes(segment: Json, ratio: float, duration: int) -> None:
    """Keep keys at the same part of a segment that now lasts ``duration``, ``ratio`` times as long as before."""
    for group in map(dict_of, list_of(segment.get("common_keyframes"))):
        by_offset: dict[int, Json] = {}
        for key in map(dict_of, list_of(group.get("keyframe_list"))):
            key["time_offset"] = min(round(_offset(key) * ratio), duration)
            by_offset[key["time_offset"]] = key
        if by_offset:
            group["keyframe_list"] = [by_offset[at] for at in sorted(by_offset)]


def fit_animations(timeline: Timeline, segment: Json, duration: int) -> None:
    """Make the segment's animations fit its duration: the exit ends with it, entrance and exit do not overlap."""
    for material in timeline.linked(segment, "material_animations"):
        items = [item for item in map(dict_of, list_of(material.get("animations"))) if item]
        entrance, leaving = (sum(_length(item) for item in items if item.get("type") == kind) for kind in ("in", "out"))
        if entrance + leaving > duration:
            entrance = duration * entrance // (entrance + leaving)
            leaving = duration - entrance
        for item in items:
            kind = item.get("type")
            if kind == "in":
                item["duration"] = min(_length(item), entrance)
            elif kind == "out":
                item["duration"] = min(_length(item), leaving)
                item["start"] = duration - item["duration"]
            else:
                item["start"] = min(int_of(item.get("start")) or 0, max(duration - 1, 0))
                item["duration"] = min(_length(item), duration - item["start"])


def settle_transitions(timeline: Timeline, track: Json, changed: Sequence[Json]) -> list[Text]:
    """Take off transitions that no longer join two touching segments, and shorten those too long (R13).

    Beside ``changed`` segments touching means exactly; elsewhere the app's own rounding to frames is left alone.
    Returns what the caller should know, gaps of a magnetic main track (R19) included.
    """
    warnings: list[Text] = []
    segments: list[Json] = track["segments"]
    known = {text_of(item.get("id")) for item in timeline.materials.get("transitions", ())}
    near = {id(segment) for segment in changed}
    for number, segment in enumerate(segments):
        if known.isdisjoint(refs_of(segment)):
            continue
        located = Located(track, segment)
        transitions = timeline.linked(segment, "transitions")
        if not transitions or located.span is None:
            continue
        after = Located(track, segments[number + 1]).span if number + 1 < len(segments) else None
        exact = any(id(one) in near for one in segments[number : number + 2])
        slack = 0 if exact else timeline.frame
        for transition in transitions:
            shown = text_of(located.segment.get("id"))[:40]
            if after is None or abs(after.start - located.span.end) > slack:
                unlink(timeline, located.segment, text_of(transition.get("id")))
                english = f"The transition of segment {shown} is gone: no segment follows it without a gap"
                warnings.append(Text(english, f"片段 {shown} 的转场已移除：其后没有紧接的片段"))
                continue
            longest = min(located.span.duration, after.duration)
            if (int_of(transition.get("duration")) or 0) > longest:
                transition["duration"] = longest
                english = f"The transition of segment {shown} now lasts {longest} microseconds, as its segments do"
                warnings.append(Text(english, f"片段 {shown} 的转场已缩短为 {longest} 微秒"))
    return [*warnings, *_gaps(timeline, track)]


def _gaps(timeline: Timeline, track: Json) -> list[Text]:
    """What rule R19 says of a magnetic main track: the app will move its segments together."""
    main = next((each for each in timeline.tracks if each.get("type") == "video"), None)
    if track is not main or dict_of(timeline.document.get("config")).get("maintrack_adsorb") is not True:
        return []
    end = 0
    for segment in track["segments"]:
        span = Located(track, segment).span
        if span is None:
            continue
        if span.start > end:
            return [
                Text(
                    "The main track is magnetic and has a gap now, which the app closes",
                    "主轨道开启了磁吸，现有空隙会被应用自动合拢",
                )
            ]
        end = max(end, span.end)
    return []


def unlink(timeline: Timeline, segment: Json, material_id: str) -> None:
    """Take a companion off a segment; the material goes when nothing else refers to it."""
    segment["extra_material_refs"] = [ref for ref in refs_of(segment) if ref != material_id]
    timeline.forget(material_id)


def _offset(key: Json) -> int:
    return int_of(key.get("time_offset")) or 0


def _length(animation: Json) -> int:
    return max(int_of(animation.get("duration")) or 0, 0)


def _between(keys: list[Json], at: int) -> Json | None:
    before = [key for key in keys if _offset(key) < at]
    after = [key for key in keys if _offset(key) > at]
    if not before or not after:
        return None
    one, two = before[-1], after[0]
    part = (at - _offset(one)) / (_offset(two) - _offset(one))
    values = [
        (number_of(a) or 0.0) * (1 - part) + (number_of(b) or 0.0) * part
        for a, b in zip(list_of(one.get("values")), list_of(two.get("values")), strict=False)
    ]
    made: dict[str, Any] = {**one, "id": new_id(), "time_offset": at, "values": values}
    return made


def _nearest(keys: list[Json], start: int) -> Json:
    """The key whose value holds over the whole of a part that has no key of its own."""
    before = [key for key in keys if _offset(key) < start]
    return {**(before[-1] if before else keys[0]), "time_offset": start}
