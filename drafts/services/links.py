"""Make and revoke the links that open one draft for reading."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.utils import timezone

from drafts.access.caller import current_caller
from drafts.access.idempotency import effect
from drafts.core import gate
from drafts.core.errors import NotFound, Text
from drafts.models import Draft, DraftLink
from drafts.selectors.locks import lock_draft

from .events import Verb, record

NO_LINK = Text("The draft has no such link", "草稿没有该链接")


@effect()
def make_link(*, draft_id: str, name: str = "", expires_at: datetime | None = None) -> DraftLink:
    """Another link to the draft, for somebody or until a moment. Raises ``DraftNotFound``."""
    gate.check_writable()
    draft = lock_draft(draft_id=draft_id)
    maker = current_caller().label()
    link = DraftLink.objects.create(draft=draft, name=name, expires_at=expires_at, created_by=maker)
    until = "" if expires_at is None else f"{expires_at:%Y-%m-%dT%H:%M:%SZ}"
    record(Verb.LINK, draft_id=draft_id, arguments={"link": link.pk, "name": name, "until": until})
    return link


@effect()
def revoke_link(*, draft_id: str, link_id: int) -> None:
    """End a link, with the URLs of files that came by it. Raises ``DraftNotFound`` and ``NotFound``."""
    gate.check_writable()
    draft = lock_draft(draft_id=draft_id)
    link = draft.links.filter(pk=link_id).first()
    if link is None:
        raise NotFound(NO_LINK)
    if link.revoked_at is None:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])
        record(Verb.REVOKE_LINK, draft_id=draft_id, arguments={"link": link.pk, "name": link.name})


@effect()
def renew_standing_link(*, draft_id: str) -> Draft:
    """End the standing link, which the draft_url carries; from now on the draft_url carries another."""
    gate.check_writable()
    draft = lock_draft(draft_id=draft_id)
    Draft.objects.filter(pk=draft.pk).update(link_generation=F("link_generation") + 1)
    draft.link_generation += 1
    record(Verb.REVOKE_LINK, draft_id=draft_id, arguments={"link": "standing"})
    return draft
