"""The OpenAPI description of timelines and comparisons."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from ..openapi import DRAFT_ID, NOT_MODIFIED, answers
from .changes import KINDS, ComparisonOut
from .schema import NUMBER, examples, operation

_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_ID = "202611210341125f0c1d2e3a4b5c6d7e"
TRACK = "5c1f0e7a9b3d4c2e8f6a7b0d1e2f3a4b"
SEGMENT = "9a8b7c6d5e4f40312233445566778899"
MATERIAL = "0f1e2d3c4b5a49687a8b9cadbecfd0e1"


class CanvasOut(serializers.Serializer[None]):
    """Pixels."""

    width = serializers.IntegerField()
    height = serializers.IntegerField()


class SegmentOut(serializers.Serializer[None]):
    """One segment: its place on the timeline in microseconds, what it shows, where the file is."""

    id = serializers.CharField(allow_blank=True, help_text="what edits take as `segment_id`")
    kind = serializers.CharField(help_text="video, photo, audio, text, sticker, effect, filter, ...")
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    label = serializers.CharField(  # type: ignore[assignment]  # the wire's name, not the field's property
        allow_blank=True, help_text="its text, or the name of its media"
    )
    text = serializers.CharField(allow_blank=True)
    material_id = serializers.CharField(allow_blank=True)
    path = serializers.CharField(allow_blank=True, help_text="inside the draft folder, or a URL, or as it was written")
    url = serializers.CharField(allow_null=True, help_text="of the file; null when the draft does not have it")
    source_start = serializers.IntegerField(help_text="where the file begins to play")
    volume = serializers.FloatField()
    speed = serializers.FloatField()


class TrackOut(serializers.Serializer[None]):
    """One track, its segments in their order."""

    id = serializers.CharField(allow_blank=True, help_text="what edits take as `track_id`")
    type = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    muted = serializers.BooleanField()
    segments = SegmentOut(many=True)


class TimelineOut(serializers.Serializer[None]):
    """The timeline; the lowest track first. ``version`` is null for the working state."""

    draft_id = serializers.CharField()
    revision = serializers.IntegerField()
    version = serializers.IntegerField(allow_null=True)
    canvas = CanvasOut()
    duration = serializers.IntegerField(help_text="microseconds")
    fps = serializers.FloatField()
    tracks = TrackOut(many=True)


class BytesOut(serializers.Serializer[None]):
    """What a file holds."""

    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class FileChangeOut(serializers.Serializer[None]):
    """One file that came, went, or has other bytes; null for one that was or is not there."""

    change = serializers.ChoiceField(choices=KINDS)
    path = serializers.CharField()
    before = BytesOut(allow_null=True)
    after = BytesOut(allow_null=True)


class ComparedOut(ComparisonOut):
    """All that changed, files too; ``same`` when nothing did."""

    same = serializers.BooleanField()
    files = FileChangeOut(many=True)


_TIMELINE = {
    "draft_id": _ID,
    "revision": 7,
    "version": None,
    "canvas": {"width": 1080, "height": 1920},
    "duration": 3_000_000,
    "fps": 30.0,
    "tracks": [
        {
            "id": TRACK,
            "type": "text",
            "name": "caption_track_1",
            "muted": False,
            "segments": [
                {
                    "id": SEGMENT,
                    "kind": "text",
                    "start": 0,
                    "end": 3_000_000,
                    "label": "Hello",
                    "text": "Hello",
                    "material_id": MATERIAL,
                    "path": "",
                    "url": None,
                    "source_start": 0,
                    "volume": 1.0,
                    "speed": 1.0,
                }
            ],
        }
    ],
}
MOVED = {
    "change": "changed",
    "id": SEGMENT,
    "track_id": TRACK,
    "track_type": "text",
    "label": "Hello",
    "start": 1_000_000,
    "end": 4_000_000,
    "aspects": ["moved"],
    "values": [{"field": "start", "before": 0, "after": 1_000_000}],
}
LONGER = {"field": "duration", "before": 3_000_000, "after": 4_000_000}
_COMPARED = {
    "same": False,
    "summary": {"segments_changed": 1, "files_added": 1},
    "general": [LONGER],
    "tracks": [],
    "segments": [MOVED],
    "materials": [],
    "differences": [{"change": "changed", "place": "/duration", "before": 3_000_000, "after": 4_000_000}],
    "more": False,
    "files": [
        {"change": "added", "path": "assets/images/logo.png", "before": None, "after": {"size": 517, "sha256": _SHA}}
    ],
}
GET_TIMELINE = operation(
    "get_timeline",
    "Get the timeline: tracks, segments, texts and media as a small model",
    parameters=[DRAFT_ID],
    responses=answers({200: TimelineOut, 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, _TIMELINE),
)
GET_VERSION_TIMELINE = operation(
    "get_version_timeline",
    "Get a version's timeline",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers({200: TimelineOut, 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, {**_TIMELINE, "version": 2}),
)
_PICTURE: dict[Any, Any] = {(200, "image/svg+xml"): {"type": "string"}, 304: NOT_MODIFIED}
_DRAWN = [
    OpenApiExample(
        "SVG",
        value='<svg xmlns="http://www.w3.org/2000/svg" class="timeline-picture" width="1068" height="62">...</svg>',
        media_type="image/svg+xml",
        response_only=True,
        status_codes=["200"],
    )
]
GET_PICTURE = operation(
    "get_timeline_picture",
    "Get the timeline as an SVG image, with integrity findings marked",
    parameters=[DRAFT_ID],
    responses=answers(_PICTURE, 404, 412),
    examples=_DRAWN,
)
GET_VERSION_PICTURE = operation(
    "get_version_timeline_picture",
    "Get a version's timeline as an SVG image, with integrity findings marked",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers(_PICTURE, 404, 412),
    examples=_DRAWN,
)
_FORM = OpenApiParameter("form", {"type": "string", "enum": ["srt", "vtt"]}, OpenApiParameter.PATH, required=True)
_SUBTITLES: dict[Any, Any] = {
    (200, "application/x-subrip"): {"type": "string"},
    (200, "text/vtt"): {"type": "string"},
    304: NOT_MODIFIED,
}
_CUE = "00:00:00{0}000 --> 00:00:03{0}000\nHello\n"
_TEXTS = [
    OpenApiExample(name, value=value, media_type=kind, response_only=True, status_codes=["200"])
    for name, kind, value in (
        ("SRT", "application/x-subrip", f"1\n{_CUE.format(',')}"),
        ("WebVTT", "text/vtt", f"WEBVTT\n\n1\n{_CUE.format('.')}"),
    )
]
GET_SUBTITLES = operation(
    "get_subtitles",
    "Download all texts as SRT or WebVTT",
    parameters=[DRAFT_ID, _FORM],
    responses=answers(_SUBTITLES, 404, 412),
    examples=_TEXTS,
)
GET_VERSION_SUBTITLES = operation(
    "get_version_subtitles",
    "Download all texts of a version as SRT or WebVTT",
    parameters=[DRAFT_ID, NUMBER, _FORM],
    responses=answers(_SUBTITLES, 404, 412),
    examples=_TEXTS,
)
_STATE = {"type": "string", "pattern": "^(working|[1-9][0-9]{0,9})$", "default": "working"}
COMPARE = operation(
    "compare_versions",
    "Tell what changed between two versions, or a version and the working state",
    parameters=[
        DRAFT_ID,
        *(
            OpenApiParameter(
                name, _STATE, OpenApiParameter.QUERY, description=f"{text}: a version's number, or working"
            )
            for name, text in (("from", "the older state"), ("to", "the newer state"))
        ),
    ],
    responses=answers({200: ComparedOut, 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, _COMPARED),
)
