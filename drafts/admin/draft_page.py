"""The page of one draft, two of its states compared, its documents part by part, a copy of it."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from drafts.access.links import link_token, shown_link
from drafts.access.members import Role, may_in
from drafts.core import links
from drafts.core.words import both
from drafts.document import parts
from drafts.models import Draft, DraftEvent, DraftFile, DraftVersion
from drafts.selectors.events import list_events
from drafts.selectors.fetches import fetches
from drafts.selectors.files import manifest
from drafts.selectors.history import history_page
from drafts.selectors.timeline import State, states
from drafts.selectors.versions import list_versions

from .base import Trail, rows
from .keeping import TrashPages, keeping
from .look import SHOWN_PARTS, UNREADABLE, difference, look_at, trouble

SHOWN_FILES = 200
SHOWN_CHANGES = 100
SHOWN_EVENTS = 20
PICKED = 300  # versions to choose from


class DraftPages(TrashPages):
    """What leads on from a draft in the list."""

    def get_urls(self) -> list[URLPattern]:
        """Its own pages before those of the admin."""
        views = {"compare": self.compare_view, "document": self.document_view}
        own = [
            path(f"<str:key>/{name}/", self.admin_site.admin_view(view), name=f"drafts_draft_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def facts(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page of a draft shows."""
        draft: Draft = row
        mine = draft.deleted_at is None and may_in(str(draft.workspace_id), Role.EDITOR)
        files = list(manifest(draft=draft).select_related("blob__thumbnail")[: SHOWN_FILES + 1])
        return {
            "title": str(draft),
            "trail": trail_of(draft),
            "draft": draft,
            "draft_url": links.draft_url(request, draft.pk, link_token(draft.pk, shown_link(draft.link_generation))),
            "look": look_at(draft, None),
            "files": files[:SHOWN_FILES],
            "more_files": len(files) > SHOWN_FILES,
            "all_files": rows(DraftFile, draft__id=draft.pk),
            "all_versions": rows(DraftVersion, draft__id=draft.pk),
            "history": history_page(draft=draft, before=number_of(request, "before"), named="named" in request.GET),
            "named": "named" in request.GET,
            "before": number_of(request, "before"),
            "unsaved": draft.head is not None and draft.head.revision != draft.revision,
            "fetches": None if draft.deleted_at else fetches(draft=draft),
            "may_restore": mine and self.has_restore_permission(request),
            "api": "" if draft.deleted_at else f"/api/v1/drafts/{draft.pk}",
            "events": list_events(draft_id=draft.pk)[:SHOWN_EVENTS],
            "all_events": rows(DraftEvent, draft_id=draft.pk),
            **keeping(self, request, draft),
        }

    def compare_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Two states of the draft: summary, pictures, detail, raw differences."""
        draft = self.row(request, key)
        newest = draft.head.number if draft.head else None
        older, newer = (number_of(request, name) for name in ("from", "to"))
        if "from" not in request.GET:
            older = newest
        numbers = list(list_versions(draft=draft).order_by("-number").values_list("number", "note")[:PICKED])
        return self.page(
            request,
            "compare",
            [*trail_of(draft), ("", both("Compare", "对比"))],
            draft=draft,
            states=numbers,
            older=older,
            newer=newer,
            difference=difference(draft, older, newer),
            shown=SHOWN_CHANGES,
        )

    def document_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """A document part by part: what lies at ``at``, or where the words ``find`` stand.

        ``part`` asks for the members alone, to be put into a page that is open.
        """
        draft = self.row(request, key)
        number, place = number_of(request, "version"), request.GET.get("at", "")
        words = request.GET.get("find", "").strip()
        start = number_of(request, "start") or 0
        context: dict[str, Any] = {"draft": draft, "number": number, "place": place, "words": words, "parts": []}
        status = 200
        try:
            with states(draft=draft, numbers=[number]) as [state]:
                context.update(_part(state, place, words=words, start=start))
        except UNREADABLE as error:
            context["trouble"], status = trouble(error), getattr(error, "status", 500)
        except LookupError:
            context["trouble"], status = both("The document has nothing at this place.", "草稿文件中没有该位置。"), 404
        template = "parts/members" if "part" in request.GET else "document"
        title = both("Document", "草稿文件") if number is None else both("Document of version", "草稿文件，版本")
        trail = [*trail_of(draft), ("", f"{title} {number or ''}")]
        return self.page(request, template, trail, status=status, **context)


def _part(state: State, place: str, *, words: str, start: int) -> dict[str, Any]:
    """What lies at a place, and where the words stand. Raises ``LookupError``."""
    value = parts.at(state.document, place)
    listed = parts.members(value, place, start=start, limit=SHOWN_PARTS + 1)
    plain = not isinstance(value, dict | list)
    return {
        "parts": listed[:SHOWN_PARTS],
        "more": start + SHOWN_PARTS if len(listed) > SHOWN_PARTS else None,
        "found": parts.find(state.document, words, limit=SHOWN_PARTS) if words else None,
        "plain": plain,
        "value": value if plain else None,
        "above": place.rpartition("/")[0] if place else None,
        "json": excerpt(value) if place else "",
    }


def trail_of(draft: Draft) -> Trail:
    """The way from the list to a draft."""
    return [
        (reverse("admin:drafts_draft_changelist"), both("Drafts", "草稿")),
        (reverse("admin:drafts_draft_change", args=[draft.pk]), str(draft)),
    ]


def excerpt(value: Any) -> str:
    """A value as indented JSON, its first 100,000 characters."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()[:100_000]


def number_of(request: HttpRequest, name: str) -> int | None:
    """A whole number of the query; ``None`` for what is none."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None
