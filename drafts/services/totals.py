"""What the store holds in all: counted now and then by the worker, because it reads every row."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils import timezone

from drafts.core import chores
from drafts.core.models import Blob, Chore
from drafts.core.rows import fetch_one
from drafts.models import Draft, DraftVersion

_SAVED = """
SELECT COALESCE(SUM(blob.size * (used.times - 1)), 0)
FROM (
    SELECT blob_id, COUNT(*) AS times
    FROM (
        SELECT content_id AS blob_id FROM drafts_draftversion UNION ALL SELECT blob_id FROM drafts_draftfile
    ) AS uses
    GROUP BY blob_id HAVING COUNT(*) > 1
) AS used
JOIN drafts_core_blob blob ON blob.id = used.blob_id
"""


def recount() -> bool:
    """Count, unless that was done within ``TOTALS_SECONDS``; returns whether it was.

    ``saved`` are the bytes that documents of versions and files of drafts would take more if each had a copy of its
    own. A file that a draft keeps over many versions counts once.
    """
    since = timezone.now() - timedelta(seconds=settings.TOTALS_SECONDS)
    if Chore.objects.filter(name=Chore.Name.TOTALS, finished_at__gt=since, finished_at__lte=timezone.now()).exists():
        return False
    stored = Blob.objects.filter(state=Blob.State.STORED).aggregate(count=Count("pk"), bytes=Sum("size", default=0))
    drafts = Draft.objects.aggregate(count=Count("pk"), trashed=Count("pk", filter=Q(deleted_at__isnull=False)))
    chores.record(
        Chore.Name.TOTALS,
        objects=stored["count"],
        bytes=stored["bytes"],
        saved=int((fetch_one(_SAVED, []) or [0])[0]),
        drafts=drafts["count"],
        trashed=drafts["trashed"],
        versions=DraftVersion.objects.count(),
    )
    return True
