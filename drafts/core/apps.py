"""The ground application."""

from __future__ import annotations

from django.apps import AppConfig

from drafts.core.words import both


class CoreConfig(AppConfig):
    """Blobs and what keeps them."""

    name = "drafts.core"
    label = "drafts_core"
    verbose_name = both("Storage", "存储")
