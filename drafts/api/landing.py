"""The landing page: what this is, where things are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import MethodNotAllowed

from drafts.core.links import base_url

from .pages import page
from .problems import as_domain_error, problem


@csrf_exempt  # so that a POST which was meant for the API is told 405
def landing(request: HttpRequest) -> HttpResponse:
    """What the server is, a first draft with curl, and links; in the reader's language, or that of ``?lang=``."""
    if request.method not in {"GET", "HEAD"}:
        refused = problem(request, as_domain_error(MethodNotAllowed(request.method or "")))
        refused["Allow"] = "GET, HEAD"
        return refused
    return page(request, "landing.html", {"base": base_url(request)})
