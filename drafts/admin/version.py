"""Versions: who made each one and why, where its document is, the files that it holds."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from drafts.models import DraftFile, DraftVersion
from drafts.selectors.files import manifest

from .base import ReadOnlyAdmin, blob_state, both, canvas, column, length, links, page, rows, shown, size_column
from .tables import files_table


@admin.register(DraftVersion)
class DraftVersionAdmin(ReadOnlyAdmin):
    """The history of all drafts, newest first."""

    title = both("Versions of all drafts", "所有草稿的版本")
    list_display = (
        column("number", "version", "版本"),
        "of_draft",
        column("origin", "origin", "来源"),
        "made_by",
        column("note", "note", "备注"),
        column("file_count", "files", "文件数"),
        size_column("content.size"),
        "persisted",
        column("created_at", "created", "创建时间"),
        "downloads",
    )
    list_filter = ("origin", "content__state", "created_at")
    search_fields = ("draft__name", "author", "note", "address", "request_id")
    search_help_text = both(
        "Draft (id, draft_url, name), author, note, address or request id",
        "草稿（ID、draft_url、名称）、作者、备注、地址或请求 ID",
    )
    draft_lookup = "draft__id"
    ordering = ("-pk",)
    on_page = (
        "of_draft",
        column("number", "version", "版本"),
        column("origin", "origin", "来源"),
        column("revision", "revision", "修订"),
        column("note", "note", "备注"),
        column("author", "author", "作者"),
        column("address", "caller's address", "调用方地址"),
        column("user_agent", "caller's program", "调用方程序"),
        column("request_id", "request id", "请求 ID"),
        column("created_at", "created", "创建时间"),
        canvas,
        column("fps", "frames a second", "帧率"),
        length,
        size_column("content.size"),
        "document",
        "persisted",
        "downloads",
        "files",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[DraftVersion]:
        """Versions with all that a row shows."""
        return DraftVersion.objects.select_related("draft", "content")

    @admin.display(description=both("draft", "草稿"))
    def of_draft(self, version: DraftVersion) -> SafeString:
        """The draft by its name, or by its id."""
        return page(version.draft, version.draft)

    @admin.display(description=both("made by", "来自"))
    def made_by(self, version: DraftVersion) -> str:
        """The author; without one what is known of the caller."""
        return shown(version.author or " ".join((version.address, version.user_agent[:60])).strip())

    @admin.display(description=both("document", "草稿文件"))
    def document(self, version: DraftVersion) -> SafeString:
        """The blob with the document."""
        return page(version.content, version.content.sha256)

    @admin.display(description=both("in the store", "存储状态"), ordering="content__state")
    def persisted(self, version: DraftVersion) -> str:
        """Whether the document is in the object store, or why not yet."""
        return blob_state(version.content)

    @admin.display(description=both("download", "下载"))
    def downloads(self, version: DraftVersion) -> SafeString | str:
        """The version through the API, which does not serve what is in the trash."""
        if version.draft.deleted_at is not None:
            return str(both("not while it is in the trash", "回收站中的草稿无法下载"))
        api = _api(version)
        return links((f"{api}/archive.zip", "ZIP"), (f"{api}/content", "draft_content.json"))

    @admin.display(description=both("files", "文件"))
    def files(self, version: DraftVersion) -> SafeString:
        """The manifest of this version."""
        api = "" if version.draft.deleted_at else f"{_api(version)}/files/"
        files = manifest(draft=version.draft, number=version.number)
        return files_table(files, api=api, more=rows(DraftFile, draft__id=version.draft_id))


def _api(version: DraftVersion) -> str:
    return f"/api/v1/drafts/{version.draft_id}/versions/{version.number}"
