"""The unchanged clients of the reference download what this server holds, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from drafts.api import streaming
from drafts.document.paths import TOKEN
from tests.client import DesktopClient, Downloaded, GaveUpError, RenderWorker, as_javascript, worker_name
from tests.support import MATE, MEDIA, SAMPLES, Api

ORIGIN = "https://flows.example.org"
DEVICE_KEYS = ("device_id", "hard_disk_id", "mac_address")
ALWAYS_THERE = {
    "draft_content.json",
    "draft_info.json",
    "draft_meta_info.json",
    "draft_agency_config.json",
    "attachment_pc_common.json",
}


@pytest.fixture
def server(live_server: LiveServer, transactional_db: None) -> Api:
    """The API in this process, with links that lead to the live server."""
    netloc = live_server.url.removeprefix("http://")
    return Api(Client(raise_request_exception=False, headers={"host": netloc}))


@pytest.fixture
def desktop(tmp_path: Path) -> DesktopClient:
    return DesktopClient(tmp_path / "com.lveditor.draft", wait=never_waits)


def never_waits(seconds: float) -> None:
    raise AssertionError(f"the client had to wait {seconds} s")


def hyphenated(draft_id: str) -> str:
    return "-".join((draft_id[:8], draft_id[8:12], draft_id[12:16], draft_id[16:20], draft_id[20:]))


def media_of(sample: Path) -> dict[str, bytes]:
    """What of a sample is a draft file: all but documents, companions and the index of its drafts root."""
    skipped = ALWAYS_THERE | {"root_meta_info.example.json"}
    files = {path.relative_to(sample).as_posix(): path for path in sample.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in skipped}


def expected_document(sample: Path, folder: Path) -> dict[str, Any]:
    """The sample's document as it must lie in ``folder``: as import and then the client leave it."""
    document = json.loads((sample / "draft_content.json").read_bytes())
    for owner in ("platform", "last_modified_platform"):
        document.get(owner, {}).update({key: "" for key in DEVICE_KEYS if key in document.get(owner, {})})
    for item in document["materials"]["videos"] + document["materials"]["audios"]:
        inside = "assets/" + item["path"].split("/assets/", 1)[1]
        assert (sample / inside).is_file()
        item["path"] = str(folder / inside)
        item["local_material_id"] = item["local_material_id"] or item["id"]
    return dict(document)


def check_sample(done: Downloaded, sample: Path) -> None:
    """The folder is the sample, apart from what import changes, with paths that lead to its own files."""
    media = media_of(sample)
    assert done.failed == []
    assert done.names() == {*ALWAYS_THERE, *media}
    assert {name: (done.folder / name).read_bytes() for name in media} == media
    assert done.read() == expected_document(sample, done.folder)
    assert done.read("draft_info.json") == done.read()
    assert [path for path in done.media_paths() if not Path(path).is_file()] == []


def test_the_desktop_client_downloads_a_sample(server: Api, desktop: DesktopClient, sample: Path) -> None:
    draft = server.imported(sample)
    done = desktop.download(f"  {draft['draft_url']}\n")
    check_sample(done, sample)
    assert done.folder.name == draft["id"]
    assert done.listed[0].endswith("/draft_content.json")
    assert desktop.statuses("draft_info.json") == []  # copied from its twin
    assert {exchange.status for exchange in desktop.exchanges} == {200}
    meta = done.read("draft_meta_info.json")
    assert (meta["draft_name"], meta["tm_duration"]) == (draft["id"], done.read()["duration"])
    linked = {entry["id"]: entry["file_Path"] for entry in meta["draft_materials"][0]["value"]}
    materials = done.read()["materials"]
    assert linked == {
        item["local_material_id"]: f"{TOKEN}/{Path(item['path']).relative_to(done.folder).as_posix()}"
        for item in materials["videos"] + materials["audios"]
    }


def test_the_render_worker_downloads_a_sample(server: Api, tmp_path: Path, sample: Path) -> None:
    draft = server.imported(sample)
    done = RenderWorker(tmp_path, wait=never_waits).download(draft["draft_url"])
    check_sample(done, sample)
    meta = done.read("draft_meta_info.json")
    assert meta["draft_name"] == draft["id"]
    assert (meta["draft_fold_path"], meta["draft_root_path"]) == (str(done.folder), str(tmp_path))


def test_a_second_download_fetches_no_media_again(server: Api, desktop: DesktopClient, sample: Path) -> None:
    draft = server.imported(sample)
    desktop.download(draft["draft_url"])
    desktop.exchanges.clear()
    done = desktop.download(draft["draft_url"])
    check_sample(done, sample)
    media = {name.rpartition("/")[2]: len(data) for name, data in media_of(sample).items()}
    assert min(media.values()) >= 1024
    again = {exchange.name: exchange for exchange in desktop.exchanges if exchange.name in media}
    assert {name: (exchange.status, exchange.content_range) for name, exchange in again.items()} == {
        name: (416, f"bytes */{size}") for name, size in media.items()
    }


