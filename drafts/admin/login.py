"""Signing in to the admin: so many tries of one account and from one address, right or wrong."""

from __future__ import annotations

import hashlib
import unicodedata
from math import ceil
from typing import Any

import structlog
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from drafts.access import rates
from drafts.core.words import both

log = structlog.get_logger(__name__)


class LoginForm(AdminAuthenticationForm):
    """Counts a try before the password is looked at, so that many at once are not one."""

    def clean(self) -> dict[str, Any]:
        """Who may sign in. Raises ``ValidationError``, also for the right password of an account that is locked."""
        address = str(self.request.META.get("REMOTE_ADDR") or "") if self.request else ""
        try:
            rates.count("login", address=address, principal=account(self.cleaned_data.get("username") or ""))
        except rates.TooMany as error:
            minutes = ceil((error.retry_after or 1) / 60)
            log.warning("login_locked", address=address, seconds=error.retry_after)
            raise ValidationError(
                both(
                    f"Too many tries to sign in. Try again in {minutes} min (RATE_LOGIN).",
                    f"登录尝试次数过多，请在 {minutes} 分钟后重试（RATE_LOGIN）。",
                ),
                code="locked",
            ) from error
        found: dict[str, Any] = super().clean()
        return found


def account(name: str) -> str:
    """What the tries of one account are counted under; not the name, for people type passwords into that field."""
    return hashlib.sha256(unicodedata.normalize("NFKC", name).casefold().encode()).hexdigest()[:24]
