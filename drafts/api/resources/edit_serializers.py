"""Operations that add: one serializer for each dataclass of ``drafts.editing.commands``, with its field names."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings

from drafts.editing import commands

from ..bodies import StringField
from ..capcut_mate.editing_fields import NameField, TextField
from ..capcut_mate.editing_serializers import PROPERTIES
from .edit_fields import (
    NULLABLE,
    OPTIONAL,
    Choice,
    Color,
    Flag,
    Items,
    MediaPart,
    Name,
    Op,
    Part,
    Real,
    Time,
    Whole,
)

ID: dict[str, Any] = {"max_length": 200, "trim_whitespace": False}
NAME: dict[str, Any] = {"required": False, "allow_null": True}
SIDE: dict[str, Any] = {"min_value": 1, "max_value": settings.MAX_CANVAS_SIDE}
SHARE: dict[str, Any] = {"min_value": 0, "max_value": 1}
HUNDRED: dict[str, Any] = {"min_value": 0, "max_value": 100}
VOLUME: dict[str, Any] = {"min_value": 0, "max_value": 10}


class ClipPart(Part):
    """How segments lie on the canvas; positions in canvas pixels from the centre, y up, rotation in degrees."""

    makes = commands.Clip
    alpha = Real(**SHARE, **OPTIONAL)
    scale_x = Real(**OPTIONAL)
    scale_y = Real(**OPTIONAL)
    x = Real(**OPTIONAL)
    y = Real(**OPTIONAL)
    rotation = Real(**OPTIONAL)


class TransitionPart(Part):
    """Towards the next segment; without a duration the catalogue's own."""

    makes = commands.Transition
    name = Name()
    duration = Time(min_value=1, **NULLABLE)


class AnimationPart(Part):
    """An entrance, exit or loop."""

    makes = commands.Animation
    kind = Choice(choices=["in", "out", "loop"])
    name = Name()
    duration = Time(min_value=1, **NULLABLE)


class SpanPart(Part):
    """A range of the timeline; ``end`` is not part of it."""

    makes: ClassVar[type] = commands.Span
    start = Time()
    end = Time()


class ImageItemPart(MediaPart, SpanPart):
    """A still picture."""

    makes = commands.VideoItem
    kinds = ("video", "image")
    code = 2010
    transition = TransitionPart(**NULLABLE)
    animations = Items(child=AnimationPart(), allow_empty=True, **OPTIONAL)
    mask = NameField(**NAME)
    width = Whole(**SIDE, **NULLABLE)
    height = Whole(**SIDE, **NULLABLE)


class VideoItemPart(ImageItemPart):
    """A video, or a still picture."""

    code = 2006
    volume = Real(**VOLUME, **OPTIONAL)


class AddVideosOp(Part):
    """Videos on a new track. ``scenes`` are the lengths that items are retimed to; null leaves one as it is."""

    makes = commands.AddVideos
    op = Op("add_videos")
    items = Items(child=VideoItemPart())
    clip = ClipPart(**OPTIONAL)
    scenes = Items(child=SpanPart(allow_null=True), allow_empty=True, **OPTIONAL)


class AddImagesOp(Part):
    """Pictures on a new track."""

    makes = commands.AddImages
    op = Op("add_images")
    items = Items(child=ImageItemPart())
    clip = ClipPart(**OPTIONAL)


class AudioItemPart(MediaPart, SpanPart):
    """A sound; fades in microseconds."""

    makes = commands.AudioItem
    kinds = ("audio",)
    code = 2008
    volume = Real(**VOLUME, **OPTIONAL)
    effect = NameField(**NAME)
    fade_in = Time(**OPTIONAL)
    fade_out = Time(**OPTIONAL)


class AddAudiosOp(Part):
    """Sounds on a new track."""

    makes = commands.AddAudios
    op = Op("add_audios")
    items = Items(child=AudioItemPart())


class ShadowPart(Part):
    """Of text."""

    makes = commands.Shadow
    alpha = Real(**SHARE, **OPTIONAL)
    color = Color(**OPTIONAL)
    diffuse = Real(**HUNDRED, **OPTIONAL)
    distance = Real(**HUNDRED, **OPTIONAL)
    angle = Real(min_value=-180, max_value=180, **OPTIONAL)


