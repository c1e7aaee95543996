"""The files that ``get_draft`` lists, behind a signed token (contract 3.12 and 3.13)."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from drafts.core.errors import NotFound, Text
from drafts.core.identifiers import canonical_id, check_file_token
from drafts.selectors.delivery import by_url, serve
from drafts.selectors.drafts import get_draft
from drafts.selectors.versions import get_version

from .capcut_mate import schema
from .streaming import serve_file
from .viewsets import ViewSet


class FileRoutes(ViewSet):
    """Delivery file by file."""

    @extend_schema(**schema.GET_FILE)
    def get_file(self, request: Request, token: str, draft_id: str, path: str) -> HttpResponseBase:
        """One file of a draft, with the id in media paths spelled as in this URL."""
        compact = canonical_id(draft_id)
        grant = check_file_token(token, compact) if compact else None
        if compact is None or grant is None:
            raise NotFound(
                Text("This file link is not valid", "文件链接无效"),
                hint=Text("Take the link from get_draft again.", "请重新通过 get_draft 获取链接。"),
            )
        draft = get_draft(draft_id=compact)
        version = get_version(draft=draft, number=grant.version) if grant.version else None
        return serve_file(request._request, serve(by_url(draft=draft, version=version, spelling=draft_id), path))
