"""What ``get_draft`` lists and the page of a draft shows, behind a signed token (contract 3.12 and 3.13)."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from drafts.access import fetches
from drafts.core.errors import NotFound, Text
from drafts.core.identifiers import canonical_id, check_file_token
from drafts.models import Draft, DraftVersion
from drafts.selectors.delivery import by_url, serve
from drafts.selectors.drafts import get_draft
from drafts.selectors.versions import get_version

from .capcut_mate import schema
from .resources.archives import archive_out
from .resources.thumbnails import served_thumbnail
from .streaming import serve_file
from .viewsets import ViewSet

DELIVERED = {200, 206, 304}


class FileRoutes(ViewSet):
    """Delivery file by file, or all of them as a ZIP."""

    scopes = {
        "get_file": "drafts:read",
        "get_archive": "drafts:read",
    }
    by_link = frozenset(scopes)

    @extend_schema(**schema.GET_FILE)
    def get_file(self, request: Request, token: str, draft_id: str, path: str) -> HttpResponseBase:
        """One file of a draft, with the id in media paths spelled as in this URL; or its thumbnail."""
        draft, version = _granted(token, draft_id)
        if "thumbnail" in request._request.GET:
            return serve_file(request._request, served_thumbnail(draft, path))
        response = serve_file(request._request, serve(by_url(draft=draft, version=version, spelling=draft_id), path))
        if request.method == "GET" and response.status_code in DELIVERED and not (version and path.endswith(".json")):
            fetches.note_file(draft_id=draft.pk, path=path)
        return response

    @extend_schema(**schema.GET_ARCHIVE)
    def get_archive(self, request: Request, token: str, draft_id: str) -> HttpResponseBase:
        """The draft as a ZIP with one top folder."""
        return archive_out(request, *_granted(token, draft_id))


def _granted(token: str, draft_id: str) -> tuple[Draft, DraftVersion | None]:
    """The state of the draft that the token opens. Raises ``NotFound``."""
    compact = canonical_id(draft_id)
    grant = check_file_token(token, compact) if compact else None
    if compact is None or grant is None:
        raise NotFound(
            Text("This file link is not valid", "文件链接无效"),
            hint=Text("Take the link from get_draft again.", "请重新通过 get_draft 获取链接。"),
        )
    draft = get_draft(draft_id=compact)
    return draft, get_version(draft=draft, number=grant.version) if grant.version else None
