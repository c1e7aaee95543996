"""Videos and still images on video tracks (contract 7.4 and 7.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from drafts.core.errors import Text

from .. import lanes, masking, materials, segments
from ..catalogue import Kind
from ..commands import Added, AddImages, AddVideos, Clip, Placed, Span, VideoItem
from ..decorations import Wardrobe, asked_for
from ..errors import EMPTY, EditError
from ..errors import Kind as Refused
from ..timeline import Json, Timeline, link
from .registry import operates


@dataclass(frozen=True, slots=True)
class _Words:
    """What a call names its items and refusals."""

    items: str
    track: str
    info: Refused
    failed: Refused


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where an item goes: the timeline's range, how much of its source it plays, and how fast."""

    start: int
    duration: int
    source_duration: int
    speed: float

    @property
    def end(self) -> int:
        return self.start + self.duration


_VIDEOS: Final = _Words("video_infos", "video", Refused.VIDEO_INFO, Refused.VIDEO)
_IMAGES: Final = _Words("image_infos", "image", Refused.IMAGE_INFO, Refused.IMAGE)


@operates(AddVideos)
def add_videos(timeline: Timeline, command: AddVideos) -> Added:
    """One new video track; items that overlap earlier ones go to further tracks above it.

    An item plays its file from the beginning and ends early when the file does. With a scene it is retimed to the
    scene's length; when every item has one, they are laid end to end (contract 7.4).
    """
    _check(command.items, command.clip, _VIDEOS)
    slots = [_slot(item) for item in command.items]
    if command.scenes:
        slots = _retimed(command.items, command.scenes)
    tracks = lanes.lanes([(slot.start, slot.end) for slot in slots])
    return _place(timeline, command.items, slots, tracks, command.clip, _VIDEOS)


@operates(AddImages)
def add_images(timeline: Timeline, command: AddImages) -> Added:
    """One new video track; items must not overlap."""
    _check(command.items, command.clip, _IMAGES)
    slots = [_slot(item) for item in command.items]
    overlap = lanes.first_overlap([(slot.start, slot.end) for slot in slots])
    if overlap:
        first, second = (f"image_infos[{number}]" for number in overlap)
        text = Text(f"{{place}} overlaps {first}", f"{{place}} 与 {first} 在时间上重叠")
        raise EditError(Refused.IMAGE, second, "overlap", text)
    return _place(timeline, command.items, slots, [0] * len(slots), command.clip, _IMAGES)


def _check(items: Sequence[VideoItem], clip: Clip, words: _Words) -> None:
    if not items:
        raise EditError(words.info, words.items, "empty", EMPTY)
    segments.check_clip(clip)
    for number, item in enumerate(items):
        place = f"{words.items}[{number}]"
        segments.check_span(item, words.info, place)
        segments.check_volume(item.volume, words.info, place)
        if item.source.kind == "audio":
            text = Text("{place} has sound but no picture", "{place} 只有声音，没有画面")
            raise EditError(words.failed, place, "media_type", text)
        for side, value in (("width", item.width), ("height", item.height)):
            if value is not None and value <= 0:
                text = Text("{place} must be greater than 0", "{place} 必须大于 0")
                raise EditError(words.info, f"{place}.{side}", "min_value", text)


def _slot(item: VideoItem) -> _Slot:
    length = _playable(item)
    return _Slot(item.start, length, length, 1.0)


def _playable(item: VideoItem) -> int:
    """How much of its file an item plays, in microseconds; stills and files of unknown length have no end."""
    asked = item.end - item.start
    has_end = item.source.kind != "image" and item.source.duration > 0
    return min(asked, item.source.duration) if has_end else asked


def _retimed(items: Sequence[VideoItem], scenes: Sequence[Span | None]) -> list[_Slot]:
    lengths = [_scene_length(scenes, number) for number in range(len(items))]
    end_to_end = all(length > 0 for length in lengths)
    slots: list[_Slot] = []
    start = items[0].start
    for number, (item, length) in enumerate(zip(items, lengths, strict=True)):
        slot = _slot(item)
        if length > 0:
            speed = (item.end - item.start) / length
            duration = round(slot.source_duration / speed)
            if duration < 1:
                text = Text("{place} is too short for its video", "{place} 对其视频来说太短")
                raise EditError(Refused.VIDEO, f"scene_timelines[{number}]", "too_short", text)
            slot = _Slot(start if end_to_end else item.start, duration, slot.source_duration, speed)
        slots.append(slot)
        start += length
    return slots


