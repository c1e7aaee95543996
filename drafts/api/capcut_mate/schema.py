"""The OpenAPI description of the capcut-mate routes, with examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from ..bodies import SHORT
from ..openapi import BINARY, FILE, LANGUAGE, NOT_MODIFIED, RANGE, answers, in_path, query
from .serializers import CreateDraftIn

_ID = "202611210341125f0c1d2e3a4b5c6d7e"
_HOST = "http://localhost:30000"
URL = f"{_HOST}/openapi/capcut-mate/v1/get_draft?draft_id={_ID}"


class Envelope(serializers.Serializer[None]):
    """What every success has."""

    code = serializers.IntegerField(help_text="0", min_value=0, max_value=0)
    message = serializers.CharField()


class CreateDraftOut(Envelope):
    """The new draft's URL and id."""

    draft_url = serializers.CharField()
    tip_url = serializers.CharField()
    draft_id = serializers.CharField()


class SaveDraftBody(serializers.Serializer[None]):
    """The draft to save; a note makes a version even of an unchanged draft."""

    draft_url = serializers.CharField(help_text="as create_draft returned it; `<id>.json` and a bare id will do too")
    note = serializers.CharField(required=False, allow_null=True, **SHORT)
    author = serializers.CharField(required=False, allow_null=True, **SHORT)


class SaveDraftOut(Envelope):
    """The version that holds the draft now."""

    draft_url = serializers.CharField()
    version = serializers.IntegerField()
    changed = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["pending", "stored", "failed"])


class GetDraftOut(Envelope):
    """The draft's files."""

    files = serializers.ListField(child=serializers.CharField())


def examples(request: dict[str, Any] | None, response: dict[str, Any]) -> list[OpenApiExample]:
    """One example of the request, if it has a body, and one of the reply."""
    sent = [] if request is None else [OpenApiExample("example", value=request, request_only=True)]
    return [*sent, OpenApiExample("example", value=response, response_only=True, status_codes=["200"])]


SUCCESS = {"code": 0, "message": "Success"}
_NAMES = ["draft_content.json", "draft_info.json", "draft_meta_info.json", "assets/images/logo.png"]
_FILES = [f"{_HOST}/openapi/capcut-mate/v1/files/w-1f0c8a0e3f5b7d9e2c4a6b8d0e1f/{_ID}/{name}" for name in _NAMES]
CREATE_DRAFT: dict[str, Any] = {
    "operation_id": "create_draft",
    "summary": "Create a draft",
    "request": CreateDraftIn,
    "parameters": [LANGUAGE],
    "responses": answers({200: CreateDraftOut}, 411, 413, 415),
    "examples": examples(
        {"width": 1920, "height": 1080}, {**SUCCESS, "draft_url": URL, "tip_url": f"{_HOST}/", "draft_id": _ID}
    ),
}
SAVE_DRAFT: dict[str, Any] = {
    "operation_id": "save_draft",
    "summary": "Save a draft",
    "request": SaveDraftBody,
    "parameters": [LANGUAGE],
    "responses": answers({200: SaveDraftOut}, 404, 411, 413, 415),
    "examples": examples(
        {"draft_url": URL, "note": "first cut"},
        {**SUCCESS, "draft_url": URL, "version": 1, "changed": True, "state": "pending"},
    ),
}
_QUERY = [
    query("draft_id", "20 to 32 letters and digits; hyphens do not count", type="string", pattern="^[0-9A-Za-z-]+$"),
    query("version", "list this version instead of the working state", type="integer", minimum=1, maximum=999_999_999),
    query(
        "key", "the link to the draft that its draft_url carries; a caller with an API key needs none", type="string"
    ),
    LANGUAGE,
]
_QUERY[0].required = True
_LISTED = answers({200: GetDraftOut, 304: NOT_MODIFIED}, 404, 412)
GET_DRAFT: dict[str, Any] = {
    "operation_id": "get_draft",
    "summary": "List a draft's files as URLs",
    "parameters": _QUERY,
    "responses": _LISTED,
    "examples": examples(None, {**SUCCESS, "files": _FILES}),
}
GET_DRAFT_NAMES: dict[str, Any] = {
    "operation_id": "get_draft_names",
    "summary": "List a draft's files as names",
    "parameters": _QUERY,
    "responses": _LISTED,
    "examples": examples(None, {**SUCCESS, "files": _NAMES}),
}
_TOKEN = [in_path("token", "from a URL that get_draft listed"), in_path("draft_id", "the draft's id")]
GET_FILE: dict[str, Any] = {
    "operation_id": "get_draft_file",
    "summary": "Download one file that get_draft listed",
    "parameters": [
        *_TOKEN,
        in_path("path", "the path inside the draft folder"),
        query("thumbnail", "any value: the file's thumbnail instead, a JPEG; 404 until it is made", type="string"),
        RANGE,
    ],
    "responses": answers(FILE, 404, 412, 416),
}
GET_ARCHIVE: dict[str, Any] = {
    "operation_id": "get_draft_archive",
    "summary": "Download what get_draft listed as a ZIP",
    "parameters": _TOKEN,
    "responses": answers({(200, "application/zip"): BINARY}, 404),
}
