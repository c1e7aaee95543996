"""The OpenAPI description of edits."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from ..openapi import DRAFT_ID, IF_MATCH, answers, query
from .changes import ComparisonOut
from .edit_parsing import EditIn
from .schema import examples, operation
from .timeline_schema import LONGER, MATERIAL, MOVED, SEGMENT, TRACK


class PlacedOut(serializers.Serializer[None]):
    """Where a new segment lies in truth, in microseconds."""

    id = serializers.CharField()
    material_id = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()


def _ids(text: str) -> Any:
    return serializers.ListField(child=serializers.CharField(), help_text=text)


class ResultOut(serializers.Serializer[None]):
    """What one operation did."""

    op = serializers.CharField(help_text="the name of the operation")
    track_ids = _ids("new tracks, or those that changed")
    segment_ids = _ids("new segments, or those that changed")
    segments = PlacedOut(many=True, help_text="new segments, in the order of the items")
    made = _ids("of what is new besides: masks, keyframes, the second half of a split segment")
    removed = _ids("of what went")
    warnings = _ids("what was accepted and has no effect")


class EditedOut(serializers.Serializer[None]):
    """The draft's revision now, what each operation did, and what changed in all."""

    revision = serializers.IntegerField()
    changed = serializers.BooleanField(help_text="false when nothing changed, and so the revision is the same")
    results = ResultOut(many=True)
    changes = ComparisonOut(required=False)


_EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "captions": [
        {
            "op": "add_captions",
            "items": [{"start": 0, "end": 3_000_000, "text": "Hello"}],
            "style": {"size": 12, "color": "#ffcc00"},
            "clip": {"y": -400},
        },
        {"op": "add_keyframes", "items": [{"segment_id": "$0", "property": "KFTypeAlpha", "offset": 0, "value": 0}]},
    ],
    "cut and move": [
        {"op": "split_segment", "segment_id": SEGMENT, "at": 2_000_000},
        {"op": "delete_segments", "segment_ids": ["$0"], "ripple": True},
        {"op": "move_segment", "segment_id": SEGMENT, "start": 1_000_000},
    ],
    "media": [
        {
            "op": "add_videos",
            "items": [{"url": "https://assets.example.org/clip.mp4", "start": 0, "end": 3_000_000, "volume": 0.5}],
        },
        {"op": "add_audios", "items": [{"file": "assets/audios/music.mp3", "start": 0, "end": 3_000_000}]},
    ],
}
_RESULT = {
    "op": "move_segment",
    "track_ids": [],
    "segment_ids": [SEGMENT],
    "segments": [],
    "made": [],
    "removed": [],
    "warnings": [],
}
_ADDED = {
    **_RESULT,
    "op": "add_captions",
    "track_ids": [TRACK],
    "segments": [{"id": SEGMENT, "material_id": MATERIAL, "start": 0, "end": 3_000_000}],
}
_CHANGES = {
    "summary": {"segments_changed": 1},
    "general": [LONGER],
    "tracks": [],
    "segments": [MOVED],
    "materials": [],
}
EDIT = operation(
    "edit_draft",
    "Edit a draft: several operations as one",
    parameters=[
        DRAFT_ID,
        query("dry_run", "tell what would change, and change nothing", type="boolean", default=False),
        query("differences", "list the raw differences too; a dry run does", type="boolean", default=False),
        query(
            "changes", "false leaves out what changed, which large drafts answer faster", type="boolean", default=True
        ),
        IF_MATCH,
    ],
    request=EditIn,
    responses=answers({200: EditedOut}, 404, 411, 412, 413, 415, 422, 501),
    examples=[
        *(
            OpenApiExample(name, value={"operations": operations}, request_only=True)
            for name, operations in _EXAMPLES.items()
        ),
        *examples(200, {"revision": 8, "changed": True, "results": [_ADDED, _RESULT], "changes": _CHANGES}),
    ],
)
