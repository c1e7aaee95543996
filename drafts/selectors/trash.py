"""What lies in the trash, until when, and what its purge would free."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from drafts.core.collect import unused
from drafts.core.models import Blob
from drafts.models import Draft, DraftFile, DraftVersion


def gone_at(draft: Draft) -> datetime | None:
    """When a draft in the trash is purged by itself, unless a hold keeps it; ``None``: never."""
    if draft.deleted_at is None or not settings.TRASH_DAYS:
        return None
    return draft.deleted_at + timedelta(days=settings.TRASH_DAYS)


def to_purge(*, days: int) -> QuerySet[Draft]:
    """Drafts that are in the trash for so many days and that nothing holds, longest first."""
    old = Draft.objects.filter(deleted_at__lte=timezone.now() - timedelta(days=days), purged_at__isnull=True)
    return old.filter(~_is_held()).order_by("deleted_at", "pk")


def held() -> QuerySet[Draft]:
    """Drafts in the trash that are held, or a version of them."""
    return Draft.objects.filter(_is_held(), deleted_at__isnull=False).order_by("deleted_at", "pk")


def _is_held() -> Q:
    return Q(held=True) | Q(Exists(DraftVersion.objects.filter(draft=OuterRef("pk"), held=True)))


def half_purged() -> QuerySet[Draft]:
    """Drafts whose purge has begun, oldest first."""
    return Draft.objects.filter(deleted_at__isnull=False, purged_at__isnull=False).order_by("purged_at", "pk")


def blobs_of(drafts: QuerySet[Draft]) -> QuerySet[Blob]:
    """Documents and files that nothing but these drafts uses; the collector takes them, and their thumbnails, later."""
    ours = Q(draft__in=drafts.order_by().values("pk"))
    versions = DraftVersion.objects.filter(ours, content=OuterRef("pk"))
    files = DraftFile.objects.filter(ours, blob=OuterRef("pk"))
    return unused(Blob.objects.filter(Exists(versions) | Exists(files)), leaving={DraftVersion: ours, DraftFile: ours})
