"""Media from URLs: fetched together, probed and stored once; a call that fails leaves nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connections, transaction
from django.utils import timezone

from drafts.core import blobs, collect, gate
from drafts.core.errors import DomainError, InvalidParameter, TooLarge, Unavailable
from drafts.core.models import Blob, DoomedObject
from drafts.core.outbound import DownloadFailed
from drafts.core.storage import StoreError
from drafts.editing.services import asset_path, entry_of
from drafts.media import fetch, thumbnails
from drafts.media.info import NotMedia, media_of_file
from drafts.media.models import MediaInfo, Thumbnail
from drafts.media.types import Fetch, Media, material_name
from drafts.models import Draft, DraftFile
from drafts.selectors.locks import lock_draft
from drafts.services.content import touch_draft
from drafts.services.files import attach as attach_entries
from tests import films
from tests.remote import Remote, remote_host, send
from tests.support import MATE, MEDIA, Api, body_of, path_of

ffmpeg = pytest.mark.ffmpeg
LOGO = (MEDIA / "logo.png").read_bytes()
PHOTO = films.png(640, 480)


@pytest.fixture
def remote(settings: Any) -> Iterator[Remote]:
    """An allowed host."""
    with remote_host() as host:
        settings.OUTBOUND_ALLOWED_HOSTS = [host.host]
        yield host


def get(*urls: str, draft_id: str = "", **options: Any) -> list[Media]:
    """Fetch as add_images would."""
    options = {"kinds": ("image", "video"), "code": 2010, **options}
    wanted = [Fetch(url, f"image_infos[{at}].image_url", **options) for at, url in enumerate(urls)]
    return fetch.fetch_all(wanted, draft_id=draft_id)


def attach(draft_id: str, media: list[Media]) -> list[str]:
    """Attach as an editing call does."""
    with fetch.discarded_unless_used(media), transaction.atomic():
        draft = lock_draft(draft_id=draft_id)
        attach_entries(draft=draft, entries=[entry_of(item) for item in media if not item.linked])
        touch_draft(draft)
    return [item.url if item.linked else asset_path(item) for item in media]


def remains(blob_folder: Path) -> dict[str, int]:
    """What lies about: rows, objects, scratch files, slots."""
    objects = [path for path in blob_folder.rglob("*") if path.is_file()]
    loose = [path for path in Path(configured.STATE_DIR).iterdir() if path.is_file() and path.suffix == ""]
    rows = {model.__name__: model._default_manager.count() for model in (Blob, DoomedObject, MediaInfo, Thumbnail)}
    return {
        **rows,
        "files": DraftFile.objects.count(),
        "objects": len(objects),
        "loose": len(loose),
        "calls": len(fetch._calls),
    }


@pytest.fixture
def nothing(blob_folder: Path, db: None) -> Callable[[], bool]:
    """Asserts that nothing was left behind since the test began."""
    before = remains(blob_folder)
    return lambda: remains(blob_folder) == before


def test_pictures_are_stored_once_for_their_content(live_api: Api, remote: Remote) -> None:
    one, again = remote.serve("/a.jpg", PHOTO), remote.serve("/b", PHOTO, kind="text/html")
    first, second, third, logo = get(one, again, one, remote.serve("/logo", LOGO))
    assert sorted(remote.asked) == ["/a.jpg", "/b", "/logo"]
    assert (first.kind, first.extension, first.width, first.height, first.duration) == ("image", ".png", 640, 480, 0)
    assert first.blob_id == second.blob_id == third.blob_id != logo.blob_id
    assert (first.size, first.url, second.url) == (len(PHOTO), one, again)
    assert Blob.objects.filter(state="stored").count() == MediaInfo.objects.count() == Thumbnail.objects.count() == 2


def test_attached_media_are_listed_and_the_same_bytes_keep_their_path(live_api: Api, remote: Remote) -> None:
    draft = live_api.create()["draft_id"]
    media = get(remote.serve("/a", PHOTO), remote.serve("/b", LOGO), remote.url("/a"))
    paths = attach(draft, media)
    assert paths[0] == paths[2] != paths[1]
    assert paths[0] == f"assets/images/{media[0].sha256[:32]}.png"
    assert material_name(media[0], paths[0]) == paths[0].rpartition("/")[2]
    assert attach(draft, get(remote.url("/b"))) == [paths[1]]
    listed = live_api.get(f"{MATE}/get_draft?draft_id={draft}").json()["files"]
    assert {path for path in paths if any(url.endswith(path) for url in listed)} == set(paths)
    file = live_api.get(f"/api/v1/drafts/{draft}/files/{paths[0]}")
    assert body_of(file) == PHOTO
    other = live_api.create()["draft_id"]
    assert attach(other, get(remote.url("/a"))) == [paths[0]]
    assert Blob.objects.filter(sha256=media[0].sha256).count() == 1


REFUSED = {
    "a ZIP named .mp4": ("/film.mp4", b"PK\x03\x04" + b"\0" * 200, "is a ZIP archive, not media"),
    "a page named .jpg": ("/photo.jpg", b"<html><body>gone</body></html>", "is a web page, not media"),
    "an SVG": ("/a.svg", b"<svg xmlns='x'/>", "is an SVG drawing, which editors cannot place; send a PNG"),
    "an empty file": ("/a.png", b"", "is empty"),
    "a huge picture": (
        "/huge.png",
        films.png(10_000, 10_000),
        "has 10000 x 10000 pixels, more than 64000000 (MAX_IMAGE_PIXELS)",
    ),
    "a cut picture": ("/cut.png", PHOTO[:-16], "is damaged or cut off"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_media_is_refused_by_item_and_leaves_nothing(
    case: str, remote: Remote, live_api: Api, nothing: Any
) -> None:
    path, data, said = REFUSED[case]
    good, bad = remote.serve("/good", PHOTO), remote.serve(path, data, kind="image/jpeg")
    with pytest.raises(NotMedia) as caught:
        get(good, f"{bad}?token=hidden")
    assert caught.value.detail.en == f"image_infos[1].image_url: {bad}?... {said}"
    assert (caught.value.status, caught.value.code, caught.value.errors[0].field) == (
        422,
        2010,
        "image_infos[1].image_url",
    )
    assert nothing()


def test_another_kind_than_wanted_is_refused(remote: Remote, live_api: Api, nothing: Any) -> None:
    url = remote.serve("/a.mp3", PHOTO)
    with pytest.raises(NotMedia) as caught:
        get(url, kinds=("audio",), code=2008)
    assert caught.value.detail.en == f"image_infos[0].image_url: {url} is a picture, not audio"
    assert caught.value.code == 2008
    assert nothing()


@ffmpeg
def test_a_cut_off_film_leaves_nothing(remote: Remote, live_api: Api, nothing: Any, tmp_path: Path) -> None:
    data = films.film(tmp_path / "a.mp4", seconds=1)
    with pytest.raises(NotMedia, match="is damaged or cut off"):
        get(remote.serve("/a.mp4", data[: len(data) // 2]), kinds=("video",), code=2006)
    assert nothing()


@pytest.mark.parametrize("status", [404, 500])
def test_a_host_that_fails_leaves_nothing(
    remote: Remote, live_api: Api, nothing: Any, settings: Any, status: int
) -> None:
    settings.DOWNLOAD_TRIES = 1
    good = remote.serve("/good", PHOTO)
    bad = remote.answer("/bad", lambda handler: send(handler, status, b"<secret>"))
    with pytest.raises(DownloadFailed) as caught:
        get(good, bad)
    assert caught.value.detail.en == f"image_infos[1].image_url: {bad} answered with status {status}"
    assert nothing()


def test_the_first_failure_ends_the_others_at_once(remote: Remote, live_api: Api, nothing: Any) -> None:
    def slow(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.05)

    def missing(handler: Any) -> None:
        while remote.now < 2:
            time.sleep(0.01)
        send(handler, 404)

    started = time.monotonic()
    with pytest.raises(DownloadFailed, match="404"):
        get(remote.answer("/slow", slow), remote.answer("/missing", missing))
    assert time.monotonic() - started < 20
    assert remote.gone.wait(5)
    assert nothing()


def test_an_edit_that_fails_after_the_fetch_takes_what_was_fetched_along(
    remote: Remote, live_api: Api, nothing: Any
) -> None:
    media = get(remote.serve("/a", PHOTO))
    assert Blob.objects.filter(sha256=media[0].sha256).exists()
    with pytest.raises(InvalidParameter), fetch.discarded_unless_used(media), transaction.atomic():
        raise InvalidParameter
    assert nothing()


def test_what_others_use_stays_when_a_call_fails(remote: Remote, live_api: Api) -> None:
    draft = live_api.create()["draft_id"]
    media = get(remote.serve("/a", PHOTO))
    path = attach(draft, media)[0]
    with pytest.raises(InvalidParameter), fetch.discarded_unless_used(get(remote.url("/a"))):
        raise InvalidParameter
    assert body_of(live_api.get(f"/api/v1/drafts/{draft}/files/{path}")) == PHOTO


def test_too_many_urls_and_files_are_refused_by_their_settings(remote: Remote, live_api: Api, settings: Any) -> None:
    settings.MAX_URLS = 2
    with pytest.raises(TooLarge, match="MAX_URLS"):
        get(*[remote.url(f"/{at}") for at in range(3)])
    assert remote.asked == []
    settings.MAX_FILES = 1
    draft = live_api.create()["draft_id"]
    with pytest.raises(TooLarge, match="MAX_FILES"):
        attach(draft, get(remote.serve("/a", PHOTO), remote.serve("/b", LOGO)))
    assert DraftFile.objects.count() == 0


def test_the_bytes_of_one_call_have_a_limit(remote: Remote, live_api: Api, settings: Any, nothing: Any) -> None:
    settings.DOWNLOAD_TOTAL_LIMIT = len(PHOTO) + 10
    with pytest.raises(DomainError, match="DOWNLOAD_TOTAL_LIMIT"):
        get(remote.serve("/a", PHOTO), remote.serve("/b", PHOTO))
    assert nothing()


def test_urls_of_one_call_are_fetched_at_the_same_time(remote: Remote, live_api: Api) -> None:
    lock, four = threading.Lock(), threading.Event()
    under_way = [0]

    def late(data: bytes) -> Any:
        def answer(handler: Any) -> None:
            with lock:
                under_way.append(under_way[-1] + 1)
            if under_way[-1] == 4:
                four.set()
            four.wait(20)
            time.sleep(0.1)  # a fifth would come now
            with lock:
                under_way.append(under_way[-1] - 1)
            send(handler, 200, data)

        return answer

    media = get(*(remote.answer(f"/{at}", late(films.png(10 + at, 10))) for at in range(8)))
    assert [item.width for item in media] == list(range(10, 18))
    assert max(under_way) == 4


def test_a_slow_host_leaves_slots_to_others_and_holds_no_lock(remote: Remote, live_api: Api, settings: Any) -> None:
    settings.DOWNLOAD_SLOTS_PER_HOST = 2
    go = threading.Event()

    def slow(handler: Any) -> None:
        go.wait(10)
        send(handler, 200, PHOTO)

    url = remote.answer("/slow", slow)
    got: list[Media] = []

    def call() -> None:
        got.extend(get(url))
        connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    while remote.now < 2:
        time.sleep(0.01)
    with pytest.raises(Unavailable) as caught:
        get(remote.serve("/fast", LOGO))
    assert caught.value.retry_after == 5
    with remote_host() as other:
        settings.OUTBOUND_ALLOWED_HOSTS = [remote.host, other.host.replace("127.0.0.1", "localhost")]
        assert get(other.serve("/a", LOGO).replace("127.0.0.1", "localhost"))[0].width > 0
    draft = live_api.create()["draft_id"]
    assert live_api.save(draft).status_code == 200
    go.set()
    for thread in threads:
        thread.join(10)
    assert [item.sha256 for item in got] == [got[0].sha256] * 2
    assert len(fetch._calls) == 0
    assert Blob.objects.filter(sha256=got[0].sha256).count() == 1


def test_a_linked_url_is_probed_and_not_stored(remote: Remote, live_api: Api, nothing: Any) -> None:
    draft = live_api.create()["draft_id"]
    url = remote.serve("/photo.png", PHOTO)
    media = get(url, link=True, draft_id=draft)
    assert (media[0].linked, media[0].width, media[0].url) == (True, 640, url)
    assert attach(draft, media) == [url]
    assert material_name(media[0], url) == f"{media[0].sha256[:22]}.png"
    assert nothing()


def test_a_url_that_names_the_draft_is_stored_even_when_links_are_wanted(
    remote: Remote, live_api: Api, settings: Any
) -> None:
    settings.MEDIA_MODE = "link"
    draft = live_api.create()["draft_id"]
    plain, spelled = remote.serve("/a", PHOTO), remote.serve(f"/{draft[:8]}-{draft[8:].upper()}/a.png", PHOTO)
    media = get(plain, spelled, draft_id=draft)
    assert [item.linked for item in media] == [True, False]
    paths = attach(draft, media)
    assert paths[0] == plain
    assert paths[1].startswith("assets/images/")
    assert get(plain, link=False)[0].linked is False


def test_an_uploaded_file_is_probed_when_it_is_first_asked_for_and_once(live_api: Api) -> None:
    draft = live_api.create()["draft_id"]
    live_api.put(f"/api/v1/drafts/{draft}/files/a/photo.png", PHOTO)
    live_api.put(f"/api/v1/drafts/{draft}/files/a/page.png", b"<html></html>")
    row = Draft.objects.get(pk=draft)
    assert MediaInfo.objects.count() == 0
    for _ in range(2):
        assert media_of_file(draft=row, path="a/photo.png").width == 640
    assert MediaInfo.objects.count() == 1
    with pytest.raises(NotMedia, match=r"path: a/page.png is a web page, not media"):
        media_of_file(draft=row, path="a/page.png")
    with pytest.raises(InvalidParameter, match=r"replace.path: a/photo.png is a picture, not audio"):
        media_of_file(draft=row, path="a/photo.png", field="replace.path", kinds=("audio",))


def test_what_is_known_of_a_blob_goes_with_it(remote: Remote, live_api: Api, settings: Any, nothing: Any) -> None:
    get(remote.serve("/a", PHOTO))
    settings.GC_GRACE = 0
    Blob.objects.update(touched_at=timezone.now() - timedelta(hours=1))
    collect.collect()
    assert nothing()


def thumbnail(api: Api, draft: str, path: str) -> Any:
    """The thumbnail of a file."""
    return api.get(f"/api/v1/drafts/{draft}/thumbnails/{path}")


def make_all() -> int:
    """What the worker does."""
    made = 0
    while thumbnails.make_one():
        made += 1
    return made


@ffmpeg
def test_a_picture_and_a_film_get_a_small_jpeg_each(live_api: Api, remote: Remote, tmp_path: Path) -> None:
    draft = live_api.create()["draft_id"]
    wide = films.film(tmp_path / "a.mp4", seconds=2, size="1280x320")
    paths = attach(draft, get(remote.serve("/a", PHOTO), remote.serve("/b", wide)))
    early = thumbnail(live_api, draft, paths[0])
    assert (early.status_code, early.json()["detail"]) == (404, "The thumbnail is not made yet")
    assert make_all() == 2
    sizes = []
    for path in paths:
        answer = thumbnail(live_api, draft, path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        data = body_of(answer)
        (tmp_path / "t.jpg").write_bytes(data)
        sizes.append(_size(tmp_path / "t.jpg"))
        assert (
            live_api.get(f"/api/v1/drafts/{draft}/thumbnails/{path}", **{"If-None-Match": answer["ETag"]}).status_code
            == 304
        )
    assert sizes == [(320, 240), (320, 80)]
    names = [file["path"] for file in live_api.get(f"/api/v1/drafts/{draft}/files").json()]
    assert len(names) == 5 + 2
    assert make_all() == 0


def _size(path: Path) -> tuple[int, int]:
    from drafts.media import pictures, sniff

    with path.open("rb") as file:
        width, height, _ = pictures.size_of(file, sniff.JPEG)
    return width, height


def test_missing_thumbnails_are_looked_for_among_a_part_of_the_files(
    live_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = live_api.create()["draft_id"]
    for number in range(5):
        assert live_api.put(f"/api/v1/drafts/{draft}/files/{number}.png", b"picture %d" % number).status_code == 201
    monkeypatch.setattr(thumbnails, "NEWEST", 0)
    monkeypatch.setattr(thumbnails, "ROUND", 2)
    highest = DraftFile.objects.order_by("-pk").values_list("pk", flat=True)[0]
    started, wanted = timezone.now(), []
    for turn in range(highest // 2 + 1):
        monkeypatch.setattr(timezone, "now", lambda turn=turn: started + turn * timedelta(seconds=thumbnails.EVERY))
        wanted.append(thumbnails.want_missing())
    assert (sum(wanted), wanted[0] <= 3, max(wanted[1:]) <= 2) == (5, True, True)


@ffmpeg
def test_thumbnails_of_uploads_turns_and_what_cannot_have_one(live_api: Api, tmp_path: Path) -> None:
    draft = live_api.create()["draft_id"]
    put = {"a.png": b"no picture", "b.txt": b"text", "c.mp4": b""}
    films.film(tmp_path / "flat.mp4", seconds=1, size="320x160", sound=False)
    put["c.mp4"] = films.turned((tmp_path / "flat.mp4").read_bytes(), clockwise=90)
    for name, data in put.items():
        assert live_api.put(f"/api/v1/drafts/{draft}/files/{name}", data).status_code == 201
    assert thumbnails.want_missing() == 2
    assert thumbnails.want_missing() == 0
    gate.start_maintenance()  # the store may be moved just now
    assert (gate.state(fresh=True).maintenance, make_all()) == ("", 0)
    gate.end_maintenance()
    gate.state(fresh=True)
    assert make_all() == 2
    (tmp_path / "t.jpg").write_bytes(body_of(thumbnail(live_api, draft, "c.mp4")))
    assert _size(tmp_path / "t.jpg") == (160, 320)
    listed = live_api.get(f"/api/v1/drafts/{draft}/files?thumbnails=1").json()
    [small] = [item for item in listed if item["kind"] == "thumbnail"]
    assert (small["path"], small["media_type"], small["state"]) == ("c.mp4.jpg", "image/jpeg", "stored")
    assert body_of(live_api.get(path_of(small["url"]))) == (tmp_path / "t.jpg").read_bytes()
    assert "thumbnail" not in {item["kind"] for item in live_api.get(f"/api/v1/drafts/{draft}/files").json()}
    assert thumbnail(live_api, draft, "a.png").json()["detail"] == "No thumbnail can be made of this file"
    assert thumbnail(live_api, draft, "b.txt").json()["detail"] == "Only videos and images have thumbnails"
    assert thumbnail(live_api, draft, "none.png").json()["detail"] == "The draft has no such file"
    assert {answer.status_code for answer in (thumbnail(live_api, draft, name) for name in ("a.png", "b.txt"))} == {404}
    failed = Thumbnail.objects.get(state="failed")
    assert (failed.tries, failed.error) == (1, "is text, not media")


@ffmpeg
def test_a_thumbnail_that_fails_is_tried_again_a_few_times(live_api: Api, remote: Remote, settings: Any) -> None:
    get(remote.serve("/a", PHOTO))
    settings.PROBE_MEMORY = 1024 * 1024
    for tries in (1, 2, 3):
        assert thumbnails.make_one()
        row = Thumbnail.objects.get()
        assert (row.tries, row.state) == (tries, "failed" if tries == 3 else "pending")
        assert thumbnails.make_one() is False
        Thumbnail.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert thumbnails.make_one() is False


@ffmpeg
def test_a_file_that_ends_the_worker_is_given_up(
    live_api: Api, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    get(remote.serve("/a", PHOTO))

    def killed(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("subprocess.run", killed)
        for _ in range(3):
            with pytest.raises(SystemExit):
                thumbnails.make_one()
            assert thumbnails.make_one() is False  # it may still be under way
            Thumbnail.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert thumbnails.make_one()
    assert Thumbnail.objects.get().state == "failed"


def test_without_ffmpeg_thumbnails_wait(live_api: Api, remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = live_api.create()["draft_id"]
    path = attach(draft, get(remote.serve("/a", PHOTO)))[0]
    monkeypatch.setenv("PATH", "/nowhere")
    assert thumbnails.make_one() is False
    answer = thumbnail(live_api, draft, path)
    assert answer.status_code == 404
    assert "apt install ffmpeg" in answer.json()["hint"]
    assert Thumbnail.objects.get().tries == 0


@ffmpeg
def test_a_store_that_breaks_off_is_no_fault_of_the_file(live_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = Draft.objects.get(pk=live_api.create()["draft_id"])
    live_api.put(f"/api/v1/drafts/{draft.pk}/files/a.png", LOGO)
    thumbnails.want_missing()

    def cut(blob: Blob) -> Iterator[bytes]:
        yield LOGO[:100]
        raise StoreError("the object ended early")

    with monkeypatch.context() as broken:
        broken.setattr(blobs, "open_stream", cut)
        with pytest.raises(Unavailable):
            media_of_file(draft=draft, path="a.png", field="file", kinds=("image",))
        for _ in range(configured.THUMBNAIL_TRIES + 1):
            assert thumbnails.make_one()
            assert Thumbnail.objects.get().error == "the object ended early"
            Thumbnail.objects.update(next_try_at=timezone.now())
    assert make_all() == 1
    assert Thumbnail.objects.get().state == Thumbnail.State.MADE
