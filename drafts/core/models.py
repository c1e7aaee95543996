"""Blobs: bytes with their SHA-256, written once, shared by versions and drafts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .words import both


class Blob(models.Model):
    """Bytes with their SHA-256. The row is the job: its state says what is still to be done.

    ``uploading``: a stream is being written under ``blobs/up/``; the hash is not known yet.
    ``pending``: the bytes lie in :class:`BlobPayload` and wait for the store. ``stored``: the object is in
    the store and was read back. ``failed``: pending, tried ``PERSIST_TRIES`` times, and still retried.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading"
        PENDING = "pending"
        STORED = "stored"
        FAILED = "failed"

    WAITING = (State.PENDING, State.FAILED)

    key = models.CharField(max_length=120, unique=True, help_text="name of the object in the store")
    sha256 = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - unknown while uploading
    size = models.BigIntegerField(default=0, help_text="bytes")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now, help_text="last time that something began to use it")
    stored_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        verbose_name, verbose_name_plural = both("blob", "数据块"), both("blobs", "数据块")
        indexes = [
            models.Index(fields=["next_try_at"], name="blob_due", condition=Q(state__in=["pending", "failed"])),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0), name="blob_size_not_negative"),
            models.CheckConstraint(
                condition=Q(state="uploading") | Q(sha256__isnull=False), name="blob_hash_known_when_complete"
            ),
            models.CheckConstraint(
                condition=Q(stored_at__isnull=False) | ~Q(state="stored"), name="blob_stored_at_when_stored"
            ),
        ]

    def __str__(self) -> str:
        return (self.sha256 or self.key)[:12]


class BlobPayload(models.Model):
    """The bytes of a blob that is not in the store yet, zstd-compressed."""

    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, primary_key=True, related_name="payload")
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"payload of blob {self.blob_id}"


class DoomedObject(models.Model):
    """An object in the store that no blob owns any more; deleted after commit, repeatably, from ``doomed_at`` on."""

    key = models.CharField(max_length=120, unique=True)
    doomed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = both("doomed object", "待删除对象"), both("doomed objects", "待删除对象")
        indexes = [models.Index(fields=["doomed_at"], name="doomed_at")]

    def __str__(self) -> str:
        return self.key


class Maintenance(models.Model):
    """While the one row exists, writes answer 503 (``manage.py maintenance on``)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name, verbose_name_plural = both("maintenance", "维护"), both("maintenance", "维护")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="maintenance_one_row")]

    def __str__(self) -> str:
        return f"maintenance since {self.since:%Y-%m-%d %H:%M}"


class Chore(models.Model):
    """When a chore of the worker's or an operator's last ended, and what it found: one row for each.

    ``ok`` is false when it ended with something for staff to look at. ``result`` holds figures by name.
    """

    class Name(models.TextChoices):
        COLLECT = "collect"
        TOTALS = "totals"
        VERIFY = "verify_storage"
        BACKUP = "backup"
        PURGE = "purge"

    name = models.CharField(max_length=20, primary_key=True, choices=Name)
    finished_at = models.DateTimeField(default=timezone.now)
    ok = models.BooleanField(default=True)
    result = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = both("operations", "运行状况"), both("operations", "运行状况")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.name} at {self.finished_at:%Y-%m-%d %H:%M}"
