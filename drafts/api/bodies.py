"""Request bodies: read once, to the announced length, within a limit that the refusal names."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.settings import api_settings

from drafts.core.errors import DomainError, FieldError, InvalidParameter, LengthRequired, Text, TooLarge
from drafts.core.large import LARGE, Unread
from drafts.core.storage import joined
from drafts.document import canonical
from drafts.services.content import explained

from .problems import media_type_refused

CHUNK = 256 * 1024
NON_FIELD = api_settings.NON_FIELD_ERRORS_KEY


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
    return joined(_parts(request, _length_within(request, limit, setting, required=required)))


@contextmanager
def unread_body(request: HttpRequest, *, limit: int, setting: str) -> Iterator[Unread]:
    """A body that is a document: a large one waits for its turn in a file. Raises what :func:`read_body` raises."""
    length = _length_within(request, limit, setting)
    if length < LARGE:
        yield Unread.of(joined(_parts(request, length)))
        return
    with spool() as staged:
        for part in _parts(request, length):
            staged.write(part)
        staged.seek(0)
        yield Unread(length, staged.read)


def spool() -> BinaryIO:
    """A file under STATE_DIR that has no name, so that a killed process leaves nothing behind."""
    return cast("BinaryIO", tempfile.TemporaryFile(dir=settings.STATE_DIR))


def _length_within(request: HttpRequest, limit: int, setting: str, *, required: bool = True) -> int:
    length = content_length(request, required=required)
    if length > limit:
        raise TooLarge(
            Text(
                f"The body has {length} bytes; the limit is {limit} ({setting})",
                f"请求体为 {length} 字节；上限为 {limit}（{setting}）",
            )
        )
    return length


def _parts(request: HttpRequest, left: int) -> Iterator[bytes]:
    while left:
        try:
            part = request.read(min(left, CHUNK))
        except OSError:
            part = b""
        if not part:
            text = Text("The body ended before its Content-Length", "请求体未传输完整")
            raise InvalidParameter.of("body", "complete", text)
        yield part
        left -= len(part)


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
    request.named_draft = value.get("draft_url")  # type: ignore[attr-defined]  # for the note of a refusal
    return value


RULES = {
    "required": Text("{field} is required", "{field}是必填项"),
    "null": Text("{field} must not be null", "{field}不能为null"),
    "blank": Text("{field} must not be empty", "{field}不能为空"),
    "empty": Text("{field} must not be empty", "{field}不能为空"),
    "not_a_list": Text("{field} must be an array", "{field}必须是数组"),
    "not_an_object": Text("{field} must be an object", "{field}必须是对象"),
    "json": Text("{field} is not valid JSON", "{field}不是有效的JSON"),
    "after_start": Text("{field} must be greater than start", "{field}必须大于start"),
    "max_items": Text(
        "{field} must have at most {items} items (MAX_LIST_ITEMS)", "{field}最多{items}项（MAX_LIST_ITEMS）"
    ),
    "max_text": Text(
        "{field} must have at most {text} characters (MAX_TEXT_LENGTH)",
        "{field}最多{text}个字符（MAX_TEXT_LENGTH）",
    ),
    "max_cue": Text(
        "Each cue in {field} must have at most {text} characters, markup included (MAX_TEXT_LENGTH)",
        "{field}中每条字幕（含标记）最多{text}个字符（MAX_TEXT_LENGTH）",
    ),
    "max_name": Text(
        "Each name in {field} must have at most {name} characters (MAX_NAME_LENGTH)",
        "{field}中每个名称最多{name}个字符（MAX_NAME_LENGTH）",
    ),
    "max_operations": Text(
        "{field} must have at most {operations} items (MAX_OPERATIONS)", "{field}最多{operations}项（MAX_OPERATIONS）"
    ),
    "color": Text("{field} must be a colour like #rrggbb", "{field}必须是#rrggbb形式的颜色"),
    "url_or_file": Text("{field}: give either url or file", "{field}：url与file必须且只能给出一个"),
    "numbers": Text("{field} must be numbers separated by |", "{field}必须是以|分隔的数字"),
    "same_count": Text("{field} must have as many numbers as offsets", "{field}的数量必须与offsets相同"),
    "max_product": Text(
        "{field} times the number of offsets must be at most {items} (MAX_LIST_ITEMS)",
        "{field}与offsets数量之积最多为{items}（MAX_LIST_ITEMS）",
    ),
    "positive": Text("{field} must be greater than 0", "{field}必须大于0"),
    "negative": Text("{field} must be greater than or equal to 0", "{field}必须大于等于0"),
    "scheme": Text("{field} must begin with http:// or https://", "{field}必须以http://或https://开头"),
    "invalid_choice": Text("{field} must be one of {choices}", "{field}必须是{choices}之一"),
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
MOST_ERRORS = 20  # of one reply


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
    serializers.FloatField: Text("{field} must be a number", "{field}必须是数字"),
    serializers.BooleanField: Text("{field} must be true or false", "{field}必须是true或false"),
    serializers.CharField: Text("{field} must be a string", "{field}必须是字符串"),
    serializers.Serializer: RULES["not_an_object"],
}


def validated(
    kind: type[serializers.Serializer[Any]],
    data: Any,
    *,
    place: str = "",
    refusals: Mapping[str, type[DomainError]] | None = None,
) -> dict[str, Any]:
    """The values that a serializer finds in ``data``; ``place`` is where its object stands in the body.

    Otherwise raises with one sentence a field, in both languages: the class that ``refusals`` has for the
    top-level field that is broken first, else ``InvalidParameter``.
    """
    serializer = reader(kind)
    try:
        return cast("dict[str, Any]", serializer.run_validation(data))
    except serializers.ValidationError as error:
        found = error.detail if isinstance(error.detail, Mapping) else {NON_FIELD: error.detail}
        errors = list(islice(_field_errors(serializer, place, found), MOST_ERRORS))
    first = re.split(r"[.\[]", errors[0].field, maxsplit=1)[0]
    raise (refusals or {}).get(first, InvalidParameter)(errors[0].text, errors=errors)


@cache
def reader(kind: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One serializer for all requests: reading leaves it as it is, making one copies each of its fields.

    For add_captions the copies took a fifth of the request's CPU.
    """
    return kind()


