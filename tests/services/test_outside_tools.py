"""What other people's tools say about a draft after it has been through this server.

capcut-cli comes from npm through npx, the two Python libraries from tests/requirements-loaders.txt.
"""

from __future__ import annotations

import copy
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from drafts.document.compare import compare
from drafts.document.paths import TOKEN
from drafts.document.skeleton import new_id
from tests.client import DesktopClient
from tests.support import MEDIA, Api, body_of

pytestmark = pytest.mark.services

CAPCUT_CLI = "capcut-cli@0.23.0"
SECOND = 1_000_000
MATERIALIZE = Path(__file__).resolve().parents[1] / "samples" / "materialize.py"
LOAD = """
import importlib, json, sys
from pathlib import Path
library = importlib.import_module(sys.argv[1])
for folder in map(Path, sys.argv[2:]):
    draft = library.DraftFolder(str(folder.parent)).load_template(folder.name)
    print(json.dumps(json.loads(draft.dumps())))
"""


@pytest.fixture
def server(live_server: LiveServer, transactional_db: None) -> Api:
    """The API in this process, with links that lead to the live server."""
    netloc = live_server.url.removeprefix("http://")
    return Api(Client(raise_request_exception=False, headers={"host": netloc}))


def left(server: Api, draft: dict[str, Any], tmp_path: Path) -> list[Path]:
    """A draft's folder on the user's disk: from the desktop client, and from a ZIP with its paths made local."""
    downloaded = DesktopClient(tmp_path / "client").download(draft["draft_url"])
    assert downloaded.failed == []
    response = server.get(f"/api/v1/drafts/{draft['id']}/archive.zip")
    with zipfile.ZipFile(io.BytesIO(body_of(response))) as archive:
        archive.extractall(tmp_path / "unpacked")
    [folder] = (tmp_path / "unpacked").iterdir()
    return [downloaded.folder, materialized(folder, tmp_path / "zip" / folder.name)]


def materialized(folder: Path, target: Path) -> Path:
    """A copy whose media paths lead into itself, as the app reads them."""
    target.parent.mkdir(exist_ok=True)
    subprocess.run([sys.executable, str(MATERIALIZE), str(folder), str(target)], check=True)
    return target


def capcut(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """The JSON that one command of capcut-cli prints; its settings stay out of the user's."""
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "settings")}
    command = ["npx", "--yes", CAPCUT_CLI, *arguments]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=180, check=False)
    assert result.stdout, result.stderr.decode()
    return dict(json.loads(result.stdout))


def issues(tmp_path: Path, folder: Path) -> Counter[tuple[str, str]]:
    """What lint finds, by severity and code."""
    found = capcut(tmp_path, "lint", str(folder))["issues"]
    return Counter((issue["severity"], issue["code"]) for issue in found)


def made(server: Api) -> dict[str, Any]:
    """A draft that this server created, with a clip on the main track and music under it."""
    created = server.create(width=1280, height=720)
    draft_id = created["draft_id"]
    for name, medium in (("videos/clip.mp4", "clip.mp4"), ("audios/music.mp3", "music.mp3")):
        url = f"/api/v1/drafts/{draft_id}/files/assets/{name}"
        assert server.put(url, (MEDIA / medium).read_bytes()).status_code == 201
    document = server.content(draft_id)
    place(document, "videos", clip_material(f"/app/output/draft/{draft_id}"))
    document["tracks"].append({"id": new_id(), "type": "audio", "name": "music", "attribute": 0, "segments": []})
    place(document, "audios", music_material(TOKEN))
    document["duration"] = 4 * SECOND
    assert server.put_content(draft_id, document).status_code == 200
    assert server.save(created["draft_url"]).json()["version"] == 1
    return {"id": draft_id, "draft_url": created["draft_url"]}


def clip_material(root: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "local_material_id": new_id(),
        "type": "video",
        "path": f"{root}/assets/videos/clip.mp4",
        "material_name": "clip.mp4",
        "duration": 4 * SECOND,
        "width": 640,
        "height": 360,
    }


def music_material(root: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "local_material_id": new_id(),
        "type": "extract_music",
        "path": f"{root}/assets/audios/music.mp3",
        "name": "music.mp3",
        "duration": 12_042_449,
    }


