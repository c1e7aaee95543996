"""``/api/v1/drafts/{id}/thumbnails/``: one small picture for each video and image, not part of the draft folder."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from drafts.core.links import base_url
from drafts.core.models import Blob
from drafts.media.thumbnails import thumbnail_of, thumbnails_of
from drafts.models import Draft
from drafts.selectors.delivery import Served
from drafts.selectors.drafts import get_draft

from ..streaming import serve_file
from ..viewsets import ViewSet
from . import schema
from .drafts import id_of
from .serializers import file_out


def thumbnails_out(request: HttpRequest, draft: Draft) -> list[dict[str, Any]]:
    """The working files' thumbnails, as file entries."""
    address = f"{base_url(request)}/api/v1/drafts/{draft.pk}/thumbnails/"
    return [
        file_out(request, _served(file.path, image), draft=draft, version=None) | {"url": f"{address}{file.path}"}
        for file, image in thumbnails_of(draft=draft)
    ]


def served_thumbnail(draft: Draft, path: str) -> Served:
    """The JPEG of one file. Raises ``NotFound`` while there is none."""
    return _served(path, thumbnail_of(draft=draft, path=path))


def _served(path: str, image: Blob) -> Served:
    return Served(f"{path}.jpg", "thumbnail", None, image, image.created_at)


class ThumbnailRoutes(ViewSet):
    """Thumbnails of the files that the draft has, or had in some version."""

    scopes = {
        "retrieve": "drafts:read",
    }

    @extend_schema(**schema.GET_THUMBNAIL)
    def retrieve(self, request: Request, draft_id: str, path: str) -> HttpResponseBase:
        """The JPEG; ranges are answered."""
        return serve_file(request._request, served_thumbnail(get_draft(draft_id=id_of(draft_id)), path))
