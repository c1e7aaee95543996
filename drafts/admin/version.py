"""Versions: who made each one and why, where its document is, the files that it holds."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from drafts.access.reach import reached
from drafts.core.words import both
from drafts.models import DraftVersion
from drafts.selectors.versions import LANDMARK

from .base import blob_state, column, links, maker, page, size_column, worded
from .filters import CreatedFilter, OriginFilter, StoringFilter
from .version_page import VersionPages


class LandmarkFilter(admin.SimpleListFilter):
    """Versions that people named, or brought in or back."""

    title = both("landmark", "里程碑")
    parameter_name = "landmark"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[DraftVersion]) -> list[tuple[str, str]]:
        """The one choice."""
        return [("yes", both("landmarks", "里程碑"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DraftVersion]) -> QuerySet[DraftVersion]:
        """The landmarks; all versions when they are not asked for."""
        return queryset.filter(LANDMARK) if self.value() == "yes" else queryset


@admin.register(DraftVersion)
class DraftVersionAdmin(VersionPages):
    """The history of all drafts, newest first."""

    title = both("Versions of all drafts", "所有草稿的版本")
    list_display = (
        column("number", "version", "版本"),
        "of_draft",
        worded("origin", "origin", "来源"),
        "made_by",
        column("note", "note", "备注"),
        column("file_count", "files", "文件数"),
        size_column("content.size"),
        "persisted",
        column("created_at", "created", "创建时间"),
        "downloads",
    )
    list_filter = (
        LandmarkFilter,
        ("origin", OriginFilter),
        ("content__state", StoringFilter),
        ("created_at", CreatedFilter),
    )
    search_fields = ("draft__name", "author", "note", "address", "request_id")
    search_help_text = both(
        "Draft (id, draft_url, name), author, note, address or request id",
        "草稿（ID、draft_url、名称）、作者、备注、地址或请求 ID",
    )
    draft_lookup = "draft__id"
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DraftVersion]:
        """Versions with all that a row shows."""
        return reached(DraftVersion.objects.select_related("draft", "content"), "draft__")

    @admin.display(description=both("draft", "草稿"))
    def of_draft(self, version: DraftVersion) -> SafeString:
        """The draft by its name, or by its id."""
        return page(version.draft, version.draft)

    @admin.display(description=both("made by", "来自"))
    def made_by(self, version: DraftVersion) -> str:
        """The author; without one what is known of the caller."""
        return maker(version)

    @admin.display(description=both("in the store", "存储状态"), ordering="content__state")
    def persisted(self, version: DraftVersion) -> SafeString:
        """Whether the document is in the object store, or why not yet."""
        return blob_state(version.content)

    @admin.display(description=both("download", "下载"))
    def downloads(self, version: DraftVersion) -> SafeString | str:
        """The version through the API, which does not serve what is in the trash."""
        if version.draft.deleted_at is not None:
            return str(both("not while it is in the trash", "回收站中的草稿无法下载"))
        api = _api(version)
        return links((f"{api}/archive.zip", "ZIP"), (f"{api}/content", "draft_content.json"))


def _api(version: DraftVersion) -> str:
    return f"/api/v1/drafts/{version.draft_id}/versions/{version.number}"
