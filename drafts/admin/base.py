"""What all pages of the staff's door share: read-only, bilingual headings, search by draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from drafts.core.errors import DomainError
from drafts.core.identifiers import parse_draft_url
from drafts.core.models import Blob

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # generic only in the stubs


def _pick(en: str, zh: str) -> str:
    return zh if (get_language() or "").startswith("zh") else en


def both(en: str, zh: str) -> Any:
    """A label in the language of whoever reads the page."""
    return lazy(_pick, str)(en, zh)


class ReadOnlyAdmin(ModelAdmin):
    """History is never rewritten: nobody adds, changes or deletes anything here, superusers included.

    ``title`` heads the list, ``on_page`` are the fields of a row's page. ``draft_lookup`` is the way from
    the model to a draft's id, for models whose search box takes the beginning of an id, with or without
    hyphens, or a whole draft_url.
    """

    title: Any = ""
    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the whole table once for every choice
    list_per_page = 50
    draft_lookup = ""
    on_page: Sequence[Any] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under its title."""
        return super().changelist_view(request, {"title": self.title, **(extra_context or {})})

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """What a row's page shows."""
        return self.on_page

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """All of it."""
        return self.on_page

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows that the search fields find, and those of the draft that the term names."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        if self.draft_lookup and term:
            found |= queryset.filter(Q((f"{self.draft_lookup}__startswith", _draft_id(term))))
        return found, doubled


def _draft_id(term: str) -> str:
    try:
        return parse_draft_url(term).id
    except DomainError:
        return term.replace("-", "")


def column(field: str, en: str, zh: str, *, sortable: bool = False) -> Callable[[Any], str]:
    """A plain value under a bilingual heading; ``field`` may lead over a relation (``content.sha256``)."""

    @admin.display(description=both(en, zh), ordering=field.replace(".", "__") if sortable else None)
    def value(row: Any) -> str:
        return shown(attrgetter(field)(row))

    value.__name__ = f"shown_{field.replace('.', '_')}"  # not the field's own: its help text is for programmers
    return value


def shown(value: object) -> str:
    """A value as a cell shows it: moments in UTC to the second, a dash for nothing."""
    if isinstance(value, datetime):
        words = (f"{value:%Y-%m-%d}", f"{value:%H:%M:%S} UTC")
        return format_html_join(" ", '<span style="white-space: nowrap">{}</span>', ((word,) for word in words))
    return "–" if value in (None, "") else str(value)


def size_column(field: str) -> Callable[[Any], str]:
    """A number of bytes, as people read it."""

    @admin.display(description=both("size", "大小"), ordering=field.replace(".", "__"))
    def size(row: Any) -> str:
        return filesizeformat(attrgetter(field)(row))

    return size


def clock(microseconds: int) -> str:
    """A duration as ``0:07.250`` or ``1:02:03.000``."""
    seconds, thousandths = divmod(microseconds // 1000, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    front = f"{hours}:{minutes:02}" if hours else str(minutes)
    return f"{front}:{seconds:02}.{thousandths:03}"


@admin.display(description=both("canvas", "画布"))
def canvas(row: Any) -> str:
    """Width and height of a draft or a version, in pixels."""
    return f"{row.width}×{row.height}"


@admin.display(description=both("duration", "时长"), ordering="duration")
def length(row: Any) -> str:
    """Length of a draft or a version."""
    return clock(row.duration)


def blob_state(blob: Blob) -> SafeString | str:
    """Where a blob's bytes are; a failed one stands out and says why."""
    if blob.state == Blob.State.FAILED:
        return format_html('<strong style="color: var(--error-fg)">failed</strong> {}', blob.error)
    return f"{blob.state}: {blob.error}" if blob.error else blob.state


def link(url: str, text: object) -> SafeString:
    """A link."""
    return format_html('<a href="{}">{}</a>', url, text)


def links(*pairs: tuple[str, object]) -> SafeString:
    """Several links on one line."""
    return SafeString(" · ".join(link(url, text) for url, text in pairs))


def page(row: Model, text: object) -> SafeString:
    """A link to a row's own page."""
    return link(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]), text)


def rows(model: type[Model], **filters: object) -> str:
    """The address of a model's list, filtered."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?" + "&".join(f"{name}__exact={value}" for name, value in filters.items())
