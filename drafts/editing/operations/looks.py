"""Segments that look or sound different where they are."""

from __future__ import annotations

from typing import Any, Final

from drafts.core.errors import Text
from drafts.document import canonical
from drafts.document.integrity.model import dict_of, int_of, list_of, text_of
from drafts.document.integrity.words import parse_content, utf16_length
from drafts.document.skeleton import new_id

from .. import materials, texts
from ..catalogue import Kind as Catalogue
from ..changes import AdjustPicture, ChangeClip, ChangeText, ChangeVolume, ReplaceMedia, StyleChange
from ..commands import Changed
from ..decorations import Wardrobe
from ..errors import EMPTY, EditError, Kind
from ..motion import cut_keyframes, fit_animations, settle_transitions
from ..timeline import Json, Timeline, list_in
from . import existing as find
from .registry import operates

_SCALE_LIMIT: Final = 1000.0
_PIXEL_LIMIT: Final = 1_000_000.0
_BORDER: Final = 8
_KINDS: Final = {"video": ("video", "image"), "audio": ("audio",)}


@operates(ReplaceMedia)
def replace_media(timeline: Timeline, command: ReplaceMedia) -> Changed:
    """The segment keeps its place, look and sound, and plays the new file from where it played the old, if it can."""
    found = find.located(timeline, command.segment_id)
    source = command.source
    find.check_type(found, _KINDS, "segment_id")
    if source.kind not in _KINDS[found.kind]:
        text = Text(f"{{place}} is a file of kind {source.kind}", f"{{place}} 是 {source.kind} 类型的文件")
        raise EditError(Kind.SEGMENT_TYPE, "source", "media_type", text)
    segment, old, speed = found.segment, find.span(found), timeline.speed_of(found.segment)
    range_ = dict_of(segment.get("source_timerange"))
    begin = int_of(range_.get("start")) or 0
    length = round(old.duration * speed)
    duration = old.duration
    if source.kind != "image" and source.duration > 0:
        begin = begin if begin + length <= source.duration else max(0, source.duration - length)
        if length > source.duration:
            length, duration = source.duration, max(round(source.duration / speed), 1)
    build, name = (materials.audio, "audios") if found.kind == "audio" else (materials.video, "videos")
    made = timeline.add_material(name, build(source, at_least=begin + length))
    timeline.forget(text_of(segment.get("material_id")))
    segment["material_id"] = made
    segment["source_timerange"] = {**range_, "start": 0 if source.kind == "image" else begin, "duration": length}
    find.set_target(segment, old.start, duration)
    if duration != old.duration:
        cut_keyframes(segment, 0, duration)
        fit_animations(timeline, segment, duration)
    warnings = settle_transitions(timeline, found.track, [segment])
    return Changed(segment_ids=(text_of(segment.get("id")),), made=(made,), warnings=tuple(warnings))


@operates(ChangeText)
def change_text(timeline: Timeline, command: ChangeText) -> Changed:
    """What the text and its styles hold beside that stays."""
    if command.text is None and command.style is None:
        raise EditError(Kind.PARAMETER, "text", "empty", EMPTY)
    if command.text is not None and not command.text.strip():
        raise EditError(Kind.CAPTION_INFO, "text", "empty", EMPTY)
    wardrobe = Wardrobe()
    font = wardrobe.find(Catalogue.FONTS, command.style.font, "style.font") if command.style else None
    if command.style:
        _check_style(command.style)
    found = find.all_located(timeline, command.segment_ids, {"text", "subtitle"})
    users = find.users(timeline)
    for number, one in enumerate(found):
        place = f"segment_ids[{number}]"
        material = find.own_material(timeline, one.segment, "texts", users)
        content = dict(parse_content(material.get("content"))) if material else {}
        if material is None or not isinstance(content.get("text"), str):
            text = Text("{place} shows no text that can be read", "{place} 没有可读取的文本")
            raise EditError(Kind.SEGMENT_TYPE, place, "type", text)
        styles: list[Any] = [dict(dict_of(style)) for style in list_of(content.get("styles"))] or [{}]
        if command.text is not None:
            content["text"] = command.text
            styles = [{**styles[0], "range": [0, utf16_length(command.text)]}]
        if command.style:
            for style in styles:
                _restyle(style, command.style, font.resource_id if font else None)
            _lay_out(material, command.style)
        content["styles"] = styles
        material["content"] = canonical.dumps(content).decode()
    ids = tuple(text_of(one.segment.get("id")) for one in found)
    return Changed(segment_ids=ids, warnings=tuple(wardrobe.warnings))


