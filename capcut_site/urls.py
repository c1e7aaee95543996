"""All paths of the site: the product, the admin, the OpenAPI description."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("", include("drafts.api.urls")),
    path("", include("drafts.admin.urls")),
    re_path(r"^api/openapi\.yaml/?$", SpectacularAPIView.as_view(), name="schema"),
    re_path(r"^api/docs/?$", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]

handler400 = "drafts.api.problems.bad_request"
handler403 = "drafts.api.handlers.forbidden"
handler404 = "drafts.api.handlers.not_found"
handler500 = "drafts.api.problems.server_error"
