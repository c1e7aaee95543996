"""The landing page: what this is, where things are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .links import base_url


def landing(request: HttpRequest) -> HttpResponse:
    """What the server is, a first draft with curl, and links, in the reader's language."""
    return render(request, "landing.html", {"base": base_url(request)})
