"""System checks that keep the house as it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from drafts.editing.catalogue.stickers import search_stickers


@register()
def nested_apps_are_installed(**_: Any) -> Sequence[CheckMessage]:
    """Every sub-package with a ``models.py`` is an installed app, so that its tables exist."""
    package = Path(__file__).parent
    installed = {Path(config.path) for config in apps.get_app_configs()}
    return [
        Error(f"drafts/{models.parent.name} has models but is not in INSTALLED_APPS.", id="drafts.E001")
        for models in package.glob("*/models.py")
        if models.parent not in installed
    ]


@register()
def sqlite_takes_the_write_lock_first(**_: Any) -> Sequence[CheckMessage]:
    """SQLite without IMMEDIATE answers "database is locked" under two writers (STACK section 5)."""
    database = settings.DATABASES["default"]
    options = database.get("OPTIONS", {})
    if "sqlite" in database["ENGINE"] and options.get("transaction_mode") != "IMMEDIATE":
        return [Error("SQLite needs OPTIONS['transaction_mode'] = 'IMMEDIATE'.", id="drafts.E002")]
    return []


@register()
def stickers_can_be_read(**_: Any) -> Sequence[CheckMessage]:
    """A file named by STICKER_CATALOGUE is there and has the form that search_sticker answers."""
    try:
        search_stickers(settings.STICKER_CATALOGUE, "any")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return [Error(f"STICKER_CATALOGUE {settings.STICKER_CATALOGUE} cannot be used: {reason}.", id="drafts.E003")]
    return []
