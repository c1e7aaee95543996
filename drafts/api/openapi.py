"""How views describe themselves in OpenAPI: failures are the same problem object everywhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from drafts.access.principal import SCOPES
from drafts.access.rates import Limit, Standing, TooMany
from drafts.core.errors import (
    Conflict,
    DomainError,
    DraftNotFound,
    Encrypted,
    Forbidden,
    InvalidParameter,
    LengthRequired,
    PreconditionRequired,
    Stale,
    Text,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from drafts.media.child import NoFfmpeg

from .capcut_mate import fields
from .problems import Internal, Refusal, media_type_refused, members_of
from .resources.edit_fields import MediaPart, Op, Part, Whole


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


_TEXT = {"type": "string", "contentMediaType": "application/json"}
ALSO_ACCEPTED: list[tuple[type, dict[str, Any]]] = [  # the second form of a field's values; an empty schema is none
    (Whole, {}),
    (fields.Number, {"type": "boolean"}),  # counts as 0 or 1, as in the reference
    (fields.WholeNumber, {"type": "boolean"}),
    (fields.ArrayField, _TEXT),
    (fields.LaxFloat, {"type": ["string", "boolean"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
    (fields.LaxBoolean, {"enum": [0, 1, "0", "1", "true", "false", "yes", "no", "on", "off", "t", "f", "y", "n"]}),
]


class Schema(AutoSchema):
    """The default schema, one tag a surface."""

    def get_tags(self) -> list[str]:
        """Resource API or capcut-mate."""
        return ["resources"] if self.path.startswith("/api/") else ["capcut-mate"]

    def get_auth(self) -> list[Any]:
        """A key with the scope that the operation demands, in either header; nothing, where a link will do."""
        view: Any = self.view
        keys = [{name: [view.scopes[view.action]]} for name in KEYS]
        return [*keys, {}] if view.action in view.by_link else keys

    def get_override_parameters(self) -> list[Any]:
        """What can be sent with every change."""
        return [] if self.method == "GET" else [IDEMPOTENCY_KEY]

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:  # noqa: FBT001, FBT002 - the library's signature
        """Numbers may come as strings, and some booleans and lists too (contract 1.8)."""
        if isinstance(field, Op):
            return {"type": "string", "const": field.name}
        mapped = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]  # the library is not typed
        if direction != "request":
            return mapped
        also = next((schema for kind, schema in ALSO_ACCEPTED if isinstance(field, kind)), None)
        if isinstance(field, serializers.IntegerField) and also is None:
            least = getattr(field, "min_value", None)
            digits = r"0*[1-9][0-9]*" if least is not None and least >= 1 else r"-?[0-9]+"
            kinds: Any = ["string", "boolean"] if isinstance(field, fields.LaxInteger) else "string"
            also = {"type": kinds, "pattern": rf"^{digits}(\.0+)?$"}
        if not also:
            return mapped
        kept = {name: mapped.pop(name) for name in list(mapped) if name not in {"description", "default"}}
        return {"anyOf": [kept, also], **mapped}

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """Parts of an edit have no fields but their own, and media come from one place."""
        mapped = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]  # the library is not typed
        if isinstance(serializer, Part):
            mapped["additionalProperties"] = False
        if isinstance(serializer, MediaPart):
            mapped["oneOf"] = [{"required": ["url"]}, {"required": ["file"]}]
        return mapped

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Never by guess: lists say ``many=True``, and pages are objects."""
        return isinstance(serializer, serializers.ListSerializer)

    def get_filter_backends(self) -> list[Any]:
        """Filters are described by hand, because one of them has a default."""
        return []


