"""What tests say about edits, in short."""

from __future__ import annotations

from typing import Any

import orjson

from drafts.document import canonical, skeleton
from drafts.document.integrity import Finding, check
from drafts.document.paths import token_form
from drafts.editing.apply import Edited, apply
from drafts.editing.commands import Added, CaptionItem, Changed, Command, Source, VideoItem

SECOND = 1_000_000

CLIP = Source(
    path=token_form("assets/videos/clip.mp4"),
    name="clip.mp4",
    kind="video",
    duration=4 * SECOND,
    width=640,
    height=360,
    has_audio=True,
)
PHOTO = Source(path=token_form("assets/images/wide.jpg"), name="wide.jpg", kind="image", width=640, height=360)
TALL = Source(path=token_form("assets/images/tall.png"), name="tall.png", kind="image", width=360, height=640)
MUSIC = Source(path=token_form("assets/audios/music.mp3"), name="music.mp3", kind="audio", duration=12 * SECOND)


def empty(width: int = 1280, height: int = 720) -> bytes:
    """What create_draft starts from."""
    return canonical.dumps(skeleton.fresh(width=width, height=height))


def edit(*commands: Command, data: bytes | None = None) -> Edited:
    """An edit of a fresh document, or of ``data``."""
    return apply(data or empty(), commands)


def added(edited: Edited, number: int = 0) -> Added:
    """The answer of a command that places segments."""
    result = edited.results[number]
    assert isinstance(result, Added)
    return result


def changed(edited: Edited, number: int = 0) -> Changed:
    """The answer of a command on segments that exist."""
    result = edited.results[number]
    assert isinstance(result, Changed)
    return result


def found(document: dict[str, Any], item_id: str) -> dict[str, Any]:
    """The track, segment or material of that id."""
    for track in document["tracks"]:
        for item in (track, *track["segments"]):
            if item["id"] == item_id:
                return dict(item)
    for items in document["materials"].values():
        for item in items:
            if item["id"] == item_id:
                return dict(item)
    raise AssertionError(f"no {item_id}")


def linked(document: dict[str, Any], segment_id: str, list_name: str) -> list[dict[str, Any]]:
    """A segment's companions in one list."""
    refs = found(document, segment_id)["extra_material_refs"]
    return [item for item in document["materials"][list_name] if item["id"] in refs]


def content(document: dict[str, Any], material_id: str) -> dict[str, Any]:
    """The JSON inside a text material."""
    return dict(orjson.loads(found(document, material_id)["content"]))


def findings(document: dict[str, Any]) -> list[Finding]:
    """What the integrity rules say of a document that is all ours."""
    return check(document)


def caption(start: float, end: float, text: str = "words", **more: Any) -> CaptionItem:
    """A caption, times in seconds."""
    return CaptionItem(start=round(start * SECOND), end=round(end * SECOND), text=text, **more)


def picture(start: float, end: float, source: Source = PHOTO, **more: Any) -> VideoItem:
    """A still or video, times in seconds."""
    return VideoItem(start=round(start * SECOND), end=round(end * SECOND), source=source, **more)
