"""Reading for editors and agents: the timeline as a small model, and what changed between two states."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from drafts.core.errors import InvalidParameter, Text
from drafts.core.large import Unread, in_turn
from drafts.core.models import Blob
from drafts.document.canonical import sha256_hex
from drafts.document.outline import OutlineSegment
from drafts.document.strict import MAX_INTEGER
from drafts.editing.subtitles import Format
from drafts.editing.subtitles import write as write_subtitles
from drafts.models import Draft, DraftVersion
from drafts.selectors.delivery import unread_document, working_document
from drafts.selectors.drafts import get_draft
from drafts.selectors.picture import picture_of
from drafts.selectors.timeline import StateComparison, Timeline, compare_states, get_timeline, parsed, states
from drafts.selectors.versions import get_version

from .. import policies
from ..etags import not_modified, revision_etag
from ..languages import language_of
from ..links import file_url
from ..viewsets import ViewSet
from . import timeline_schema as schema
from .archives import attachment
from .changes import comparison_out
from .drafts import id_of
from .queries import given

WORKING = "working"
LARGEST = 2**31 - 1
SUBTITLE_TYPES: dict[Format, str] = {
    "srt": "application/x-subrip; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
}


class TimelineRoutes(ViewSet):
    """The timeline of the working state and of versions."""

    scopes = {
        "working": "drafts:read",
        "version": "drafts:read",
        "picture": "drafts:read",
        "version_picture": "drafts:read",
        "subtitles": "drafts:read",
        "version_subtitles": "drafts:read",
        "compare": "drafts:read",
    }

    @extend_schema(**schema.GET_TIMELINE)
    def working(self, request: Request, draft_id: str) -> HttpResponseBase:
        """Tracks and segments of the working state, with the ids that edits take."""
        draft, document = working_document(draft_id=id_of(draft_id))
        return _timeline(request._request, draft, None, document)

    @extend_schema(**schema.GET_VERSION_TIMELINE)
    def version(self, request: Request, draft_id: str, number: str) -> HttpResponseBase:
        """Tracks and segments of a version."""
        draft = get_draft(draft_id=id_of(draft_id))
        version = get_version(draft=draft, number=min(int(number), LARGEST))
        return _timeline(request._request, draft, version, unread_document(draft=draft, version=version))

    @extend_schema(**schema.GET_PICTURE)
    def picture(self, request: Request, draft_id: str) -> HttpResponseBase:
        """The timeline of the working state as an image."""
        return _picture(request._request, draft_id, None)

    @extend_schema(**schema.GET_VERSION_PICTURE)
    def version_picture(self, request: Request, draft_id: str, number: str) -> HttpResponseBase:
        """The timeline of a version as an image."""
        return _picture(request._request, draft_id, min(int(number), LARGEST))

    @extend_schema(**schema.GET_SUBTITLES)
    def subtitles(self, request: Request, draft_id: str, form: Format) -> HttpResponseBase:
        """All texts of the working state as SRT or WebVTT, in order of time."""
        draft, document = working_document(draft_id=id_of(draft_id))
        return _subtitles(request._request, draft, revision_etag(draft.revision), form, document)

    @extend_schema(**schema.GET_VERSION_SUBTITLES)
    def version_subtitles(self, request: Request, draft_id: str, number: str, form: Format) -> HttpResponseBase:
        """All texts of a version as SRT or WebVTT, in order of time."""
        draft = get_draft(draft_id=id_of(draft_id))
        version = get_version(draft=draft, number=min(int(number), LARGEST))
        document = unread_document(draft=draft, version=version)
        return _subtitles(request._request, draft, f'"{version.content.sha256}"', form, document)

    @extend_schema(**schema.COMPARE)
    def compare(self, request: Request, draft_id: str) -> Response:
        """What it takes to come from one state to another."""
        older, newer = (_state(request._request, name) for name in ("from", "to"))
        draft = get_draft(draft_id=id_of(draft_id))
        with states(draft=draft, numbers=(older, newer)) as (before, after):
            return Response(_compared_out(compare_states(before, after)))


def _state(request: HttpRequest, name: str) -> int | None:
    """The version's number in the query, or ``None`` for the working state."""
    value = given(request, name)
    if value is None or value == WORKING:
        return None
    if re.fullmatch("[1-9][0-9]{0,9}", value):
        return min(int(value), LARGEST)
    text = Text(f"{name} must be the number of a version, or working", f"{name}必须是版本号或working")
    raise InvalidParameter.of(name, "version", text)


