"""Inputs of the editing routes (contract 7.4 to 7.14); unknown fields are ignored."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from .editing_fields import (
    CHOICE,
    NULLABLE,
    DurationField,
    NameField,
    Placement,
    SideField,
    SizeField,
    Span,
    TextField,
    TitleField,
    UrlField,
    VolumeField,
)
from .fields import (
    ArrayField,
    JsonArrayField,
    LaxBoolean,
    LaxFloat,
    LaxInteger,
    Number,
    StrictString,
    WholeNumber,
    broken,
)

PROPERTIES = (
    "KFTypePositionX",
    "KFTypePositionY",
    "KFTypeScaleX",
    "KFTypeScaleY",
    "KFTypeRotation",
    "KFTypeAlpha",
    "UNIFORM_SCALE",
    "KFTypeSaturation",
    "KFTypeContrast",
    "KFTypeBrightness",
    "KFTypeVolume",
)


class OnDraft(serializers.Serializer[None]):
    """What every editing call has. ``draft_url`` itself is judged by ``identifiers.parse_draft_url``."""

    draft_url = StrictString(help_text="as create_draft returned it; `<id>.json` and a bare id will do too")


class FetchesMedia(OnDraft):
    """``media`` says whether files are copied into the draft or stay at their URLs; null is the server's setting."""

    media = serializers.ChoiceField(**CHOICE)


class VideoInfo(Span):
    """One item of ``video_infos``."""

    video_url = UrlField()
    duration = Number(required=False)
    width = SideField()
    height = SideField()
    mask = NameField()
    transition = NameField()
    transition_duration = DurationField()
    volume = VolumeField()

    def validate_duration(self, value: float) -> float:
        """More than nothing; otherwise it has no effect (contract 7.4)."""
        return positive(value)


class Scene(serializers.Serializer[None]):
    """One item of ``scene_timelines``; one that does not end after its start counts as none."""

    start = LaxInteger()
    end = LaxInteger()


class AddVideosIn(FetchesMedia, Placement):
    """``add_videos``."""

    video_infos = JsonArrayField(child=VideoInfo(), allow_empty=False)
    scene_timelines = ArrayField(child=Scene(), **NULLABLE)


class AudioInfo(Span):
    """One item of ``audio_infos``."""

    audio_url = UrlField()
    duration = Number(**NULLABLE)
    volume = VolumeField()
    audio_effect = NameField()

    def validate_duration(self, value: float | None) -> float | None:
        """More than nothing; otherwise it has no effect (contract 7.5)."""
        return value if value is None else positive(value)


class AddAudiosIn(FetchesMedia):
    """``add_audios``."""

    audio_infos = JsonArrayField(child=AudioInfo(), allow_empty=False)


class Animated(serializers.Serializer[None]):
    """Entrance, exit and loop by their catalogue names."""

    in_animation = NameField()
    in_animation_duration = DurationField()
    out_animation = NameField()
    out_animation_duration = DurationField()
    loop_animation = NameField()
    loop_animation_duration = DurationField()


class ImageInfo(Span, Animated):
    """One item of ``image_infos``."""

    image_url = UrlField()
    width = SideField()
    height = SideField()
    transition = NameField()
    transition_duration = DurationField()


class AddImagesIn(FetchesMedia, Placement):
    """``add_images``."""

    image_infos = JsonArrayField(child=ImageInfo(), allow_empty=False)


class AddStickerIn(OnDraft):
    """``add_sticker``."""

    sticker_id = TitleField()
    start = LaxInteger()
    end = LaxInteger()
    scale = LaxFloat(default=1.0)
    transform_x = LaxFloat(default=0.0)
    transform_y = LaxFloat(default=0.0)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """``end`` comes after ``start``, which is on the timeline."""
        if attrs["start"] < 0:
            raise broken("start", "negative")
        if attrs["end"] <= attrs["start"]:
            raise broken("end", "after_start")
        return attrs


class KeyframeInfo(serializers.Serializer[None]):
    """One item of ``keyframes``."""

    segment_id = StrictString(allow_blank=False)
    property = serializers.ChoiceField(choices=PROPERTIES)
    offset = WholeNumber(min_value=0)
    value = Number()


