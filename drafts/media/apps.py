"""The media application."""

from __future__ import annotations

from django.apps import AppConfig

from drafts.core.words import both


class MediaConfig(AppConfig):
    """What is known of media, and their thumbnails."""

    name = "drafts.media"
    label = "drafts_media"
    verbose_name = both("Media", "素材")
