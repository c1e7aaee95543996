"""Inputs of the catalogue routes (contract 7.15 to 7.20)."""

from __future__ import annotations

from django.conf import settings
from rest_framework import serializers

from .fields import LaxInteger, StrictString


class ModeIn(serializers.Serializer[None]):
    """Which entries: 0 all, 1 those for VIP users, 2 the free ones."""

    mode = LaxInteger(default=0, allow_null=True, min_value=0, max_value=2, help_text="0 all, 1 VIP, 2 free")


class AnimationsIn(serializers.Serializer[None]):
    """Which animations."""

    mode = LaxInteger(default=0, allow_null=True, help_text="0 all, 1 VIP, 2 free")
    type = serializers.ChoiceField(
        choices=["in", "out", "loop"], default=None, allow_null=True, help_text="one of the three, or all"
    )


class StickersIn(serializers.Serializer[None]):
    """Part of a sticker's title."""

    keyword = StrictString(max_length=settings.MAX_NAME_LENGTH)