def _field_errors(field: Any, path: str, found: Any) -> Iterator[FieldError]:
    """The leaves of a serializer's errors, each with its path: ``captions[3].end``."""
    if isinstance(found, Mapping):
        for name, deeper in found.items():
            if isinstance(name, int):
                yield from _field_errors(getattr(field, "child", None), f"{path}[{name}]", deeper)
            elif name == NON_FIELD:
                yield from _field_errors(field, path, deeper)
            else:
                child = getattr(field, "fields", {}).get(name)
                yield from _field_errors(child, f"{path}.{name}" if path else name, deeper)
    elif found and isinstance(found[0], Mapping):
        for number, deeper in enumerate(found):
            yield from _field_errors(getattr(field, "child", None), f"{path}[{number}]", deeper)
    elif found:
        yield _field_error(field, path, str(getattr(found[0], "code", "invalid")))


def _field_error(field: Any, path: str, rule: str) -> FieldError:
    text = RULES.get(rule) or next(
        (text for kind, text in _INVALID.items() if isinstance(field, kind)),
        Text("{field} is not valid", "{field}无效"),
    )
    values = {
        "field": path,
        "min": getattr(field, "min_value", ""),
        "max": getattr(field, "max_value", ""),
        "longest": getattr(field, "max_length", ""),
        "items": settings.MAX_LIST_ITEMS,
        "operations": settings.MAX_OPERATIONS,
        "text": settings.MAX_TEXT_LENGTH,
        "name": settings.MAX_NAME_LENGTH,
        "choices": ", ".join(map(str, getattr(field, "choices", ()))),
    }
    return FieldError(path, rule, text.format(**values))
