"""Drafts in and out as ZIP."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import StreamingHttpResponse

from drafts.document import skeleton
from drafts.document.paths import TOKEN
from drafts.models import Draft, DraftFile, DraftVersion
from tests.refusals import refused, remains
from tests.support import MATE, MEDIA, SAMPLES, Api, body_of, zip_folder, zip_of

DRAFTS = "/api/v1/drafts"
ID = "202611210341125f0c1d2e3a4b5c6d7e"
LOGO = (MEDIA / "logo.png").read_bytes()
TALL = (MEDIA / "tall.png").read_bytes()
SAMPLE = SAMPLES / "s01_basic"


def document(*media: str, **changes: Any) -> bytes:
    """A draft document with a video material for each path."""
    made: dict[str, Any] = skeleton.fresh(width=1280, height=720)
    made["materials"]["videos"] = [{"id": f"M{index}", "path": path} for index, path in enumerate(media)]
    return json.dumps({**made, **changes}).encode()


def unzipped(response: Any) -> dict[str, bytes]:
    """Names and bytes of a ZIP reply."""
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(body_of(response))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def media_of(draft_id: str) -> list[str]:
    """Paths of the working manifest."""
    rows = DraftFile.objects.filter(draft_id=draft_id, removed_in__isnull=True)
    return list(rows.order_by("path").values_list("path", flat=True))


def material_paths(api: Api, draft_id: str) -> list[str]:
    """Paths in the working document."""
    return [item["path"] for item in api.content(draft_id)["materials"]["videos"]]


def test_an_import_answers_with_the_draft_and_what_is_missing(api: Api) -> None:
    data = zip_of({"My trip/draft_content.json": document("C:/x/gone.mp4", ""), "My trip/logo.png": LOGO})
    response = api.import_zip(data)
    assert response.status_code == 201
    body = response.json()
    assert list(body) == ["draft", "missing_media"]
    assert (body["draft"]["name"], body["draft"]["head"], body["draft"]["revision"]) == ("My trip", 1, 1)
    assert body["missing_media"] == [{"path": "C:/x/gone.mp4", "material_id": "M0"}]
    assert media_of(body["draft"]["id"]) == ["logo.png"]
    assert DraftVersion.objects.get().origin == "import"
    assert material_paths(api, body["draft"]["id"]) == ["C:/x/gone.mp4", ""]


@pytest.mark.parametrize("top", ["", "one", "one/two", "one/two/three"])
def test_the_folder_may_lie_up_to_three_deep(api: Api, top: str) -> None:
    body = api.import_zip(zip_folder(SAMPLE, top=top)).json()
    assert body["missing_media"] == []
    assert body["draft"]["name"] == (top.rpartition("/")[2] or json.loads(meta_of_sample())["draft_name"])
    assert "assets/videos/clip.mp4" in media_of(body["draft"]["id"])


def meta_of_sample() -> str:
    """The sample's own meta file."""
    return (SAMPLE / "draft_meta_info.json").read_text()


def test_a_multipart_field_is_as_good_as_a_raw_body(api: Api) -> None:
    upload = SimpleUploadedFile("x.zip", zip_folder(SAMPLE), "application/zip")
    response = api.client.post(f"{DRAFTS}/import", {"archive": upload, "note": "ignored"})
    assert response.status_code == 201
    assert "assets/videos/clip.mp4" in media_of(response.json()["draft"]["id"])


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ({"a/b/c/d/draft_content.json": b""}, "depth"),
        ({"a/draft_content.json": b"", "b/draft_info.json": b""}, "one_draft"),
        ({"a/readme.txt": b"", "logo.png": LOGO}, "draft"),
        ({}, "draft"),
    ],
)
def test_a_zip_without_exactly_one_draft_is_refused(api: Api, files: dict[str, bytes], rule: str) -> None:
    before = remains()
    refused(api.import_zip(zip_of(files)), 400, 1001, rule=rule)
    assert remains() == before


def test_names_from_windows_and_china_are_read_and_made_safe(api: Api) -> None:
    body = api.import_zip(without_utf8_flag(("假期\\draft_content.json", "假期\\素材\\片头.png"))).json()
    assert body["draft"]["name"] == "假期"
    [path] = media_of(body["draft"]["id"])
    assert path.isascii()
    assert path.endswith(".png")
    assert material_paths(api, body["draft"]["id"]) == [f"{TOKEN}/{path}"]
    assert body["missing_media"] == []


