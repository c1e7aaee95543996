"""The drafts application and its system checks."""

from __future__ import annotations

from django.apps import AppConfig

from drafts.core.words import both


class DraftsConfig(AppConfig):
    """Drafts, contents, versions and files."""

    name = "drafts"
    label = "drafts"
    verbose_name = both("Drafts", "草稿")

    def ready(self) -> None:
        """Register the system checks."""
        from . import checks  # noqa: F401 - importing registers them
