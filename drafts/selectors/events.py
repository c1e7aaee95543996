"""Reading what was done."""

from __future__ import annotations

from django.db.models import QuerySet

from drafts.access.caller import current_caller
from drafts.access.reach import reached
from drafts.models import Draft, DraftEvent


def list_events(*, draft_id: str) -> QuerySet[DraftEvent]:
    """What was done to a draft, newest first; it need not be there any more."""
    return events_reached(DraftEvent.objects.filter(draft_id=draft_id)).order_by("-pk")


def events_reached(events: QuerySet[DraftEvent]) -> QuerySet[DraftEvent]:
    """Those about drafts that the caller reaches; of drafts that are gone only for who reaches all."""
    if current_caller().principal.workspaces is None:
        return events
    return events.filter(draft_id__in=reached(Draft.objects.all()).values("pk"))
