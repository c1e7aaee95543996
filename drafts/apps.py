"""The drafts application and its system checks."""

from __future__ import annotations

from django.apps import AppConfig


class DraftsConfig(AppConfig):
    """Drafts, contents, versions and files."""

    name = "drafts"
    label = "drafts"
    verbose_name = "Drafts"

    def ready(self) -> None:
        """Register the system checks."""
        from . import checks  # noqa: F401
