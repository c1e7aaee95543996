"""The OpenAPI description of the helper routes, with examples that work."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ..openapi import LANGUAGE, answers
from . import helper_serializers as inputs
from .schema import SUCCESS, Envelope, examples

_SPANS = [{"start": 0, "end": 5_000_000}, {"start": 5_000_000, "end": 10_000_000}]
_ITEM = '"start": 0, "end": 5000000'


class RangeOut(serializers.Serializer[None]):
    """From start to end, microseconds."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()


class TimelinesOut(Envelope):
    """The parts and the whole."""

    timelines = RangeOut(many=True)
    all_timelines = RangeOut(many=True)


class InfosOut(Envelope):
    """A JSON-string for an ``add_*`` route."""

    infos = serializers.CharField(help_text="JSON text")


class KeyframesInfosOut(Envelope):
    """A JSON-string for add_keyframes."""

    keyframes_infos = serializers.CharField(help_text="JSON text")


class GetUrlOut(Envelope):
    """The same text."""

    output = serializers.CharField()


class StrListOut(Envelope):
    """Texts."""

    infos = serializers.ListField(child=serializers.CharField())


class OutputOut(serializers.Serializer[None]):
    """A text as an object."""

    output = serializers.CharField()


class ObjsOut(Envelope):
    """Texts as objects."""

    infos = OutputOut(many=True)


class TextStyleOut(Envelope):
    """A text and its styles."""

    text_style = serializers.CharField(help_text="JSON text")


class CountOut(Envelope):
    """How many videos are being rendered."""

    count = serializers.IntegerField()


def operation(
    name: str,
    summary: str,
    request: type,
    reply: type,
    sent: dict[str, Any],
    answered: dict[str, Any],
    *,
    failures: tuple[int, ...] = (),
) -> dict[str, Any]:
    """A POST that touches no draft."""
    return {
        "operation_id": name,
        "summary": summary,
        "request": request,
        "parameters": [LANGUAGE],
        "responses": answers({200: reply}, 411, 413, 415, *failures),
        "examples": examples(sent, {**SUCCESS, **answered}),
    }


TIMELINES = operation(
    "timelines",
    "Cut a length of time into parts",
    inputs.TimelinesIn,
    TimelinesOut,
    {"duration": 10_000_000, "num": 2, "start": 0, "type": 0},
    {"timelines": _SPANS, "all_timelines": [{"start": 0, "end": 10_000_000}]},
)
AUDIO_INFOS = operation(
    "audio_infos",
    "Make audio_infos of add_audios",
    inputs.AudioInfosIn,
    InfosOut,
    {"mp3_urls": ["https://example.com/music.mp3"], "timelines": _SPANS, "volume": 0.5},
    {"infos": f'[{{"audio_url": "https://example.com/music.mp3", {_ITEM}, "volume": 0.5}}]'},
)
VIDEO_INFOS = operation(
    "video_infos",
    "Make video_infos of add_videos",
    inputs.VideoInfosIn,
    InfosOut,
    {"video_urls": ["https://example.com/clip.mp4"], "timelines": _SPANS, "width": 1920, "height": 1080},
    {
        "infos": f'[{{"video_url": "https://example.com/clip.mp4", {_ITEM}, "duration": 5000000, '
        '"width": 1920, "height": 1080, "volume": 1.0}]'
    },
)
IMGS_INFOS = operation(
    "imgs_infos",
    "Make image_infos of add_images",
    inputs.ImgsInfosIn,
    InfosOut,
    {
        "imgs": ["https://example.com/a.png", "https://example.com/b.png"],
        "timelines": _SPANS,
        "in_animation": "向上滑动|缩小",
    },
    {
        "infos": f'[{{"image_url": "https://example.com/a.png", {_ITEM}, "in_animation": "向上滑动"}}, '
        '{"image_url": "https://example.com/b.png", "start": 5000000, "end": 10000000, "in_animation": "缩小"}]'
    },
)
CAPTION_INFOS = operation(
    "caption_infos",
    "Make captions of add_captions",
    inputs.CaptionInfosIn,
    InfosOut,
    {"texts": ["床前明月光"], "timelines": _SPANS, "keywords": ["明月"], "keyword_color": "#ff7100"},
    {"infos": f'[{{{_ITEM}, "text": "床前明月光", "keyword": "明月", "keyword_color": "#ff7100"}}]'},
)
EFFECT_INFOS = operation(
    "effect_infos",
    "Make effect_infos of add_effects",
    inputs.EffectInfosIn,
    InfosOut,
    {"effects": ["70s"], "timelines": _SPANS},
    {"infos": f'[{{"effect_title": "70s", {_ITEM}}}]'},
)
FILTER_INFOS = operation(
    "filter_infos",
    "Make filter_infos of add_filters",
    inputs.FilterInfosIn,
    InfosOut,
    {"filters": ["1980"], "timelines": _SPANS, "intensities": [80]},
    {"infos": f'[{{"filter_title": "1980", {_ITEM}, "intensity": 80.0}}]'},
)
KEYFRAMES_INFOS = operation(
    "keyframes_infos",
    "Make keyframes of add_keyframes",
    inputs.KeyframesInfosIn,
    KeyframesInfosOut,
    {
        "ctype": "KFTypePositionX",
        "offsets": "0|100",
        "values": "0|64",
        "segment_infos": [{"id": "s1", "start": 1000, "end": 5000}],
        "width": 1280,
    },
    {
        "keyframes_infos": '[{"offset": 0, "property": "KFTypePositionX", "segment_id": "s1", "value": 0.0}, '
        '{"offset": 4000, "property": "KFTypePositionX", "segment_id": "s1", "value": 0.05}]'
    },
)
_TEXT = "https://example.com/clip.mp4"
GET_URL = operation(
    "get_url", "Answer the given text", inputs.GetUrlIn, GetUrlOut, {"output": _TEXT}, {"output": _TEXT}
)
STR_TO_LIST = operation(
    "str_to_list", "Make a list of one text", inputs.StrToListIn, StrListOut, {"obj": _TEXT}, {"infos": [_TEXT]}
)
STR_LIST_TO_OBJS = operation(
    "str_list_to_objs",
    "Make objects of texts",
    inputs.StrListToObjsIn,
    ObjsOut,
    {"infos": [_TEXT]},
    {"infos": [{"output": _TEXT}]},
)
OBJS_TO_STR_LIST = operation(
    "objs_to_str_list",
    "Make texts of objects",
    inputs.ObjsToStrListIn,
    StrListOut,
    {"outputs": [{"output": _TEXT}]},
    {"infos": [_TEXT]},
)
ADD_TEXT_STYLE = operation(
    "add_text_style",
    "Highlight words of a text",
    inputs.AddTextStyleIn,
    TextStyleOut,
    {"text": "明月光", "keyword": "明月", "keyword_color": "#ff0000"},
    {
        "text_style": '{"text":"明月光","styles":[{"fill":{"content":{"solid":{"color":[1.0,0.0,0.0]}}},"range":[0,2],'
        '"size":15,"font":{"id":"","path":""},"useLetterColor":true},{"fill":{"content":{"solid":{"color":'
        '[1.0,1.0,1.0]}}},"range":[2,3],"size":12,"font":{"id":"","path":""}}]}'
    },
)
GEN_VIDEO_ACTIVE_COUNT: dict[str, Any] = {
    "operation_id": "gen_video_active_count",
    "summary": "Count the videos being rendered",
    "parameters": [LANGUAGE],
    "responses": answers({200: CountOut}),
    "examples": examples(None, {**SUCCESS, "count": 0}),
}
