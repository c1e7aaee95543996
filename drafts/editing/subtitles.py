"""SubRip and WebVTT in and out; pysubs2 reads and writes them, times are microseconds here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pysubs2
from pysubs2.exceptions import Pysubs2Error

from drafts.document.integrity.model import View, text_of
from drafts.document.integrity.words import parse_content

Format = Literal["srt", "vtt"]
TEXTS = ("text", "subtitle")


class SubtitleError(ValueError):
    """The text holds no cue that can be read."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Words from ``start`` to ``end``, without markup."""

    start: int
    end: int
    text: str


def read(text: str, form: Format | None = None) -> list[Cue]:
    """The cues in order of time, empty ones left out. Raises ``SubtitleError`` when there are none."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    chosen = form or ("vtt" if text.lstrip().startswith("WEBVTT") else "srt")
    try:
        events = pysubs2.SSAFile.from_string(text, format_=chosen).events
    except (Pysubs2Error, ValueError, IndexError, OverflowError) as error:
        raise SubtitleError(str(error)) from error
    cues = [Cue(event.start * 1000, event.end * 1000, event.plaintext.strip()) for event in events]
    found = sorted((cue for cue in cues if cue.text and cue.end > cue.start), key=lambda cue: (cue.start, cue.end))
    if not found:
        raise SubtitleError("no cue")
    return found


def write(document: dict[str, Any], form: Format = "srt") -> str:
    """All texts of a document in order of time, whatever their tracks."""
    subs = pysubs2.SSAFile()
    for cue in sorted(_cues(document), key=lambda cue: (cue.start, cue.end)):
        event = pysubs2.SSAEvent(start=round(cue.start / 1000), end=round(cue.end / 1000))
        event.plaintext = cue.text
        subs.append(event)
    return str(subs.to_string(form))


def _cues(document: dict[str, Any]) -> Iterator[Cue]:
    view = View.of(document)
    for segment in view.segments:
        material = view.main_of(segment, "texts")
        text = text_of(parse_content(material.value.get("content")).get("text")) if material else ""
        if segment.track_type in TEXTS and segment.target and text.strip():
            yield Cue(segment.target.start, segment.target.end, text.strip())
