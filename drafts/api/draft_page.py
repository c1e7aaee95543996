"""What a person sees who opens a draft_url: the draft at a glance, and how to get it into the app."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from drafts.core.errors import DomainError, NotFound, Text
from drafts.core.identifiers import DraftRef
from drafts.document import paths
from drafts.document.picture.look import ICONS
from drafts.document.picture.words import clock
from drafts.media.thumbnails import pictured
from drafts.models import DraftFile
from drafts.selectors.overview import ListedFile, drawn, get_overview

from .context import context_of
from .languages import Language, say
from .links import draft_url, files_url
from .pages import language_for, page
from .problems import members_of, note_refusal

FILES_SHOWN = 200
MISSING_SHOWN = 50
KINDS = {  # the word, and which of the timeline's icons
    DraftFile.Kind.VIDEO: (Text("Video", "视频"), "video"),
    DraftFile.Kind.AUDIO: (Text("Sound", "音频"), "audio"),
    DraftFile.Kind.IMAGE: (Text("Picture", "图片"), "photo"),
    DraftFile.Kind.THUMBNAIL: (Text("Thumbnail", "缩略图"), "photo"),
    DraftFile.Kind.SUBTITLE: (Text("Subtitles", "字幕"), "text"),
    DraftFile.Kind.CONFIG: (Text("Settings", "配置"), "other"),
    DraftFile.Kind.TEMPORARY: (Text("Temporary", "临时文件"), "other"),
    DraftFile.Kind.OTHER: (Text("Other", "其他"), "other"),
}


def draft_page(request: HttpRequest, ref: DraftRef, number: int | None) -> HttpResponse:
    """The working state of the draft, or version ``number``. Raises what ``get_overview`` and ``drawn`` do."""
    language = language_for(request)
    found = get_overview(draft_id=ref.id, number=number)
    shown = found.version or found.draft
    url = draft_url(request, found.draft, spelling=ref.spelling)
    prefix = files_url(
        request,
        draft_id=ref.id,
        spelling=ref.spelling,
        version=number,
        link_generation=found.draft.link_generation,
    )
    context = {
        "found": found,
        "id": ref.spelling,
        "shown": shown,
        "length": clock(shown.duration, digits=1),
        "url": f"{url}&version={number}" if number else url,
        "newest": f"?{urlsplit(url).query}",
        "archive": f"{prefix.removesuffix('/')}.zip",
        "files": _files_out(found.files[:FILES_SHOWN], prefix, language),
        "more_files": len(found.files) - FILES_SHOWN,
    }
    with drawn(found, language=language) as timeline:
        context |= {
            "picture": mark_safe(timeline.picture),  # noqa: S308 - it escapes what it is given
            "missing": [_named(paths.relative(item.path) or item.path) for item in timeline.missing[:MISSING_SHOWN]],
            "more_missing": len(timeline.missing) - MISSING_SHOWN,
        }
        return page(request, "draft.html", context)


def refusal_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Why there is nothing to see, and what to do. Its status is the error's own, whatever programs are told."""
    told = members_of(error, language_for(request), context_of(request).trace_id)
    note_refusal(request, told)
    context = {
        "error": error,
        "incomplete": error.status == 400,
        "gone": error.status == 404 and isinstance(error, NotFound),
        "unknown": error.status == 404,
        "forbidden": error.status == 403,
        "staff": request.path.startswith("/admin/"),
        "newest": f"?draft_id={quote(request.GET.getlist('draft_id')[0])}" if type(error) is NotFound else "",
        "told": told,
    }
    response = page(request, "refusal.html", context, status=error.status)
    response["Cache-Control"] = "no-store"
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def _files_out(files: list[ListedFile], prefix: str, language: Language) -> list[dict[str, Any]]:
    """Thumbnails have no host: the page's policy takes pictures from where it was opened, whatever PUBLIC_URL says."""
    small = pictured(blob_ids=[file.blob_id for file in files])
    found = []
    for file in files:
        kind, icon = KINDS[DraftFile.Kind(file.kind)]
        url = f"{prefix}{quote(file.path)}"
        thumbnail = f"{urlsplit(url).path}?thumbnail=1" if file.blob_id in small else ""
        shown = {"kind": say(kind, language), "icon": ICONS[icon], "thumbnail": thumbnail}
        found.append({**_named(file.path), **shown, "size": file.size, "url": url})
    return found


def _named(path: str) -> dict[str, str]:
    """The name, and the folder before it with its slash; paths of other computers have theirs the other way."""
    name = path.replace("\\", "/").rpartition("/")[2]
    return {"name": name, "folder": path.removesuffix(name)}
