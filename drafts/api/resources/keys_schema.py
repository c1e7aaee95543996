"""The OpenAPI description of keys, members and the workspace."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from drafts.access.models import Membership
from drafts.access.principal import SCOPES

from ..bodies import SHORT, StringField
from ..openapi import NOT_MODIFIED, answers, in_path
from .links_schema import STATES
from .schema import examples, operation

LONGEST_OVERLAP = 30 * 86400
_KEY = {
    "id": "7",
    "name": "n8n",
    "prefix": "ck_7x2mq4kp",
    "workspace": "default",
    "scopes": ["drafts:read", "drafts:write"],
    "state": "active",
    "created_at": "2026-11-21T01:41:01Z",
    "created_by": "anna",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": None,
}
_MADE = {**_KEY, "key": "ck_7x2mq4kp_THE-SECRET-IS-SHOWN-ONCE-AND-NEVER-AGAIN-0000"}


class KeyIn(serializers.Serializer[None]):
    """A new key."""

    name = StringField(**{**SHORT, "allow_blank": False}, help_text="who uses it; records name the key by it")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SCOPES)),
        default=list,
        max_length=len(SCOPES),
        help_text="default: all but admin:read and keys:write; none that the caller's own key does not have",
    )
    expires_at = serializers.DateTimeField(default=None, allow_null=True, help_text="default: never")


class RotateIn(serializers.Serializer[None]):
    """How a key is replaced."""

    overlap_seconds = serializers.IntegerField(
        default=settings.KEY_OVERLAP_SECONDS,
        min_value=0,
        max_value=LONGEST_OVERLAP,
        help_text="how long the old key goes on",
    )


class KeyOut(serializers.Serializer[Any]):
    """A key, without its secret."""

    id = serializers.CharField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="how the key begins")
    workspace = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=STATES)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="to a few minutes")


class MadeKeyOut(KeyOut):
    """A new key. ``key`` is shown this once."""

    key = serializers.CharField()


class WorkspaceOut(serializers.Serializer[Any]):
    """What a workspace holds: drafts, those in the trash too, and bytes, those of all versions."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    drafts = serializers.IntegerField()
    bytes = serializers.IntegerField()
    max_drafts = serializers.IntegerField(allow_null=True, help_text="null: no quota")
    max_bytes = serializers.IntegerField(allow_null=True, help_text="null: no quota")


class MemberOut(serializers.Serializer[Any]):
    """A member of the workspace."""

    workspace = serializers.CharField()
    username = serializers.CharField()
    role = serializers.ChoiceField(choices=Membership.Role.values)
    last_login = serializers.DateTimeField(allow_null=True)


KEY_ID = in_path("key", "the id of a key")
LIST_KEYS = operation(
    "list_keys",
    "List the API keys of the workspace",
    responses=answers({200: KeyOut(many=True), 304: NOT_MODIFIED}, 412),
    examples=examples(200, _KEY),
)
MAKE_KEY = operation(
    "make_key",
    "Make an API key, which is shown this once; Idempotency-Key does nothing here",
    request=KeyIn,
    responses=answers({201: MadeKeyOut}, 411, 413, 415),
    examples=examples(201, _MADE, {"name": "n8n", "scopes": ["drafts:read", "drafts:write"]}),
)
ROTATE_KEY = operation(
    "rotate_key",
    "Replace an API key; the old one goes on for a while",
    parameters=[KEY_ID],
    request=RotateIn,
    responses=answers({201: MadeKeyOut}, 404, 411, 413, 415),
    examples=examples(201, {**_MADE, "id": "8"}, {"overlap_seconds": 3600}),
)
REVOKE_KEY = operation("revoke_key", "Revoke an API key", parameters=[KEY_ID], responses=answers({204: None}, 404))
WORKSPACE = operation(
    "get_workspace",
    "Get what the workspace holds, and its quotas",
    responses=answers({200: WorkspaceOut, 304: NOT_MODIFIED}, 412),
    examples=examples(
        200,
        {
            "id": "default",
            "name": "",
            "drafts": 412,
            "bytes": 9_812_345_678,
            "max_drafts": 1000,
            "max_bytes": None,
        },
    ),
)
LIST_MEMBERS = operation(
    "list_members",
    "List the members of the workspace",
    responses=answers({200: MemberOut(many=True), 304: NOT_MODIFIED}, 412),
    examples=examples(
        200, {"workspace": "default", "username": "anna", "role": "admin", "last_login": "2026-11-21T01:41:01Z"}
    ),
)
