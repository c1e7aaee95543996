"""Links: they follow ``PUBLIC_URL``; without it, the request's own host."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

GET_DRAFT = "/openapi/capcut-mate/v1/get_draft"


def base_url(request: HttpRequest) -> str:
    """Scheme and host that clients use, without a trailing slash."""
    return str(settings.PUBLIC_URL) or f"{request.scheme}://{request.get_host()}"


def draft_url(request: HttpRequest, draft_id: str, token: str = "") -> str:
    """The draft_url of a draft: a GET-able URL of get_draft, which ``token`` opens to who has no key."""
    return f"{base_url(request)}{GET_DRAFT}?draft_id={draft_id}{'&key=' if token else ''}{token}"
