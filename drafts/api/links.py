"""Links: they follow ``PUBLIC_URL``; without it, the request's own host."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest

from drafts.core import identifiers
from drafts.core.identifiers import FILES_PREFIX

GET_DRAFT = "/openapi/capcut-mate/v1/get_draft"


def base_url(request: HttpRequest) -> str:
    """Scheme and host that clients use, without a trailing slash."""
    return str(settings.PUBLIC_URL) or f"{request.scheme}://{request.get_host()}"


def draft_url(request: HttpRequest, draft_id: str) -> str:
    """The draft_url of a draft: a GET-able URL of get_draft."""
    return f"{base_url(request)}{GET_DRAFT}?draft_id={draft_id}"


def files_url(request: HttpRequest, *, draft_id: str, spelling: str, version: int | None) -> str:
    """What file URLs of a draft begin with: token, then the id as the client spelled it, then a slash."""
    token = identifiers.file_token(draft_id, version=version)
    return f"{base_url(request)}{FILES_PREFIX}{token}/{spelling}/"


def file_url(request: HttpRequest, *, draft_id: str, version: int | None, path: str) -> str:
    """The URL of one file."""
    return files_url(request, draft_id=draft_id, spelling=draft_id, version=version) + quote(path)
