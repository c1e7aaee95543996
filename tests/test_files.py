"""Files and versions on the resource API: put, get in parts, delete, put back, restore."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from drafts.models import Draft, DraftFile, DraftVersion
from drafts.selectors.delivery import microseconds
from tests.refusals import refused, remains
from tests.support import MATE, MEDIA, Api, body_of, path_of

DRAFTS = "/api/v1/drafts"
ID = "202611210341125f0c1d2e3a4b5c6d7e"
FILE_NAMES = ["path", "kind", "size", "sha256", "media_type", "state", "stored_at", "url"]
DERIVED = [
    *("draft_content.json", "draft_info.json", "draft_meta_info.json"),
    *("draft_agency_config.json", "attachment_pc_common.json"),
]
LOGO = (MEDIA / "logo.png").read_bytes()
TALL = (MEDIA / "tall.png").read_bytes()
LOGO_PATH = "assets/images/logo.png"


@pytest.fixture
def base(api: Api) -> str:
    """Path of a fresh draft."""
    return f"{DRAFTS}/{api.create()['draft_id']}"


def sha(data: bytes) -> str:
    """Lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def paths_of(api: Api, where: str) -> list[str]:
    """Media paths of a list of files."""
    return [item["path"] for item in api.get(f"{where}/files").json() if item["path"] not in DERIVED]


def test_an_upload_answers_with_the_file_and_its_hash(api: Api, base: str) -> None:
    response = api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    assert (response.status_code, response["ETag"]) == (201, f'"{sha(LOGO)}"')
    body = response.json()
    assert list(body) == FILE_NAMES
    assert body["url"].startswith(f"http://testserver{MATE}/files/w-")
    assert body["url"].endswith(f"/{base.rpartition('/')[2]}/{LOGO_PATH}")
    assert (body["path"], body["kind"], body["media_type"]) == (LOGO_PATH, "image", "image/png")
    assert (body["size"], body["sha256"], body["state"]) == (len(LOGO), sha(LOGO), "stored")
    assert body["stored_at"].endswith("Z")
    assert body_of(api.get(path_of(body["url"]))) == LOGO
    again = api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    assert (again.status_code, again.json()) == (200, body)
    assert Draft.objects.get().revision == 2


def test_the_list_has_documents_first_and_sizes_of_what_the_urls_give(api: Api, base: str) -> None:
    for path, data in ((LOGO_PATH, LOGO), ("assets/a.srt", b"1"), ("b.JSON", b"{}")):
        assert api.put(f"{base}/files/{path}", data).status_code == 201
    items = api.get(f"{base}/files").json()
    assert [item["path"] for item in items] == [*DERIVED, "assets/a.srt", LOGO_PATH, "b.JSON"]
    assert [item["kind"] for item in items] == ["config"] * 5 + ["subtitle", "image", "config"]
    for item in items:
        assert list(item) == FILE_NAMES
        for url in (path_of(item["url"]), f"{base}/files/{item['path']}"):
            data = body_of(api.get(url))
            assert (len(data), sha(data)) == (item["size"], item["sha256"]), url


def test_a_file_may_be_empty(api: Api, base: str) -> None:
    assert api.put(f"{base}/files/empty.txt", b"", **{"Content-Length": "0"}).status_code == 201
    response = api.get(f"{base}/files/empty.txt")
    assert (response.status_code, body_of(response), response["Content-Length"]) == (200, b"", "0")
    assert api.get(f"{base}/files/empty.txt", Range="bytes=0-").status_code == 416


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [("bytes=0-", 0, None), ("bytes=10-19", 10, 20), ("bytes=-5", -5, None), ("bytes=100-999999", 100, None)],
)
def test_one_range_is_answered_with_206(api: Api, base: str, wanted: str, start: int, stop: int | None) -> None:
    api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    size = len(LOGO)
    response = api.get(f"{base}/files/{LOGO_PATH}", Range=wanted)
    expected = LOGO[start:stop]
    first = start % size
    assert (response.status_code, body_of(response)) == (206, expected)
    assert response["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{size}"
    assert response["Content-Length"] == str(len(expected))
    assert (response["Accept-Ranges"], response["ETag"]) == ("bytes", f'"{sha(LOGO)}"')
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,5-6",
        "bytes=9-5",
        "bytes=-",
        "bytes",
        "items=0-1",
        "bytes=a-b",
        "bytes=" + "9" * 40 + "-",
        "bytes=1-2-3",
    ],
)
def test_what_is_not_one_range_is_ignored(api: Api, base: str, wanted: str) -> None:
    api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    response = api.get(f"{base}/files/{LOGO_PATH}", Range=wanted)
    assert (response.status_code, body_of(response)) == (200, LOGO)
    assert "Content-Range" not in response.headers


