"""What a workspace may hold: drafts, and bytes.

Where there is no quota nothing is counted. Where there is one, the workspace's row is locked at the end of each
transaction by which it grows, and remembers at least as much as has come since it was last counted. Only when that
reaches a quota is it counted again, with this transaction in it, and that decides. So a count is never wrong, what is
taken away need not be noted, and of two who come at once the second one sees the first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from drafts.access.idempotency import before_commit
from drafts.access.models import Workspace
from drafts.core.errors import DomainError, Text
from drafts.core.rows import execute
from drafts.selectors.usage import quotas_of, used

_GROW = """
UPDATE drafts_access_workspace SET grown_drafts = grown_drafts + %s, grown_bytes = grown_bytes + %s WHERE id = %s
"""
_NEVER = (0.0, frozenset[str]())
_believed = _NEVER  # until when, and which workspaces have a quota of their own
_counted: set[str] = set()  # by this process, since it knows that they have a quota


class QuotaExceeded(DomainError):
    """The workspace holds as much as it may."""

    status = 403
    code = 3013
    label = Text("The quota of the workspace is used up", "工作区配额已用尽")
    hint = Text(
        "Purge drafts that nobody needs, or have the quota raised; GET /api/v1/workspace says what is used.",
        "请彻底清除不需要的草稿，或申请提高配额；用量见 GET /api/v1/workspace。",
    )


@dataclass(slots=True)
class _Growth:
    """What one transaction adds to a workspace."""

    workspace_id: str
    drafts: int = 0
    size: int = 0

    def __call__(self) -> None:
        """Add it, and see whether the workspace may hold so much. Raises ``QuotaExceeded``."""
        execute(_GROW, [self.drafts, self.size, self.workspace_id])
        if not connection.in_atomic_block:  # a quota was set a moment ago: what is done cannot be refused
            return
        workspace = Workspace.objects.filter(pk=self.workspace_id).first()
        if workspace is None:
            return
        most_drafts, most_bytes = quotas_of(workspace)
        drafts = workspace.counted_drafts + workspace.grown_drafts
        size = workspace.counted_bytes + workspace.grown_bytes
        known = self.workspace_id in _counted
        if known and _within(drafts, most_drafts) and _within(size, most_bytes):
            return
        drafts, size = used(self.workspace_id)
        if self.drafts and not _within(drafts, most_drafts):
            raise QuotaExceeded(
                Text(
                    f"The workspace {workspace.pk} may hold {most_drafts} drafts; with this one it would hold {drafts}",
                    f"工作区 {workspace.pk} 最多容纳 {most_drafts} 个草稿；加上此草稿将达到 {drafts} 个",
                )
            )
        if self.size and not _within(size, most_bytes):
            raise QuotaExceeded(
                Text(
                    f"The workspace {workspace.pk} may hold {most_bytes} bytes; with this it would hold {size}",
                    f"工作区 {workspace.pk} 最多容纳 {most_bytes} 字节；加上此内容将达到 {size} 字节",
                )
            )
        counted = {"counted_drafts": drafts, "counted_bytes": size, "grown_drafts": 0, "grown_bytes": 0}
        Workspace.objects.filter(pk=workspace.pk).update(**counted)
        transaction.on_commit(partial(_counted.add, self.workspace_id))


def grow(workspace_id: str, *, drafts: int = 0, size: int = 0) -> None:
    """Note that the workspace grows by so many drafts and at most so many bytes; counted before the commit.

    :class:`QuotaExceeded` is raised then, and undoes what was done.
    """
    if not limited(workspace_id):
        return
    alone = _Growth(workspace_id)
    waiting = before_commit(alone, key=workspace_id)
    growth = waiting or alone
    growth.drafts += drafts
    growth.size += size
    if waiting is None:
        alone()


def limited(workspace_id: str) -> bool:
    """Whether the workspace has a quota; a new one is known after ``KEY_CACHE_SECONDS``."""
    global _believed
    if settings.QUOTA_DRAFTS or settings.QUOTA_BYTES:
        return True
    now = time.monotonic()
    until, found = _believed
    if until <= now:
        own = Q(max_drafts__isnull=False) | Q(max_bytes__isnull=False)
        found = frozenset(Workspace.objects.filter(own).values_list("pk", flat=True))
        _counted.intersection_update(found)
        _believed = (now + settings.KEY_CACHE_SECONDS, found)
    return workspace_id in found


def forget() -> None:
    """Believe nothing any more: a quota was set."""
    global _believed
    _believed = _NEVER
    _counted.clear()


def _within(number: int, most: int | None) -> bool:
    return most is None or number <= most
