"""The editing routes that fetch nothing: exact replies and what lies in the document (contract 7.7 to 7.12)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_django import Settings

from drafts.models import Draft
from tests.edits import HEX32, SECOND, Editor, text
from tests.refusals import refused, remains
from tests.support import MATE, Api

ZH = {"Accept-Language": "zh-CN,zh;q=0.9"}
SPAN = {"start": 0, "end": 3 * SECOND}


@pytest.fixture
def editor(api: Api) -> Editor:
    """A fresh draft of 1280 x 720."""
    return Editor(api, width=1280, height=720)


def caption(**fields: Any) -> dict[str, Any]:
    """One caption."""
    return {**SPAN, "text": "Hello", **fields}


def styles(editor: Editor, text_id: str) -> list[dict[str, Any]]:
    """The styles of a text."""
    return list(json.loads(editor.material("texts", text_id)["content"])["styles"])


def shown(style: dict[str, Any]) -> tuple[list[int], list[float], float]:
    """Range, colour and size of a style."""
    return style["range"], style["fill"]["content"]["solid"]["color"], style["size"]


def test_add_captions_answers_with_exactly_these_fields(editor: Editor) -> None:
    reply = editor.call("add_captions", captions=text(caption(), caption(start=3 * SECOND, end=4 * SECOND)))
    assert list(reply) == ["track_id", "text_ids", "segment_ids", "segment_infos"]
    track = editor.track(reply["track_id"])
    assert (track["type"], track["name"][:14]) == ("text", "caption_track_")
    assert reply["segment_ids"] == [segment["id"] for segment in track["segments"]]
    assert reply["text_ids"] == [segment["material_id"] for segment in track["segments"]]
    assert reply["segment_infos"] == [
        {"id": reply["segment_ids"][0], "start": 0, "end": 3 * SECOND},
        {"id": reply["segment_ids"][1], "start": 3 * SECOND, "end": 4 * SECOND},
    ]
    assert all(HEX32.fullmatch(each) for each in [reply["track_id"], *reply["text_ids"], *reply["segment_ids"]])
    assert Draft.objects.get(pk=editor.id).duration == 4 * SECOND
    assert editor.findings() == []


def test_a_real_array_does_what_its_text_does(editor: Editor) -> None:
    editor.call("add_captions", captions=[caption()])
    assert [len(track["segments"]) for track in editor.document["tracks"]] == [0, 1]


def test_times_are_cut_towards_zero(editor: Editor) -> None:
    reply = editor.call("add_captions", captions=text(caption(start=0.9, end=1500000.7)))
    assert reply["segment_infos"][0] == {"id": reply["segment_ids"][0], "start": 0, "end": 1_500_000}


def test_the_style_of_captions_comes_from_the_request(editor: Editor) -> None:
    reply = editor.call(
        "add_captions",
        captions=text(caption(text="Hello 世界 🎬!", keyword="世界|🎬", keyword_color="#00ff00", keyword_font_size=20)),
        text_color="#ff0000",
        font_size="12",
        alignment=4,
        alpha=0.5,
        letter_spacing=2.9,
        line_spacing=3,
        transform_x=640,
        transform_y=-72.0,
        bold=1,
        underline="yes",
    )
    [text_id] = reply["text_ids"]
    material = editor.material("texts", text_id)
    assert (material["alignment"], material["typesetting"]) == (0, 1)
    assert (material["letter_spacing"], material["line_spacing"]) == (pytest.approx(0.1), pytest.approx(0.17))
    assert (material["global_alpha"], material["type"]) == (0.5, "subtitle")
    red, green = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
    found = styles(editor, text_id)
    assert [shown(style) for style in found] == [
        ([0, 6], red, 12.0),
        ([6, 8], green, 20.0),
        ([8, 9], red, 12.0),
        ([9, 11], green, 20.0),
        ([11, 12], red, 12.0),
    ]
    assert [(style["bold"], style["italic"], style["underline"]) for style in found] == [(True, False, True)] * 5
    [segment] = editor.track(reply["track_id"])["segments"]
    assert segment["clip"]["transform"] == {"x": 0.5, "y": -0.1}


def test_what_nobody_knows_is_left_out_and_told(editor: Editor) -> None:
    response = editor.post(
        "add_captions",
        captions=text(caption(in_animation="no such thing", transition="x", keyword="H", keyword_color="red")),
        text_color="blue",
    )
    body = response.json()
    assert list(body)[-1] == "warnings"
    assert body["warnings"] == [
        "text_color was ignored: not a colour like #rrggbb",
        "captions[0].transition was ignored: captions have no transitions",
        "captions[0].keyword_color was ignored: not a colour like #rrggbb",
        "captions[0].in_animation: no text entrance animation is called 'no such thing'",
    ]
    assert [shown(style)[1] for style in styles(editor, body["text_ids"][0])] == [
        [1.0, pytest.approx(113 / 255), 0.0],
        [1.0, 1.0, 1.0],
    ]
    body = editor.api.post(
        f"{MATE}/add_captions", {"draft_url": editor.url, "captions": text(caption()), "text_color": "x"}, **ZH
    ).json()
    assert body["warnings"] == ["text_color 已忽略：不是 #rrggbb 形式的颜色"]


def test_shadows(editor: Editor) -> None:
    info = {"shadow_alpha": 0.3, "shadow_color": "#ff0000", "shadow_diffuse": 60}
    first = editor.call("add_captions", captions=text(caption()), has_shadow=True)["text_ids"][0]
    second = editor.call("add_captions", captions=text(caption()), has_shadow=True, shadow_info=info)["text_ids"][0]
    third = editor.call("add_captions", captions=text(caption()), shadow_info=info)["text_ids"][0]
    [shadow] = styles(editor, first)[0]["shadows"]
    assert (shadow["alpha"], shadow["diffuse"], shadow["distance"], shadow["angle"]) == (
        0.9,
        pytest.approx(15 / 100 / 6),
        5.0,
        -45.0,
    )
    [shadow] = styles(editor, second)[0]["shadows"]
    assert (shadow["alpha"], shadow["diffuse"]) == (0.3, pytest.approx(0.1))
    assert shadow["content"]["solid"]["color"] == [1.0, 0.0, 0.0]
    assert not styles(editor, third)[0].get("shadows")


def test_add_sticker_answers_with_exactly_these_fields(editor: Editor) -> None:
    reply = editor.call("add_sticker", sticker_id="721", start="0", end=2 * SECOND, scale=0.5, transform_x=640)
    assert list(reply) == ["sticker_id", "track_id", "segment_id", "duration"]
    assert (reply["sticker_id"], reply["duration"]) == ("721", 2 * SECOND)
    track = editor.track(reply["track_id"])
    [segment] = track["segments"]
    assert (track["type"], segment["id"], segment["render_index"]) == ("sticker", reply["segment_id"], 14_000)
    assert segment["clip"]["scale"] == {"x": 0.5, "y": 0.5}
    assert segment["clip"]["transform"] == {"x": 0.5, "y": 0.0}
    sticker = editor.material("stickers", segment["material_id"])
    assert (sticker["sticker_id"], sticker["resource_id"]) == ("721", "721")


def test_add_effects_and_filters_answer_with_exactly_these_fields(editor: Editor) -> None:
    reply = editor.call("add_effects", effect_infos=text({"effect_title": "录制边框 III", **SPAN}))
    assert list(reply) == ["track_id", "effect_ids", "segment_ids"]
    effect = editor.material("video_effects", reply["effect_ids"][0])
    assert (effect["name"], effect["effect_id"]) == ("录制边框 III", "961624")
    reply = editor.call("add_filters", filter_infos=text({"filter_title": "复古工业", **SPAN, "intensity": 80}))
    assert list(reply) == ["track_id", "filter_ids", "segment_ids"]
    assert editor.material("effects", reply["filter_ids"][0])["value"] == 0.8


def test_effects_that_overlap_get_tracks_of_their_own(editor: Editor) -> None:
    item = {"effect_title": "录制边框 III", **SPAN}
    reply = editor.call("add_effects", effect_infos=text(item, item))
    assert list(reply) == ["track_id", "track_ids", "effect_ids", "segment_ids"]
    assert reply["track_ids"][0] == reply["track_id"]
    assert [editor.track(each)["segments"][0]["id"] for each in reply["track_ids"]] == reply["segment_ids"]


def test_add_keyframes_answers_with_exactly_these_fields(editor: Editor) -> None:
    first, second = editor.call("add_captions", captions=text(caption(), caption(start=3 * SECOND, end=4 * SECOND)))[
        "segment_ids"
    ]
    key = {"segment_id": second, "property": "KFTypePositionX", "offset": 0, "value": 64}
    reply = editor.call(
        "add_keyframes",
        keyframes=text(key, {**key, "segment_id": first, "value": -0.5}, {**key, "offset": 9 * SECOND, "value": -128}),
    )
    assert reply == {"keyframes_added": 3, "affected_segments": [second, first]}
    segments = {segment["id"]: segment for segment in editor.document["tracks"][1]["segments"]}
    [group] = segments[second]["common_keyframes"]
    assert [(point["time_offset"], point["values"]) for point in group["keyframe_list"]] == [
        (0, [0.05]),
        (SECOND, [-0.1]),
    ]
    assert segments[first]["common_keyframes"][0]["keyframe_list"][0]["values"] == [-0.5]


def test_keyframes_that_cannot_be_set_are_left_out_and_told(editor: Editor) -> None:
    [segment] = editor.call("add_captions", captions=text(caption()))["segment_ids"]
    before = editor.revision
    key = {"segment_id": "0" * 32, "property": "KFTypeAlpha", "offset": 0, "value": 1}
    reply = editor.call("add_keyframes", keyframes=text(key))
    assert reply == {
        "keyframes_added": 0,
        "affected_segments": [],
        "warnings": ["keyframes[0].segment_id names no segment of the draft"],
    }
    assert editor.revision == before
    reply = editor.call("add_keyframes", keyframes=text(key, {**key, "segment_id": segment}))
    assert (reply["keyframes_added"], reply["affected_segments"], len(reply["warnings"])) == (1, [segment], 1)
    assert editor.revision == before + 1


CASES: list[tuple[str, dict[str, Any], int, int, str]] = [
    ("add_captions", {}, 400, 2018, "captions is required"),
    ("add_captions", {"captions": ""}, 400, 2018, "captions is not valid JSON"),
    ("add_captions", {"captions": "{}"}, 400, 2018, "captions must be an array"),
    ("add_captions", {"captions": "[]"}, 400, 2018, "captions must not be empty"),
    ("add_captions", {"captions": "[1]"}, 400, 2018, "captions[0] must be an object"),
    ("add_captions", {"captions": text({"start": 0, "end": 1})}, 400, 2018, "captions[0].text is required"),
    ("add_captions", {"captions": text(caption(text=""))}, 400, 2018, "captions[0].text must not be empty"),
    ("add_captions", {"captions": text(caption(text=" "))}, 400, 2018, "captions[0].text must not be empty"),
    ("add_captions", {"captions": text(caption(start="0"))}, 400, 2018, "captions[0].start must be a whole number"),
    (
        "add_captions",
        {"captions": text(caption(), caption(start=-1))},
        400,
        2018,
        "captions[1].start must be greater than or equal to 0",
    ),
    (
        "add_captions",
        {"captions": text(*[caption(start=at, end=at + 1) for at in range(3)], caption(start=5, end=5))},
        400,
        2018,
        "captions[3].end must be greater than start",
    ),
    ("add_captions", {"captions": text(caption(), caption())}, 422, 2019, "captions[1] overlaps captions[0]"),
    ("add_captions", {"captions": text(caption()), "text_color": None}, 400, 1001, "text_color must not be null"),
    ("add_captions", {"captions": text(caption()), "text_color": 7}, 400, 1001, "text_color must be a string"),
    (
        "add_captions",
        {"captions": text(caption()), "alignment": 6},
        400,
        1001,
        "alignment must be less than or equal to 5",
    ),
    ("add_captions", {"captions": text(caption()), "alpha": 1.5}, 400, 1001, "alpha must be less than or equal to 1"),
    (
        "add_captions",
        {"captions": text(caption()), "font_size": 0},
        400,
        1001,
        "font_size must be greater than or equal to 1",
    ),
    ("add_captions", {"captions": text(caption()), "font_size": 5.5}, 400, 1001, "font_size must be a whole number"),
    (
        "add_captions",
        {"captions": text(caption()), "has_shadow": True, "shadow_info": {"shadow_alpha": 2}},
        400,
        1001,
        "shadow_info.shadow_alpha must be less than or equal to 1",
    ),
    ("add_sticker", {"start": 0, "end": 1}, 400, 1001, "sticker_id is required"),
    ("add_sticker", {"sticker_id": "1", "start": 0}, 400, 1001, "end is required"),
    ("add_sticker", {"sticker_id": "1", "start": 5, "end": 5}, 400, 2011, "end must be greater than start"),
    ("add_sticker", {"sticker_id": "1", "start": -5, "end": 5}, 400, 2011, "start must be greater than or equal to 0"),
    ("add_keyframes", {"keyframes": "[]"}, 400, 2013, "keyframes must not be empty"),
    (
        "add_keyframes",
        {"keyframes": text({"segment_id": "x", "property": "KFTypeAlpha", "offset": -1, "value": 1})},
        400,
        2013,
        "keyframes[0].offset must be greater than or equal to 0",
    ),
    ("add_effects", {"effect_infos": "nonsense"}, 400, 2020, "effect_infos is not valid JSON"),
    (
        "add_effects",
        {"effect_infos": text({"effect_title": " ", **SPAN})},
        400,
        2020,
        "effect_infos[0].effect_title must not be empty",
    ),
    ("add_filters", {"filter_infos": "[]"}, 400, 2037, "filter_infos must not be empty"),
    (
        "add_filters",
        {"filter_infos": text({"filter_title": "复古工业", **SPAN, "intensity": 101})},
        400,
        2037,
        "filter_infos[0].intensity must be less than or equal to 100",
    ),
    ("add_masks", {}, 400, 2023, "segment_ids is required"),
    ("add_masks", {"segment_ids": []}, 400, 2023, "segment_ids must not be empty"),
    ("add_masks", {"segment_ids": ["0" * 32]}, 404, 2015, "segment_ids[0] names no segment of the draft"),
    ("add_masks", {"segment_ids": ["0" * 32], "X": 0.5}, 400, 1001, "X must be a whole number"),
]


@pytest.mark.parametrize(("verb", "body", "status", "code", "detail"), CASES)
def test_a_call_that_fails_names_the_item_and_changes_nothing(
    editor: Editor, verb: str, body: dict[str, Any], status: int, code: int, detail: str
) -> None:
    before = remains(), editor.document, editor.revision
    problem = refused(editor.post(verb, **body), status, code, detail)
    assert problem["errors"][0]["text"] == detail
    assert (remains(), editor.document, editor.revision) == before


@pytest.mark.parametrize(
    ("verb", "field", "item", "code"),
    [
        ("add_effects", "effect_infos", {"effect_title": "no such effect at all", **SPAN}, 2022),
        ("add_filters", "filter_infos", {"filter_title": "no such filter at all", **SPAN}, 2039),
    ],
)
def test_unknown_effects_and_filters_are_not_found(
    editor: Editor, verb: str, field: str, item: dict[str, Any], code: int
) -> None:
    before = editor.revision
    refused(editor.post(verb, **{field: text(item)}), 404, code)
    assert editor.revision == before


def test_an_unknown_mask_is_not_found(editor: Editor) -> None:
    segment_ids = editor.call("add_captions", captions=text(caption()))["segment_ids"]
    refused(editor.post("add_masks", segment_ids=segment_ids, name="no such mask"), 404, 2025)
    refused(editor.post("add_masks", segment_ids=segment_ids), 422, 2016)


def test_the_draft_is_judged_before_the_items(editor: Editor) -> None:
    """Contract 7: shape, draft_url, draft, items."""
    wrong = {"captions": "[]"}
    refused(editor.api.post(f"{MATE}/add_captions", wrong), 400, 2001, "draft_url is required")
    refused(editor.api.post(f"{MATE}/add_captions", {**wrong, "draft_url": "0" * 22}), 404, 2001)
    refused(editor.api.post(f"{MATE}/add_captions", {**wrong, "draft_url": "0" * 22, "alpha": 7}), 400, 1001)
    late = {"sticker_id": "1", "start": 5, "end": 5, "draft_url": "0" * 22}
    refused(editor.api.post(f"{MATE}/add_sticker", late), 400, 2011)
    refused(editor.post("add_captions", captions=text(caption()), draft_url=f"{editor.url}&version=1"), 400, 2001)


def test_if_match_is_honoured(editor: Editor) -> None:
    body = {"draft_url": editor.url, "captions": text(caption())}
    assert editor.api.post(f"{MATE}/add_captions", body, **{"If-Match": '"r1"'}).status_code == 200
    refused(editor.api.post(f"{MATE}/add_captions", body, **{"If-Match": '"r1"'}), 412, 3001)
    assert editor.revision == 2


def test_limits_are_settings(editor: Editor, settings: Settings) -> None:
    settings.MAX_TEXT_LENGTH = 5
    settings.MAX_LIST_ITEMS = 2
    settings.MAX_SEGMENTS = 3
    refused(
        editor.post("add_captions", captions=text(caption(text="Hello!"))),
        400,
        2018,
        "captions[0].text must have at most 5 characters (MAX_TEXT_LENGTH)",
    )
    refused(
        editor.post("add_captions", captions=text(caption(), caption(), caption())),
        400,
        2018,
        "captions must have at most 2 items (MAX_LIST_ITEMS)",
    )
    two = text(caption(), caption(start=3 * SECOND, end=4 * SECOND))
    editor.call("add_captions", captions=two)
    refused(
        editor.post("add_captions", captions=two),
        413,
        3002,
        "The draft would have 4 segments; the limit is 3 (MAX_SEGMENTS)",
    )
    assert editor.revision == 2


def test_a_draft_of_another_producer_can_be_edited(api: Api, sample: Any) -> None:
    draft = api.imported(sample)
    before = api.content(draft["id"])
    url = f"http://testserver{MATE}/get_draft?draft_id={draft['id']}"
    answer = api.post(f"{MATE}/add_captions", {"draft_url": url, "captions": text(caption())})
    assert answer.status_code == 200
    after = api.content(draft["id"])
    made = answer.json()["track_id"]
    assert [track for track in after["tracks"] if track["id"] != made] == before["tracks"]
    kept = {name: items for name, items in after["materials"].items() if name not in {"texts", "speeds"}}
    assert kept == {name: items for name, items in before["materials"].items() if name not in {"texts", "speeds"}}


def test_style_text_takes_what_add_text_style_answers(api: Api) -> None:
    words = {"text": "看🎬 film", "keyword": "🎬", "keyword_color": "#ff0000", "keyword_font_size": 30, "font_size": 11}
    styled = api.post(f"{MATE}/add_text_style", words).json()["text_style"]
    draft = api.create()
    items = json.dumps([{"start": 0, "end": 1000, "text": styled}, {"start": 1000, "end": 2000, "text": "plain {"}])
    body = {"draft_url": draft["draft_url"], "captions": items, "text_color": "#00ff00", "style_text": 1}
    assert api.post(f"{MATE}/add_captions", body).status_code == 200
    first, second = (json.loads(text["content"]) for text in api.content(draft["draft_id"])["materials"]["texts"])
    assert (first["text"], second["text"]) == ("看🎬 film", "plain {")
    looks = [(style["range"], style["size"], style["fill"]["content"]["solid"]["color"]) for style in first["styles"]]
    assert looks == [([0, 1], 11, [1, 1, 1]), ([1, 3], 30, [1, 0, 0]), ([3, 8], 11, [1, 1, 1])]
    assert second["styles"][0]["fill"]["content"]["solid"]["color"] == [0, 1, 0]


def test_a_retry_with_its_key_adds_nothing(api: Api) -> None:
    draft = api.create()
    captions = json.dumps([{"start": 0, "end": 1000, "text": "once"}])
    body, key = {"draft_url": draft["draft_url"], "captions": captions}, {"Idempotency-Key": "caption-1"}
    first = api.post(f"{MATE}/add_captions", body, **key)
    again = api.post(f"{MATE}/add_captions", body, **key)
    assert (first.status_code, again.content) == (200, first.content)
    assert len(api.content(draft["draft_id"])["materials"]["texts"]) == 1


@pytest.mark.parametrize("duration", ["", 0, None, "0", "1s", 500])
def test_a_duration_may_be_left_to_the_catalogue(api: Api, duration: Any) -> None:
    draft = api.create()
    item = {"start": 0, "end": 4_000_000, "text": "x", "in_animation": "渐显", "in_animation_duration": duration}
    answer = api.post(f"{MATE}/add_captions", {"draft_url": draft["draft_url"], "captions": [item]})
    assert answer.status_code == 200, answer.content
    [animations] = api.content(draft["draft_id"])["materials"]["material_animations"]
    expected = {"1s": 1_000_000, 500: 500}.get(duration, 500_000)
    assert animations["animations"][0]["duration"] == expected


def test_a_bad_caption_is_refused_whatever_else_it_holds(api: Api) -> None:
    draft = api.create()
    item = {"start": 0, "end": 0, "in_animation_duration": 0, "out_animation_duration": "", "keyword_font_size": 0}
    answer = api.post(f"{MATE}/add_captions", {"draft_url": draft["draft_url"], "captions": [item]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "captions[0].text")
