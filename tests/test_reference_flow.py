"""The typical flow of the reference on our server, compared with what the reference made of the same calls (s05).

What differs on purpose is listed here by name: the reference's faults that contract section 5 no. 21 and draft_format
list for this sample.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.client import DesktopClient
from tests.edits import HEX32, SECOND, Editor, media_host, typical
from tests.remote import Remote
from tests.support import SAMPLES, Api

IDS = {"id", "material_id", "extra_material_refs", "local_material_id", "music_id"}
RANDOM = {"path", "name", "material_name"}


@pytest.fixture
def host(settings: Settings) -> Iterator[Remote]:
    """Where the media come from."""
    with media_host() as found:
        settings.OUTBOUND_ALLOWED_HOSTS = [found.host]
        yield found


_made: list[dict[str, Any]] = []


@pytest.fixture
def ours(api: Api, host: Remote) -> dict[str, Any]:
    """Our document after the flow; made once, for no test changes it."""
    if not _made:
        editor = Editor(api, width=1920, height=1080)
        typical(editor.call, lambda name: host.url(f"/{name}"))
        _made.append(editor.document)
    return _made[0]


@pytest.fixture
def theirs() -> dict[str, Any]:
    """The reference's."""
    return dict(json.loads((SAMPLES / "s05_reference" / "draft_content.json").read_bytes()))


def filled(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The tracks that have segments, by their layer."""
    tracks = [track for track in document["tracks"] if track["segments"]]
    return sorted(tracks, key=lambda track: track["segments"][0]["render_index"])


def without_ids(value: Any) -> Any:
    """A value with ids of hex and names of chance left out; that they have the right shape is another test."""
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if not (key in IDS and is_random(item))}
    return [without_ids(item) for item in value] if isinstance(value, list) else value


def is_random(value: Any) -> bool:
    """Whether an id, or a list of ids, was drawn for this document."""
    return all(each == "" or HEX32.fullmatch(each) for each in (value if isinstance(value, list) else [value]))


def test_tracks_and_segments_are_the_same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    mine, other = filled(ours), filled(theirs)
    assert [track["type"] for track in mine] == [track["type"] for track in other]
    assert [track["name"].split("_")[:2] for track in mine] == [track["name"].split("_")[:2] for track in other]
    for here, there in zip(mine, other, strict=True):
        for made, sample in zip(here["segments"], there["segments"], strict=True):
            assert without_ids(made) == without_ids(sample)


def test_one_main_track_and_the_same_length(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert [track["type"] for track in ours["tracks"] if not track["segments"]] == ["video"]
    assert len([track for track in theirs["tracks"] if not track["segments"]]) == 2
    assert ours["duration"] == theirs["duration"] == 9 * SECOND


@pytest.mark.parametrize("name", ["audios", "videos", "transitions", "material_animations", "effects", "video_effects"])
def test_materials_are_the_same(ours: dict[str, Any], theirs: dict[str, Any], name: str) -> None:
    mine, other = ours["materials"][name], theirs["materials"][name]
    assert len(mine) == len(other)
    for made, sample in zip(mine, other, strict=True):
        skipped = RANDOM & set(sample) if name in {"audios", "videos"} else set()
        left = {key: item for key, item in without_ids(sample).items() if key not in skipped}
        if name == "audios":
            left["duration"] = made["duration"]  # MediaInfo and ffprobe differ by less than a frame
            assert abs(made["duration"] - sample["duration"]) < 27_000
        for key, item in left.items():
            assert made[key] == item, (key, made)


def test_every_reference_to_a_speed_has_one(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    for document, missing in ((ours, 0), (theirs, 3)):
        known = {item["id"] for items in document["materials"].values() for item in items}
        refs = [
            ref
            for track in document["tracks"]
            for segment in track["segments"]
            for ref in segment.get("extra_material_refs", ())
        ]
        assert len([ref for ref in refs if ref not in known]) == missing


def test_ids_have_the_reference_s_shape(ours: dict[str, Any]) -> None:
    found = [segment[key] for track in filled(ours) for segment in track["segments"] for key in ("id", "material_id")]
    found += [track["id"] for track in filled(ours)]
    assert [each for each in found if not HEX32.fullmatch(each)] == []
    assert len(set(found)) == len(found)


def test_texts_say_the_same_with_ranges_in_utf_16(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    mine = [json.loads(item["content"]) for item in ours["materials"]["texts"]]
    other = [json.loads(item["content"]) for item in theirs["materials"]["texts"]]
    assert [text["text"] for text in mine] == [text["text"] for text in other] == ["Hello 世界", "第二句 🎬 end"]
    assert [[style["range"] for style in text["styles"]] for text in mine] == [[[0, 6], [6, 8]], [[0, 10]]]
    colors = [style["fill"]["content"]["solid"]["color"] for style in mine[0]["styles"]]
    assert colors == [style["fill"]["content"]["solid"]["color"] for style in other[0]["styles"]]
    for made, sample in zip(ours["materials"]["texts"], theirs["materials"]["texts"], strict=True):
        for key in ("type", "alignment", "typesetting", "letter_spacing", "line_spacing", "line_feed", "global_alpha"):
            assert made[key] == sample[key], key


def test_masks_are_in_both_lists(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    [sample] = theirs["materials"]["masks"]
    [mask] = ours["materials"]["masks"]
    assert without_ids(mask) == without_ids(sample)
    [twin] = ours["materials"]["common_mask"]
    assert (twin["id"], twin["config"]) == (mask["id"], {**mask["config"], "expansion": 0.0})


@pytest.mark.usefixtures("transactional_db")
def test_the_delivered_folder_is_whole_and_sound(
    live_api: Api, live_server: LiveServer, host: Remote, tmp_path: Path
) -> None:
    editor = Editor(live_api, width=1920, height=1080)
    typical(editor.call, lambda name: host.url(f"/{name}"))
    assert editor.findings() == []
    assert live_api.save(editor.url).json()["version"] == 1
    line = f"{live_server.url}/openapi/capcut-mate/v1/get_draft?draft_id={editor.id}"
    downloaded = DesktopClient(tmp_path).download(line)
    assert downloaded.failed == []
    document = downloaded.read()
    media = [item["path"] for name in ("videos", "audios") for item in document["materials"][name]]
    assert len(media) == 4
    assert all(Path(path).is_file() and Path(path).is_relative_to(downloaded.folder) for path in media)
    listed = json.loads((downloaded.folder / "draft_meta_info.json").read_text())["draft_materials"]
    registered = {item["id"] for group in listed for item in group["value"]}
    linked = {item["local_material_id"] for name in ("videos", "audios") for item in document["materials"][name]}
    assert linked <= registered
