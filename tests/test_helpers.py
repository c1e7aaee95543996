"""The helper routes of the capcut-mate surface answer as the reference does (contract 7.13, 7.21, 7.24 to 7.29)."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from drafts.api.capcut_mate import infos
from drafts.api.capcut_mate.text_style import text_style
from tests.support import MATE, Api

WIDE = 2**53 - 1
SPANS = [{"start": 0, "end": 284_891_428}, {"start": 284_891_428, "end": 579_578_774}]


def ok(api: Api, verb: str, **body: Any) -> dict[str, Any]:
    """The reply's own fields, after the envelope."""
    response = api.post(f"{MATE}/{verb}", body)
    assert response.status_code == 200, response.content
    answer = dict(response.json())
    assert list(answer)[:2] == ["code", "message"]
    assert (answer.pop("code"), answer.pop("message")) == (0, "Success")
    return answer


# Requests and replies as the reference has them (contract 7, appendix E, and its description for Coze).
EXCHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "timelines",
        {"duration": 10_000_000, "num": 2, "start": 0, "type": 0},
        {
            "timelines": [{"start": 0, "end": 5_000_000}, {"start": 5_000_000, "end": 10_000_000}],
            "all_timelines": [{"start": 0, "end": 10_000_000}],
        },
    ),
    (
        "timelines",
        {"duration": "10", "num": 3.0},
        {
            "timelines": [{"start": 0, "end": 3}, {"start": 3, "end": 6}, {"start": 6, "end": 10}],
            "all_timelines": [{"start": 0, "end": 10}],
        },
    ),
    (
        "timelines",
        {"duration": 7, "num": 1, "start": -5, "type": "equal"},
        {"timelines": [{"start": -5, "end": 2}], "all_timelines": [{"start": -5, "end": 2}]},
    ),
    (
        "timelines",
        {"duration": 7, "num": 0, "start": 1, "type": 1},
        {"timelines": [], "all_timelines": [{"start": 1, "end": 8}]},
    ),
    ("timelines", {"duration": 7, "num": -2}, {"timelines": [], "all_timelines": [{"start": 0, "end": 7}]}),
    (
        "audio_infos",
        {"mp3_urls": ["https://h/1.mp3", "https://h/2.mp3"], "timelines": SPANS},
        {
            "infos": '[{"audio_url": "https://h/1.mp3", "start": 0, "end": 284891428}, '
            '{"audio_url": "https://h/2.mp3", "start": 284891428, "end": 579578774}]'
        },
    ),
    (
        "audio_infos",
        {"mp3_urls": ["a"], "timelines": SPANS, "audio_effect": "教堂", "volume": "0.5", "more": 1},
        {"infos": '[{"audio_url": "a", "start": 0, "end": 284891428, "audio_effect": "教堂", "volume": 0.5}]'},
    ),
    (
        "video_infos",
        {
            "height": "1080",
            "mask": "爱心",
            "timelines": SPANS[:1],
            "transition": "推近",
            "transition_duration": 1,
            "video_urls": ["https://h/min.mp4", "https://h/max.mp4"],
            "volume": 1,
            "width": 1920,
        },
        {
            "infos": '[{"video_url": "https://h/min.mp4", "start": 0, "end": 284891428, "duration": 284891428, '
            '"width": 1920, "height": 1080, "mask": "爱心", "transition": "推近", "transition_duration": 1, '
            '"volume": 1.0}]'
        },
    ),
    (
        "video_infos",
        {"video_urls": ["v"], "timelines": [{"start": 5, "end": 9}]},
        {"infos": '[{"video_url": "v", "start": 5, "end": 9, "duration": 4, "volume": 1.0}]'},
    ),
    (
        "video_infos",
        {"video_urls": ["v"], "timelines": [{"start": 5, "end": 9}], "volume": None},
        {"infos": '[{"video_url": "v", "start": 5, "end": 9, "duration": 4}]'},
    ),
    (
        "imgs_infos",
        {"height": 1024, "imgs": ["https://h/demo.png"], "timelines": SPANS, "width": 1024},
        {"infos": '[{"image_url": "https://h/demo.png", "start": 0, "end": 284891428, "height": 1024, "width": 1024}]'},
    ),
    (
        "imgs_infos",
        {
            "imgs": ["a", "b", "c"],
            "timelines": [{"start": 0, "end": 1}] * 4,
            "in_animation": "缩小|放大",
            "in_animation_duration": 500,
            "out_animation_duration": 600,
            "loop_animation": "摇摆",
            "transition": "叠化|",
        },
        {
            "infos": '[{"image_url": "a", "start": 0, "end": 1, "in_animation": "缩小", "in_animation_duration": 500, '
            '"loop_animation": "摇摆", "transition": "叠化"}, '
            '{"image_url": "b", "start": 0, "end": 1, "in_animation": "放大", "in_animation_duration": 500, '
            '"loop_animation": "摇摆", "transition": ""}, '
            '{"image_url": "c", "start": 0, "end": 1, "in_animation": "放大", "in_animation_duration": 500, '
            '"loop_animation": "摇摆", "transition": ""}]'
        },
    ),
    (
        "caption_infos",
        {
            "keyword_font": "-45",
            "keyword_has_shadow": True,
            "keyword_shadow_info": {
                "shadow_alpha": 0.3, "shadow_color": "#ff0000", "shadow_diffuse": 50, "shadow_distance": 50,
            },
            "keywords": ["明月"],
            "texts": ["床前明月光", "疑是地上霜"],
            "timelines": [{"start": 0, "end": 1_000_000}, {"start": 1_000_000, "end": 2_000_000}],
        },
        {
            "infos": '[{"start": 0, "end": 1000000, "text": "床前明月光", "keyword": "明月", "keyword_font": "-45", '
            '"keyword_has_shadow": true, "keyword_shadow_info": {"shadow_alpha": 0.3, "shadow_color": "#ff0000", '
            '"shadow_diffuse": 50.0, "shadow_distance": 50.0, "shadow_angle": -45.0}}, '
            '{"start": 1000000, "end": 2000000, "text": "疑是地上霜", "keyword": "", "keyword_font": "-45", '
            '"keyword_has_shadow": true, "keyword_shadow_info": {"shadow_alpha": 0.3, "shadow_color": "#ff0000", '
            '"shadow_diffuse": 50.0, "shadow_distance": 50.0, "shadow_angle": -45.0}}]'
        },
    ),
    (
        "caption_infos",
        {"texts": '["一"]', "timelines": '[{"start": 0, "end": 1}]', "font_size": 20, "in_animation": "渐显"},
        {"infos": '[{"start": 0, "end": 1, "text": "一", "font_size": 20, "in_animation": "渐显"}]'},
    ),
    (
        "effect_infos",
        {"effects": ["红包来了", "雪花"], "timelines": SPANS},
        {
            "infos": '[{"effect_title": "红包来了", "start": 0, "end": 284891428}, '
            '{"effect_title": "雪花", "start": 284891428, "end": 579578774}]'
        },
    ),
    (
        "filter_infos",
        {"filters": ["清透感"], "timelines": [{"start": 0, "end": 5_000_000}]},
        {"infos": '[{"filter_title": "清透感", "start": 0, "end": 5000000, "intensity": 100.0}]'},
    ),
    (
        "filter_infos",
        {"filters": ["a", "b", "c"], "timelines": [{"start": 0, "end": 5}] * 3, "intensities": [-1, 101]},
        {
            "infos": '[{"filter_title": "a", "start": 0, "end": 5, "intensity": 0.0}, '
            '{"filter_title": "b", "start": 0, "end": 5, "intensity": 100.0}]'
        },
    ),
    ("filter_infos", {"filters": ["a"], "timelines": SPANS, "intensities": []}, {"infos": "[]"}),
    (
        "keyframes_infos",
        {
            "ctype": "KFTypePositionX",
            "offsets": "0|50|100",
            "values": "0|64|-128",
            "segment_infos": [{"id": "s1", "start": 1000, "end": 5000}],
            "width": 1280,
        },
        {
            "keyframes_infos": '[{"offset": 0, "property": "KFTypePositionX", "segment_id": "s1", "value": 0.0}, '
            '{"offset": 2000, "property": "KFTypePositionX", "segment_id": "s1", "value": 0.05}, '
            '{"offset": 4000, "property": "KFTypePositionX", "segment_id": "s1", "value": -0.1}]'
        },
    ),
    (
        "keyframes_infos",
        {
            "ctype": "KFTypePositionX",
            "height": 1080,
            "offsets": "0|100",
            "segment_infos": [{"id": "c1369c795ca64fe38bac1f2a93e8a811", "start": 0, "end": 5_000_000}],
            "values": "1|2",
            "width": 1920,
        },
        {
            "keyframes_infos": '[{"offset": 0, "property": "KFTypePositionX", "segment_id": '
            '"c1369c795ca64fe38bac1f2a93e8a811", "value": 0.0005208333333333333}, {"offset": 5000000, "property": '
            '"KFTypePositionX", "segment_id": "c1369c795ca64fe38bac1f2a93e8a811", "value": 0.0010416666666666667}]'
        },
    ),
    (
        "keyframes_infos",
        {
            "ctype": "KFTypeAlpha",
            "offsets": "50",
            "values": "1",
            "segment_infos": [{"id": "a", "start": 0, "end": 10}, {"id": "b", "start": 0, "end": 21}],
            "width": 1920,
            "height": 0,
        },
        {
            "keyframes_infos": '[{"offset": 5, "property": "KFTypeAlpha", "segment_id": "a", "value": 1.0}, '
            '{"offset": 10, "property": "KFTypeAlpha", "segment_id": "b", "value": 1.0}]'
        },
    ),
    ("get_url", {"output": "中国人https://h/1.mp3"}, {"output": "中国人https://h/1.mp3"}),
    ("str_to_list", {"obj": '{ "infos": [] }'}, {"infos": ['{ "infos": [] }']}),
    ("str_list_to_objs", {"infos": ["a", ""]}, {"infos": [{"output": "a"}, {"output": ""}]}),
    ("objs_to_str_list", {"outputs": [{"output": "a"}, {"output": "b", "x": 1}]}, {"infos": ["a", "b"]}),
    (
        "add_text_style",
        {
            "font_size": 15,
            "keyword": "五个快乐到死的顶级思维",
            "keyword_color": "#ff7100",
            "keyword_font_size": 15,
            "text": "快乐|顶级思维",
        },
        {
            "text_style": '{"text":"快乐|顶级思维","styles":[{"fill":{"content":{"solid":{"color":[1.0,1.0,1.0]}}},'
            '"range":[0,7],"size":15,"font":{"id":"","path":""}}]}'
        },
    ),
    ("add_text_style", {"text": "", "keyword": "a"}, {"text_style": '{"text":"","styles":[]}'}),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "sent", "answered"), EXCHANGES)
