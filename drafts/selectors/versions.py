"""Reading versions."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from drafts.core.errors import NotFound, Text
from drafts.models import Draft, DraftVersion


def list_versions(*, draft: Draft) -> QuerySet[DraftVersion]:
    """The draft's versions with their blobs."""
    return DraftVersion.objects.filter(draft=draft).select_related("content")


LANDMARK = ~Q(note="") | Q(origin__in=[DraftVersion.Origin.RESTORE, DraftVersion.Origin.IMPORT])


def landmarks(*, draft: Draft) -> QuerySet[DraftVersion]:
    """The versions that people named, and those that a restore or an import made."""
    return list_versions(draft=draft).filter(LANDMARK)


def neighbours(*, version: DraftVersion) -> tuple[DraftVersion | None, DraftVersion | None]:
    """The versions just before and just after it."""
    numbers = (version.number - 1, version.number + 1)
    near = {each.number: each for each in list_versions(draft=version.draft).filter(number__in=numbers)}
    return near.get(numbers[0]), near.get(numbers[1])


def get_version(*, draft: Draft, number: int) -> DraftVersion:
    """Version ``number`` of the draft. Raises ``NotFound``, whose hint names the newest."""
    version = list_versions(draft=draft).filter(number=number).first()
    if version is None:
        head = draft.head.number if draft.head else 0
        raise NotFound(
            Text(f"Version {number} does not exist", f"版本 {number} 不存在"),
            hint=Text(f"The newest version of this draft is {head}.", f"该草稿的最新版本是 {head}。"),
        )
    version.draft = draft  # or it would be read again by whoever asks for it
    return version
