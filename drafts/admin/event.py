"""Who did what, to all drafts; also to those that are gone."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from drafts.core.errors import DomainError
from drafts.core.identifiers import parse_draft_url
from drafts.core.words import both
from drafts.models import DraftEvent
from drafts.selectors.events import events_reached

from .base import ReadOnlyAdmin, column, link, shown, worded
from .filters import CreatedFilter, DoorFilter, UserFilter
from .terms import say
from .verbs import VERBS, told

REQUEST_ID = re.compile(r"[0-9a-fA-F-]{32,36}")


class VerbFilter(admin.SimpleListFilter):
    """What was done, in the reader's language."""

    title = both("what", "操作")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[DraftEvent]) -> list[tuple[str, str]]:
        """All verbs."""
        return [(verb, say(words)) for verb, words in VERBS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DraftEvent]) -> QuerySet[DraftEvent]:
        """Events of that verb."""
        return queryset if self.value() is None else queryset.filter(verb=self.value())


@admin.register(DraftEvent)
class EventAdmin(ReadOnlyAdmin):
    """One row for every change of any draft, newest first."""

    title = both("Who did what", "操作记录")
    list_display = (
        column("created_at", "when", "时间"),
        "what",
        "of_draft",
        column("version", "version", "版本"),
        "with_what",
        "who",
        worded("door", "door", "入口"),
        column("address", "address", "地址"),
        column("request_id", "request id", "请求 ID"),
    )
    list_filter = (VerbFilter, ("door", DoorFilter), ("created_at", CreatedFilter), ("user", UserFilter))
    search_fields = ("actor",)
    search_help_text = both(
        "Draft (id or draft_url), request id, or who did it", "草稿（ID 或 draft_url）、请求 ID 或操作者"
    )
    ordering = ("-pk",)
    on_page = (*list_display[:-1], column("user_agent", "program", "程序"), list_display[-1])

    def get_queryset(self, request: HttpRequest) -> QuerySet[DraftEvent]:
        """Events about drafts that the user reaches."""
        return events_reached(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """What an id names is looked up by the id alone: events are many."""
        term = search_term.strip()
        found = None
        if REQUEST_ID.fullmatch(term):
            found = queryset.filter(request_id=term.replace("-", "").lower())
        if found is None or not found.exists():
            try:
                named = queryset.filter(draft_id=parse_draft_url(term).id)
            except DomainError:
                named = queryset.none()
            found = named if named.exists() else found
        if found is not None:
            return found, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=both("what", "操作"))
    def what(self, event: DraftEvent) -> str:
        """The verb."""
        return say(VERBS[event.verb])

    @admin.display(description=both("draft", "草稿"))
    def of_draft(self, event: DraftEvent) -> SafeString:
        """The draft, which may be gone."""
        return link(reverse("admin:drafts_draft_change", args=[event.draft_id]), event.draft_id)

    @admin.display(description=both("with", "参数"))
    def with_what(self, event: DraftEvent) -> str:
        """The arguments, in short."""
        return told(event.arguments)

    @admin.display(description=both("who", "操作者"))
    def who(self, event: DraftEvent) -> str:
        """The user, or the author that was named."""
        return shown(event.actor)
