"""What the worker reads out of documents for lists, filters and search."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from drafts import tasks
from drafts.core import blobs, persist
from drafts.core.models import Blob
from drafts.models import Draft, DraftContent, DraftSummary, DraftVersion, VersionSummary
from drafts.selectors.changes import in_words
from drafts.services import describe as describing
from drafts.services.describe import describe
from tests.support import SAMPLES, Api
from tests.test_persist import UNREACHABLE

CAPTIONS = {"captions": json.dumps([{"start": 0, "end": 1_000_000, "text": "ＨＥＬＬＯ 世界"}])}


def everything() -> None:
    """As the worker does it in some passes, with nothing waiting for the store."""
    persist.drain()
    while describe():
        persist.drain()


def due() -> tuple[int, int]:
    """How many drafts wait to be read, and how many for their versions."""
    rows = Draft.objects.all()
    return rows.filter(describing.UNDESCRIBED).count(), rows.filter(describing.UNDESCRIBED_HEAD).count()


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ({}, "no change", "无变化"),
        (
            {"segments_added": {"video": 2}, "texts_changed": 1, "files_added": 1},
            "+2 segments on video, 1 caption edited, +1 file",
            "视频片段 +2，1 条字幕已编辑，文件 +1",
        ),
        (
            {"segments_removed": {"text": 1, "adjust": 2}, "segments_changed": {"moved": 3, "media": 1}},
            "−1 caption, −2 segments on adjust, 3 segments moved, 1 segment with other media",
            "字幕 −1，adjust 片段 −2，3 个片段移动，1 个片段替换素材",
        ),
        (
            {"tracks_added": 1, "tracks_changed": 2, "general": ["canvas.width", "canvas.height", "duration"]},
            "+1 track, 2 tracks changed, canvas changed",
            "轨道 +1，2 条轨道已修改，画布已修改",
        ),
        ({"files_removed": 2, "files_replaced": 1}, "−2 files, 1 file replaced", "文件 −2，1 个文件已替换"),
        ({"details": 4}, "details changed", "细节已修改"),
        ({"general": ["duration"]}, "details changed", "细节已修改"),
    ],
)
def test_changes_are_told_in_one_line(changes: dict[str, Any], english: str, chinese: str) -> None:
    told = in_words(changes)
    assert (told.en, told.zh) == (english, chinese)


def test_a_draft_is_described_after_each_edit(api: Api) -> None:
    draft = api.imported(SAMPLES / "s01_basic")
    everything()
    row = Draft.objects.get()
    summary = DraftSummary.objects.get()
    content = DraftContent.objects.get()
    sizes = sum(path.stat().st_size for path in (SAMPLES / "s01_basic" / "assets").rglob("*") if path.is_file())
    assert row.described_revision == row.revision
    assert (summary.app_profile, summary.files, summary.missing_media) == ("JianYing 5.9.0", 4, 0)
    assert (summary.tracks, summary.segments, summary.size) == (3, 8, content.size + sizes)
    assert {"s01_basic", "hello 你好", "clip.mp4"} <= set(summary.text.split("\n"))
    assert due() == (0, 0)
    api.patch(f"/api/v1/drafts/{draft['id']}", {"name": "Ｎｅｕ"})
    api.delete(f"/api/v1/drafts/{draft['id']}/files/assets/videos/clip.mp4")
    assert due() == (1, 0)
    everything()
    summary.refresh_from_db()
    assert (summary.files, summary.missing_media) == (3, 1)
    assert "neu" in summary.text.split("\n")
    assert "clip.mp4" in summary.text.split("\n"), "it had that file"


def test_versions_tell_what_changed(api: Api) -> None:
    draft = api.create()
    api.save(draft["draft_url"])
    api.post("/openapi/capcut-mate/v1/add_captions", {"draft_url": draft["draft_url"], **CAPTIONS})
    api.put(f"/api/v1/drafts/{draft['draft_id']}/files/assets/a.txt", b"one")
    api.save(draft["draft_url"])
    api.delete(f"/api/v1/drafts/{draft['draft_id']}/files/assets/a.txt")
    api.save(draft["draft_url"])
    api.save(draft["draft_url"], note="done")
    everything()
    rows = list(VersionSummary.objects.order_by("version__number"))
    first, second, third, fourth = (row.changes for row in rows)
    assert first == {"tracks_added": 1}
    assert (second["segments_added"], second["files_added"]) == ({"text": 1}, 1)
    assert in_words(second).en == "+1 caption, +1 track, +1 file"
    assert (third, fourth) == ({"files_removed": 1}, {})
    assert rows[1].size == rows[2].size + 3
    assert due() == (0, 0)


def test_an_old_database_is_described_bit_by_bit(api: Api) -> None:
    drafts = [api.create()["draft_url"] for _ in range(3)]
    for number in range(3):
        for url in drafts:
            api.save(url, note=f"version {number}")
    persist.drain()
    assert describe(seconds=0) == 1, "a pass does some work, however short"
    everything()
    assert VersionSummary.objects.count() == 9
    assert due() == (0, 0)
    assert describe() == 0


def test_blobs_that_wait_for_the_store_come_first(api: Api) -> None:
    for _ in range(3):
        api.save(api.create()["draft_url"])
    assert (describe(), due()) == (1, (2, 3))
    persist.drain()
    assert (describe(), due()) == (5, (0, 0))


def test_the_newest_edit_is_described_first(api: Api) -> None:
    old, new = api.create()["draft_id"], api.create()["draft_id"]
    describe(seconds=0)
    assert [row.pk for row in Draft.objects.filter(describing.UNDESCRIBED)] == [old]
    assert DraftSummary.objects.get().draft_id == new


def damage(content: DraftContent) -> None:
    DraftContent.objects.filter(pk=content.pk).update(data=b"no frame")


def wait() -> None:
    """As if the time until the next try had passed."""
    past = timezone.now() - timedelta(seconds=1)
    DraftSummary.objects.exclude(next_try_at=None).update(next_try_at=past)
    DraftSummary.objects.exclude(version_next_try_at=None).update(version_next_try_at=past)


def test_a_document_that_cannot_be_read_is_given_up_and_does_not_stop_the_others(api: Api) -> None:
    api.create()
    bad = api.create()["draft_id"]
    api.patch(f"/api/v1/drafts/{bad}", {"name": "Bad"})
    whole = DraftContent.objects.get(pk=bad)
    damage(whole)
    for tries in (1, 2):
        describe()
        row = DraftSummary.objects.get(pk=bad)
        assert (due(), row.tries, row.error) == ((1, 0), tries, "")
        assert row.next_try_at is not None
        assert row.next_try_at > timezone.now(), "not at once again"
        assert describe() == 0
        wait()
    describe()
    row.refresh_from_db()
    assert (due(), row.tries, row.error, row.text) == ((0, 0), 0, "DocumentError", "bad")
    DraftContent.objects.filter(pk=bad).update(data=whole.data)
    api.patch(f"/api/v1/drafts/{bad}", {"name": "Good"})
    describe()
    row.refresh_from_db()
    assert (row.error, row.text) == ("", "good")


def test_a_document_that_ends_the_worker_is_given_up(api: Api) -> None:
    api.save(api.create()["draft_url"])
    persist.drain()
    for _ in range(3):
        assert describing._claim(describing.UNDESCRIBED) is not None, "and here the worker ends"
        assert describing._claim(describing.UNDESCRIBED_HEAD, "version_") is not None
        assert describe() == 0, "their leases run"
        wait()
    assert (describe(), due()) == (2, (0, 0))
    assert DraftSummary.objects.get().error == VersionSummary.objects.get().error == describing.KILLED


def test_versions_wait_for_a_store_that_is_down_and_edits_do_not(api: Api, settings: Any) -> None:
    draft = api.create()
    api.save(draft["draft_url"])
    persist.drain()
    good = settings.STORAGES["drafts"]
    settings.STORAGES = {**settings.STORAGES, "drafts": UNREACHABLE}
    assert describe() == 1
    api.patch(f"/api/v1/drafts/{draft['draft_id']}", {"name": "new"})
    assert describe() == 1
    row = DraftSummary.objects.get()
    assert (row.text, row.version_tries, due()) == ("new", 0, (0, 1))
    settings.STORAGES = {**settings.STORAGES, "drafts": good}
    assert describe() == 0, "it waits for its turn"
    wait()
    assert (describe(), due()) == (1, (0, 0))


def test_a_version_that_cannot_be_read_is_given_up_and_later_ones_are_not(api: Api) -> None:
    draft = api.create()
    for number in (1, 2, 3, 4):
        api.save(draft["draft_url"], note=str(number))
    persist.drain()
    DraftVersion.objects.filter(number=2).update(content=blobs.put(io.BytesIO(b"[]"), length=2))
    for _ in range(6):
        describe()
        wait()
    told = VersionSummary.objects.order_by("version__number").values_list("version__number", "error")
    # Version 3 is compared with version 2.
    assert list(told) == [(1, ""), (2, "DocumentError"), (3, "DocumentError"), (4, "")]
    assert due() == (0, 0)


def test_what_is_in_the_trash_is_described_too(api: Api) -> None:
    draft = api.create()
    api.delete(f"/api/v1/drafts/{draft['draft_id']}")
    assert (describe(), due()) == (1, (0, 0))


def test_pairs_are_kept_where_an_index_can_use_them(api: Api) -> None:
    api.patch(f"/api/v1/drafts/{api.create()['draft_id']}", {"name": "你好"})
    describe()
    expected = "4f60 4f60597d 597d" if connection.vendor == "postgresql" else ""
    assert DraftSummary.objects.get().bigrams == expected


def test_the_text_is_bounded(api: Api, settings: Any) -> None:
    settings.MAX_SEARCH_TEXT = 10
    api.patch(f"/api/v1/drafts/{api.create()['draft_id']}", {"name": "x" * 50})
    describe()
    assert DraftSummary.objects.get().text == "x" * 10


def test_the_task_does_what_the_service_does(api: Api) -> None:
    api.create()
    tasks.describe()
    assert (due(), Blob.objects.count()) == ((0, 0), 0)
