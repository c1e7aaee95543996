"""Files of all drafts and all times."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from drafts.access.reach import reached
from drafts.core.words import both
from drafts.models import DraftFile

from .base import ReadOnlyAdmin, blob_state, column, page, size_column, span, worded
from .filters import CreatedFilter, KindFilter, StoringFilter


@admin.register(DraftFile)
class DraftFileAdmin(ReadOnlyAdmin):
    """One row for each span of versions in which a path held the same bytes."""

    title = both("Files of all drafts", "所有草稿的文件")
    list_display = (
        column("path", "path", "路径", sortable=True),
        "of_draft",
        worded("kind", "kind", "类型"),
        size_column("blob.size"),
        "bytes_of",
        "persisted",
        "in_versions",
        column("created_at", "added", "添加时间"),
    )
    list_filter = (("kind", KindFilter), ("blob__state", StoringFilter), ("created_at", CreatedFilter))
    search_fields = ("path",)
    search_help_text = both("Path, or draft (id or draft_url)", "路径或草稿（ID 或 draft_url）")
    draft_lookup = "draft__id"
    ordering = ("-pk",)
    on_page = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[DraftFile]:
        """Files with all that a row shows."""
        return reached(DraftFile.objects.select_related("draft", "blob"), "draft__")

    @admin.display(description=both("draft", "草稿"))
    def of_draft(self, file: DraftFile) -> SafeString:
        """The draft by its name, or by its id."""
        return page(file.draft, file.draft)

    @admin.display(description=both("bytes", "数据"))
    def bytes_of(self, file: DraftFile) -> SafeString:
        """The blob."""
        return page(file.blob, file.blob)

    @admin.display(description=both("in the store", "存储状态"), ordering="blob__state")
    def persisted(self, file: DraftFile) -> SafeString:
        """Whether the bytes are in the object store, or why not yet."""
        return blob_state(file.blob)

    @admin.display(description=both("versions", "版本"))
    def in_versions(self, file: DraftFile) -> str:
        """The versions that have it."""
        return span(file)
