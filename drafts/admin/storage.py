"""What the store has, what still waits for it, what is to be deleted; and whether writes are let in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from drafts.core import persist
from drafts.core.models import Blob, BlobPayload, DoomedObject, Maintenance
from drafts.core.wakeups import send
from drafts.core.words import both
from drafts.media.models import MediaInfo, Thumbnail
from drafts.selectors.uses import files_with, versions_with

from .base import ReadOnlyAdmin, blob_state, clock, column, demands, shown, size_column
from .filters import CreatedFilter, DoomedFilter, StoringFilter
from .terms import word


@admin.register(Blob)
class BlobAdmin(ReadOnlyAdmin):
    """Bytes with their hash: the row is the job of storing them."""

    title = both("Blobs: bytes in the store", "数据块：存储中的数据")
    list_display = (
        "short",
        size_column("size"),
        "how",
        column("tries", "tries", "尝试次数", sortable=True),
        "next_try",
        column("key", "key", "对象名"),
    )
    list_filter = (("state", StoringFilter), ("created_at", CreatedFilter))
    search_fields = ("sha256__startswith", "key__startswith", "error")
    search_help_text = both("Beginning of the hash or the key, or words of the error", "哈希或对象名的开头，或错误信息")
    ordering = ("-pk",)
    on_page = (
        column("sha256", "SHA-256", "SHA-256"),
        column("key", "key", "对象名"),
        size_column("size"),
        "how",
        column("tries", "tries", "尝试次数"),
        "next_try",
        column("error", "error", "错误"),
        column("created_at", "created", "创建时间"),
        column("touched_at", "last put to use", "最后引用"),
        column("stored_at", "stored", "存入时间"),
        "waiting_bytes",
        "probed",
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under a notice while anything waits for the store."""
        waiting = Blob.objects.filter(state__in=Blob.WAITING).values("state").annotate(count=Count("pk"))
        for state, count in waiting.order_by("state").values_list("state", "count"):
            level = messages.ERROR if state == Blob.State.FAILED else messages.WARNING
            notice = format_html('<a href="{}">{} {}</a>', f"?state__exact={state}", count, word(state))
            messages.add_message(request, level, notice)
        return super().changelist_view(request, extra_context)

    @admin.display(description="SHA-256", ordering="sha256")
    def short(self, blob: Blob) -> str:
        """The beginning of the hash, or of the key while an upload runs."""
        return str(blob)

    @admin.display(description=both("state", "状态"), ordering="state")
    def how(self, blob: Blob) -> SafeString:
        """The state; a failed blob says why."""
        return blob_state(blob)

    @admin.display(description=both("next try", "下次尝试"), ordering="next_try_at")
    def next_try(self, blob: Blob) -> str:
        """When storing it is tried again; nothing for what is stored."""
        return shown(blob.next_try_at if blob.state in Blob.WAITING else None)

    @admin.display(description=both("in the database", "数据库中"))
    def waiting_bytes(self, blob: Blob) -> str:
        """Whether the bytes lie in the database, and how many they are there."""
        size = BlobPayload.objects.filter(pk=blob.pk).annotate(bytes=Length("data")).values_list("bytes", flat=True)
        return " ".join(f"{filesizeformat(number)} (zstd)" for number in size) or shown(None)

    @admin.display(description=both("media", "媒体信息"))
    def probed(self, blob: Blob) -> str:
        """What probing found: kind, picture, length, codec."""
        info = MediaInfo.objects.filter(pk=blob.pk).first()
        if info is None:
            return shown(None)
        picture = f"{info.width}×{info.height}" if info.width else ""
        rate = f"{info.fps:g} fps" if info.fps else ""
        turned = f"{info.rotation}°" if info.rotation else ""
        words = (info.kind, info.extension, info.codec, picture, turned, rate, clock(info.duration))
        return ", ".join(filter(None, words))

    def get_urls(self) -> list[URLPattern]:
        """Also retrying, of all and of one."""
        view = self.admin_site.admin_view
        return [
            path("retry/", view(self.retry_all), name="drafts_core_blob_retry_all"),
            path("<int:pk>/retry/", view(self.retry_one), name="drafts_core_blob_retry"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a blob, with what uses it."""
        blob = self.get_object(request, object_id)
        context = extra_context or {}
        if blob is not None:
            context |= {
                "versions": versions_with(blob),
                "files": files_with(blob),
                "thumbnail": Thumbnail.objects.filter(pk=blob.pk).select_related("image").first(),
                "pictured": Thumbnail.objects.filter(image=blob).select_related("blob").first(),
                "may_retry": self.has_retry_permission(request) and blob.state in Blob.WAITING,
            }
        return super().change_view(request, object_id, form_url, context)

    @demands("retry")
    def retry_all(self, request: HttpRequest) -> HttpResponse:
        """Have all that waits stored now, after a confirmation."""
        back = reverse("admin:drafts_core_chore_changelist")
        return self._retry(request, back, title=both("Retry all", "全部重试"), count=persist.waiting().count())

    @demands("retry")
    def retry_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have one blob stored now, after a confirmation."""
        blob = get_object_or_404(Blob, pk=pk)
        back = reverse("admin:drafts_core_blob_change", args=[pk])
        return self._retry(request, back, title=both("Retry a blob", "重试数据块"), blob=blob)

    def _retry(self, request: HttpRequest, back: str, *, blob: Blob | None = None, **context: Any) -> HttpResponse:
        if request.method == "POST":
            due = persist.hurry(blob_id=blob.pk if blob else None)
            woken = due == 0 or send(persist.TASK)
            self.message_user(request, _said(due, woken), messages.SUCCESS if woken else messages.WARNING)
            return HttpResponseRedirect(back)
        everything = {**self.admin_site.each_context(request), "opts": self.opts, "blob": blob, "back": back, **context}
        return TemplateResponse(request, "admin/retry.html", everything)


def _said(due: int, woken: bool) -> str:  # noqa: FBT001 - both are of one answer
    if not due:
        return str(both("It does not wait any more.", "已不在等待中。"))
    if woken:
        return str(both(f"{due} due now; the worker was woken.", f"{due} 个数据块将立即写入；已唤醒 worker。"))
    return str(
        both(
            f"{due} due now. The broker cannot be reached: the next sweep stores them, or manage.py drain.",
            f"{due} 个数据块已到期。消息队列无法访问：将由下一次写入任务或 manage.py drain 写入。",
        )
    )


@admin.register(DoomedObject)
class DoomedObjectAdmin(ReadOnlyAdmin):
    """Objects that no blob owns any more and that the collector deletes."""

    title = both("Objects to be deleted", "待删除的对象")
    list_display = (column("key", "key", "对象名"), column("doomed_at", "since", "标记时间", sortable=True))
    list_filter = (("doomed_at", DoomedFilter),)
    search_fields = ("key",)
    ordering = ("doomed_at", "pk")
    on_page = list_display


@admin.register(Maintenance)
class MaintenanceAdmin(ReadOnlyAdmin):
    """The one row that keeps writes out; ``manage.py maintenance on`` and ``off`` make and remove it."""

    title = both("Maintenance", "维护")
    list_display = (column("since", "since", "开始时间"), column("reason", "reason", "原因"))
    on_page = list_display
    ordering = ("pk",)
