"""Pages for people: one frame and one style, in the reader's language, with nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

from . import policies
from .context import context_of
from .languages import Language

BROWSER_HEADERS = "Sec-Fetch-Dest, Upgrade-Insecure-Requests"


def opened_in_a_browser(request: HttpRequest) -> bool:
    """Whether a person follows a link: what only browsers send, and only when they open a page.

    ``Accept`` says nothing, since programs copy it, and a page's own ``fetch()`` wants what programs get.
    """
    return sent_by_a_page(request) and request.method in {"GET", "HEAD"}


def sent_by_a_page(request: HttpRequest) -> bool:
    """Whether a browser will show the reply as a page: a link was followed, or a form was sent."""
    meta = request.META
    return meta.get("HTTP_SEC_FETCH_DEST") == "document" or meta.get("HTTP_UPGRADE_INSECURE_REQUESTS") == "1"


def language_for(request: HttpRequest) -> Language:
    """The language that ``?lang=`` chooses, else the reader's."""
    chosen = request.GET.get("lang", "")
    return "zh" if chosen.startswith("zh") else "en" if chosen.startswith("en") else context_of(request).language


def page(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """The page, under a policy that runs no script inside it and applies no style but a timeline's.

    Templates find ``zh`` and ``other_language`` beside ``context``.
    """
    language = language_for(request)
    query = request.GET.copy()
    query["lang"] = "en" if language == "zh" else "zh"
    shared = {"zh": language == "zh", "other_language": f"?{query.urlencode()}"}
    with translation.override("zh-hans" if language == "zh" else "en"):  # file sizes speak it too
        response = render(request, template, {**shared, **context}, status=status)
    response["Content-Security-Policy"] = policies.PAGE
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Accept-Language"])
    return response
