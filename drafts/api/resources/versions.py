"""``/api/v1/drafts/{id}/versions/``: history, to read and to restore."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.models import Draft, DraftVersion
from drafts.selectors.delivery import by_url, serve, serve_all, stored_document
from drafts.selectors.drafts import get_draft
from drafts.selectors.versions import get_version, landmarks, list_versions
from drafts.services.notes import write_note
from drafts.services.restore import restore_version

from ..bodies import json_object, validated
from ..etags import revisions
from ..streaming import serve_document, serve_file
from ..viewsets import ViewSet
from . import schema
from .drafts import id_of
from .lists import page_of
from .queries import flag
from .serializers import NoteIn, VersionIn, VersionOut, file_out


def _version(draft_id: str, number: str) -> tuple[Draft, DraftVersion]:
    draft = get_draft(draft_id=id_of(draft_id))
    return draft, get_version(draft=draft, number=min(int(number), 2**31 - 1))


def document_reply(request: HttpRequest, version: DraftVersion, data: bytes) -> HttpResponseBase:
    """A stored document, which never changes."""
    response = serve_document(request, data, etag=f'"{version.content.sha256}"')
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


class VersionRoutes(ViewSet):
    """Versions of one draft."""

    scopes = {
        "list": "drafts:read",
        "retrieve": "drafts:read",
        "partial_update": "drafts:write",
        "content": "drafts:read",
        "files": "drafts:read",
        "file": "drafts:read",
        "restore": "versions:restore",
    }

    @extend_schema(**schema.LIST_VERSIONS)
    def list(self, request: Request, draft_id: str) -> Response:
        """Versions, newest first; all of them, or the landmarks."""
        find = landmarks if flag(request._request, "landmark", default=False) else list_versions
        page = page_of(find(draft=get_draft(draft_id=id_of(draft_id))), request, "-number")
        return Response(page.reply([VersionOut(version).data for version in page.rows]))

    @extend_schema(**schema.GET_VERSION)
    def retrieve(self, request: Request, draft_id: str, number: str) -> Response:
        """One version."""
        return Response(VersionOut(_version(draft_id, number)[1]).data)

    @extend_schema(**schema.NOTE_VERSION)
    def partial_update(self, request: Request, draft_id: str, number: str) -> Response:
        """Another note; nothing else of a version ever changes."""
        values = validated(VersionIn, json_object(request._request))
        version = write_note(draft_id=id_of(draft_id), number=min(int(number), 2**31 - 1), **values)
        return Response(VersionOut(version).data)

    @extend_schema(**schema.GET_VERSION_CONTENT)
    def content(self, request: Request, draft_id: str, number: str) -> HttpResponseBase:
        """The version's document in token form, to the byte."""
        draft, version = _version(draft_id, number)
        return document_reply(request._request, version, stored_document(draft=draft, version=version))

    @extend_schema(**schema.LIST_VERSION_FILES)
    def files(self, request: Request, draft_id: str, number: str) -> Response:
        """The version's files as delivered."""
        draft, version = _version(draft_id, number)
        files = serve_all(by_url(draft=draft, version=version, spelling=draft.pk))
        http = request._request
        return Response([file_out(http, item, draft=draft, version=version.number) for item in files])

    @extend_schema(**schema.GET_VERSION_FILE)
    def file(self, request: Request, draft_id: str, number: str, path: str) -> HttpResponseBase:
        """The bytes of one file of the version."""
        draft, version = _version(draft_id, number)
        return serve_file(request._request, serve(by_url(draft=draft, version=version, spelling=draft.pk), path))

    @extend_schema(**schema.RESTORE_VERSION)
    def restore(self, request: Request, draft_id: str, number: str) -> Response:
        """A new version with this one's exact content and files; unsaved work is kept as a version first."""
        http = request._request
        values = validated(NoteIn, json_object(http, empty_is={}))
        version = restore_version(
            draft_id=id_of(draft_id),
            number=min(int(number), 2**31 - 1),
            revisions=revisions(http),
            **values,
        )
        return Response(VersionOut(version).data, status=201)
