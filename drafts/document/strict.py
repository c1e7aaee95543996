"""Strict JSON: bytes to values, refusing whatever could not be written again without loss.

orjson is fast but forgiving: it rounds integers beyond 64 bits to floats and keeps the last of two
equal keys. Both would change a document silently, so every parse is followed by two cheap checks that
send doubtful bytes through the slower standard parser, which can name the fault.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, Literal, NoReturn

import orjson

Reason = Literal[
    "encrypted",
    "damaged",
    "unsupported",
    "too_deep",
    "number",
    "surrogate",
    "duplicate_key",
    "encoding",
    "not_object",
]

MAX_DEPTH: Final = 64
MIN_INTEGER: Final = -(2**63)
MAX_INTEGER: Final = 2**64 - 1
_BOM: Final = b"\xef\xbb\xbf"
_DIGITS_TO_ZERO: Final = bytes.maketrans(b"123456789", b"000000000")
# 19 digits without a sign always fit into an unsigned 64-bit integer, 20 may not.
_LONG: Final = (b"0" * 20, b"-" + b"0" * 19)
_BEFORE_NUMBER: Final = b":,[ \t\r\n"
_ESCAPED_QUOTE_OR_COLON: Final = re.compile(rb"\\u00(?:22|3[aA])")
_BLANK_BEFORE_COLON: Final = re.compile(rb'"[ \t\r\n]+:')
_BLANK_COLON: Final = (b" :", b"\n:", b"\t:", b"\r:")
_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class DocumentError(ValueError):
    """A body that is not acceptable JSON, or JSON that is not a draft document.

    ``reason`` is the machine's word, ``message`` an English sentence that names the broken rule, ``place`` a
    JSON pointer or "byte N" ("" when the fault has no single place).
    """

    def __init__(self, reason: Reason, message: str, *, place: str = "") -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.message = message
        self.place = place


def loads(data: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Parse strict JSON: every accepted value can be written again without loss.

    Refuses NaN and Infinity, numbers beyond the float range, integers outside -2**63..2**64-1, lone
    surrogates, duplicate keys, text that is not UTF-8, a byte order mark, and arrays or objects nested deeper
    than ``max_depth``. Raises DocumentError.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        _explain(data, max_depth=max_depth, error=error)
    if _deeper_than(value, max_depth):
        raise _too_deep(max_depth)
    if _may_round(data) or _may_repeat_a_key(data, value):
        _parse_slowly(data, max_depth=max_depth)
    return value


def _too_deep(max_depth: int) -> DocumentError:
    return DocumentError("too_deep", f"Arrays and objects may be nested at most {max_depth} deep.")


def _deeper_than(value: Any, max_depth: int) -> bool:
    """Level by level, so that a hostile nesting costs no recursion."""
    level = [value] if type(value) in (dict, list) else []
    depth = 0
    while level:
        depth += 1
        if depth > max_depth:
            return True
        below: list[Any] = []
        for node in level:
            members = node.values() if type(node) is dict else node
            below += [member for member in members if type(member) is dict or type(member) is list]
        level = below
    return False


def _may_round(data: bytes) -> bool:
    """Whether an integer token might lie outside 64 bits; runs of digits inside ids are passed over."""
    zeros = data.translate(_DIGITS_TO_ZERO)
    for digits in _LONG:
        at = zeros.find(digits)
        while at >= 0:
            if at == 0 or zeros[at - 1] in _BEFORE_NUMBER:
                return True
            at = zeros.find(digits, at + len(digits))
    return False


def _may_repeat_a_key(data: bytes, value: Any) -> bool:
    """False only when no object of the text has a key twice.

    Every key leaves one ``":`` in the text and in the compact dump. Other occurrences lie inside a string
    (after an escaped quote, or at the start of a string that begins with a colon) and are equal on both
    sides, unless the text spells a quote or a colon as an escape, or puts blanks before the colon; such texts
    are not judged here. A dropped key takes its own ``":`` along, so equal counts mean that none was dropped.
    """
    if b"\\u00" in data and _ESCAPED_QUOTE_OR_COLON.search(data):
        return True
    if any(blank in data for blank in _BLANK_COLON) and _BLANK_BEFORE_COLON.search(data):
        return True
    try:
        return data.count(b'":') != orjson.dumps(value).count(b'":')
    except orjson.JSONEncodeError:
        return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DocumentError("duplicate_key", f"The key {_shown(key)} occurs twice in one object.")
            seen.add(key)
    return result


def _constant(name: str) -> NoReturn:
    raise DocumentError("number", f"{name} is not a JSON number.")


def _integer(text: str) -> int:
    if len(text) <= 20 and MIN_INTEGER <= (value := int(text)) <= MAX_INTEGER:
        return value
    raise DocumentError("number", f"The integer {_shown(text)} lies outside the range of 64 bits.")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise DocumentError("number", f"The number {_shown(text)} lies outside the range of a float.")
    return value


def _shown(text: str) -> str:
    """A short form for a message, free of what could not be encoded again."""
    safe = text.encode("utf-8", "backslashreplace").decode()
    return json.dumps(safe if len(safe) <= 60 else safe[:57] + "...", ensure_ascii=False)


def _parse_slowly(data: bytes, *, max_depth: int) -> Any:
    """The exact parser: same values, but it names what it refuses."""
    if data.startswith(_BOM):
        raise DocumentError("encoding", "The text starts with a byte order mark.", place="byte 0")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError("encoding", "The text is not valid UTF-8.", place=f"byte {error.start}") from error
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except json.JSONDecodeError as error:
        place = f"byte {len(text[: error.pos].encode())}"
        raise DocumentError("damaged", f"The text is not JSON: {error.msg}.", place=place) from error
    except RecursionError as error:
        raise _too_deep(max_depth) from error


def _explain(data: bytes, *, max_depth: int, error: orjson.JSONDecodeError) -> NoReturn:
    """Raise the most telling DocumentError for bytes that orjson has refused."""
    value = _parse_slowly(data, max_depth=max_depth)
    if _deeper_than(value, max_depth):
        raise _too_deep(max_depth) from error
    if _ESCAPED_SURROGATE.search(data.decode()):
        raise DocumentError("surrogate", "A string holds half of a surrogate pair.") from error
    raise DocumentError("damaged", f"The text is not JSON: {error.msg}.", place=f"byte {error.pos}") from error