class AddKeyframesIn(OnDraft):
    """``add_keyframes``."""

    keyframes = JsonArrayField(child=KeyframeInfo(), allow_empty=False)


class ShadowInfo(serializers.Serializer[None]):
    """A text's shadow."""

    shadow_alpha = LaxFloat(default=1.0, min_value=0, max_value=1)
    shadow_color = StrictString(default="#000000")
    shadow_diffuse = LaxFloat(default=15.0, min_value=0, max_value=100)
    shadow_distance = LaxFloat(default=5.0, min_value=0, max_value=100)
    shadow_angle = LaxFloat(default=-45.0, min_value=-180, max_value=180)


class CaptionInfo(Span, Animated):
    """One item of ``captions``."""

    text = TextField()
    keyword = StrictString(**NULLABLE)
    keyword_color = StrictString(**NULLABLE)
    keyword_border_color = StrictString(**NULLABLE)
    keyword_font = NameField()
    keyword_font_size = SizeField()
    keyword_has_shadow = LaxBoolean(**NULLABLE)
    keyword_shadow_info = ShadowInfo(**NULLABLE)
    font_size = Number(**NULLABLE)
    text_effect = NameField()
    transition = NameField()

    def validate_font_size(self, value: float | None) -> float | None:
        """More than nothing."""
        return value if value is None else positive(value)


class AddCaptionsIn(OnDraft):
    """``add_captions``. With ``style_text`` a caption's text may be what ``add_text_style`` answers."""

    captions = JsonArrayField(child=CaptionInfo(), allow_empty=False)
    text_color = StrictString(default="#ffffff")
    border_color = StrictString(**NULLABLE)
    alignment = LaxInteger(default=1, min_value=0, max_value=5)
    alpha = LaxFloat(default=1.0, min_value=0, max_value=1)
    font = NameField()
    font_size = LaxInteger(default=15, min_value=1)
    letter_spacing = LaxFloat(**NULLABLE)
    line_spacing = LaxFloat(**NULLABLE)
    scale_x = LaxFloat(default=1.0)
    scale_y = LaxFloat(default=1.0)
    transform_x = LaxFloat(default=0.0)
    transform_y = LaxFloat(default=0.0)
    style_text = LaxBoolean(default=False)
    underline = LaxBoolean(default=False)
    italic = LaxBoolean(default=False)
    bold = LaxBoolean(default=False)
    has_shadow = LaxBoolean(default=False)
    shadow_info = ShadowInfo(**NULLABLE)
    text_effect = NameField()


class EffectInfo(Span):
    """One item of ``effect_infos``."""

    effect_title = TitleField()


class AddEffectsIn(OnDraft):
    """``add_effects``."""

    effect_infos = JsonArrayField(child=EffectInfo(), allow_empty=False)


class FilterInfo(Span):
    """One item of ``filter_infos``."""

    filter_title = TitleField()
    intensity = Number(default=100.0, min_value=0, max_value=100)


class AddFiltersIn(OnDraft):
    """``add_filters``."""

    filter_infos = JsonArrayField(child=FilterInfo(), allow_empty=False)


class AddMasksIn(OnDraft):
    """``add_masks``: positions and sizes in pixels of the material, from its centre."""

    segment_ids = ArrayField(child=StrictString(allow_blank=False), allow_empty=False)
    name = StrictString(default="线性")
    X = LaxInteger(default=0)
    Y = LaxInteger(default=0)
    width = LaxInteger(default=512, min_value=1)
    height = LaxInteger(default=512, min_value=1)
    feather = LaxInteger(default=0)
    rotation = LaxInteger(default=0)
    invert = LaxBoolean(default=False)
    roundCorner = LaxInteger(default=0)  # noqa: N815 - the wire's name


class EasyCreateMaterialIn(FetchesMedia):
    """``easy_create_material``."""

    audio_url = UrlField()
    video_url = UrlField(**NULLABLE)
    img_url = UrlField(**NULLABLE)
    text = TextField(may_be_blank=True, **NULLABLE)
    text_color = StrictString(default="#ffffff")
    font_size = LaxInteger(default=15, min_value=1)
    text_transform_y = LaxFloat(default=0.0)


def positive(value: float) -> float:
    """The value, if there is something of it."""
    if value <= 0:
        raise serializers.ValidationError("positive", code="positive")
    return value
