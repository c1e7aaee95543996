"""What is the same on every surface: languages, trace ids, methods, slashes, hosts, conditions, log lines."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from drafts.api.pages import BROWSER_HEADERS
from tests.refusals import refused, remains
from tests.support import MATE, Api

ID = "202611210341125f0c1d2e3a4b5c6d7e"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
EVERY_GET = ["/", "/v1/get_draft", f"{MATE}/get_draft", "/api/v1/drafts", "/healthz", "/readyz", "/api/docs"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        *[("", "en"), ("*", "en"), ("ja", "en"), ("fr,en", "en"), ("en", "en"), ("EN-us", "en")],
        *[("en-US;q=0.9", "en"), ("en;q=0.9", "en"), ("de, en;q=0.4, zh;q=0.2", "en"), ("zh;q=0", "en")],
        *[("zh", "zh"), ("ZH", "zh"), ("zh-TW", "zh"), ("zh_CN", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh")],
        *[("en;q=0.5, zh;q=0.9", "zh"), ("fr, zh-Hans", "zh"), ("zh-Hant-HK", "zh")],
        *[("x" * 5000, "en"), (",;=,", "en"), ("zh" + ",fr" * 1000, "zh"), ("é", "en")],
    ],
)
def test_accept_language_decides_the_language(api: Api, header: str, language: str) -> None:
    response = api.get("/v1/get_draft", **{"Accept-Language": header})
    sentence = {"en": "draft_id is required", "zh": "draft_id是必填项"}[language]
    refused(response, 400, 1001, sentence)


def test_without_a_wish_the_server_s_own_language_counts(api: Api, settings: Settings) -> None:
    settings.CAPCUT_MATE_LANGUAGE = "zh"
    refused(api.get("/v1/get_draft"), 400, 1001, "draft_id是必填项")
    refused(api.get("/v1/get_draft", **{"Accept-Language": "ja"}), 400, 1001, "draft_id是必填项")
    refused(api.get("/v1/get_draft", **{"Accept-Language": "en"}), 400, 1001, "draft_id is required")
    assert api.post(f"{MATE}/create_draft").json()["message"] == "成功"


@pytest.mark.parametrize("path", [*EVERY_GET, "/metrics", "/nowhere", f"{MATE}/save_draft"])
def test_every_reply_has_trace_and_request_id(api: Api, path: str) -> None:
    response = api.get(path)
    match = re.fullmatch(r"00-([0-9a-f]{32})-([0-9a-f]{16})-01", response["traceparent"])
    assert match
    assert response["X-Request-ID"] == match[1]
    assert api.get(path)["X-Request-ID"] != match[1]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"traceparent": f"00-{TRACE}-{SPAN}-01"}, TRACE),
        ({"traceparent": f"ff-{TRACE.upper()}-{SPAN}-zz", "X-Request-ID": "5" * 32}, TRACE),
        ({"traceparent": f"00-{'0' * 32}-{SPAN}-01", "X-Request-ID": "5" * 32}, "5" * 32),
        ({"traceparent": f"00-{TRACE}-{SPAN}", "X-Request-ID": "5" * 32}, "5" * 32),
        ({"traceparent": "nonsense", "X-Trace-Id": "6" * 32}, "6" * 32),
        ({"X-Request-ID": "5" * 32, "X-Trace-Id": "6" * 32}, "5" * 32),
        ({"X-Request-ID": "4BF92F35-77B3-4DA6-A3CE-929D0E0E4736"}, TRACE),
        ({"X-Request-ID": " order 66 "}, hashlib.sha256(b"order 66").hexdigest()[:32]),
    ],
)
def test_the_client_s_trace_id_is_taken_over(api: Api, headers: dict[str, str], expected: str) -> None:
    response = api.get("/v1/get_draft", **headers)
    assert response["X-Request-ID"] == expected
    assert response["traceparent"].split("-")[1] == expected
    assert response["traceparent"].split("-")[2] != SPAN


def test_every_path_answers_with_and_without_a_slash_and_never_by_a_redirect(api: Api) -> None:
    draft_id = api.create()["draft_id"]
    api.save(draft_id)
    base = f"/api/v1/drafts/{draft_id}"
    paths = [*EVERY_GET[1:], "/metrics", "/api/openapi.yaml", base]
    paths += [f"{base}/{name}" for name in ("content", "files", "versions", "integrity", "archive.zip", "versions/1")]
    paths += [f"{base}/versions/1/{name}" for name in ("content", "files", "archive.zip")]
    for path in paths:
        query = f"?draft_id={draft_id}"
        with_slash, without = api.get(f"{path}/{query}"), api.get(path + query)
        assert (with_slash.status_code, without.status_code) == (200, 200), path
        assert with_slash["Content-Type"] == without["Content-Type"]
    for path in (f"{MATE}/create_draft/", "/api/v1/drafts/"):
        assert api.post(path).status_code in {200, 201}


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api/v1/nothing", f"{MATE}/add_nothing", "/v1/get_draft%0A", "/%00", "/%ff"]
)
def test_an_unknown_path_is_a_problem_object(api: Api, path: str) -> None:
    response = api.get(path)
    refused(response, 404, 404, "There is nothing at this address")
    refused(api.get(path, **{"Accept-Language": "zh"}), 404, 404, "该地址不存在")


@pytest.mark.parametrize("header", [{"Sec-Fetch-Dest": "document"}, {"Upgrade-Insecure-Requests": "1"}])
def test_an_unknown_path_is_a_page_for_a_person(api: Api, header: dict[str, str]) -> None:
    page = api.get("/nowhere/", **header)
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing at this address" in page.content.decode()
    assert "该地址不存在" in api.get("/nowhere", **header, **{"Accept-Language": "zh"}).content.decode()
    for path in ("/api/v1/nothing", f"{MATE}/add_nothing", "/v1/nothing"):
        refused(api.get(path, **header), 404, 404, "There is nothing at this address")
    for reply in (page, api.get("/nowhere")):
        assert "Upgrade-Insecure-Requests" in reply["Vary"]


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        (f"{MATE}/create_draft", "GET", "POST"),
        (f"{MATE}/save_draft", "HEAD", "POST"),
        (f"{MATE}/create_draft", "OPTIONS", "POST"),
        (f"{MATE}/get_draft", "POST", "GET, HEAD"),
        ("/v1/get_draft", "DELETE", "GET, HEAD"),
        ("/api/v1/drafts", "PUT", "GET, POST, HEAD"),
        (f"/api/v1/drafts/{ID}", "POST", "GET, PATCH, DELETE, HEAD"),
        (f"/api/v1/drafts/{ID}/content", "OPTIONS", "GET, PUT, HEAD"),
        (f"/api/v1/drafts/{ID}/content", "PROPFIND", "GET, PUT, HEAD"),
        (f"{MATE}/files/w-1/{ID}/a.json", "PUT", "GET, HEAD"),
        ("/", "POST", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(api: Api, path: str, method: str, allow: str) -> None:
    response = api.client.generic(method, path)
    assert response.status_code == 405
    assert response["Allow"] == allow
    if method != "HEAD":
        refused(response, 405, 405, "This method is not allowed here")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"])
def test_another_media_type_is_415_and_names_the_right_one(api: Api, kind: str) -> None:
    before = remains()
    for path in (f"{MATE}/create_draft", f"{MATE}/save_draft", "/api/v1/drafts"):
        problem = refused(api.client.post(path, b"{}", kind), 415, 415, "Unsupported media type")
        assert problem["hint"] == "Send Content-Type: application/json."
    assert remains() == before


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/vnd.x+json", ""])
def test_these_media_types_are_json(api: Api, kind: str) -> None:
    assert api.client.post(f"{MATE}/create_draft", b"{}", kind).status_code == 200


def test_head_answers_like_get_without_a_body(api: Api) -> None:
    made = api.create()
    for path in (made["draft_url"], f"/api/v1/drafts/{made['draft_id']}", "/api/v1/drafts", "/", "/healthz"):
        got, head = api.get(path), api.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Length"] == got["Content-Length"] == str(len(got.content))
        assert head["Content-Type"] == got["Content-Type"]


@pytest.mark.parametrize("path", [*EVERY_GET, "/metrics", "/nowhere"])
def test_every_reply_says_its_length(api: Api, path: str) -> None:
    response = api.get(path)
    assert response["Content-Length"] == str(len(response.content))


def test_an_unknown_host_is_refused_with_the_setting_s_name(api: Api) -> None:
    for host in ("evil.example", "[::1", "a b", "testserver:http"):
        response = Client(raise_request_exception=False).get("/v1/get_draft", headers={"Host": host})
        problem = refused(response, 400, 1001, "Unknown host")
        assert "ALLOWED_HOSTS" in problem["hint"]
        assert response["Content-Length"] == str(len(response.content))


def test_probes_answer_whatever_the_host(api: Api) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert api.get(path, Host="10.1.2.3:30000").status_code == 200


def test_links_follow_the_request_s_host_or_else_public_url(api: Api, settings: Settings) -> None:
    made = api.create()
    here = api.get(made["draft_url"], Host="localhost:8123").json()["files"][0]
    assert here.startswith(f"http://localhost:8123{MATE}/files/")
    settings.PUBLIC_URL = "https://drafts.example.org/capcut"
    created = api.create()
    assert created["draft_url"] == f"https://drafts.example.org/capcut{MATE}/get_draft?draft_id={created['draft_id']}"
    assert created["tip_url"] == "https://drafts.example.org/capcut/"
    there = api.get(f"{MATE}/get_draft?draft_id={made['draft_id']}").json()["files"][0]
    assert there == "https://drafts.example.org/capcut" + here.removeprefix("http://localhost:8123")
    listed = api.get("/api/v1/drafts?page_size=1").json()
    assert listed["next"].startswith("https://drafts.example.org/capcut/api/v1/drafts?")
    missing = api.save(f"https://drafts.example.org/x?draft_id={ID}")
    assert refused(missing, 404, 2001)["hint"].startswith("Check the draft id")


def test_json_has_an_etag_that_the_language_changes_and_answers_304(api: Api) -> None:
    url = api.create()["draft_url"]
    first = api.get(url)
    assert (first["Cache-Control"], first["Vary"]) == ("no-cache", f"{BROWSER_HEADERS}, origin, Accept-Language")
    for tag in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again = api.get(url, **{"If-None-Match": tag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert (again["Vary"], again["Cache-Control"]) == (first["Vary"], "no-cache")
        assert "Content-Length" not in again.headers
    assert api.get(url, **{"If-None-Match": '"other", garbage'}).status_code == 200
    assert api.get(url, **{"Accept-Language": "zh"})["ETag"] != first["ETag"]


def test_conditions_that_do_not_apply_are_ignored_or_refused_properly(api: Api) -> None:
    url = api.create()["draft_url"]
    assert api.get(url, **{"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}).status_code == 200
    assert api.get(url, **{"If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"}).status_code == 200
    assert api.get(url, Range="bytes=0-3").status_code == 200
    refused(api.get(url, **{"If-Match": '"other"'}), 412, 3001)
    assert api.get(url, **{"If-Match": "*"}).status_code == 200


def test_a_304_keeps_what_a_browser_on_another_origin_needs(api: Api, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://n8n.example.org"]
    url = api.create()["draft_url"]
    origin = {"Origin": "https://n8n.example.org"}
    first = api.get(url, **origin)
    again = api.get(url, **origin, **{"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again["Access-Control-Allow-Origin"] == "https://n8n.example.org"
    expected = {"origin", "accept-language", "sec-fetch-dest", "upgrade-insecure-requests"}
    assert {name.strip().lower() for name in again["Vary"].split(",")} == expected


@pytest.mark.parametrize("always_200", [False, True])
def test_saving_a_draft_that_is_gone_again_and_again_logs_one_line(
    api: Api, settings: Settings, caplog: pytest.LogCaptureFixture, always_200: bool
) -> None:
    settings.CAPCUT_MATE_ALWAYS_200 = always_200
    for _ in range(20):
        assert api.save(ID).json()["code"] == 2001
    [line] = [record.msg for record in caplog.records if record.name == "drafts.access"]
    assert isinstance(line, dict)
    assert (line["method"], line["path"]) == ("POST", f"{MATE}/save_draft")
    assert re.fullmatch("[0-9a-f]{32}", line["request_id"])


def test_methods_that_nobody_knows_share_one_metric(api: Api) -> None:
    for name in ("BREW", "WHEN"):
        api.client.generic(name, "/v1/get_draft")
    text = api.get("/metrics").content.decode()
    assert 'method="other"' in text
    assert "BREW" not in text


def test_a_fault_outside_of_any_view_is_a_problem_object_too(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: Any) -> None:
        raise RuntimeError("SELECT secret FROM /srv/secret.py")

    monkeypatch.setattr("drafts.api.pages.render", fall)
    refused(api.get("/"), 500, 9998, "Internal server error")