def _scene_length(scenes: Sequence[Span | None], number: int) -> int:
    scene = scenes[number] if number < len(scenes) else None
    return max(0, scene.end - scene.start) if scene else 0


def _place(
    timeline: Timeline,
    items: Sequence[VideoItem],
    slots: Sequence[_Slot],
    chosen: Sequence[int],
    clip: Clip,
    words: _Words,
) -> Added:
    wardrobe = Wardrobe()
    tracks = [timeline.add_track("video", words.track) for _ in range(max(chosen) + 1)]
    starts = {(lane, slot.start): slot for lane, slot in zip(chosen, slots, strict=True)}
    placed: list[Placed] = []
    for number, (item, slot, lane) in enumerate(zip(items, slots, chosen, strict=True)):
        place = f"{words.items}[{number}]"
        material = materials.video(item.source, at_least=slot.source_duration)
        segment = segments.video(
            timeline,
            tracks[lane],
            material_id=timeline.add_material("videos", material),
            start=slot.start,
            duration=slot.duration,
            source_duration=slot.source_duration,
            speed=slot.speed,
            volume=item.volume,
            clip=_fitted(timeline, item, clip),
        )
        _join(timeline, segment, item, (slot, starts.get((lane, slot.end))), place, wardrobe)
        animations = wardrobe.animate(item.animations, slot.duration, place, of_text=False)
        if animations is not None:
            link(segment, timeline.add_material("material_animations", animations), place)
        _mask(timeline, segment, material, item, f"{place}.mask", wardrobe)
        placed.append(Placed(segment_id=segment["id"], material_id=material["id"], start=slot.start, end=slot.end))
    ids = tuple(track["id"] for track in tracks)
    return Added(track_ids=ids, segments=tuple(placed), warnings=tuple(wardrobe.warnings))


def _join(
    timeline: Timeline,
    segment: Json,
    item: VideoItem,
    slots: tuple[_Slot, _Slot | None],
    place: str,
    wardrobe: Wardrobe,
) -> None:
    """A transition to the slot that touches this one; it is not longer than either (rule R13)."""
    if item.transition is None:
        return
    place = f"{place}.transition"
    entry = wardrobe.find(Kind.TRANSITIONS, item.transition.name, place)
    slot, after = slots
    if entry is None:
        return
    if after is None:
        wardrobe.warn(place, "left out, nothing on the track starts where this ends", "已忽略，其后没有紧接的片段")
        return
    duration = min(asked_for(item.transition.duration) or entry.duration or 0, slot.duration, after.duration)
    link(segment, timeline.add_material("transitions", materials.transition(entry, duration)), place)


def _mask(timeline: Timeline, segment: Json, material: Json, item: VideoItem, place: str, wardrobe: Wardrobe) -> None:
    entry = wardrobe.find(Kind.MASKS, item.mask, place)
    if entry is None:
        return
    if item.source.width > 0 and item.source.height > 0:
        masking.add(timeline, segment, material, entry, place)
    else:
        wardrobe.warn(place, "left out, the size of the picture is not known", "已忽略，画面尺寸未知")


def _fitted(timeline: Timeline, item: VideoItem, clip: Clip) -> Clip:
    """``clip`` scaled so that the picture fits into the item's width and height, if it gives any.

    At scale 1 the app fits a picture into the canvas (draft_format 5.1).
    """
    width, height = item.source.width, item.source.height
    if (item.width is None and item.height is None) or width <= 0 or height <= 0:
        return clip
    canvas_width, canvas_height = timeline.canvas
    fit = min(canvas_width / width, canvas_height / height)
    scales = []
    if item.width is not None:
        scales.append(item.width / (width * fit))
    if item.height is not None:
        scales.append(item.height / (height * fit))
    return replace(clip, scale_x=clip.scale_x * min(scales), scale_y=clip.scale_y * min(scales))