def test_a_range_beyond_the_end_is_416_with_the_size_and_is_not_kept(api: Api, base: str) -> None:
    api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    for wanted in (f"bytes={len(LOGO)}-", "bytes=-0", "bytes=999999999999999999-"):
        response = api.get(f"{base}/files/{LOGO_PATH}", Range=wanted)
        refused(response, 416, 416, "The range cannot be satisfied")
        assert response["Content-Range"] == f"bytes */{len(LOGO)}"


def test_if_range_falls_back_to_the_whole_file(api: Api, base: str) -> None:
    api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    tag = f'"{sha(LOGO)}"'
    for condition, status in ((tag, 206), (f"W/{tag}", 200), ('"other"', 200), ("Sat, 01 Jan 2050 00:00:00 GMT", 200)):
        response = api.get(f"{base}/files/{LOGO_PATH}", Range="bytes=5-", **{"If-Range": condition})
        assert response.status_code == status, condition
        body_of(response)


def test_head_and_304_of_a_file_cost_no_body(api: Api, base: str) -> None:
    api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    path = f"{base}/files/{LOGO_PATH}"
    head = api.client.head(path)
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", str(len(LOGO)))
    assert head["Cache-Control"] == "private, max-age=31536000, immutable"
    part = api.client.head(path, headers={"Range": "bytes=1-2"})
    assert (part.status_code, part["Content-Length"]) == (206, "2")
    same = api.get(path, **{"If-None-Match": f'W/"{sha(LOGO)}"', "Range": "bytes=0-"})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", f'"{sha(LOGO)}"')
    assert "Content-Length" not in same.headers
    refused(api.get(path, **{"If-Match": '"other"'}), 412, 3001)


