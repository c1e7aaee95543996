"""Is anything stuck, and does everything live? In a few bounded queries, whatever the server holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drafts.core import heartbeats, persist, probes
from drafts.core.heartbeats import Heard
from drafts.core.models import Blob, Chore
from drafts.core.persist import Backlog
from drafts.models import DraftSummary

LISTED = 50
LARGEST = 10


@dataclass(frozen=True, slots=True)
class Operations:
    """``readiness`` is that of /readyz; ``heard`` is ``None`` while Redis is away.

    ``waiting`` are the first of the blobs that wait for the store, failed ones first, then the oldest.
    """

    readiness: Mapping[str, object]
    heard: Sequence[Heard] | None
    chores: Mapping[str, Chore]
    backlog: Backlog
    waiting: Sequence[Blob]
    largest: Sequence[DraftSummary]

    def last(self, role: str) -> Heard | None:
        """The process of a role that was heard last."""
        return next((heard for heard in self.heard or () if heard.role == role), None)


def operations() -> Operations:
    """The state of the service at this moment; takes at most a few seconds, whatever is away."""
    chores = {chore.name: chore for chore in Chore.objects.all()}
    return Operations(
        readiness=probes.readiness(),
        heard=heartbeats.heard(),
        chores=chores,
        backlog=persist.backlog(),
        waiting=list(persist.waiting().order_by("state", "created_at")[:LISTED]),
        largest=list(DraftSummary.objects.select_related("draft").order_by("-size")[:LARGEST]),
    )