def test_the_observed_exchanges(api: Api, verb: str, sent: dict[str, Any], answered: dict[str, Any]) -> None:
    assert ok(api, verb, **sent) == answered


def styles(**sent: Any) -> list[tuple[list[int], int, list[float], bool]]:
    """Range, size, colour and highlighting of each style."""
    values = {"font_size": 12, "keyword_color": "#ff0000", "keyword_font_size": 15, **sent}
    return [
        (item["range"], item["size"], item["fill"]["content"]["solid"]["color"], item.get("useLetterColor", False))
        for item in json.loads(text_style(**values))["styles"]
    ]


def test_keywords_are_highlighted_longest_first_in_code_points() -> None:
    white, red = [1.0, 1.0, 1.0], [1.0, 0.0, 0.0]
    assert styles(text="😀ab abc ABC", keyword="ab|abc| |") == [
        ([0, 1], 12, white, False),
        ([1, 3], 15, red, True),
        ([3, 4], 12, white, False),
        ([4, 7], 15, red, True),
        ([7, 11], 12, white, False),
    ]
    assert styles(text="a.c abc", keyword="a.c")[0] == ([0, 3], 15, red, True)
    assert styles(text="aaa", keyword="aa") == [([0, 2], 15, red, True), ([2, 3], 12, white, False)]
    assert styles(text="ab", keyword=" ") == [([0, 2], 12, white, False)]


