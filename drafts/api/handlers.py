"""What Django asks for when a request leads nowhere: a page for a person, a problem object for a program."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from drafts.core.errors import DomainError, Text

from .draft_page import refusal_page
from .pages import BROWSER_HEADERS, sent_by_a_page
from .problems import UNKNOWN_PATH, Refusal, problem

FOR_PROGRAMS = ("/api/", "/openapi/", "/v1/")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return _refused(request, Refusal(404, 404, UNKNOWN_PATH))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403."""
    return _refused(request, Refusal(403, 1003, Text("Not allowed", "权限不足")))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: a form of the admin was sent from elsewhere, or is too old."""
    hint = Text(
        "Reload the page and send the form again; behind a proxy set PUBLIC_URL.",
        "请刷新页面后重新提交；若使用反向代理，请设置 PUBLIC_URL。",
    )
    return _refused(request, Refusal(403, 1003, Text("The form has expired", "表单已过期"), hint=hint))


def _refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    if request.path.startswith(FOR_PROGRAMS):
        return problem(request, error)
    response = refusal_page(request, error) if sent_by_a_page(request) else problem(request, error)
    patch_vary_headers(response, BROWSER_HEADERS.split(", "))
    return response
