"""The application of callers."""

from __future__ import annotations

from django.apps import AppConfig

from drafts.core.words import both


class AccessConfig(AppConfig):
    """Who is calling, and what they have been answered."""

    name = "drafts.access"
    label = "drafts_access"
    verbose_name = both("Access", "访问")