@pytest.mark.parametrize(
    ("color", "rgb"),
    [
        ("#0000ff", [0.0, 0.0, 1.0]),
        ("00FF00", [0.0, 1.0, 0.0]),
        ("#f00", [1.0, 0.0, 0.0]),
        ("orange", [1.0, 113 / 255, 0.0]),
        ("", [1.0, 113 / 255, 0.0]),
    ],
)
def test_a_colour_that_is_none_becomes_orange(color: str, rgb: list[float]) -> None:
    assert styles(text="a", keyword="a", keyword_color=color)[0][2] == rgb


def test_the_defaults_of_add_text_style(api: Api) -> None:
    style = json.loads(ok(api, "add_text_style", text="明月光", keyword="明月")["text_style"])["styles"]
    assert [(item["size"], item["fill"]["content"]["solid"]["color"]) for item in style] == [
        (15, [1.0, 113 / 255, 0.0]),
        (12, [1.0, 1.0, 1.0]),
    ]


@pytest.mark.parametrize(
    ("verb", "sent", "field", "sentence"),
    [
        ("timelines", {"num": 1}, "duration", "duration is required"),
        ("timelines", {"duration": -1, "num": 1}, "duration", "duration must be greater than or equal to 0"),
        ("timelines", {"duration": 5.5, "num": 1}, "duration", "duration must be a whole number"),
        ("timelines", {"duration": 5, "num": 1, "type": "odd"}, "type", "type must be a whole number"),
        ("timelines", {"duration": 5, "num": 10_001}, "num", "num must have at most 10000 items (MAX_LIST_ITEMS)"),
        ("audio_infos", {"mp3_urls": [1], "timelines": []}, "mp3_urls[0]", "mp3_urls[0] must be a string"),
        ("audio_infos", {"mp3_urls": []}, "timelines", "timelines is required"),
        ("video_infos", {"video_urls": [], "timelines": [{"start": 0}]}, "timelines[0].end",
         "timelines[0].end is required"),
        ("imgs_infos", {"imgs": "a.png", "timelines": []}, "imgs", "imgs is not valid JSON"),
        ("imgs_infos", {"imgs": [], "timelines": [], "transition": "x" * 201}, "transition",
         "Each name in transition must have at most 200 characters (MAX_NAME_LENGTH)"),
        ("caption_infos", {"texts": [], "timelines": [], "keyword_shadow_info": {"shadow_alpha": 2}},
         "keyword_shadow_info.shadow_alpha", "keyword_shadow_info.shadow_alpha must be less than or equal to 1"),
        ("caption_infos", {"texts": [], "timelines": [], "keyword_shadow_info": "x"}, "keyword_shadow_info",
         "keyword_shadow_info must be an object"),
        ("caption_infos", {"texts": ["x" * 5001], "timelines": []}, "texts[0]",
         "texts[0] must have at most 5000 characters (MAX_TEXT_LENGTH)"),
        ("effect_infos", {"effects": [None], "timelines": []}, "effects[0]", "effects[0] must not be null"),
        ("filter_infos", {"filters": [], "timelines": [], "intensities": ["x"]}, "intensities[0]",
         "intensities[0] must be a number"),
        ("keyframes_infos", {"ctype": "a", "offsets": "0|x", "values": "0|1", "segment_infos": []}, "offsets",
         "offsets must be numbers separated by |"),
        ("keyframes_infos", {"ctype": "a", "offsets": "0|1e300", "values": "0|1", "segment_infos": []}, "offsets",
         "offsets must be numbers separated by |"),
        ("keyframes_infos", {"ctype": "a", "offsets": "0", "values": "nan", "segment_infos": []}, "values",
         "values must be numbers separated by |"),
        ("keyframes_infos", {"ctype": "a", "offsets": "0|1", "values": "0", "segment_infos": []}, "values",
         "values must have as many numbers as offsets"),
        ("keyframes_infos", {"ctype": "a", "offsets": "0|1", "values": "0|1", "segment_infos": [{"id": 1}]},
         "segment_infos[0].start", "segment_infos[0].start is required"),
        ("keyframes_infos", {"ctype": "a", "offsets": "|".join("0" * 101), "values": "|".join("0" * 101),
         "segment_infos": [{"id": "s", "start": 0, "end": 1}] * 100}, "segment_infos",
         "segment_infos times the number of offsets must be at most 10000 (MAX_LIST_ITEMS)"),
        ("get_url", {}, "output", "output is required"),
        ("str_to_list", {"obj": ["a"]}, "obj", "obj must be a string"),
        ("str_list_to_objs", {"infos": 5}, "infos", "infos must be an array"),
        ("objs_to_str_list", {"outputs": ["a"]}, "outputs[0]", "outputs[0] must be an object"),
        ("objs_to_str_list", {"outputs": [{}]}, "outputs[0].output", "outputs[0].output is required"),
        ("add_text_style", {"text": "a"}, "keyword", "keyword is required"),
    ],
)  # fmt: skip
def test_bad_input_is_1001_and_names_the_field(
    api: Api, verb: str, sent: dict[str, Any], field: str, sentence: str
) -> None:
    response = api.post(f"{MATE}/{verb}", sent)
    assert response.status_code == 400
    problem = response.json()
    assert (problem["code"], problem["errors"][0]["field"], problem["detail"]) == (1001, field, sentence)
    chinese = api.post(f"{MATE}/{verb}", sent, **{"Accept-Language": "zh-CN"}).json()["detail"]
    assert field in chinese
    assert chinese != sentence


