"""Drafts: where each one stands, its newest versions, the files that it has now."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from drafts.core.models import Blob
from drafts.core.words import both
from drafts.models import Draft, DraftVersion
from drafts.selectors.drafts import list_drafts
from drafts.selectors.search import search_drafts
from drafts.selectors.states import storing_states

from .base import canvas, column, length, link, rows, shown
from .draft_actions import DraftActions
from .draft_filters import IntegrityFilter, MissingMediaFilter, ProfileFilter, SizeFilter, StateFilter
from .draft_page import DraftPages
from .filters import LastEditFilter

IN_TRASH = both("in the trash", "回收站")
STORING = {
    Blob.State.STORED: ("stored", both("all stored", "已全部存储")),
    Blob.State.PENDING: ("pending", both("pending", "等待存储")),
    Blob.State.FAILED: ("failed", both("failed", "存储失败")),
}


class DraftList(ChangeList):
    """A page of drafts, each with the state of its bytes in ``storing``."""

    def get_results(self, request: HttpRequest) -> None:
        """Read with one query for the whole page."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        states = storing_states([draft.pk for draft in self.result_list])
        for draft in self.result_list:
            draft.storing = states.get(draft.pk, Blob.State.STORED)


@admin.register(Draft)
class DraftAdmin(DraftActions, DraftPages):
    """All drafts, those in the trash too."""

    title = both("Drafts", "草稿")
    list_display = (
        "named",
        column("id", "id", "ID"),
        canvas,
        length,
        "newest",
        "whole_size",
        "stands",
        column("owner", "owner", "所有者"),
        "last_saved",
    )
    list_filter = (
        StateFilter,
        ("updated_at", LastEditFilter),
        SizeFilter,
        ProfileFilter,
        IntegrityFilter,
        MissingMediaFilter,
    )
    search_fields = ("pk",)  # Django shows the box for it; what is found says get_search_results
    search_help_text = both(
        "Words of the name, the captions or file names; id, draft_url or file URL; request id; SHA-256 of a file",
        "名称、字幕或文件名中的文字；ID、draft_url 或文件 URL；请求 ID；文件的 SHA-256",
    )
    ordering = ("-updated_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        """Drafts with their head and what the worker has read."""
        return list_drafts().select_related("summary").defer("summary__text", "summary__bigrams")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list, which knows where each draft stands."""
        return DraftList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Draft], search_term: str
    ) -> tuple[QuerySet[Draft], bool]:
        """Drafts that the term finds by any of the ways."""
        if not search_term.strip():
            return queryset, False
        found = search_drafts(search_term)
        if found.more:
            most = settings.MAX_FOUND
            text = both(
                f"More than {most} drafts are found; {most} of them are listed. A longer search finds the others.",
                f"找到的草稿超过 {most} 个，仅列出其中 {most} 个。请输入更多文字。",
            )
            self.message_user(request, text, messages.WARNING)
        return queryset.filter(pk__in=found.ids), False

    @admin.display(description=both("name", "名称"), ordering="name")
    def named(self, draft: Draft) -> str:
        """The name."""
        return draft.name or str(both("(no name)", "（未命名）"))

    @admin.display(description=both("size", "大小"))
    def whole_size(self, draft: Draft) -> str:
        """Document and working files, once the worker has read them."""
        return filesizeformat(draft.summary.size) if described(draft) else shown(None)

    @admin.display(description=both("state", "状态"))
    def stands(self, draft: Draft) -> SafeString:
        """Whether all its bytes are in the store, then what else there is to know of it."""
        marks = [STORING[draft.storing]]  # type: ignore[attr-defined]  # annotated by the query
        if draft.deleted_at is not None:
            marks.append(("warning", IN_TRASH))
        if draft.head is not None and draft.head.revision != draft.revision:
            marks.append(("warning", both("unsaved work", "有未保存的修改")))
        if described(draft) and draft.summary.errors:
            marks.append(("error", both("errors", "有错误")))
        if described(draft) and draft.summary.missing_media:
            marks.append(("warning", both("media missing", "素材缺失")))
        return format_html_join(" ", '<span class="tag {}">{}</span>', marks)

    @admin.display(description=both("last saved", "最后保存"))
    def last_saved(self, draft: Draft) -> str:
        """When the newest version was made."""
        return shown(draft.head.created_at if draft.head else None)

    @admin.display(description=both("versions", "版本"))
    def newest(self, draft: Draft) -> SafeString | str:
        """How many there are, leading to all of them."""
        return link(rows(DraftVersion, draft__id=draft.pk), draft.head.number) if draft.head else "0"


def described(draft: Draft) -> bool:
    """Whether the worker has read it yet."""
    return hasattr(draft, "summary")
