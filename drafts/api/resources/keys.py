"""``/api/v1/keys``, ``/api/v1/members`` and ``/api/v1/workspace``: who has access, and what the workspace holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.access.caller import current_caller
from drafts.access.keys import NO_KEY, Made, get_key, list_keys, make_key, revoke_key, rotate_key
from drafts.access.members import list_members
from drafts.access.models import ApiKey
from drafts.access.principal import USUAL_SCOPES
from drafts.core.errors import NotFound
from drafts.selectors.usage import standing_of

from ..bodies import json_object, validated
from ..viewsets import ViewSet
from . import keys_schema as schema
from .links import LARGEST


class KeyRoutes(ViewSet):
    """The keys of the caller's workspace. Answers that show a key are kept for nobody."""

    scopes = {
        "list": "admin:read",
        "create": "keys:write",
        "rotate": "keys:write",
        "destroy": "keys:write",
    }
    answers_are_kept = False

    @extend_schema(**schema.LIST_KEYS)
    def list(self, request: Request) -> Response:
        """All of them, newest first."""
        return Response([_key_out(key) for key in list_keys()])

    @extend_schema(**schema.MAKE_KEY)
    def create(self, request: Request) -> Response:
        """Another key, shown this once."""
        values = validated(schema.KeyIn, json_object(request._request))
        values["scopes"] = values["scopes"] or sorted(USUAL_SCOPES)
        return _made(make_key(workspace=current_caller().principal.workspace, **values))

    @extend_schema(**schema.ROTATE_KEY)
    def rotate(self, request: Request, key: str) -> Response:
        """A successor; the old one goes on for a while."""
        values = validated(schema.RotateIn, json_object(request._request, empty_is={}))
        return _made(rotate_key(_found(key), overlap=timedelta(seconds=values["overlap_seconds"])))

    @extend_schema(**schema.REVOKE_KEY)
    def destroy(self, request: Request, key: str) -> Response:
        """End it."""
        revoke_key(_found(key))
        return Response(status=204)


class WorkspaceRoutes(ViewSet):
    """The caller's workspace."""

    scopes = {"retrieve": "admin:read", "members": "admin:read"}

    @extend_schema(**schema.WORKSPACE)
    def retrieve(self, request: Request) -> Response:
        """What it holds, and may hold."""
        found = standing_of(current_caller().principal.workspace)
        return Response(
            {
                "id": found.workspace.pk,
                "name": found.workspace.name,
                "drafts": found.drafts,
                "bytes": found.size,
                "max_drafts": found.max_drafts,
                "max_bytes": found.max_bytes,
            }
        )

    @extend_schema(**schema.LIST_MEMBERS)
    def members(self, request: Request) -> Response:
        """Who may sign in to the admin for it."""
        return Response(
            [
                {
                    "workspace": member.workspace_id,
                    "username": member.user.get_username(),
                    "role": member.role,
                    "last_login": member.user.last_login,
                }
                for member in list_members()
            ]
        )


def _found(key: str) -> ApiKey:
    if not (key.isascii() and key.isdecimal() and int(key) <= LARGEST):
        raise NotFound(NO_KEY)
    return get_key(key_id=int(key))


def _made(made: Made) -> Response:
    return Response({**_key_out(made.row), "key": made.token}, status=201, headers={"Cache-Control": "no-store"})


def _key_out(key: ApiKey) -> dict[str, Any]:
    return {
        "id": str(key.pk),
        "name": key.name,
        "prefix": key.prefix,
        "workspace": key.workspace_id,
        "scopes": key.scopes,
        "state": key.state,
        "created_at": key.created_at,
        "created_by": key.created_by,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
