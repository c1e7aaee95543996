"""Request bodies: read once, to the announced length, within a limit that the refusal names."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework import serializers

from drafts.core.errors import FieldError, InvalidParameter, LengthRequired, Text, TooLarge
from drafts.document import canonical
from drafts.services.content import explained

from .problems import media_type_refused

CHUNK = 256 * 1024


def content_length(request: HttpRequest, *, required: bool = True) -> int:
    """The announced length in bytes. Raises ``LengthRequired``; a chunked body arrives empty under WSGI."""
    raw = str(request.META.get("CONTENT_LENGTH") or "").strip()
    if not raw:
        if required or request.META.get("HTTP_TRANSFER_ENCODING"):
            raise LengthRequired
        return 0
    if not raw.isascii() or not raw.isdecimal() or len(raw) > 18:
        raise InvalidParameter.of(
            "Content-Length", "integer", Text("Content-Length must be a whole number", "Content-Length 必须是整数")
        )
    return int(raw)


def source_of(request: HttpRequest) -> BinaryIO:
    """The body as a stream, never longer than its announced length."""
    return cast("BinaryIO", request)


def read_body(request: HttpRequest, *, limit: int, setting: str, required: bool = True) -> bytes:
    """The whole body. Raises ``TooLarge`` naming ``setting``, and ``InvalidParameter`` for one that breaks off."""
    length = content_length(request, required=required)
    if length > limit:
        raise TooLarge(
            Text(
                f"The body has {length} bytes; the limit is {limit} ({setting})",
                f"请求体为 {length} 字节；上限为 {limit}（{setting}）",
            )
        )
    parts: list[bytes] = []
    left = length
    while left:
        try:
            part = request.read(min(left, CHUNK))
        except OSError:
            part = b""
        if not part:
            text = Text("The body ended before its Content-Length", "请求体未传输完整")
            raise InvalidParameter.of("body", "complete", text)
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def is_json(request: HttpRequest) -> bool:
    """Whether the body says that it is JSON; a missing Content-Type counts as JSON."""
    kind = (request.content_type or "").lower()
    return kind in {"", "application/json"} or kind.endswith("+json")


def json_object(request: HttpRequest, *, empty_is: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body as a JSON object; ``empty_is`` stands for an empty one. Raises with status 400, 413 or 415."""
    data = read_body(request, limit=settings.MAX_BODY_BYTES, setting="MAX_BODY_BYTES", required=False)
    if not data and empty_is is not None:
        return empty_is
    if not is_json(request):
        raise media_type_refused()
    try:
        value = canonical.loads(data, max_depth=settings.MAX_DOCUMENT_DEPTH)
    except canonical.DocumentError as error:
        reason = explained(error)
        text = Text(f"The body is not valid JSON: {reason}", f"请求体不是有效的 JSON：{reason}")
        raise InvalidParameter(text, errors=[FieldError("body", error.reason, text)]) from error
    if not isinstance(value, dict):
        raise InvalidParameter.of("body", "object", Text("The body must be a JSON object", "请求体必须是 JSON 对象"))
    return value


_RULES = {
    "required": Text("{field} is required", "{field}是必填项"),
    "null": Text("{field} must not be null", "{field}不能为null"),
    "blank": Text("{field} must not be empty", "{field}不能为空"),
    "min_value": Text("{field} must be greater than or equal to {min}", "{field}必须大于等于{min}"),
    "max_value": Text("{field} must be less than or equal to {max}", "{field}必须小于等于{max}"),
    "max_string_length": Text("{field} is out of range", "{field}超出范围"),
    "max_length": Text(
        "{field} must have at most {longest} characters (MAX_NAME_LENGTH)",
        "{field}最多{longest}个字符（MAX_NAME_LENGTH）",
    ),
    "surrogate_characters_not_allowed": Text("{field} has lone surrogates", "{field}包含无效字符"),
    "null_characters_not_allowed": Text("{field} must not contain NUL", "{field}不能包含空字符"),
}


SHORT: dict[str, Any] = {"max_length": settings.MAX_NAME_LENGTH, "allow_blank": True}


class StringField(serializers.CharField):
    """A string and nothing else: a number is mistyped (contract 1.8)."""

    def to_internal_value(self, data: Any) -> str:
        """The string itself."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


_INVALID = {
    serializers.IntegerField: Text("{field} must be a whole number", "{field}必须是整数"),
    serializers.CharField: Text("{field} must be a string", "{field}必须是字符串"),
}


def validated(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    """The serializer's values. Raises ``InvalidParameter`` with one sentence a field, in both languages."""
    if serializer.is_valid():
        return cast("dict[str, Any]", serializer.validated_data)
    errors = [_field_error(serializer, name, found) for name, found in serializer.errors.items()]
    raise InvalidParameter(errors[0].text, errors=errors)


def _field_error(serializer: serializers.Serializer[Any], name: str, found: Any) -> FieldError:
    rule = str(getattr(found[0], "code", "invalid"))
    field = serializer.fields.get(name)
    text = _RULES.get(rule) or next(
        (text for kind, text in _INVALID.items() if isinstance(field, kind)),
        Text("{field} is not valid", "{field}无效"),
    )
    values = {
        "field": name,
        "min": getattr(field, "min_value", ""),
        "max": getattr(field, "max_value", ""),
        "longest": getattr(field, "max_length", ""),
    }
    return FieldError(name, rule, text.format(**values))
