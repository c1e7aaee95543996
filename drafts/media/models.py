"""What is known of a blob that is media, and its thumbnail. Both rows go with the blob."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from drafts.core.models import Blob


class MediaInfo(models.Model):
    """The facts that :func:`drafts.media.probe.probe` found, once for the bytes."""

    class Kind(models.TextChoices):
        VIDEO = "video"
        AUDIO = "audio"
        IMAGE = "image"

    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, primary_key=True, related_name="media")
    kind = models.CharField(max_length=5, choices=Kind)
    extension = models.CharField(max_length=8, help_text="of the container, with its dot")
    duration = models.BigIntegerField(help_text="microseconds; 0 for a still picture")
    width = models.PositiveIntegerField(help_text="pixels, as shown; 0 for audio")
    height = models.PositiveIntegerField(help_text="pixels, as shown; 0 for audio")
    rotation = models.PositiveSmallIntegerField(help_text="degrees clockwise that a player turns the picture")
    has_audio = models.BooleanField()
    fps = models.FloatField(help_text="frames a second on average; 0 without frames")
    codec = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name_plural = "media infos"
        constraints = [
            models.CheckConstraint(condition=Q(duration__gte=0), name="media_duration_not_negative"),
            models.CheckConstraint(condition=Q(rotation__in=[0, 90, 180, 270]), name="media_rotation_right_angle"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.width}x{self.height} {self.duration} us"


class Thumbnail(models.Model):
    """The small picture of a video or image. The row is the job, as with :class:`~drafts.core.models.Blob`.

    ``pending``: to be made when ``next_try_at`` has passed. ``made``: ``image`` is it. ``failed``: tried
    ``THUMBNAIL_TRIES`` times, or nothing to make one from; not tried again.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        MADE = "made"
        FAILED = "failed"

    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, primary_key=True, related_name="thumbnail")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    image = models.ForeignKey(
        Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="thumbnail_of", help_text="a JPEG"
    )
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["next_try_at"], name="thumbnail_due", condition=Q(state="pending"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(image__isnull=False) | ~Q(state="made"),
                name="thumbnail_image_when_made",
            )
        ]

    def __str__(self) -> str:
        return f"thumbnail of blob {self.blob_id}: {self.state}"
