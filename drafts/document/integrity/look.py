"""Rules about geometry, motion and decorations: R11, R12, R14, R16."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from .model import Material, Report, Segment, Severity, View, dict_of, int_of, list_of, number_of, text_of
from .structure import MASK_LISTS

PROPERTIES: Final = frozenset(
    {
        "KFTypePositionX",
        "KFTypePositionY",
        "KFTypeRotation",
        "KFTypeScaleX",
        "KFTypeScaleY",
        "UNIFORM_SCALE",
        "KFTypeAlpha",
        "KFTypeSaturation",
        "KFTypeContrast",
        "KFTypeBrightness",
        "KFTypeVolume",
    }
)
_VISIBLE: Final = ("video", "image", "text", "subtitle", "sticker")
_SINGLE_LISTS: Final = {
    "transitions": ("transition", "转场"),
    "canvases": ("background", "背景"),
    "chromas": ("chroma key", "色度抠图"),
    "audio_fades": ("fade", "淡入淡出"),
}
_ANIMATIONS: Final = {"in": "入场", "out": "出场", "group": "组合"}


def check_geometry(view: View, report: Report) -> None:
    """R11; a part of ``clip`` that is missing is read with its default, as the apps do."""
    for segment in view.segments:
        clip = segment.value.get("clip")
        if segment.track_type == "audio":
            if clip is not None:
                report.add(
                    "R11",
                    segment.place,
                    "The clip of an audio segment must be null.",
                    "音频片段的 clip 必须为 null。",
                    tolerated="info",
                )
        elif segment.track_type in _VISIBLE:
            if isinstance(clip, dict):
                _check_clip(segment.place, clip, report)
            else:
                tolerated: Severity | None = "info" if clip is None else None
                report.add(
                    "R11", segment.place, "A visible segment needs a clip.", "画面片段需要 clip。", tolerated=tolerated
                )
        volume = number_of(segment.value.get("volume", 1.0))
        if volume is None or not 0 <= volume <= 10:
            report.add("R11", segment.place, "The volume must be a number in 0..10.", "音量必须是 0 到 10 之间的数。")


def _check_clip(place: str, clip: dict[str, Any], report: Report) -> None:
    alpha = number_of(clip.get("alpha", 1.0))
    if alpha is None or not 0 <= alpha <= 1:
        report.add(
            "R11", place, "The alpha of the clip must be a number in 0..1.", "clip 的 alpha 必须是 0 到 1 之间的数。"
        )
    if number_of(clip.get("rotation", 0.0)) is None:
        report.add(
            "R11",
            place,
            "The rotation of the clip must be a finite number of degrees.",
            "clip 的 rotation 必须是有限的角度值。",
        )
    for key, default in (("scale", 1.0), ("transform", 0.0)):
        pair = clip.get(key, {})
        values = [number_of(dict_of(pair).get(axis, default)) for axis in ("x", "y")]
        if not isinstance(pair, dict) or None in values:
            report.add(
                "R11",
                place,
                f"The {key} of the clip needs finite numbers x and y.",
                f"clip 的 {key} 需要有限的数 x 和 y。",
            )
        elif key == "scale" and 0.0 in values:
            report.add("R11", place, "The scale of the clip must not be 0.", "clip 的 scale 不能为 0。")


def check_keyframes(view: View, report: Report) -> None:
    """R12."""
    for segment in view.segments:
        groups = segment.value.get("common_keyframes")
        if groups is not None and not isinstance(groups, list):
            report.add("R12", segment.place, "common_keyframes must be a list.", "common_keyframes 必须是列表。")
        seen: set[str] = set()
        for index, group in enumerate(list_of(groups)):
            place = f"{segment.place}/common_keyframes/{index}"
            name = text_of(dict_of(group).get("property_type"))
            if name not in PROPERTIES:
                report.add(
                    "R12",
                    place,
                    "The property of the keyframes is not known.",
                    "关键帧的属性未知。",
                    tolerated="warning",
                )
            elif name in seen:
                report.add(
                    "R12", place, f"The property {name} has two lists of keyframes.", f"属性 {name} 有两个关键帧列表。"
                )
            seen.add(name)
            _check_keys(segment, place, dict_of(group).get("keyframe_list"), report)


def _check_keys(segment: Segment, place: str, keys: object, report: Report) -> None:
    if not isinstance(keys, list):
        report.add("R12", place, "keyframe_list must be a list.", "keyframe_list 必须是列表。")
    before = -1
    for number, key in enumerate(list_of(keys)):
        here = f"{place}/keyframe_list/{number}"
        offset = int_of(dict_of(key).get("time_offset"))
        values = dict_of(key).get("values")
        if not isinstance(values, list) or not values or any(number_of(value) is None for value in values):
            report.add("R12", here, "A keyframe needs a list of finite values.", "关键帧需要由有限数值组成的列表。")
        if offset is None or offset < 0 or (segment.target and offset > segment.target.duration):
            report.add(
                "R12",
                here,
                "The offset of a keyframe must lie inside its segment (microseconds).",
                "关键帧的时间必须在片段之内（微秒）。",
            )
            continue
        if offset <= before:
            report.add("R12", here, "The offsets of keyframes must rise.", "关键帧的时间必须递增。")
        before = max(before, offset)


def check_decorations(view: View, report: Report) -> None:
    """R14."""
    for segment in view.segments:
        for list_name, words in _SINGLE_LISTS.items():
            _check_single(segment, len(view.linked(segment, list_name)), words, report)
        masks = {mask.id for mask in view.linked(segment, *MASK_LISTS)}
        _check_single(segment, len(masks), ("mask", "蒙版"), report)
        blends = [item for item in view.linked(segment, "effects") if item.type == "mix_mode"]
        _check_single(segment, len(blends), ("blend mode", "混合模式"), report)
        _check_animations(segment, view.linked(segment, "material_animations"), report)


def _check_single(segment: Segment, count: int, words: tuple[str, str], report: Report) -> None:
    word, name = words
    if count > 1:
        report.add(
            "R14",
            segment.place,
            f"The segment has {count} of: {word}; one is allowed.",
            f"该片段有 {count} 个{name}，只允许一个。",
        )


def _check_animations(segment: Segment, linked: list[Material], report: Report) -> None:
    animations = [dict_of(item) for material in linked for item in list_of(material.value.get("animations"))]
    counts = Counter(text_of(animation.get("type")) for animation in animations)
    for kind, count in counts.items():
        words = f"{kind[:16]} animation", f"{_ANIMATIONS.get(kind, kind[:16])}动画"
        _check_single(segment, count, words, report)
    if counts["group"] and (counts["in"] or counts["out"]):
        report.add(
            "R14",
            segment.place,
            "A group animation excludes in and out animations.",
            "组合动画不能与入场或出场动画同时使用。",
        )
    lengths = [int_of(item.get("duration")) or 0 for item in animations if item.get("type") in ("in", "out")]
    if segment.target and sum(lengths) > segment.target.duration:
        report.add(
            "R14", segment.place, "The in and out animations are longer than the segment.", "入场和出场动画比片段更长。"
        )


def check_masks(view: View, report: Report) -> None:
    """R16; the newer list carries a few settings more, so only those of ``masks`` are compared."""
    for material in view.materials:
        if material.list_name == "masks" and material.id:
            _check_pair(material, _twin(view, material, new=True), report)
        elif material.list_name in MASK_LISTS and material.id and _twin(view, material, new=False) is None:
            report.add("R16", material.place, "The mask is missing in masks.", "masks 中没有该蒙版。", tolerated="info")


def _check_pair(material: Material, twin: Material | None, report: Report) -> None:
    if twin is None:
        report.add(
            "R16", material.place, "The mask is missing in common_mask.", "common_mask 中没有该蒙版。", tolerated="info"
        )
        return
    config, other = dict_of(material.value.get("config")), dict_of(twin.value.get("config"))
    if any(other.get(key) != value for key, value in config.items()):
        report.add(
            "R16", material.place, "The mask has other settings in common_mask.", "common_mask 中该蒙版的设置不同。"
        )


def _twin(view: View, material: Material, *, new: bool) -> Material | None:
    for other in view.by_id.get(material.id, ()):
        if other.list_name in MASK_LISTS and (other.list_name != "masks") is new:
            return other
    return None


CHECKS: Final = (check_geometry, check_keyframes, check_decorations, check_masks)
