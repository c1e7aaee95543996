"""The routes that only compute: ranges, JSON-strings for the ``add_*`` routes, Coze's glue (contract 7.21 to 7.29)."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.core.errors import NotBuilt

from ..bodies import json_object, validated
from ..viewsets import ViewSet
from . import helper_schema as schema
from . import helper_serializers as inputs
from . import infos
from .text_style import text_style
from .views import success


class HelperRoutes(ViewSet):
    """Pure functions over HTTP; no draft is touched."""

    scopes = {
        "timelines": "drafts:read",
        "audio_infos": "drafts:read",
        "video_infos": "drafts:read",
        "imgs_infos": "drafts:read",
        "caption_infos": "drafts:read",
        "effect_infos": "drafts:read",
        "filter_infos": "drafts:read",
        "keyframes_infos": "drafts:read",
        "get_url": "drafts:read",
        "str_to_list": "drafts:read",
        "str_list_to_objs": "drafts:read",
        "objs_to_str_list": "drafts:read",
        "add_text_style": "drafts:read",
        "gen_video_active_count": "drafts:read",
        "gen_video": "drafts:read",
    }
    key_in_body = frozenset({"gen_video"})

    @extend_schema(**schema.TIMELINES)
    def timelines(self, request: Request) -> Response:
        """A length of time in equal or random parts, microseconds."""
        values = validated(inputs.TimelinesIn, json_object(request._request))
        cut = infos.random_parts if values.pop("type") else infos.equal_parts
        whole = {"start": values["start"], "end": values["start"] + values["duration"]}
        return success(request._request, timelines=cut(**values), all_timelines=[whole])

    @extend_schema(**schema.AUDIO_INFOS)
    def audio_infos(self, request: Request) -> Response:
        """The JSON-string that add_audios takes."""
        values = validated(inputs.AudioInfosIn, json_object(request._request))
        return success(request._request, infos=infos.json_string(infos.audio_infos(**values)))

    @extend_schema(**schema.VIDEO_INFOS)
    def video_infos(self, request: Request) -> Response:
        """The JSON-string that add_videos takes."""
        values = validated(inputs.VideoInfosIn, json_object(request._request))
        return success(request._request, infos=infos.json_string(infos.video_infos(**values)))

    @extend_schema(**schema.IMGS_INFOS)
    def imgs_infos(self, request: Request) -> Response:
        """The JSON-string that add_images takes."""
        values = validated(inputs.ImgsInfosIn, json_object(request._request))
        return success(request._request, infos=infos.json_string(infos.imgs_infos(**values)))

    @extend_schema(**schema.CAPTION_INFOS)
    def caption_infos(self, request: Request) -> Response:
        """The JSON-string that add_captions takes."""
        values = validated(inputs.CaptionInfosIn, json_object(request._request))
        return success(request._request, infos=infos.json_string(infos.caption_infos(**values)))

    @extend_schema(**schema.EFFECT_INFOS)
    def effect_infos(self, request: Request) -> Response:
        """The JSON-string that add_effects takes."""
        values = validated(inputs.EffectInfosIn, json_object(request._request))
        return success(request._request, infos=infos.json_string(infos.effect_infos(**values)))

    @extend_schema(**schema.FILTER_INFOS)
    def filter_infos(self, request: Request) -> Response:
        """The JSON-string that add_filters takes."""
        values = validated(inputs.FilterInfosIn, json_object(request._request))
        return success(request._request, infos=infos.json_string(infos.filter_infos(**values)))

    @extend_schema(**schema.KEYFRAMES_INFOS)
    def keyframes_infos(self, request: Request) -> Response:
        """The JSON-string that add_keyframes takes."""
        values = validated(inputs.KeyframesInfosIn, json_object(request._request))
        return success(request._request, keyframes_infos=infos.json_string(infos.keyframes(**values)))

    @extend_schema(**schema.GET_URL)
    def get_url(self, request: Request) -> Response:
        """The same text."""
        values = validated(inputs.GetUrlIn, json_object(request._request))
        return success(request._request, output=values["output"])

    @extend_schema(**schema.STR_TO_LIST)
    def str_to_list(self, request: Request) -> Response:
        """The text as the only item of a list."""
        values = validated(inputs.StrToListIn, json_object(request._request))
        return success(request._request, infos=[values["obj"]])

    @extend_schema(**schema.STR_LIST_TO_OBJS)
    def str_list_to_objs(self, request: Request) -> Response:
        """Each text as an object."""
        values = validated(inputs.StrListToObjsIn, json_object(request._request))
        return success(request._request, infos=[{"output": text} for text in values["infos"]])

    @extend_schema(**schema.OBJS_TO_STR_LIST)
    def objs_to_str_list(self, request: Request) -> Response:
        """The text of each object."""
        values = validated(inputs.ObjsToStrListIn, json_object(request._request))
        return success(request._request, infos=[item["output"] for item in values["outputs"]])

    @extend_schema(**schema.ADD_TEXT_STYLE)
    def add_text_style(self, request: Request) -> Response:
        """A text with highlighted words; no draft is touched."""
        values = validated(inputs.AddTextStyleIn, json_object(request._request))
        return success(request._request, text_style=text_style(**values))

    @extend_schema(**schema.GEN_VIDEO_ACTIVE_COUNT)
    def gen_video_active_count(self, request: Request) -> Response:
        """None: this server does not render."""
        return success(request._request, count=0)

    @extend_schema(exclude=True)
    def gen_video(self, request: Request, verb: str) -> Response:
        """Rendering, which this server does not do."""
        raise NotBuilt
