"""What is kept of callers."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from drafts.core.words import both


class KeptAnswer(models.Model):
    """The answer to a request that carried an ``Idempotency-Key``, written in the transaction of its effect.

    ``scope`` is who asked, ``fingerprint`` what was asked: method, path and body. A row that others can see is
    complete: an answer is written before its transaction commits, or not at all.
    """

    scope = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    draft_id = models.CharField(max_length=32, default="", db_default="", db_index=True, help_text="what it changed")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="kept_answer_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class Workspace(models.Model):
    """Owns drafts and keys. Its id is a word that people choose; what was there before there were several is in
    ``default``.

    Its quotas are those of the settings where it has none. ``counted_*`` is what it held when that was last counted,
    ``grown_*`` at least what it has grown by since (``services.quotas``).
    """

    id = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=200, blank=True, default="", verbose_name=both("name", "名称"))
    created_at = models.DateTimeField(default=timezone.now)
    max_drafts = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        verbose_name=both("most drafts", "草稿上限"),
        help_text=both("empty: QUOTA_DRAFTS", "留空：QUOTA_DRAFTS"),
    )
    max_bytes = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        verbose_name=both("most bytes", "字节上限"),
        help_text=both("empty: QUOTA_BYTES", "留空：QUOTA_BYTES"),
    )
    counted_drafts = models.PositiveBigIntegerField(default=0, db_default=0)
    counted_bytes = models.PositiveBigIntegerField(default=0, db_default=0)
    grown_drafts = models.PositiveBigIntegerField(default=0, db_default=0)
    grown_bytes = models.PositiveBigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name, verbose_name_plural = both("workspace", "工作区"), both("workspaces", "工作区")
        permissions = [("manage_workspace", "Can manage keys, links and members")]

    def __str__(self) -> str:
        return self.name or self.id


class ApiKey(models.Model):
    """A key of the API. Its secret is shown once; kept are the SHA-256 of the whole key and its readable beginning."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="keys")
    name = models.CharField(max_length=200, help_text="who uses it")
    prefix = models.CharField(max_length=11, unique=True)
    sha256 = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=200, blank=True, default="", help_text="label of who made it")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="to a few minutes")

    class Meta:
        verbose_name, verbose_name_plural = both("API key", "API 密钥"), both("API keys", "API 密钥")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def state(self) -> str:
        """``active``, ``expired`` or ``revoked``."""
        return state_of(revoked_at=self.revoked_at, expires_at=self.expires_at)


class Membership(models.Model):
    """A user of the admin in a workspace. Those with rights of their own on drafts need none (``members``)."""

    class Role(models.TextChoices):
        VIEWER = "viewer", both("viewer: reads", "查看者：只读")
        EDITOR = "editor", both("editor: also restores, trashes and writes notes", "编辑者：还可恢复、删除和写备注")
        ADMIN = "admin", both("admin: also manages keys, links and members", "管理员：还可管理密钥、链接和成员")

    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="members", verbose_name=both("workspace", "工作区")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=both("user", "用户"),
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER, verbose_name=both("role", "角色"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = both("member", "成员"), both("members", "成员")
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.workspace_id})"


def state_of(*, revoked_at: datetime | None, expires_at: datetime | None) -> str:
    """What a key or a link is now: ``active``, ``expired`` or ``revoked``."""
    if revoked_at is not None:
        return "revoked"
    return "expired" if expires_at is not None and expires_at <= timezone.now() else "active"
