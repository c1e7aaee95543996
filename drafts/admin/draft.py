"""Drafts: where each one stands, its newest versions, the files that it has now."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from drafts.core.links import draft_url
from drafts.models import Draft, DraftFile, DraftVersion
from drafts.selectors.drafts import list_drafts
from drafts.selectors.files import manifest
from drafts.selectors.versions import list_versions

from .base import ReadOnlyAdmin, both, canvas, column, length, link, links, rows, shown, size_column
from .tables import files_table, versions_table

NEWEST = 10
IN_TRASH = both("in the trash", "回收站")


class StateFilter(admin.SimpleListFilter):
    """Active drafts, or those in the trash."""

    title = both("state", "状态")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Draft]) -> list[tuple[str, str]]:
        """The two states."""
        return [(Draft.State.ACTIVE, both("active", "使用中")), (Draft.State.TRASHED, IN_TRASH)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Draft]) -> QuerySet[Draft]:
        """Drafts of the chosen state; all of them when none is chosen."""
        if self.value() is None:
            return queryset
        return queryset.filter(deleted_at__isnull=self.value() == Draft.State.ACTIVE)


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """All drafts, those in the trash too."""

    title = both("Drafts", "草稿")
    list_display = (
        column("id", "id", "ID"),
        "name_or_trash",
        canvas,
        length,
        column("revision", "revision", "修订"),
        "newest",
        column("updated_at", "last edit", "最后编辑", sortable=True),
        "all_files",
    )
    list_filter = (StateFilter, "updated_at", "created_at")
    search_fields = ("name",)
    search_help_text = both("Name, id or draft_url", "名称、ID 或 draft_url")
    draft_lookup = "id"
    ordering = ("-updated_at", "-id")
    on_page = (
        column("id", "id", "ID"),
        column("name", "name", "名称"),
        "state",
        "draft_url",
        canvas,
        column("fps", "frames a second", "帧率"),
        length,
        size_column("size"),
        column("revision", "revision", "修订"),
        "newest",
        column("created_at", "created", "创建时间"),
        column("updated_at", "last edit", "最后编辑"),
        "downloads",
        "versions",
        "files",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        """Drafts with their head and with the draft_url that clients of this host use."""
        return list_drafts().annotate(url=Concat(Value(draft_url(request, "")), "id"))

    @admin.display(description=both("name", "名称"), ordering="name")
    def name_or_trash(self, draft: Draft) -> str:
        """The name, and whether the draft lies in the trash."""
        name = shown(draft.name)
        return format_html("{} <em>({})</em>", name, IN_TRASH) if draft.deleted_at else name

    @admin.display(description=both("state", "状态"))
    def state(self, draft: Draft) -> str:
        """Active, or in the trash since when."""
        if draft.deleted_at is None:
            return str(both("active", "使用中"))
        return f"{both('in the trash since', '回收站，自')} {draft.deleted_at:%Y-%m-%d %H:%M} UTC"

    @admin.display(description=both("version", "版本"))
    def newest(self, draft: Draft) -> SafeString | str:
        """The head's number, leading to all versions, and whether there is work that none of them holds yet."""
        if draft.head is None:
            return str(both("none yet", "暂无"))
        number = link(rows(DraftVersion, draft__id=draft.pk), draft.head.number)
        if draft.head.revision == draft.revision:
            return number
        return format_html("{} {}", number, both("+ unsaved", "+ 未保存"))

    @admin.display(description=both("files", "文件"))
    def all_files(self, draft: Draft) -> SafeString:
        """The way to the files that the draft has and had."""
        return link(rows(DraftFile, draft__id=draft.pk), both("list", "列表"))

    @admin.display(description="draft_url")
    def draft_url(self, draft: Draft) -> SafeString:
        """The link for the desktop client; one click selects all of it."""
        return format_html('<code style="user-select: all; word-break: break-all">{}</code>', draft.url)  # type: ignore[attr-defined]

    @admin.display(description=both("download", "下载"))
    def downloads(self, draft: Draft) -> SafeString | str:
        """The working state through the API, which does not serve what is in the trash."""
        if draft.deleted_at is not None:
            return str(both("not while it is in the trash", "回收站中的草稿无法下载"))
        api = f"/api/v1/drafts/{draft.pk}"
        return links((f"{api}/archive.zip", "ZIP"), (f"{api}/content", "draft_content.json"))

    @admin.display(description=both("versions", "版本"))
    def versions(self, draft: Draft) -> SafeString:
        """The newest versions."""
        newest = list_versions(draft=draft).order_by("-number")[:NEWEST]
        return versions_table(newest, more=rows(DraftVersion, draft__id=draft.pk))

    @admin.display(description=both("files now", "当前文件"))
    def files(self, draft: Draft) -> SafeString:
        """The working files."""
        api = "" if draft.deleted_at else f"/api/v1/drafts/{draft.pk}/files/"
        return files_table(manifest(draft=draft), api=api, more=rows(DraftFile, draft__id=draft.pk))
