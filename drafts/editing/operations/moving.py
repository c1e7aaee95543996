"""Segments at other times: move, trim, split, delete, speed."""

from __future__ import annotations

import copy
import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from drafts.core.errors import Text
from drafts.document.integrity.model import span_of, text_of
from drafts.document.skeleton import new_id

from ..changes import ChangeSpeed, DeleteSegments, MoveSegment, SplitSegment, TrimSegment
from ..commands import Changed
from ..errors import EditError, Kind
from ..motion import cut_keyframes, fit_animations, settle_transitions, stretch_keyframes, unlink
from ..segments import speed_material
from ..timeline import Json, Located, Timeline, link
from . import existing as find
from .registry import operates

MIN_SPEED, MAX_SPEED = 0.05, 100.0
_SHARED = ("videos", "audios")


@operates(MoveSegment)
def move_segment(timeline: Timeline, command: MoveSegment) -> Changed:
    """Its length stays; the new place must be free."""
    found = find.located(timeline, command.segment_id)
    find.check_time(command.start, "start")
    track = found.track
    if command.track_id is not None:
        track = find.track_of(timeline, command.track_id)
        if track.get("type") != found.kind:
            kind = text_of(track.get("type"))[:20]
            text = Text(f"{{place}} is a track of type {kind}", f"{{place}} 是 {kind} 类型的轨道")
            raise EditError(Kind.SEGMENT_TYPE, "track_id", "type", text)
    duration = find.span(found).duration
    find.check_free(track, command.start, command.start + duration, {id(found.segment)}, "start")
    find.set_target(found.segment, command.start, duration)
    tracks, before = [found.track, track], _before(found)
    timeline.move_segment(found, track)
    return _settled(timeline, [found.segment], tracks, before)


@operates(TrimSegment)
def trim_segment(timeline: Timeline, command: TrimSegment) -> Changed:
    """A video or sound cannot be made longer than its file; keyframes and animations follow."""
    found = find.located(timeline, command.segment_id)
    old = find.span(found)
    start = old.start if command.start is None else command.start
    end = old.end if command.end is None else command.end
    find.check_time(start, "start")
    find.check_time(end, "end")
    if end <= start:
        text = Text(f"{{place}} must be greater than start ({start})", f"{{place}} 必须大于 start（{start}）")
        raise EditError(Kind.PARAMETER, "end", "after_start", text)
    find.check_free(found.track, start, end, {id(found.segment)}, "start" if start < old.start else "end")
    _cut(timeline, found, start, end)
    timeline.move_segment(found, found.track)
    return _settled(timeline, [found.segment], [found.track])


@operates(SplitSegment)
def split_segment(timeline: Timeline, command: SplitSegment) -> Changed:
    """Both halves play what the whole played; the second has companions of its own, and shares only media.

    Transition, exit animation and fade-out go to the second half, entrance and fade-in stay with the first.
    """
    found = find.located(timeline, command.segment_id)
    span = find.span(found)
    if not span.start < command.at < span.end:
        text = Text(
            f"{{place}} must lie between {span.start} and {span.end}, inside the segment",
            f"{{place}} 必须位于片段内，即 {span.start} 与 {span.end} 之间",
        )
        raise EditError(Kind.PARAMETER, "at", "range", text)
    second: Json = copy.deepcopy(found.segment)
    second["id"] = new_id()
    for group in second.get("common_keyframes") or ():
        group["id"] = new_id()
        for key in group.get("keyframe_list") or ():
            key["id"] = new_id()
    find.copy_companions(timeline, second)
    for name, material in timeline.named(text_of(second.get("material_id"))):
        if name not in _SHARED:
            find.copied(timeline, second, name, material)
    for transition in timeline.linked(found.segment, "transitions"):
        unlink(timeline, found.segment, text_of(transition.get("id")))
    right = Located(found.track, second)
    _cut(timeline, right, command.at, span.end)
    _cut(timeline, found, span.start, command.at)
    _share_animations(timeline, found.segment, second)
    timeline.add_segment(found.track, second)
    settled = _settled(timeline, [found.segment, second], [found.track])
    return Changed(segment_ids=settled.segment_ids, made=(second["id"],), warnings=settled.warnings)


@operates(DeleteSegments)
def delete_segments(timeline: Timeline, command: DeleteSegments) -> Changed:
    """Their tracks stay; materials that only they used go."""
    found = find.all_located(timeline, command.segment_ids)
    tracks: list[Json] = []
    before: list[Json] = []
    for one in found:
        before += _before(one)
        timeline.remove_segment(one)
        tracks.append(one.track)
    moved: list[Json] = []
    if command.ripple:
        moved = _rippled([(one.track, find.span(one).end, -find.span(one).duration) for one in found])
    settled = _settled(timeline, moved, tracks, before)
    removed = tuple(text_of(one.segment.get("id")) for one in found)
    return Changed(segment_ids=settled.segment_ids, removed=removed, warnings=settled.warnings)


