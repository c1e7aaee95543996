"""The OpenAPI description of ``/api/v1/catalogue``, with examples that work."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from drafts.editing.catalogue import Kind

from ..openapi import LANGUAGE, NOT_MODIFIED, answers, in_path, query


class KindOut(serializers.Serializer[None]):
    """A kind of entries: how many, how many of them for VIP users, where."""

    kind = serializers.CharField()
    count = serializers.IntegerField()
    vip = serializers.IntegerField()
    url = serializers.CharField()


class ParamOut(serializers.Serializer[None]):
    """A parameter with its default and range."""

    name = serializers.CharField()
    default = serializers.FloatField()
    min = serializers.FloatField()
    max = serializers.FloatField()


class EntryOut(serializers.Serializer[None]):
    """An entry. ``duration`` in microseconds; null is what its kind does not have."""

    kind = serializers.CharField()
    name = serializers.CharField()
    identifier = serializers.CharField()
    resource_id = serializers.CharField()
    effect_id = serializers.CharField()
    is_vip = serializers.BooleanField()
    duration = serializers.IntegerField(allow_null=True)
    is_overlap = serializers.BooleanField(allow_null=True)
    resource_type = serializers.CharField(allow_null=True)
    aspect_ratio = serializers.FloatField(allow_null=True)
    params = ParamOut(many=True)


class EntriesOut(serializers.Serializer[None]):
    """One page of entries; ``count`` is that of all pages."""

    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    closest = serializers.ListField(child=serializers.CharField(), help_text="names to try when nothing was found")
    results = EntryOut(many=True)


def _example(value: Any) -> list[OpenApiExample]:
    return [OpenApiExample("example", value=value, response_only=True, status_codes=["200"])]


LIST_KINDS: dict[str, Any] = {
    "operation_id": "list_catalogue",
    "summary": "List the kinds of the catalogue",
    "parameters": [LANGUAGE],
    "responses": answers({200: KindOut(many=True), 304: NOT_MODIFIED}, 412),
    "examples": _example(
        {"kind": "masks", "count": 6, "vip": 0, "url": "http://localhost:30000/api/v1/catalogue/masks"}
    ),
}
LIST_ENTRIES: dict[str, Any] = {
    "operation_id": "search_catalogue",
    "summary": "Search effects, filters, transitions, animations, fonts, masks, ...",
    "parameters": [
        in_path("kind", "the kind", enum=list(map(str, Kind))),
        query("q", "part of the name, or the id", type="string", maxLength=settings.MAX_NAME_LENGTH),
        query("vip", "only those for VIP users, or only the others", type="boolean"),
        query("page", "which page, from 1", type="integer", minimum=1),
        query("page_size", "entries of the page", type="integer", minimum=1, maximum=settings.MAX_PAGE_SIZE),
        LANGUAGE,
    ],
    "responses": answers({200: EntriesOut, 304: NOT_MODIFIED}, 404, 412),
    "examples": _example(
        {
            "count": 1,
            "next": None,
            "previous": None,
            "closest": [],
            "results": [
                {
                    "kind": "scene_effects",
                    "name": "70s",
                    "identifier": "_70s",
                    "resource_id": "6706773500792689165",
                    "effect_id": "634717",
                    "is_vip": False,
                    "duration": None,
                    "is_overlap": None,
                    "resource_type": None,
                    "aspect_ratio": None,
                    "params": [{"name": "effects_adjust_speed", "default": 0.33, "min": 0.0, "max": 1.0}],
                }
            ],
        }
    ),
}
