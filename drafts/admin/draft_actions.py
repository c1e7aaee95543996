"""What can be done with drafts from their list. What changes something asks first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from drafts.access.members import Role, acting_as
from drafts.access.reach import reached
from drafts.core.errors import DomainError
from drafts.core.models import Blob
from drafts.core.words import both
from drafts.models import Draft
from drafts.selectors.states import drafts_with
from drafts.services.drafts import trash_draft, untrash_draft
from drafts.services.retry import retry_draft

from .base import ReadOnlyAdmin
from .look import look_at, trouble

Action = Callable[..., Any]


class DraftActions(ReadOnlyAdmin):
    """The actions of the list."""

    actions = ("move_to_trash", "bring_back", "retry_storing", "download_zip", "check_integrity")

    @admin.action(description=both("Move to the trash", "移入回收站"), permissions=["trash"])
    def move_to_trash(self, request: HttpRequest, queryset: QuerySet[Draft]) -> HttpResponse | None:
        """Nothing is lost."""
        return self._done_to(
            request,
            "move_to_trash",
            queryset.filter(deleted_at__isnull=True),
            trash_draft,
            both("Move these drafts to the trash?", "将这些草稿移入回收站？"),
            both("None of them is in use.", "其中没有使用中的草稿。"),
        )

    @admin.action(description=both("Restore from the trash", "从回收站恢复"), permissions=["trash"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Draft]) -> HttpResponse | None:
        """As they were."""
        return self._done_to(
            request,
            "bring_back",
            queryset.filter(deleted_at__isnull=False),
            untrash_draft,
            both("Restore these drafts from the trash?", "从回收站恢复这些草稿？"),
            both("None of them is in the trash.", "其中没有回收站中的草稿。"),
        )

    @admin.action(description=both("Retry persisting", "重试存储"), permissions=["retry"])
    def retry_storing(self, request: HttpRequest, queryset: QuerySet[Draft]) -> HttpResponse | None:
        """What waits for the store is due now."""
        return self._done_to(
            request,
            "retry_storing",
            queryset.filter(pk__in=drafts_with(*Blob.WAITING)),
            retry_draft,
            both("Store now what these drafts wait for?", "立即存储这些草稿中等待的数据？"),
            both("None of them waits for the store.", "其中没有等待存储的草稿。"),
        )

    @admin.action(description=both("Download ZIP", "下载 ZIP"), permissions=["view"])
    def download_zip(self, request: HttpRequest, queryset: QuerySet[Draft]) -> HttpResponse | None:
        """The working state of one draft; browsers take one file for one click."""
        drafts = list(queryset[:2])
        if len(drafts) > 1:
            text = both("Choose one draft to download.", "一次只能下载一个草稿。")
        elif drafts[0].deleted_at is not None:
            text = both("Restore it from the trash first.", "请先从回收站恢复。")
        else:
            return HttpResponseRedirect(f"/api/v1/drafts/{drafts[0].pk}/archive.zip")
        self.message_user(request, text, messages.WARNING)
        return None

    @admin.action(description=both("Check integrity", "检查完整性"), permissions=["view"])
    def check_integrity(self, request: HttpRequest, queryset: QuerySet[Draft]) -> HttpResponse | None:
        """What the rules find in the working documents, now."""
        drafts = self._at_most(request, queryset, settings.MAX_STAFF_CHECKS)
        if not drafts:
            return None
        looks = [(draft, look_at(draft, None)) for draft in drafts]
        return self.page(request, "checked", self._trail(both("Integrity", "完整性")), looks=looks)

    def _done_to(
        self, request: HttpRequest, name: str, queryset: QuerySet[Draft], act: Action, question: Any, none: Any
    ) -> HttpResponse | None:
        """Ask, and when the answer is there do ``act`` to each draft in a transaction of its own."""
        with acting_as(Role.EDITOR):
            return self._asked_or_done(request, name, reached(queryset), act, question, none)

    def _asked_or_done(
        self, request: HttpRequest, name: str, queryset: QuerySet[Draft], act: Action, question: Any, none: Any
    ) -> HttpResponse | None:
        drafts = self._at_most(request, queryset, settings.MAX_STAFF_DRAFTS)
        if drafts is None:
            return None
        if not drafts:
            self.message_user(request, none, messages.WARNING)
            return None
        if "confirmed" not in request.POST:
            trail = self._trail(question)
            return self.page(request, "act", trail, drafts=drafts, action=name, checkbox=ACTION_CHECKBOX_NAME)
        done = 0
        for draft in drafts:
            try:
                act(draft_id=draft.pk)
                done += 1
            except DomainError as error:
                self.message_user(request, f"{draft}: {trouble(error)}", messages.ERROR)
        if done:
            self.message_user(request, both(f"Done: {done}", f"已完成：{done}"), messages.SUCCESS)
        return None

    def _at_most(self, request: HttpRequest, queryset: QuerySet[Draft], most: int) -> list[Draft] | None:
        """The drafts, or ``None`` and a word to the user when they are too many."""
        drafts = list(queryset[: most + 1])
        if len(drafts) <= most:
            return drafts
        self.message_user(request, both(f"At most {most} at once.", f"一次最多 {most} 个。"), messages.WARNING)
        return None

    def _trail(self, last: Any) -> list[tuple[str, Any]]:
        return [(reverse("admin:drafts_draft_changelist"), self.title), ("", last)]
