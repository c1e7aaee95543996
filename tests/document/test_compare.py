"""What changed between two documents: nothing false, nothing missed, at the level people think in."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafts.document.compare import Change, Comparison, compare

SAMPLES = sorted((Path(__file__).parent.parent / "samples" / "drafts").iterdir())


def document(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "draft_content.json").read_bytes()))


@pytest.fixture
def before() -> dict[str, Any]:
    return document(SAMPLES[0])


@pytest.fixture
def after(before: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(before)


def track(doc: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(item for item in doc["tracks"] if item["type"] == kind)


def only(found: Comparison) -> Any:
    assert len(found.segments) == 1
    return found.segments[0]


def respelled(value: Any) -> Any:
    """The same values: keys in another order, whole floats as integers."""
    if isinstance(value, dict):
        return {key: respelled(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [respelled(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_a_document_is_the_same_as_itself_however_it_is_spelled(folder: Path) -> None:
    one = document(folder)
    two = respelled(one)
    for text in two["materials"]["texts"]:
        text["content"] = json.dumps(respelled(json.loads(text["content"])), indent=2)
    found = compare(one, two)
    assert found.same
    assert found == Comparison((), (), (), (), (), more=False)
    assert found.summary() == {}


def test_moved_and_trimmed(before: dict[str, Any], after: dict[str, Any]) -> None:
    segment = track(after, "audio")["segments"][0]
    segment["target_timerange"]["start"] += 1000
    segment["target_timerange"]["duration"] -= 500
    item = only(compare(before, after))
    assert (item.kind, item.id, item.aspects) == ("changed", segment["id"], ("moved", "trimmed"))
    start = segment["target_timerange"]["start"]
    assert item.changes[0] == Change("start", start - 1000, start)
    assert (item.start, item.label) == (start, "music.mp3")


def test_a_text_is_told_old_and_new(before: dict[str, Any], after: dict[str, Any]) -> None:
    material = after["materials"]["texts"][0]
    content = json.loads(material["content"])
    old = content["text"]
    content["text"] = "你好"
    material["content"] = json.dumps(content)
    found = compare(before, after)
    assert only(found).aspects == ("text",)
    assert only(found).changes == (Change("text", old, "你好"),)
    assert only(found).label == "你好"
    assert found.summary() == {"segments_changed": 1, "materials_changed": 1, "texts_changed": 1}


def test_restyled_retimed_and_decorated(before: dict[str, Any], after: dict[str, Any]) -> None:
    segment = track(after, "video")["segments"][0]
    segment["clip"]["alpha"] = 0.5
    segment["speed"] = 2.0
    segment["common_keyframes"] = [{"id": "k", "property_type": "KFTypeAlpha", "keyframe_list": []}]
    item = only(compare(before, after))
    assert set(item.aspects) == {"restyled", "retimed", "decorated"}
    assert Change("clip.alpha", 1.0, 0.5) in item.changes
    assert Change("common_keyframes", 0, 1) in item.changes


def test_a_replaced_medium(before: dict[str, Any], after: dict[str, Any]) -> None:
    material = after["materials"]["audios"][0]
    material["path"] = "##_draftpath_placeholder_0E685133-18CE-45ED-8CB8-2904A212EC80_##/assets/audios/new.mp3"
    item = only(compare(before, after))
    assert item.aspects == ("media",)
    assert item.changes[0].after == "assets/audios/new.mp3"


def test_segments_and_tracks_that_come_and_go(before: dict[str, Any], after: dict[str, Any]) -> None:
    gone = track(after, "text")["segments"].pop()
    made = copy.deepcopy(track(after, "audio"))
    made["id"] = "new-track"
    made["segments"][0]["id"] = "new-segment"
    after["tracks"].append(made)
    found = compare(before, after)
    assert [(item.kind, item.id) for item in found.segments] == [("added", "new-segment"), ("removed", gone["id"])]
    assert [(item.kind, item.id) for item in found.tracks] == [("added", "new-track")]
    assert found.summary() == {"tracks_added": 1, "segments_added": 1, "segments_removed": 1}


def test_a_segment_on_another_track_has_moved(before: dict[str, Any], after: dict[str, Any]) -> None:
    other = {**copy.deepcopy(track(after, "audio")), "id": "second", "segments": []}
    after["tracks"].append(other)
    other["segments"].append(track(after, "audio")["segments"].pop())
    item = only(compare(before, after))
    assert item.aspects == ("moved",)
    assert item.changes[0].field == "track_id"
    assert item.track_id == "second"


def test_tracks_renamed_muted_and_reordered(before: dict[str, Any], after: dict[str, Any]) -> None:
    after["tracks"][0]["name"] = "Renamed"
    after["tracks"][0]["attribute"] = 1
    after["tracks"] = [after["tracks"][-1], *after["tracks"][:-1]]
    found = compare(before, after)
    assert not found.segments
    fields = {change.field for item in found.tracks for change in item.changes}
    assert fields == {"name", "attribute", "position"}
    assert [item.place for item in found.differences if item.place == "/tracks"] == ["/tracks"]


def test_the_canvas(before: dict[str, Any], after: dict[str, Any]) -> None:
    after["canvas_config"]["width"] = 640
    after["fps"] = 25
    found = compare(before, after)
    assert found.general == (Change("canvas.width", 1280, 640), Change("fps", 30.0, 25))
    assert {item.place for item in found.differences} == {"/canvas_config/width", "/fps"}


def test_raw_differences_are_bounded_and_say_so(before: dict[str, Any], after: dict[str, Any]) -> None:
    after["extra"] = {}
    before["extra"] = {str(number): number for number in range(501)}
    found = compare(before, after)
    assert (len(found.differences), found.more) == (500, True)


_KEYS = st.sampled_from(["id", "a", "tracks"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["tracks", "materials", "canvas_config", "x"]), _JSON, max_size=4),
    st.dictionaries(st.sampled_from(["tracks", "materials", "canvas_config", "x"]), _JSON, max_size=4),
)
def test_any_two_objects_compare_and_only_equal_ones_are_the_same(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert compare(one, one).same
    assert compare(one, two).same == (one == two)
