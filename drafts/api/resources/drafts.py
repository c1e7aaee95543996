"""``/api/v1/drafts/``: drafts, their working content, save, copy, trash, integrity."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.core.errors import DraftNotFound
from drafts.core.identifiers import canonical_id
from drafts.models import Draft
from drafts.selectors.delivery import working_document
from drafts.selectors.drafts import get_draft, get_draft_with_head, list_drafts
from drafts.selectors.events import list_events
from drafts.selectors.integrity import findings
from drafts.selectors.timeline import states
from drafts.services.content import replace_content
from drafts.services.copy import copy_draft
from drafts.services.drafts import create_draft, rename_draft, trash_draft, untrash_draft
from drafts.services.save import save_draft

from ..bodies import is_json, json_object, unread_body, validated
from ..etags import demanded_revisions, revision_etag, revisions
from ..problems import media_type_refused
from ..streaming import serve_document
from ..viewsets import ViewSet
from . import schema
from .lists import filtered, filtered_events, ordering_of, page_of
from .serializers import CopyIn, DraftIn, DraftOut, EventOut, NoteIn, RenameIn, VersionOut


def id_of(spelling: str) -> str:
    """The canonical id in a path. Raises ``DraftNotFound``: what is no id is no draft."""
    compact = canonical_id(spelling)
    if compact is None:
        raise DraftNotFound
    return compact


def draft_out(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    """A draft in the shape of :class:`DraftOut`."""
    return dict(DraftOut(draft, context={"http": request}).data)


class DraftRoutes(ViewSet):
    """Drafts."""

    scopes = {
        "list": "drafts:read",
        "create": "drafts:write",
        "retrieve": "drafts:read",
        "partial_update": "drafts:write",
        "destroy": "drafts:write",
        "untrash": "drafts:write",
        "copy": "drafts:write",
        "save": "drafts:write",
        "events": "drafts:read",
        "integrity": "drafts:read",
    }

    @extend_schema(**schema.LIST_DRAFTS)
    def list(self, request: Request) -> Response:
        """Drafts, newest first; those in the trash only when asked for."""
        page = page_of(filtered(list_drafts(), request), request, ordering_of(request))
        return Response(page.reply([draft_out(request._request, draft) for draft in page.rows]))

    @extend_schema(**schema.CREATE_DRAFT)
    def create(self, request: Request) -> Response:
        """A draft with an empty timeline and no version yet."""
        values = validated(DraftIn, json_object(request._request, empty_is={}))
        return Response(draft_out(request._request, create_draft(**values)), status=201)

    @extend_schema(**schema.GET_DRAFT)
    def retrieve(self, request: Request, draft_id: str) -> Response:
        """One draft."""
        return Response(draft_out(request._request, get_draft_with_head(draft_id=id_of(draft_id))))

    @extend_schema(**schema.RENAME_DRAFT)
    def partial_update(self, request: Request, draft_id: str) -> Response:
        """Rename."""
        values = validated(RenameIn, json_object(request._request))
        draft = rename_draft(draft_id=id_of(draft_id), revisions=revisions(request._request), **values)
        return Response(draft_out(request._request, draft))

    @extend_schema(**schema.TRASH_DRAFT)
    def destroy(self, request: Request, draft_id: str) -> Response:
        """Put the draft into the trash; nothing is lost."""
        trash_draft(draft_id=id_of(draft_id), revisions=revisions(request._request))
        return Response(status=204)

    @extend_schema(**schema.UNTRASH_DRAFT)
    def untrash(self, request: Request, draft_id: str) -> Response:
        """Bring the draft back."""
        return Response(draft_out(request._request, untrash_draft(draft_id=id_of(draft_id))))

    @extend_schema(**schema.COPY_DRAFT)
    def copy(self, request: Request, draft_id: str) -> Response:
        """A new draft from a version, or from the working state; media are shared, not copied."""
        http = request._request
        values = validated(CopyIn, json_object(http, empty_is={}))
        values["number"] = values.pop("version")
        draft = copy_draft(draft_id=id_of(draft_id), **values)
        return Response(draft_out(http, draft), status=201)

    @extend_schema(**schema.SAVE_DRAFT)
    def save(self, request: Request, draft_id: str) -> Response:
        """Make a version if the draft changed, or if there is a note."""
        http = request._request
        values = validated(NoteIn, json_object(http, empty_is={}))
        saved = save_draft(draft_id=id_of(draft_id), revisions=revisions(http), **values)
        return Response(VersionOut(saved.version).data, status=201 if saved.changed else 200)

    @extend_schema(**schema.LIST_EVENTS)
    def events(self, request: Request, draft_id: str) -> Response:
        """Who did what, newest first."""
        events = list_events(draft_id=get_draft(draft_id=id_of(draft_id)).pk)
        page = page_of(filtered_events(events, request), request, "-id")
        return Response(page.reply([EventOut(event).data for event in page.rows]))

    @extend_schema(**schema.INTEGRITY)
    def integrity(self, request: Request, draft_id: str) -> Response:
        """What rules R1 to R21 find in the working document."""
        with states(draft=get_draft(draft_id=id_of(draft_id)), numbers=[None]) as [state]:
            found = findings(state)
        return Response(
            {
                "findings": [
                    {"rule": item.rule, "severity": item.severity, "place": item.place, "message": item.message}
                    for item in found
                ]
            }
        )


class ContentRoutes(ViewSet):
    """The working document, in token form."""

    scopes = {
        "retrieve": "drafts:read",
        "update": "drafts:write",
    }

    @extend_schema(**schema.GET_CONTENT)
    def retrieve(self, request: Request, draft_id: str) -> HttpResponseBase:
        """The document's bytes; the ETag is the revision."""
        draft, document = working_document(draft_id=id_of(draft_id))
        return serve_document(request._request, document.read(), etag=revision_etag(draft.revision))

    @extend_schema(**schema.PUT_CONTENT)
    def update(self, request: Request, draft_id: str) -> Response:
        """Replace the document; If-Match says which revision the change was made on."""
        http = request._request
        compact, allowed = id_of(draft_id), demanded_revisions(http)
        if not is_json(http):
            raise media_type_refused()
        with unread_body(http, limit=settings.MAX_DOCUMENT_BYTES, setting="MAX_DOCUMENT_BYTES") as document:
            draft = replace_content(draft_id=compact, document=document, revisions=allowed)
        response = Response({"revision": draft.revision})
        response["ETag"] = revision_etag(draft.revision)
        return response
