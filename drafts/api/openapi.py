"""How views describe themselves in OpenAPI: failures are the same problem object everywhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from drafts.core.errors import (
    Conflict,
    DomainError,
    DraftNotFound,
    Encrypted,
    InvalidParameter,
    LengthRequired,
    PreconditionRequired,
    Stale,
    Text,
    TooLarge,
    Unavailable,
)

from .problems import Internal, Refusal, media_type_refused, members_of


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

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Whole numbers may come as strings (contract 1.8)."""
        mapped = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if direction != "request" or not isinstance(field, serializers.IntegerField):
            return mapped
        number = {name: mapped.pop(name) for name in ("type", "minimum", "maximum") if name in mapped}
        return {"anyOf": [number, {"type": "string", "pattern": r"^0*[1-9][0-9]*(\.0+)?$"}], **mapped}

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Never by guess: lists say ``many=True``, and pages are objects."""
        return isinstance(serializer, serializers.ListSerializer)

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
    416: "The range cannot be satisfied (416); Content-Range has the size",
    422: "The document is encrypted (3004), or damaged or unsupported (3005)",
    428: "If-Match is required (3008)",
    500: "Unforeseen (9998)",
    503: "Busy (2042), or unavailable or in maintenance (3007); try again after Retry-After",
}
REFUSALS: dict[int, DomainError] = {
    400: InvalidParameter.of(
        "width", "min_value", Text("width must be greater than or equal to 1", "width必须大于等于1")
    ),
    404: DraftNotFound(),
    409: Conflict(Text("Other bytes were already stored under this path", "该路径已存储过不同的内容")),
    411: LengthRequired(),
    412: Stale(etag='"r7"'),
    413: TooLarge(Text("The body has 3000000 bytes; the limit is 2097152 (MAX_BODY_BYTES)", "")),
    415: media_type_refused(),
    416: Refusal(416, 416, Text("The range cannot be satisfied", "请求的范围无效")),
    422: Encrypted(),
    428: PreconditionRequired(),
    500: Internal(),
    503: Unavailable(),
}
REQUEST_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = {
    "X-Request-ID": "trace id of the request; every log line has it",
    "traceparent": "W3C trace context with the same id",
    "Retry-After": "seconds to wait",
    "ETag": "what If-Match should name",
    "Content-Range": "`bytes */SIZE`",
}
VERBS = ("get", "post", "put", "patch", "delete")
_HEADERS_OF = {"503": "Retry-After", "412": "ETag", "416": "Content-Range"}


def example(status: int) -> OpenApiExample:
    """What a refusal with this status looks like, in English."""
    value = members_of(REFUSALS[status], "en", REQUEST_ID)
    return OpenApiExample("example", value=value, status_codes=[str(status)], response_only=True)


def answers(success: dict[Any, Any], *failures: int) -> dict[Any, Any]:
    """The responses of an operation: its successes, and the problem object for each failure."""
    problems: dict[Any, Any] = {
        (status, "application/problem+json"): OpenApiResponse(
            Problem, description=PROBLEMS[status], examples=[example(status)]
        )
        for status in sorted({400, *failures, 500, 503})
    }
    return {**success, **problems}


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook: where the server is, paths as links spell them, the headers of every reply."""
    if settings.PUBLIC_URL:
        result["servers"] = [{"url": settings.PUBLIC_URL}]
    result["paths"] = {
        _spelled(path): {verb: operations[verb] for verb in VERBS if verb in operations}  # found in random order
        for path, operations in result["paths"].items()
    }
    result["components"]["headers"] = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()
    }
    shared = result["components"].setdefault("responses", {})
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                names = ("X-Request-ID", "traceparent", _HEADERS_OF.get(status))
                if "*/*" in response.get("content", {}):
                    response["content"]["*/*"] = {}  # bytes of any media type: OpenAPI 3.1 gives them no schema
                response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names if name}
                if status >= "400":
                    shared[f"Problem{status}"] = response
                    operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    return result


def _spelled(path: str) -> str:
    bare = path.rstrip("/")
    return f"{bare}/" if bare.endswith(("/drafts", "/files", "/versions")) else bare


def header(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    """A request header."""
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=description, required=required)


def query(name: str, description: str, **schema: Any) -> OpenApiParameter:
    """A query parameter with a JSON schema of its own."""
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=description)


def in_path(name: str, description: str, **schema: Any) -> OpenApiParameter:
    """A path parameter."""
    return OpenApiParameter(
        name, {"type": "string", **schema}, OpenApiParameter.PATH, description=description, required=True
    )


DRAFT_ID = in_path("draft_id", "20 to 32 letters and digits; hyphens do not count", pattern="^[0-9A-Za-z-]{20,64}$")
IF_MATCH = header("If-Match", 'Only if the draft is at this revision, e.g. `"r7"`; `*` for any')
LANGUAGE = header("Accept-Language", "`zh` or `en`; otherwise the server's own language")
RANGE = header("Range", "One range, e.g. `bytes=1024-`")
BINARY = OpenApiTypes.BINARY
NOT_MODIFIED = OpenApiResponse(description="Not modified: If-None-Match names the ETag")
FILE: dict[Any, Any] = {
    (200, "*/*"): OpenApiResponse(BINARY, description="The whole file, with ETag, Content-Length and Accept-Ranges"),
    (206, "*/*"): OpenApiResponse(BINARY, description="The asked range, with Content-Range"),
    304: NOT_MODIFIED,
}
