"""What the store has, what still waits for it, what is to be deleted; and whether writes are let in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from drafts.core.models import Blob, DoomedObject, Maintenance
from drafts.models import DraftFile, DraftVersion

from .base import ReadOnlyAdmin, blob_state, both, column, links, rows, shown, size_column


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
    list_filter = ("state", "created_at")
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
        "used_by",
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under a notice while anything waits for the store."""
        waiting = Blob.objects.filter(state__in=Blob.WAITING).values("state").annotate(count=Count("pk"))
        for state, count in waiting.order_by("state").values_list("state", "count"):
            level = messages.ERROR if state == Blob.State.FAILED else messages.WARNING
            text = both("waiting for the store", "等待写入存储")
            notice = format_html('<a href="{}">{} {}</a> · {}', f"?state__exact={state}", count, state, text)
            messages.add_message(request, level, notice)
        return super().changelist_view(request, extra_context)

    @admin.display(description="SHA-256", ordering="sha256")
    def short(self, blob: Blob) -> str:
        """The beginning of the hash, or of the key while an upload runs."""
        return str(blob)

    @admin.display(description=both("state", "状态"), ordering="state")
    def how(self, blob: Blob) -> str:
        """The state; a failed blob says why."""
        return blob_state(blob)

    @admin.display(description=both("next try", "下次尝试"), ordering="next_try_at")
    def next_try(self, blob: Blob) -> str:
        """When storing it is tried again; nothing for what is stored."""
        return shown(blob.next_try_at if blob.state in Blob.WAITING else None)

    @admin.display(description=both("used by", "被引用"))
    def used_by(self, blob: Blob) -> SafeString:
        """The way to what refers to it."""
        return links(
            (rows(DraftVersion, content__id=blob.pk), both("versions", "版本")),
            (rows(DraftFile, blob__id=blob.pk), both("files", "文件")),
        )


@admin.register(DoomedObject)
class DoomedObjectAdmin(ReadOnlyAdmin):
    """Objects that no blob owns any more and that the collector deletes."""

    title = both("Objects to be deleted", "待删除的对象")
    list_display = (column("key", "key", "对象名"), column("doomed_at", "since", "自", sortable=True))
    list_filter = ("doomed_at",)
    search_fields = ("key",)
    ordering = ("doomed_at", "pk")
    on_page = list_display


@admin.register(Maintenance)
class MaintenanceAdmin(ReadOnlyAdmin):
    """The one row that keeps writes out; ``manage.py maintenance on`` and ``off`` make and remove it."""

    title = both("Maintenance", "维护")
    list_display = (column("since", "since", "自"), column("reason", "reason", "原因"))
    on_page = list_display
    ordering = ("pk",)
