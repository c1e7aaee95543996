"""The one place that keeps callers to their drafts: every read and every lock of a draft asks it."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

from drafts.core.rows import moment

from .caller import current_caller
from .links import STANDING

_STANDING = "draft.link_generation = %s"
_NAMED = """
EXISTS (SELECT 1 FROM drafts_draftlink link WHERE link.id = %s AND link.draft_id = draft.id
AND link.revoked_at IS NULL AND (link.expires_at IS NULL OR link.expires_at > %s))
"""
M = TypeVar("M", bound=Model)


def reach() -> tuple[str, list[Any]]:
    """The condition on ``drafts_draft draft`` for a hand-written statement, with its parameters."""
    principal = current_caller().principal
    workspaces = principal.workspaces
    if workspaces is None:
        return "1 = 1", []
    if principal.link:
        condition, number = (_STANDING if principal.link[0] == STANDING else _NAMED), int(principal.link[1:])
        moments = [] if condition is _STANDING else [moment(timezone.now())]
        return f"draft.id = %s AND {condition}", [principal.draft_id, number, *moments]
    if not workspaces:
        return "1 = 0", []
    return f"draft.workspace_id IN ({', '.join(['%s'] * len(workspaces))})", list(workspaces)


def reached(rows: QuerySet[M], way: str = "") -> QuerySet[M]:
    """Those of ``rows`` that the caller reaches; ``way`` leads from them to the draft, like ``draft__``."""
    principal = current_caller().principal
    if principal.link:  # lists are not what links open
        return rows.none()
    return in_reach(rows, f"{way}workspace")


def in_reach(rows: QuerySet[M], way: str = "workspace") -> QuerySet[M]:
    """Those of ``rows`` that belong to workspaces which the caller reaches; ``way`` leads to the workspace."""
    workspaces = current_caller().principal.workspaces
    return rows if workspaces is None else rows.filter(**{f"{way}__in": workspaces})
