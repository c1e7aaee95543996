"""Folders that somebody else has written."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from drafts.document import canonical, importing
from drafts.document.canonical import DocumentError
from drafts.document.importing import MissingMedia
from drafts.document.integrity import check
from drafts.document.paths import TOKEN

from .builders import SAMPLE_NAMES, SAMPLES, clean, sample

PROJECT = "Timelines/project.json"
MAIN = b'{"main_timeline_id":"M"}'


@pytest.mark.parametrize(
    ("names", "project", "chosen"),
    [
        (["draft_content.json"], b"", "draft_content.json"),
        (["draft_content.json", "draft_info.json"], b"", "draft_info.json"),
        ([PROJECT, "Timelines/M/draft_info.json", "draft_info.json"], MAIN, "Timelines/M/draft_info.json"),
        (
            [PROJECT, "Timelines/M/draft_content.json", "draft_info.json"],
            MAIN,
            "Timelines/M/draft_content.json",
        ),
        ([PROJECT, "Timelines/N/draft_info.json", "draft_info.json"], MAIN, "draft_info.json"),
        ([PROJECT, "draft_info.json"], b"encrypted", "draft_info.json"),
        ([PROJECT, "draft_info.json"], b"[]", "draft_info.json"),
        ([PROJECT, "draft_info.json"], b'{"main_timeline_id":7}', "draft_info.json"),
        (["Timelines/M/draft_info.json", "draft_content.json"], b"", "draft_content.json"),
    ],
)
def test_the_document_in_force(names: list[str], project: bytes, chosen: str) -> None:
    assert importing.choose_document(names, lambda name: {PROJECT: project}[name]) == chosen


def test_a_folder_without_a_document() -> None:
    with pytest.raises(DocumentError) as caught:
        importing.choose_document(["assets/a.mp4"], lambda name: b"")
    assert caught.value.reason == "unsupported"


@pytest.mark.parametrize(
    "path",
    [
        "draft_content.json",
        "Draft_Info.json",
        "draft_meta_info.json",
        "draft_agency_config.json",
        "attachment_pc_common.json",
        "template-2.tmp",
        "draft_content.json.bak",
        "root_meta_info.json",
        "root_meta_info.example.json",
        "Timelines/project.json",
        "Timelines\\M\\draft_info.json",
        "__MACOSX/assets/a.mp4",
        ".DS_Store",
        "assets/.DS_Store",
        "assets/Thumbs.db",
        "assets/._a.mp4",
        "assets/.tmp-1/a.mp4",
        "assets/",
    ],
)
def test_files_that_are_not_kept(path: str) -> None:
    assert not importing.kept(path)


@pytest.mark.parametrize("path", ["template.tmp", "assets/videos/a.mp4", "draft_settings", "sub/draft_info.json"])
def test_files_that_are_kept(path: str) -> None:
    assert importing.kept(path)


def normalise(doc: dict[str, Any], present: dict[str, str], **more: Any) -> importing.Normalised:
    return importing.normalise(canonical.dumps(doc), copy.deepcopy(doc), present=present, **more)


def with_path(path: str, name: str = "videos") -> dict[str, Any]:
    item = {"id": "m", "local_material_id": "l", "path": path}
    return {"tracks": [], "materials": {name: [item]}, "canvas_config": {"width": 1, "height": 1}}


PRESENT = {
    "assets/videos/x.mp4": "assets/videos/x.mp4",
    "assets/videos/my clip.mp4": "assets/videos/my_clip-1.mp4",
    "x.mp4": "x.mp4",
    "assets/A/Ä.mp4": "assets/A/_-2.mp4",
}


@pytest.mark.parametrize(
    ("path", "stored"),
    [
        (f"{TOKEN}/assets/videos/my clip.mp4", "assets/videos/my_clip-1.mp4"),
        ("/app/output/draft/20260101000000aaaaaaaa/assets/videos/x.mp4", "assets/videos/x.mp4"),
        ("C:\\Users\\u\\drafts\\demo\\assets\\videos\\x.mp4", "assets/videos/x.mp4"),
        ("/Users/u/Movies/demo/assets/videos/my clip.mp4", "assets/videos/my_clip-1.mp4"),
        ("D:/other/x.mp4", "x.mp4"),
        ("assets/videos/x.mp4", "assets/videos/x.mp4"),
        ("C:/demo/ASSETS/Videos/X.MP4", "assets/videos/x.mp4"),
        ("/m/assets/a/A\u0308.mp4", "assets/A/_-2.mp4"),
    ],
)
def test_paths_of_present_files_take_the_token_form(path: str, stored: str) -> None:
    doc = with_path(path)
    result = normalise(doc, PRESENT)
    assert result.changed
    assert result.missing == ()
    assert result.doc == with_path(f"{TOKEN}/{stored}")
    assert json.loads(result.data) == result.doc


@pytest.mark.parametrize(
    "path", ["C:/demo/y.mp4", f"{TOKEN}/assets/y.mp4", "/app/output/draft/20260101000000aaaaaaaa/y.mp4"]
)
def test_missing_media_stay_and_are_reported(path: str) -> None:
    data = json.dumps(with_path(path), indent=3).encode()
    result = importing.normalise(data, json.loads(data), present=PRESENT)
    assert (result.data, result.changed) == (data, False)
    assert result.missing == (MissingMedia(path, "m"),)


@pytest.mark.parametrize("path", ["", "https://example.com/x.mp4", "HTTP://example.com/x.mp4", "D:", "C:\\"])
def test_urls_and_placeholders_are_no_missing_media(path: str) -> None:
    result = normalise(with_path(path), PRESENT)
    assert (result.changed, result.missing) == (False, ())


def test_the_effect_cache_is_neither_missing_nor_taken_for_media() -> None:
    result = normalise(with_path("C:/Cache/effect/12/x.mp4", "effects"), PRESENT)
    assert (result.changed, result.missing) == (False, ())
    inside = normalise(with_path(f"{TOKEN}/assets/videos/my clip.mp4", "effects"), PRESENT)
    assert inside.doc == with_path(f"{TOKEN}/assets/videos/my_clip-1.mp4", "effects")


def test_known_folders_come_before_suffixes() -> None:
    path = "c:\\Drafts\\Demo\\x.mp4"
    result = normalise(with_path(path, "effects"), PRESENT, folder_prefixes=["C:/drafts/demo", ""])
    assert result.doc == with_path(f"{TOKEN}/x.mp4", "effects")


def test_device_values_are_emptied_and_their_keys_stay() -> None:
    doc = clean()
    doc["platform"].update(device_id="a", hard_disk_id="", os_version="14", deep=[{"mac_address": 7}])
    doc["last_modified_platform"]["mac_address"] = "b"
    doc["extra_info"] = {"device_id": "kept"}
    result = normalise(doc, {})
    expected = json.loads(canonical.dumps(doc))
    expected["platform"].update(device_id="", deep=[{"mac_address": ""}])
    expected["last_modified_platform"]["mac_address"] = ""
    assert result.changed
    assert json.dumps(result.doc) == json.dumps(expected)


def test_a_blank_link_becomes_the_materials_id() -> None:
    doc = clean()
    clip, photo = doc["materials"]["videos"]
    clip["local_material_id"] = ""
    del photo["local_material_id"]
    doc["materials"]["audios"][0].update(local_material_id="", path="")
    result = normalise(doc, {"assets/videos/clip.mp4": "assets/videos/clip.mp4"})
    links = [item["local_material_id"] for item in result.doc["materials"]["videos"]]
    assert links == ["clip", "photo"]
    assert result.doc["materials"]["audios"][0]["local_material_id"] == ""


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_the_samples_come_in_complete(name: str) -> None:
    folder = SAMPLES / name
    present = {
        path: path
        for file in folder.rglob("*")
        if file.is_file() and importing.kept(path := file.relative_to(folder).as_posix())
    }
    data = sample(name)
    doc = canonical.parse_document(data)
    result = importing.normalise(data, doc, present=present)
    assert result.missing == ()
    assert result.changed is (name != "s04_capcutcli")
    assert not [found for found in check(result.doc) if found.rule == "R18"]
    again = importing.normalise(result.data, result.doc, present=present)
    assert (again.changed, again.data) == (False, result.data)
    assert result.data == data or json.loads(result.data) != json.loads(data)
