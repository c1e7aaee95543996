"""The manifest: which files belong to which versions."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from drafts.core.models import Blob
from drafts.core.words import both


class DraftFile(models.Model):
    """A file of a draft from version ``added_in`` until before version ``removed_in``.

    Working changes carry the number of the version that the next save will make, so that the save adopts
    them without touching them; a manifest costs what changed, not what exists (DESIGN section 3).
    """

    class Kind(models.TextChoices):
        CONFIG = "config"
        VIDEO = "video"
        AUDIO = "audio"
        IMAGE = "image"
        THUMBNAIL = "thumbnail"
        SUBTITLE = "subtitle"
        TEMPORARY = "temporary"
        OTHER = "other"

    # file_path begins with the draft.
    draft = models.ForeignKey("Draft", on_delete=models.PROTECT, related_name="files", db_index=False)
    path = models.CharField(max_length=255, help_text="inside the draft folder")
    kind = models.CharField(max_length=10, choices=Kind)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="files")
    added_in = models.PositiveIntegerField(help_text="first version that has it")
    removed_in = models.PositiveIntegerField(null=True, blank=True, help_text="first version that has it no more")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = both("file", "文件"), both("files", "文件")
        indexes = [models.Index(F("draft"), Lower("path"), name="file_path")]
        constraints = [
            models.UniqueConstraint(
                F("draft"), Lower("path"), condition=Q(removed_in__isnull=True), name="file_path_once"
            ),
            models.CheckConstraint(condition=Q(added_in__gte=1), name="file_added_in_a_version"),
            models.CheckConstraint(
                condition=Q(removed_in__isnull=True) | Q(removed_in__gt=F("added_in")),
                name="file_removed_after_added",
            ),
        ]

    def __str__(self) -> str:
        return self.path


class RetiredPath(models.Model):
    """A media path that was used and removed between two saves, so that no version shows it.

    Clients resume downloads by name, so the path may come back only with the same bytes.
    """

    draft = models.ForeignKey("Draft", on_delete=models.CASCADE, related_name="retired_paths")
    path = models.CharField(max_length=255, help_text="in lower case")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "path"], name="retired_path_once")]

    def __str__(self) -> str:
        return self.path
