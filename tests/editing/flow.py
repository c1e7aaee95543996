"""The calls that sample s05 records, as commands for a document of 1920 x 1080."""

from __future__ import annotations

from dataclasses import replace

from drafts.editing.apply import Edited
from drafts.editing.commands import (
    AddAudios,
    AddCaptions,
    AddEffects,
    AddFilters,
    AddImages,
    AddKeyframes,
    AddMasks,
    AddSticker,
    AddVideos,
    Animation,
    AudioItem,
    Clip,
    EffectItem,
    FilterItem,
    Keyframe,
    Keywords,
    TextStyle,
    Transition,
)

from .support import CLIP, MUSIC, SECOND, TALL, added, caption, edit, empty, picture


def typical() -> Edited:
    """Two images, a video, music, two captions, an effect, a filter, keyframes, a mask and a sticker."""
    fade_in = Animation(kind="in", name="渐显", duration=500_000)
    images = AddImages(
        items=(
            picture(0, 3, transition=Transition(name="叠化", duration=500_000)),
            picture(3, 6, TALL, animations=(fade_in,)),
        )
    )
    made = edit(
        images,
        AddVideos(items=(picture(6, 9, CLIP, volume=0.5),)),
        AddAudios(items=(AudioItem(start=0, end=9 * SECOND, source=replace(MUSIC, duration=12_042_000), volume=0.4),)),
        AddCaptions(
            items=(
                caption(
                    0,
                    3,
                    "Hello 世界",
                    keywords=Keywords(words=("世界",)),
                    animations=(replace(fade_in, duration=None),),
                ),
                caption(3, 6, "第二句 🎬 end"),
            ),
            style=TextStyle(border_color="#000000"),
            clip=Clip(y=-800),
        ),
        AddEffects(items=(EffectItem(start=0, end=3 * SECOND, name="录制边框 III"),)),
        AddFilters(items=(FilterItem(start=0, end=6 * SECOND, name="复古工业", intensity=80),)),
        data=empty(1920, 1080),
    )
    first, second = (placed.segment_id for placed in added(made, 0).segments)
    video = added(made, 1).segments[0].segment_id
    position = "KFTypePositionX"
    return edit(
        AddKeyframes(
            items=(
                Keyframe(segment_id=first, property=position, offset=0, value=-100),
                Keyframe(segment_id=first, property=position, offset=2 * SECOND, value=100),
                Keyframe(segment_id=second, property="UNIFORM_SCALE", offset=0, value=1.0),
                Keyframe(segment_id=second, property="UNIFORM_SCALE", offset=3 * SECOND, value=1.5),
            )
        ),
        AddMasks(segment_ids=(video,), name="圆形", width=200, height=200, feather=10),
        AddSticker(start=0, end=2 * SECOND, sticker_id="7211102020202020202", clip=Clip(x=100, y=100)),
        data=made.data,
    )
