"""A document a part at a time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drafts.document.parts import Found, Part, at, find, members

DOCUMENT: dict[str, Any] = {
    "a/b": {"~": [10, {"name": "Clip", "type": "video", "id": "7"}]},
    "texts": [{"id": "t1", "content": json.dumps({"text": "你好 world", "styles": []})}],
    "fps": 30.0,
}


def test_a_pointer_leads_to_its_value() -> None:
    assert at(DOCUMENT, "") is DOCUMENT
    assert at(DOCUMENT, "/a~1b/~0/1/name") == "Clip"
    assert at(DOCUMENT, "/fps") == 30.0


@pytest.mark.parametrize(
    "place", ["/x", "/texts/1", "/texts/-1", "/texts/x", "/fps/0", "/texts/１", "/texts/9999999999"]
)
def test_a_pointer_to_nothing(place: str) -> None:
    with pytest.raises(LookupError):
        at(DOCUMENT, place)


def test_members_say_what_they_are_about() -> None:
    assert members(DOCUMENT, "", start=0, limit=9) == [
        Part("a/b", "/a~1b", None, 1, ""),
        Part("texts", "/texts", None, 1, ""),
        Part("fps", "/fps", 30.0, None, ""),
    ]
    assert members(at(DOCUMENT, "/a~1b/~0"), "/a~1b/~0", start=1, limit=1) == [
        Part("1", "/a~1b/~0/1", None, 3, "Clip · video · 7")
    ]
    assert members(DOCUMENT["texts"], "/texts", start=0, limit=9)[0].hint == "你好 world · t1"
    assert members(30.0, "/fps", start=0, limit=9) == []


def test_words_are_found_in_keys_and_values_in_any_case() -> None:
    assert find(DOCUMENT, "CLIP", limit=9) == [Found("/a~1b/~0/1/name", "Clip")]
    assert find(DOCUMENT, "fps", limit=9) == [Found("/fps", "30.0")]
    assert [item.place for item in find(DOCUMENT, "t", limit=9)] == [
        "/a~1b/~0/1/type",
        "/texts",
        "/texts/0/content",
        "/texts/0/id",
    ]
    assert find(DOCUMENT, "好 W", limit=9) == [Found("/texts/0/content", "你好 world")]
    assert len(find(DOCUMENT, "t", limit=2)) == 2
    assert find({"a": {"texts": []}}, "texts", limit=9) == [Found("/a/texts", "")]
