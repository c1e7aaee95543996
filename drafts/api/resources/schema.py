"""The OpenAPI description of the resource API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from ..openapi import BINARY, DRAFT_ID, IF_MATCH, LANGUAGE, RANGE, answers, header, in_path
from .lists import ORDERINGS
from .serializers import CopyIn, DraftIn, DraftOut, FileOut, NoteIn, RenameIn, VersionOut


class MissingMediaOut(serializers.Serializer[None]):
    """A material whose file was not in the archive."""

    path = serializers.CharField(allow_blank=True)
    material_id = serializers.CharField(allow_blank=True)


class ImportedOut(serializers.Serializer[None]):
    """The imported draft, and what it lacks."""

    draft = DraftOut()
    missing_media = MissingMediaOut(many=True)


class FindingOut(serializers.Serializer[None]):
    """One finding of the integrity rules."""

    rule = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "warning", "info"])
    place = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class IntegrityOut(serializers.Serializer[None]):
    """All findings."""

    findings = FindingOut(many=True)


class RevisionOut(serializers.Serializer[None]):
    """The revision after the edit."""

    revision = serializers.IntegerField()


class DraftPage(serializers.Serializer[None]):
    """One page of drafts."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = DraftOut(many=True)


class VersionPage(serializers.Serializer[None]):
    """One page of versions."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = VersionOut(many=True)


class ArchiveForm(serializers.Serializer[None]):
    """The archive as a form field."""

    archive = serializers.FileField()


NUMBER = in_path("number", "number of the version", OpenApiTypes.INT)
PATH = in_path("path", "path inside the draft folder")
DOCUMENT = OpenApiTypes.OBJECT
NOT_MODIFIED = OpenApiResponse(description="Not modified")
_FILE: dict[Any, Any] = {
    (200, "application/octet-stream"): BINARY,
    (206, "application/octet-stream"): BINARY,
    304: NOT_MODIFIED,
}
_PAGE = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="from next or previous"),
    OpenApiParameter("page_size", OpenApiTypes.INT, description="1 to 200"),
    LANGUAGE,
]
_FILTERS = [
    OpenApiParameter("search", OpenApiTypes.STR, description="part of the name, or the beginning of the id"),
    *(
        OpenApiParameter(f"{field}_{side}", OpenApiTypes.DATETIME)
        for field in ("created", "updated")
        for side in ("after", "before")
    ),
    OpenApiParameter("size_min", OpenApiTypes.INT, description="bytes of the working document"),
    OpenApiParameter("size_max", OpenApiTypes.INT, description="bytes of the working document"),
    OpenApiParameter("state", OpenApiTypes.STR, enum=["active", "trashed", "all"], default="active"),
    OpenApiParameter("ordering", OpenApiTypes.STR, enum=[f"{sign}{name}" for name in ORDERINGS for sign in ("", "-")]),
]


def _operation(name: str, summary: str, **rest: Any) -> dict[str, Any]:
    parameters = [*rest.pop("parameters", []), LANGUAGE]
    unique = {(item.name, item.location): item for item in parameters}
    return {"operation_id": name, "summary": summary, "parameters": list(unique.values()), **rest}


LIST_DRAFTS = _operation(
    "list_drafts", "List drafts", parameters=[*_FILTERS, *_PAGE], responses=answers({200: DraftPage}, 400)
)
CREATE_DRAFT = _operation(
    "create_resource_draft",
    "Create a draft",
    request=DraftIn,
    responses=answers({201: DraftOut}, 400, 413, 415),
    examples=[OpenApiExample("example", value={"name": "Holiday", "width": 1080, "height": 1920}, request_only=True)],
)
GET_DRAFT = _operation(
    "retrieve_draft", "Get a draft", parameters=[DRAFT_ID], responses=answers({200: DraftOut, 304: NOT_MODIFIED}, 404)
)
RENAME_DRAFT = _operation(
    "rename_draft",
    "Rename a draft",
    parameters=[DRAFT_ID, IF_MATCH],
    request=RenameIn,
    responses=answers({200: DraftOut}, 400, 404, 412, 413, 415),
)
TRASH_DRAFT = _operation(
    "trash_draft",
    "Put a draft into the trash",
    parameters=[DRAFT_ID, IF_MATCH],
    responses=answers({204: None}, 404, 412),
)
UNTRASH_DRAFT = _operation(
    "untrash_draft",
    "Bring a draft back from the trash",
    parameters=[DRAFT_ID],
    request=None,
    responses=answers({200: DraftOut}, 404),
)
COPY_DRAFT = _operation(
    "copy_draft",
    "Copy a draft",
    parameters=[DRAFT_ID],
    request=CopyIn,
    responses=answers({201: DraftOut}, 400, 404, 413, 415),
)
SAVE_DRAFT = _operation(
    "save_resource_draft",
    "Save a draft: a version if it changed",
    parameters=[DRAFT_ID, IF_MATCH],
    request=NoteIn,
    responses=answers({200: VersionOut, 201: VersionOut}, 400, 404, 412, 413, 415),
)
INTEGRITY = _operation(
    "check_integrity",
    "Check the working document against rules R1 to R21",
    parameters=[DRAFT_ID],
    responses=answers({200: IntegrityOut, 304: NOT_MODIFIED}, 404),
)
GET_CONTENT = _operation(
    "get_content",
    "Get the working document",
    parameters=[DRAFT_ID],
    responses=answers({200: DOCUMENT, 304: NOT_MODIFIED}, 404),
)
PUT_CONTENT = _operation(
    "put_content",
    "Replace the working document",
    parameters=[DRAFT_ID, header("If-Match", 'The ETag of GET content, e.g. `"r7"`; `*` overwrites', required=True)],
    request={"application/json": DOCUMENT},
    responses=answers({200: RevisionOut}, 400, 404, 411, 412, 413, 415, 422, 428),
)
LIST_FILES = _operation(
    "list_files",
    "List the working files",
    parameters=[DRAFT_ID],
    responses=answers({200: FileOut(many=True), 304: NOT_MODIFIED}, 404),
)
GET_FILE = _operation(
    "get_file", "Download a working file", parameters=[DRAFT_ID, PATH, RANGE], responses=answers(_FILE, 404, 416)
)
PUT_FILE = _operation(
    "put_file",
    "Upload a file",
    parameters=[DRAFT_ID, PATH, IF_MATCH],
    request={"application/octet-stream": BINARY},
    responses=answers({200: FileOut, 201: FileOut}, 400, 404, 409, 411, 412, 413),
)
DELETE_FILE = _operation(
    "delete_file",
    "Take a file out of the draft",
    parameters=[DRAFT_ID, PATH, IF_MATCH],
    responses=answers({204: None}, 404, 412),
)
LIST_VERSIONS = _operation(
    "list_versions", "List versions", parameters=[DRAFT_ID, *_PAGE], responses=answers({200: VersionPage}, 400, 404)
)
GET_VERSION = _operation(
    "get_version",
    "Get a version",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers({200: VersionOut, 304: NOT_MODIFIED}, 404),
)
GET_VERSION_CONTENT = _operation(
    "get_version_content",
    "Get a version's document",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers({200: DOCUMENT, 304: NOT_MODIFIED}, 404),
)
LIST_VERSION_FILES = _operation(
    "list_version_files",
    "List a version's files",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers({200: FileOut(many=True), 304: NOT_MODIFIED}, 404),
)
GET_VERSION_FILE = _operation(
    "get_version_file",
    "Download a file of a version",
    parameters=[DRAFT_ID, NUMBER, PATH, RANGE],
    responses=answers(_FILE, 404, 416),
)
RESTORE_VERSION = _operation(
    "restore_version",
    "Restore a version as a new one",
    parameters=[DRAFT_ID, NUMBER, IF_MATCH],
    request=NoteIn,
    responses=answers({201: VersionOut}, 400, 404, 412, 413, 415),
)
GET_ARCHIVE = _operation(
    "get_archive",
    "Download the working state as a ZIP",
    parameters=[DRAFT_ID],
    responses=answers({(200, "application/zip"): BINARY}, 404),
)
GET_VERSION_ARCHIVE = _operation(
    "get_version_archive",
    "Download a version as a ZIP",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers({(200, "application/zip"): BINARY}, 404),
)
_ARCHIVE = {"application/zip": BINARY, "multipart/form-data": ArchiveForm}
IMPORT_DRAFT = _operation(
    "import_draft",
    "Import a ZIP as a new draft",
    request=_ARCHIVE,
    responses=answers({201: ImportedOut}, 400, 411, 413, 415, 422),
)
IMPORT_INTO = _operation(
    "import_into_draft",
    "Import a ZIP into a draft",
    parameters=[DRAFT_ID, IF_MATCH],
    request=_ARCHIVE,
    responses=answers({201: ImportedOut}, 400, 404, 409, 411, 412, 413, 415, 422),
)