@operates(ChangeSpeed)
def change_speed(timeline: Timeline, command: ChangeSpeed) -> Changed:
    """The segment's length on the timeline changes; keyframes stretch with it."""
    find.check_range(command.speed, MIN_SPEED, MAX_SPEED, "speed")
    found = find.all_located(timeline, command.segment_ids, find.PLAYED)
    durations = [_duration_at(timeline, one, command.speed) for one in found]
    changed: list[Json] = []
    if command.ripple:
        pairs = zip(found, durations, strict=True)
        changed = _rippled([(one.track, find.span(one).end, new - find.span(one).duration) for one, new in pairs])
    for number, (one, duration) in enumerate(zip(found, durations, strict=True)):
        old = find.span(one)
        find.set_target(one.segment, old.start, duration)
        _set_speed(timeline, one.segment, command.speed, f"segment_ids[{number}]")
        stretch_keyframes(one.segment, duration / old.duration, duration)
        fit_animations(timeline, one.segment, duration)
    places = {id(one.segment): f"segment_ids[{number}]" for number, one in enumerate(found)}
    tracks = [one.track for one in found]
    for track in _each(tracks):
        find.check_apart(track, places)
    return _settled(timeline, [*changed, *(one.segment for one in found)], tracks)


def _duration_at(timeline: Timeline, found: Located, speed: float) -> int:
    """How long a segment lasts when what it plays now is played at another speed."""
    source = span_of(found.segment.get("source_timerange"))
    played = source.duration if source else round(find.span(found).duration * timeline.speed_of(found.segment))
    return max(round(played / speed), 1)


def _cut(timeline: Timeline, found: Located, start: int, end: int) -> None:
    """Give a segment the range ``start .. end`` of the timeline, and the part of its source that plays there."""
    segment, old = found.segment, find.span(found)
    source = span_of(segment.get("source_timerange"))
    if source is not None and found.kind in find.PLAYED:
        speed = timeline.speed_of(segment)
        begin = source.start + round((start - old.start) * speed)
        length = max(round((end - start) * speed), 1) if (start, end) != (old.start, old.end) else source.duration
        material = timeline.main_material(segment, *_SHARED)
        still = material is not None and material.get("type") == "photo"
        longest = material.get("duration") if material else None
        if begin < 0 and still:
            begin = 0
        if begin < 0:
            earliest = old.start - math.floor(source.start / speed)
            text = Text(
                f"{{place}} must be at least {earliest}: the file begins there",
                f"{{place}} 不得小于 {earliest}：素材从该处开始",
            )
            raise EditError(Kind.PARAMETER, "start", "source", text)
        grew = begin + length > source.end
        if grew and not still and isinstance(longest, int) and begin + length > longest + timeline.frame:
            latest = old.start + math.floor((longest - source.start) / speed)
            text = Text(
                f"{{place}} must be at most {latest}: the file ends there",
                f"{{place}} 不得大于 {latest}：素材到该处结束",
            )
            raise EditError(Kind.PARAMETER, "end", "source", text)
        segment["source_timerange"] = {**segment["source_timerange"], "start": begin, "duration": length}
    elif source is not None:
        segment["source_timerange"] = {**segment["source_timerange"], "duration": end - start}
    find.set_target(segment, start, end - start)
    cut_keyframes(segment, start - old.start, end - old.start)
    fit_animations(timeline, segment, end - start)


def _set_speed(timeline: Timeline, segment: Json, speed: float, place: str) -> None:
    segment["speed"] = float(speed)
    for material in timeline.linked(segment, "speeds"):
        unlink(timeline, segment, text_of(material.get("id")))
    link(segment, timeline.add_material("speeds", speed_material(speed)), place)


def _rippled(shifts: Sequence[tuple[Json, int, int]]) -> list[Json]:
    """Move the segments that start at or after a time on a track, for each ``(track, after, by)``; those moved."""
    moved = []
    for track in _each([track for track, _, _ in shifts]):
        own = sorted((after, by) for each, after, by in shifts if each is track)
        times, sums = [after for after, _ in own], [0, *accumulate(by for _, by in own)]
        for segment in track["segments"]:
            span = Located(track, segment).span
            by = sums[bisect_right(times, span.start)] if span else 0
            if span and by:
                find.set_target(segment, span.start + by, span.duration)
                moved.append(segment)
    return moved


def _share_animations(timeline: Timeline, first: Json, second: Json) -> None:
    for segment, gone, fade in ((first, "out", "fade_out_duration"), (second, "in", "fade_in_duration")):
        for material in timeline.linked(segment, "material_animations"):
            material["animations"] = [item for item in material.get("animations") or () if item.get("type") != gone]
            if not material["animations"]:
                unlink(timeline, segment, text_of(material.get("id")))
        for material in timeline.linked(segment, "audio_fades"):
            material[fade] = 0


def _before(found: Located) -> list[Json]:
    """The segment before this one on its track, if there is one."""
    segments: list[Json] = found.track["segments"]
    at = next(at for at, segment in enumerate(segments) if segment is found.segment)
    return segments[max(at - 1, 0) : at]


def _settled(timeline: Timeline, segments: list[Json], tracks: list[Json], beside: Sequence[Json] = ()) -> Changed:
    warnings: list[Text] = []
    for track in _each(tracks):
        warnings += settle_transitions(timeline, track, [*segments, *beside])
    ids = dict.fromkeys(text_of(segment.get("id")) for segment in segments)
    return Changed(segment_ids=tuple(ids), warnings=tuple(warnings))


def _each(tracks: Iterable[Json]) -> list[Json]:
    """Each track once."""
    return list({id(track): track for track in tracks}.values())
