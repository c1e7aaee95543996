"""``POST /api/v1/drafts/{id}/edits``: several operations as one, through HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from pytest_django import Settings

from drafts.core.errors import NotFound
from drafts.core.models import Blob
from drafts.editing.changes import ChangeCanvas
from drafts.editing.services import edit_draft
from drafts.media.types import InDraft
from tests.edits import HEX32, SECOND, Editor, media_host
from tests.harness import service
from tests.refusals import refused, remains
from tests.remote import Remote
from tests.support import MEDIA, SAMPLES, Api

ZH = {"Accept-Language": "zh-CN"}


class Batch(Editor):
    """One draft, and its edits."""

    @property
    def path(self) -> str:
        """Where edits go."""
        return f"/api/v1/drafts/{self.id}/edits"

    def edit(self, *operations: Any, query: str = "", **headers: str) -> Any:
        """The raw response of an edit."""
        return self.api.post(f"{self.path}{query}", {"operations": list(operations)}, **headers)

    def done(self, *operations: Any, query: str = "") -> dict[str, Any]:
        """The reply to an edit that succeeds."""
        response = self.edit(*operations, query=query)
        assert response.status_code == 200, response.content.decode()
        reply = dict(response.json())
        assert response["ETag"] == f'"r{reply["revision"]}"'
        return reply

    def put(self, path: str, name: str) -> str:
        """Upload a sample."""
        response = self.api.put(f"/api/v1/drafts/{self.id}/files/{path}", (MEDIA / name).read_bytes())
        assert response.status_code == 201
        return path


@pytest.fixture
def draft(api: Api) -> Batch:
    """A fresh draft of 1280 x 720."""
    return Batch(api, width=1280, height=720)


@pytest.fixture
def host(settings: Settings) -> Iterator[Remote]:
    """Where the media come from."""
    with media_host() as found:
        settings.OUTBOUND_ALLOWED_HOSTS = [found.host]
        yield found


def captions(*words: str, **more: Any) -> dict[str, Any]:
    """One caption a second."""
    items = [{"start": at * SECOND, "end": (at + 1) * SECOND, "text": each} for at, each in enumerate(words)]
    return {"op": "add_captions", "items": items, **more}


def imported(api: Api, folder: Path) -> Batch:
    """A draft that others made."""
    draft = Batch.__new__(Batch)
    made = api.imported(folder)
    draft.api, draft.id, draft.url = api, made["id"], made["draft_url"]
    return draft


def problem(response: Any) -> tuple[int, int, str]:
    """Status, code and the field of the first error."""
    body = response.json()
    return response.status_code, body["code"], body["errors"][0]["field"]


def test_one_edit_is_one_revision_and_names_every_id(draft: Batch) -> None:
    reply = draft.done(
        captions("Hello", "world", style={"size": 12, "color": "#FFCC00", "bold": True}, clip={"y": -72}),
        {"op": "add_keyframes", "items": [{"segment_id": "$0.1", "property": "KFTypeAlpha", "offset": 0, "value": 0}]},
        {"op": "change_track", "track_id": "$0.track", "name": "words"},
    )
    assert list(reply) == ["revision", "changed", "results", "changes"]
    assert (reply["revision"], reply["changed"], draft.revision) == (2, True, 2)
    added, keyed, renamed = reply["results"]
    track = draft.track(added["track_ids"][0])
    segments = track["segments"]
    assert track["name"] == "words"
    assert added == {
        "op": "add_captions",
        "track_ids": [track["id"]],
        "segment_ids": [segment["id"] for segment in segments],
        "segments": [
            {"id": segment["id"], "material_id": segment["material_id"], "start": at * SECOND, "end": (at + 1) * SECOND}
            for at, segment in enumerate(segments)
        ],
        "made": [],
        "removed": [],
        "warnings": [],
    }
    assert (keyed["op"], keyed["segment_ids"], len(keyed["made"])) == ("add_keyframes", [segments[1]["id"]], 1)
    assert (renamed["op"], renamed["track_ids"]) == ("change_track", [track["id"]])
    assert all(HEX32.fullmatch(each) for each in [*added["track_ids"], *added["segment_ids"]])
    assert segments[0]["clip"]["transform"] == {"x": 0.0, "y": -0.1}
    style = json.loads(draft.material("texts", segments[0]["material_id"])["content"])["styles"][0]
    assert (style["size"], style["bold"], style["fill"]["content"]["solid"]["color"]) == (12.0, True, [1.0, 0.8, 0.0])
    changes = reply["changes"]
    assert list(changes) == ["summary", "general", "tracks", "segments", "materials"]
    assert (changes["summary"]["segments_added"], changes["summary"]["tracks_added"]) == (2, 1)
    assert changes["general"] == [{"field": "duration", "before": 0, "after": 2 * SECOND}]
    assert [(item["change"], item["id"], item["label"]) for item in changes["segments"]] == [
        ("added", segments[0]["id"], "Hello"),
        ("added", segments[1]["id"], "world"),
    ]
    assert draft.findings() == []


def test_differences_are_listed_when_asked_for(draft: Batch) -> None:
    reply = draft.done({"op": "change_canvas", "width": 720, "height": 1280}, query="?differences=true")
    assert {item["place"]: (item["before"], item["after"]) for item in reply["changes"]["differences"]} == {
        "/canvas_config/width": (1280, 720),
        "/canvas_config/height": (720, 1280),
    }
    assert reply["changes"]["more"] is False


def test_what_changed_can_be_left_out(draft: Batch) -> None:
    assert list(draft.done(captions("x"), query="?changes=false")) == ["revision", "changed", "results"]
    assert "changes" in draft.done(captions("y"), query="?changes=false&dry_run=true")
    refused = draft.edit(captions("z"), query="?changes=no")
    assert (problem(refused), draft.revision) == ((400, 1001, "changes"), 2)


def test_a_failing_operation_takes_the_others_along(draft: Batch, host: Remote) -> None:
    draft.done(captions("one"))
    before, left = draft.document, remains()
    response = draft.edit(
        captions("two"),
        {"op": "add_images", "items": [{"url": host.url("/wide.jpg"), "start": 0, "end": SECOND}]},
        {"op": "split_segment", "segment_id": "nowhere", "at": 5},
    )
    assert problem(response) == (404, 2015, "operations[2].segment_id")
    assert response.json()["detail"] == "operations[2].segment_id names no segment of the draft"
    assert (draft.document, draft.revision, draft.files(), remains()) == (before, 2, [], left)


def test_an_edit_that_changes_nothing_keeps_the_revision(draft: Batch) -> None:
    reply = draft.done({"op": "change_canvas", "width": 1280, "height": 720}, {"op": "remove_unused"})
    again = draft.done({"op": "change_canvas", "width": 1280, "height": 720}, {"op": "remove_unused"})
    assert (again["revision"], again["changed"], again["changes"]["summary"]) == (reply["revision"], False, {})


def test_if_match_is_honoured(draft: Batch) -> None:
    assert draft.edit(captions("one"), **{"If-Match": '"r1"'}).status_code == 200
    stale = draft.edit(captions("two"), **{"If-Match": '"r1"'})
    assert (stale.status_code, stale["ETag"], draft.revision) == (412, '"r2"', 2)


def test_a_repeated_request_is_done_once(draft: Batch) -> None:
    key = {"Idempotency-Key": "one"}
    first = draft.edit(captions("one"), **key)
    again = draft.edit(captions("one"), **key)
    assert (again.json(), again["ETag"], again["Idempotency-Replayed"]) == (first.json(), '"r2"', "true")
    assert (draft.revision, draft.edit(captions("two"), **key).status_code) == (2, 422)


def test_a_dry_run_tells_and_changes_nothing(draft: Batch, host: Remote) -> None:
    before, left = draft.document, remains()
    image = {"url": host.url("/wide.jpg"), "start": 0, "end": SECOND}
    response = draft.edit(captions("one"), {"op": "add_images", "items": [image]}, query="?dry_run=true")
    reply = response.json()
    assert (response.status_code, response["ETag"], reply["revision"], reply["changed"]) == (200, '"r1"', 1, True)
    assert reply["changes"]["summary"]["segments_added"] == 2
    assert reply["changes"]["differences"]
    assert (draft.document, draft.revision, draft.files(), remains()) == (before, 1, [], left)
    refused = draft.edit({"op": "move_track", "track_id": "x", "position": 0}, query="?dry_run=true")
    assert problem(refused) == (404, 1002, "operations[0].track_id")


def test_media_from_a_url_and_from_a_file_of_the_draft(draft: Batch, host: Remote) -> None:
    path = draft.put("assets/videos/mine.mp4", "clip.mp4")
    reply = draft.done(
        {"op": "add_videos", "items": [{"file": path, "start": 0, "end": 2 * SECOND, "volume": 0.5}]},
        {
            "op": "add_audios",
            "items": [{"url": host.url("/music.mp3"), "start": 0, "end": SECOND, "fade_in": 1000}],
        },
        {"op": "replace_media", "segment_id": "$0", "url": host.url("/wide.jpg")},
    )
    shown = draft.api.get(f"/api/v1/drafts/{draft.id}/timeline").json()
    segments = [segment for track in shown["tracks"] for segment in track["segments"]]
    assert [(segment["kind"], segment["end"], segment["volume"]) for segment in segments] == [
        ("photo", 2 * SECOND, 0.5),
        ("audio", SECOND, 1.0),
    ]
    assert path in draft.files()
    assert len(draft.files()) == 3
    assert reply["revision"] == 3
    assert draft.findings() == []


def test_a_file_that_the_draft_has_not_and_one_of_another_kind(draft: Batch) -> None:
    path = draft.put("assets/audios/music.mp3", "music.mp3")
    item = {"start": 0, "end": SECOND}
    missing = draft.edit({"op": "add_videos", "items": [{"file": "assets/videos/no.mp4", **item}]})
    assert problem(missing) == (404, 1002, "operations[0].items[0].file")
    wrong = draft.edit(captions("x"), {"op": "add_videos", "items": [{"file": path, **item}]})
    assert problem(wrong) == (400, 1001, "operations[1].items[0].file")
    assert draft.revision == 2


@pytest.mark.parametrize(
    ("operation", "field", "words"),
    [
        ({"op": "add_caption", "items": []}, "operations[0].op", "Did you mean add_captions"),
        ({"op": 5}, "operations[0].op", "There are add_videos"),
        ({"items": []}, "operations[0].op", ""),
        ("add_captions", "operations[0]", ""),
        ({**captions("x"), "colour": 1}, "operations[0].colour", ""),
        ({**captions("x"), "styles": {}}, "operations[0].styles", "Did you mean style"),
        (captions("x", style={"colour": "#ffffff"}), "operations[0].style.colour", "Did you mean color"),
        (captions("x", style={"color": "white"}), "operations[0].style.color", ""),
        (captions("x", style={"size": "12"}), "operations[0].style.size", ""),
        (captions("x", style={"bold": 1}), "operations[0].style.bold", ""),
        ({"op": "add_captions", "items": []}, "operations[0].items", ""),
        ({"op": "add_captions", "items": {}}, "operations[0].items", ""),
        (
            {"op": "add_captions", "items": [{"start": 5, "end": 5, "text": "x"}]},
            "operations[0].items[0].end",
            "",
        ),
        ({"op": "add_captions", "items": [{"start": 0, "end": 5.5, "text": "x"}]}, "operations[0].items[0].end", ""),
        ({"op": "add_videos", "items": [{"start": 0, "end": 5}]}, "operations[0].items[0].url", ""),
        (
            {"op": "add_videos", "items": [{"start": 0, "end": 5, "url": "https://x.test/a", "file": "b"}]},
            "operations[0].items[0].url",
            "",
        ),
        ({"op": "change_volume", "segment_ids": ["x"], "volume": 11}, "operations[0].volume", ""),
        ({"op": "change_volume", "segment_ids": [], "volume": 1}, "operations[0].segment_ids", ""),
        ({"op": "import_subtitles", "text": "nothing"}, "operations[0].text", ""),
    ],
)
def test_a_mistake_is_named_by_its_place(draft: Batch, operation: Any, field: str, words: str) -> None:
    response = draft.edit(operation)
    body = response.json()
    assert (response.status_code, body["errors"][0]["field"], draft.revision) == (400, field, 1)
    assert body["detail"].startswith(field)
    assert words in body["hint"]


def test_a_mistake_in_chinese(draft: Batch) -> None:
    response = draft.edit({"op": "add_caption"}, **ZH)
    assert response.json()["detail"] == "operations[0].op：'add_caption' 不是可用的操作"


def test_the_list_of_operations_has_limits(draft: Batch, settings: Settings) -> None:
    settings.MAX_OPERATIONS = 2
    assert draft.edit({"op": "remove_unused"}, {"op": "remove_unused"}).status_code == 200
    response = draft.edit(*[{"op": "remove_unused"}] * 3)
    assert problem(response) == (400, 1001, "operations")
    assert "MAX_OPERATIONS" in response.json()["detail"]
    assert problem(draft.edit()) == (400, 1001, "operations")
    assert problem(draft.api.post(draft.path, {"operations": {}})) == (400, 1001, "operations")
    assert problem(draft.api.post(draft.path, {"operations": [], "dry_run": True})) == (400, 1001, "dry_run")
    assert draft.edit({"op": "remove_unused"}, query="?dry_run=1").status_code == 400


def test_too_many_segments(draft: Batch, settings: Settings) -> None:
    settings.MAX_SEGMENTS = 2
    assert draft.edit(captions("1", "2", "3")).status_code == 413
    assert draft.revision == 1


def test_operations_have_a_time_and_subtitles_a_size(draft: Batch, settings: Settings) -> None:
    settings.EDIT_SECONDS = -1
    problem = refused(draft.edit({"op": "remove_unused"}), 413, 3002)
    assert problem["detail"] == "The operations take longer than -1 s together (EDIT_SECONDS)"
    settings.EDIT_SECONDS = 10
    cue = "00:00:00,000 --> 00:00:01,000\nx\n\n"
    hostile = {
        "max_cue": ("00:00:00,000 --> 00:00:01,000\n" + "{\\" * 500_000, "5000 characters, markup included"),
        "max_items": (cue * 10_001, "10000 items (MAX_LIST_ITEMS)"),
    }
    for rule, (text, words) in hostile.items():
        problem = refused(draft.edit({"op": "import_subtitles", "text": text}), 400, 1001, rule=rule)
        assert problem["errors"][0]["field"] == "operations[0].text"
        assert words in problem["detail"]
    assert draft.revision == 1


def test_an_edit_makes_no_draft_longer_than_the_limit(draft: Batch, settings: Settings) -> None:
    [segment] = draft.done(captions("1"))["results"][0]["segment_ids"]
    settings.MAX_DURATION_SECONDS = 10
    late = {"op": "move_segment", "segment_id": segment, "start": 9_007_199_254_740_990}
    problem = refused(draft.edit(late), 413, 3002)
    assert problem["detail"] == "The draft would last 9007199256 s; the limit is 10 (MAX_DURATION_SECONDS)"
    assert draft.done({**late, "start": 9 * SECOND})["revision"] == 3
    settings.MAX_DURATION_SECONDS = 5  # what is longer already can be edited, only not made longer still
    assert draft.done({**late, "start": 8 * SECOND})["revision"] == 4
    refused(draft.edit({**late, "start": 9 * SECOND}), 413, 3002)
    assert draft.revision == 4


def test_unknown_decorations_are_told_in_our_words(draft: Batch) -> None:
    item = {"start": 0, "end": SECOND, "text": "x", "animations": [{"kind": "in", "name": "no such thing"}]}
    reply = draft.done({"op": "add_captions", "items": [item]})
    assert reply["results"][0]["warnings"] == [
        "items[0].animations: no text entrance animation is called 'no such thing'"
    ]


def test_changes_of_what_exists(draft: Batch) -> None:
    made = draft.done(captions("one", "two", "three"))["results"][0]
    first, second, third = made["segment_ids"]
    reply = draft.done(
        {"op": "move_segment", "segment_id": third, "start": 5 * SECOND},
        {"op": "trim_segment", "segment_id": second, "end": 1_500_000},
        {"op": "split_segment", "segment_id": first, "at": 400_000},
        {"op": "change_text", "segment_ids": ["$2"], "text": "half", "style": {"color": "#00ff00"}},
        {"op": "change_clip", "segment_ids": [first], "alpha": 0.5, "x": 128},
        {"op": "delete_segments", "segment_ids": [second]},
    )
    half = reply["results"][2]["made"][0]
    assert reply["results"][5]["removed"] == [second]
    track = draft.api.get(f"/api/v1/drafts/{draft.id}/timeline").json()["tracks"][1]
    assert [(item["id"], item["start"], item["end"], item["text"]) for item in track["segments"]] == [
        (first, 0, 400_000, "one"),
        (half, 400_000, SECOND, "half"),
        (third, 5 * SECOND, 6 * SECOND, "three"),
    ]
    assert [(item["change"], item["id"], item["aspects"]) for item in reply["changes"]["segments"]] == [
        ("changed", first, ["restyled", "trimmed"]),
        ("changed", third, ["moved"]),
        ("added", half, []),
        ("removed", second, []),
    ]
    assert draft.findings() == []


def test_every_operation_on_a_draft_of_the_reference(api: Api) -> None:
    draft = imported(api, SAMPLES / "s05_reference")
    shown = api.get(f"/api/v1/drafts/{draft.id}/timeline").json()
    by_kind: dict[str, list[str]] = {}
    for track in shown["tracks"]:
        for segment in track["segments"]:
            by_kind.setdefault(segment["kind"], []).append(segment["id"])
    video, audio, text, photo = (by_kind[kind][0] for kind in ("video", "audio", "text", "photo"))
    old = {(finding["rule"], finding["message"]) for finding in draft.findings()}
    reply = draft.done(
        {"op": "change_speed", "segment_ids": [video], "speed": 2},
        {"op": "change_volume", "segment_ids": [audio], "volume": 0.2},
        {"op": "change_text", "segment_ids": [text], "text": "Anders"},
        {"op": "adjust_picture", "segment_ids": [photo], "brightness": 0.3, "contrast": -0.2},
        {"op": "change_clip", "segment_ids": [photo], "rotation": 90},
        {"op": "add_effects", "items": [{"start": 0, "end": SECOND, "name": "录制边框 III"}]},
        {"op": "add_filters", "items": [{"start": 0, "end": SECOND, "name": "复古工业", "intensity": 80}]},
        {"op": "add_sticker", "sticker_id": "7211102020202020202", "start": 0, "end": SECOND},
        {"op": "add_masks", "segment_ids": [photo], "name": "圆形", "width": 100, "height": 100},
        {"op": "change_track", "track_id": "$5.track", "muted": True},
        {"op": "move_track", "track_id": "$7.track", "position": 3},
        {"op": "import_subtitles", "text": "1\n00:00:01,000 --> 00:00:02,000\nHello\n", "offset": 500_000},
        {"op": "remove_unused"},
    )
    assert [result["op"] for result in reply["results"]] == [
        *("change_speed", "change_volume", "change_text", "adjust_picture", "change_clip", "add_effects"),
        *("add_filters", "add_sticker", "add_masks", "change_track", "move_track", "import_subtitles", "remove_unused"),
    ]
    assert reply["results"][11]["segments"][0]["start"] == 1_500_000
    assert {(finding["rule"], finding["message"]) for finding in draft.findings()} <= old


def test_edits_of_drafts_that_others_made_bring_no_new_finding(api: Api, sample: Path) -> None:
    draft = imported(api, sample)
    old = {(finding["rule"], finding["message"]) for finding in draft.findings()}
    shown = api.get(f"/api/v1/drafts/{draft.id}/timeline").json()
    before = draft.document
    track = next(track for track in shown["tracks"] if track["segments"])
    segment = max(track["segments"], key=lambda segment: int(segment["start"]))
    middle = (segment["start"] + segment["end"]) // 2
    reply = draft.done(
        {"op": "split_segment", "segment_id": segment["id"], "at": middle},
        {"op": "change_speed", "segment_ids": ["$0"], "speed": 2}
        if track["type"] == "video"
        else {"op": "remove_unused"},
        captions("added"),
        {"op": "move_segment", "segment_id": "$2", "start": SECOND},
    )
    assert {(finding["rule"], finding["message"]) for finding in draft.findings()} <= old
    assert reply["changes"]["summary"]["segments_added"] == 2
    touched = {item["id"] for item in reply["changes"]["segments"]}
    assert touched == {segment["id"], reply["results"][0]["made"][0], *reply["results"][2]["segment_ids"]}
    assert set(before) <= set(draft.document)


def test_a_draft_that_is_not_there(api: Api) -> None:
    response = api.post("/api/v1/drafts/20260101000000aaaaaaaa/edits", {"operations": [{"op": "remove_unused"}]})
    assert (response.status_code, response.json()["code"]) == (404, 2001)


def test_nothing_is_kept_of_a_refused_fetch(draft: Batch) -> None:
    count = Blob.objects.count()
    item = {"url": "http://127.0.0.1:1/a.mp4", "start": 0, "end": SECOND}
    response = draft.edit(captions("x"), {"op": "add_videos", "items": [item]})
    assert response.status_code in {400, 403}
    assert response.json()["errors"][0]["field"] == "operations[1].items[0].url"
    assert (draft.revision, Blob.objects.count()) == (1, count)
    assert settings.MAX_OPERATIONS == 500


SRT = (
    "\ufeff1\r\n00:00:00,500 --> 00:00:02,000\r\n<i>Hello</i> 世界\r\n\r\n"
    "2\r\n00:00:01,000 --> 00:00:03,250\r\nÜber & zwei\r\nZeilen\r\n"
)
BACK = "1\n00:00:00,500 --> 00:00:02,000\nHello 世界\n\n2\n00:00:01,000 --> 00:00:03,250\nÜber & zwei\nZeilen\n"


def test_subtitles_go_in_and_come_out(draft: Batch) -> None:
    reply = draft.done({"op": "import_subtitles", "text": SRT, "style": {"size": 9}})["results"][0]
    assert len(reply["track_ids"]) == 2
    assert [(item["start"], item["end"]) for item in reply["segments"]] == [
        (500_000, 2_000_000),
        (1_000_000, 3_250_000),
    ]
    path = f"/api/v1/drafts/{draft.id}/subtitles"
    shown = draft.api.get(f"{path}.srt")
    assert shown.content.decode().strip() == BACK.strip()
    assert shown["Content-Type"] == "application/x-subrip; charset=utf-8"
    assert shown["Content-Disposition"].startswith(f'attachment; filename="{draft.id}.srt"')
    assert draft.api.get(f"{path}.srt", **{"If-None-Match": shown["ETag"]}).status_code == 304
    vtt = draft.api.get(f"{path}.vtt")
    assert vtt["Content-Type"] == "text/vtt; charset=utf-8"
    assert vtt.content.decode().startswith("WEBVTT")
    assert vtt["ETag"] != shown["ETag"]
    again = Batch(draft.api, width=1280, height=720)
    again.done({"op": "import_subtitles", "text": vtt.content.decode(), "offset": 1_000_000})
    later = draft.api.get(f"/api/v1/drafts/{again.id}/subtitles.srt").content.decode()
    assert "00:00:01,500 --> 00:00:03,000\nHello 世界" in later
    assert draft.api.get(f"{path}.ass").status_code == 404


def test_subtitles_of_a_version_and_of_a_draft_without_texts(draft: Batch) -> None:
    assert draft.api.get(f"/api/v1/drafts/{draft.id}/subtitles.srt").content.strip() == b""
    draft.done(captions("one"))
    draft.api.save(draft.url)
    draft.done(captions("two"))
    old = draft.api.get(f"/api/v1/drafts/{draft.id}/versions/1/subtitles.srt")
    assert old.content.decode().strip() == "1\n00:00:00,000 --> 00:00:01,000\none"
    assert draft.api.get(f"/api/v1/drafts/{draft.id}/versions/9/subtitles.srt").status_code == 404


def test_twenty_at_once_on_two_processes_all_get_in(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        base = f"{running.url}/api/v1/drafts/{running.create()['draft_id']}"

        def add(number: int) -> tuple[int, int]:
            operations = [
                captions(f"caption {number}"),
                {"op": "change_clip", "segment_ids": ["$0"], "y": number},
                {
                    "op": "add_keyframes",
                    "items": [{"segment_id": "$0", "property": "KFTypeAlpha", "offset": 0, "value": 0.5}],
                },
            ]
            answer = requests.post(f"{base}/edits", json={"operations": operations}, timeout=120)
            return answer.status_code, answer.json().get("revision", 0)

        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(add, range(20)))
        assert sorted(answers) == [(200, revision) for revision in range(2, 22)]
        shown = requests.get(f"{base}/timeline", timeout=30).json()
        texts = [segment["text"] for track in shown["tracks"] for segment in track["segments"]]
        assert sorted(texts) == sorted(f"caption {number}" for number in range(20))
        document = requests.get(f"{base}/content", timeout=30).json()
        added = [segment for track in document["tracks"] for segment in track["segments"]]
        assert [len(segment["common_keyframes"]) for segment in added] == [1] * 20
        assert requests.get(f"{base}/integrity", timeout=30).json() == {"findings": []}


def test_a_dry_run_with_a_key_changes_nothing_either(draft: Batch) -> None:
    key = {"Idempotency-Key": "dry"}
    first = draft.edit(captions("one"), query="?dry_run=true", **key)
    again = draft.edit(captions("one"), query="?dry_run=true", **key)
    assert (first.status_code, again.json(), draft.revision) == (200, first.json(), 1)
    assert len(draft.document["tracks"]) == 1


def test_a_file_that_goes_between_the_look_and_the_edit_is_missed(draft: Batch) -> None:
    gone = InDraft("assets/videos/gone.mp4", "operations[0].items[0].file")
    with pytest.raises(NotFound, match=re.escape("operations[0].items[0].file: the draft has no file")):
        edit_draft(draft_id=draft.id, commands=[ChangeCanvas(width=5, height=5)], uses=[gone])
    assert draft.revision == 1


def test_the_example_of_the_readme_does_what_it_says(draft: Batch) -> None:
    shown = re.search(
        r"edits\" -H .*? -d '(.*?)'; echo", (Path(__file__).parents[1] / "README.md").read_text(), re.DOTALL
    )
    assert shown
    response = draft.api.post(draft.path, json.loads(shown[1]))
    assert response.status_code == 200, response.content.decode()
    texts = draft.api.get(f"/api/v1/drafts/{draft.id}/subtitles.srt").content.decode()
    assert texts.strip() == "1\n00:00:00,000 --> 00:00:01,000\nHello\n\n2\n00:00:01,000 --> 00:00:03,000\nworld"


def test_a_segment_that_ends_beyond_all_numbers_leaves_the_draft_editable(draft: Batch) -> None:
    document = {**draft.document, "duration": 2**64 - 1}
    document["tracks"][0]["segments"].append({"target_timerange": {"start": 2**63, "duration": 2**63}})
    assert draft.api.put_content(draft.id, document).status_code == 200
    draft.done(captions("one"))
    assert draft.document["duration"] == 2**63 - 1
    shown = draft.api.get(f"/api/v1/drafts/{draft.id}/timeline").json()
    assert max(segment["end"] for track in shown["tracks"] for segment in track["segments"]) == 2**64 - 1