def place(document: dict[str, Any], kind: str, material: dict[str, Any]) -> None:
    """Put a material on the last track, four seconds from 0."""
    speed = {"id": new_id(), "type": "speed", "speed": 1.0, "mode": 0, "curve_speed": None}
    clip = {"alpha": 1.0, "rotation": 0.0, "scale": {"x": 1.0, "y": 1.0}, "transform": {"x": 0.0, "y": 0.0}}
    segment = {
        "id": new_id(),
        "material_id": material["id"],
        "target_timerange": {"start": 0, "duration": 4 * SECOND},
        "source_timerange": {"start": 0, "duration": 4 * SECOND},
        "speed": 1.0,
        "volume": 1.0,
        "visible": True,
        "render_index": 0,
        "clip": clip if kind == "videos" else None,
        "extra_material_refs": [speed["id"]],
        "common_keyframes": [],
    }
    document["materials"][kind].append(material)
    document["materials"]["speeds"].append(speed)
    document["tracks"][-1]["segments"].append(segment)


def loaded(library: str, *folders: Path) -> list[dict[str, Any]]:
    """What a library writes after it has loaded each draft folder."""
    command = [sys.executable, "-c", LOAD, library, *map(str, folders)]
    result = subprocess.run(command, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_lint_finds_nothing_that_it_does_not_find_in_the_sample(server: Api, sample: Path, tmp_path: Path) -> None:
    before = issues(tmp_path, materialized(sample, tmp_path / "sample" / sample.name))
    for folder in left(server, server.imported(sample), tmp_path):
        after = issues(tmp_path, folder)
        assert after - before == Counter()
        assert ("info", "media-unregistered") not in after


def test_a_draft_of_ours_is_clean_for_capcut_cli(server: Api, tmp_path: Path) -> None:
    for number, folder in enumerate(left(server, made(server), tmp_path)):
        assert capcut(tmp_path, "lint", str(folder))["issues"] == []
        assert capcut(tmp_path, "diagnose", str(folder))["diverged"] is False
        # The tool does not know the app's token, in which draft_meta_info.json names the media.
        local = materialized(folder, tmp_path / f"local{number}" / folder.name)
        registered = capcut(tmp_path, "register", str(local), "--materials")
        assert registered["needs_repair"] is False
        media = registered["materials"]
        assert (media["state"], media["registered"], media["unlinked_materials"]) == ("ok", 2, 0)


@pytest.mark.parametrize("library", ["pyJianYingDraft", "pycapcut"])
def test_the_libraries_load_what_they_load_in_the_sample(
    server: Api, sample: Path, tmp_path: Path, library: str
) -> None:
    before, *others = loaded(library, sample, *left(server, server.imported(sample), tmp_path))
    assert len(others) == 2
    for after in others:
        for name in ("canvas_config", "duration", "fps", "tracks"):
            assert after[name] == before[name]
        assert material_ids(after) == material_ids(before)


@pytest.mark.parametrize("library", ["pyJianYingDraft", "pycapcut"])
def test_the_libraries_load_a_draft_of_ours(server: Api, tmp_path: Path, library: str) -> None:
    for document in loaded(library, *left(server, made(server), tmp_path)):
        tracks = [(track["type"], len(track["segments"])) for track in document["tracks"]]
        assert tracks == [("video", 1), ("audio", 1)]


def material_ids(document: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [item["id"] for item in items] for name, items in document["materials"].items()}


def _edited(document: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """A few edits of kinds that both tools see."""
    edited: dict[str, Any] = copy.deepcopy(document)
    for track in edited["tracks"]:
        for segment in list(track["segments"]):
            deed = dice.choice(["none", "none", "move", "trim", "speed", "volume", "remove", "add"])
            if deed == "move":
                segment["target_timerange"]["start"] += 1000
            elif deed == "trim":
                segment["target_timerange"]["duration"] -= 1
            elif deed in {"speed", "volume"}:
                segment[deed] = (segment.get(deed) or 1.0) + 0.5
            elif deed == "remove":
                track["segments"].remove(segment)
            elif deed == "add":
                track["segments"].append({**copy.deepcopy(segment), "id": new_id()})
    return edited


def test_capcut_cli_sees_the_same_segments_come_go_and_change(sample: Path, tmp_path: Path) -> None:
    dice = random.Random(sample.name)
    before = json.loads((sample / "draft_content.json").read_bytes())
    for number in range(2):
        after = _edited(before, dice)
        for name, document in (("before", before), ("after", after)):
            folder = tmp_path / f"{number}-{name}"
            folder.mkdir()
            (folder / "draft_content.json").write_text(json.dumps(document))
        theirs = capcut(tmp_path, "diff", f"{number}-before", f"{number}-after")["segments"]
        ours = compare(before, after).segments
        assert [item.id for item in ours if item.kind == "added"] == theirs["added"]
        assert [item.id for item in ours if item.kind == "removed"] == theirs["removed"]
        assert [item.id for item in ours if item.kind == "changed"] == [item["id"] for item in theirs["changed"]]
