"""A document a part at a time: what lies at a JSON pointer, and where words stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from . import canonical
from .integrity.model import nodes, text_of
from .integrity.words import parse_content

_HINTS: Final = ("name", "material_name", "type", "text", "id", "property_type")


@dataclass(frozen=True, slots=True)
class Part:
    """One member of an object or a list: ``value`` is there unless it has members of its own, ``count`` of them.

    ``hint`` says what an object is about: what a text says, its name, type or id.
    """

    key: str
    place: str
    value: Any
    count: int | None
    hint: str


@dataclass(frozen=True, slots=True)
class Found:
    """A value that holds the words, or a key that does."""

    place: str
    value: str


def at(document: Any, place: str) -> Any:
    """The value at a JSON pointer. Raises ``LookupError`` when there is none."""
    value = document
    for step in place.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            if not (key.isascii() and key.isdecimal() and len(key) < 10):
                raise LookupError(place)
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value[key]
        else:
            raise LookupError(place)
    return value


def members(value: Any, place: str, *, start: int, limit: int) -> list[Part]:
    """Members of an object or a list, from the one at ``start``."""
    if isinstance(value, dict):
        pairs: Iterator[tuple[Any, Any]] = iter(value.items())
    else:
        pairs = enumerate(value if isinstance(value, list) else ())
    return [_part(str(key), place, member) for key, member in islice(pairs, start, start + limit)]


def find(document: Any, words: str, *, limit: int) -> list[Found]:
    """Where ``words`` stand in a key, a plain value or what a text says, in any case; at most ``limit`` places."""
    wanted = words.lower()
    found = []
    for place, value in nodes(document, ""):
        key = place.rpartition("/")[2]
        told = "" if isinstance(value, dict | list) else str(value)
        if key == "content":  # JSON within JSON, in which other characters than ASCII may be escaped
            told = text_of(parse_content(value).get("text")) or told
        if wanted in key.lower() or wanted in told.lower():
            found.append(Found(place, told))
            if len(found) == limit:
                break
    return sorted(found, key=lambda item: item.place)


def _part(key: str, place: str, value: Any) -> Part:
    here = f"{place}/{canonical.pointer(key)}"
    if isinstance(value, dict | list):
        return Part(key, here, None, len(value), _hint(value))
    return Part(key, here, value, None, "")


def _hint(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    words = text_of(parse_content(value.get("content")).get("text")) if "content" in value else ""
    told = [words, *(text_of(value.get(name)) for name in _HINTS)]
    return " · ".join([each[:60] for each in told if each][:3])
