"""One video project."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Draft(models.Model):
    """One video project. Size, frame rate and duration are copied from the working document on every edit."""

    class State(models.TextChoices):
        ACTIVE = "active"
        TRASHED = "trashed"

    id = models.CharField(max_length=32, primary_key=True, help_text="20 to 32 letters and digits, without hyphens")
    name = models.CharField(max_length=200, blank=True, default="")
    width = models.PositiveIntegerField(help_text="canvas, pixels")
    height = models.PositiveIntegerField(help_text="canvas, pixels")
    fps = models.FloatField(default=30.0)
    duration = models.BigIntegerField(default=0, help_text="microseconds")
    revision = models.PositiveBigIntegerField(default=1, help_text="+1 on every edit; never goes back")
    head = models.ForeignKey("DraftVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now, help_text="last edit")
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="in the trash since")

    class Meta:
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="draft_newest"),
            models.Index(F("updated_at").desc(), F("id").desc(), name="draft_last_edited"),
            models.Index(fields=["name"], name="draft_name"),
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
