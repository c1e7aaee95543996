"""API keys: ``ck_`` and 8 readable characters, which stay known, then the secret, which is shown once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from drafts.core.errors import Forbidden, InvalidParameter, NotFound, Text, Unauthenticated

from .caller import current_caller
from .members import managed
from .models import ApiKey, Workspace
from .principal import SCOPES, Kind, Principal

log = structlog.get_logger(__name__)

USE_NOTED_SECONDS = 300  # between two writes of a key's last use
BELIEVED_AT_ONCE = 1000
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read for something else
_KEY = re.compile(r"(?P<prefix>ck_[a-z0-9]{8})_[A-Za-z0-9_-]{43}")

UNKNOWN = Text("The API key is unknown", "API 密钥无效")
REVOKED = Text("The API key has been revoked", "API 密钥已被吊销")
EXPIRED = Text("The API key has expired", "API 密钥已过期")
NO_KEY = Text("There is no such API key", "API 密钥不存在")


class Made(NamedTuple):
    """A new key, and the only copy of its secret."""

    row: ApiKey
    token: str


class _Belief(NamedTuple):
    until: float
    principal: Principal


_believed: dict[str, _Belief] = {}
_noted: dict[tuple[type[Model], int], float] = {}


def make_key(*, workspace: str, name: str, scopes: Iterable[str], expires_at: datetime | None = None) -> Made:
    """A key of the workspace. Raises ``InvalidParameter`` for a workspace, name or scope that there is not, and for an
    end that is past; ``Forbidden`` for scopes that the caller, who comes with a key, does not have.
    """
    check_workspace(workspace)
    wanted = list(dict.fromkeys(scopes))
    strange = [scope for scope in wanted if scope not in SCOPES]
    if strange or not wanted:
        named = ", ".join(SCOPES)
        raise InvalidParameter.of(
            "scopes", "choice", Text(f"scopes must be one or more of {named}", f"scopes 必须是以下一项或多项：{named}")
        )
    if not name.strip():
        raise InvalidParameter.of("name", "blank", Text("name must not be empty", "name 不能为空"))
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidParameter.of("expires_at", "past", Text("expires_at is past", "expires_at 已过"))
    _check_grantable(wanted)
    prefix = "ck_" + "".join(secrets.choice(_READABLE) for _ in range(8))
    token = f"{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiKey.objects.create(
        workspace_id=workspace,
        name=name.strip(),
        prefix=prefix,
        sha256=_hash(token),
        scopes=wanted,
        created_by=current_caller().label(),
        expires_at=expires_at,
    )
    log.info("api_key_made", prefix=prefix, workspace=workspace, scopes=wanted, by=row.created_by)
    return Made(row, token)


def check_workspace(workspace: str) -> str:
    """The id, of a workspace that there is. Raises ``InvalidParameter``."""
    if not Workspace.objects.filter(pk=workspace).exists():
        text = Text(f"There is no workspace {workspace}", f"工作区 {workspace} 不存在")
        raise InvalidParameter.of("workspace", "choice", text)
    return workspace


def list_keys() -> QuerySet[ApiKey]:
    """The keys of the workspaces that the caller manages, newest first."""
    return managed(ApiKey.objects.all()).order_by("-pk")


def get_key(*, key_id: int) -> ApiKey:
    """A key that the caller manages. Raises ``NotFound``."""
    key = list_keys().filter(pk=key_id).first()
    if key is None:
        raise NotFound(NO_KEY)
    return key


@transaction.atomic
def rotate_key(key: ApiKey, *, overlap: timedelta) -> Made:
    """Another key with the same rights; this one ends after ``overlap``, if not sooner.

    Raises ``InvalidParameter`` for a key that is not in force, ``Forbidden`` as :func:`make_key`.
    """
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    if _ended(key) is not None:
        text = Text("Only a key in force can be rotated", "只能轮换有效的密钥")
        raise InvalidParameter.of("key", "ended", text)
    made = make_key(workspace=key.workspace_id, name=key.name, scopes=key.scopes, expires_at=key.expires_at)
    end = timezone.now() + overlap
    key.expires_at = end if key.expires_at is None else min(end, key.expires_at)
    key.save(update_fields=["expires_at"])
    return made


def revoke_key(key: ApiKey) -> None:
    """End a key; in force everywhere after ``KEY_CACHE_SECONDS``."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        log.info("api_key_revoked", prefix=key.prefix, workspace=key.workspace_id, by=current_caller().label())
    _believed.pop(key.sha256, None)


def principal_of(token: str) -> Principal:
    """Who sends this key. Raises ``Unauthenticated`` for one that is unknown, revoked or expired.

    A key that was found is believed for ``KEY_CACHE_SECONDS`` without a question to the database.
    """
    digest, now = _hash(token), time.monotonic()
    belief = _believed.get(digest)
    if belief is not None and belief.until > now:
        return belief.principal
    match = _KEY.fullmatch(token)
    key = ApiKey.objects.filter(prefix=match["prefix"]).first() if match else None
    if key is None or not hmac.compare_digest(key.sha256, digest):
        raise Unauthenticated(UNKNOWN, error="invalid_token")
    ended = _ended(key)
    if ended is not None:
        raise Unauthenticated(ended, error="invalid_token")
    principal = Principal(
        Kind.KEY,
        (key.workspace_id,),
        frozenset(key.scopes),
        key.workspace_id,
        key.name,
        key.pk,
    )
    if len(_believed) >= BELIEVED_AT_ONCE:
        _believed.clear()
    _believed[digest] = _Belief(now + settings.KEY_CACHE_SECONDS, principal)
    return principal


def note_use(kind: type[Model], pk: int) -> None:
    """Write when a key or link was last used, unless that was written a moment ago; for the time after the reply."""
    now, which = time.monotonic(), (kind, pk)
    if now - _noted.get(which, float("-inf")) < USE_NOTED_SECONDS:
        return
    if len(_noted) >= BELIEVED_AT_ONCE:
        _noted.clear()
    _noted[which] = now
    moment = timezone.now()
    old = Q(last_used_at__isnull=True) | Q(last_used_at__lt=moment - timedelta(seconds=USE_NOTED_SECONDS))
    kind._default_manager.filter(old, pk=pk).update(last_used_at=moment)


def _check_grantable(scopes: Iterable[str]) -> None:
    """Who comes with a key can hand on what that may do, and no more. Raises ``Forbidden``."""
    principal = current_caller().principal
    if principal.kind is Kind.KEY:
        for scope in scopes:
            if scope not in principal.scopes:
                raise Forbidden.without(scope)


def _ended(key: ApiKey) -> Text | None:
    return {"revoked": REVOKED, "expired": EXPIRED}.get(key.state)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
