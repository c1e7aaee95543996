"""What all pages of the staff's door share: read-only, bilingual headings, search by draft."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from drafts.access.members import MANAGE, Role, acting_as
from drafts.core.errors import DomainError
from drafts.core.identifiers import parse_draft_url
from drafts.core.models import Blob
from drafts.core.words import both
from drafts.document.picture import words
from drafts.models import DraftFile, DraftVersion

from .paging import BoundedPaginator
from .terms import word

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # generic only in the stubs


P = ParamSpec("P")
Permission = Literal["view", "note", "restore", "trash", "purge", "retry", "manage"]
ROLES: dict[Permission, str] = {"view": Role.VIEWER, "manage": Role.ADMIN}  # of members; the others: editors


Trail = Sequence[tuple[str, object]]  # addresses and words


class GuardedAdmin(ModelAdmin):
    """Django looks for the row before it asks for the right to see it: whether there is one is not told."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What Django has noted of a row, for those who may see rows, whether there is one or not."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)


class ReadOnlyAdmin(GuardedAdmin):
    """History is never rewritten: nobody adds, changes or deletes anything here, superusers included.

    ``title`` heads the list, ``on_page`` are the fields of a row's page. ``draft_lookup`` is the way from
    the model to a draft's id, for models whose search box takes the beginning of an id, with or without
    hyphens, or a whole draft_url.
    """

    title: Any = ""
    actions: Any = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the whole table once for every choice
    list_per_page = 50
    paginator = BoundedPaginator
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

    def has_note_permission(self, request: HttpRequest) -> bool:
        """Whether the user may write the note of a version."""
        return request.user.has_perm("drafts.note_draftversion")

    def has_restore_permission(self, request: HttpRequest) -> bool:
        """Whether the user may restore a version, and copy one as a new draft."""
        return request.user.has_perm("drafts.restore_draft")

    def has_trash_permission(self, request: HttpRequest) -> bool:
        """Whether the user may put drafts into the trash and bring them back."""
        return request.user.has_perm("drafts.trash_draft")

    def has_purge_permission(self, request: HttpRequest) -> bool:
        """Whether the user may purge drafts, and hold them against it."""
        return request.user.has_perm("drafts.purge_draft")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whether the user may retry the persisting of blobs."""
        return request.user.has_perm("drafts.retry_draft")

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Whether the user may manage keys, links and members."""
        return request.user.has_perm(MANAGE)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under its title, under a plain one when it shows the rows of one thing alone."""
        alone = any(name.endswith("_id__exact") for name in request.GET)
        title = capfirst(self.opts.verbose_name_plural) if alone else self.title
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """What a row's page shows."""
        return self.on_page

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """All of it."""
        return self.on_page

    def facts(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What a row's page shows besides ``on_page``, in a template of its own."""
        return {}

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The page of a row."""
        row = kwargs.get("obj")
        if row is not None:
            context.update({"subtitle": None} | facts if (facts := self.facts(request, row)) else {})
        return super().render_change_form(request, context, *args, **kwargs)

    def page(
        self, request: HttpRequest, template: str, trail: Trail, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        """A page of our own inside the admin; ``trail`` leads from the list to this page, which is its last word."""
        frame = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": trail[-1][1],
            "trail": trail,
        }
        return TemplateResponse(request, f"admin/drafts/{template}.html", {**frame, **context}, status=status)

    def row(self, request: HttpRequest, key: str) -> Any:
        """The row with that key. Raises ``Http404``, and ``PermissionDenied`` for who may not see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_object(request, unquote(key))
        if found is None:
            raise Http404
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows that the search fields find, and those of the draft that the term names."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        if self.draft_lookup and term:
            found |= queryset.filter(Q((f"{self.draft_lookup}__startswith", draft_id_in(term))))
        return found, doubled


View = Callable[Concatenate[Any, HttpRequest, P], HttpResponseBase]


def demands(permission: Permission) -> Callable[[View[P]], View[P]]:
    """An admin's own view for staff who may view its model and have ``permission``; others are refused.

    A member of workspaces reaches there only those in which their role gives the permission.

    Actions of lists say ``@admin.action(permissions=["restore"])`` instead, and templates ask the same methods.
    """

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def checked(self: Any, request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not (self.has_view_permission(request) and getattr(self, f"has_{permission}_permission")(request)):
                raise PermissionDenied
            with acting_as(ROLES.get(permission, Role.EDITOR)):
                response = view(self, request, *args, **kwargs)
                if isinstance(response, TemplateResponse):
                    response.render()
                return response

        return checked

    return decorate


def draft_id_in(term: str) -> str:
    """The id that a search names: in a draft_url, with hyphens or without, or its beginning."""
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


def worded(field: str, en: str, zh: str) -> Callable[[Any], str]:
    """As :func:`column`, for a field of choices: the value in the reader's language."""

    @admin.display(description=both(en, zh))
    def value(row: Any) -> str:
        return word(attrgetter(field)(row))

    value.__name__ = f"shown_{field}"
    return value


def shown(value: object) -> str:
    """A value as a cell shows it: moments in UTC to the second, a dash for nothing."""
    if isinstance(value, datetime):
        parts = (f"{value:%Y-%m-%d}", f"{value:%H:%M:%S} UTC")
        return format_html_join(" ", '<span class="unbroken">{}</span>', ((part,) for part in parts))
    return "–" if value in (None, "") else str(value)


def size_column(field: str) -> Callable[[Any], str]:
    """A number of bytes, as people read it."""

    @admin.display(description=both("size", "大小"), ordering=field.replace(".", "__"))
    def shown_size(row: Any) -> str:
        return filesizeformat(attrgetter(field)(row))

    return shown_size


def clock(microseconds: int) -> str:
    """A duration as ``0:07.250`` or ``1:02:03.000``."""
    return words.clock(microseconds, digits=3)


@admin.display(description=both("canvas", "画布"))
def canvas(row: Any) -> str:
    """Width and height of a draft or a version, in pixels."""
    return f"{row.width}×{row.height}"


@admin.display(description=both("duration", "时长"), ordering="duration")
def length(row: Any) -> str:
    """Length of a draft or a version."""
    return clock(row.duration)


def maker(version: DraftVersion) -> str:
    """Who made a version: the author, else what is known of the caller."""
    return shown(version.author or " ".join((version.address, version.user_agent[:60])).strip())


def span(file: DraftFile) -> str:
    """The versions that have the file: ``3 – 5``, or ``3 – now`` while the draft still has it."""
    last = both("now", "当前") if file.removed_in is None else file.removed_in - 1
    return f"{file.added_in} – {last}"


def blob_state(blob: Blob) -> SafeString:
    """Where a blob's bytes are; a failed one stands out and says why."""
    return format_html('<span class="tag {}">{}</span> {}', blob.state, word(blob.state), blob.error)


def state_tag(state: str) -> SafeString:
    """Whether a key or link is in force."""
    return format_html('<span class="tag {}">{}</span>', state, word(state))


def link(url: str, text: object) -> SafeString:
    """A link."""
    return format_html('<a href="{}">{}</a>', url, text)


def links(*pairs: tuple[str, object]) -> SafeString:
    """Several links on one line."""
    return format_html_join(" · ", '<a href="{}">{}</a>', pairs)


def page(row: Model, text: object) -> SafeString:
    """A link to a row's own page."""
    return link(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]), text)


def rows(model: type[Model], **filters: object) -> str:
    """The address of a model's list, filtered."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?" + "&".join(f"{name}__exact={value}" for name, value in filters.items())
