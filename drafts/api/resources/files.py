"""``/api/v1/drafts/{id}/files/``: the working manifest."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.selectors.delivery import Served, by_url, serve, serve_all
from drafts.selectors.drafts import get_draft
from drafts.services.files import check_length, check_path, delete_file, put_file

from ..bodies import content_length, source_of
from ..etags import file_if_match
from ..streaming import serve_file
from ..viewsets import ViewSet
from . import schema
from .drafts import id_of
from .serializers import file_out
from .thumbnails import thumbnails_out


class FileRoutes(ViewSet):
    """Files of the working state."""

    scopes = {
        "list": "drafts:read",
        "retrieve": "drafts:read",
        "update": "files:write",
        "destroy": "files:write",
    }

    @extend_schema(**schema.LIST_FILES)
    def list(self, request: Request, draft_id: str) -> Response:
        """All files as delivered: the document, its companions, the media; ``?thumbnails=1`` adds their pictures."""
        http = request._request
        draft = get_draft(draft_id=id_of(draft_id))
        files = serve_all(by_url(draft=draft, version=None, spelling=draft.pk))
        found = [file_out(http, item, draft=draft, version=None) for item in files]
        if http.GET.get("thumbnails", "").lower() in {"1", "true"}:
            found += thumbnails_out(http, draft)
        return Response(found)

    @extend_schema(**schema.GET_FILE)
    def retrieve(self, request: Request, draft_id: str, path: str) -> HttpResponseBase:
        """The bytes of one file; ranges are answered."""
        draft = get_draft(draft_id=id_of(draft_id))
        return serve_file(request._request, serve(by_url(draft=draft, version=None, spelling=draft.pk), path))

    @extend_schema(**schema.PUT_FILE)
    def update(self, request: Request, draft_id: str, path: str) -> Response:
        """Stream a file into the draft."""
        http = request._request
        compact, if_match = id_of(draft_id), file_if_match(http)
        check_path(path)
        length = content_length(http)
        check_length(length)
        put = put_file(draft_id=compact, path=path, source=source_of(http), length=length, if_match=if_match)
        row = put.file
        served = Served(row.path, row.kind, None, row.blob, row.created_at)
        response = Response(file_out(http, served, draft=row.draft, version=None), status=201 if put.created else 200)
        response["ETag"] = f'"{served.sha256}"'
        return response

    @extend_schema(**schema.DELETE_FILE)
    def destroy(self, request: Request, draft_id: str, path: str) -> Response:
        """Take a file out of the working manifest; versions keep it."""
        delete_file(draft_id=id_of(draft_id), path=path, if_match=file_if_match(request._request))
        return Response(status=204)
