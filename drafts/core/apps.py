"""The ground application."""

from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Blobs and what keeps them."""

    name = "drafts.core"
    label = "drafts_core"
    verbose_name = "Storage"
