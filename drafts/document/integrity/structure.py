"""Rules about shape, references and ids: R1 to R5, R17, R20."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from ..canonical import pointer
from ..strict import MAX_INTEGER, MIN_INTEGER
from .model import (
    Material,
    Report,
    Segment,
    Severity,
    View,
    dict_of,
    int_of,
    leaves,
    list_of,
    nodes,
    number_of,
    text_of,
)

# Which lists may hold the material of a segment, by type of track. Types not named here are not judged.
FITTING: Final = {
    "video": ("videos",),
    "image": ("videos", "images"),
    "audio": ("audios",),
    "text": ("texts", "text_templates"),
    "subtitle": ("texts", "text_templates"),
    "sticker": ("stickers",),
    "effect": ("video_effects",),
    "filter": ("effects",),
}
TRACK_TYPES: Final = frozenset({*FITTING, "adjust"})
MASK_LISTS: Final = frozenset({"masks", "common_mask", "common_masks"})


def check_shape(view: View, report: Report) -> None:
    """R1."""
    doc = view.doc
    _check_lists(doc, report)
    canvas = doc.get("canvas_config")
    for side, name in (("width", "宽度"), ("height", "高度")):
        value = int_of(dict_of(canvas).get(side))
        if value is None or value <= 0:
            message = f"The canvas {side} must be a positive integer of pixels."
            report.add("R1", f"/canvas_config/{side}", message, f"画布{name}必须是正整数（像素）。")
    fps = number_of(doc.get("fps"))
    if fps is None or fps <= 0:
        tolerated: Severity | None = "info" if "fps" not in doc else None
        report.add("R1", "/fps", "fps must be a number above 0.", "fps 必须是大于 0 的数。", tolerated=tolerated)
    _check_markers(doc, report)


def _check_lists(doc: dict[str, Any], report: Report) -> None:
    tracks, materials = doc.get("tracks"), doc.get("materials")
    if not isinstance(tracks, list):
        report.add("R1", "/tracks", "tracks must be a list.", "tracks 必须是列表。")
    for index, track in enumerate(list_of(tracks)):
        if not isinstance(track, dict) or not isinstance(track.get("segments"), list):
            report.add(
                "R1",
                f"/tracks/{index}",
                "A track must be an object with a list of segments.",
                "轨道必须是含有片段列表的对象。",
            )
            continue
        if text_of(track.get("type")) not in TRACK_TYPES:
            report.add(
                "R1", f"/tracks/{index}", "The type of the track is not known.", "轨道类型未知。", tolerated="info"
            )
        for number, segment in enumerate(track["segments"]):
            if not isinstance(segment, dict):
                report.add(
                    "R1", f"/tracks/{index}/segments/{number}", "A segment must be an object.", "片段必须是对象。"
                )
    if not isinstance(materials, dict):
        report.add("R1", "/materials", "materials must be an object of lists.", "materials 必须是由列表组成的对象。")
    for name, items in dict_of(materials).items():
        place = f"/materials/{pointer(name)}"
        if not isinstance(items, list):
            report.add("R1", place, "Every entry of materials must be a list.", "materials 的每一项都必须是列表。")
        for number, item in enumerate(list_of(items)):
            if not isinstance(item, dict):
                report.add("R1", f"{place}/{number}", "A material must be an object.", "素材必须是对象。")


def _check_markers(doc: dict[str, Any], report: Report) -> None:
    kinds: dict[str, type] = {"version": int, "new_version": str, "platform": dict, "config": dict}
    for key, kind in kinds.items():
        if not isinstance(doc.get(key), kind) or isinstance(doc.get(key), bool):
            message = f"The marker {key} is missing or of the wrong kind."
            report.add("R1", f"/{key}", message, f"标记 {key} 缺失或类型不对。", tolerated="info")


def check_materials(view: View, report: Report) -> None:
    """R2."""
    for segment in view.segments:
        lists = FITTING.get(segment.track_type)
        found = view.by_id.get(segment.material_id, ())
        if not found:
            report.add("R2", segment.place, "The material of the segment does not exist.", "片段的素材不存在。")
        elif lists is not None and not any(_fits(segment, material) for material in found):
            compound = any(material.list_name == "drafts" for material in found)
            message = f"The material of a {segment.track_type} segment must lie in {' or '.join(lists)}."
            chinese = f"{segment.track_type} 片段的素材必须在 {' 或 '.join(lists)} 中。"
            report.add("R2", segment.place, message, chinese, tolerated="info" if compound else None)


def _fits(segment: Segment, material: Material) -> bool:
    if material.list_name not in FITTING[segment.track_type]:
        return False
    return segment.track_type != "filter" or material.type == "filter"


def check_references(view: View, report: Report) -> None:
    """R3."""
    for segment in view.segments:
        raw = segment.value.get("extra_material_refs", [])
        if not isinstance(raw, list) or len(raw) != len(segment.refs):
            report.add(
                "R3",
                segment.place,
                "extra_material_refs must be a list of ids.",
                "extra_material_refs 必须是 id 的列表。",
            )
        if len(set(segment.refs)) != len(segment.refs):
            report.add(
                "R3", segment.place, "A companion is named twice.", "同一附属素材被引用两次。", tolerated="warning"
            )
        for ref in dict.fromkeys(segment.refs):
            if ref not in view.by_id:
                report.add(
                    "R3",
                    segment.place,
                    f"The companion {ref[:64]} does not exist.",
                    f"附属素材 {ref[:64]} 不存在。",
                    tolerated="info",
                )


def check_ids(view: View, report: Report) -> None:
    """R4."""
    _check_unique(("track", "轨道"), ((track.place, track.value.get("id")) for track in view.tracks), report)
    _check_unique(("segment", "片段"), ((segment.place, segment.value.get("id")) for segment in view.segments), report)
    _check_unique(("keyframe", "关键帧"), _keyframe_ids(view), report)
    plain = [item for item in view.materials if item.list_name not in MASK_LISTS]
    _check_unique(("material", "素材"), ((item.place, item.value.get("id")) for item in plain), report)
    _check_masks(view, {item.id for item in plain}, report)


def _check_masks(view: View, plain: set[str], report: Report) -> None:
    seen: set[tuple[str, str]] = set()
    for item in view.materials:
        if item.list_name in MASK_LISTS:
            if not item.id or item.id in plain or (item.list_name, item.id) in seen:
                report.add(
                    "R4",
                    item.place,
                    "The id of the mask is missing or used for something else.",
                    "蒙版没有 id，或其 id 已用于别处。",
                )
            seen.add((item.list_name, item.id))


def _check_unique(kinds: tuple[str, str], ids: Iterator[tuple[str, object]], report: Report) -> None:
    kind, name = kinds
    seen: set[str] = set()
    for place, value in ids:
        if not isinstance(value, str) or not value:
            report.add("R4", place, f"The {kind} has no id.", f"{name}没有 id。")
        elif value in seen:
            report.add("R4", place, f"The id of the {kind} is used twice.", f"{name}的 id 重复。")
        else:
            seen.add(value)


def _keyframe_ids(view: View) -> Iterator[tuple[str, object]]:
    for segment in view.segments:
        for index, group in enumerate(list_of(segment.value.get("common_keyframes"))):
            place = f"{segment.place}/common_keyframes/{index}"
            if isinstance(group, dict):
                yield place, group.get("id")
            for number, key in enumerate(list_of(dict_of(group).get("keyframe_list"))):
                if isinstance(key, dict):
                    yield f"{place}/keyframe_list/{number}", key.get("id")


def check_names(view: View, report: Report) -> None:
    """R5; tracks without a name are addressed by id, so they cannot be confused."""
    seen: set[str] = set()
    for track in view.tracks:
        name = text_of(track.value.get("name"))
        if name and name in seen:
            report.add(
                "R5",
                track.place,
                f"Another track is named {name[:64]} too.",
                f"另一轨道也名为 {name[:64]}。",
                tolerated="info",
            )
        seen.add(name)


def check_orphans(view: View, report: Report) -> None:
    """R17; any string equal to the id, in a segment or in another material, counts as a reference."""
    used = {leaf for track in view.tracks for leaf in leaves(track.value) if isinstance(leaf, str)}
    for item in view.materials:
        used.update(leaf for leaf in leaves(item.value) if isinstance(leaf, str) and leaf != item.id)
    for item in view.materials:
        if item.id and item.id not in used:
            report.add("R17", item.place, "Nothing refers to the material.", "该素材没有被引用。", tolerated="info")


def check_numbers(view: View, report: Report) -> None:
    """R20; places are only worked out when there is a fault, they cost most of the time."""
    if not any(_number_fault(leaf) for leaf in leaves(view.doc)):
        return
    for place, node in nodes(view.doc, ""):
        fault = _number_fault(node)
        if fault:
            report.add("R20", place, *fault)


def _number_fault(value: object) -> tuple[str, str] | None:
    if isinstance(value, float) and not math.isfinite(value):
        return "The number is not finite.", "该数不是有限数。"
    if isinstance(value, int) and not MIN_INTEGER <= value <= MAX_INTEGER:
        return "The integer does not fit into 64 bits.", "该整数超出 64 位。"
    return None


CHECKS: Final = (
    check_shape,
    check_materials,
    check_references,
    check_ids,
    check_names,
    check_orphans,
    check_numbers,
)
