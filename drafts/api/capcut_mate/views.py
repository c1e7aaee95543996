"""``create_draft``, ``save_draft``, ``get_draft``: the routes that every client of the reference uses."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.core.errors import DraftNotFound, NotBuilt, Text
from drafts.core.identifiers import DraftRef, check_draft_id, parse_draft_url, parse_version, refuse_version
from drafts.core.links import base_url, draft_url
from drafts.selectors.delivery import file_names
from drafts.selectors.drafts import get_draft
from drafts.selectors.versions import get_version
from drafts.services.drafts import create_draft
from drafts.services.save import save_draft

from ..bodies import json_object, validated
from ..context import caller_of, context_of
from ..languages import say
from ..links import files_url
from ..viewsets import ViewSet
from . import schema
from .serializers import CreateDraftIn, SaveDraftIn

SUCCESS = Text("Success", "成功")
NOT_BUILT = (
    "add_videos|add_audios|add_images|add_captions|add_sticker|add_keyframes|add_effects|add_filters|add_masks"
    "|add_text_style|easy_create_material|get_text_animations|get_image_animations|get_filters|get_effects"
    "|get_text_effects|search_sticker|timelines|audio_timelines|get_audio_duration|audio_infos|video_infos"
    "|imgs_infos|caption_infos|effect_infos|filter_infos|keyframes_infos|get_url|str_to_list|str_list_to_objs"
    "|objs_to_str_list|gen_video|gen_video_status|gen_video_active_count"
)


def success(request: HttpRequest, **fields: Any) -> Response:
    """The flat envelope of success: ``code`` 0, ``message``, then the fields (contract 1.2)."""
    return Response({"code": 0, "message": say(SUCCESS, context_of(request).language), **fields})


class DraftRoutes(ViewSet):
    """The life of a draft on the capcut-mate surface."""

    failures = {
        "create_draft": Text("Draft creation failed", "草稿创建失败"),
        "save_draft": Text("Save failed", "保存失败"),
        "get_draft": Text("Failed to get file list", "获取文件列表失败"),
        "get_draft_names": Text("Failed to get file list", "获取文件列表失败"),
    }

    @extend_schema(**schema.CREATE_DRAFT)
    def create_draft(self, request: Request) -> Response:
        """Make a draft with an empty timeline."""
        http = request._request
        values = validated(CreateDraftIn(data=json_object(http)))
        draft = create_draft(width=values["width"], height=values["height"])
        tip = settings.CAPCUT_MATE_TIP_URL or f"{base_url(http)}/"
        return success(http, draft_url=draft_url(http, draft.pk), tip_url=tip, draft_id=draft.pk)

    @extend_schema(**schema.SAVE_DRAFT)
    def save_draft(self, request: Request) -> Response:
        """Make a version of the draft if it changed; an unchanged one answers with its newest version."""
        http = request._request
        body = json_object(http)
        ref = refuse_version(parse_draft_url(body.get("draft_url")))
        given = {name: body[name] for name in ("note", "author") if body.get(name) is not None}
        values = validated(SaveDraftIn(data=given))
        with _host_hint(http, ref):
            saved = save_draft(draft_id=ref.id, caller=caller_of(http), **values)
        return success(
            http,
            draft_url=body["draft_url"],
            version=saved.version.number,
            changed=saved.changed,
            state=saved.version.content.state,
        )

    @extend_schema(**schema.GET_DRAFT)
    def get_draft(self, request: Request) -> Response:
        """The draft's files as absolute URLs, ``draft_content.json`` first."""
        http = request._request
        ref = _draft_id(http)
        names, number = _names(http, ref)
        prefix = files_url(http, draft_id=ref.id, spelling=ref.spelling, version=number)
        return success(http, files=[f"{prefix}{name}" for name in names])

    @extend_schema(exclude=True)
    def not_built(self, request: Request, verb: str) -> Response:
        """A route of the reference that this server does not have yet."""
        raise NotBuilt

    @extend_schema(**schema.GET_DRAFT_NAMES)
    def get_draft_names(self, request: Request) -> Response:
        """The draft's files as names inside the draft folder."""
        http = request._request
        return success(http, files=_names(http, _draft_id(http))[0])


def _draft_id(request: HttpRequest) -> DraftRef:
    """The first ``draft_id`` of the query, as in a draft_url (contract 2.2)."""
    return check_draft_id(next(iter(request.GET.getlist("draft_id")), None))


def _names(request: HttpRequest, ref: DraftRef) -> tuple[list[str], int | None]:
    number = parse_version(request.GET["version"]) if "version" in request.GET else None
    draft = get_draft(draft_id=ref.id)
    if number is not None:
        get_version(draft=draft, number=number)
    return file_names(draft=draft, number=number), number


class _host_hint:  # noqa: N801 - reads as a statement
    """Teach: a draft that is not here may lie on the server that the link names."""

    def __init__(self, request: HttpRequest, ref: DraftRef) -> None:
        self.request = request
        self.ref = ref

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        here = urlsplit(base_url(self.request)).netloc
        elsewhere = self.ref.host.lower() not in {"", here.lower()}
        if type(error) is DraftNotFound and error.hint is DraftNotFound.hint and elsewhere:
            error.hint = Text(
                f"This link names host {self.ref.host[:100]}, this server is {here}.",
                f"该链接指向主机 {self.ref.host[:100]}，而本服务器是 {here}。",
            )
