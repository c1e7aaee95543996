"""The OpenAPI description of the resource API."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from drafts.models import DraftEvent
from drafts.selectors.search import LONGEST

from ..openapi import (
    BINARY,
    DRAFT_ID,
    FILE,
    IF_MATCH,
    LANGUAGE,
    NOT_MODIFIED,
    RANGE,
    answers,
    header,
    in_path,
    query,
)
from .lists import LARGEST, ORDERINGS, DraftFilter
from .serializers import CopyIn, DraftIn, DraftOut, EventOut, FileOut, NoteIn, RenameIn, VersionIn, VersionOut


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


class EventPage(serializers.Serializer[None]):
    """One page of events."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = EventOut(many=True)


class ArchiveForm(serializers.Serializer[None]):
    """The archive as a form field."""

    archive = serializers.FileField()


NUMBER = in_path("number", "number of the version", pattern="^[1-9][0-9]{0,9}$")
PATH = in_path("path", "path inside the draft folder", maxLength=settings.MAX_PATH_LENGTH)
DOCUMENT = OpenApiTypes.OBJECT
_PAGE = [
    query("cursor", "from next or previous", type="string"),
    query("page_size", "entries of the page", type="integer", minimum=1, maximum=settings.MAX_PAGE_SIZE),
]
_NOT_BEFORE = "not before this moment; a date is its beginning in UTC"
_BEFORE = "before this moment; a date is its beginning in UTC"
_MOMENT: dict[str, Any] = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
_FILTERS = [
    query("search", str(DraftFilter.base_filters["search"].label), type="string", maxLength=LONGEST),
    *(query(f"{field}_after", _NOT_BEFORE, **_MOMENT) for field in ("created", "updated")),
    *(query(f"{field}_before", _BEFORE, **_MOMENT) for field in ("created", "updated")),
    *(
        query(name, "bytes of the working document", type="integer", minimum=0, maximum=LARGEST)
        for name in ("size_min", "size_max")
    ),
    OpenApiParameter("state", OpenApiTypes.STR, enum=["active", "trashed", "all"], default="active"),
    OpenApiParameter(
        "ordering",
        OpenApiTypes.STR,
        enum=[f"{sign}{name}" for name in ORDERINGS for sign in ("", "-")],
        default="-created_at",
    ),
]


def examples(status: int, response: Any, request: Any = None) -> list[OpenApiExample]:
    sent = [] if request is None else [OpenApiExample("example", value=request, request_only=True)]
    return [*sent, OpenApiExample("example", value=response, response_only=True, status_codes=[str(status)])]


_ID = "202611210341125f0c1d2e3a4b5c6d7e"
_HOST = "http://localhost:30000"
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_DRAFT = {
    "id": _ID,
    "name": "Holiday",
    "draft_url": f"{_HOST}/openapi/capcut-mate/v1/get_draft?draft_id={_ID}",
    "width": 1080,
    "height": 1920,
    "fps": 30.0,
    "duration": 5_000_000,
    "revision": 7,
    "head": 2,
    "state": "active",
    "created_at": "2026-11-21T03:41:12.123456Z",
    "updated_at": "2026-11-21T04:05:06.789012Z",
    "deleted_at": None,
}
_VERSION = {
    "number": 2,
    "revision": 7,
    "author": "Ann",
    "note": "first cut",
    "origin": "save",
    "created_at": "2026-11-21T04:05:07.123456Z",
    "size": 7321,
    "sha256": _SHA,
    "file_count": 3,
    "state": "stored",
    "stored_at": "2026-11-21T04:05:07.345678Z",
}
_EVENT = {
    "id": 4711,
    "verb": "save",
    "arguments": {"note": "first cut"},
    "version": 2,
    "actor": "Ann",
    "door": "api",
    "address": "192.0.2.7",
    "user_agent": "n8n",
    "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "created_at": "2026-11-21T04:05:07.123456Z",
}
_FILE_ENTRY = {
    "path": "assets/images/logo.png",
    "kind": "image",
    "size": 517,
    "sha256": _SHA,
    "media_type": "image/png",
    "state": "stored",
    "stored_at": "2026-11-21T04:01:02.345678Z",
    "url": f"{_HOST}/openapi/capcut-mate/v1/files/w-1f0c8a0e3f5b7d9e2c4a6b8d0e1f/{_ID}/assets/images/logo.png",
}
_FINDING = {"rule": "R7", "severity": "warning", "place": "/tracks/0/segments/1", "message": "Two segments overlap."}
_MISSING = {"path": "C:/videos/beach.mp4", "material_id": "0A3B5C7D-1E2F-4A5B-8C9D-0E1F2A3B4C5D"}


