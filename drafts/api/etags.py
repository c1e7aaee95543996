"""If-Match and If-None-Match: the tags that a client names, weak ones too."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponseNotModified

from drafts.core.errors import PreconditionRequired, Stale
from drafts.services.files import IfMatch
from drafts.services.preconditions import revision_etag

__all__ = ["demanded_revisions", "file_if_match", "not_modified", "revision_etag", "revisions"]

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_REVISION = re.compile(r"r([0-9]{1,18})")


def revisions(request: HttpRequest) -> frozenset[int] | None:
    """The revisions that If-Match allows; ``None`` when any will do (no header, or ``*``)."""
    tags = _tags(request)
    return None if tags is None else _revisions(tags)


def demanded_revisions(request: HttpRequest) -> frozenset[int] | None:
    """As :func:`revisions`, but raises ``PreconditionRequired`` when there is no If-Match at all."""
    if not request.META.get("HTTP_IF_MATCH", "").strip():
        raise PreconditionRequired
    return revisions(request)


def file_if_match(request: HttpRequest) -> IfMatch | None:
    """If-Match on a file: a revision of the draft, or the file's own tag (its hash)."""
    tags = _tags(request)
    return None if tags is None else IfMatch(_revisions(tags), frozenset(tags))


def not_modified(request: HttpRequest, etag: str) -> HttpResponseNotModified | None:
    """304 when If-None-Match of a GET names ``etag``. Raises ``Stale`` when If-Match does not.

    Conditions on dates are ignored, as HTTP asks of who sends no Last-Modified.
    """
    wanted = _tags(request)
    if wanted is not None and etag.strip('"') not in wanted:
        raise Stale(etag=etag)
    known = request.META.get("HTTP_IF_NONE_MATCH", "").strip()
    if known != "*" and etag.strip('"') not in _TAG.findall(known):
        return None
    response = HttpResponseNotModified()
    response["ETag"] = etag
    return response


def _tags(request: HttpRequest) -> list[str] | None:
    header = request.META.get("HTTP_IF_MATCH", "").strip()
    return None if header in {"", "*"} else _TAG.findall(header)


def _revisions(tags: list[str]) -> frozenset[int]:
    return frozenset(int(match[1]) for tag in tags if (match := _REVISION.fullmatch(tag)))
