"""Limits on how often one calls: which class a request is of, and what its reply says of the limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from drafts.access import rates
from drafts.access.caller import current_caller

from .problems import problem

READS = {"GET", "HEAD", "OPTIONS"}
DRAWN = (".svg", "/versions/compare")


def kind_of(request: HttpRequest) -> str:
    """The class of a request; ``""`` for what is never counted."""
    path = request.path_info.rstrip("/")
    if path.startswith("/static/"):
        return ""
    if request.method in READS:
        return "render" if path.endswith(DRAWN) else "read"
    if path.endswith("/import") or (request.method == "PUT" and "/files/" in path):
        return "upload"
    if path.endswith("/gen_video_status"):
        return "read"
    return "render" if path.endswith("/gen_video") else "write"


class RateMiddleware:
    """Refuses who calls too often, with the headers that another origin's page needs to read it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Count the call for the address that it comes from."""
        kind = kind_of(request)
        if not kind:
            return self.get_response(request)
        try:
            _remember(request, rates.count(kind, address=request.META.get("REMOTE_ADDR") or ""))
        except rates.TooMany as error:
            _remember(request, [error.standing])
            response: HttpResponseBase = problem(request, error)
        else:
            response = self.get_response(request)
        _tell(request, response)
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponseBase | None:
        """Count the call for the key that it came with, which is known by now."""
        kind, key = kind_of(request), current_caller().principal.key_id
        if not kind or key is None:
            return None
        try:
            _remember(request, rates.count(kind, principal=f"key:{key}"))
        except rates.TooMany as error:
            _remember(request, [error.standing])
            return problem(request, error)
        return None


def _remember(request: HttpRequest, found: Sequence[rates.Standing]) -> None:
    """Keep what leaves the caller least."""
    known: rates.Standing | None = getattr(request, "rate_standing", None)
    for each in found:
        if known is None or each.left < known.left:
            request.rate_standing = known = each  # type: ignore[attr-defined]  # read back here


def _tell(request: HttpRequest, response: HttpResponseBase) -> None:
    """The headers of the IETF draft "RateLimit header fields for HTTP": quota, window; what remains, until when."""
    standing: rates.Standing | None = getattr(request, "rate_standing", None)
    if standing is not None:
        limit = standing.limit
        response["RateLimit-Policy"] = f'"{limit.name}";q={limit.calls};w={limit.seconds}'
        response["RateLimit"] = f'"{limit.name}";r={standing.left};t={ceil(standing.whole_in)}'
