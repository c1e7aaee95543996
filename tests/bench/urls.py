"""The floors, then everything that the product has."""

from __future__ import annotations

from django.urls import path

from capcut_site import urls
from capcut_site.urls import handler400, handler403, handler404, handler500

from .views import insert_body, insert_row, read_row

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("api/v1/bench/read/<str:draft_id>", read_row),
    path("api/v1/bench/insert/<int:size>", insert_row),
    path("api/v1/bench/insert", insert_body),
    *urls.urlpatterns,
]
