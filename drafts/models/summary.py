"""What the worker has read out of documents, for lists, filters and search."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class DraftSummary(models.Model):
    """What stands in the working content of a draft; made anew by the worker, a moment after each edit.

    ``text`` is its name, the names of its files and what its captions say, each on a line, folded to lower case;
    ``bigrams`` are its characters and pairs of characters, each in hex and once, separated by spaces, which
    PostgreSQL indexes (empty on SQLite). ``tries`` and ``next_try_at`` are about reading the working content,
    ``version_tries`` and ``version_next_try_at`` about reading versions; ``error`` says why the content was given up.
    """

    draft = models.OneToOneField("Draft", on_delete=models.CASCADE, primary_key=True, related_name="summary")
    text = models.TextField(blank=True, default="")
    bigrams = models.TextField(blank=True, default="")
    app_profile = models.CharField(max_length=40, blank=True, default="", help_text="application that wrote it")
    tracks = models.PositiveIntegerField(default=0)
    segments = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0, help_text="integrity findings of severity error")
    warnings = models.PositiveIntegerField(default=0, help_text="integrity findings of severity warning")
    missing_media = models.PositiveIntegerField(default=0, help_text="materials whose file the draft does not have")
    files = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes of document and files")
    error = models.CharField(max_length=300, blank=True, default="", db_default="")
    tries = models.PositiveIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    version_tries = models.PositiveIntegerField(default=0, db_default=0)
    version_next_try_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["size"], name="summary_size"),
            models.Index(fields=["app_profile"], name="summary_app_profile"),
            models.Index(
                fields=["draft"],
                name="summary_with_findings",
                condition=Q(errors__gt=0) | Q(warnings__gt=0) | Q(error__gt=""),
            ),
            models.Index(fields=["draft"], name="summary_missing_media", condition=Q(missing_media__gt=0)),
        ]

    def __str__(self) -> str:
        return f"summary of {self.draft_id}"


class VersionSummary(models.Model):
    """What changed in a version against the one before it, as counts: ``{"segments_added": {"video": 2}, ...}``."""

    version = models.OneToOneField("DraftVersion", on_delete=models.CASCADE, primary_key=True, related_name="summary")
    changes = models.JSONField(default=dict, blank=True)
    errors = models.PositiveIntegerField(default=0, help_text="integrity findings of severity error")
    warnings = models.PositiveIntegerField(default=0, help_text="integrity findings of severity warning")
    size = models.PositiveBigIntegerField(default=0, help_text="bytes of document and files")
    error = models.CharField(max_length=300, blank=True, default="", db_default="", help_text="why it was given up")

    def __str__(self) -> str:
        return f"summary of version {self.version_id}"
