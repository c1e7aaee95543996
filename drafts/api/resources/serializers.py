"""Shapes of the resource API."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework import serializers

from drafts.access.caller import Door
from drafts.document import kinds
from drafts.models import Draft, DraftEvent, DraftVersion
from drafts.selectors.delivery import Served

from ..bodies import SHORT, StringField
from ..links import draft_url, file_url


class DraftOut(serializers.Serializer[Draft]):
    """A draft. ``head`` is the number of its newest version."""

    id = serializers.CharField()
    name = serializers.CharField()
    draft_url = serializers.SerializerMethodField()
    width = serializers.IntegerField(help_text="canvas, pixels")
    height = serializers.IntegerField(help_text="canvas, pixels")
    fps = serializers.FloatField()
    duration = serializers.IntegerField(help_text="microseconds")
    revision = serializers.IntegerField()
    head = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=Draft.State.choices)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    deleted_at = serializers.DateTimeField(allow_null=True)

    def get_draft_url(self, draft: Draft) -> str:
        """The GET-able URL that clients of capcut-mate use."""
        return draft_url(self.context["http"], draft)

    def get_head(self, draft: Draft) -> int | None:
        """Number of the newest version, or null."""
        return draft.head.number if draft.head else None


class VersionOut(serializers.Serializer[DraftVersion]):
    """A version. ``state`` and ``stored_at`` tell whether its document is in the object store yet."""

    number = serializers.IntegerField()
    revision = serializers.IntegerField()
    author = serializers.CharField()
    note = serializers.CharField()
    origin = serializers.ChoiceField(choices=DraftVersion.Origin.choices)
    created_at = serializers.DateTimeField()
    size = serializers.IntegerField(source="content.size", help_text="bytes of the document")
    sha256 = serializers.CharField(source="content.sha256", help_text="of the document in token form")
    file_count = serializers.IntegerField(help_text="media files, without the document and its companions")
    state = serializers.ChoiceField(source="content.state", choices=["pending", "stored", "failed"])
    stored_at = serializers.DateTimeField(source="content.stored_at", allow_null=True)


class EventOut(serializers.Serializer[DraftEvent]):
    """One change: who did what, with what, when and from where. ``version`` is the one made or named."""

    id = serializers.IntegerField()
    verb = serializers.ChoiceField(choices=DraftEvent.Verb.choices)
    arguments = serializers.DictField(help_text="what it was done with; long ones are cut")
    version = serializers.IntegerField(allow_null=True)
    actor = serializers.CharField(allow_blank=True, help_text="user of the admin, or the author that was named")
    door = serializers.ChoiceField(choices=Door.choices)
    address = serializers.CharField(allow_blank=True)
    user_agent = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class FileOut(serializers.Serializer[Any]):
    """A file. ``size`` and ``sha256`` are those of the bytes that ``url`` gives."""

    path = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=["config", "video", "audio", "image", "thumbnail", "subtitle", "temporary", "other"]
    )
    size = serializers.IntegerField(help_text="bytes")
    sha256 = serializers.CharField()
    media_type = serializers.CharField()
    state = serializers.ChoiceField(choices=["pending", "stored", "failed"])
    stored_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField()


class DraftIn(serializers.Serializer[None]):
    """A new draft."""

    name = StringField(default="", **SHORT)
    width = serializers.IntegerField(default=1920, min_value=1, max_value=settings.MAX_CANVAS_SIDE)
    height = serializers.IntegerField(default=1080, min_value=1, max_value=settings.MAX_CANVAS_SIDE)
    fps = serializers.IntegerField(default=30, min_value=1, max_value=120)


class RenameIn(serializers.Serializer[None]):
    """What of a draft can be changed directly."""

    name = StringField(**SHORT)


class NoteIn(serializers.Serializer[None]):
    """Who saves, and why."""

    note = StringField(default="", **SHORT)
    author = StringField(default="", **SHORT)


class VersionIn(serializers.Serializer[None]):
    """What of a version can be changed."""

    note = StringField(**SHORT)


class CopyIn(serializers.Serializer[None]):
    """What to copy: a version, or else the working state."""

    version = serializers.IntegerField(default=None, allow_null=True, min_value=1, max_value=2**31 - 1)
    name = StringField(default=None, allow_null=True, **SHORT)
    author = StringField(default="", **SHORT)


def file_out(request: HttpRequest, served: Served, *, draft: Draft, version: int | None) -> dict[str, Any]:
    """A file as delivered, in the shape of :class:`FileOut`."""
    blob = served.blob
    return {
        "path": served.path,
        "kind": served.kind,
        "size": served.size,
        "sha256": served.sha256,
        "media_type": kinds.media_type_of(served.path),
        "state": "stored" if blob is None else blob.state,
        "stored_at": served.created_at if blob is None else blob.stored_at,
        "url": file_url(request, draft, version=version, path=served.path),
    }