def test_failures_are_http_200_when_that_is_set(api: Api, settings: Settings) -> None:
    settings.CAPCUT_MATE_ALWAYS_200 = True
    response = api.post(f"{MATE}/get_url", {}, **{"Accept-Language": "zh"})
    assert response.status_code == 200
    assert response.json() == {"code": 1001, "message": "参数校验失败(output是必填项)"}


def test_success_speaks_the_language_of_the_request(api: Api) -> None:
    response = api.post(f"{MATE}/get_url/", {"output": "a"}, **{"Accept-Language": "zh"})
    assert response.content.decode() == '{"code":0,"message":"成功","output":"a"}'


def test_rendering_says_what_to_do_instead(api: Api) -> None:
    for verb in ("gen_video", "gen_video_status"):
        response = api.post(f"{MATE}/{verb}", {"draft_url": "x"})
        assert (response.status_code, response.json()["code"]) == (501, 3009)
        assert "export it in JianYing" in response.json()["hint"]
    response = api.get(f"{MATE}/gen_video_active_count")
    assert response.json() == {"code": 0, "message": "Success", "count": 0}


@pytest.mark.parametrize("verb", ["timelines", "get_url", "add_text_style"])
def test_other_methods_and_bodies_are_refused(client: Client, api: Api, verb: str) -> None:
    response = api.get(f"{MATE}/{verb}")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    response = client.post(f"{MATE}/{verb}", "[]", "application/json")
    assert response.json()["detail"] == "The body must be a JSON object"
    assert client.post(f"{MATE}/{verb}", "{}", "text/plain").status_code == 415


