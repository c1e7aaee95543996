"""Is anything stuck? Blobs that wait, who lives, what was done when; and the calls that were refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from drafts.access.refusals import recent_refusals
from drafts.core import heartbeats, probes
from drafts.core.models import Chore
from drafts.core.words import both, counted
from drafts.selectors.operations import Operations, operations

from .base import ModelAdmin, demands, draft_id_in

OLD = timedelta(minutes=10)
REFUSALS = 100
PARTS = {
    "database": both("Database", "数据库"),
    "broker": both("Broker (Redis)", "消息队列（Redis）"),
    "storage": both("Object store", "对象存储"),
}
SAID = {
    probes.OK: both("answers", "正常"),
    probes.UNREACHABLE: both("cannot be reached", "无法访问"),
    probes.NOT_MIGRATED: both("is not migrated", "尚未迁移"),
}
CHORES = {
    Chore.Name.COLLECT: (both("Deleting what nothing uses", "清理无引用的数据"), "manage.py collect"),
    Chore.Name.TOTALS: (both("Counting what is stored", "统计存储用量"), ""),
    Chore.Name.VERIFY: (both("Verifying the store", "校验存储"), "manage.py verify_storage"),
    Chore.Name.BACKUP: (both("Backup", "备份"), "manage.py backup"),
    Chore.Name.PURGE: (both("Purging the trash", "清空回收站"), "manage.py purge"),
}
THINGS = {"drafts": ("draft", "个草稿"), "blobs": ("blob", "个数据块"), "objects": ("object", "个对象")}
FIGURES = {
    "copied": both("of them new", "个新增"),
    "percent": both("% read", "% 已读取"),
    "lost": both("lost", "个丢失"),
    "missing": both("missing", "个缺失"),
    "damaged": both("damaged", "个损坏"),
    "unreadable": both("unreadable", "个无法读取"),
    "unowned": both("owned by nothing", "个无归属"),
}


@admin.register(Chore)
class OperationsAdmin(ModelAdmin):
    """Two pages for whoever may see blobs; nothing to add, change or delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Chore | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Chore | None = None) -> bool:
        """Never."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Chore | None = None) -> bool:
        """Blobs and their errors are what the page is about."""
        return bool(request.user.has_perm("drafts_core.view_blob"))

    def get_urls(self) -> list[URLPattern]:
        """The two pages."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.operations_page), name="drafts_core_chore_changelist"),
            path("refusals/", view(self.refusals_page), name="drafts_core_chore_refusals"),
        ]

    @demands("view")
    def operations_page(self, request: HttpRequest) -> HttpResponse:
        """What waits, what lives, what was done when, what is stored."""
        now = operations()
        return self._page(
            request,
            "admin/operations.html",
            title=both("Operations", "运行状况"),
            now=now,
            parts=[(label, now.readiness[name] == probes.OK, _said(now, name)) for name, label in PARTS.items()],
            troubles=list(_troubles(now)),
            beat=now.last(heartbeats.BEAT),
            sweep=now.last(heartbeats.SWEEP),
            workers=[heard for heard in now.heard or () if heard.role == heartbeats.WORKER],
            chores=[
                (label, command, now.chores.get(name), _told(now.chores.get(name)))
                for name, (label, command) in CHORES.items()
            ],
            totals=now.chores.get(Chore.Name.TOTALS),
            pending_limit=settings.PENDING_LIMIT,
        )

    @demands("view")
    def refusals_page(self, request: HttpRequest) -> HttpResponse:
        """Calls that were refused, newest first."""
        term = request.GET.get("q", "").strip()
        found = recent_refusals(words=term, draft_id=draft_id_in(term))
        return self._page(
            request,
            "admin/refusals.html",
            title=both("Refused calls", "被拒绝的请求"),
            term=term,
            found=found,
            shown=(found or [])[:REFUSALS],
            sentence=_counted(len(found or []), term),
        )

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )


def _counted(count: int, term: str) -> Any:
    hours = max(1, settings.REFUSALS_SECONDS // 3600)
    if count:
        return both(
            f"{count} refused within {hours} h; at most {REFUSALS} are shown, the newest first.",
            f"{hours} 小时内有 {count} 个请求被拒绝；最多显示 {REFUSALS} 个，最新的在前。",
        )
    if term:
        return both(
            f"No such call was refused within {hours} h. A call that was answered with success is not here.",
            f"{hours} 小时内没有被拒绝的此类请求。成功的请求不在此列。",
        )
    return both(f"Nothing was refused within {hours} h.", f"{hours} 小时内没有被拒绝的请求。")


def _troubles(now: Operations) -> Iterator[Any]:
    """What staff should look at, worst first."""
    for name, label in PARTS.items():
        if now.readiness[name] != probes.OK:
            yield f"{label}: {_said(now, name)}"
    if now.readiness.get("maintenance"):
        yield both("Maintenance: writes answer 503", "维护中：写入返回 503")
    if now.heard is not None:
        yield from _silent(now)
    if now.backlog.failed:
        blobs = counted(now.backlog.failed, "blob", "个数据块")
        yield both(f"{blobs} could not be stored", f"{blobs}未能写入存储")
    if now.backlog.oldest and timezone.now() - now.backlog.oldest > OLD:
        yield both("Blobs have waited for more than 10 minutes", "有数据块等待超过 10 分钟")
    pending, free = now.readiness.get("pending_bytes"), now.readiness.get("free_bytes")
    if isinstance(pending, int) and pending > settings.PENDING_LIMIT / 2:
        yield both("More than half of PENDING_LIMIT waits", "等待写入的数据超过 PENDING_LIMIT 的一半")
    if isinstance(free, int) and free < 4 * settings.MIN_FREE_BYTES:
        yield both(f"Only {filesizeformat(free)} of disk are free", f"磁盘仅剩 {filesizeformat(free)}")
    for name in (Chore.Name.VERIFY, Chore.Name.BACKUP, Chore.Name.COLLECT):
        chore = now.chores.get(name)
        if chore and not chore.ok:
            yield f"{CHORES[name][0]}: {_told(chore)}"


def _said(now: Operations, part: str) -> Any:
    return SAID[str(now.readiness[part])]


def _silent(now: Operations) -> Iterator[Any]:
    if not any(heard.role == heartbeats.WORKER and heard.live for heard in now.heard or ()):
        yield both("No worker is heard: nothing is stored", "没有运行中的 worker：数据不会写入存储")
    beat, sweep = now.last(heartbeats.BEAT), now.last(heartbeats.SWEEP)
    if beat is None or not beat.live:
        yield both("Beat is not heard: nothing starts by itself", "beat 未运行：后台任务不会自动执行")
    if sweep is None or timezone.now() - sweep.at > OLD:
        yield both("No sweep has ended for 10 minutes", "超过 10 分钟没有完成写入任务")


def _told(chore: Chore | None) -> str:
    """The figures of a chore that are not 0, in one line."""
    if chore is None:
        return ""
    figures = [str(counted(chore.result[name], *words)) for name, words in THINGS.items() if chore.result.get(name)]
    figures += [f"{chore.result[name]:,} {label}" for name, label in FIGURES.items() if chore.result.get(name)]
    size = [filesizeformat(chore.result["bytes"])] if chore.result.get("bytes") else []
    return ", ".join([*figures, *size])
