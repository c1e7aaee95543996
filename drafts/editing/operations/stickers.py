"""Stickers (contract 7.7)."""

from __future__ import annotations

from .. import materials, segments
from ..commands import Added, AddSticker, Placed
from ..errors import EMPTY, EditError
from ..errors import Kind as Refused
from ..timeline import STICKER_LAYER, Timeline
from .registry import operates


@operates(AddSticker)
def add_sticker(timeline: Timeline, command: AddSticker) -> Added:
    """One new sticker track with one segment; no catalogue knows all ids, so any will do."""
    segments.check_span(command, Refused.STICKER_INFO)
    if not command.sticker_id.strip():
        raise EditError(Refused.STICKER_INFO, "sticker_id", "empty", EMPTY)
    segments.check_clip(command.clip)
    material_id = timeline.add_material("stickers", materials.sticker(command.sticker_id))
    track = timeline.add_track("sticker", "sticker", layer=STICKER_LAYER)
    segment = segments.visual(
        timeline,
        track,
        material_id=material_id,
        start=command.start,
        duration=command.end - command.start,
        clip=command.clip,
    )
    placed = Placed(segment_id=segment["id"], material_id=material_id, start=command.start, end=command.end)
    return Added(track_ids=(track["id"],), segments=(placed,))
