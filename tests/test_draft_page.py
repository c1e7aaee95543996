"""The page behind a draft_url, and what programs get from the same address."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.http.response import HttpResponse
from pytest_django import Settings

from drafts.access.refusals import recent_refusals
from drafts.api.draft_page import FILES_SHOWN
from drafts.media import thumbnails
from drafts.models import Draft
from tests.harness import wait_for
from tests.support import MATE, SAMPLES, Api, body_of, path_of, zip_of

GET_DRAFT = f"{MATE}/get_draft"
BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0",
}
MODERN = {**BROWSER, "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
ON_PLAIN_HTTP = {**BROWSER, "Upgrade-Insecure-Requests": "1"}  # Sec-Fetch-* is sent to https and localhost only
CHROME_91 = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.124"
JSON_FIRST = "application/json, text/plain, */*"
PROGRAMS = {
    "desktop client": {
        "User-Agent": CHROME_91,
        "Accept": JSON_FIRST,
        "Accept-Encoding": "gzip, compress, deflate, br",
        "Connection": "keep-alive",
    },
    "render worker": {
        "User-Agent": CHROME_91.replace("91", "120"),
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
    },
    "curl": {"User-Agent": "curl/8.14.1", "Accept": "*/*"},
    "requests": {"User-Agent": "python-requests/2.32.5", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"},
    "n8n": {"User-Agent": "axios/1.12.0", "Accept": "application/json,text/html,application/xhtml+xml,*/*;q=0.9"},
    "Coze": {"User-Agent": "Go-http-client/1.1", "Content-Type": "application/json", "Accept-Encoding": "gzip"},
    "a browser's fetch()": {**BROWSER, "Accept": "*/*", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"},
    "an Accept that was copied": BROWSER,
    "nothing": {},
}
HOSTILE = "</script><script>alert(1)</script><b>\"'&"


@pytest.fixture
def draft(api: Api) -> dict[str, Any]:
    """A sample, imported: version 1."""
    return api.imported(SAMPLES / "s01_basic")


def opened(api: Api, url: str, *, status: int = 200, **headers: str) -> str:
    """The page that a browser shows."""
    response: HttpResponse = api.get(url, **MODERN, **headers)
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    return response.content.decode()


def said(page: str) -> str:
    """The words on a page, without the picture."""
    return " ".join(re.sub(r"<svg.*?</svg>|<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL).split())


@pytest.mark.parametrize("client", PROGRAMS)
@pytest.mark.parametrize("path", [GET_DRAFT, "/v1/get_draft"])
def test_programs_get_the_same_bytes_as_ever(api: Api, draft: dict[str, Any], client: str, path: str) -> None:
    api.get(f"{path}?draft_id={draft['id']}", **MODERN)
    response = api.get(f"{path}?draft_id={draft['id']}", **PROGRAMS[client])
    names = ["draft_content.json", "draft_info.json", "draft_meta_info.json", "draft_agency_config.json"]
    names += ["attachment_pc_common.json", "assets/audios/music.mp3", "assets/images/tall.png"]
    names += ["assets/images/wide.jpg", "assets/videos/clip.mp4"]
    listed = response.json()["files"]
    if path == GET_DRAFT:
        prefix = listed[0].removesuffix("draft_content.json")
        assert re.fullmatch(rf"http://testserver{MATE}/files/w-[0-9a-f]{{28}}/{draft['id']}/", prefix)
        names = [prefix + name for name in names]
    assert response.content == orjson.dumps({"code": 0, "message": "Success", "files": names})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("client", PROGRAMS)
def test_programs_are_refused_as_ever(api: Api, client: str) -> None:
    for query, status in (("", 400), (f"?draft_id={'9' * 32}", 404)):
        response = api.get(GET_DRAFT + query, **PROGRAMS[client])
        assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("path", [GET_DRAFT, f"{GET_DRAFT}/", "/v1/get_draft"])
@pytest.mark.parametrize("headers", [MODERN, ON_PLAIN_HTTP])
def test_a_browser_gets_a_page(api: Api, draft: dict[str, Any], path: str, headers: dict[str, str]) -> None:
    response = api.get(f"{path}?draft_id={draft['id']}", **headers)
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<h1>s01_basic</h1>" in response.content.decode()
    head = api.client.head(f"{path}?draft_id={draft['id']}", headers=headers)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("headers", [MODERN, {}])
def test_caches_keep_page_and_list_apart(api: Api, draft: dict[str, Any], headers: dict[str, str]) -> None:
    for url in (draft["draft_url"], GET_DRAFT, f"{GET_DRAFT}?draft_id={'9' * 32}"):
        vary = {name.strip().lower() for name in api.get(url, **headers)["Vary"].split(",")}
        assert vary >= {"sec-fetch-dest", "upgrade-insecure-requests"}


def test_the_page_tells_what_the_draft_is(api: Api, draft: dict[str, Any]) -> None:
    text = said(opened(api, draft["draft_url"]))
    saved = Draft.objects.get().head
    assert saved
    assert f"Version 1, saved {saved.created_at:%Y-%m-%d %H:%M} UTC ." in text
    for fact in ("Duration 0:10.0", "Canvas 1280 × 720", "Files 4"):
        assert fact in text
    for file in ("clip.mp4 assets/videos/ Video · 162.3 KB", "music.mp3 assets/audios/ Sound · 47.3 KB"):
        assert file in text
    assert "missing" not in text


def test_the_page_shows_the_timeline(api: Api, draft: dict[str, Any]) -> None:
    page = opened(api, draft["draft_url"])
    assert 'aria-label="Timeline 10 s, 3 tracks, 8 segments"' in page
    assert ">Second caption</text>" in page


def test_work_that_no_version_holds_is_told(api: Api, draft: dict[str, Any]) -> None:
    empty = api.create()
    assert "Not saved" not in said(opened(api, draft["draft_url"]))
    assert re.search(r"Last edited [-0-9: ]+ UTC , not saved as a version yet\.", said(opened(api, empty["draft_url"])))
    api.put_content(draft["id"], {**api.content(draft["id"]), "duration": 11_000_000})
    text = said(opened(api, draft["draft_url"]))
    assert "Version 1, saved" in text
    assert re.search(r"Changed [-0-9: ]+ UTC , not saved as a version yet\.", text)
    api.post(f"/api/v1/drafts/{draft['id']}/save", {"author": "Wang Fang", "note": "客户确认版"})
    text = said(opened(api, draft["draft_url"]))
    assert re.search(r"Version 2, saved [-0-9: ]+ UTC by Wang Fang: “客户确认版”\.", text)


def test_an_empty_draft_has_a_page(api: Api) -> None:
    text = said(opened(api, api.create()["draft_url"]))
    assert "Untitled draft" in text
    assert "Duration 0:00.0 Canvas 1920 × 1080 Files 0 Size 2.4 KB" in text.replace("\xa0", " ")
    assert "There are no media files in it yet." in text


def test_a_version_is_shown_as_it_was(api: Api, draft: dict[str, Any]) -> None:
    api.put_content(draft["id"], {**api.content(draft["id"]), "duration": 11_000_000})
    api.delete(f"/api/v1/drafts/{draft['id']}/files/assets/images/tall.png")
    api.save(draft["id"])
    newest, first = (said(opened(api, f"{draft['draft_url']}{query}")) for query in ("", "&version=1"))
    assert "Duration 0:11.0" in newest
    assert "Files 3" in newest
    assert "Media that are missing" in newest
    assert "Duration 0:10.0" in first
    assert "Files 4" in first
    assert "This is version 1 of 2. See the newest" in first
    assert f"{draft['draft_url']}&amp;version=1" in first
    assert "See the newest" not in said(opened(api, f"{draft['draft_url']}&version=2"))
    page = opened(api, f"{draft['draft_url']}&version=1")
    for link in links(page, "download"):
        assert "/files/v1-" in link
        response = api.get(path_of(link))
        body_of(response)
        assert response.status_code == 200
    assert "s01_basic/assets/images/tall.png" in archived(api, links(page, "download")[0])


def archived(api: Api, link: str) -> list[str]:
    """What is in the ZIP behind a link."""
    response = api.get(path_of(link))
    assert response["Content-Disposition"].startswith('attachment; filename="s01_basic.zip"')
    with zipfile.ZipFile(io.BytesIO(body_of(response))) as archive:
        return archive.namelist()


def links(page: str, attribute: str) -> list[str]:
    """The addresses of links with an attribute."""
    return re.findall(rf'<a[^>]*href="([^"]*)"[^>]* {attribute}>', page)


def test_everything_on_it_can_be_fetched(api: Api, draft: dict[str, Any]) -> None:
    page = opened(api, draft["draft_url"])
    found = links(page, "download")
    assert re.fullmatch(rf"http://testserver{MATE}/files/w-[0-9a-f]{{28}}/{draft['id']}\.zip", found[0])
    assert [body_of(api.get(path_of(link))) for link in found[1:]] == [
        (SAMPLES / "s01_basic" / "assets" / name).read_bytes()
        for name in ("audios/music.mp3", "images/tall.png", "images/wide.jpg", "videos/clip.mp4")
    ]
    assert set(archived(api, found[0])) > {
        f"s01_basic/{name}" for name in ("draft_content.json", "assets/videos/clip.mp4")
    }


def test_the_address_to_paste_is_one_that_the_desktop_client_takes(
    api: Api, draft: dict[str, Any], settings: Settings
) -> None:
    hyphened = f"{draft['id'][:8]}-{draft['id'][8:]}"
    settings.PUBLIC_URL = "https://drafts.example.org"
    page = opened(api, f"/v1/get_draft?utm=1&draft_id={hyphened}&lang=zh")
    pasted = f"https://drafts.example.org{GET_DRAFT}?draft_id={hyphened}"
    assert f'<code id="draft-url" tabindex="0">{pasted}</code>' in page
    assert all(hyphened in url for url in api.get(path_of(pasted)).json()["files"])


def test_only_the_first_files_are_listed(api: Api, draft: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert FILES_SHOWN == 200
    monkeypatch.setattr("drafts.api.draft_page.FILES_SHOWN", 3)
    page = opened(api, draft["draft_url"])
    assert "Files 4" in said(page)
    assert "And 1 more; the client and the ZIP bring them all." in said(page)
    assert len(links(page, "download")) == 1 + 3


def test_media_that_are_missing_are_named(api: Api) -> None:
    document = (SAMPLES / "s01_basic" / "draft_content.json").read_bytes()
    response = api.import_zip(zip_of({"x/draft_content.json": document.replace(b"clip.mp4", b"<clip>.mp4")}))
    page = opened(api, response.json()["draft"]["draft_url"])
    text = said(page)
    assert "Media that are missing The draft uses these files, and the server does not have them." in text
    assert "wide.jpg assets/images/" in text
    assert "&lt;clip&gt;.mp4" in page
    assert "<clip>" not in page


@pytest.mark.ffmpeg
def test_a_thumbnail_stands_beside_its_file(api: Api, draft: dict[str, Any]) -> None:
    assert "thumbnail" not in opened(api, draft["draft_url"])
    call_command("drain", verbosity=0)
    thumbnails.want_missing()
    while thumbnails.make_one():
        pass
    shown = re.findall(r'<img src="([^"]*)"', opened(api, draft["draft_url"]))
    paths = ["assets/images/tall.png", "assets/images/wide.jpg", "assets/videos/clip.mp4"]
    prefix = path_of(api.get(draft["draft_url"]).json()["files"][0]).removesuffix("draft_content.json")
    assert shown == [f"{prefix}{path}?thumbnail=1" for path in paths]
    assert all(body_of(api.get(url))[:2] == b"\xff\xd8" for url in shown)


def test_links_of_thumbnails_and_archives_are_signed_too(api: Api, draft: dict[str, Any]) -> None:
    [archive, music, *_] = map(path_of, links(opened(api, draft["draft_url"]), "download"))
    assert api.get(f"{music}?thumbnail=1").json()["detail"] == "Only videos and images have thumbnails"
    for link in (archive, f"{music}?thumbnail=1"):
        token = link.split("/")[5]
        response = api.get(link.replace(token, f"{token[:-1]}g"))
        assert (response.status_code, response.json()["detail"]) == (404, "This file link is not valid")


def test_it_speaks_the_readers_language(api: Api, draft: dict[str, Any], settings: Settings) -> None:
    url = draft["draft_url"]
    chinese = opened(api, url, **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert '<html lang="zh-Hans">' in chinese
    assert "时长 0:10.0 画布 1280 × 720 文件 4" in said(chinese)
    assert 'aria-label="时间线' in chinese
    assert '<html lang="en">' in opened(api, url, **{"Accept-Language": "ja"})
    settings.CAPCUT_MATE_LANGUAGE = "zh"
    assert '<html lang="zh-Hans">' in opened(api, url, **{"Accept-Language": "ja"})
    [switch] = re.findall(r'<a href="([^"]*)" lang="en"', chinese)
    assert switch == f"?draft_id={draft['id']}&amp;lang=en"
    assert '<html lang="en">' in opened(api, f"{url}&lang=en", **{"Accept-Language": "zh"})


def test_names_and_notes_stay_words(api: Api) -> None:
    made = api.post("/api/v1/drafts", {"name": HOSTILE}).json()
    document = api.content(made["id"])
    document["tracks"][0]["name"] = HOSTILE
    api.put_content(made["id"], document)
    api.post(f"/api/v1/drafts/{made['id']}/save", {"author": HOSTILE, "note": HOSTILE})
    page = opened(api, made["draft_url"])
    assert page.count("&lt;script&gt;alert(1)") >= 4
    assert "<script>" not in page


def test_no_script_or_style_from_elsewhere_can_run(api: Api, draft: dict[str, Any]) -> None:
    response = api.get(draft["draft_url"], **MODERN)
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in response["Content-Security-Policy"]
    page = response.content.decode()
    assert re.findall("<script[^>]*>", page) == ['<script src="/static/drafts/page.js" defer>']
    assert not re.search(r'\s(?:on\w+|style)="', page)
    assert "noindex" in page


@pytest.mark.parametrize(
    ("query", "status", "heading", "zh"),
    [
        ("", 400, "This link is not complete", "这个链接不完整"),
        ("?draft_id=abc", 400, "This link is not complete", "这个链接不完整"),
        ("?draft_id=" + "%3Cb%3E" * 8, 400, "This link is not complete", "这个链接不完整"),
        ("?draft_id=" + "9" * 32, 404, "Draft does not exist", "草稿不存在"),
    ],
)
@pytest.mark.parametrize("always_200", [False, True])
def test_a_link_that_leads_nowhere_has_a_page_of_its_own(
    api: Api, settings: Settings, query: str, status: int, heading: str, zh: str, always_200: bool
) -> None:
    settings.CAPCUT_MATE_ALWAYS_200 = always_200
    page = opened(api, GET_DRAFT + query, status=status)
    assert f"<h1>{heading}</h1>" in page
    assert f"<h1>{zh}</h1>" in opened(api, GET_DRAFT + query, status=status, **{"Accept-Language": "zh"})
    response = api.get(GET_DRAFT + query, **MODERN)
    assert response["Cache-Control"] == "no-store"
    assert response["X-Request-ID"] in response.content.decode()
    assert "<b>" not in page


def test_a_refusal_that_a_person_saw_is_found_by_its_number(noted: None, api: Api) -> None:
    response = api.get(f"{GET_DRAFT}?draft_id={'9' * 32}", **MODERN)
    wait_for(lambda: bool(recent_refusals(words=response["X-Request-ID"])), "the note")
    [refusal] = recent_refusals(words=response["X-Request-ID"]) or []
    assert (refusal.status, refusal.code, refusal.sentence) == (404, 2001, "Draft does not exist")


def test_a_draft_in_the_trash_is_a_404_page(api: Api, draft: dict[str, Any]) -> None:
    api.delete(f"/api/v1/drafts/{draft['id']}")
    text = said(opened(api, draft["draft_url"], status=404))
    assert "Draft does not exist It may have been removed" in text
    assert "in the trash since" in text


def test_a_version_that_does_not_exist_leads_to_the_newest(api: Api, draft: dict[str, Any]) -> None:
    page = opened(api, f"{draft['draft_url']}&version=7", status=404)
    assert "Version 7 does not exist The draft is there, but not this version of it." in said(page)
    assert f'<a href="?draft_id={draft["id"]}">See the newest</a>' in page
    assert "This link is not complete" in opened(api, f"{draft['draft_url']}&version=x", status=400)


def test_a_fault_has_a_page_that_tells_nothing_of_the_inside(
    api: Api, draft: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(**_: Any) -> None:
        raise RuntimeError("SELECT secret FROM /srv/secret.py")

    monkeypatch.setattr("drafts.api.draft_page.get_overview", fall)
    text = said(opened(api, draft["draft_url"], status=500))
    assert "This cannot be shown now Tell whoever runs the server the number below." in text
    assert "secret" not in text


def test_only_reading_is_answered_with_pages(api: Api) -> None:
    response = api.client.post(GET_DRAFT, headers=MODERN)
    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
    assert response["Allow"] == "GET, HEAD"
