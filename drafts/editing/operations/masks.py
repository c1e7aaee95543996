"""Masks on segments that exist (contract 7.12)."""

from __future__ import annotations

from drafts.core.errors import Text

from .. import masking
from ..commands import AddMasks, Changed
from ..errors import EMPTY, EditError
from ..errors import Kind as Refused
from ..timeline import Timeline
from .registry import operates


@operates(AddMasks)
def add_masks(timeline: Timeline, command: AddMasks) -> Changed:
    """One mask on each video or image segment; one that has a mask keeps it, and its id is answered."""
    if not command.segment_ids:
        raise EditError(Refused.MASK_INFO, "segment_ids", "empty", EMPTY)
    _check(command)
    entry = masking.entry_of(command.name, "name")
    shape = masking.Shape(
        x=command.x,
        y=command.y,
        width=command.width,
        height=command.height,
        feather=command.feather,
        rotation=command.rotation,
        invert=command.invert,
        round_corner=command.round_corner,
    )
    made: list[str] = []
    for number, segment_id in enumerate(command.segment_ids):
        place = f"segment_ids[{number}]"
        located = timeline.segment(segment_id)
        if located is None:
            text = Text("{place} names no segment of the draft", "{place} 不是草稿中的片段")
            raise EditError(Refused.SEGMENT_NOT_FOUND, place, "unknown", text)
        material = timeline.main_material(located.segment, "videos")
        if material is None:
            text = Text(
                f"{{place}} is on a track of type {located.kind[:20]}; masks go on videos and images",
                f"{{place}} 位于 {located.kind[:20]} 类型的轨道；遮罩只能加在视频和图片上",
            )
            raise EditError(Refused.SEGMENT_TYPE, place, "type", text)
        mask_id = masking.present(timeline, located.segment)
        made.append(mask_id or masking.add(timeline, located.segment, material, entry, place, shape))
    return Changed(segment_ids=command.segment_ids, made=tuple(made))


def _check(command: AddMasks) -> None:
    for name, value in (("width", command.width), ("height", command.height)):
        if value <= 0:
            text = Text("{place} must be greater than 0", "{place} 必须大于 0")
            raise EditError(Refused.MASK_INFO, name, "min_value", text)
    for name, value in (("feather", command.feather), ("roundCorner", command.round_corner)):
        if not 0 <= value <= 100:
            text = Text("{place} must lie in 0..100", "{place} 必须在 0 到 100 之间")
            raise EditError(Refused.MASK_INFO, name, "range", text)