def test_a_broken_off_file_is_continued(server: Api, desktop: DesktopClient) -> None:
    draft = server.imported(SAMPLES / "s01_basic")
    clip = desktop.root / draft["id"] / "assets/videos/clip.mp4"
    whole = (MEDIA / "clip.mp4").read_bytes()
    clip.parent.mkdir(parents=True)
    clip.write_bytes(whole[:100_000])
    done = desktop.download(draft["draft_url"])
    check_sample(done, SAMPLES / "s01_basic")
    [exchange] = [exchange for exchange in desktop.exchanges if exchange.name == "clip.mp4"]
    assert (exchange.asked_range, exchange.status) == ("bytes=100000-", 206)
    assert exchange.content_range == f"bytes 100000-{len(whole) - 1}/{len(whole)}"


@pytest.mark.parametrize(
    ("beginning", "statuses", "waits"),
    [
        pytest.param(b"x" * 1023, [200], [], id="too short to be continued"),
        pytest.param(b"x" * 1_000_000, [416, 200], [1.0], id="longer than the file"),
    ],
)
def test_what_is_no_beginning_of_the_file_is_replaced(
    server: Api, tmp_path: Path, beginning: bytes, statuses: list[int], waits: list[float]
) -> None:
    draft = server.imported(SAMPLES / "s01_basic")
    desktop = DesktopClient(tmp_path, wait=lambda seconds: None)
    clip = tmp_path / draft["id"] / "assets/videos/clip.mp4"
    clip.parent.mkdir(parents=True)
    clip.write_bytes(beginning)
    check_sample(desktop.download(draft["draft_url"]), SAMPLES / "s01_basic")
    assert desktop.statuses("clip.mp4") == statuses
    assert desktop.waits == waits


@pytest.mark.parametrize("kind", [DesktopClient, RenderWorker])
def test_the_past_is_downloaded_by_version(
    server: Api, tmp_path: Path, kind: type[DesktopClient | RenderWorker]
) -> None:
    draft = server.imported(SAMPLES / "s03_capcut_basic")
    document = {**server.content(draft["id"]), "name": "second"}
    assert server.put_content(draft["id"], document).status_code == 200
    assert server.put(f"/api/v1/drafts/{draft['id']}/files/assets/new.txt", b"new").status_code == 201
    assert server.save(draft["draft_url"]).json()["version"] == 2
    past = kind(tmp_path / "1", wait=never_waits).download(f"{draft['draft_url']}&version=1")
    head = kind(tmp_path / "2", wait=never_waits).download(f"{draft['draft_url']}&version=2")
    check_sample(past, SAMPLES / "s03_capcut_basic")
    assert head.read() == expected_document(SAMPLES / "s03_capcut_basic", head.folder) | {"name": "second"}
    assert head.names() - past.names() == {"assets/new.txt"}


@pytest.mark.parametrize("kind", [DesktopClient, RenderWorker])
def test_the_id_may_be_spelled_with_hyphens(
    server: Api, tmp_path: Path, sample: Path, kind: type[DesktopClient | RenderWorker]
) -> None:
    draft = server.imported(sample)
    spelled = hyphenated(draft["id"])
    client = kind(tmp_path, wait=never_waits)
    done = client.download(draft["draft_url"].replace(draft["id"], spelled))
    check_sample(done, sample)
    assert done.folder.name == spelled
    assert done.read("draft_meta_info.json")["draft_name"] == spelled


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda files: sorted(files, key=lambda url: url.rpartition(".")[2]), id="by extension"),
        pytest.param(sorted, id="by name"),
        pytest.param(lambda files: files[::-1], id="backwards"),
    ],
)
def test_a_client_may_sort_the_list(
    server: Api, desktop: DesktopClient, order: Callable[[list[str]], list[str]]
) -> None:
    draft = server.imported(SAMPLES / "s02_effects")
    check_sample(desktop.download(draft["draft_url"], reorder=order), SAMPLES / "s02_effects")


def test_a_fresh_draft_is_downloaded_and_numbers_survive_javascript(server: Api, desktop: DesktopClient) -> None:
    created = server.create(width=720, height=1280)
    done = desktop.download(created["draft_url"])
    assert (done.failed, done.names()) == ([], ALWAYS_THERE)
    assert done.read() == as_javascript(server.content(created["draft_id"]))
    assert done.read()["canvas_config"] == {"height": 1280, "ratio": "original", "width": 720}


