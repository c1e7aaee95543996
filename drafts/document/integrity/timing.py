"""Rules about time: R6 to R10, R13, R19. All times in microseconds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from .model import Report, Segment, Span, Track, View, dict_of, int_of, number_of, span_of

_TIMED_SOURCE: Final = ("video", "audio", "image")


def check_ranges(view: View, report: Report) -> None:
    """R6."""
    for segment in view.segments:
        target = segment.value.get("target_timerange")
        _check_range(segment.place, "target_timerange", target, report)
        source = segment.value.get("source_timerange")
        if source is not None or segment.track_type in _TIMED_SOURCE:
            _check_range(segment.place, "source_timerange", source, report)


def _check_range(place: str, key: str, value: object, report: Report) -> None:
    if span_of(value) is None:
        message = f"{key} needs an integer start >= 0 and an integer duration > 0 (microseconds)."
        report.add("R6", place, message, f"{key} 需要整数 start >= 0 和整数 duration > 0（微秒）。")
    elif "start" not in dict_of(value):
        report.add("R6", place, f"{key} has no start.", f"{key} 没有 start。", tolerated="info")


def check_order(view: View, report: Report) -> None:
    """R7."""
    for track in view.tracks:
        placed = list(_placed(track))
        for (_, before), (segment, span) in pairwise(placed):
            if span.start < before.start:
                report.add(
                    "R7",
                    segment.place,
                    "The segment starts before its predecessor.",
                    "该片段早于前一个片段开始。",
                    tolerated="info",
                )
        end = 0
        for segment, span in sorted(placed, key=lambda item: item[1].start):
            if span.start < end:
                message = f"The segment overlaps another by {end - span.start} microseconds."
                report.add("R7", segment.place, message, f"该片段与另一片段重叠 {end - span.start} 微秒。")
            end = max(end, span.end)


def _placed(track: Track) -> Iterator[tuple[Segment, Span]]:
    for segment in track.segments:
        if segment.target is not None:
            yield segment, segment.target


def check_duration(view: View, report: Report) -> None:
    """R8, the document's half; the meta's half is in ``companion``."""
    end = max((segment.target.end for segment in view.segments if segment.target), default=0)
    duration = int_of(view.doc.get("duration"))
    if duration is None:
        message = "The duration must be an integer of microseconds."
        report.add("R8", "/duration", message, "时长必须是整数微秒。", tolerated="info")
    elif duration != end and not (report.imported and abs(duration - end) <= view.frame):
        message = f"The duration is {duration}, the last segment ends at {end} microseconds."
        report.add("R8", "/duration", message, f"时长为 {duration} 微秒，最后一个片段的终点为 {end} 微秒。")


def check_speed(view: View, report: Report) -> None:
    """R9; a segment whose speed follows a curve is only asked for a positive speed."""
    for segment in view.segments:
        speed = number_of(segment.value.get("speed", 1.0))
        if speed is None or speed <= 0:
            report.add("R9", segment.place, "The speed must be a number above 0.", "速度必须是大于 0 的数。")
            continue
        if _is_curved(view, segment):
            continue
        source = span_of(segment.value.get("source_timerange"))
        if segment.track_type in _TIMED_SOURCE and source and segment.target:
            away = abs(source.duration - segment.target.duration * speed)
            if away > view.frame:
                message = f"Source length and timeline length x speed differ by {away:.0f} microseconds."
                chinese = f"源时长与时间线时长乘以速度相差 {away:.0f} 微秒。"
                report.add("R9", segment.place, message, chinese)
        for linked in view.linked(segment, "speeds"):
            if number_of(linked.value.get("speed")) != speed:
                report.add(
                    "R9", segment.place, "The linked speed material has another speed.", "关联的速度素材速度不同。"
                )


def _is_curved(view: View, segment: Segment) -> bool:
    return any(linked.value.get("curve_speed") is not None for linked in view.linked(segment, "speeds"))


def check_source(view: View, report: Report) -> None:
    """R10; stills have no length."""
    for segment in view.segments:
        source = span_of(segment.value.get("source_timerange"))
        material = view.main_of(segment, "videos", "audios")
        if source is None or material is None or material.type == "photo":
            continue
        length = int_of(material.value.get("duration"))
        if length is not None and length > 0 and source.end > length + view.frame:
            message = f"The segment uses its source up to {source.end}, which ends at {length} microseconds."
            chinese = f"该片段使用的源区间到 {source.end} 微秒，而素材在 {length} 微秒结束。"
            report.add("R10", segment.place, message, chinese, tolerated="warning")


def check_transitions(view: View, report: Report) -> None:
    """R13; after a round trip through the app, touching means within one frame."""
    slack = view.frame if report.imported else 0
    for track in view.tracks:
        placed = sorted(_placed(track), key=lambda item: item[1].start)
        successors = {id(segment): after for (segment, _), (_, after) in pairwise(placed)}
        for segment in track.segments:
            for transition in view.linked(segment, "transitions"):
                fault = _transition_fault(segment, successors.get(id(segment)), transition.value, slack=slack)
                if fault:
                    report.add("R13", segment.place, *fault)


def _transition_fault(
    segment: Segment, after: Span | None, value: dict[str, Any], *, slack: float
) -> tuple[str, str] | None:
    if segment.track_type not in ("video", "image"):
        return "Only video segments carry transitions.", "只有视频片段可以带转场。"
    if segment.target is None:
        return None
    if after is None or abs(after.start - segment.target.end) > slack:
        return "A transition needs a next segment that touches this one.", "转场之后必须有相接的片段。"
    duration = int_of(value.get("duration"))
    if duration is None or duration < 0:
        return "The duration of a transition must be an integer of microseconds.", "转场时长必须是整数微秒。"
    if duration > min(segment.target.duration, after.duration) + slack:
        return "The transition is longer than one of the segments it joins.", "转场比它连接的片段之一更长。"
    return None


def check_main_track(view: View, report: Report) -> None:
    """R19; without the magnet, gaps are the user's choice."""
    main = next((track for track in view.tracks if track.type == "video"), None)
    if main is None or dict_of(view.doc.get("config")).get("maintrack_adsorb") is not True:
        return
    end = 0
    for segment, span in sorted(_placed(main), key=lambda item: item[1].start):
        if span.start > end:
            message = f"The main track has a gap of {span.start - end} microseconds before this segment."
            chinese = f"主轨道在该片段之前有 {span.start - end} 微秒的空隙。"
            report.add("R19", segment.place, message, chinese, tolerated="warning")
        end = max(end, span.end)


CHECKS: Final = (
    check_ranges,
    check_order,
    check_duration,
    check_speed,
    check_source,
    check_transitions,
    check_main_track,
)