_SCOPES = "\n".join(f"- `{scope}`: {text.en}" for scope, text in SCOPES.items())
KEYS = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of this server; with ACCESS_MODE=open none is needed. Each operation names the scope "
        f"that the key must have:\n{_SCOPES}",
    },
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key"},
}
PROBLEMS = {
    400: "A field is missing, mistyped or out of range (1001), draft_url names no draft (2001), or a URL fails (2005)",
    401: "There is no API key, or it is unknown, revoked or expired (1004); WWW-Authenticate says which",
    403: "The key lacks the scope that the operation names (1003), or the quota of the workspace is used up (3013)",
    404: "The draft (2001), the version or the file (1002) does not exist",
    409: "Other bytes under a media path that the draft ever used (3000)",
    411: "The body has no Content-Length (3006)",
    412: "If-Match names another revision (3001); ETag has the current one",
    413: "Too large (3002; behind a URL 2004); the sentence names the limit",
    415: "Unsupported media type (415)",
    416: "The range cannot be satisfied (416); Content-Range has the size",
    422: "The document is encrypted (3004), damaged or unsupported (3005); what a URL leads to is no such media "
    "(2005, 2034); the Idempotency-Key was used before (3010)",
    428: "If-Match is required (3008)",
    429: "Too many requests (3003); RateLimit-Policy has the limit, Retry-After the seconds to wait",
    500: "Unforeseen (9998)",
    501: "Audio and video need ffmpeg, which this server does not have (3009)",
    503: "Busy (2042), or unavailable or in maintenance (3007); try again after Retry-After",
}
REFUSALS: dict[int, DomainError] = {
    400: InvalidParameter.of(
        "width", "min_value", Text("width must be greater than or equal to 1", "width必须大于等于1")
    ),
    401: Unauthenticated(),
    403: Forbidden.without("drafts:write"),
    404: DraftNotFound(),
    409: Conflict(Text("Other bytes were already stored under this path", "该路径已存储过不同的内容")),
    411: LengthRequired(),
    412: Stale(etag='"r7"'),
    413: TooLarge(Text("The body has 3000000 bytes; the limit is 2097152 (MAX_BODY_BYTES)", "")),
    415: media_type_refused(),
    416: Refusal(416, 416, Text("The range cannot be satisfied", "请求的范围无效")),
    422: Encrypted(),
    428: PreconditionRequired(),
    429: TooMany(Standing(Limit("write", "", 3000, 60), left=0, whole_in=60), wait=1),
    500: Internal(),
    501: NoFfmpeg(),
    503: Unavailable(),
}
REQUEST_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = {
    "X-Request-ID": "trace id of the request; every log line has it",
    "traceparent": "W3C trace context with the same id",
    "Retry-After": "seconds to wait",
    "ETag": "what If-Match should name",
    "WWW-Authenticate": "what is wrong with the key (RFC 6750)",
    "Content-Range": "`bytes */SIZE`",
    "RateLimit-Policy": 'the limit, e.g. `"write";q=3000;w=60`: calls and seconds; in every reply',
    "RateLimit": 'what is left of it, e.g. `"write";r=0;t=60`, and the seconds until it is whole; in every reply',
}
VERBS = ("get", "post", "put", "patch", "delete")
_HEADERS_OF = {
    **dict.fromkeys(("401", "403"), ("WWW-Authenticate",)),
    "412": ("ETag",),
    "416": ("Content-Range",),
    "429": ("Retry-After", "RateLimit-Policy", "RateLimit"),
    "503": ("Retry-After",),
}


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
        for status in sorted({400, 401, 403, *failures, 429, 500, 503})
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
    result["components"]["securitySchemes"] = KEYS
    result["components"]["headers"] = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()
    }
    shared = result["components"].setdefault("responses", {})
    for operations in result["paths"].values():
        for verb, operation in operations.items():
            if verb != "get":
                operation["responses"].setdefault("422", {"$ref": "#/components/responses/Problem422"})
            for status, response in operation["responses"].items():
                if "$ref" in response:
                    continue
                names = ("X-Request-ID", "traceparent", *_HEADERS_OF.get(status, ()))
                if "*/*" in response.get("content", {}):
                    response["content"]["*/*"] = {}  # bytes of any media type: OpenAPI 3.1 gives them no schema
                response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
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
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": r'^(?:[!#-~]{1,255}|"[!#-~]{1,255}")$'},
    OpenApiParameter.HEADER,
    description="Repeat a request with the same key and it is done once; the answer is kept for a day",
)
LANGUAGE = header("Accept-Language", "`zh` or `en`; otherwise the server's own language")
RANGE = header("Range", "One range, e.g. `bytes=1024-`")
BINARY = OpenApiTypes.BINARY
NOT_MODIFIED = OpenApiResponse(description="Not modified: If-None-Match names the ETag")
FILE: dict[Any, Any] = {
    (200, "*/*"): OpenApiResponse(BINARY, description="The whole file, with ETag, Content-Length and Accept-Ranges"),
    (206, "*/*"): OpenApiResponse(BINARY, description="The asked range, with Content-Range"),
    304: NOT_MODIFIED,
}
