"""The lists of the capcut-mate surface: counts, order and fields as the reference has them (contract 7.15 to 7.20)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.checks import run_checks
from pytest_django import Settings

from tests.support import MATE, Api

SNAPSHOT = Path(__file__).parent.parent / "docs" / "openapi.yaml"
OPERATIONS = yaml.load(SNAPSHOT.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["paths"]  # noqa: S506 - a safe loader, either one

TEXT = {"in": (145, 78, 67), "out": (97, 46, 51), "loop": (93, 52, 41)}
IMAGE = {"in": (155, 117, 38), "out": (124, 103, 21), "loop": (123, 16, 107)}


def listed(api: Api, verb: str, field: str, **body: Any) -> list[dict[str, Any]]:
    response = api.post(f"{MATE}/{verb}", body)
    assert response.status_code == 200, response.content
    assert list(response.json()) == ["code", "message", field]
    return list(response.json()[field])


@pytest.mark.parametrize(("verb", "counts"), [("get_text_animations", TEXT), ("get_image_animations", IMAGE)])
def test_animations_by_type_and_mode(api: Api, verb: str, counts: dict[str, tuple[int, int, int]]) -> None:
    for name, expected in counts.items():
        found = [listed(api, verb, "effects", mode=mode, type=name) for mode in (0, 1, 2)]
        assert tuple(map(len, found)) == expected
        assert {item["type"] for item in found[0]} == {name}
    everything = listed(api, verb, "effects")
    assert [item["type"] for item in everything] == [name for name in counts for _ in range(counts[name][0])]
    assert everything == listed(api, verb, "effects", mode="0", type=None)


def test_an_animation_has_the_fields_of_the_reference(api: Api) -> None:
    first = listed(api, "get_text_animations", "effects")[0]
    assert list(first.items()) == [
        ("resource_id", "7078181271393800711"),
        ("type", "in"),
        ("category_id", "ruchang"),
        ("category_name", "入场"),
        ("duration", 500_000),
        ("id", "1643884"),
        ("name", "冲屏位移"),
        ("request_id", ""),
        ("start", 0),
        ("icon_url", ""),
        ("material_type", "sticker"),
        ("panel", ""),
        ("path", ""),
        ("platform", "all"),
    ]
    last = listed(api, "get_image_animations", "effects", type="loop")[0]
    assert (last["category_id"], last["category_name"]) == ("pic_xunhuan", "图片循环")


@pytest.mark.parametrize(
    ("verb", "field", "counts", "first"),
    [
        ("get_filters", "filters", (1052, 802, 250), {
            "name": "1980", "is_vip": False, "resource_id": "7127828208690433311",
            "effect_id": "7127828208690433311", "has_params": False,
        }),
        ("get_effects", "effects", (1097, 462, 635), {
            "name": "1998", "is_vip": False, "resource_id": "6981791065204331044", "effect_id": "1183068",
            "icon_url": "", "has_params": True,
        }),
        ("get_text_effects", "text_effects", (1440, 1348, 92), {
            "id": "7539407429763796249", "title": "红黄火焰综艺花字", "is_vip": True,
        }),
    ],
)  # fmt: skip
def test_lists_by_mode(api: Api, verb: str, field: str, counts: tuple[int, int, int], first: dict[str, Any]) -> None:
    found = [listed(api, verb, field, mode=mode) for mode in (0, 1, 2)]
    assert tuple(map(len, found)) == counts
    assert listed(api, verb, field) == found[0]
    assert list(found[0][0].items()) == list(first.items())
    assert all(item["is_vip"] for item in found[1])
    assert not any(item["is_vip"] for item in found[2])


@pytest.mark.parametrize(
    ("verb", "body", "code", "detail"),
    [
        ("get_text_animations", {"mode": 3}, 2029, "mode must be 0 (all), 1 (VIP) or 2 (free)"),
        ("get_text_animations", {"mode": None}, 2029, "mode must be 0 (all), 1 (VIP) or 2 (free)"),
        ("get_image_animations", {"mode": -1}, 2033, "mode must be 0 (all), 1 (VIP) or 2 (free)"),
        ("get_image_animations", {"mode": "x"}, 1001, "mode must be a whole number"),
        ("get_image_animations", {"type": "group"}, 1001, "type must be one of in, out, loop"),
        ("get_filters", {"mode": 3}, 1001, "mode must be less than or equal to 2"),
        ("get_filters", {"mode": None}, 2040, "mode must be 0 (all), 1 (VIP) or 2 (free)"),
        ("get_effects", {"mode": None}, 2041, "mode must be 0 (all), 1 (VIP) or 2 (free)"),
        ("get_text_effects", {"mode": None}, 2040, "mode must be 0 (all), 1 (VIP) or 2 (free)"),
        ("get_text_effects", {"mode": 1.5}, 1001, "mode must be a whole number"),
        ("search_sticker", {}, 1001, "keyword is required"),
        ("search_sticker", {"keyword": 1}, 1001, "keyword must be a string"),
    ],
)
def test_bad_modes_have_the_codes_of_the_reference(
    api: Api, verb: str, body: dict[str, Any], code: int, detail: str
) -> None:
    response = api.post(f"{MATE}/{verb}", body)
    assert (response.status_code, response.json()["code"], response.json()["detail"]) == (400, code, detail)
    assert response.json()["errors"][0]["field"] in {"mode", "type", "keyword"}


def sticker(number: int, title: str) -> dict[str, Any]:
    return {"sticker_id": str(number), "title": title, "sticker": {"sticker_type": 1}}


def test_no_stickers_come_with_the_product(api: Api) -> None:
    assert listed(api, "search_sticker", "data", keyword="人") == []


def test_stickers_come_from_the_operators_file(api: Api, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "stickers.json"
    stickers = [sticker(number, f"人物 {number}") for number in range(60)]
    path.write_text(json.dumps([{**stickers[0], "more": 1}, *stickers[1:], sticker(99, "Dog")]))
    settings.STICKER_CATALOGUE = str(path)
    assert run_checks() == []
    assert listed(api, "search_sticker", "data", keyword="人") == stickers[:50]
    assert listed(api, "search_sticker", "data", keyword="dOG ") == [sticker(99, "Dog")]
    assert listed(api, "search_sticker", "data", keyword="猫") == []
    assert listed(api, "search_sticker", "data", keyword="") == []
    path.write_text(json.dumps([sticker(1, "猫")]))
    os.utime(path, (1, 1))
    assert listed(api, "search_sticker", "data", keyword="猫") == [sticker(1, "猫")]


@pytest.mark.parametrize("content", [None, "{", "{}", "[1]", '[{"title": "a"}]'])
def test_a_sticker_file_that_cannot_be_used_is_told_to_the_operator(
    api: Api, settings: Settings, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "stickers.json"
    if content is not None:
        path.write_text(content)
    settings.STICKER_CATALOGUE = str(path)
    [error] = run_checks()
    assert error.id == "drafts.E003"
    assert error.msg.startswith(f"STICKER_CATALOGUE {path} cannot be used: ")
    response = api.post(f"{MATE}/search_sticker", {"keyword": "人"})
    assert (response.status_code, response.json()["code"]) == (503, 3007)
    assert "STICKER_CATALOGUE" in response.json()["hint"]
    assert str(tmp_path) not in response.content.decode()


def test_the_kinds_are_counted(api: Api) -> None:
    kinds = api.get("/api/v1/catalogue/").json()
    assert len(kinds) == 17
    assert kinds[0] == {
        "kind": "scene_effects",
        "count": 1097,
        "vip": 462,
        "url": "http://testserver/api/v1/catalogue/scene_effects",
    }
    assert sum(kind["count"] for kind in kinds) == 6214
    for kind in kinds:
        assert api.get(kind["url"].removeprefix("http://testserver")).json()["count"] == kind["count"]


def test_the_catalogue_is_searched(api: Api) -> None:
    assert api.get("/api/v1/catalogue/scene_effects?q=70S").json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "closest": [],
        "results": [
            {
                "kind": "scene_effects",
                "name": "70s",
                "identifier": "_70s",
                "resource_id": "6706773500792689165",
                "effect_id": "634717",
                "is_vip": False,
                "duration": None,
                "is_overlap": None,
                "resource_type": None,
                "aspect_ratio": None,
                "params": [{"name": "effects_adjust_speed", "default": 0.33, "min": 0.0, "max": 1.0}],
            }
        ],
    }
    [heart] = api.get("/api/v1/catalogue/masks?q=爱心").json()["results"]
    assert (heart["resource_type"], heart["aspect_ratio"]) == ("geometric_shape", 1.115)
    [cut] = api.get("/api/v1/catalogue/transitions?q=3d空间").json()["results"]
    assert (cut["duration"], cut["is_overlap"]) == (1_500_000, True)
    missed = api.get("/api/v1/catalogue/transitions?q=叠华").json()
    assert (missed["count"], missed["results"], missed["closest"]) == (0, [], ["叠加", "叠化"])


@pytest.mark.parametrize(("vip", "count"), [("true", 802), ("false", 250)])
def test_the_catalogue_by_vip(api: Api, vip: str, count: int) -> None:
    reply = api.get(f"/api/v1/catalogue/filters?vip={vip}").json()
    assert reply["count"] == count
    assert len(reply["results"]) == 50
    assert {entry["is_vip"] for entry in reply["results"]} == {vip == "true"}


def test_pages_lead_to_each_other_and_miss_nothing(api: Api) -> None:
    names: list[str] = []
    path = "/api/v1/catalogue/audio_scene_effects?page_size=40"
    pages = 0
    while path:
        reply = api.get(path).json()
        names += [entry["name"] for entry in reply["results"]]
        path = (reply["next"] or "").removeprefix("http://testserver")
        pages += 1
    assert pages == 3
    assert len(set(names)) == len(names) == 85
    assert reply["previous"] == "http://testserver/api/v1/catalogue/audio_scene_effects?page=2&page_size=40"
    beyond = api.get("/api/v1/catalogue/masks?page=99").json()
    assert (beyond["count"], beyond["results"], beyond["next"]) == (6, [], None)


@pytest.mark.parametrize("path", ["/api/v1/catalogue", "/api/v1/catalogue/fonts?q=a&page_size=5"])
def test_a_client_that_has_the_list_gets_304(api: Api, path: str) -> None:
    first = api.get(path)
    again = api.get(path, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert api.get(path, **{"If-None-Match": '"other"'}).status_code == 200
    assert api.get("/api/v1/catalogue/fonts?q=b")["ETag"] != first["ETag"]


def test_an_unknown_kind_is_404_and_names_the_kinds(api: Api) -> None:
    response = api.get("/api/v1/catalogue/effects")
    assert (response.status_code, response.json()["code"]) == (404, 1002)
    assert response.json()["detail"].startswith(
        "There is no such kind; there are scene_effects, character_effects, fil"
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("page=0", "page must be greater than or equal to 1"),
        ("page=x", "page must be a whole number"),
        ("page=", "page must be a whole number"),
        ("vip=", "vip must not be empty"),
        ("page_size=201", "page_size must be less than or equal to 200"),
        ("vip=maybe", "vip must be true or false"),
        ("vip=1", "vip must be true or false"),
        ("q=" + "a" * 201, "q must have at most 200 characters (MAX_NAME_LENGTH)"),
        ("q=%00", "q must not contain NUL"),
    ],
)
def test_bad_queries_are_refused(api: Api, query: str, sentence: str) -> None:
    response = api.get(f"/api/v1/catalogue/masks?{query}")
    assert (response.status_code, response.json()["code"], response.json()["detail"]) == (400, 1001, sentence)


EXAMPLES = [
    *("timelines", "audio_infos", "video_infos", "imgs_infos", "caption_infos", "effect_infos", "filter_infos"),
    *("keyframes_infos", "get_url", "str_to_list", "str_list_to_objs", "objs_to_str_list", "add_text_style"),
    *("get_text_animations", "get_image_animations", "get_filters", "get_effects", "get_text_effects"),
    "search_sticker",
]


@pytest.mark.parametrize("verb", EXAMPLES)
def test_the_example_of_the_description_is_what_the_server_answers(api: Api, verb: str) -> None:
    """Lists are shown by their first entry."""
    operation = OPERATIONS[f"{MATE}/{verb}"]["post"]
    sent = operation["requestBody"]["content"]["application/json"]["examples"]["Example"]["value"]
    shown = operation["responses"]["200"]["content"]["application/json"]["examples"]["Example"]["value"]
    answered = api.post(f"{MATE}/{verb}", sent).json()
    if verb.startswith("get_") and verb != "get_url":
        answered = {name: value[:1] if isinstance(value, list) else value for name, value in answered.items()}
    assert answered == shown
