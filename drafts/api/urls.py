"""All paths of the product. Every one answers with and without a trailing slash, never by a redirect."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, re_path

from .capcut_mate.views import NOT_BUILT
from .capcut_mate.views import DraftRoutes as CapcutMate
from .files import FileRoutes as DeliveredFiles
from .landing import landing
from .resources.archives import ArchiveRoutes
from .resources.drafts import ContentRoutes, DraftRoutes
from .resources.files import FileRoutes
from .resources.versions import VersionRoutes
from .viewsets import ViewSet

MATE = "openapi/capcut-mate/v1"
DRAFT = r"api/v1/drafts/(?P<draft_id>[^/]+)"
VERSION = rf"{DRAFT}/versions/(?P<number>[1-9][0-9]{{0,9}})"
PATH = r"(?P<path>[\s\S]*[^/])"


def route(pattern: str, view: type[ViewSet], *, name: str | None = None, **actions: str) -> URLPattern:
    """One path and its methods."""
    handler: Any = view.as_view(actions)  # type: ignore[arg-type]  # the stubs want a literal dict
    found: URLPattern = re_path(rf"^{pattern}/?\Z", handler, name=name)
    return found


urlpatterns = [
    re_path(r"^\Z", landing, name="landing"),
    route(f"{MATE}/create_draft", CapcutMate, post="create_draft"),
    route(f"{MATE}/save_draft", CapcutMate, post="save_draft"),
    route(f"{MATE}/get_draft", CapcutMate, get="get_draft"),
    route(f"{MATE}/(?P<verb>{NOT_BUILT})", CapcutMate, get="not_built", post="not_built"),
    route("v1/get_draft", CapcutMate, get="get_draft_names"),
    route(rf"{MATE}/files/(?P<token>[^/]+)/(?P<draft_id>[^/]+)/{PATH}", DeliveredFiles, get="get_file"),
    route("api/v1/drafts", DraftRoutes, get="list", post="create"),
    route("api/v1/drafts/import", ArchiveRoutes, post="import_new"),
    route(DRAFT, DraftRoutes, get="retrieve", patch="partial_update", delete="destroy"),
    route(f"{DRAFT}/untrash", DraftRoutes, post="untrash"),
    route(f"{DRAFT}/copy", DraftRoutes, post="copy"),
    route(f"{DRAFT}/save", DraftRoutes, post="save"),
    route(f"{DRAFT}/integrity", DraftRoutes, get="integrity"),
    route(f"{DRAFT}/content", ContentRoutes, get="retrieve", put="update"),
    route(f"{DRAFT}/import", ArchiveRoutes, post="import_into"),
    route(rf"{DRAFT}/archive\.zip", ArchiveRoutes, get="working"),
    route(f"{DRAFT}/files", FileRoutes, get="list"),
    route(f"{DRAFT}/files/{PATH}", FileRoutes, get="retrieve", put="update", delete="destroy"),
    route(f"{DRAFT}/versions", VersionRoutes, get="list"),
    route(VERSION, VersionRoutes, get="retrieve"),
    route(f"{VERSION}/content", VersionRoutes, get="content"),
    route(f"{VERSION}/files", VersionRoutes, get="files"),
    route(f"{VERSION}/files/{PATH}", VersionRoutes, get="file"),
    route(rf"{VERSION}/archive\.zip", ArchiveRoutes, get="version"),
    route(f"{VERSION}/restore", VersionRoutes, post="restore"),
]
