"""Captions from a subtitle file."""

from __future__ import annotations

from drafts.core.errors import Text

from .. import lanes, subtitles
from ..changes import ImportSubtitles
from ..commands import AddCaptions, Added, CaptionItem
from ..errors import EditError, Kind
from ..timeline import Timeline
from . import existing as find
from .captions import add_captions
from .registry import operates


@operates(ImportSubtitles)
def import_subtitles(timeline: Timeline, command: ImportSubtitles) -> Added:
    """One text track, and further ones for cues that overlap."""
    try:
        cues = subtitles.read(command.text, command.format)
    except subtitles.SubtitleError as error:
        text = Text("{place} holds no SRT or WebVTT cue that can be read", "{place} 中没有可读取的 SRT 或 WebVTT 字幕")
        raise EditError(Kind.CAPTION_INFO, "text", "subtitles", text) from error
    find.check_time(cues[0].start + command.offset, "offset")
    chosen = lanes.lanes([(cue.start, cue.end) for cue in cues])
    tracks: list[list[CaptionItem]] = [[] for _ in range(max(chosen) + 1)]
    for cue, lane in zip(cues, chosen, strict=True):
        item = CaptionItem(start=cue.start + command.offset, end=cue.end + command.offset, text=cue.text)
        tracks[lane].append(item)
    added = [
        add_captions(timeline, AddCaptions(items=tuple(items), style=command.style, clip=command.clip))
        for items in tracks
    ]
    return Added(
        track_ids=tuple(track_id for one in added for track_id in one.track_ids),
        segments=tuple(sorted((placed for one in added for placed in one.segments), key=lambda placed: placed.start)),
        warnings=added[0].warnings,
    )
