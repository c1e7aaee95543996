"""``create_draft`` and ``save_draft``; ``get_draft`` stands beside them in its own module."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.core.errors import DraftNotFound, Text
from drafts.core.identifiers import DraftRef, parse_draft_url, refuse_version
from drafts.core.links import base_url
from drafts.services.drafts import create_draft
from drafts.services.save import save_draft

from ..bodies import json_object, validated
from ..context import context_of
from ..languages import say
from ..links import draft_url
from ..viewsets import ViewSet
from . import schema
from .serializers import CreateDraftIn, SaveDraftIn

SUCCESS = Text("Success", "成功")


def success(request: HttpRequest, **fields: Any) -> Response:
    """The flat envelope of success: ``code`` 0, ``message``, then the fields (contract 1.2)."""
    return Response({"code": 0, "message": say(SUCCESS, context_of(request).language), **fields})


class DraftRoutes(ViewSet):
    """Making a draft and saving it, on the capcut-mate surface."""

    scopes = {
        "create_draft": "drafts:write",
        "save_draft": "drafts:write",
    }

    failures = {
        "create_draft": Text("Draft creation failed", "草稿创建失败"),
        "save_draft": Text("Save failed", "保存失败"),
    }

    @extend_schema(**schema.CREATE_DRAFT)
    def create_draft(self, request: Request) -> Response:
        """Make a draft with an empty timeline."""
        http = request._request
        values = validated(CreateDraftIn, json_object(http))
        draft = create_draft(width=values["width"], height=values["height"])
        tip = settings.CAPCUT_MATE_TIP_URL or f"{base_url(http)}/"
        return success(http, draft_url=draft_url(http, draft), tip_url=tip, draft_id=draft.pk)

    @extend_schema(**schema.SAVE_DRAFT)
    def save_draft(self, request: Request) -> Response:
        """Make a version of the draft if it changed; an unchanged one answers with its newest version."""
        http = request._request
        body = json_object(http)
        ref = refuse_version(parse_draft_url(body.get("draft_url")))
        given = {name: body[name] for name in ("note", "author") if body.get(name) is not None}
        values = validated(SaveDraftIn, given) if given else {}
        with host_hint(http, ref):
            saved = save_draft(draft_id=ref.id, **values)
        return success(
            http,
            draft_url=body["draft_url"],
            version=saved.version.number,
            changed=saved.changed,
            state=saved.version.content.state,
        )


class host_hint:  # noqa: N801 - reads as a statement
    """Teach: a draft that is not here may lie on the server that the link names."""

    def __init__(self, request: HttpRequest, ref: DraftRef) -> None:
        self.request = request
        self.ref = ref

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if type(error) is not DraftNotFound or error.hint is not DraftNotFound.hint:
            return
        here = urlsplit(base_url(self.request)).netloc
        if self.ref.host.lower() not in {"", here.lower()}:
            error.hint = Text(
                f"This link names host {self.ref.host[:100]}, this server is {here}.",
                f"该链接指向主机 {self.ref.host[:100]}，而本服务器是 {here}。",
            )
