"""The timeline as a small model, and what changed between two states, through HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.edits import SECOND, Editor, text
from tests.support import SAMPLES, Api, body_of, path_of


@pytest.fixture
def editor(api: Api) -> Editor:
    """A fresh draft of 1280 x 720."""
    return Editor(api, width=1280, height=720)


def captions(editor: Editor, *words: str) -> dict[str, Any]:
    """One caption a second."""
    return editor.call(
        "add_captions",
        captions=text(
            *({"start": at * SECOND, "end": (at + 1) * SECOND, "text": each} for at, each in enumerate(words))
        ),
    )


def test_a_draft_of_our_own(editor: Editor) -> None:
    made = captions(editor, "Hello", "世界")
    response = editor.api.get(f"/api/v1/drafts/{editor.id}/timeline")
    shown = response.json()
    assert response["ETag"] == '"r2"'
    track = shown["tracks"][1]
    assert [shown.pop("tracks")[0]["segments"], shown] == [
        [],
        {
            "draft_id": editor.id,
            "revision": 2,
            "version": None,
            "canvas": {"width": 1280, "height": 720},
            "duration": 2 * SECOND,
            "fps": 30.0,
        },
    ]
    assert (track["id"], track["type"], track["muted"]) == (made["track_id"], "text", False)
    assert track["segments"][1] == {
        "id": made["segment_ids"][1],
        "kind": "text",
        "start": SECOND,
        "end": 2 * SECOND,
        "label": "世界",
        "text": "世界",
        "material_id": made["text_ids"][1],
        "path": "",
        "url": None,
        "source_start": 0,
        "volume": 1.0,
        "speed": 1.0,
    }


def test_what_a_client_has_is_not_sent_again(editor: Editor) -> None:
    path = f"/api/v1/drafts/{editor.id}/timeline"
    assert editor.api.get(path, **{"If-None-Match": '"r1"'}).status_code == 304
    captions(editor, "Hello")
    assert editor.api.get(path, **{"If-None-Match": '"r1"'}).status_code == 200
    assert editor.api.get(path, **{"If-Match": '"r1"'}).status_code == 412


def test_every_segment_of_a_sample_stands_there_and_its_file_can_be_fetched(api: Api, sample: Path) -> None:
    draft = api.imported(sample)
    document = api.content(draft["id"])
    shown = api.get(f"/api/v1/drafts/{draft['id']}/timeline").json()
    assert [(track["id"], track["type"]) for track in shown["tracks"]] == [
        (track["id"], track["type"]) for track in document["tracks"]
    ]
    assert [
        (segment["id"], segment["start"], segment["end"] - segment["start"])
        for track in shown["tracks"]
        for segment in track["segments"]
    ] == [
        (segment["id"], segment["target_timerange"]["start"], segment["target_timerange"]["duration"])
        for track in document["tracks"]
        for segment in track["segments"]
    ]
    named = [segment for track in shown["tracks"] for segment in track["segments"] if segment["url"]]
    assert named
    for segment in named:
        response = api.get(path_of(segment["url"]))
        assert (response.status_code, len(body_of(response)) > 0) == (200, True)


def test_a_version_stays_as_it_was(editor: Editor) -> None:
    captions(editor, "one")
    editor.api.save(editor.url)
    captions(editor, "two")
    path = f"/api/v1/drafts/{editor.id}/versions/1/timeline"
    shown = editor.api.get(path).json()
    assert (shown["version"], shown["revision"], len(shown["tracks"])) == (1, 2, 2)
    assert editor.api.get(f"/api/v1/drafts/{editor.id}/versions/2/timeline").status_code == 404
    etag = editor.api.get(path)["ETag"]
    assert editor.api.get(path, **{"If-None-Match": etag}).status_code == 304


def test_a_draft_that_is_not_there(api: Api) -> None:
    assert api.get("/api/v1/drafts/20260101000000aaaaaaaa/timeline").status_code == 404


def test_two_versions_are_compared_by_id(editor: Editor) -> None:
    captions(editor, "one")
    editor.api.save(editor.url)
    made = captions(editor, "two")
    path = f"/api/v1/drafts/{editor.id}/versions/compare"
    found = editor.api.get(f"{path}?from=1").json()
    assert (found["same"], found["more"]) == (False, False)
    assert found["summary"]["segments_added"] == found["summary"]["tracks_added"] == 1
    assert found["segments"] == [
        {
            "change": "added",
            "id": made["segment_ids"][0],
            "track_id": made["track_id"],
            "track_type": "text",
            "label": "two",
            "start": 0,
            "end": SECOND,
            "aspects": [],
            "values": [],
        }
    ]
    assert found["differences"]
    back = editor.api.get(f"{path}?from=working&to=1").json()
    assert [(item["change"], item["id"]) for item in back["segments"]] == [("removed", made["segment_ids"][0])]
    same = editor.api.get(f"{path}?from=1&to=1").json()
    assert (same["same"], same["summary"], same["differences"]) == (True, {}, [])


@pytest.mark.parametrize("state", ["0", "01", "-1", "x", "", "1.0", "１", "99999999999"])
def test_a_state_that_cannot_be_meant(editor: Editor, state: str) -> None:
    response = editor.api.get(f"/api/v1/drafts/{editor.id}/versions/compare")
    assert response.status_code == 200
    response = editor.api.client.get(f"/api/v1/drafts/{editor.id}/versions/compare", {"from": state})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "from")


def test_a_version_that_is_not_there(editor: Editor) -> None:
    response = editor.api.get(f"/api/v1/drafts/{editor.id}/versions/compare?from=3")
    assert (response.status_code, response.json()["detail"]) == (404, "Version 3 does not exist")


def test_a_renamed_caption_shows_as_text(api: Api) -> None:
    draft = api.imported(SAMPLES / "s05_reference")
    data = api.get(f"/api/v1/drafts/{draft['id']}/content").content
    changed = json.loads(data.replace("Hello 世界".encode(), "Hallo 世界".encode()))
    assert api.put_content(draft["id"], changed).status_code == 200
    found = api.get(f"/api/v1/drafts/{draft['id']}/versions/compare?from=1").json()
    assert [(item["label"], item["aspects"]) for item in found["segments"]] == [("Hallo 世界", ["text"])]
    assert found["summary"]["texts_changed"] == 1