def test_random_parts_fill_the_duration_and_differ(api: Api) -> None:
    drawn = [ok(api, "timelines", duration=10_000_000, num=5, start=100, type=1)["timelines"] for _ in range(20)]
    for parts in drawn:
        assert len(parts) == 5
        assert (parts[0]["start"], parts[-1]["end"]) == (100, 10_000_100)
    assert len({json.dumps(parts) for parts in drawn}) == 20


whole = st.integers(-WIDE, WIDE)


@given(duration=st.integers(0, WIDE), num=st.integers(-5, 300), start=whole)
def test_parts_are_consecutive_and_none_is_empty_where_there_is_room(duration: int, num: int, start: int) -> None:
    for cut in (infos.equal_parts, infos.random_parts):
        parts = cut(duration=duration, num=num, start=start)
        assert len(parts) == max(num, 0)
        if parts:
            assert parts[0]["start"] == start
            assert parts[-1]["end"] == start + duration
            assert all(before["end"] == after["start"] for before, after in pairwise(parts))
            assert all(part["start"] <= part["end"] for part in parts)
            assert duration < num or all(part["start"] < part["end"] for part in parts)


@given(text=st.text("ab😀|", max_size=30), keyword=st.text("ab😀|", max_size=10))
def test_styles_part_the_text_without_a_gap(text: str, keyword: str) -> None:
    found = styles(text=text, keyword=keyword)
    ranges = [item[0] for item in found]
    assert [at for span in ranges for at in span][1:-1:2] == [at for span in ranges for at in span][2::2]
    assert not text or (ranges[0][0], ranges[-1][1]) == (0, len(text))
    words = [word for word in keyword.split("|") if word.strip()]
    for (start, end), _, _, highlighted in found:
        assert start < end
        part = text[start:end]
        assert part in words if highlighted else not any(word in part for word in words)


@given(
    urls=st.lists(st.text(max_size=5), max_size=5),
    spans=st.lists(st.fixed_dictionaries({"start": whole, "end": whole}), max_size=5),
    strengths=st.none() | st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5),
)
def test_lists_are_cut_to_the_shortest(
    urls: list[str], spans: list[dict[str, int]], strengths: list[float] | None
) -> None:
    shortest = min(len(urls), len(spans))
    for items in (
        infos.audio_infos(timelines=spans, mp3_urls=urls),
        infos.video_infos(timelines=spans, video_urls=urls),
        infos.imgs_infos(timelines=spans, imgs=urls, in_animation="a|b"),
        infos.caption_infos(timelines=spans, texts=urls, keywords=urls[:2]),
        infos.effect_infos(timelines=spans, effects=urls),
    ):
        assert [(item["start"], item["end"]) for item in items] == [
            (span["start"], span["end"]) for span in spans[:shortest]
        ]
        assert json.loads(infos.json_string(items)) == items
    filters = infos.filter_infos(timelines=spans, filters=urls, intensities=strengths)
    assert len(filters) == (shortest if strengths is None else min(shortest, len(strengths)))
    assert all(0 <= item["intensity"] <= 100 for item in filters)