class StylePart(Part):
    """How text looks; names are those of the catalogue."""

    makes = commands.TextStyle
    size = Real(min_value=0.1, max_value=1000, **OPTIONAL)
    color = Color(**OPTIONAL)
    border_color = Color(**NULLABLE)
    font = NameField(**NAME)
    bold = Flag(**OPTIONAL)
    italic = Flag(**OPTIONAL)
    underline = Flag(**OPTIONAL)
    alpha = Real(**SHARE, **OPTIONAL)
    alignment = Whole(min_value=0, max_value=5, **OPTIONAL)
    letter_spacing = Real(**NULLABLE)
    line_spacing = Real(**NULLABLE)
    shadow = ShadowPart(**NULLABLE)
    text_effect = NameField(**NAME)


class KeywordsPart(Part):
    """Words of a caption that look different."""

    makes = commands.Keywords
    words = Items(child=TextField())
    color = Color(**OPTIONAL)
    border_color = Color(**NULLABLE)
    font = NameField(**NAME)
    size = Real(min_value=0.1, max_value=1000, **NULLABLE)
    shadow = ShadowPart(**NULLABLE)


class CaptionItemPart(SpanPart):
    """One caption."""

    makes = commands.CaptionItem
    text = TextField()
    keywords = KeywordsPart(**NULLABLE)
    size = Real(min_value=0.1, max_value=1000, **NULLABLE)
    text_effect = NameField(**NAME)
    animations = Items(child=AnimationPart(), allow_empty=True, **OPTIONAL)


class AddCaptionsOp(Part):
    """Captions on a new track."""

    makes = commands.AddCaptions
    op = Op("add_captions")
    items = Items(child=CaptionItemPart())
    style = StylePart(**OPTIONAL)  # type: ignore[assignment]  # the wire's name, not the field's property
    clip = ClipPart(**OPTIONAL)
    kind = Choice(choices=["subtitle", "text"], **OPTIONAL)


class AddStickerOp(SpanPart):
    """A sticker on a new track."""

    makes = commands.AddSticker
    op = Op("add_sticker")
    sticker_id = Name()
    clip = ClipPart(**OPTIONAL)


class EffectItemPart(SpanPart):
    """One effect by its catalogue name."""

    makes: ClassVar[type] = commands.EffectItem
    name = Name()


class AddEffectsOp(Part):
    """Effects, on as many new tracks as overlapping ones need."""

    makes = commands.AddEffects
    op = Op("add_effects")
    items = Items(child=EffectItemPart())


class FilterItemPart(EffectItemPart):
    """One filter by its catalogue name; ``intensity`` 0 to 100."""

    makes = commands.FilterItem
    intensity = Real(**HUNDRED, **OPTIONAL)


class AddFiltersOp(Part):
    """Filters, on as many new tracks as overlapping ones need."""

    makes = commands.AddFilters
    op = Op("add_filters")
    items = Items(child=FilterItemPart())


class KeyframePart(Part):
    """``offset`` counts from the segment's start; positions beyond -1..1 are canvas pixels."""

    makes = commands.Keyframe
    segment_id = StringField(**ID)
    property = Choice(choices=list(PROPERTIES))
    offset = Time()
    value = Real()


class AddKeyframesOp(Part):
    """Keyframes on segments that exist."""

    makes = commands.AddKeyframes
    op = Op("add_keyframes")
    items = Items(child=KeyframePart())


class AddMasksOp(Part):
    """One mask on each segment; positions and sizes in pixels of the material."""

    makes = commands.AddMasks
    op = Op("add_masks")
    segment_ids = Items(child=StringField(**ID))
    name = Name(**OPTIONAL)
    x = Whole(min_value=-1_000_000, max_value=1_000_000, **OPTIONAL)
    y = Whole(min_value=-1_000_000, max_value=1_000_000, **OPTIONAL)
    width = Whole(min_value=1, max_value=1_000_000, **OPTIONAL)
    height = Whole(min_value=1, max_value=1_000_000, **OPTIONAL)
    feather = Whole(**HUNDRED, **OPTIONAL)
    rotation = Whole(min_value=-1_000_000, max_value=1_000_000, **OPTIONAL)
    invert = Flag(**OPTIONAL)
    round_corner = Whole(**HUNDRED, **OPTIONAL)
