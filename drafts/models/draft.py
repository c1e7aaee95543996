"""One video project."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from drafts.access.principal import DEFAULT_WORKSPACE
from drafts.core.words import both

# Drafts that were edited, and drafts that were saved, since the worker read them.
UNDESCRIBED = Q(described_revision__lt=F("revision"))
UNDESCRIBED_HEAD = Q(described_head__lt=F("head"))


class Draft(models.Model):
    """One video project. Size, frame rate and duration are copied from the working document on every edit."""

    class State(models.TextChoices):
        ACTIVE = "active"
        TRASHED = "trashed"

    id = models.CharField(max_length=32, primary_key=True, help_text="20 to 32 letters and digits, without hyphens")
    workspace = models.ForeignKey(
        "drafts_access.Workspace",
        on_delete=models.PROTECT,
        default=DEFAULT_WORKSPACE,
        db_default=DEFAULT_WORKSPACE,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    name = models.CharField(max_length=200, blank=True, default="")
    width = models.PositiveIntegerField(help_text="canvas, pixels")
    height = models.PositiveIntegerField(help_text="canvas, pixels")
    fps = models.FloatField(default=30.0)
    duration = models.BigIntegerField(default=0, help_text="microseconds")
    link_generation = models.PositiveIntegerField(
        default=1, db_default=1, help_text="of its standing link; +1 revokes that"
    )
    revision = models.PositiveBigIntegerField(default=1, help_text="+1 on every edit; never goes back")
    head = models.ForeignKey("DraftVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now, help_text="last edit")
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="in the trash since")
    trashed_by = models.CharField(max_length=200, blank=True, default="", db_default="", help_text="label of who did")
    owner = models.CharField(max_length=200, blank=True, default="", db_default="", help_text="label of who made it")
    held = models.BooleanField(default=False, db_default=False, help_text="a purge passes it by")
    purged_at = models.DateTimeField(null=True, blank=True, help_text="its purge began: it never comes back")
    described_revision = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="revision that its summary describes"
    )
    described_head = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="key of the newest version that has a summary"
    )

    class Meta:
        verbose_name, verbose_name_plural = both("draft", "草稿"), both("drafts", "草稿")
        permissions = [
            ("restore_draft", "Can restore a version, and copy one as a new draft"),
            ("trash_draft", "Can put a draft into the trash and bring it back"),
            ("purge_draft", "Can purge a draft, and hold one against it"),
            ("retry_draft", "Can retry the persisting of blobs"),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="draft_newest"),
            models.Index(F("workspace"), F("created_at").desc(), F("id").desc(), name="draft_newest_of_workspace"),
            models.Index(F("updated_at").desc(), F("id").desc(), name="draft_last_edited"),
            models.Index(fields=["name"], name="draft_name"),
            models.Index(fields=["deleted_at"], name="draft_trashed", condition=Q(deleted_at__isnull=False)),
            models.Index(fields=["updated_at"], name="draft_undescribed", condition=UNDESCRIBED),
            models.Index(fields=["updated_at"], name="draft_undescribed_head", condition=UNDESCRIBED_HEAD),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(width__gte=1, height__gte=1), name="draft_canvas_positive"),
            models.CheckConstraint(condition=Q(duration__gte=0), name="draft_duration_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name or self.id

    @property
    def state(self) -> str:
        """``active`` or ``trashed``."""
        return self.State.TRASHED if self.deleted_at else self.State.ACTIVE

    @property
    def next_number(self) -> int:
        """The number that the next version will have; needs ``head`` loaded."""
        return 1 if self.head is None else self.head.number + 1
