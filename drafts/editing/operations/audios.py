"""Sound (contract 7.5)."""

from __future__ import annotations

from drafts.core.errors import Text

from .. import lanes, materials, segments
from ..catalogue import Kind
from ..commands import AddAudios, Added, AudioItem, Placed
from ..decorations import Wardrobe
from ..errors import EMPTY, EditError
from ..errors import Kind as Refused
from ..timeline import AUDIO_LAYER, Timeline, link
from .registry import operates


@operates(AddAudios)
def add_audios(timeline: Timeline, command: AddAudios) -> Added:
    """One new audio track; an item plays its file from the beginning and ends early when the file does."""
    lengths = _check(command)
    wardrobe = Wardrobe()
    track = timeline.add_track("audio", "audio", layer=AUDIO_LAYER)
    placed: list[Placed] = []
    for number, (item, length) in enumerate(zip(command.items, lengths, strict=True)):
        place = f"audio_infos[{number}]"
        material_id = timeline.add_material("audios", materials.audio(item.source, at_least=length))
        segment = segments.audio(
            timeline, track, material_id=material_id, start=item.start, duration=length, volume=item.volume
        )
        if item.fade_in or item.fade_out:
            fade_in = min(item.fade_in, length)
            fade = materials.audio_fade(fade_in, min(item.fade_out, length - fade_in))
            link(segment, timeline.add_material("audio_fades", fade), place)
        effect = wardrobe.find(Kind.AUDIO_SCENE_EFFECTS, item.effect, f"{place}.audio_effect")
        if effect is not None:
            link(segment, timeline.add_material("audio_effects", materials.audio_effect(effect)), place)
        placed.append(
            Placed(segment_id=segment["id"], material_id=material_id, start=item.start, end=item.start + length)
        )
    return Added(track_ids=(track["id"],), segments=tuple(placed), warnings=tuple(wardrobe.warnings))


def _check(command: AddAudios) -> list[int]:
    """How long each item plays, in microseconds."""
    if not command.items:
        raise EditError(Refused.AUDIO_INFO, "audio_infos", "empty", EMPTY)
    for number, item in enumerate(command.items):
        place = f"audio_infos[{number}]"
        segments.check_span(item, Refused.AUDIO_INFO, place)
        segments.check_volume(item.volume, Refused.AUDIO_INFO, place)
        if item.source.kind != "audio":
            text = Text("{place} is not an audio file", "{place} 不是音频文件")
            raise EditError(Refused.AUDIO, place, "media_type", text)
        for name, value in (("fade_in", item.fade_in), ("fade_out", item.fade_out)):
            if value < 0:
                text = Text("{place} must not be negative", "{place} 不能为负数")
                raise EditError(Refused.AUDIO_INFO, f"{place}.{name}", "min_value", text)
    lengths = [_playable(item) for item in command.items]
    overlap = lanes.first_overlap(
        [(item.start, item.start + length) for item, length in zip(command.items, lengths, strict=True)]
    )
    if overlap:
        first, second = (f"audio_infos[{number}]" for number in overlap)
        text = Text(f"{{place}} overlaps {first}", f"{{place}} 与 {first} 在时间上重叠")
        raise EditError(Refused.AUDIO, second, "overlap", text)
    return lengths


def _playable(item: AudioItem) -> int:
    asked = item.end - item.start
    return min(asked, item.source.duration) if item.source.duration > 0 else asked