def operation(name: str, summary: str, **rest: Any) -> dict[str, Any]:
    parameters = [*rest.pop("parameters", []), LANGUAGE]
    unique = {(item.name, item.location): item for item in parameters}
    return {"operation_id": name, "summary": summary, "parameters": list(unique.values()), **rest}


LIST_DRAFTS = operation(
    "list_drafts",
    "List drafts",
    parameters=[*_FILTERS, *_PAGE],
    responses=answers({200: DraftPage, 304: NOT_MODIFIED}, 412),
    examples=examples(200, {"next": None, "previous": None, "results": [_DRAFT]}),
)
CREATE_DRAFT = operation(
    "create_resource_draft",
    "Create a draft",
    request=DraftIn,
    responses=answers({201: DraftOut}, 411, 413, 415),
    examples=examples(
        201,
        {**_DRAFT, "duration": 0, "revision": 1, "head": None},
        {"name": "Holiday", "width": 1080, "height": 1920, "fps": 30},
    ),
)
GET_DRAFT = operation(
    "retrieve_draft",
    "Get a draft",
    parameters=[DRAFT_ID],
    responses=answers({200: DraftOut, 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, _DRAFT),
)
RENAME_DRAFT = operation(
    "rename_draft",
    "Rename a draft",
    parameters=[DRAFT_ID, IF_MATCH],
    request=RenameIn,
    responses=answers({200: DraftOut}, 404, 411, 412, 413, 415),
    examples=examples(200, _DRAFT, {"name": "Holiday"}),
)
TRASH_DRAFT = operation(
    "trash_draft",
    "Put a draft into the trash",
    parameters=[DRAFT_ID, IF_MATCH],
    responses=answers({204: None}, 404, 412),
)
UNTRASH_DRAFT = operation(
    "untrash_draft",
    "Bring a draft back from the trash",
    parameters=[DRAFT_ID],
    request=None,
    responses=answers({200: DraftOut}, 404),
    examples=examples(200, _DRAFT),
)
COPY_DRAFT = operation(
    "copy_draft",
    "Copy a draft",
    parameters=[DRAFT_ID],
    request=CopyIn,
    responses=answers({201: DraftOut}, 404, 411, 413, 415),
    examples=examples(201, {**_DRAFT, "name": "Holiday (copy)", "head": 1}, {"version": 2, "name": "Holiday (copy)"}),
)
SAVE_DRAFT = operation(
    "save_resource_draft",
    "Save a draft: a version if it changed",
    parameters=[DRAFT_ID, IF_MATCH],
    request=NoteIn,
    responses=answers({200: VersionOut, 201: VersionOut}, 404, 411, 412, 413, 415),
    examples=[
        *examples(200, _VERSION),
        *examples(201, {**_VERSION, "state": "pending", "stored_at": None}, {"note": "first cut", "author": "Ann"}),
    ],
)
INTEGRITY = operation(
    "check_integrity",
    "Check the working document against rules R1 to R21",
    parameters=[DRAFT_ID],
    responses=answers({200: IntegrityOut, 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, {"findings": [_FINDING]}),
)
GET_CONTENT = operation(
    "get_content",
    "Get the working document",
    parameters=[DRAFT_ID],
    responses=answers({200: DOCUMENT, 304: NOT_MODIFIED}, 404, 412),
)
PUT_CONTENT = operation(
    "put_content",
    "Replace the working document",
    parameters=[DRAFT_ID, header("If-Match", 'The ETag of GET content, e.g. `"r7"`; `*` overwrites', required=True)],
    request={"application/json": DOCUMENT},
    responses=answers({200: RevisionOut}, 404, 411, 412, 413, 415, 422, 428),
    examples=examples(200, {"revision": 8}),
)
LIST_FILES = operation(
    "list_files",
    "List the working files",
    parameters=[
        DRAFT_ID,
        query("thumbnails", "1: with the thumbnails made so far, as kind `thumbnail`", type="string"),
    ],
    responses=answers({200: FileOut(many=True), 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, _FILE_ENTRY),
)
GET_FILE = operation(
    "get_file", "Download a working file", parameters=[DRAFT_ID, PATH, RANGE], responses=answers(FILE, 404, 412, 416)
)
GET_THUMBNAIL = operation(
    "get_thumbnail",
    "Download the thumbnail of a video or image: a JPEG of at most 320 pixels; 404 until it is made",
    parameters=[DRAFT_ID, PATH, RANGE],
    responses=answers(FILE, 404, 412, 416),
)
PUT_FILE = operation(
    "put_file",
    "Upload a file",
    parameters=[DRAFT_ID, PATH, IF_MATCH],
    request={"application/octet-stream": BINARY},
    responses=answers({200: FileOut, 201: FileOut}, 404, 409, 411, 412, 413),
    examples=[*examples(200, _FILE_ENTRY), *examples(201, _FILE_ENTRY)],
)
DELETE_FILE = operation(
    "delete_file",
    "Take a file out of the draft",
    parameters=[DRAFT_ID, PATH, IF_MATCH],
    responses=answers({204: None}, 404, 412),
)
LIST_VERSIONS = operation(
    "list_versions",
    "List versions",
    parameters=[
        DRAFT_ID,
        query("landmark", "true: those with a note, and those that a restore or an import made", type="boolean"),
        *_PAGE,
    ],
    responses=answers({200: VersionPage, 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, {"next": None, "previous": None, "results": [_VERSION]}),
)
LIST_EVENTS = operation(
    "list_events",
    "List what was done to a draft, and by whom",
    parameters=[
        DRAFT_ID,
        OpenApiParameter("verb", OpenApiTypes.STR, enum=DraftEvent.Verb.values),
        query("since", _NOT_BEFORE, **_MOMENT),
        query("until", _BEFORE, **_MOMENT),
        *_PAGE,
    ],
    responses=answers({200: EventPage, 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, {"next": None, "previous": None, "results": [_EVENT]}),
)
GET_VERSION = operation(
    "get_version",
    "Get a version",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers({200: VersionOut, 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, _VERSION),
)
NOTE_VERSION = operation(
    "note_version",
    "Write the note of a version, which makes it a landmark",
    parameters=[DRAFT_ID, NUMBER],
    request=VersionIn,
    responses=answers({200: VersionOut}, 404, 411, 413, 415),
    examples=examples(200, _VERSION, {"note": "first cut"}),
)
GET_VERSION_CONTENT = operation(
    "get_version_content",
    "Get a version's document",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers({200: DOCUMENT, 304: NOT_MODIFIED}, 404, 412),
)
LIST_VERSION_FILES = operation(
    "list_version_files",
    "List a version's files",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers({200: FileOut(many=True), 304: NOT_MODIFIED}, 404, 412),
    examples=examples(200, _FILE_ENTRY),
)
GET_VERSION_FILE = operation(
    "get_version_file",
    "Download a file of a version",
    parameters=[DRAFT_ID, NUMBER, PATH, RANGE],
    responses=answers(FILE, 404, 412, 416),
)
RESTORE_VERSION = operation(
    "restore_version",
    "Restore a version as a new one",
    parameters=[DRAFT_ID, NUMBER, IF_MATCH],
    request=NoteIn,
    responses=answers({201: VersionOut}, 404, 411, 412, 413, 415),
    examples=examples(
        201,
        {**_VERSION, "number": 3, "origin": "restore", "note": "Restored from version 1"},
        {"note": "back to the first cut"},
    ),
)
GET_ARCHIVE = operation(
    "get_archive",
    "Download the working state as a ZIP",
    parameters=[DRAFT_ID],
    responses=answers({(200, "application/zip"): BINARY}, 404),
)
GET_VERSION_ARCHIVE = operation(
    "get_version_archive",
    "Download a version as a ZIP",
    parameters=[DRAFT_ID, NUMBER],
    responses=answers({(200, "application/zip"): BINARY}, 404),
)
_ARCHIVE = {"application/zip": BINARY, "multipart/form-data": ArchiveForm}
_IMPORTED = {"draft": {**_DRAFT, "head": 1, "revision": 1}, "missing_media": [_MISSING]}
IMPORT_DRAFT = operation(
    "import_draft",
    "Import a ZIP as a new draft",
    request=_ARCHIVE,
    responses=answers({201: ImportedOut}, 411, 413, 415, 422),
    examples=examples(201, _IMPORTED),
)
IMPORT_INTO = operation(
    "import_into_draft",
    "Import a ZIP into a draft",
    parameters=[DRAFT_ID, IF_MATCH],
    request=_ARCHIVE,
    responses=answers({201: ImportedOut}, 404, 409, 411, 412, 413, 415, 422),
    examples=examples(201, _IMPORTED),
)
