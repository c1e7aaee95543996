"""The fresh document and the files derived from a document."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest

from drafts.document import canonical, companions, skeleton
from drafts.document.integrity import check
from drafts.document.paths import TOKEN

from .builders import DRAFT_ID, SAMPLES, SECOND, clean, meta_of, sample


def test_a_fresh_document_has_the_keys_of_the_reference() -> None:
    fresh, reference = skeleton.fresh(width=1920, height=1080), json.loads(sample("s05_reference"))
    assert list(fresh) == list(reference)
    assert len(fresh) == 31
    assert list(fresh["materials"]) == [*reference["materials"], "common_mask"]
    assert fresh["config"] == reference["config"]
    unlike = {key for key in fresh if fresh[key] != reference[key]}
    assert unlike == {"id", "materials", "tracks", "duration", "platform", "last_modified_platform"}


def test_a_fresh_document_is_sound_and_names_no_machine() -> None:
    doc = skeleton.fresh(width=1920, height=1080, fps=25)
    assert check(doc, meta=meta_of(doc), files={}, twin_equal=True) == []
    assert canonical.parse_document(canonical.dumps(doc)) == doc
    assert canonical.facts(doc) == canonical.DocumentFacts(1920, 1080, 25.0, 0)
    assert (doc["create_time"], doc["update_time"]) == (0, 0)
    assert not any(key in doc["platform"] for key in skeleton.DEVICE_KEYS)
    assert [(track["name"], track["type"], track["segments"]) for track in doc["tracks"]] == [
        ("main_track", "video", [])
    ]


def test_fresh_documents_share_neither_ids_nor_objects() -> None:
    one, two = skeleton.fresh(width=1, height=1), skeleton.fresh(width=1, height=1)
    assert str(uuid.UUID(one["id"])).upper() == one["id"] != two["id"]
    assert skeleton.fresh(width=1, height=1, document_id="X")["id"] == "X"
    assert re.fullmatch("[0-9a-f]{32}", one["tracks"][0]["id"])
    assert one["tracks"][0]["id"] != two["tracks"][0]["id"]
    one["config"]["attachment_info"].append(1)
    one["platform"]["os"] = "x"
    assert two["config"]["attachment_info"] == []
    assert (two["platform"]["os"], one["last_modified_platform"]["os"]) == ("windows", "windows")


def test_constant_files_are_those_of_the_reference() -> None:
    folder = SAMPLES / "s05_reference"
    assert (folder / "draft_agency_config.json").read_bytes() == companions.AGENCY_CONFIG
    assert (folder / "attachment_pc_common.json").read_bytes() == companions.ATTACHMENT_PC_COMMON


def test_meta_has_the_keys_of_the_reference() -> None:
    reference = json.loads((SAMPLES / "s05_reference" / "draft_meta_info.json").read_bytes())
    meta = companions.meta(clean(), draft_id=DRAFT_ID, name="demo", created_us=11, modified_us=22)
    assert list(meta) == list(reference)
    assert {key: value for key, value in meta.items() if value != reference[key]} == {
        "draft_cover": "",
        "draft_fold_path": "",
        "draft_root_path": "",
        "draft_id": companions.app_draft_id(DRAFT_ID),
        "draft_materials": meta["draft_materials"],
        "draft_name": "demo",
        "draft_timeline_materials_size_": 0,
        "tm_draft_create": 11,
        "tm_draft_modified": 22,
        "tm_duration": 7 * SECOND,
    }
    assert meta["draft_is_from_deeplink"] == "false"


def test_group_0_lists_local_media_once() -> None:
    doc = clean()
    doc["materials"]["videos"].append(dict(doc["materials"]["videos"][0], id="again"))
    doc["materials"]["videos"].append({"id": "w", "local_material_id": "w", "path": "https://example.com/a.mp4"})
    doc["materials"]["videos"].append({"id": "x", "local_material_id": "", "path": f"{TOKEN}/a.mp4"})
    doc["materials"]["audios"][0]["path"] = f"/app/output/draft/{DRAFT_ID}/assets/audios/music.mp3"
    groups = meta_of(doc)["draft_materials"]
    assert [group["type"] for group in groups] == [0, 1, 2, 3, 6, 7, 8]
    assert all(group["value"] == [] for group in groups[1:])
    shown = [
        (e["id"], e["file_Path"], e["extra_info"], e["metetype"], e["duration"], e["width"], e["height"])
        for e in groups[0]["value"]
    ]
    assert shown == [
        ("clip", f"{TOKEN}/assets/videos/clip.mp4", "clip.mp4", "video", 4 * SECOND, 640, 360),
        ("photo", f"{TOKEN}/assets/images/wide.jpg", "wide.jpg", "photo", 5 * SECOND, 640, 360),
        ("music", f"{TOKEN}/assets/audios/music.mp3", "music.mp3", "music", 12 * SECOND, 0, 0),
    ]


def test_an_entry_has_the_fields_that_capcut_cli_writes() -> None:
    doc = json.loads(sample("s04_capcutcli"))
    written = json.loads((SAMPLES / "s04_capcutcli" / "draft_meta_info.json").read_bytes())["draft_materials"][0]
    assert meta_of(doc)["draft_materials"][0] == written


def test_meta_bytes_depend_on_the_arguments_alone() -> None:
    arguments: dict[str, Any] = {"draft_id": DRAFT_ID, "name": "ä", "created_us": 1, "modified_us": 2}
    first = companions.meta_bytes(clean(), **arguments)
    assert first == companions.meta_bytes(clean(), **arguments)
    assert json.loads(first) == companions.meta(clean(), **arguments)
    assert first != companions.meta_bytes(clean(), **{**arguments, "modified_us": 3})


@pytest.mark.parametrize("spelling", [DRAFT_ID, "20261121-0143-44a1-b2c3-d4e5f6a7b8c9"])
def test_the_apps_id_is_stable(spelling: str) -> None:
    assert companions.app_draft_id(spelling) == "38787E80-6D9B-52A6-B9E5-07A1A90FC581"
