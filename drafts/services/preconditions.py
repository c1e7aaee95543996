"""If-Match, as a set of revisions."""

from __future__ import annotations

from drafts.core.errors import Stale
from drafts.models import Draft


def revision_etag(revision: int) -> str:
    """The entity tag of a draft's working state."""
    return f'"r{revision}"'


def check_revision(draft: Draft, revisions: frozenset[int] | None) -> None:
    """Raise ``Stale``, with the current tag, unless the draft's revision is among ``revisions`` (``None``: any)."""
    if revisions is not None and draft.revision not in revisions:
        raise Stale(etag=revision_etag(draft.revision))
