"""Segments as we write them (contract A, draft_format section 3), and the checks that all of them share.

Every builder links the companions it is given; a material must be added to the timeline by the caller.
"""

from __future__ import annotations

import math
from typing import Any, Final

from drafts.core.errors import Text
from drafts.document.skeleton import new_id

from .commands import Clip, Span
from .errors import EditError, Kind
from .timeline import Json, Timeline

LATEST: Final = 2**53  # microseconds, 285 years; the app and JavaScript count no further
MAX_VOLUME: Final = 10.0


def visual(timeline: Timeline, track: Json, *, material_id: str, start: int, duration: int, clip: Clip) -> Json:
    """A text or sticker segment on ``track``, with a speed of its own."""
    segment = _common(timeline, track, material_id, start, duration)
    segment["source_timerange"] = None
    segment["speed"] = 1.0
    segment["volume"] = 1.0
    segment["extra_material_refs"] = [timeline.add_material("speeds", speed_material(1.0))]
    segment["is_tone_modify"] = False
    _lay(timeline, segment, clip)
    return _placed(timeline, track, segment)


def video(
    timeline: Timeline,
    track: Json,
    *,
    material_id: str,
    start: int,
    duration: int,
    source_duration: int,
    speed: float,
    volume: float,
    clip: Clip,
) -> Json:
    """A video or still image on ``track``, played from its beginning."""
    segment = _common(timeline, track, material_id, start, duration)
    _play(timeline, segment, source_duration, speed, volume)
    _lay(timeline, segment, clip)
    segment["hdr_settings"] = {"intensity": 1.0, "mode": 1, "nits": 1000}
    return _placed(timeline, track, segment)


def audio(timeline: Timeline, track: Json, *, material_id: str, start: int, duration: int, volume: float) -> Json:
    """Sound on ``track``, played from its beginning at its own speed."""
    segment = _common(timeline, track, material_id, start, duration)
    _play(timeline, segment, duration, 1.0, volume)
    segment["clip"] = None
    segment["hdr_settings"] = None
    return _placed(timeline, track, segment)


def effect(timeline: Timeline, track: Json, *, material_id: str, start: int, duration: int) -> Json:
    """An effect or filter on ``track``: only the part that all segments have."""
    return _placed(timeline, track, _common(timeline, track, material_id, start, duration))


def speed_material(speed: float) -> Json:
    """A constant speed; the app plays what this says, so it equals the segment's ``speed``."""
    return {"curve_speed": None, "id": new_id(), "mode": 0, "speed": float(speed), "type": "speed"}


def check_span(span: Span, kind: Kind, item: str = "") -> None:
    """Refuse a start before 0, an end that does not lie after it, and one that no app can count to."""
    prefix = f"{item}." if item else ""
    if span.start < 0:
        text = Text("{place} must not be negative", "{place} 不能为负数")
        raise EditError(kind, f"{prefix}start", "min_value", text)
    if span.end <= span.start:
        text = Text(f"{{place}} must be greater than start ({span.start})", f"{{place}} 必须大于 start（{span.start}）")
        raise EditError(kind, f"{prefix}end", "after_start", text)
    if span.end > LATEST:
        text = Text(f"{{place}} must be at most {LATEST} microseconds", f"{{place}} 不能超过 {LATEST} 微秒")
        raise EditError(kind, f"{prefix}end", "max_value", text)


def check_clip(clip: Clip) -> None:
    """Refuse what the draft format cannot hold (rule R11): alpha outside 0..1, scale 0, numbers that are not finite."""
    numbers = {"alpha": clip.alpha, "scale_x": clip.scale_x, "scale_y": clip.scale_y, "rotation": clip.rotation}
    for name, value in {**numbers, "transform_x": clip.x, "transform_y": clip.y}.items():
        if not math.isfinite(value):
            raise _bad(name, "finite", "must be a finite number", "必须是有限的数字")
    if not 0 <= clip.alpha <= 1:
        raise _bad("alpha", "range", "must lie in 0..1", "必须在 0 到 1 之间")
    for name in ("scale_x", "scale_y"):
        if numbers[name] == 0:
            raise _bad(name, "not_zero", "must not be 0", "不能为 0")


def check_volume(volume: float, kind: Kind, item: str) -> None:
    """Refuse a volume outside 0..10 (rule R11)."""
    if not 0 <= volume <= MAX_VOLUME:
        text = Text("{place} must lie in 0..10", "{place} 必须在 0 到 10 之间")
        raise EditError(kind, f"{item}.volume", "range", text)


def _bad(name: str, rule: str, english: str, chinese: str) -> EditError:
    return EditError(Kind.PARAMETER, name, rule, Text(f"{{place}} {english}", f"{{place}} {chinese}"))


def _common(timeline: Timeline, track: Json, material_id: str, start: int, duration: int) -> Json:
    return {
        "enable_adjust": True,
        "enable_color_correct_adjust": False,
        "enable_color_curves": True,
        "enable_color_match_adjust": False,
        "enable_color_wheels": True,
        "enable_lut": True,
        "enable_smart_color_adjust": False,
        "last_nonzero_volume": 1.0,
        "reverse": False,
        "track_attribute": 0,
        "track_render_index": 0,
        "visible": True,
        "id": new_id(),
        "material_id": material_id,
        "target_timerange": {"start": start, "duration": duration},
        "common_keyframes": [],
        "keyframe_refs": [],
        "render_index": timeline.layer_of(track),
    }


def _play(timeline: Timeline, segment: Json, source_duration: int, speed: float, volume: float) -> None:
    segment["source_timerange"] = {"start": 0, "duration": source_duration}
    segment["speed"] = float(speed)
    segment["volume"] = float(volume)
    segment["extra_material_refs"] = [timeline.add_material("speeds", speed_material(speed))]
    segment["is_tone_modify"] = False


def _lay(timeline: Timeline, segment: Json, clip: Clip) -> None:
    width, height = timeline.canvas
    segment["clip"] = {
        "alpha": float(clip.alpha),
        "flip": {"horizontal": False, "vertical": False},
        "rotation": float(clip.rotation),
        "scale": {"x": float(clip.scale_x), "y": float(clip.scale_y)},
        "transform": {"x": clip.x / width, "y": clip.y / height},
    }
    segment["uniform_scale"] = {"on": clip.scale_x == clip.scale_y, "value": 1.0}


def _placed(timeline: Timeline, track: Json, segment: dict[str, Any]) -> Json:
    timeline.add_segment(track, segment)
    return segment
