"""The OpenAPI description of links."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ..bodies import SHORT, StringField
from ..openapi import DRAFT_ID, NOT_MODIFIED, answers, in_path
from .schema import examples, operation

STANDING_ID = "standing"
STATES = ["active", "expired", "revoked"]
_BASE = "https://drafts.example.org/openapi/capcut-mate/v1/get_draft?draft_id=20261121014101abcdef1234567890ab"
_STANDING = {
    "id": STANDING_ID,
    "name": "",
    "draft_url": f"{_BASE}&key=g1-0a1b2c3d4e5f60718293a4b5c6d7",
    "state": "active",
    "created_at": "2026-11-21T01:41:01Z",
    "created_by": "n8n",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": None,
}
_NAMED = {
    **_STANDING,
    "id": "12",
    "name": "the customer",
    "draft_url": f"{_BASE}&key=l12-0a1b2d4e5f60718293a4b5c6d7e8",
    "expires_at": "2036-12-21T00:00:00Z",
}


class LinkIn(serializers.Serializer[None]):
    """A new link."""

    name = StringField(default="", **SHORT, help_text="whom it is for")
    expires_at = serializers.DateTimeField(default=None, allow_null=True, help_text="default: never")


class LinkOut(serializers.Serializer[Any]):
    """A link. ``standing`` is the one that the draft_url carries; revoked, the draft_url carries another."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    draft_url = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="to a few minutes; not known of ``standing``")


LIST_LINKS = operation(
    "list_links",
    "List the links to a draft",
    parameters=[DRAFT_ID],
    responses=answers({200: LinkOut(many=True), 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, _STANDING),
)
MAKE_LINK = operation(
    "make_link",
    "Make a link to a draft, which reads it without a key",
    parameters=[DRAFT_ID],
    request=LinkIn,
    responses=answers({201: LinkOut}, 404, 411, 413, 415),
    examples=examples(201, _NAMED, {"name": "the customer", "expires_at": "2036-12-21T00:00:00Z"}),
)
REVOKE_LINK = operation(
    "revoke_link",
    "Revoke a link to a draft",
    parameters=[DRAFT_ID, in_path("link", f"`{STANDING_ID}`, or the id of a link")],
    responses=answers({204: None}, 404),
)
