"""``/api/v1/drafts/{id}/links``: who can read the draft without a key, and until when."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.access.links import NAMED, STANDING, link_token
from drafts.core import links
from drafts.core.errors import InvalidParameter, NotFound, Text
from drafts.models import Draft, DraftLink
from drafts.selectors.drafts import get_draft
from drafts.selectors.links import list_links
from drafts.services.links import NO_LINK, make_link, renew_standing_link, revoke_link

from ..bodies import json_object, validated
from ..viewsets import ViewSet
from . import links_schema as schema
from .drafts import id_of

LARGEST = 2**63 - 1


class LinkRoutes(ViewSet):
    """The links of one draft."""

    scopes = {
        "list": "drafts:read",
        "create": "links:write",
        "destroy": "links:write",
    }

    @extend_schema(**schema.LIST_LINKS)
    def list(self, request: Request, draft_id: str) -> Response:
        """The standing link, then the others, newest first."""
        http, draft = request._request, get_draft(draft_id=id_of(draft_id))
        rows = list_links(draft=draft)
        return Response([_standing_out(http, draft), *(_link_out(http, draft, link) for link in rows)])

    @extend_schema(**schema.MAKE_LINK)
    def create(self, request: Request, draft_id: str) -> Response:
        """Another link."""
        http = request._request
        values = validated(schema.LinkIn, json_object(http, empty_is={}))
        end = values["expires_at"]
        if end is not None and end <= timezone.now():
            raise InvalidParameter.of("expires_at", "past", Text("expires_at is past", "expires_at 已过"))
        link = make_link(draft_id=id_of(draft_id), **values)
        return Response(_link_out(http, link.draft, link), status=201)

    @extend_schema(**schema.REVOKE_LINK)
    def destroy(self, request: Request, draft_id: str, link: str) -> Response:
        """End a link. After the standing one is ended the draft_url has another."""
        if link == schema.STANDING_ID:
            renew_standing_link(draft_id=id_of(draft_id))
        elif link.isascii() and link.isdecimal() and int(link) <= LARGEST:
            revoke_link(draft_id=id_of(draft_id), link_id=int(link))
        else:
            raise NotFound(NO_LINK)
        return Response(status=204)


def _standing_out(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    token = link_token(draft.pk, f"{STANDING}{draft.link_generation}")
    nothing = dict.fromkeys(("expires_at", "revoked_at", "last_used_at"))
    return {
        "id": schema.STANDING_ID,
        "name": "",
        "draft_url": links.draft_url(request, draft.pk, token),
        "state": "active",
        "created_at": draft.created_at,
        "created_by": draft.owner,
        **nothing,
    }


def _link_out(request: HttpRequest, draft: Draft, link: DraftLink) -> dict[str, Any]:
    return {
        "id": str(link.pk),
        "name": link.name,
        "draft_url": links.draft_url(request, draft.pk, link_token(draft.pk, f"{NAMED}{link.pk}")),
        "state": link.state,
        "created_at": link.created_at,
        "created_by": link.created_by,
        "expires_at": link.expires_at,
        "revoked_at": link.revoked_at,
        "last_used_at": link.last_used_at,
    }
