"""Reading the links of drafts."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet

from drafts.access.reach import reached
from drafts.models import Draft, DraftLink


def links_in_reach() -> QuerySet[DraftLink]:
    """Such links of all drafts that the caller reaches, newest first."""
    return reached(DraftLink.objects.select_related("draft"), "draft__").order_by("-pk")


def list_links(*, draft: Draft) -> QuerySet[DraftLink]:
    """The links of a draft beside its standing one, newest first, at most ``MAX_PAGE_SIZE``."""
    return DraftLink.objects.filter(draft=draft).order_by("-pk")[: settings.MAX_PAGE_SIZE]
