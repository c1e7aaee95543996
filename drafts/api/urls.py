"""All paths of the product. Every one answers with and without a trailing slash, never by a redirect."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, re_path

from .capcut_mate.catalogue import CatalogueRoutes as CapcutMateCatalogue
from .capcut_mate.editing import EditingRoutes
from .capcut_mate.get_draft import GetDraftRoutes
from .capcut_mate.helpers import HelperRoutes as Helpers
from .capcut_mate.media import MediaRoutes as CapcutMateMedia
from .capcut_mate.portable import portable
from .capcut_mate.views import DraftRoutes as CapcutMate
from .files import FileRoutes as DeliveredFiles
from .landing import landing
from .resources.archives import ArchiveRoutes
from .resources.catalogue import CatalogueRoutes
from .resources.drafts import ContentRoutes, DraftRoutes
from .resources.edits import EditRoutes
from .resources.files import FileRoutes
from .resources.keys import KeyRoutes, WorkspaceRoutes
from .resources.links import LinkRoutes
from .resources.thumbnails import ThumbnailRoutes
from .resources.timeline import TimelineRoutes
from .resources.versions import VersionRoutes
from .viewsets import ViewSet

EDITS = (
    *("add_videos", "add_audios", "add_images", "add_sticker", "add_keyframes", "add_captions"),
    *("add_effects", "add_filters", "add_masks", "easy_create_material"),
)
MATE = "openapi/capcut-mate/v1"
DRAFT = r"api/v1/drafts/(?P<draft_id>[^/]+)"
VERSION = rf"{DRAFT}/versions/(?P<number>[1-9][0-9]{{0,9}})"
PATH = r"(?P<path>[\s\S]*[^/])"
HELPERS = (
    *("timelines", "audio_infos", "video_infos", "imgs_infos", "caption_infos", "effect_infos", "filter_infos"),
    *("keyframes_infos", "get_url", "str_to_list", "str_list_to_objs", "objs_to_str_list", "add_text_style"),
)
LISTS = (
    *("get_text_animations", "get_image_animations", "get_filters", "get_effects", "get_text_effects"),
    "search_sticker",
)


def route(pattern: str, view: type[ViewSet], **actions: str) -> URLPattern:
    """One path and its methods."""
    handler: Any = view.as_view(actions)  # type: ignore[arg-type]  # the stubs want a literal dict
    found: URLPattern = re_path(rf"^{pattern}/?\Z", handler)
    return found


urlpatterns = [
    re_path(r"^\Z", landing, name="landing"),
    re_path(r"^openapi/capcut-mate/openapi\.yaml/?\Z", portable, name="portable"),
    route(f"{MATE}/create_draft", CapcutMate, post="create_draft"),
    route(f"{MATE}/save_draft", CapcutMate, post="save_draft"),
    route(f"{MATE}/get_draft", GetDraftRoutes, get="get_draft"),
    *(route(f"{MATE}/{verb}", EditingRoutes, post=verb) for verb in EDITS),
    route(f"{MATE}/(?P<verb>gen_video|gen_video_status)", Helpers, get="gen_video", post="gen_video"),
    route(f"{MATE}/gen_video_active_count", Helpers, get="gen_video_active_count"),
    *(route(f"{MATE}/{verb}", Helpers, post=verb) for verb in HELPERS),
    *(route(f"{MATE}/{verb}", CapcutMateCatalogue, post=verb) for verb in LISTS),
    route(f"{MATE}/get_audio_duration", CapcutMateMedia, post="get_audio_duration"),
    route(f"{MATE}/audio_timelines", CapcutMateMedia, post="audio_timelines"),
    route("v1/get_draft", GetDraftRoutes, get="get_draft_names"),
    route(rf"{MATE}/files/(?P<token>[^/]+)/(?P<draft_id>[^/]+)/{PATH}", DeliveredFiles, get="get_file"),
    route(rf"{MATE}/files/(?P<token>[^/]+)/(?P<draft_id>[^/]+)\.zip", DeliveredFiles, get="get_archive"),
    route("api/v1/catalogue", CatalogueRoutes, get="list"),
    route("api/v1/catalogue/(?P<kind>[^/]+)", CatalogueRoutes, get="retrieve"),
    route("api/v1/workspace", WorkspaceRoutes, get="retrieve"),
    route("api/v1/members", WorkspaceRoutes, get="members"),
    route("api/v1/keys", KeyRoutes, get="list", post="create"),
    route("api/v1/keys/(?P<key>[^/]+)", KeyRoutes, delete="destroy"),
    route("api/v1/keys/(?P<key>[^/]+)/rotate", KeyRoutes, post="rotate"),
    route("api/v1/drafts", DraftRoutes, get="list", post="create"),
    route("api/v1/drafts/import", ArchiveRoutes, post="import_new"),
    route(DRAFT, DraftRoutes, get="retrieve", patch="partial_update", delete="destroy"),
    route(f"{DRAFT}/untrash", DraftRoutes, post="untrash"),
    route(f"{DRAFT}/copy", DraftRoutes, post="copy"),
    route(f"{DRAFT}/save", DraftRoutes, post="save"),
    route(f"{DRAFT}/events", DraftRoutes, get="events"),
    route(f"{DRAFT}/integrity", DraftRoutes, get="integrity"),
    route(f"{DRAFT}/content", ContentRoutes, get="retrieve", put="update"),
    route(f"{DRAFT}/import", ArchiveRoutes, post="import_into"),
    route(rf"{DRAFT}/archive\.zip", ArchiveRoutes, get="working"),
    route(f"{DRAFT}/files", FileRoutes, get="list"),
    route(f"{DRAFT}/files/{PATH}", FileRoutes, get="retrieve", put="update", delete="destroy"),
    route(f"{DRAFT}/thumbnails/{PATH}", ThumbnailRoutes, get="retrieve"),
    route(f"{DRAFT}/links", LinkRoutes, get="list", post="create"),
    route(f"{DRAFT}/links/(?P<link>[^/]+)", LinkRoutes, delete="destroy"),
    route(f"{DRAFT}/edits", EditRoutes, post="create"),
    route(f"{DRAFT}/timeline", TimelineRoutes, get="working"),
    route(rf"{DRAFT}/timeline\.svg", TimelineRoutes, get="picture"),
    route(rf"{DRAFT}/subtitles\.(?P<form>srt|vtt)", TimelineRoutes, get="subtitles"),
    route(f"{DRAFT}/versions", VersionRoutes, get="list"),
    route(f"{DRAFT}/versions/compare", TimelineRoutes, get="compare"),
    route(VERSION, VersionRoutes, get="retrieve", patch="partial_update"),
    route(f"{VERSION}/content", VersionRoutes, get="content"),
    route(f"{VERSION}/files", VersionRoutes, get="files"),
    route(f"{VERSION}/files/{PATH}", VersionRoutes, get="file"),
    route(rf"{VERSION}/archive\.zip", ArchiveRoutes, get="version"),
    route(f"{VERSION}/timeline", TimelineRoutes, get="version"),
    route(rf"{VERSION}/timeline\.svg", TimelineRoutes, get="version_picture"),
    route(rf"{VERSION}/subtitles\.(?P<form>srt|vtt)", TimelineRoutes, get="version_subtitles"),
    route(f"{VERSION}/restore", VersionRoutes, post="restore"),
]
