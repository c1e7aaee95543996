"""What JianYing can apply, in the lists of the reference (contract 7.15 to 7.20)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.core.errors import DomainError, FieldError, Text, Unavailable
from drafts.editing.catalogue import Entry, Kind, entries
from drafts.editing.catalogue.stickers import search_stickers

from ..bodies import json_object, validated
from ..viewsets import ViewSet
from . import catalogue_schema as schema
from .catalogue_serializers import AnimationsIn, ModeIn, StickersIn
from .views import success

log = structlog.get_logger(__name__)

_STICKERS = Text(
    "The file that STICKER_CATALOGUE names cannot be used; `manage.py check` says why.",
    "STICKER_CATALOGUE 指定的文件不可用；`manage.py check` 会说明原因。",
)
_MODE = Text("mode must be 0 (all), 1 (VIP) or 2 (free)", "mode必须是0（全部）、1（VIP）或2（免费）")
# The list's kind, then what the reference calls the category.
_TEXT = {
    "in": (Kind.TEXT_ANIMATIONS_IN, "ruchang", "入场"),
    "out": (Kind.TEXT_ANIMATIONS_OUT, "chuchang", "出场"),
    "loop": (Kind.TEXT_ANIMATIONS_LOOP, "xunhuan", "循环"),
}
_IMAGE = {
    "in": (Kind.VIDEO_ANIMATIONS_IN, "pic_ruchang", "图片入场"),
    "out": (Kind.VIDEO_ANIMATIONS_OUT, "pic_chuchang", "图片出场"),
    "loop": (Kind.VIDEO_ANIMATIONS_GROUP, "pic_xunhuan", "图片循环"),
}


class TextAnimationsRefused(DomainError):
    """``mode`` of get_text_animations is none of 0, 1, 2."""

    code = 2029
    label = Text("Failed to get text animations", "获取文字动画失败")


class ImageAnimationsRefused(DomainError):
    """``mode`` of get_image_animations is none of 0, 1, 2."""

    code = 2033
    label = Text("Failed to get image animations", "获取图片动画失败")


class FiltersRefused(DomainError):
    """``mode`` of get_filters or get_text_effects is null."""

    code = 2040
    label = Text("Failed to get filters", "获取滤镜列表失败")


class EffectsRefused(DomainError):
    """``mode`` of get_effects is null."""

    code = 2041
    label = Text("Failed to get effects", "获取特效列表失败")


class CatalogueRoutes(ViewSet):
    """Lists of names and ids for the editing routes."""

    scopes = {
        "get_text_animations": "drafts:read",
        "get_image_animations": "drafts:read",
        "get_filters": "drafts:read",
        "get_effects": "drafts:read",
        "get_text_effects": "drafts:read",
        "search_sticker": "drafts:read",
    }

    @extend_schema(**schema.GET_TEXT_ANIMATIONS)
    def get_text_animations(self, request: Request) -> Response:
        """Animations of captions."""
        return success(request._request, effects=_animations(request, _TEXT, TextAnimationsRefused))

    @extend_schema(**schema.GET_IMAGE_ANIMATIONS)
    def get_image_animations(self, request: Request) -> Response:
        """Animations of images and videos."""
        return success(request._request, effects=_animations(request, _IMAGE, ImageAnimationsRefused))

    @extend_schema(**schema.GET_FILTERS)
    def get_filters(self, request: Request) -> Response:
        """Filters."""
        chosen = _chosen(request, entries(Kind.FILTERS), FiltersRefused)
        return success(request._request, filters=[{**_ids(entry), **_has_params(entry)} for entry in chosen])

    @extend_schema(**schema.GET_EFFECTS)
    def get_effects(self, request: Request) -> Response:
        """Scene effects; character effects can be used by name, but are not listed here."""
        chosen = _chosen(request, entries(Kind.SCENE_EFFECTS), EffectsRefused)
        return success(
            request._request, effects=[{**_ids(entry), "icon_url": "", **_has_params(entry)} for entry in chosen]
        )

    @extend_schema(**schema.GET_TEXT_EFFECTS)
    def get_text_effects(self, request: Request) -> Response:
        """Text effects, one a title."""
        unique = {entry.name: entry for entry in entries(Kind.TEXT_EFFECTS)}
        chosen = _chosen(request, unique.values(), FiltersRefused)
        return success(
            request._request,
            text_effects=[{"id": entry.effect_id, "title": entry.name, "is_vip": entry.is_vip} for entry in chosen],
        )

    @extend_schema(**schema.SEARCH_STICKER)
    def search_sticker(self, request: Request) -> Response:
        """Stickers by part of their title, from the file that STICKER_CATALOGUE names."""
        values = validated(StickersIn, json_object(request._request))
        try:
            found = search_stickers(settings.STICKER_CATALOGUE, values["keyword"])
        except (OSError, ValueError) as error:
            log.error("sticker_catalogue", error=type(error).__name__)
            raise Unavailable(hint=_STICKERS) from error
        return success(request._request, data=found)


def _chosen(request: Request, listed: Iterable[Entry], refused: type[DomainError]) -> list[Entry]:
    mode = validated(ModeIn, json_object(request._request))["mode"]
    return _of_mode(listed, mode, refused)


def _of_mode(listed: Iterable[Entry], mode: int | None, refused: type[DomainError]) -> list[Entry]:
    if mode not in (0, 1, 2):
        raise refused(_MODE, errors=[FieldError("mode", "choice", _MODE)])
    return [entry for entry in listed if mode == 0 or entry.is_vip == (mode == 1)]


def _animations(
    request: Request, kinds: dict[str, tuple[Kind, str, str]], refused: type[DomainError]
) -> list[dict[str, Any]]:
    values = validated(AnimationsIn, json_object(request._request))
    types = [values["type"]] if values["type"] else list(kinds)
    return [
        {
            "resource_id": entry.resource_id,
            "type": name,
            "category_id": kinds[name][1],
            "category_name": kinds[name][2],
            "duration": entry.duration,
            "id": entry.effect_id,
            "name": entry.name,
            "request_id": "",
            "start": 0,
            "icon_url": "",
            "material_type": "sticker",
            "panel": "",
            "path": "",
            "platform": "all",
        }
        for name in types
        for entry in _of_mode(entries(kinds[name][0]), values["mode"], refused)
    ]


def _ids(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "is_vip": entry.is_vip,
        "resource_id": entry.resource_id,
        "effect_id": entry.effect_id,
    }


def _has_params(entry: Entry) -> dict[str, bool]:
    return {"has_params": bool(entry.params)}
