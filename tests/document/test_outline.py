"""The outline of a document."""

from __future__ import annotations

import json
from dataclasses import asdict

from drafts.document.outline import Canvas, OutlineSegment, outline

from .builders import SECOND, clean, sample


def test_the_outline_of_the_clean_document() -> None:
    shown = outline(clean())
    assert (shown.canvas, shown.duration, shown.fps) == (Canvas(1280, 720), 7 * SECOND, 30.0)
    assert [(track.type, len(track.segments)) for track in shown.tracks] == [
        ("video", 2),
        ("audio", 1),
        ("text", 1),
        ("sticker", 1),
        ("effect", 1),
        ("filter", 1),
    ]
    assert shown.tracks[0].segments[1] == OutlineSegment(
        id="v1",
        kind="video",
        start=3 * SECOND,
        duration=4 * SECOND,
        label="clip.mp4",
        material_id="clip",
        path="assets/videos/clip.mp4",
        place="/tracks/0/segments/1",
    )
    labels = [(track.segments[0].kind, track.segments[0].label) for track in shown.tracks]
    assert labels == [
        ("photo", "wide.jpg"),
        ("audio", "music.mp3"),
        ("text", "Hi 🎬!"),
        ("sticker", ""),
        ("effect", ""),
        ("filter", ""),
    ]
    assert shown.materials["videos"] == 2
    assert "beats" not in shown.materials


def test_muted_tracks_and_json() -> None:
    doc = clean()
    doc["tracks"][1]["attribute"] = 1
    doc["tracks"][2]["attribute"] = 3
    shown = outline(doc)
    assert [track.muted for track in shown.tracks] == [False, True, True, False, False, False]
    assert json.loads(json.dumps(asdict(shown)))["tracks"][1]["segments"][0]["label"] == "music.mp3"


def test_the_outline_of_the_reference() -> None:
    shown = outline(json.loads(sample("s05_reference")))
    assert [track.name for track in shown.tracks[:2]] == ["main_track", "main_track"]
    assert shown.tracks[5].segments[0].label == "Hello 世界"
    assert shown.tracks[2].segments[0].path.startswith("assets/images/")


def test_an_empty_object_has_an_empty_outline() -> None:
    shown = outline({})
    assert (shown.canvas, shown.duration, shown.tracks, shown.materials) == (Canvas(0, 0), 0, (), {})


def test_a_speed_that_is_no_number_of_use_counts_as_normal() -> None:
    document = clean()
    for speed in (10**400, float("nan"), float("inf"), True, "2", None):
        document["tracks"][0]["segments"][0]["speed"] = speed
        assert outline(document).tracks[0].segments[0].speed == 1.0