def without_utf8_flag(names: tuple[str, str]) -> bytes:
    """A ZIP whose names are GB18030 bytes, as Explorer on a Chinese Windows writes them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for index, name in enumerate(names):
            archive.writestr(
                f"{index}" * len(name.encode("gb18030")), document(f"D:\\Jianying\\{names[1]}") if index == 0 else LOGO
            )
    data = buffer.getvalue()
    for index, name in enumerate(names):
        raw = name.encode("gb18030")
        data = data.replace(f"{index}".encode() * len(raw), raw)
    return data


def test_litter_of_operating_systems_and_apps_is_not_kept(api: Api) -> None:
    litter = ["__MACOSX/t/._logo.png", "t/.DS_Store", "t/sub/Thumbs.db", "t/a.json.bak", "t/template-2.tmp"]
    litter += ["t/root_meta_info.json", "t/draft_meta_info.json", "t/Timelines/project.json"]
    data = {"t/draft_content.json": document(), "t/logo.png": LOGO, **dict.fromkeys(litter, b"{}")}
    draft = api.import_zip(zip_of(data)).json()["draft"]
    assert (draft["name"], media_of(draft["id"])) == ("t", ["logo.png"])


def test_the_main_timeline_wins_over_the_root_documents(api: Api) -> None:
    files = {
        "t/draft_content.json": document(duration=1),
        "t/draft_info.json": document(duration=2),
        "t/Timelines/project.json": b'{"main_timeline_id": "A-1"}',
        "t/Timelines/A-1/draft_info.json": document(duration=3),
    }
    assert api.import_zip(zip_of(files)).json()["draft"]["duration"] == 3
    del files["t/Timelines/project.json"]
    assert api.import_zip(zip_of(files)).json()["draft"]["duration"] == 2


def test_an_import_into_a_draft_freezes_its_work_and_replaces_it(api: Api) -> None:
    draft_id = api.create()["draft_id"]
    api.put(f"{DRAFTS}/{draft_id}/files/old.png", TALL)
    work = api.get(f"{DRAFTS}/{draft_id}/content").content
    data = zip_of({"t/draft_content.json": document("t/logo.png", duration=7), "t/logo.png": LOGO})
    refused(api.import_zip(data, into=draft_id, **{"If-Match": '"r1"'}), 412, 3001)
    assert media_of(draft_id) == ["old.png"]
    body = api.import_zip(data, into=draft_id, **{"If-Match": '"r2"'}).json()
    assert (body["draft"]["id"], body["draft"]["duration"], body["draft"]["head"]) == (draft_id, 7, 2)
    assert (body["draft"]["name"], body["draft"]["revision"]) == ("", 3)
    origins = DraftVersion.objects.order_by("number").values_list("origin", "note")
    assert list(origins) == [("auto", "Unsaved work before an import"), ("import", "")]
    assert api.get(f"{DRAFTS}/{draft_id}/versions/1/content").content == work
    assert media_of(draft_id) == ["logo.png"]
    refused(api.import_zip(data, into=ID), 404, 2001)


def test_a_name_that_held_other_bytes_gets_a_new_one_and_the_document_follows(api: Api) -> None:
    draft_id = api.create()["draft_id"]
    api.put(f"{DRAFTS}/{draft_id}/files/assets/logo.png", TALL)
    api.delete(f"{DRAFTS}/{draft_id}/files/assets/logo.png")
    data = zip_of({"draft_content.json": document("assets/logo.png"), "assets/logo.png": LOGO})
    assert api.import_zip(data, into=draft_id).status_code == 201
    [path] = media_of(draft_id)
    assert path.startswith("assets/logo-")
    assert material_paths(api, draft_id) == [f"{TOKEN}/{path}"]
    assert body_of(api.get(f"{DRAFTS}/{draft_id}/files/{path}")) == LOGO


def test_an_archive_streams_one_top_folder_in_token_form(api: Api) -> None:
    draft = api.imported(SAMPLE)
    api.patch(f"{DRAFTS}/{draft['id']}", {"name": '假期: "2026"\x7f'})
    response = api.get(f"{DRAFTS}/{draft['id']}/archive.zip")
    assert isinstance(response, StreamingHttpResponse)
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/zip", "no-store")
    assert response["Content-Disposition"] == (
        f"attachment; filename=\"{draft['id']}.zip\"; filename*=UTF-8''%E5%81%87%E6%9C%9F_%20_2026_.zip"
    )
    files = unzipped(response)
    assert {name.partition("/")[0] for name in files} == {"假期_ _2026_"}
    inside = {name.partition("/")[2]: data for name, data in files.items()}
    assert inside["draft_content.json"] == api.get(f"{DRAFTS}/{draft['id']}/content").content
    assert inside["draft_info.json"] == inside["draft_content.json"]
    assert TOKEN.encode() in inside["draft_content.json"]
    assert b"/app/output/draft/" not in inside["draft_content.json"]
    assert json.loads(inside["draft_meta_info.json"])["draft_name"] == "假期_ _2026_"
    assert inside["assets/videos/clip.mp4"] == (SAMPLE / "assets/videos/clip.mp4").read_bytes()
    listed = api.get(f"/v1/get_draft?draft_id={draft['id']}").json()["files"]
    assert sorted(inside) == sorted(listed)


def test_head_of_an_archive_sends_and_reads_nothing(api: Api) -> None:
    draft = api.imported(SAMPLE)
    response = api.client.head(f"{DRAFTS}/{draft['id']}/archive.zip")
    assert (response.status_code, response["Content-Type"], body_of(response)) == (200, "application/zip", b"")
    assert "Content-Length" not in response.headers


def test_an_archive_goes_round_without_a_change(api: Api) -> None:
    first = api.imported(SAMPLE)
    data = body_of(api.get(f"{DRAFTS}/{first['id']}/archive.zip"))
    second = api.import_zip(data).json()
    assert second["missing_media"] == []
    content = api.get(f"{DRAFTS}/{first['id']}/content").content
    assert api.get(f"{DRAFTS}/{second['draft']['id']}/content").content == content
    assert media_of(second["draft"]["id"]) == media_of(first["id"])


def test_a_version_s_archive_has_that_version(api: Api) -> None:
    draft = api.imported(SAMPLE)
    api.delete(f"{DRAFTS}/{draft['id']}/files/assets/videos/clip.mp4")
    past = unzipped(api.get(f"{DRAFTS}/{draft['id']}/versions/1/archive.zip"))
    now = unzipped(api.get(f"{DRAFTS}/{draft['id']}/archive.zip"))
    clip = "s01_basic/assets/videos/clip.mp4"
    assert (clip in past, clip in now) == (True, False)
    refused(api.get(f"{DRAFTS}/{draft['id']}/versions/2/archive.zip"), 404, 1002)


def test_device_ids_are_emptied_and_blank_links_filled_and_nothing_else(api: Api) -> None:
    original = json.loads(document("logo.png"))
    original["platform"] |= {"device_id": "d", "mac_address": "m", "hard_disk_id": "h"}
    original["materials"]["videos"][0] |= {"local_material_id": "", "own": 2**64 - 1}
    data = zip_of({"draft_content.json": json.dumps(original).encode(), "logo.png": LOGO})
    draft = api.import_zip(data).json()["draft"]
    expected = json.loads(json.dumps(original))
    expected["platform"] |= {"device_id": "", "mac_address": "", "hard_disk_id": ""}
    expected["materials"]["videos"][0] |= {"path": f"{TOKEN}/logo.png", "local_material_id": "M0"}
    assert api.content(draft["id"]) == expected


def test_a_name_out_of_the_meta_file_is_taken_with_care(api: Api) -> None:
    for value, name in (("trip\0\0", "trip"), ("n" * 300, "n" * 200), (5, ""), (None, ""), (["x"], "")):
        meta = json.dumps({"draft_name": value}).encode()
        data = zip_of({"draft_content.json": document(), "draft_meta_info.json": meta})
        assert api.import_zip(data).json()["draft"]["name"] == name
    broken = zip_of({"draft_content.json": document(), "draft_meta_info.json": b"\xff{"})
    assert api.import_zip(broken).json()["draft"]["name"] == ""


def test_an_import_is_got_by_an_old_client_with_its_own_spelling(api: Api) -> None:
    draft = api.imported(SAMPLE)
    spelled = f"{draft['id'][:8]}-{draft['id'][8:]}"
    url = api.get(f"{MATE}/get_draft?draft_id={spelled}").json()["files"][0]
    delivered = body_of(api.get("/" + url.split("/", 3)[3]))
    assert f"/app/output/draft/{spelled}/assets/".encode() in delivered
    assert TOKEN.encode() not in delivered
    assert Draft.objects.count() == 1
