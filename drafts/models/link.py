"""Further links to a draft."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from drafts.access.models import state_of
from drafts.core.words import both


class DraftLink(models.Model):
    """A link for reading one draft, beside its standing one: for somebody, or until some day."""

    draft = models.ForeignKey("Draft", on_delete=models.CASCADE, related_name="links")
    name = models.CharField(max_length=200, blank=True, default="", help_text="whom it is for")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=200, blank=True, default="", help_text="label of who made it")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="to a few minutes")

    class Meta:
        verbose_name, verbose_name_plural = both("link", "链接"), both("links", "链接")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name or f"link {self.pk}"

    @property
    def state(self) -> str:
        """``active``, ``expired`` or ``revoked``."""
        return state_of(revoked_at=self.revoked_at, expires_at=self.expires_at)
