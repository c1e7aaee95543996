"""Links to a draft and to its files. With ``ACCESS_MODE=keys`` they open it to whoever has them."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest

from drafts.access.links import link_token, shown_link
from drafts.core import identifiers, links
from drafts.core.identifiers import FILES_PREFIX
from drafts.core.links import base_url
from drafts.models import Draft


def draft_url(request: HttpRequest, draft: Draft, *, spelling: str = "") -> str:
    """The draft_url, with the id as the client spelled it."""
    token = link_token(draft.pk, shown_link(draft.link_generation))
    return links.draft_url(request, spelling or draft.pk, token)


def files_url(request: HttpRequest, *, draft_id: str, spelling: str, version: int | None, link_generation: int) -> str:
    """What file URLs of a draft begin with: token, then the id as the client spelled it, then a slash."""
    token = identifiers.file_token(draft_id, version=version, link=shown_link(link_generation))
    return f"{base_url(request)}{FILES_PREFIX}{token}/{spelling}/"


def file_url(request: HttpRequest, draft: Draft, *, version: int | None, path: str) -> str:
    """The URL of one file."""
    prefix = files_url(
        request,
        draft_id=draft.pk,
        spelling=draft.pk,
        version=version,
        link_generation=draft.link_generation,
    )
    return prefix + quote(path)
