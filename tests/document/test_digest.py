"""What lists and search know of a document."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from drafts.document import canonical
from drafts.document.digest import app_profile, captions, changes, fold, grams, grams_of_word
from drafts.document.integrity.model import View

from .builders import SECOND, clean, sample


@pytest.mark.parametrize(
    ("name", "profile", "words"),
    [
        ("s01_basic", "JianYing 5.9.0", ["Hello 你好"]),
        ("s03_capcut_basic", "CapCut 6.7.0", None),
        ("s04_capcutcli", "CapCut 6.5.0", None),
    ],
)
def test_the_application_and_the_words_of_real_drafts(name: str, profile: str, words: list[str] | None) -> None:
    doc = canonical.parse_document(sample(name))
    assert app_profile(doc) == profile
    if words is not None:
        assert list(captions(View.of(doc)))[:1] == words


@pytest.mark.parametrize("platform", [None, 5, {}, {"app_source": ["cc"]}, {"app_source": "xx", "app_version": "1"}])
def test_an_unknown_application_has_no_profile(platform: Any) -> None:
    assert app_profile({"platform": platform}) == ""
    assert app_profile({"platform": {"app_source": "cc", "app_version": platform}}) == "CapCut"


def test_texts_are_folded() -> None:
    assert fold("  ＡＢＣ\tÉté\n１２３\0x ") == "abc été 123 x"


@pytest.mark.parametrize("word", ["你", "你好", "hello", "👋", "o 你"])
def test_a_text_has_the_grams_of_its_words(word: str) -> None:
    text = grams("hello 你好\n👋")
    assert grams_of_word(word) <= text
    assert not grams_of_word("好👋") <= text, "pairs do not reach over lines"
    assert not grams_of_word("世") <= text


def test_no_change_is_empty() -> None:
    doc = clean()
    assert changes(doc, copy.deepcopy(doc)) == {}


def test_a_first_version_adds_all_that_it_has() -> None:
    found = changes(None, clean())
    assert found["segments_added"]["video"] >= 1
    assert "general" not in found


def test_changes_are_counted_by_what_people_did() -> None:
    before = clean()
    after = copy.deepcopy(before)
    after["canvas_config"]["width"] = 720
    video = next(track for track in after["tracks"] if track["type"] == "video")
    video["segments"][-1]["target_timerange"]["start"] += SECOND
    text = after["materials"]["texts"][0]
    content = json.loads(text["content"])
    content["text"] = "others"
    text["content"] = json.dumps(content)
    gone = next(track for track in after["tracks"] if track["type"] == "audio")
    after["tracks"].remove(gone)
    assert changes(before, after) == {
        "segments_removed": {"audio": len(gone["segments"])},
        "segments_changed": {"moved": 1},
        "texts_changed": 1,
        "tracks_removed": 1,
        "general": ["canvas.width"],
    }


def test_what_has_no_name_of_its_own_is_a_detail() -> None:
    before = clean()
    assert changes(before, {**before, "extra_info": {"a": 1}}) == {"details": 1}
