"""The OpenAPI description of the capcut-mate routes, with examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from ..openapi import BINARY, LANGUAGE, RANGE, answers, in_path
from .serializers import CreateDraftIn

_ID = "202611210341125f0c1d2e3a4b5c6d7e"
_URL = f"http://localhost:30000/openapi/capcut-mate/v1/get_draft?draft_id={_ID}"


class Envelope(serializers.Serializer[None]):
    """What every success has."""

    code = serializers.IntegerField(help_text="0")
    message = serializers.CharField()


class CreateDraftOut(Envelope):
    """The new draft's URL and id."""

    draft_url = serializers.CharField()
    tip_url = serializers.CharField()
    draft_id = serializers.CharField()


class SaveDraftBody(serializers.Serializer[None]):
    """The draft to save; a note makes a version even of an unchanged draft."""

    draft_url = serializers.CharField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    author = serializers.CharField(required=False, allow_blank=True, max_length=200)


class SaveDraftOut(Envelope):
    """The version that holds the draft now."""

    draft_url = serializers.CharField()
    version = serializers.IntegerField()
    changed = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["pending", "stored", "failed"])


class GetDraftOut(Envelope):
    """The draft's files."""

    files = serializers.ListField(child=serializers.CharField())


def _example(value: dict[str, Any], *, request: bool = False) -> OpenApiExample:
    return OpenApiExample("example", value=value, request_only=request, response_only=not request)


CREATE_DRAFT: dict[str, Any] = {
    "operation_id": "create_draft",
    "summary": "Create a draft",
    "request": CreateDraftIn,
    "parameters": [LANGUAGE],
    "responses": answers({200: CreateDraftOut}, 400, 413, 415),
    "examples": [
        _example({"width": 1920, "height": 1080}, request=True),
    ],
}
SAVE_DRAFT: dict[str, Any] = {
    "operation_id": "save_draft",
    "summary": "Save a draft",
    "request": SaveDraftBody,
    "parameters": [LANGUAGE],
    "responses": answers({200: SaveDraftOut}, 400, 404, 413, 415),
    "examples": [_example({"draft_url": _URL, "note": "first cut"}, request=True)],
}
_QUERY = [
    OpenApiParameter("draft_id", OpenApiTypes.STR, required=True, description="20 to 32 letters and digits"),
    OpenApiParameter("version", OpenApiTypes.INT, description="list this version instead of the working state"),
    LANGUAGE,
]
GET_DRAFT: dict[str, Any] = {
    "operation_id": "get_draft",
    "summary": "List a draft's files as URLs",
    "parameters": _QUERY,
    "responses": answers({200: GetDraftOut}, 400, 404),
}
GET_DRAFT_NAMES: dict[str, Any] = {
    "operation_id": "get_draft_names",
    "summary": "List a draft's files as names",
    "parameters": _QUERY,
    "responses": answers({200: GetDraftOut}, 400, 404),
}
GET_FILE: dict[str, Any] = {
    "operation_id": "get_draft_file",
    "summary": "Download one file that get_draft listed",
    "parameters": [
        in_path("token", "from the URL that get_draft listed"),
        in_path("draft_id", "the draft's id"),
        in_path("path", "the path inside the draft folder"),
        RANGE,
    ],
    "responses": answers(
        {
            (200, "application/octet-stream"): BINARY,
            (206, "application/octet-stream"): BINARY,
            304: OpenApiResponse(description="Not modified"),
        },
        404,
        416,
    ),
}
