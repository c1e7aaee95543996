"""Captions: tracks, texts, ranges, looks and refusals."""

from __future__ import annotations

import pytest

from drafts.editing.commands import AddCaptions, Animation, Clip, Keywords, Shadow, TextStyle
from drafts.editing.errors import EditError

from .support import SECOND, added, caption, content, edit, empty, findings, found, linked


def test_one_track_with_a_text_and_a_speed_for_each() -> None:
    edited = edit(AddCaptions(items=(caption(0, 1), caption(1, 2.5, "第二句 🎬")), clip=Clip(x=128, y=-72)))
    answer = added(edited)
    document = edited.document
    assert [(placed.start, placed.end) for placed in answer.segments] == [(0, SECOND), (SECOND, 2_500_000)]
    [track_id] = answer.track_ids
    assert document["tracks"][-1]["id"] == track_id
    assert document["tracks"][-1]["name"] == f"caption_track_{track_id}"
    assert document["duration"] == 2_500_000
    second = answer.segments[1]
    assert content(document, second.material_id)["text"] == "第二句 🎬"
    assert content(document, second.material_id)["styles"][0]["range"] == [0, 6]
    assert found(document, second.segment_id)["clip"]["transform"] == {"x": 0.1, "y": -0.1}
    assert [speed["speed"] for speed in linked(document, second.segment_id, "speeds")] == [1.0]
    assert findings(document) == []


def test_keywords_part_the_text_without_overlap_in_utf_16_units() -> None:
    keywords = Keywords(words=("bcd", "ab", "🎬"), color="#ff0000", size=20)
    edited = edit(AddCaptions(items=(caption(0, 1, "🎬abcd ab", keywords=keywords),)))
    styles = content(edited.document, added(edited).segments[0].material_id)["styles"]
    assert [style["range"] for style in styles] == [[0, 2], [2, 3], [3, 6], [6, 7], [7, 9]]
    assert [style["size"] for style in styles] == [20, 15.0, 20, 15.0, 20]
    assert styles[0]["fill"]["content"]["solid"]["color"] == [1.0, 0.0, 0.0]


def test_border_and_shadow_are_flagged() -> None:
    style = TextStyle(border_color="#000000", shadow=Shadow(diffuse=60), letter_spacing=2.9, line_spacing=3)
    edited = edit(AddCaptions(items=(caption(0, 1),), style=style))
    material = found(edited.document, added(edited).segments[0].material_id)
    assert material["check_flag"] == 7 + 8 + 32
    assert (material["letter_spacing"], round(material["line_spacing"], 6)) == (0.1, 0.17)
    assert content(edited.document, material["id"])["styles"][0]["shadows"][0]["diffuse"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("alignment", "stored"), [(0, (0, 0)), (1, (1, 0)), (2, (2, 0)), (3, (1, 1)), (4, (0, 1)), (5, (2, 1))]
)
def test_alignment_beyond_two_is_vertical(alignment: int, stored: tuple[int, int]) -> None:
    edited = edit(AddCaptions(items=(caption(0, 1),), style=TextStyle(alignment=alignment)))
    material = found(edited.document, added(edited).segments[0].material_id)
    assert (material["alignment"], material["typesetting"]) == stored


def test_a_text_effect_of_the_caption_wins_and_brings_its_own_colours() -> None:
    style = TextStyle(color="#123456", border_color="#000000", text_effect="7539407429763796249")
    items = (caption(0, 1, text_effect="7351316503771368713"), caption(1, 2))
    edited = edit(AddCaptions(items=items, style=style))
    for placed, effect_id in zip(added(edited).segments, ("7351316503771368713", "7539407429763796249"), strict=True):
        [only] = content(edited.document, placed.material_id)["styles"]
        assert only["effectStyle"]["id"] == effect_id
        assert (only["fill"]["content"]["solid"]["color"], only["strokes"]) == ([1.0, 1.0, 1.0], [])
        assert [item["effect_id"] for item in linked(edited.document, placed.segment_id, "effects")] == [effect_id]
    assert findings(edited.document) == []


def test_animations_are_fitted_into_the_caption() -> None:
    animations = (
        Animation(kind="in", name="冲屏位移", duration=400_000),
        Animation(kind="out", name="右上弹出", duration=900_000),
        Animation(kind="loop", name="VHS"),
    )
    edited = edit(AddCaptions(items=(caption(0, 1, animations=animations),)))
    [material] = linked(edited.document, added(edited).segments[0].segment_id, "material_animations")
    spans = [(item["type"], item["start"], item["duration"]) for item in material["animations"]]
    assert spans == [("in", 0, 400_000), ("out", 400_000, 600_000)]
    [warning] = added(edited).warnings
    assert warning.en == "captions[0].loop_animation: no time is left for it"
    assert findings(edited.document) == []


def test_unknown_names_are_left_out_and_told() -> None:
    style = TextStyle(font="no such font at all", text_effect="no such effect at all")
    animations = (Animation(kind="in", name="冲屏位"),)
    edited = edit(AddCaptions(items=(caption(0, 1, animations=animations), caption(1, 2)), style=style))
    told = [warning.en for warning in added(edited).warnings]
    assert [line.partition(":")[0] for line in told] == ["text_effect", "font", "captions[0].in_animation"]
    assert told[2].endswith("did you mean 冲屏位移?") or "冲屏位移" in told[2]
    assert edited.document["materials"]["material_animations"] == []


@pytest.mark.parametrize(
    ("items", "code", "status", "place", "sentence"),
    [
        ((), 2018, 400, "captions", "captions must not be empty"),
        (
            (caption(0, 1), caption(2, 2)),
            2018,
            400,
            "captions[1].end",
            "captions[1].end must be greater than start (2000000)",
        ),
        ((caption(-1, 1),), 2018, 400, "captions[0].start", "captions[0].start must not be negative"),
        ((caption(0, 1, " \n"),), 2018, 400, "captions[0].text", "captions[0].text must not be empty"),
        (
            (caption(0, 1, "half \ud83c"),),
            2018,
            400,
            "captions[0].text",
            "captions[0].text holds half of a surrogate pair",
        ),
        ((caption(0, 9), caption(5, 6)), 2019, 422, "captions[1]", "captions[1] overlaps captions[0]"),
    ],
)
def test_refusals_name_the_item(items: tuple[object, ...], code: int, status: int, place: str, sentence: str) -> None:
    with pytest.raises(EditError) as caught:
        edit(AddCaptions(items=items))  # type: ignore[arg-type]  # wrong on purpose
    error = caught.value
    assert (error.code, error.status, error.place, error.detail.en) == (code, status, place, sentence)


def test_the_command_that_fails_is_named_and_the_bytes_are_left_alone() -> None:
    data = empty()
    before = bytes(data)
    with pytest.raises(EditError) as caught:
        edit(AddCaptions(items=(caption(0, 1),)), AddCaptions(items=()), data=data)
    assert caught.value.command == 1
    assert data == before
