"""The editing routes that fetch media: exact replies, files, and what a failure leaves (contract 7.4 to 7.6, 7.14)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from drafts.core.models import Blob
from drafts.document.paths import TOKEN
from drafts.models import DraftFile
from tests.edits import SECOND, Editor, media_host, text
from tests.refusals import refused, remains
from tests.remote import Remote
from tests.support import MATE, MEDIA, Api


@pytest.fixture
def host(settings: Settings) -> Iterator[Remote]:
    """Where the media come from."""
    with media_host() as found:
        settings.OUTBOUND_ALLOWED_HOSTS = [found.host]
        yield found


@pytest.fixture
def editor(api: Api, host: Remote) -> Editor:
    """A fresh draft of 1280 x 720."""
    return Editor(api, width=1280, height=720)


def name_of(medium: str) -> str:
    """What a file of the samples is called inside a draft."""
    return hashlib.sha256((MEDIA / medium).read_bytes()).hexdigest()[:32] + f".{medium.rpartition('.')[2]}"


def clip(host: Remote, name: str = "clip.mp4", **fields: Any) -> dict[str, Any]:
    """One video."""
    return {"video_url": host.url(f"/{name}"), "start": 0, "end": 2 * SECOND, **fields}


def image(host: Remote, name: str = "wide.jpg", **fields: Any) -> dict[str, Any]:
    """One image."""
    return {"image_url": host.url(f"/{name}"), "start": 0, "end": 2 * SECOND, **fields}


def music(host: Remote, **fields: Any) -> dict[str, Any]:
    """One piece of music."""
    return {"audio_url": host.url("/music.mp3"), "start": 0, "end": 2 * SECOND, **fields}


def test_add_images_as_the_contract_shows_it(editor: Editor, host: Remote) -> None:
    """Appendix E: 640 px on a canvas of 1280 are 0.5."""
    reply = editor.call("add_images", image_infos=text(image(host)), transform_x=640)
    assert list(reply) == ["track_id", "image_ids", "segment_ids", "segment_infos"]
    track = editor.track(reply["track_id"])
    [segment] = track["segments"]
    assert (track["type"], track["name"][:12]) == ("video", "image_track_")
    assert segment["clip"]["transform"] == {"x": 0.5, "y": 0.0}
    assert reply["segment_infos"] == [{"id": segment["id"], "start": 0, "end": 2 * SECOND}]
    assert (reply["segment_ids"], reply["image_ids"]) == ([segment["id"]], [segment["material_id"]])
    material = editor.material("videos", reply["image_ids"][0])
    path = f"assets/images/{name_of('wide.jpg')}"
    assert (material["type"], material["width"], material["height"]) == ("photo", 640, 360)
    assert (material["path"], material["material_name"]) == (f"{TOKEN}/{path}", name_of("wide.jpg"))
    assert editor.files() == [path]
    assert editor.findings() == []
    assert editor.revision == 2


def test_add_videos_answers_with_the_ids_and_ends_of_this_call(editor: Editor, host: Remote) -> None:
    """Contract 5 no. 19: not those of earlier calls, and the end after shortening."""
    editor.call("add_images", image_infos=text(image(host)))
    reply = editor.call(
        "add_videos", video_infos=text(clip(host), clip(host, start=3 * SECOND, end=13 * SECOND, volume=11))
    )
    assert list(reply) == ["track_id", "video_ids", "segment_ids", "segment_infos", "warnings"]
    first, second = editor.track(reply["track_id"])["segments"]
    assert reply["video_ids"] == [first["material_id"], second["material_id"]]
    assert [(info["start"], info["end"]) for info in reply["segment_infos"]] == [
        (0, 2 * SECOND),
        (3 * SECOND, 7 * SECOND),
    ]
    assert [first["volume"], second["volume"]] == [1.0, 1.0]
    assert reply["warnings"][0] == "video_infos[1].volume was ignored: not within 0 to 10"
    assert editor.files() == [f"assets/images/{name_of('wide.jpg')}", f"assets/videos/{name_of('clip.mp4')}"]


def test_videos_that_overlap_lie_above_each_other(editor: Editor, host: Remote) -> None:
    """Contract 8 row 14: the documentation shows it; the reference refuses it."""
    reply = editor.call("add_videos", video_infos=text(clip(host), clip(host, start=SECOND, end=3 * SECOND)))
    assert list(reply) == ["track_id", "track_ids", "video_ids", "segment_ids", "segment_infos"]
    layers = [editor.track(each)["segments"][0]["render_index"] for each in reply["track_ids"]]
    assert (reply["track_id"], layers) == (reply["track_ids"][0], [1, 2])
    assert editor.findings() == []


def test_scenes_retime_videos_and_may_come_as_text(editor: Editor, host: Remote) -> None:
    """Contract 7.4: two seconds in a scene of one play twice as fast; items are laid end to end."""
    videos = text(clip(host), clip(host, start=2 * SECOND, end=4 * SECOND))
    scenes = [{"start": 0, "end": SECOND}, {"start": SECOND, "end": 2 * SECOND}]
    for given in (scenes, text(*scenes)):
        reply = editor.call("add_videos", video_infos=videos, scene_timelines=given)
        segments = editor.track(reply["track_id"])["segments"]
        assert [segment["speed"] for segment in segments] == [2.0, 2.0]
        assert [segment["target_timerange"] for segment in segments] == [
            {"start": 0, "duration": SECOND},
            {"start": SECOND, "duration": SECOND},
        ]
        assert [(info["start"], info["end"]) for info in reply["segment_infos"]] == [(0, SECOND), (SECOND, 2 * SECOND)]


def test_videos_can_be_masked_and_faded_into_each_other(editor: Editor, host: Remote) -> None:
    first = clip(host, mask="圆形", transition="叠化", transition_duration="500000")
    reply = editor.call("add_videos", video_infos=text(first, clip(host, start=2 * SECOND, end=4 * SECOND)))
    assert "warnings" not in reply
    [transition] = editor.document["materials"]["transitions"]
    assert (transition["name"], transition["duration"]) == ("叠化", 500_000)
    [mask] = editor.document["materials"]["masks"]
    segments = editor.track(reply["track_id"])["segments"]
    assert mask["id"] in segments[0]["extra_material_refs"]
    assert transition["id"] in segments[0]["extra_material_refs"]


def test_add_audios_answers_with_exactly_these_fields(editor: Editor, host: Remote) -> None:
    reply = editor.call(
        "add_audios", audio_infos=text(music(host, volume=0.4), music(host, start=20 * SECOND, end=40 * SECOND))
    )
    assert list(reply) == ["track_id", "audio_ids"]
    first, second = editor.track(reply["track_id"])["segments"]
    assert [segment["material_id"] for segment in (first, second)] == reply["audio_ids"]
    assert (first["volume"], second["volume"], first["render_index"]) == (0.4, 1.0, 10)
    length = editor.material("audios", reply["audio_ids"][1])["duration"]
    assert second["target_timerange"] == {"start": 20 * SECOND, "duration": length}
    assert editor.files() == [f"assets/audios/{name_of('music.mp3')}"]


def test_the_same_bytes_are_one_file_and_one_blob(editor: Editor, host: Remote) -> None:
    host.serve("/other.jpg", (MEDIA / "wide.jpg").read_bytes(), kind="text/html")
    reply = editor.call(
        "add_images", image_infos=text(image(host), image(host, "other.jpg", start=2 * SECOND, end=3 * SECOND))
    )
    editor.call("add_images", image_infos=text(image(host)))
    assert len(set(reply["image_ids"])) == 2
    assert editor.files() == [f"assets/images/{name_of('wide.jpg')}"]
    assert Blob.objects.filter(sha256=hashlib.sha256((MEDIA / "wide.jpg").read_bytes()).hexdigest()).count() == 1
    assert DraftFile.objects.filter(draft_id=editor.id, path__startswith="assets/").count() == 1


def test_media_may_stay_at_their_urls(editor: Editor, host: Remote) -> None:
    reply = editor.call("add_images", image_infos=text(image(host)), media="link")
    material = editor.material("videos", reply["image_ids"][0])
    assert material["path"] == host.url("/wide.jpg")
    assert (editor.files(), Blob.objects.exclude(state="pending").count()) == ([], 0)
    refused(editor.post("add_images", image_infos=text(image(host)), media="steal"), 400, 1001)


def test_easy_create_material_adds_everything_as_one_revision(editor: Editor, host: Remote) -> None:
    reply = editor.call(
        "easy_create_material",
        audio_url=host.url("/music.mp3"),
        video_url=host.url("/clip.mp4"),
        img_url=host.url("/wide.jpg"),
        text="A title",
        text_color="#00ff00",
        text_transform_y=72,
    )
    assert reply == {}
    tracks = [track for track in editor.document["tracks"] if track["segments"]]
    lengths = {track["name"].split("_")[0]: track["segments"][0]["target_timerange"]["duration"] for track in tracks}
    assert lengths == {"audio": 5 * SECOND, "video": 4 * SECOND, "image": 3 * SECOND, "text": 5 * SECOND}
    [title] = editor.document["materials"]["texts"]
    assert (title["type"], editor.revision) == ("text", 2)
    assert editor.call("easy_create_material", audio_url=host.url("/music.mp3"), text=None) == {}
    assert editor.findings() == []


FAILING: list[tuple[str, dict[str, Any], int, int, str]] = [
    ("add_videos", {"video_infos": "nope"}, 400, 1001, "video_infos is not valid JSON"),
    ("add_videos", {"video_infos": "{}"}, 400, 1001, "video_infos must be an array"),
    ("add_videos", {"video_infos": "[3]"}, 400, 1001, "video_infos[0] must be an object"),
    ("add_videos", {"video_infos": "[]"}, 400, 2003, "video_infos must not be empty"),
    ("add_videos", {}, 400, 2003, "video_infos is required"),
    ("add_videos", {"video_infos": [{"start": 0, "end": 1}]}, 400, 2003, "video_infos[0].video_url is required"),
    (
        "add_videos",
        {"video_infos": [{"video_url": "ftp://h/v.mp4", "start": 0, "end": 1}]},
        400,
        1001,
        "video_infos[0].video_url must begin with http:// or https://",
    ),
    (
        "add_videos",
        {"video_infos": [{"video_url": "http://h/v.mp4", "start": 0, "end": 1, "duration": 0}]},
        400,
        2003,
        "video_infos[0].duration must be greater than 0",
    ),
    (
        "add_videos",
        {"video_infos": [{"video_url": "http://h/v.mp4", "start": 0, "end": 1}], "scene_timelines": [{"start": 0}]},
        400,
        1001,
        "scene_timelines[0].end is required",
    ),
    ("add_audios", {"audio_infos": "[]"}, 400, 2007, "audio_infos must not be empty"),
    ("add_images", {"image_infos": "[]"}, 400, 2009, "image_infos must not be empty"),
    (
        "add_images",
        {"image_infos": [{"image_url": "http://h/i.jpg", "start": 0, "end": 1, "width": 0}]},
        400,
        2009,
        "image_infos[0].width must be greater than or equal to 1",
    ),
    ("easy_create_material", {"audio_url": ""}, 400, 1001, "audio_url must not be empty"),
    (
        "easy_create_material",
        {"audio_url": "http://h/a.mp3", "img_url": ""},
        400,
        1001,
        "img_url must not be empty",
    ),
]


@pytest.mark.parametrize(("verb", "body", "status", "code", "detail"), FAILING)
def test_wrong_requests_fetch_nothing_and_change_nothing(
    editor: Editor, host: Remote, verb: str, body: dict[str, Any], status: int, code: int, detail: str
) -> None:
    before = remains(), editor.revision
    refused(editor.post(verb, **body), status, code, detail)
    assert (remains(), editor.revision, host.asked) == (*before, [])


def test_an_unknown_draft_fetches_nothing(editor: Editor, host: Remote) -> None:
    body = {"draft_url": "0" * 22, "video_infos": text(clip(host))}
    refused(editor.api.post(f"{MATE}/add_videos", body), 404, 2001)
    assert host.asked == []


def test_a_file_that_does_not_come_fails_the_whole_call(editor: Editor, host: Remote) -> None:
    before = remains(), editor.document
    body = text(image(host), image(host, "gone.jpg", start=2 * SECOND, end=3 * SECOND))
    problem = refused(editor.post("add_images", image_infos=body), 400, 2005)
    assert problem["errors"][0]["field"] == "image_infos[1].image_url"
    assert (remains(), editor.document) == before


def test_an_edit_that_fails_after_the_fetch_keeps_no_blob(editor: Editor, host: Remote) -> None:
    """Weaknesses 6 and 10: no track, no material, no file, no blob."""
    before = remains(), editor.document, editor.revision
    refused(editor.post("add_videos", video_infos=text(clip(host)), scale_x=0), 400, 1001, "scale_x must not be 0")
    assert host.asked == ["/clip.mp4"]
    assert (remains(), editor.document, editor.revision) == before


def test_a_video_is_no_audio(editor: Editor, host: Remote) -> None:
    before = remains()
    problem = refused(
        editor.post("add_audios", audio_infos=text(music(host, audio_url=host.url("/clip.mp4")))), 422, 2008
    )
    assert problem["errors"][0]["field"] == "audio_infos[0].audio_url"
    assert remains() == before


def test_easy_create_material_is_all_or_nothing(editor: Editor, host: Remote) -> None:
    """Weakness 22: the reference answers success when every download failed."""
    before = remains(), editor.document
    problem = refused(
        editor.post("easy_create_material", audio_url=host.url("/music.mp3"), img_url=host.url("/gone.jpg")), 400, 2005
    )
    assert problem["errors"][0]["field"] == "img_url"
    assert (remains(), editor.document) == before


def test_easy_create_material_names_its_own_fields(editor: Editor, host: Remote) -> None:
    wrong = {
        "audio_url": ({"audio_url": host.url("/clip.mp4")}, 422, 2008),
        "video_url": ({"video_url": host.url("/music.mp3")}, 422, 2006),
        "img_url": ({"img_url": host.url("/music.mp3")}, 422, 2010),
        "text": ({"text": "x" * 5001}, 400, 1001),
    }
    for field, (given, status, code) in wrong.items():
        body = {"audio_url": host.url("/music.mp3"), **given}
        problem = refused(editor.post("easy_create_material", **body), status, code)
        assert [error["field"] for error in problem["errors"]] == [field]
        assert problem["detail"].startswith(field)
