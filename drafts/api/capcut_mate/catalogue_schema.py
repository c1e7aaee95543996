"""The OpenAPI description of the catalogue routes, with examples that work."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from .catalogue_serializers import AnimationsIn, ModeIn, StickersIn
from .helper_schema import operation
from .schema import Envelope


class AnimationOut(serializers.Serializer[None]):
    """An animation: ``id`` is its effect id, ``duration`` its default in microseconds."""

    resource_id = serializers.CharField()
    type = serializers.CharField(help_text="in, out or loop")
    category_id = serializers.CharField()
    category_name = serializers.CharField()
    duration = serializers.IntegerField()
    id = serializers.CharField()
    name = serializers.CharField()
    request_id = serializers.CharField(allow_blank=True)
    start = serializers.IntegerField()
    icon_url = serializers.CharField(allow_blank=True)
    material_type = serializers.CharField()
    panel = serializers.CharField(allow_blank=True)
    path = serializers.CharField(allow_blank=True)
    platform = serializers.CharField()


class AnimationsOut(Envelope):
    """Animations."""

    effects = AnimationOut(many=True)


class FilterOut(serializers.Serializer[None]):
    """A filter."""

    name = serializers.CharField()
    is_vip = serializers.BooleanField()
    resource_id = serializers.CharField()
    effect_id = serializers.CharField()
    has_params = serializers.BooleanField()


class FiltersOut(Envelope):
    """Filters."""

    filters = FilterOut(many=True)


class EffectOut(FilterOut):
    """A scene effect."""

    icon_url = serializers.CharField(allow_blank=True)


class EffectsOut(Envelope):
    """Scene effects."""

    effects = EffectOut(many=True)


class TextEffectOut(serializers.Serializer[None]):
    """A text effect."""

    id = serializers.CharField()
    title = serializers.CharField()
    is_vip = serializers.BooleanField()


class TextEffectsOut(Envelope):
    """Text effects."""

    text_effects = TextEffectOut(many=True)


class StickerOut(serializers.Serializer[None]):
    """A sticker; ``sticker`` is as the operator's file has it."""

    sticker_id = serializers.CharField()
    title = serializers.CharField()
    sticker = serializers.DictField()


class StickersOut(Envelope):
    """Stickers, at most 50."""

    data = StickerOut(many=True)  # type: ignore[assignment]  # the wire's name, not the serializer's property


def _animation(**values: Any) -> dict[str, Any]:
    fixed = {"request_id": "", "start": 0, "icon_url": "", "material_type": "sticker", "panel": "", "path": ""}
    return {**values, **fixed, "platform": "all"}


_IN = _animation(
    resource_id="7078181271393800711",
    type="in",
    category_id="ruchang",
    category_name="入场",
    duration=500_000,
    id="1643884",
    name="冲屏位移",
)
_PICTURE_IN = _animation(
    resource_id="7311984593387655731",
    type="in",
    category_id="pic_ruchang",
    category_name="图片入场",
    duration=2_267_000,
    id="34176967",
    name="Kira游动",
)
_FILTER = {
    "name": "1980",
    "is_vip": False,
    "resource_id": "7127828208690433311",
    "effect_id": "7127828208690433311",
    "has_params": False,
}
_EFFECT = {
    "name": "1998",
    "is_vip": False,
    "resource_id": "6981791065204331044",
    "effect_id": "1183068",
    "icon_url": "",
    "has_params": True,
}
_TEXT_EFFECT = {"id": "7539407429763796249", "title": "红黄火焰综艺花字", "is_vip": True}

GET_TEXT_ANIMATIONS = operation(
    "get_text_animations",
    "List text animations",
    AnimationsIn,
    AnimationsOut,
    {"mode": 0, "type": "in"},
    {"effects": [_IN]},
)
GET_IMAGE_ANIMATIONS = operation(
    "get_image_animations",
    "List image animations",
    AnimationsIn,
    AnimationsOut,
    {"mode": 2, "type": "in"},
    {"effects": [_PICTURE_IN]},
)
GET_FILTERS = operation("get_filters", "List filters", ModeIn, FiltersOut, {"mode": 0}, {"filters": [_FILTER]})
GET_EFFECTS = operation("get_effects", "List scene effects", ModeIn, EffectsOut, {"mode": 0}, {"effects": [_EFFECT]})
GET_TEXT_EFFECTS = operation(
    "get_text_effects", "List text effects", ModeIn, TextEffectsOut, {"mode": 0}, {"text_effects": [_TEXT_EFFECT]}
)
SEARCH_STICKER = operation(
    "search_sticker", "Search stickers", StickersIn, StickersOut, {"keyword": "人"}, {"data": []}
)
