"""Links to the files of a draft."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest

from drafts.core import identifiers
from drafts.core.identifiers import FILES_PREFIX
from drafts.core.links import base_url


def files_url(request: HttpRequest, *, draft_id: str, spelling: str, version: int | None) -> str:
    """What file URLs of a draft begin with: token, then the id as the client spelled it, then a slash."""
    token = identifiers.file_token(draft_id, version=version)
    return f"{base_url(request)}{FILES_PREFIX}{token}/{spelling}/"


def file_url(request: HttpRequest, *, draft_id: str, version: int | None, path: str) -> str:
    """The URL of one file."""
    return files_url(request, draft_id=draft_id, spelling=draft_id, version=version) + quote(path)
