"""Filters and pages of lists."""

from __future__ import annotations

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Q, QuerySet
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from drafts.core.errors import FieldError, InvalidParameter, Text
from drafts.models import Draft

from ..links import base_url

ORDERINGS = ("created_at", "updated_at", "name", "size")


class DraftFilter(django_filters.FilterSet):
    """Search by name or id; dates, sizes of the document in bytes, state (default: active)."""

    search = django_filters.CharFilter(method="by_text", label="part of the name, or the beginning of the id")
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="lt")
    size_min = django_filters.NumberFilter(field_name="size", lookup_expr="gte", min_value=0, max_value=2**62)
    size_max = django_filters.NumberFilter(field_name="size", lookup_expr="lte", min_value=0, max_value=2**62)
    state = django_filters.ChoiceFilter(
        choices=[*Draft.State.choices, ("all", "all")], method="by_state", label="active, trashed or all"
    )

    class Meta:
        model = Draft
        fields: list[str] = []

    def by_text(self, queryset: QuerySet[Draft], name: str, value: str) -> QuerySet[Draft]:
        """Part of the name in any case, or the beginning of the id with or without hyphens."""
        if "\0" in value:
            raise InvalidParameter.of("search", "nul", Text("search must not contain NUL", "search不能包含空字符"))
        return queryset.filter(Q(name__icontains=value) | Q(id__startswith=value.replace("-", "")))

    def by_state(self, queryset: QuerySet[Draft], name: str, value: str) -> QuerySet[Draft]:
        """Applied by :func:`filtered`, because the default is not "all"."""
        return queryset


def filtered(queryset: QuerySet[Draft], request: Request) -> QuerySet[Draft]:
    """The drafts that the query asks for. Raises ``InvalidParameter`` naming each bad field."""
    wanted = DraftFilter(request.query_params, queryset=queryset)
    if not wanted.is_valid():
        errors = [
            FieldError(field, str(found.as_data()[0].code), Text(f"{field} is not valid", f"{field}无效"))
            for field, found in wanted.errors.items()
        ]
        raise InvalidParameter(errors[0].text, errors=errors)
    state = wanted.form.cleaned_data.get("state") or "active"
    found: QuerySet[Draft] = wanted.qs
    return found if state == "all" else found.filter(deleted_at__isnull=state == "active")


def ordering_of(request: Request) -> str:
    """The order that the query asks for, newest first by default."""
    asked = str(request.query_params.get("ordering") or "-created_at")
    if asked.removeprefix("-") not in ORDERINGS:
        names = ", ".join(ORDERINGS)
        text = Text(f"ordering must be one of {names}, or one with -", f"ordering 必须是 {names} 之一，可加 - 前缀")
        raise InvalidParameter.of("ordering", "choice", text)
    return asked


class Pages(CursorPagination):
    """``{next, previous, results}``; ``page_size`` up to ``MAX_PAGE_SIZE``."""

    page_size_query_param = "page_size"
    max_page_size = settings.MAX_PAGE_SIZE
    page_size = settings.PAGE_SIZE

    def __init__(self, ordering: str = "-created_at") -> None:
        self._ordering = ordering

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        """The order, made total by the primary key."""
        sign = "-" if self._ordering.startswith("-") else ""
        return (self._ordering, f"{sign}pk")

    def get_page_size(self, request: Request) -> int:
        """Entries a page. Raises ``InvalidParameter`` naming the limit."""
        raw = request.query_params.get("page_size", "")
        if not raw:
            return settings.PAGE_SIZE
        if not (raw.isascii() and raw.isdecimal() and 1 <= int(raw[:9]) <= settings.MAX_PAGE_SIZE and len(raw) < 9):
            limit = settings.MAX_PAGE_SIZE
            text = Text(
                f"page_size must be from 1 to {limit} (MAX_PAGE_SIZE)", f"page_size 必须在 1 到 {limit} 之间（MAX_PAGE_SIZE）"
            )
            raise InvalidParameter.of("page_size", "range", text)
        return int(raw)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place in the list. Raises ``InvalidParameter`` for a cursor that we did not make."""
        try:
            cursor = super().decode_cursor(request)
            self._check_position(cursor)
        except Exception as error:
            raise InvalidParameter.of("cursor", "invalid", Text("cursor is not valid", "cursor无效")) from error
        return cursor

    def _check_position(self, cursor: Cursor | None) -> None:
        if cursor is None or cursor.position is None:
            return
        name = self._ordering.removeprefix("-")
        if name == "size" or name == "number":
            int(cursor.position)
        elif name != "name":
            Draft._meta.get_field(name).to_python(cursor.position)
        if "\0" in cursor.position:
            raise ValueError("NUL")

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any] | None:
        """One page; links follow ``PUBLIC_URL``."""
        page = super().paginate_queryset(queryset, request, view)
        self.base_url = base_url(request._request) + request._request.get_full_path()
        return page
