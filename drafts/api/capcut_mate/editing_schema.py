"""The OpenAPI description of the editing routes, with examples that work on a fresh draft."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import serializers

from ..openapi import IF_MATCH, LANGUAGE, answers
from . import editing_serializers as inputs
from .schema import SUCCESS, URL, Envelope, examples

_TRACK = "5c1f0e7a9b3d4c2e8f6a7b0d1e2f3a4b"
_SEGMENT = "9a8b7c6d5e4f40312233445566778899"
_MATERIAL = "0f1e2d3c4b5a49687a8b9cadbecfd0e1"
_MEDIA = "https://assets.example.org"


class Edited(Envelope):
    """What every edit answers."""

    draft_url = serializers.CharField(help_text="as it was sent")
    warnings = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="what was accepted and has no effect, such as names that nobody knows; absent when there is nothing",
    )


class SegmentInfo(serializers.Serializer[None]):
    """Where a segment lies on the timeline, in microseconds."""

    id = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField(help_text="the real end, after shortening and retiming")


def _ids(text: str = "in the order of the items") -> Any:
    return serializers.ListField(child=serializers.CharField(), help_text=text)


class OnTrack(Edited):
    """What a call answers that makes a track."""

    track_id = serializers.CharField(help_text="the new track")


class AddVideosOut(OnTrack):
    """The new track, materials and segments."""

    video_ids = _ids()
    segment_ids = _ids()
    segment_infos = SegmentInfo(many=True)


class AddAudiosOut(OnTrack):
    """The new track and materials."""

    audio_ids = _ids()


class AddImagesOut(OnTrack):
    """The new track, materials and segments."""

    image_ids = _ids()
    segment_ids = _ids()
    segment_infos = SegmentInfo(many=True)


class AddStickerOut(OnTrack):
    """The new track and segment."""

    sticker_id = serializers.CharField()
    segment_id = serializers.CharField()
    duration = serializers.IntegerField()


class AddKeyframesOut(Edited):
    """How many keyframes were set, and on which segments."""

    keyframes_added = serializers.IntegerField()
    affected_segments = _ids("in the order of their first keyframe")


class AddCaptionsOut(OnTrack):
    """The new track, materials and segments."""

    text_ids = _ids()
    segment_ids = _ids()
    segment_infos = SegmentInfo(many=True)


class OnTracks(OnTrack):
    """What a call answers whose items may overlap."""

    track_ids = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="all new tracks, when overlapping items need several"
    )


class AddEffectsOut(OnTracks):
    """The new track, materials and segments."""

    effect_ids = _ids()
    segment_ids = _ids()


class AddFiltersOut(OnTracks):
    """The new track, materials and segments."""

    filter_ids = _ids()
    segment_ids = _ids()


class AddMasksOut(Edited):
    """The masks and the segments that have them."""

    masks_added = serializers.IntegerField()
    affected_segments = _ids("as they were sent")
    mask_ids = _ids("in the order of the segments")


class EasyCreateMaterialOut(Edited):
    """Nothing but the draft."""


def _items(*items: dict[str, Any]) -> str:
    """A list as clients of the reference send it: as JSON text."""
    return json.dumps(items, ensure_ascii=False)


def _described(
    verb: str, summary: str, taken: Any, answered: Any, request: dict[str, Any], reply: dict[str, Any]
) -> dict[str, Any]:
    return {
        "operation_id": verb,
        "summary": summary,
        "request": taken,
        "parameters": [IF_MATCH, LANGUAGE],
        "responses": answers({200: answered}, 404, 411, 412, 413, 415, 422),
        "examples": examples({"draft_url": URL, **request}, {**SUCCESS, "draft_url": URL, **reply}),
    }


_ON_TRACK = {"track_id": _TRACK}
_SEGMENTS = {"segment_ids": [_SEGMENT]}


def _infos(end: int) -> dict[str, Any]:
    return {"segment_infos": [{"id": _SEGMENT, "start": 0, "end": end}]}


ADD_VIDEOS = _described(
    "add_videos",
    "Add videos",
    inputs.AddVideosIn,
    AddVideosOut,
    {
        "video_infos": _items({"video_url": f"{_MEDIA}/clip.mp4", "start": 0, "end": 3_000_000, "volume": 0.5}),
        "scene_timelines": [],
        "transform_x": 0,
        "transform_y": 0,
    },
    {**_ON_TRACK, "video_ids": [_MATERIAL], **_SEGMENTS, **_infos(3_000_000)},
)
ADD_AUDIOS = _described(
    "add_audios",
    "Add audio",
    inputs.AddAudiosIn,
    AddAudiosOut,
    {"audio_infos": _items({"audio_url": f"{_MEDIA}/music.mp3", "start": 0, "end": 9_000_000, "volume": 0.4})},
    {**_ON_TRACK, "audio_ids": [_MATERIAL]},
)
ADD_IMAGES = _described(
    "add_images",
    "Add images",
    inputs.AddImagesIn,
    AddImagesOut,
    {
        "image_infos": _items(
            {
                "image_url": f"{_MEDIA}/wide.jpg",
                "start": 0,
                "end": 3_000_000,
                "in_animation": "渐显",
                "in_animation_duration": 500_000,
            }
        ),
        "alpha": 1.0,
        "scale_x": 1.0,
        "scale_y": 1.0,
    },
    {**_ON_TRACK, "image_ids": [_MATERIAL], **_SEGMENTS, **_infos(3_000_000)},
)
ADD_STICKER = _described(
    "add_sticker",
    "Add a sticker",
    inputs.AddStickerIn,
    AddStickerOut,
    {"sticker_id": "7211102020202020202", "start": 0, "end": 2_000_000, "scale": 1.0, "transform_x": 100},
    {"sticker_id": "7211102020202020202", **_ON_TRACK, "segment_id": _SEGMENT, "duration": 2_000_000},
)
ADD_KEYFRAMES = _described(
    "add_keyframes",
    "Add keyframes",
    inputs.AddKeyframesIn,
    AddKeyframesOut,
    {
        "keyframes": _items(
            {"segment_id": _SEGMENT, "property": "KFTypePositionX", "offset": 0, "value": -100},
            {"segment_id": _SEGMENT, "property": "KFTypePositionX", "offset": 2_000_000, "value": 100},
        )
    },
    {"keyframes_added": 2, "affected_segments": [_SEGMENT]},
)
ADD_CAPTIONS = _described(
    "add_captions",
    "Add captions",
    inputs.AddCaptionsIn,
    AddCaptionsOut,
    {
        "captions": _items(
            {"start": 0, "end": 3_000_000, "text": "Hello world", "keyword": "world", "keyword_color": "#ff7100"}
        ),
        "text_color": "#ffffff",
        "border_color": "#000000",
        "font_size": 15,
        "transform_y": -800,
    },
    {**_ON_TRACK, "text_ids": [_MATERIAL], **_SEGMENTS, **_infos(3_000_000)},
)
ADD_EFFECTS = _described(
    "add_effects",
    "Add effects",
    inputs.AddEffectsIn,
    AddEffectsOut,
    {"effect_infos": _items({"effect_title": "录制边框 III", "start": 0, "end": 3_000_000})},
    {**_ON_TRACK, "effect_ids": [_MATERIAL], **_SEGMENTS},
)
ADD_FILTERS = _described(
    "add_filters",
    "Add filters",
    inputs.AddFiltersIn,
    AddFiltersOut,
    {"filter_infos": _items({"filter_title": "复古工业", "start": 0, "end": 6_000_000, "intensity": 80})},
    {**_ON_TRACK, "filter_ids": [_MATERIAL], **_SEGMENTS},
)
ADD_MASKS = _described(
    "add_masks",
    "Mask segments",
    inputs.AddMasksIn,
    AddMasksOut,
    {"segment_ids": [_SEGMENT], "name": "圆形", "width": 200, "height": 200, "feather": 10},
    {"masks_added": 1, "affected_segments": [_SEGMENT], "mask_ids": [_MATERIAL]},
)
EASY_CREATE_MATERIAL = _described(
    "easy_create_material",
    "Add audio, a video, an image and a text at once",
    inputs.EasyCreateMaterialIn,
    EasyCreateMaterialOut,
    {
        "audio_url": f"{_MEDIA}/music.mp3",
        "video_url": f"{_MEDIA}/clip.mp4",
        "img_url": f"{_MEDIA}/wide.jpg",
        "text": "A title",
        "text_color": "#ffffff",
        "font_size": 15,
        "text_transform_y": 0,
    },
    {},
)