def test_a_draft_with_many_files_is_listed_in_time(server: Api, desktop: DesktopClient) -> None:
    created = server.create()
    for number in range(40):
        path = f"/api/v1/drafts/{created['draft_id']}/files/assets/images/{number:02}.png"
        assert server.put(path, b"%d" % number * 20).status_code == 201
    files = desktop.list_files(created["draft_url"])
    assert len(files) == 45
    assert [worker_name(url) for url in files[5:]] == [f"assets/images/{n:02}.png" for n in range(40)]


def test_a_material_that_is_a_url_is_downloaded_too(server: Api, desktop: DesktopClient) -> None:
    other = server.imported(SAMPLES / "s01_basic")
    files = requests.get(other["draft_url"], timeout=5).json()["files"]
    [url] = [file for file in files if file.endswith(".jpg")]
    created = server.create()
    document = server.content(created["draft_id"])
    document["materials"]["videos"].append({"id": "m", "type": "photo", "path": url, "material_name": "a:b"})
    assert server.put_content(created["draft_id"], document).status_code == 200
    done = desktop.download(created["draft_url"])
    assert done.media_paths() == [str(done.folder / "assets/images/a_b.jpg")]
    assert (done.folder / "assets/images/a_b.jpg").read_bytes() == (MEDIA / "wide.jpg").read_bytes()


def test_503_with_retry_after_is_waited_for(server: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = server.imported(SAMPLES / "s01_basic")
    full = streaming._Slots("stream", 1)
    full.take()
    with monkeypatch.context() as busy:
        busy.setattr(streaming, "_streams", full)
        desktop = DesktopClient(tmp_path, wait=lambda seconds: busy.undo())
        done = desktop.download(draft["draft_url"])
    full.release()
    check_sample(done, SAMPLES / "s01_basic")
    assert desktop.statuses("music.mp3") == [503, 200]
    assert desktop.waits == [2.0]


def test_a_draft_in_the_trash_is_refused_at_once(server: Api, desktop: DesktopClient) -> None:
    draft = server.imported(SAMPLES / "s01_basic")
    assert server.delete(f"/api/v1/drafts/{draft['id']}").status_code == 204
    with pytest.raises(GaveUpError, match=r"^404 for "):
        desktop.download(draft["draft_url"])
    assert len(desktop.exchanges) == 1


def test_polling_get_draft_is_cheap_and_sees_added_and_removed_files(server: Api) -> None:
    created = server.create()
    first = requests.get(created["draft_url"], timeout=5)
    same = requests.get(created["draft_url"], headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    path = f"/api/v1/drafts/{created['draft_id']}/files/assets/new.txt"
    assert server.put(path, b"new").status_code == 201
    more = requests.get(created["draft_url"], headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
    added = set(more.json()["files"]) - set(first.json()["files"])
    assert [worker_name(url) for url in added] == ["assets/new.txt"]
    assert server.delete(path).status_code == 204
    gone = requests.get(created["draft_url"], headers={"If-None-Match": more.headers["ETag"]}, timeout=5)
    assert (gone.status_code, gone.headers["ETag"], gone.json()) == (200, first.headers["ETag"], first.json())


def test_a_browser_on_another_origin_may_read_lists_ranges_and_errors(server: Api, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    draft = server.imported(SAMPLES / "s01_basic")
    music = next(url for url in requests.get(draft["draft_url"], timeout=5).json()["files"] if "mp3" in url)
    exposed = {"content-disposition", "content-range", "etag", "idempotency-replayed", "retry-after"}
    exposed |= {"ratelimit", "ratelimit-policy", "traceparent", "www-authenticate", "x-request-id"}
    for url, status in ((draft["draft_url"], 200), (music, 206), (f"{music}4", 404)):
        reply = requests.get(url, headers={"Origin": ORIGIN, "Range": "bytes=0-9"}, timeout=5)
        assert reply.status_code == status
        assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert set(reply.headers["Access-Control-Expose-Headers"].split(", ")) == exposed


def test_a_preflight_is_answered_for_known_origins_only(server: Api, live_server: LiveServer, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    url = f"{live_server.url}{MATE}/save_draft"
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,if-match",
    }
    known = requests.options(url, headers={"Origin": ORIGIN, **asked}, timeout=5)
    assert known.status_code == 200
    assert known.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert {"GET", "POST", "PUT", "DELETE"} <= set(known.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"content-type", "if-match", "range"} <= set(known.headers["Access-Control-Allow-Headers"].split(", "))
    stranger = requests.options(url, headers={"Origin": "https://evil.example", **asked}, timeout=5)
    assert "Access-Control-Allow-Origin" not in stranger.headers
