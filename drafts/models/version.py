"""Immutable snapshots of a draft."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from drafts.core.models import Blob
from drafts.core.words import both


class DraftVersion(models.Model):
    """A snapshot of a draft: a document and, through :class:`DraftFile`, a manifest.

    Never changed, but for what people say of it: its ``note``, which makes it a landmark, and ``held``.
    """

    class Origin(models.TextChoices):
        SAVE = "save"
        AUTO = "auto", "auto: unsaved work, frozen before a restore or an import"
        RESTORE = "restore"
        IMPORT = "import"

    # version_number_once begins with the draft: an index of its own would be written by each save for nothing.
    draft = models.ForeignKey("Draft", on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    revision = models.PositiveBigIntegerField(help_text="the draft's revision that was saved")
    content = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="versions")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.SAVE)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    fps = models.FloatField()
    duration = models.BigIntegerField(help_text="microseconds")
    file_count = models.PositiveIntegerField(default=0)
    author = models.CharField(max_length=200, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="", help_text="the caller's address")
    user_agent = models.CharField(max_length=200, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    held = models.BooleanField(default=False, db_default=False, help_text="a purge passes its draft by")

    class Meta:
        verbose_name, verbose_name_plural = both("version", "版本"), both("versions", "版本")
        permissions = [("note_draftversion", "Can write the note of a version")]
        constraints = [
            models.UniqueConstraint(F("draft"), F("number").desc(), name="version_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} v{self.number}"

    @property
    def landmark(self) -> bool:
        """Whether people named it, or brought it in or back."""
        return bool(self.note) or self.origin in {self.Origin.RESTORE, self.Origin.IMPORT}
