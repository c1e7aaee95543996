"""Inputs of the helper routes (contract 7.13, 7.21, 7.24 to 7.26)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from . import infos
from .fields import ArrayField, BoundedString, LaxBoolean, LaxFloat, LaxInteger, StrictString, broken

# What every item repeats is short, so that a reply is never much longer than its request.
_SHARED: dict[str, Any] = {"required": False, "allow_null": True}
_NAME: dict[str, Any] = {**_SHARED, "max_length": settings.MAX_NAME_LENGTH}
_WORDS = {"equal": 0, "custom": 1, "random": 1}


class _CutField(LaxInteger):
    """0 equal, anything else random; the words that the reference's documentation has will do."""

    def to_internal_value(self, data: Any) -> int:
        return super().to_internal_value(_WORDS.get(data, data) if isinstance(data, str) else data)


class TimelinesIn(serializers.Serializer[None]):
    """How to cut a length of time, in microseconds."""

    duration = LaxInteger(min_value=0, help_text="microseconds")
    num = LaxInteger(help_text="how many parts; none for 0 and less")
    start = LaxInteger(default=0, help_text="microseconds")
    type = _CutField(default=0, help_text="0 or `equal`: equal parts; anything else or `random`: cut at random")

    def validate_num(self, value: int) -> int:
        """No more parts than a list may have."""
        if value > settings.MAX_LIST_ITEMS:
            raise serializers.ValidationError("max_items", code="max_items")
        return value


class RangeIn(serializers.Serializer[None]):
    """From start to end, microseconds."""

    start = LaxInteger()
    end = LaxInteger()


class SegmentIn(RangeIn):
    """A segment and its range, as add_images and others answer them."""

    id = StrictString(max_length=settings.MAX_NAME_LENGTH)


class _Timed(serializers.Serializer[None]):
    timelines = ArrayField(child=RangeIn())


class AudioInfosIn(_Timed):
    """Audio URLs and their ranges."""

    mp3_urls = ArrayField(child=StrictString())
    audio_effect = StrictString(**_NAME)
    volume = LaxFloat(**_SHARED)


class VideoInfosIn(_Timed):
    """Video URLs and their ranges."""

    video_urls = ArrayField(child=StrictString())
    height = LaxInteger(**_SHARED)
    width = LaxInteger(**_SHARED)
    mask = StrictString(**_NAME)
    transition = StrictString(**_NAME)
    transition_duration = LaxInteger(**_SHARED)
    volume = LaxFloat(default=1.0, allow_null=True)


class ImgsInfosIn(_Timed):
    """Image URLs and their ranges; a name may be several separated by ``|``, one an item."""

    imgs = ArrayField(child=StrictString())
    height = LaxInteger(**_SHARED)
    width = LaxInteger(**_SHARED)
    in_animation = BoundedString(**_SHARED)
    in_animation_duration = LaxInteger(**_SHARED)
    loop_animation = BoundedString(**_SHARED)
    loop_animation_duration = LaxInteger(**_SHARED)
    out_animation = BoundedString(**_SHARED)
    out_animation_duration = LaxInteger(**_SHARED)
    transition = BoundedString(**_SHARED)
    transition_duration = LaxInteger(**_SHARED)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Each of several names is as short as one name may be."""
        for field in ("in_animation", "loop_animation", "out_animation", "transition"):
            if any(len(name) > settings.MAX_NAME_LENGTH for name in (attrs.get(field) or "").split("|")):
                raise broken(field, "max_name")
        return attrs


class ShadowIn(serializers.Serializer[None]):
    """A shadow of text (contract 7.9)."""

    shadow_alpha = LaxFloat(default=1.0, min_value=0, max_value=1)
    shadow_color = StrictString(default="#000000", max_length=settings.MAX_NAME_LENGTH)
    shadow_diffuse = LaxFloat(default=15.0, min_value=0, max_value=100)
    shadow_distance = LaxFloat(default=5.0, min_value=0, max_value=100)
    shadow_angle = LaxFloat(default=-45.0, min_value=-180, max_value=180)


class CaptionInfosIn(_Timed):
    """Texts and their ranges."""

    texts = ArrayField(child=BoundedString())
    font_size = LaxInteger(**_SHARED)
    keyword_color = StrictString(**_NAME)
    keyword_border_color = StrictString(**_NAME)
    keyword_font = StrictString(**_NAME)
    keyword_font_size = LaxInteger(**_SHARED)
    keyword_has_shadow = LaxBoolean(**_SHARED)
    keyword_shadow_info = ShadowIn(**_SHARED)
    keywords = ArrayField(child=BoundedString(), **_SHARED)
    in_animation = StrictString(**_NAME)
    in_animation_duration = LaxInteger(**_SHARED)
    loop_animation = StrictString(**_NAME)
    loop_animation_duration = LaxInteger(**_SHARED)
    out_animation = StrictString(**_NAME)
    out_animation_duration = LaxInteger(**_SHARED)
    transition = StrictString(**_NAME)
    transition_duration = LaxInteger(**_SHARED)


class EffectInfosIn(_Timed):
    """Names of effects and their ranges."""

    effects = ArrayField(child=StrictString())


class FilterInfosIn(_Timed):
    """Names of filters, their ranges and their strength in percent."""

    filters = ArrayField(child=StrictString())
    intensities = ArrayField(child=LaxFloat(), **_SHARED)


class KeyframesInfosIn(serializers.Serializer[None]):
    """Keyframes to repeat on several segments."""

    ctype = StrictString(max_length=settings.MAX_NAME_LENGTH, help_text="the property, such as `KFTypePositionX`")
    offsets = StrictString(help_text="percent of the segment, separated by `|`: `0|50|100`")
    values = StrictString(help_text="as many values, separated by `|`; pixels where width or height is given")
    segment_infos = ArrayField(child=SegmentIn())
    width = LaxInteger(**_SHARED)
    height = LaxInteger(**_SHARED)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Numbers for the two texts."""
        for field in ("offsets", "values"):
            found = infos.numbers(attrs[field])
            if found is None:
                raise broken(field, "numbers")
            attrs[field] = found
        if len(attrs["values"]) != len(attrs["offsets"]):
            raise broken("values", "same_count")
        if len(attrs["offsets"]) * len(attrs["segment_infos"]) > settings.MAX_LIST_ITEMS:
            raise broken("segment_infos", "max_product")
        return attrs


class GetUrlIn(serializers.Serializer[None]):
    """Any text."""

    output = StrictString()


class StrToListIn(serializers.Serializer[None]):
    """Any text."""

    obj = StrictString()


class StrListToObjsIn(serializers.Serializer[None]):
    """Texts."""

    infos = ArrayField(child=StrictString())


class ObjsToStrListIn(serializers.Serializer[None]):
    """Objects with an ``output`` each."""

    outputs = ArrayField(child=GetUrlIn())


class AddTextStyleIn(serializers.Serializer[None]):
    """A text and the words to highlight in it."""

    text = BoundedString()
    keyword = BoundedString(help_text="words separated by `|`")
    font_size = LaxInteger(default=12)
    keyword_color = StrictString(default="#ff7100", max_length=settings.MAX_NAME_LENGTH)
    keyword_font_size = LaxInteger(default=15)
