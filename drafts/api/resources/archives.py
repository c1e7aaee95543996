"""ZIPs in and out."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.core import gate
from drafts.core.blobs import release_connection
from drafts.models import Draft, DraftVersion
from drafts.selectors.drafts import get_draft
from drafts.selectors.versions import get_version
from drafts.services.transfer import Imported, ZipSource, import_draft, zip_chunks
from drafts.services.transfer.exporting import folder_name

from ..etags import revisions
from ..streaming import streamed
from ..viewsets import ViewSet
from . import schema
from .drafts import draft_out, id_of
from .uploads import archive_of


class ArchiveRoutes(ViewSet):
    """Whole drafts as ZIP."""

    scopes = {
        "working": "drafts:read",
        "version": "drafts:read",
        "import_new": "drafts:write",
        "import_into": "drafts:write",
    }

    @extend_schema(**schema.GET_ARCHIVE)
    def working(self, request: Request, draft_id: str) -> HttpResponseBase:
        """The working state as a ZIP with one top folder."""
        return archive_out(request, get_draft(draft_id=id_of(draft_id)), None)

    @extend_schema(**schema.GET_VERSION_ARCHIVE)
    def version(self, request: Request, draft_id: str, number: str) -> HttpResponseBase:
        """A version as a ZIP with one top folder."""
        draft = get_draft(draft_id=id_of(draft_id))
        return archive_out(request, draft, get_version(draft=draft, number=min(int(number), 2**31 - 1)))

    @extend_schema(**schema.IMPORT_DRAFT)
    def import_new(self, request: Request) -> Response:
        """A new draft from a ZIP, with version 1."""
        return _import(request, into=None)

    @extend_schema(**schema.IMPORT_INTO)
    def import_into(self, request: Request, draft_id: str) -> Response:
        """A new version of a draft from a ZIP; unsaved work is kept as a version first."""
        return _import(request, into=get_draft(draft_id=id_of(draft_id)).pk)


def archive_out(request: Request, draft: Draft, version: DraftVersion | None) -> HttpResponseBase:
    """The ZIP, as a download that is named after the draft."""
    response: HttpResponseBase = (
        StreamingHttpResponse((), content_type="application/zip")
        if request.method == "HEAD"
        else streamed(lambda: zip_chunks(draft=draft, version=version), content_type="application/zip")
    )
    response["Content-Disposition"] = attachment(draft, "zip")
    response["Cache-Control"] = "no-store"
    return response


def attachment(draft: Draft, extension: str) -> str:
    """The Content-Disposition of a file that is named after the draft."""
    name = folder_name(draft)
    ascii_name = name if name.isascii() else draft.pk
    return f"attachment; filename=\"{ascii_name}.{extension}\"; filename*=UTF-8''{quote(name)}.{extension}"


def _import(request: Request, *, into: str | None) -> Response:
    http = request._request
    gate.check_writable()  # a refusal should not cost an upload
    release_connection()
    with archive_of(http) as archive:
        imported = import_draft(source=ZipSource(archive), into=into, revisions=revisions(http))
    return Response(_imported_out(http, imported), status=201)


def _imported_out(http: HttpRequest, imported: Imported) -> dict[str, object]:
    missing = [{"path": item.path, "material_id": item.material_id} for item in imported.missing_media]
    return {"draft": draft_out(http, imported.draft), "missing_media": missing}
