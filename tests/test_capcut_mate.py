"""The capcut-mate surface: create, save and get a draft, word by word as documented."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from drafts.core.models import Maintenance
from drafts.models import Draft, DraftVersion
from tests.refusals import refused, remains
from tests.support import MATE, MEDIA, Api

ID = "202611210341125f0c1d2e3a4b5c6d7e"
ZH = {"Accept-Language": "zh-CN,zh;q=0.9"}
URL = f"http://testserver{MATE}/get_draft?draft_id="


@pytest.fixture
def made(api: Api) -> dict[str, Any]:
    """A fresh draft."""
    return api.create(width=1280, height=720)


def nothing_but(api: Api, body: Any, **headers: str) -> Any:
    """``save_draft`` of something that is refused, and leaves nothing behind."""
    before = remains()
    response = api.post(f"{MATE}/save_draft", body, **headers)
    assert remains() == before
    return response


def test_create_draft_answers_with_exactly_these_fields(api: Api) -> None:
    body = api.post(f"{MATE}/create_draft", {"width": 1280, "height": 720}).json()
    assert list(body) == ["code", "message", "draft_url", "tip_url", "draft_id"]
    assert (body["code"], body["message"]) == (0, "Success")
    assert body["draft_url"] == URL + body["draft_id"]
    assert body["tip_url"] == "http://testserver/"
    assert len(body["draft_id"]) == 32
    assert body["draft_id"][:14].isdecimal()
    draft = Draft.objects.get(pk=body["draft_id"])
    assert (draft.width, draft.height, draft.fps, draft.revision, draft.head) == (1280, 720, 30.0, 1, None)


def test_create_draft_of_an_empty_object_is_full_hd(api: Api) -> None:
    content = api.content(api.create()["draft_id"])
    assert content["canvas_config"]["width"] == 1920
    assert content["canvas_config"]["height"] == 1080
    assert [track["type"] for track in content["tracks"]] == ["video"]
    assert DraftVersion.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field", "en", "zh"),
    [
        ({"width": 0}, "width", "width must be greater than or equal to 1", "width必须大于等于1"),
        ({"height": -5}, "height", "height must be greater than or equal to 1", "height必须大于等于1"),
        ({"width": 32769}, "width", "width must be less than or equal to 32768", "width必须小于等于32768"),
        ({"width": 5.5}, "width", "width must be a whole number", "width必须是整数"),
        ({"width": "5.5"}, "width", "width must be a whole number", "width必须是整数"),
        ({"width": "wide"}, "width", "width must be a whole number", "width必须是整数"),
        ({"width": True}, "width", "width must be a whole number", "width必须是整数"),
        ({"width": [5]}, "width", "width must be a whole number", "width必须是整数"),
        ({"width": None}, "width", "width must not be null", "width不能为null"),
        ({"height": "9" * 1001}, "height", "height is out of range", "height超出范围"),
    ],
)
def test_a_canvas_out_of_range_is_refused_in_both_languages(
    api: Api, body: dict[str, Any], field: str, en: str, zh: str
) -> None:
    before = remains()
    problem = refused(api.post(f"{MATE}/create_draft", body), 400, 1001, en)
    assert problem["message"] == f"Parameter validation failed({en})"
    assert [error["field"] for error in problem["errors"]] == [field]
    problem = refused(api.post(f"{MATE}/create_draft", body, **ZH), 400, 1001, zh)
    assert problem["message"] == f"参数校验失败({zh})"
    assert remains() == before


@pytest.mark.parametrize("width", [5, 5.0, "5", "5.0", " 5 ", 1, 32768])
def test_whole_numbers_are_taken_in_every_spelling(api: Api, width: Any) -> None:
    made = api.create(width=width, unknown={"field": "ignored"})
    assert Draft.objects.get(pk=made["draft_id"]).width == int(float(width))


def test_both_sides_out_of_range_are_both_reported(api: Api) -> None:
    problem = refused(api.post(f"{MATE}/create_draft", {"width": 0, "height": 0}), 400, 1001)
    assert [error["field"] for error in problem["errors"]] == ["width", "height"]


@pytest.mark.parametrize("path", ["create_draft", "save_draft"])
def test_an_empty_body_is_refused(api: Api, path: str) -> None:
    response = api.client.post(f"{MATE}/{path}", b"", "application/json")
    assert refused(response, 400, 1001)["errors"][0]["field"] == "body"


@pytest.mark.parametrize(
    ("value", "code", "en", "zh"),
    [
        (None, 2001, "draft_url is required", "draft_url是必填项"),
        ("", 2001, "draft_url is required", "draft_url是必填项"),
        (5, 1001, "Invalid draft_url format", "draft_url格式无效"),
        (["x"], 1001, "Invalid draft_url format", "draft_url格式无效"),
        (False, 1001, "Invalid draft_url format", "draft_url格式无效"),
        ("http://[::1", 2001, "Invalid draft_url format", "draft_url格式无效"),
        ("http://h/x?draft_id=", 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"http://h/x?draft_id=%20{ID}", 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f" {ID}", 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"draft_id={ID}", 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"http://h/x?Draft_Id={ID}", 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"http://h/x#?draft_id={ID}", 2001, "Invalid draft_url format", "draft_url格式无效"),
        # a match of bad shape is an error, not a reason to try the next form
        (f"http://h/{ID}.json?draft_id=short", 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"http://h/x?draft_id=&draftId={ID}.json", 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"http://h/{ID}.json?draftId={ID}", 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"http://h{MATE}/files/w-0/short/{ID}.json", 2001, "Invalid draft_url format", "draft_url格式无效"),
        ("../../../../etc/passwd/0000", 2001, "Invalid draft_url format", "draft_url格式无效"),
        ("http://h/x?draft_id=" + "é" * 24, 2001, "Invalid draft_url format", "draft_url格式无效"),
        (ID + "-" * 40, 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"http://h/x?draft_id={ID}&x=" + "y" * 9000, 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"{ID}\0", 2001, "Invalid draft_url format", "draft_url格式无效"),
        (f"http://h/x?draft_id={ID}&version=7", 2001, "draft_url names a version", "draft_url指向一个历史版本"),
    ],
)
def test_a_draft_url_that_names_no_draft_is_refused(api: Api, value: Any, code: int, en: str, zh: str) -> None:
    body = {} if value is None else {"draft_url": value}
    refused(nothing_but(api, body), 400, code, en)
    refused(nothing_but(api, body, **ZH), 400, code, zh)


def test_a_null_draft_url_is_a_missing_one(api: Api) -> None:
    refused(nothing_but(api, {"draft_url": None}), 400, 2001, "draft_url is required")


def test_the_hint_shows_the_right_form_of_a_draft_url(api: Api) -> None:
    hint = refused(nothing_but(api, {"draft_url": "nonsense"}), 400, 2001)["hint"]
    assert "https://HOST/openapi/capcut-mate/v1/get_draft?draft_id=ID" in hint


def forms(draft_id: str) -> dict[str, str]:
    """Every way to name a draft."""
    return {
        "our own": URL + draft_id,
        "any host": f"https://elsewhere.example/x?token=zz&draft_id={draft_id}&draft_id=other",
        "query alone": f"?draft_id={draft_id}",
        "query before fragment": f"http://h/x?draft_id={draft_id}#?draftId=nonsense",
        "drafId in the query": f"http://h/x?drafId={draft_id}.json",
        "draftId in the query": f"http://h/x?draftId=folder/{draft_id}.json",
        "draftId in the fragment": f"http://h/#/page?draftId=https://h/d/{draft_id}.json",
        "drafId in the fragment": f"http://h/#drafId={draft_id}.json",
        "our file URL": f"http://h{MATE}/files/w-00000123456789/{draft_id}/draft_content.json",
        "json path": f"https://h/drafts/{draft_id}.json",
        "bare": draft_id,
        "hyphenated": str(uuid.UUID(draft_id)),
        "hyphenated in a URL": f"http://h/x?draft_id={uuid.UUID(draft_id)}",
    }


@pytest.mark.parametrize("form", sorted(forms(ID)))
def test_every_form_of_a_draft_url_is_understood_and_echoed_unchanged(
    api: Api, made: dict[str, Any], form: str
) -> None:
    value = forms(made["draft_id"])[form]
    body = api.save(value).json()
    assert list(body) == ["code", "message", "draft_url", "version", "changed", "state"]
    assert list(body.values()) == [0, "Success", value, 1, True, "pending"]


def test_ids_of_20_and_of_32_characters_are_looked_for_and_others_are_not(api: Api) -> None:
    for length, detail in [(19, "length"), (20, ""), (32, ""), (33, "length")]:
        response = api.get(f"{MATE}/get_draft?draft_id={'a' * length}")
        if detail:
            refused(response, 400, 1001, "Invalid draft_id length")
        else:
            refused(response, 404, 2001, "Draft does not exist")


@pytest.mark.parametrize("path", [f"{MATE}/get_draft", "/v1/get_draft"])
@pytest.mark.parametrize(
    ("query", "status", "code", "en", "zh"),
    [
        ("", 400, 1001, "draft_id is required", "draft_id是必填项"),
        ("?draft_id=", 400, 1001, "draft_id is required", "draft_id是必填项"),
        ("?draft_id=short", 400, 1001, "Invalid draft_id length", "draft_id长度无效"),
        ("?draft_id=!", 400, 1001, "Invalid draft_id length", "draft_id长度无效"),
        (f"?draft_id={'a' * 33}", 400, 1001, "Invalid draft_id length", "draft_id长度无效"),
        (f"?draft_id={ID}{'-' * 33}", 400, 1001, "Invalid draft_id length", "draft_id长度无效"),
        ("?draft_id=../../../../../etc/passwd", 400, 1001, "Invalid draft_id format", "draft_id格式无效"),
        (f"?draft_id=%20{ID[:-1]}", 400, 1001, "Invalid draft_id format", "draft_id格式无效"),
        (f"?draft_id={ID[:-1]}%00", 400, 1001, "Invalid draft_id format", "draft_id格式无效"),
        (f"?draft_id={'%E4%B8%AD' * 24}", 400, 1001, "Invalid draft_id format", "draft_id格式无效"),
        (f"?draft_id={ID}&version=0", 400, 1001, "version must be a whole number from 1", None),
        (f"?draft_id={ID}&version=99999999999999999999", 400, 1001, None, None),
        (f"?draft_id={ID}", 404, 2001, "Draft does not exist", "草稿不存在"),
    ],
)
def test_a_draft_id_is_judged_in_the_documented_order(
    api: Api, path: str, query: str, status: int, code: int, en: str | None, zh: str | None
) -> None:
    refused(api.get(path + query), status, code, en)
    refused(api.get(path + query, **ZH), status, code, zh)


def test_the_first_draft_id_of_a_query_counts(api: Api, made: dict[str, Any]) -> None:
    response = api.get(f"{MATE}/get_draft?draft_id={made['draft_id']}&draft_id={ID}")
    assert response.json()["files"][0].endswith(f"/{made['draft_id']}/draft_content.json")


def test_a_get_with_a_json_content_type_and_no_body_is_fine(api: Api, made: dict[str, Any]) -> None:
    response = api.get(made["draft_url"], **{"Content-Type": "application/json"})
    assert response.status_code == 200


def test_get_draft_lists_urls_with_the_document_first_and_the_id_as_spelled(api: Api, made: dict[str, Any]) -> None:
    draft_id = made["draft_id"]
    api.put(f"/api/v1/drafts/{draft_id}/files/assets/images/logo.png", (MEDIA / "logo.png").read_bytes())
    for spelling in (draft_id, str(uuid.UUID(draft_id))):
        files = api.get(f"{MATE}/get_draft?draft_id={spelling}").json()["files"]
        prefix, _, name = files[0].partition(f"/{spelling}/")
        assert prefix.startswith(f"http://testserver{MATE}/files/w-")
        assert name == "draft_content.json"
        assert [url.removeprefix(f"{prefix}/{spelling}/") for url in files] == [
            *("draft_content.json", "draft_info.json", "draft_meta_info.json"),
            *("draft_agency_config.json", "attachment_pc_common.json", "assets/images/logo.png"),
        ]


def test_the_short_path_lists_names_inside_the_folder(api: Api, made: dict[str, Any]) -> None:
    body = api.get(f"/v1/get_draft?draft_id={made['draft_id']}").json()
    assert list(body) == ["code", "message", "files"]
    assert body["files"][0] == "draft_content.json"
    assert all("://" not in name for name in body["files"])


def test_get_draft_lists_a_version_that_it_is_asked_for(api: Api, made: dict[str, Any]) -> None:
    draft_id = made["draft_id"]
    path = f"/api/v1/drafts/{draft_id}/files/assets/images/logo.png"
    api.put(path, (MEDIA / "logo.png").read_bytes())
    api.save(made["draft_url"])
    api.delete(path)
    past = api.get(f"{made['draft_url']}&version=1").json()["files"]
    assert [url for url in past if not url.endswith(".json")] == [url for url in past if "/v1-" in url][-1:]
    assert not any(url.endswith(".png") for url in api.get(made["draft_url"]).json()["files"])
    refused(api.get(f"{made['draft_url']}&version=2"), 404, 1002, "Version 2 does not exist")


def test_an_unchanged_save_answers_with_the_head_and_writes_nothing(api: Api, made: dict[str, Any]) -> None:
    assert api.save(made["draft_url"]).json()["changed"] is True
    before = remains()
    body = api.save(made["draft_url"]).json()
    assert (body["version"], body["changed"], body["state"]) == (1, False, "pending")
    assert remains() == before


def test_a_note_makes_a_version_of_an_unchanged_draft_and_author_is_kept(api: Api, made: dict[str, Any]) -> None:
    api.save(made["draft_url"])
    body = api.save(made["draft_url"], note="first cut", author="Ann").json()
    assert (body["version"], body["changed"]) == (2, True)
    version = DraftVersion.objects.get(draft_id=made["draft_id"], number=2)
    assert (version.note, version.author, version.origin) == ("first cut", "Ann", "save")


def test_without_an_author_the_version_knows_the_caller(api: Api, made: dict[str, Any]) -> None:
    response = api.post(
        f"{MATE}/save_draft",
        {"draft_url": made["draft_url"], "note": None, "author": ""},
        **{"User-Agent": "Coze/1.0", "X-Request-ID": "5" * 32},
    )
    assert response.json()["version"] == 1
    version = DraftVersion.objects.get()
    assert (version.author, version.address) == ("", "127.0.0.1")
    assert (version.user_agent, version.request_id) == ("Coze/1.0", "5" * 32)


@pytest.mark.parametrize(
    ("field", "value", "rule", "detail"),
    [
        ("note", "n" * 201, "max_length", "note must have at most 200 characters (MAX_NAME_LENGTH)"),
        ("author", "a\0b", "null_characters_not_allowed", "author must not contain NUL"),
        ("note", 5, "invalid", "note must be a string"),
        ("note", False, "invalid", "note must be a string"),
        ("author", ["Ann"], "invalid", "author must be a string"),
    ],
)
def test_a_bad_note_or_author_is_refused(
    api: Api, made: dict[str, Any], field: str, value: Any, rule: str, detail: str
) -> None:
    response = nothing_but(api, {"draft_url": made["draft_url"], field: value})
    refused(response, 400, 1001, detail, rule=rule)


def test_the_draft_url_is_judged_before_the_other_fields(api: Api) -> None:
    refused(nothing_but(api, {"draft_url": "x", "note": 5}), 400, 2001, "Invalid draft_url format")
    refused(nothing_but(api, {"draft_url": ID, "note": 5}), 400, 1001, "note must be a string")


def test_a_link_to_another_host_is_told_apart(api: Api) -> None:
    problem = refused(nothing_but(api, {"draft_url": f"https://other.example:99/x?draft_id={ID}"}), 404, 2001)
    assert problem["detail"] == "Draft does not exist"
    assert problem["hint"] == "This link names host other.example:99, this server is testserver."
    for url in (URL + ID, URL.upper().replace("DRAFT_ID", "draft_id") + ID, ID):
        hint = refused(nothing_but(api, {"draft_url": url}), 404, 2001)["hint"]
        assert hint == "Check the draft id, or create a draft with create_draft."


def test_a_draft_in_the_trash_is_gone_but_says_since_when(api: Api, made: dict[str, Any]) -> None:
    moment = timezone.now()
    Draft.objects.filter(pk=made["draft_id"]).update(deleted_at=moment)
    for response in (nothing_but(api, {"draft_url": made["draft_url"]}), api.get(made["draft_url"])):
        hint = refused(response, 404, 2001, "Draft does not exist")["hint"]
        assert f"in the trash since {moment:%Y-%m-%d %H:%M:%S} UTC" in hint


@pytest.mark.parametrize(
    ("service", "method", "path", "en", "zh"),
    [
        ("views.create_draft", "post", "create_draft", "Draft creation failed", "草稿创建失败"),
        ("views.save_draft", "post", "save_draft", "Save failed", "保存失败"),
        ("get_draft.file_names", "get", "get_draft", "Failed to get file list", "获取文件列表失败"),
    ],
)
def test_what_is_unforeseen_says_only_the_documented_sentence(
    api: Api,
    made: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    method: str,
    path: str,
    en: str,
    zh: str,
) -> None:
    def fall(**_: Any) -> None:
        raise RuntimeError("SELECT secret FROM /srv/secret/path.py <html>")

    monkeypatch.setattr(f"drafts.api.capcut_mate.{service}", fall)
    before = remains()
    for headers, sentence, label in (({}, en, "Internal server error"), (ZH, zh, "系统内部错误")):
        target = f"{MATE}/{path}"
        if method == "get":
            response = api.get(f"{target}?draft_id={made['draft_id']}", **headers)
        else:
            response = api.post(target, {"draft_url": made["draft_url"]}, **headers)
        problem = refused(response, 500, 9998, sentence)
        assert problem["message"] == f"{label}({sentence})"
        assert "secret" not in response.content.decode()
    assert remains() == before


def test_in_maintenance_writes_answer_503_and_reads_go_on(api: Api, made: dict[str, Any]) -> None:
    Maintenance.objects.create(reason="Moving house.")
    from drafts.core import gate

    gate.state(fresh=True)
    for path, body in (("create_draft", {}), ("save_draft", {"draft_url": made["draft_url"]})):
        before = remains()
        response = api.post(f"{MATE}/{path}", body)
        assert refused(response, 503, 3007, "Service unavailable")["hint"].endswith("Moving house.")
        assert response["Retry-After"] == "10"
        refused(api.post(f"{MATE}/{path}", body, **ZH), 503, 3007, "服务不可用")
        assert remains() == before
    assert api.get(made["draft_url"]).status_code == 200


def test_always_200_answers_as_the_original_does(api: Api, settings: Settings) -> None:
    settings.CAPCUT_MATE_ALWAYS_200 = True
    for response, code, message in [
        (api.post(f"{MATE}/save_draft", {}), 2001, "Invalid draft_url format(draft_url is required)"),
        (api.get(f"{MATE}/get_draft?draft_id={ID}"), 2001, "Draft does not exist"),
        (api.get("/v1/get_draft"), 1001, "Parameter validation failed(draft_id is required)"),
        (api.get(f"{MATE}/create_draft"), 405, "This method is not allowed here"),
        (api.get(f"{MATE}/no_such_route"), 404, "There is nothing at this address"),
    ]:
        assert response.status_code == 200
        assert response.json() == {"code": code, "message": message}
    refused(api.get(f"/api/v1/drafts/{ID}"), 404, 2001)
    refused(api.get(f"{MATE}/files/w-1/{ID}/draft_content.json"), 404, 1002)