@operates(ChangeClip)
def change_clip(timeline: Timeline, command: ChangeClip) -> Changed:
    """Positions are divided by the canvas' full width and height, as everywhere."""
    find.check_range(command.alpha, 0, 1, "alpha")
    for name in ("scale_x", "scale_y"):
        value = getattr(command, name)
        find.check_range(value, -_SCALE_LIMIT, _SCALE_LIMIT, name)
        if value == 0:
            raise EditError(Kind.PARAMETER, name, "not_zero", Text("{place} must not be 0", "{place} 不能为 0"))
    for name in ("x", "y", "rotation"):
        find.check_range(getattr(command, name), -_PIXEL_LIMIT, _PIXEL_LIMIT, name)
    found = find.all_located(timeline, command.segment_ids, find.VISUAL)
    width, height = timeline.canvas
    for one in found:
        clip = dict(dict_of(one.segment.get("clip")))
        for key, value in (("alpha", command.alpha), ("rotation", command.rotation)):
            if value is not None:
                clip[key] = float(value)
        clip["scale"] = _pair(clip, "scale", command.scale_x, command.scale_y, 1.0)
        x, y = (None if value is None else value / side for value, side in ((command.x, width), (command.y, height)))
        clip["transform"] = _pair(clip, "transform", x, y, 0.0)
        flip = {"horizontal": command.flip_horizontal, "vertical": command.flip_vertical}
        if any(value is not None for value in flip.values()):
            given = {key: value for key, value in flip.items() if value is not None}
            clip["flip"] = {"horizontal": False, "vertical": False, **dict_of(clip.get("flip")), **given}
        one.segment["clip"] = clip
        if command.scale_x is not None or command.scale_y is not None:
            equal = clip["scale"]["x"] == clip["scale"]["y"]
            one.segment["uniform_scale"] = {"value": 1.0, **dict_of(one.segment.get("uniform_scale")), "on": equal}
    return Changed(segment_ids=tuple(text_of(one.segment.get("id")) for one in found))


@operates(ChangeVolume)
def change_volume(timeline: Timeline, command: ChangeVolume) -> Changed:
    """0 mutes; the last volume above 0 is remembered, as the app does."""
    find.check_range(command.volume, 0, 10, "volume")
    found = find.all_located(timeline, command.segment_ids, find.PLAYED)
    for one in found:
        one.segment["volume"] = float(command.volume)
        if command.volume > 0:
            one.segment["last_nonzero_volume"] = float(command.volume)
    return Changed(segment_ids=tuple(text_of(one.segment.get("id")) for one in found))


@operates(AdjustPicture)
def adjust_picture(timeline: Timeline, command: AdjustPicture) -> Changed:
    """Each is one keyframe at the segment's start, which holds over all of it (draft_format 5.2); older ones go."""
    wanted = {
        "KFTypeBrightness": command.brightness,
        "KFTypeContrast": command.contrast,
        "KFTypeSaturation": command.saturation,
    }
    for name, value in (
        ("brightness", command.brightness),
        ("contrast", command.contrast),
        ("saturation", command.saturation),
    ):
        find.check_range(value, -1, 1, name)
    found = find.all_located(timeline, command.segment_ids, {"video", "image"})
    made: list[str] = []
    for number, one in enumerate(found):
        groups = list_in(one.segment, "common_keyframes", f"segment_ids[{number}]")
        for name, value in wanted.items():
            if value is None:
                continue
            groups[:] = [group for group in groups if dict_of(group).get("property_type") != name]
            key = {
                "curveType": "Line",
                "graphID": "",
                "left_control": {"x": 0.0, "y": 0.0},
                "right_control": {"x": 0.0, "y": 0.0},
                "id": new_id(),
                "time_offset": 0,
                "values": [float(value)],
            }
            groups.append({"id": new_id(), "keyframe_list": [key], "material_id": "", "property_type": name})
            made.append(text_of(key["id"]))
    return Changed(segment_ids=tuple(text_of(one.segment.get("id")) for one in found), made=tuple(made))


def _pair(clip: Json, key: str, x: float | None, y: float | None, default: float) -> Json:
    old = dict_of(clip.get(key))
    given = {name: float(value) for name, value in (("x", x), ("y", y)) if value is not None}
    return {"x": default, "y": default, **old, **given} if given or not old else old


def _check_style(style: StyleChange) -> None:
    find.check_range(style.size, 0.1, 1000, "style.size")
    find.check_range(style.alpha, 0, 1, "style.alpha")
    find.check_range(style.alignment, 0, 5, "style.alignment")


def _restyle(style: Json, change: StyleChange, font: str | None) -> None:
    if change.size is not None:
        style["size"] = change.size
    for key in ("bold", "italic", "underline"):
        if getattr(change, key) is not None:
            style[key] = getattr(change, key)
    if change.color is not None:
        solid = {"alpha": 1.0, "color": texts.rgb(change.color, default="#ffffff")}
        content = {"render_type": "solid", "solid": solid}
        style["fill"] = {"alpha": 1.0, **dict_of(style.get("fill")), "content": content}
    if change.border_color is not None:
        solid = {"alpha": 1.0, "color": texts.rgb(change.border_color, default="#000000")}
        stroke = {"content": {"solid": solid}, "width": texts.STROKE_WIDTH}
        style["strokes"] = [stroke] if change.border_color else []
    if font:
        style["font"] = {"id": font, "path": "D:"}


def _lay_out(material: Json, change: StyleChange) -> None:
    if change.alpha is not None:
        material["global_alpha"] = float(change.alpha)
    if change.alignment is not None:
        material["alignment"], material["typesetting"] = texts.ALIGNMENTS[change.alignment]
    if change.letter_spacing is not None:
        material["letter_spacing"] = texts.letter_spacing(change.letter_spacing)
    if change.line_spacing is not None:
        material["line_spacing"] = texts.line_spacing(change.line_spacing)
    if change.border_color is not None:
        flags = material.get("check_flag")
        flags = flags if isinstance(flags, int) else 7
        material["check_flag"] = flags | _BORDER if change.border_color else flags & ~_BORDER
