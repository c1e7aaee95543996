"""What the list of drafts can be filtered by."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from drafts.core.models import Blob
from drafts.core.words import both
from drafts.models import Draft, DraftSummary
from drafts.selectors.states import drafts_with

MB = 1024 * 1024


class Choices(admin.SimpleListFilter):
    """A filter with fixed choices: name in the address, label, condition."""

    choices_of: tuple[tuple[str, Any, Q], ...] = ()

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Draft]) -> list[tuple[str, Any]]:
        """The choices."""
        return [(name, label) for name, label, _ in self.choices_of]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Draft]) -> QuerySet[Draft]:
        """Drafts of the chosen kind; all of them when none is chosen."""
        wanted = {name: condition for name, _, condition in self.choices_of}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(wanted)


class StateFilter(Choices):
    """In use or in the trash; in the store or not."""

    title = both("state", "状态")
    parameter_name = "state"
    choices_of = (
        ("active", both("in use", "使用中"), Q(deleted_at__isnull=True)),
        ("trashed", both("in the trash", "回收站"), Q(deleted_at__isnull=False)),
    )

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Draft]) -> list[tuple[str, Any]]:
        """Those of the draft, then those of its bytes."""
        storing = [
            ("stored", both("all stored", "已全部存储")),
            (Blob.State.PENDING, both("pending", "等待存储")),
            (Blob.State.FAILED, both("failed", "存储失败")),
        ]
        return [*super().lookups(request, model_admin), *storing]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Draft]) -> QuerySet[Draft]:
        """Drafts of the chosen state."""
        match self.value():
            case "stored":
                return queryset.exclude(pk__in=drafts_with(*Blob.WAITING))
            case Blob.State.PENDING | Blob.State.FAILED as state:
                return queryset.filter(pk__in=drafts_with(str(state)))
        return super().queryset(request, queryset)


class SizeFilter(Choices):
    """Document and working files together."""

    title = both("size", "大小")
    parameter_name = "size"
    choices_of = (
        ("s", both("up to 10 MB", "10 MB 以下"), Q(summary__size__lte=10 * MB)),
        ("m", both("10 to 100 MB", "10–100 MB"), Q(summary__size__gt=10 * MB, summary__size__lte=100 * MB)),
        ("l", both("100 MB to 1 GB", "100 MB–1 GB"), Q(summary__size__gt=100 * MB, summary__size__lte=1024 * MB)),
        ("xl", both("over 1 GB", "1 GB 以上"), Q(summary__size__gt=1024 * MB)),
    )


class IntegrityFilter(Choices):
    """What the rules found when the draft was last read."""

    title = both("integrity", "完整性")
    parameter_name = "integrity"
    choices_of = (
        ("errors", both("errors", "有错误"), Q(summary__errors__gt=0)),
        ("warnings", both("warnings only", "仅有警告"), Q(summary__errors=0, summary__warnings__gt=0)),
        ("sound", both("sound", "正常"), Q(summary__errors=0, summary__warnings=0, summary__error="")),
        ("unread", both("could not be read", "无法读取"), Q(summary__error__gt="")),
    )


class MissingMediaFilter(Choices):
    """Whether files are missing that the document names."""

    title = both("media", "素材")
    parameter_name = "media"
    choices_of = (
        ("missing", both("missing", "有缺失"), Q(summary__missing_media__gt=0)),
        ("complete", both("complete", "齐全"), Q(summary__missing_media=0)),
    )


class ProfileFilter(admin.SimpleListFilter):
    """The application that wrote the document last."""

    title = both("application", "应用")
    parameter_name = "app"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Draft]) -> list[tuple[str, Any]]:
        """Those that there are."""
        found = DraftSummary.objects.order_by("app_profile").values_list("app_profile", flat=True).distinct()[:50]
        return [(profile, profile) for profile in found if profile]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Draft]) -> QuerySet[Draft]:
        """Drafts that it wrote."""
        return queryset.filter(summary__app_profile=self.value()) if self.value() else queryset
