"""The admin's paths, which answer with and without the trailing slash, never by a redirect."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path, re_path, resolve


def with_slash(request: HttpRequest, address: str) -> HttpResponseBase:
    """Answer ``/admin/...`` as if the slash at its end had been written."""
    request.path_info = f"/{address}/"
    request.resolver_match = match = resolve(request.path_info)
    reply: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return reply


urlpatterns = [
    re_path(r"^(?P<address>admin(?:/.*[^/])?)$", with_slash),
    path("admin/", admin.site.urls),
]
