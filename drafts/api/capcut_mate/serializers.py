"""Inputs of the capcut-mate routes; unknown fields are ignored, numbers are coerced (contract 1.8)."""

from __future__ import annotations

from django.conf import settings
from rest_framework import serializers

from ..bodies import SHORT, StringField


class CreateDraftIn(serializers.Serializer[None]):
    """Canvas of a new draft, in pixels."""

    width = serializers.IntegerField(default=1920, min_value=1, max_value=settings.MAX_CANVAS_SIDE)
    height = serializers.IntegerField(default=1080, min_value=1, max_value=settings.MAX_CANVAS_SIDE)


class SaveDraftIn(serializers.Serializer[None]):
    """What may come along with a save. ``draft_url`` is judged by ``identifiers.parse_draft_url``."""

    note = StringField(default="", **SHORT)
    author = StringField(default="", **SHORT)
