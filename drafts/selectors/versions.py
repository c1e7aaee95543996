"""Reading versions."""

from __future__ import annotations

from django.db.models import QuerySet

from drafts.core.errors import NotFound, Text
from drafts.models import Draft, DraftVersion


def list_versions(*, draft: Draft) -> QuerySet[DraftVersion]:
    """The draft's versions with their blobs."""
    return DraftVersion.objects.filter(draft=draft).select_related("content")


def get_version(*, draft: Draft, number: int) -> DraftVersion:
    """Version ``number`` of the draft. Raises ``NotFound``, whose hint names the newest."""
    version = list_versions(draft=draft).filter(number=number).first()
    if version is None:
        head = draft.head.number if draft.head else 0
        raise NotFound(
            Text(f"Version {number} does not exist", f"版本 {number} 不存在"),
            hint=Text(f"The newest version of this draft is {head}.", f"该草稿的最新版本是 {head}。"),
        )
    return version
