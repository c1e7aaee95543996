"""Who did what to which draft."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from drafts.access.caller import Door
from drafts.core.words import both


class DraftEvent(models.Model):
    """One change to a draft, written in the transaction of the change; never changed, and kept after a purge.

    ``draft_id`` is no foreign key for that reason. ``arguments`` are bounded and hold no secrets.
    """

    class Verb(models.TextChoices):
        CREATE = "create"
        CONTENT = "content"
        EDIT = "edit"
        PUT_FILE = "put_file"
        DELETE_FILE = "delete_file"
        RENAME = "rename"
        SAVE = "save"
        FREEZE = "freeze"
        RESTORE = "restore"
        COPY = "copy"
        IMPORT = "import"
        ADOPT = "adopt"
        NOTE = "note"
        RETRY = "retry"
        TRASH = "trash"
        UNTRASH = "untrash"
        HOLD = "hold"
        RELEASE = "release"
        PURGE = "purge"
        LINK = "link"
        REVOKE_LINK = "revoke_link"

    draft_id = models.CharField(max_length=32)
    verb = models.CharField(max_length=40, choices=Verb)
    arguments = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(null=True, blank=True, help_text="number of the version made or named")
    door = models.CharField(max_length=8, choices=Door)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    actor = models.CharField(max_length=200, blank=True, default="", help_text="label of who did it, copied")
    address = models.CharField(max_length=45, blank=True, default="", help_text="the caller's address")
    user_agent = models.CharField(max_length=200, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = both("event", "操作记录"), both("events", "操作记录")
        default_permissions = ("view",)
        indexes = [
            models.Index(F("draft_id"), F("id").desc(), name="event_of_draft"),
            models.Index(fields=["request_id"], name="event_request"),
            models.Index(fields=["created_at"], name="event_time"),
            # Few events have one, and a save should not pay for the others.
            models.Index(fields=["user"], name="event_user", condition=Q(user__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.draft_id}"