def test_what_may_change_is_not_kept_by_caches_and_no_file_may_run_scripts(api: Api, base: str) -> None:
    api.put(f"{base}/files/settings.JSON", b"{}")
    api.put(f"{base}/files/pic.svg", b"<svg/>")
    assert api.client.head(f"{base}/files/settings.JSON")["Cache-Control"] == "no-cache"
    picture = api.client.head(f"{base}/files/pic.svg")
    assert picture["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert picture["X-Content-Type-Options"] == "nosniff"


def test_other_bytes_under_a_used_media_path_are_a_conflict_for_ever(api: Api, base: str) -> None:
    path = f"{base}/files/{LOGO_PATH}"
    api.put(path, LOGO)
    for same in (path, path.replace("logo", "LOGO")):
        before = remains()
        problem = refused(api.put(same, TALL), 409, 3000, "Other bytes were already stored under this path")
        assert "give the new bytes a new name" in problem["hint"]
        assert remains() == before
    api.post(f"{base}/save")
    assert api.delete(path).status_code == 204
    refused(api.put(path, TALL), 409, 3000)
    assert api.put(path, LOGO).status_code == 201
    assert paths_of(api, base) == [LOGO_PATH]


def test_json_files_may_be_replaced_and_versions_keep_the_old_bytes(api: Api, base: str) -> None:
    api.put(f"{base}/files/extra.json", b"1")
    api.post(f"{base}/save")
    assert api.put(f"{base}/files/extra.json", b"2").status_code == 200
    assert body_of(api.get(f"{base}/files/extra.json")) == b"2"
    assert body_of(api.get(f"{base}/versions/1/files/extra.json")) == b"1"


def test_paths_are_the_same_whatever_the_case(api: Api, base: str) -> None:
    api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    assert api.put(f"{base}/files/Assets/Images/LOGO.png", LOGO).status_code == 200
    assert paths_of(api, base) == ["Assets/Images/LOGO.png"]
    refused(api.get(f"{base}/files/{LOGO_PATH}"), 404, 1002, "The draft has no such file")


def test_a_deleted_file_is_gone_from_the_work_and_stays_in_its_version(api: Api, base: str) -> None:
    path = f"{base}/files/{LOGO_PATH}"
    api.put(path, LOGO)
    api.post(f"{base}/save")
    assert api.delete(path, **{"If-Match": '"r2"'}).status_code == 204
    refused(api.get(path), 404, 1002, "The draft has no such file")
    refused(api.delete(path), 404, 1002, "The draft has no such file")
    assert (paths_of(api, base), paths_of(api, f"{base}/versions/1")) == ([], [LOGO_PATH])
    assert body_of(api.get(f"{base}/versions/1/files/{LOGO_PATH}")) == LOGO
    api.put(path, LOGO)
    assert DraftFile.objects.count() == 1
    assert Draft.objects.get().revision == 4


@pytest.mark.parametrize("name", ["draft_content.json", "DRAFT_INFO.json", "draft_meta_info.json", "Timelines/a.json"])
def test_names_of_the_document_are_reserved(api: Api, base: str, name: str) -> None:
    before = remains()
    refused(api.put(f"{base}/files/{name}", b"{}"), 400, 1001, rule="reserved")
    assert remains() == before
    refused(api.delete(f"{base}/files/{name}"), 404, 1002)


def test_if_match_on_a_file_takes_its_hash_or_the_draft_s_revision(api: Api, base: str) -> None:
    path = f"{base}/files/extra.json"
    api.put(path, b"1", **{"If-Match": '"r1"'})
    before = remains()
    for tag in ('"r1"', f'"{sha(b"2")}"', "garbage"):
        stale = api.put(path, b"3", **{"If-Match": tag})
        refused(stale, 412, 3001)
        assert stale["ETag"] == '"r2"'
        refused(api.delete(path, **{"If-Match": tag}), 412, 3001)
    assert remains() == before
    assert api.put(path, b"2", **{"If-Match": f'"{sha(b"1")}"'}).status_code == 200
    assert api.put(path, b"3", **{"If-Match": 'W/"r3"'}).status_code == 200
    assert api.delete(path, **{"If-Match": "*"}).status_code == 204


def test_uploads_and_downloads_of_a_draft_that_is_not_there_are_404(api: Api) -> None:
    before = remains()
    for draft_id in (ID, "short", "x" * 500):
        refused(api.put(f"{DRAFTS}/{draft_id}/files/a.png", LOGO), 404, 2001)
        refused(api.get(f"{DRAFTS}/{draft_id}/files/a.png"), 404, 2001)
        refused(api.delete(f"{DRAFTS}/{draft_id}/files/a.png"), 404, 2001)
    assert remains() == before


def test_a_link_that_was_tampered_with_opens_nothing(api: Api, base: str) -> None:
    api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    api.post(f"{base}/save")
    draft_id = base.rpartition("/")[2]
    url = path_of(api.get(f"{MATE}/get_draft?draft_id={draft_id}").json()["files"][0])
    token = url.split("/")[5]
    other = api.create()["draft_id"]
    for wrong in (
        *(
            url.replace(token, "v1" + token[1:]),
            url.replace(token, token[:-1] + "g"),
            url.replace(token, token.upper()),
        ),
        *(url.replace(draft_id, other), url.replace(token, "w-1"), url.replace(draft_id, draft_id + "-" * 40)),
    ):
        refused(api.get(wrong), 404, 1002, "This file link is not valid")
    assert api.get(url.replace("draft_content.json", "../x")).status_code == 404
    Draft.objects.filter(pk=draft_id).update(deleted_at=Draft.objects.get(pk=draft_id).created_at)
    refused(api.get(url), 404, 2001, "Draft does not exist")


def saved_twice(api: Api, base: str) -> None:
    """Version 1 has the logo, version 2 the tall picture and another document."""
    api.put(f"{base}/files/{LOGO_PATH}", LOGO)
    api.post(f"{base}/save", {"author": "Ann", "note": "one"})
    api.delete(f"{base}/files/{LOGO_PATH}")
    api.put(f"{base}/files/assets/images/tall.png", TALL)
    draft_id = base.rpartition("/")[2]
    api.put_content(draft_id, {**api.content(draft_id), "duration": 5_000_000})
    api.post(f"{base}/save", {"note": "two"})


def test_versions_are_listed_newest_first_page_by_page(api: Api, base: str) -> None:
    saved_twice(api, base)
    first = api.get(f"{base}/versions?page_size=1").json()
    assert [version["note"] for version in first["results"]] == ["two"]
    second = api.get(first["next"]).json()
    assert ([version["note"] for version in second["results"]], second["next"]) == (["one"], None)
    assert api.get(second["previous"]).json()["results"] == first["results"]
    assert api.get(f"{base}/versions/1").json() == second["results"][0]
    assert second["results"][0]["author"] == "Ann"
    assert [version["file_count"] for version in api.get(f"{base}/versions").json()["results"]] == [1, 1]
    refused(api.get(f"{base}/versions?cursor=x"), 400, 1001, "cursor is not valid")


@pytest.mark.parametrize("number", ["3", "99999", "2147483648", "9999999999"])
def test_a_version_that_does_not_exist_is_404_and_the_newest_is_named(api: Api, base: str, number: str) -> None:
    saved_twice(api, base)
    for name in ("", "/content", "/files", "/files/a.png", "/archive.zip"):
        problem = refused(api.get(f"{base}/versions/{number}{name}"), 404, 1002)
        assert problem["hint"] == "The newest version of this draft is 2."
    refused(api.post(f"{base}/versions/{number}/restore"), 404, 1002)


@pytest.mark.parametrize("number", ["0", "-1", "01", "x", "99999999999", "1.0", "%31%30%30%30%30%30%30%30%30%30%30"])
def test_what_is_no_version_number_is_404(api: Api, base: str, number: str) -> None:
    refused(api.get(f"{base}/versions/{number}"), 404, 404)


def test_a_version_s_document_never_changes(api: Api, base: str) -> None:
    content = api.get(f"{base}/content").content
    saved_twice(api, base)
    response = api.get(f"{base}/versions/1/content")
    assert response.content == content
    assert response["ETag"] == f'"{sha(content)}"'
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert api.get(f"{base}/versions/1/content", **{"If-None-Match": response["ETag"]}).status_code == 304
    assert api.get(f"{base}/versions/1").json()["sha256"] == sha(content)


def test_restore_is_a_new_version_with_the_exact_content_and_files(api: Api, base: str) -> None:
    saved_twice(api, base)
    response = api.client.generic("POST", f"{base}/versions/1/restore")
    body = response.json()
    assert (response.status_code, body["number"], body["origin"]) == (201, 3, "restore")
    assert (body["note"], body["sha256"]) == ("Restored from version 1", api.get(f"{base}/versions/1").json()["sha256"])
    assert api.get(f"{base}/content").content == api.get(f"{base}/versions/1/content").content
    for where in (base, f"{base}/versions/3"):
        assert paths_of(api, where) == [LOGO_PATH]
    assert (paths_of(api, f"{base}/versions/2"), DraftVersion.objects.count()) == (["assets/images/tall.png"], 3)
    refused(api.post(f"{base}/versions/2/restore", {}, **{"If-Match": '"r2"'}), 412, 3001)


def test_restore_keeps_unsaved_work_as_a_version_of_its_own(api: Api, base: str) -> None:
    saved_twice(api, base)
    draft_id = base.rpartition("/")[2]
    work: dict[str, Any] = {**api.content(draft_id), "duration": 9}
    api.put_content(draft_id, work)
    api.put(f"{base}/files/a.srt", b"1")
    body = api.post(f"{base}/versions/1/restore", {"note": "back", "author": "Bo"}).json()
    assert (body["number"], body["note"], body["author"]) == (4, "back", "Bo")
    kept = api.get(f"{base}/versions/3").json()
    assert (kept["origin"], kept["note"]) == ("auto", "Unsaved work before restoring version 1")
    assert api.get(f"{base}/versions/3/content").json() == work
    assert paths_of(api, f"{base}/versions/3") == ["a.srt", "assets/images/tall.png"]
    assert Draft.objects.get().head == DraftVersion.objects.get(number=4)


def test_the_past_is_delivered_under_the_same_local_path(api: Api, base: str) -> None:
    saved_twice(api, base)
    draft_id = base.rpartition("/")[2]
    for number, media in ((1, LOGO_PATH), (2, "assets/images/tall.png")):
        item = api.get(f"{base}/versions/{number}/files").json()[-1]
        assert f"/files/v{number}-" in item["url"]
        assert item["url"].endswith(f"/{draft_id}/{media}")
        assert sha(body_of(api.get(path_of(item["url"])))) == item["sha256"]
    meta = api.get(f"{base}/versions/1/files/draft_meta_info.json").json()
    assert meta["tm_draft_modified"] == microseconds(DraftVersion.objects.get(number=1).created_at)