def _compared_out(found: StateComparison) -> dict[str, Any]:
    return {
        "same": found.same,
        **comparison_out(found.document, raw=True),
        "summary": found.summary(),
        "files": [
            {"change": item.kind, "path": item.path, "before": _bytes_out(item.before), "after": _bytes_out(item.after)}
            for item in found.files
        ],
    }


def _bytes_out(blob: Blob | None) -> dict[str, Any] | None:
    return None if blob is None else {"size": blob.size, "sha256": blob.sha256}


def _timeline(request: HttpRequest, draft: Draft, version: DraftVersion | None, document: Unread) -> HttpResponseBase:
    etag = revision_etag(draft.revision) if version is None else f'"{version.content.sha256}"'
    response: HttpResponseBase | None = not_modified(request, etag)
    if response is None:
        found = get_timeline(draft=draft, version=version, document=document)
        response = Response(_timeline_out(request, draft, version, found))
    response["ETag"] = etag
    return response


def _picture(request: HttpRequest, draft_id: str, number: int | None) -> HttpResponseBase:
    """The ETag is a hash of the picture: it depends on more than the document."""
    with states(draft=get_draft(draft_id=id_of(draft_id)), numbers=[number]) as [state]:
        data = picture_of(state, language=language_of(request)).encode()
    etag = f'"{sha256_hex(data)[:32]}"'
    response = not_modified(request, etag) or HttpResponse(data, content_type="image/svg+xml")
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    response["Content-Security-Policy"] = policies.PICTURE
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _subtitles(request: HttpRequest, draft: Draft, etag: str, form: Format, document: Unread) -> HttpResponseBase:
    tag = f'{etag[:-1]}-{form}"'
    response: HttpResponseBase | None = not_modified(request, tag)
    if response is None:
        with in_turn(document) as [data]:
            response = HttpResponse(write_subtitles(parsed(data), form), content_type=SUBTITLE_TYPES[form])
        response["Content-Disposition"] = attachment(draft, form)
    response["ETag"] = tag
    return response


def _timeline_out(request: HttpRequest, draft: Draft, version: DraftVersion | None, found: Timeline) -> dict[str, Any]:
    number = None if version is None else version.number
    base = file_url(request, draft, version=number, path="")
    shown = found.outline
    return {
        "draft_id": draft.pk,
        "revision": draft.revision if version is None else version.revision,
        "version": number,
        "canvas": {"width": shown.canvas.width, "height": shown.canvas.height},
        "duration": shown.duration,
        "fps": shown.fps,
        "tracks": [
            {
                "id": track.id,
                "type": track.type,
                "name": track.name,
                "muted": track.muted,
                "segments": [_segment_out(segment, base, found.paths) for segment in track.segments],
            }
            for track in shown.tracks
        ],
    }


def _segment_out(segment: OutlineSegment, base: str, paths: frozenset[str]) -> dict[str, Any]:
    return {
        "id": segment.id,
        "kind": segment.kind,
        "start": segment.start,
        "end": min(segment.start + segment.duration, MAX_INTEGER),
        "label": segment.label,
        "text": segment.text,
        "material_id": segment.material_id,
        "path": segment.path,
        "url": _url(segment.path, base, paths),
        "source_start": segment.source_start,
        "volume": segment.volume,
        "speed": segment.speed,
    }


def _url(path: str, base: str, paths: frozenset[str]) -> str | None:
    """Where the bytes are: behind a file link, at the URL that the document keeps, or nowhere."""
    if path.lower().startswith(("http://", "https://")):
        return path
    return base + quote(path) if path in paths else None
