"""Trash, purge and holds: pages that ask before anything is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from drafts.access.members import Role, may_in
from drafts.core.errors import DomainError
from drafts.core.words import both
from drafts.models import Draft, DraftVersion
from drafts.selectors.trash import blobs_of, gone_at
from drafts.services.drafts import trash_draft, untrash_draft
from drafts.services.holds import hold, release
from drafts.services.purge import begin_purge

from .base import ReadOnlyAdmin, Trail, demands
from .look import trouble

Act = Callable[[str], object]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=both("Reason", "原因"), max_length=settings.MAX_NAME_LENGTH, required=False)


class Asking(ReadOnlyAdmin):
    """Views that show what would be done, and do it after a POST."""

    asks: tuple[str, ...] = ()  # views of the name ``<ask>_view``

    def get_urls(self) -> list[URLPattern]:
        """Its own pages before those of the admin."""
        own = [
            path(
                f"<path:key>/{ask}/",
                self.admin_site.admin_view(getattr(self, f"{ask}_view")),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{ask}",
            )
            for ask in self.asks
        ]
        return [*own, *super().get_urls()]

    def ask(
        self, request: HttpRequest, row: Any, title: object, words: object, act: Act, *, done: object, **context: Any
    ) -> HttpResponse:
        """The page that asks; after a POST ``act`` is called with the reason, and the row's page says ``done``.

        Of a row that is gone then, the list says it.
        """
        model = f"{self.opts.app_label}_{self.opts.model_name}"
        here, listed = reverse(f"admin:{model}_change", args=[row.pk]), reverse(f"admin:{model}_changelist")
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                act(form.cleaned_data["reason"])
            except DomainError as error:
                messages.error(request, trouble(error))
                return HttpResponseRedirect(here)
            messages.success(request, str(done))
            return HttpResponseRedirect(here if self.get_object(request, str(row.pk)) else listed)
        trail = self.trail_to(row)
        name = " · ".join(str(words) for _, words in trail[1:])
        heading = both(f"{title}: {name}", f"{title}：{name}")
        shown = {"words": words, "form": form, "back": here, "button": title, **context}
        return self.page(request, "ask", [*trail, ("", title)], title=heading, **shown)

    def trail_to(self, row: Any) -> Trail:
        """The way from the list to the row's page."""
        address = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return [(reverse(f"{address}_changelist"), self.title), (reverse(f"{address}_change", args=[row.pk]), str(row))]


class HoldPages(Asking):
    """Holds of a draft or a version."""

    asks: tuple[str, ...] = ("hold", "release")

    @demands("purge")
    def hold_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Keep it from being purged."""
        row = self.row(request, key)
        words = both(
            "While this is held, nobody and nothing purges the draft, not even from the trash.",
            "保留期间，任何人和任务都不会清除该草稿，即使它在回收站中。",
        )
        act = partial(_act, hold, row)
        done = both("It is held.", "已保留。")
        return self.ask(request, row, both("Hold", "保留"), words, act, done=done, reason=True)

    @demands("purge")
    def release_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Take the hold away."""
        row = self.row(request, key)
        words = both(
            "Without a hold the draft is purged when its time in the trash is over.",
            "解除保留后，草稿在回收站到期时会被清除。",
        )
        act = partial(_act, release, row)
        done = both("The hold is taken away.", "已解除保留。")
        return self.ask(request, row, both("Release", "解除保留"), words, act, done=done, reason=True)


def _act(do: Callable[..., object], row: Draft | DraftVersion, reason: str) -> object:
    if isinstance(row, Draft):
        return do(draft_id=row.pk, reason=reason)
    return do(draft_id=row.draft_id, number=row.number, reason=reason)


class TrashPages(HoldPages):
    """What becomes of a whole draft."""

    asks = ("trash", "untrash", "purge", *HoldPages.asks)

    @demands("trash")
    def trash_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Into the trash."""
        draft: Draft = self.row(request, key)
        words = both(
            "Clients no longer find the draft. It can be brought back.", "客户端将无法再找到该草稿，之后可以恢复。"
        )
        title, done = both("Move to the trash", "移入回收站"), both("It is in the trash.", "已移入回收站。")
        return self.ask(request, draft, title, words, lambda _: trash_draft(draft_id=draft.pk), done=done)

    @demands("trash")
    def untrash_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Back from the trash."""
        draft: Draft = self.row(request, key)
        words = both("The draft will be again as it was, under the same draft_url.", "草稿将恢复原样，draft_url 不变。")
        title, done = both("Bring back from the trash", "从回收站恢复"), both("It is back.", "已恢复。")
        return self.ask(request, draft, title, words, lambda _: untrash_draft(draft_id=draft.pk), done=done)

    @demands("purge")
    def purge_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """For good."""
        draft: Draft = self.row(request, key)
        words = both(
            "The draft and all its versions go for good, and every file that no other draft uses. "
            "Nobody can bring them back.",
            "该草稿、它的所有版本，以及没有其他草稿使用的文件都会被彻底删除，无法恢复。",
        )
        going = blobs_of(Draft.objects.filter(pk=draft.pk)).aggregate(count=Count("pk"), size=Sum("size", default=0))
        title, done = both("Purge", "彻底清除"), both("It is being purged.", "正在彻底清除。")
        act: Act = lambda _: begin_purge(draft_id=draft.pk)  # noqa: E731 - as the others
        versions = draft.head.number if draft.head else 0
        return self.ask(request, draft, title, words, act, done=done, going=going, versions=versions, danger=True)


def keeping(admin: ReadOnlyAdmin, request: HttpRequest, draft: Draft) -> dict[str, Any]:
    """What the page of a draft or a version needs for the buttons, and when the draft goes by itself."""
    mine = may_in(str(draft.workspace_id), Role.EDITOR)
    return {
        "may_trash": mine and admin.has_trash_permission(request),
        "may_purge": admin.has_purge_permission(request),
        "gone_at": None if draft.held else gone_at(draft),
    }
