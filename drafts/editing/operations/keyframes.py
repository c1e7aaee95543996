"""Keyframes on segments that exist, whoever made them (contract 7.8, draft_format 5.2)."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import Final

from drafts.core.errors import Text
from drafts.document.integrity.look import PROPERTIES
from drafts.document.integrity.model import dict_of, int_of, text_of
from drafts.document.skeleton import new_id

from ..commands import AddKeyframes, Changed, Keyframe
from ..errors import EMPTY, EditError
from ..errors import Kind as Refused
from ..timeline import Json, Located, Timeline, list_in
from .registry import operates

_UNIFORM: Final = "UNIFORM_SCALE"
_SCALES: Final = ("KFTypeScaleX", "KFTypeScaleY")
_VISIBLE: Final = frozenset({"video", "image", "text", "subtitle", "sticker"})
_VOLUME: Final = "KFTypeVolume"
_UNFIT: Final = frozenset({Refused.SEGMENT_NOT_FOUND, Refused.SEGMENT_TYPE, Refused.KEYFRAME_PROPERTY})


@operates(AddKeyframes)
def add_keyframes(timeline: Timeline, command: AddKeyframes) -> Changed:
    """Linear keyframes; one past its segment's end is put at the end, one at the same offset is replaced."""
    if not command.items:
        raise EditError(Refused.KEYFRAME_INFO, "keyframes", "empty", EMPTY)
    made: list[str] = []
    segment_ids: dict[str, None] = {}
    warnings: list[Text] = []
    for number, item in enumerate(command.items):
        place = f"keyframes[{number}]"
        _check(item, place)
        try:
            located = _target(timeline, item, place)
            made.append(_put(timeline, located, item, place))
        except EditError as error:
            if not command.lenient or error.kind not in _UNFIT:
                raise
            warnings.append(error.detail)
        else:
            segment_ids[item.segment_id] = None
    return Changed(segment_ids=tuple(segment_ids), made=tuple(made), warnings=tuple(warnings))


def _check(item: Keyframe, place: str) -> None:
    if item.property not in PROPERTIES:
        known = ", ".join(sorted(PROPERTIES))
        text = Text(f"{{place}} must be one of {known}", f"{{place}} 必须是以下之一：{known}")
        raise EditError(Refused.KEYFRAME_INFO, f"{place}.property", "choice", text)
    if item.offset < 0:
        text = Text("{place} must not be negative", "{place} 不能为负数")
        raise EditError(Refused.KEYFRAME_INFO, f"{place}.offset", "min_value", text)
    if not math.isfinite(item.value):
        text = Text("{place} must be a finite number", "{place} 必须是有限的数字")
        raise EditError(Refused.KEYFRAME_INFO, f"{place}.value", "finite", text)


def _target(timeline: Timeline, item: Keyframe, place: str) -> Located:
    located = timeline.segment(item.segment_id)
    if located is None:
        text = Text("{place} names no segment of the draft", "{place} 不是草稿中的片段")
        raise EditError(Refused.SEGMENT_NOT_FOUND, f"{place}.segment_id", "unknown", text)
    if located.kind not in _VISIBLE and not (located.kind == "audio" and item.property == _VOLUME):
        kind = located.kind[:20]
        text = Text(
            f"{{place}}: {item.property} does not go on a segment of type {kind}",
            f"{{place}}：{item.property} 不能用于 {kind} 类型的片段",
        )
        raise EditError(Refused.SEGMENT_TYPE, f"{place}.segment_id", "type", text)
    if located.span is None:
        text = Text("{place}: the segment has no place on the timeline", "{place}：片段没有时间范围")
        raise EditError(Refused.DRAFT, f"{place}.segment_id", "damaged", text)
    return located


def _put(timeline: Timeline, located: Located, item: Keyframe, place: str) -> str:
    segment, span = located.segment, located.span
    groups = list_in(segment, "common_keyframes", place)
    name = item.property
    if name == _UNIFORM or name in _SCALES:
        name = _scale(segment, groups, name, place)
    group = next((group for group in groups if dict_of(group).get("property_type") == name), None)
    if group is None:
        group = {"id": new_id(), "keyframe_list": [], "material_id": "", "property_type": name}
        groups.append(group)
    keys = list_in(group, "keyframe_list", place)
    offset = min(item.offset, span.duration if span else 0)
    key = _key(offset, _value(timeline, item))
    at = bisect_left(keys, offset, key=_offset)
    if at < len(keys) and _offset(keys[at]) == offset:
        keys[at] = key
    else:
        keys.insert(at, key)
    return text_of(key["id"])


def _offset(key: object) -> int:
    return int_of(dict_of(key).get("time_offset")) or 0


def _scale(segment: Json, groups: list[Json], name: str, place: str) -> str:
    """The property that a scale is stored as, with the segment's switch between one scale and two set."""
    uniform = dict_of(segment.get("uniform_scale"))
    if name != _UNIFORM:
        segment["uniform_scale"] = {**uniform, "on": False} if uniform else {"on": False, "value": 1.0}
        return name
    keyed = {text_of(dict_of(group).get("property_type")) for group in groups}
    if uniform.get("on") is False and keyed.intersection(_SCALES):
        text = Text(
            "{place}: the segment has keyframes for each side already, so UNIFORM_SCALE cannot be added",
            "{place}：该片段已有单独的缩放关键帧，不能再添加 UNIFORM_SCALE",
        )
        raise EditError(Refused.KEYFRAME_PROPERTY, f"{place}.property", "conflict", text)
    segment["uniform_scale"] = {**uniform, "on": True} if uniform else {"on": True, "value": 1.0}
    return "KFTypeScaleX"


def _value(timeline: Timeline, item: Keyframe) -> float:
    """Positions beyond -1..1 are pixels (contract 7.8)."""
    width, height = timeline.canvas
    if abs(item.value) > 1 and item.property == "KFTypePositionX":
        return item.value / width
    if abs(item.value) > 1 and item.property == "KFTypePositionY":
        return item.value / height
    return float(item.value)


def _key(offset: int, value: float) -> Json:
    return {
        "curveType": "Line",
        "graphID": "",
        "left_control": {"x": 0.0, "y": 0.0},
        "right_control": {"x": 0.0, "y": 0.0},
        "id": new_id(),
        "time_offset": offset,
        "values": [value],
    }
