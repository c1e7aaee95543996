"""``get_draft``: the list of files for programs, a page for a person who opens the same URL in a browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from drafts.access import fetches
from drafts.core.errors import Text
from drafts.core.identifiers import DraftRef, check_draft_id, parse_version
from drafts.selectors.delivery import Listed, file_names

from ..draft_page import draft_page, refusal_page
from ..links import files_url
from ..pages import BROWSER_HEADERS, opened_in_a_browser
from ..problems import as_domain_error
from ..viewsets import ViewSet
from . import schema
from .views import success

FAILED = Text("Failed to get file list", "获取文件列表失败")


class GetDraftRoutes(ViewSet):
    """Both forms of ``get_draft``."""

    scopes = {
        "get_draft": "drafts:read",
        "get_draft_names": "drafts:read",
    }

    by_link = frozenset(scopes)
    failures = {"get_draft": FAILED, "get_draft_names": FAILED}

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Caches keep the page and the list apart."""
        return {"Vary": BROWSER_HEADERS}

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]  # the stubs want DRF's own
        """A problem object, or a page for a person."""
        http = self.request._request
        if opened_in_a_browser(http):
            return refusal_page(http, as_domain_error(exc, failure=FAILED))
        return super().handle_exception(exc)

    @extend_schema(**schema.GET_DRAFT)
    def get_draft(self, request: Request) -> HttpResponseBase:
        """The draft's files as absolute URLs, ``draft_content.json`` first; a page when a browser opens the address."""
        http = request._request
        ref, number = _asked_for(http)
        if opened_in_a_browser(http):
            return _shown(http, ref, number)
        names, generation = _listed(ref, number)
        prefix = files_url(http, draft_id=ref.id, spelling=ref.spelling, version=number, link_generation=generation)
        return success(http, files=[f"{prefix}{name}" for name in names])

    @extend_schema(**schema.GET_DRAFT_NAMES)
    def get_draft_names(self, request: Request) -> HttpResponseBase:
        """The draft's files as names inside the draft folder; a page when a browser opens the address."""
        http = request._request
        ref, number = _asked_for(http)
        if opened_in_a_browser(http):
            return _shown(http, ref, number)
        return success(http, files=_listed(ref, number).names)


def _asked_for(request: HttpRequest) -> tuple[DraftRef, int | None]:
    """The first ``draft_id`` of the query, as in a draft_url (contract 2.2), and the version if it names one."""
    ref = check_draft_id(next(iter(request.GET.getlist("draft_id")), None))
    return ref, parse_version(request.GET["version"]) if "version" in request.GET else None


def _listed(ref: DraftRef, number: int | None) -> Listed:
    listed = file_names(draft_id=ref.id, number=number)
    fetches.note(draft_id=ref.id, version=number)
    return listed


def _shown(request: HttpRequest, ref: DraftRef, number: int | None) -> HttpResponse:
    page = draft_page(request, ref, number)
    fetches.note(draft_id=ref.id, version=number, by=fetches.PERSON)
    return page
