"""How views describe themselves in OpenAPI: failures are the same problem object everywhere."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers


class FieldErrorOut(serializers.Serializer[None]):
    """One broken rule of one field."""

    field = serializers.CharField()
    rule = serializers.CharField()
    text = serializers.CharField()


class Problem(serializers.Serializer[None]):
    """RFC 9457 problem object; ``detail`` is the sentence, ``hint`` says what to do, ``code`` is stable."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.IntegerField()
    message = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    retryable = serializers.BooleanField()
    request_id = serializers.CharField()
    errors = FieldErrorOut(many=True)  # type: ignore[assignment]  # the wire's name, not the serializer's property


class Schema(AutoSchema):
    """The default schema, one tag a surface."""

    def get_tags(self) -> list[str]:
        """Resource API or capcut-mate."""
        return ["resources"] if self.path.startswith("/api/") else ["capcut-mate"]

    def get_filter_backends(self) -> list[Any]:
        """Filters are described by hand, because one of them has a default."""
        return []


PROBLEMS = {
    400: "A field is missing, mistyped or out of range (1001), or draft_url names no draft (2001)",
    404: "The draft (2001), the version or the file (1002) does not exist",
    409: "Other bytes under a media path that the draft ever used (3000)",
    411: "The body has no Content-Length (3006)",
    412: "If-Match names another revision (3001); ETag has the current one",
    413: "Too large; the sentence names the limit (3002)",
    415: "Unsupported media type (415)",
    416: "The range cannot be satisfied; Content-Range has the size",
    422: "The document is encrypted (3004), or damaged or unsupported (3005)",
    428: "If-Match is required (3008)",
    500: "Unforeseen (9998)",
    503: "Busy (2042), or unavailable or in maintenance (3007); try again after Retry-After",
}

NOT_FOUND = OpenApiExample(
    "gone",
    value={
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Draft does not exist",
        "code": 2001,
        "message": "Draft does not exist",
        "hint": "Check the draft id, or create a draft with create_draft.",
        "retryable": False,
        "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "errors": [],
    },
    status_codes=["404"],
    response_only=True,
)


def answers(success: dict[Any, Any], *failures: int) -> dict[Any, Any]:
    """The responses of an operation: its successes, and the problem object for each failure."""
    problems: dict[Any, Any] = {
        (status, "application/problem+json"): OpenApiResponse(
            Problem, description=PROBLEMS[status], examples=[NOT_FOUND] if status == 404 else []
        )
        for status in (*failures, 500, 503)
        if status != 416
    }
    if 416 in failures:
        problems[416] = OpenApiResponse(description=PROBLEMS[416])
    return {**success, **problems}


def header(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    """A request header."""
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=description, required=required)


def in_path(name: str, description: str, kind: Any = OpenApiTypes.STR) -> OpenApiParameter:
    """A path parameter."""
    return OpenApiParameter(name, kind, OpenApiParameter.PATH, description=description)


DRAFT_ID = in_path("draft_id", "20 to 32 letters and digits; hyphens do not count")
IF_MATCH = header("If-Match", 'Only if the draft is at this revision, e.g. `"r7"`; `*` for any')
LANGUAGE = header("Accept-Language", "`zh` or `en`; otherwise the server's own language")
RANGE = header("Range", "One range, e.g. `bytes=1024-`")
BINARY = OpenApiTypes.BINARY
