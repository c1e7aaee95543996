"""Filters and pages of lists."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import django_filters
import orjson
from django import forms
from django.conf import settings
from django.db.models import CharField, Model, Q, QuerySet
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from drafts.core.errors import FieldError, InvalidParameter, Text
from drafts.core.links import base_url
from drafts.models import Draft, DraftEvent
from drafts.selectors.search import LONGEST, search_drafts

from .queries import given

ORDERINGS = ("created_at", "updated_at", "name", "size")
NUMBERS = ("id", "number", "size")
LARGEST = 2**62
Position = tuple[Any, Any]


class BytesFilter(django_filters.NumberFilter):
    """A whole number of bytes."""

    field_class = forms.IntegerField


class DraftFilter(django_filters.FilterSet):
    """Search; dates, sizes of the document in bytes, state (default: active)."""

    search = django_filters.CharFilter(
        method="by_text",
        max_length=LONGEST,
        label="a draft_url or file URL, the beginning of an id (4 characters) or of a file's SHA-256 (8), a request "
        "id, or words that all stand in name, captions and file names; new words are found within a second or so, "
        f"and at most {settings.MAX_FOUND} drafts (MAX_FOUND)",
    )
    created_after = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="lt")
    size_min = BytesFilter(field_name="size", lookup_expr="gte", min_value=0, max_value=LARGEST)
    size_max = BytesFilter(field_name="size", lookup_expr="lte", min_value=0, max_value=LARGEST)
    state = django_filters.ChoiceFilter(
        choices=[*Draft.State.choices, ("all", "all")], method="by_state", label="active, trashed or all"
    )

    class Meta:
        model = Draft
        fields: list[str] = []

    def by_text(self, queryset: QuerySet[Draft], name: str, value: str) -> QuerySet[Draft]:
        """What :func:`search_drafts` finds."""
        return queryset.filter(pk__in=search_drafts(value).ids)

    def by_state(self, queryset: QuerySet[Draft], name: str, value: str) -> QuerySet[Draft]:
        """Applied by :func:`filtered`, because the default is not "all"."""
        return queryset


def filtered(queryset: QuerySet[Draft], request: Request) -> QuerySet[Draft]:
    """The drafts that the query asks for. Raises ``InvalidParameter`` naming each bad field."""
    wanted = _checked_filter(DraftFilter(request.query_params, queryset=queryset), request)
    state = wanted.form.cleaned_data.get("state") or "active"
    found: QuerySet[Draft] = wanted.qs
    return found if state == "all" else found.filter(deleted_at__isnull=state == "active")


class EventFilter(django_filters.FilterSet):
    """What was done, and when."""

    verb = django_filters.ChoiceFilter(choices=DraftEvent.Verb.choices)
    since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = DraftEvent
        fields: list[str] = []


def filtered_events(queryset: QuerySet[DraftEvent], request: Request) -> QuerySet[DraftEvent]:
    """The events that the query asks for. Raises ``InvalidParameter`` naming each bad field."""
    found: QuerySet[DraftEvent] = _checked_filter(EventFilter(request.query_params, queryset=queryset), request).qs
    return found


def _checked_filter(wanted: django_filters.FilterSet, request: Request) -> django_filters.FilterSet:
    for name, kind in wanted.filters.items():
        if not isinstance(kind, django_filters.CharFilter):
            given(request._request, name)
    if not wanted.is_valid():
        raise _invalid({field: str(found.as_data()[0].code) for field, found in wanted.errors.items()})
    values = wanted.form.cleaned_data
    far = {field: "range" for field, value in values.items() if isinstance(value, datetime) and not _in_utc(value)}
    if far:
        raise _invalid(far)
    return wanted


def _invalid(rules: dict[str, str]) -> InvalidParameter:
    errors = [FieldError(field, rule, Text(f"{field} is not valid", f"{field}无效")) for field, rule in rules.items()]
    return InvalidParameter(errors[0].text, errors=errors)


def _in_utc(moment: datetime) -> bool:
    """Whether the moment lies in the years 1 to 9999 of UTC too, as databases want it."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return False
    return True


def ordering_of(request: Request) -> str:
    """The order that the query asks for, newest first by default."""
    asked = given(request._request, "ordering") or "-created_at"
    if asked.removeprefix("-") not in ORDERINGS:
        names = ", ".join(ORDERINGS)
        text = Text(f"ordering must be one of {names}, or one with -", f"ordering 必须是 {names} 之一，可加 - 前缀")
        raise InvalidParameter.of("ordering", "choice", text)
    return asked


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, with the links to its neighbours."""

    rows: Sequence[Any]
    next: str | None
    previous: str | None

    def reply(self, results: Sequence[Any]) -> dict[str, Any]:
        """``{next, previous, results}``."""
        return {"next": self.next, "previous": self.previous, "results": results}


@dataclass(frozen=True, slots=True)
class _Cursor:
    """A place between two rows: the ordering field and the primary key of the row before it, and a direction.

    Both together are unique, so that any number of rows may share one value of the field.
    """

    ordering: str
    back: bool
    position: Position

    def encode(self) -> str:
        data = orjson.dumps([self.ordering, self.back, *self.position])
        return base64.urlsafe_b64encode(data).decode().rstrip("=")


def page_of(queryset: QuerySet[Any], request: Request, ordering: str) -> Page:
    """The page that the query asks for. Raises ``InvalidParameter`` for a bad ``cursor`` or ``page_size``."""
    size = _page_size(request)
    cursor = _cursor(request, ordering, queryset.model)
    back = cursor is not None and cursor.back
    descending = ordering.startswith("-") != back
    field = ordering.removeprefix("-")
    if cursor is not None:
        queryset = queryset.filter(_beyond(field, cursor.position, descending=descending))
    sign = "-" if descending else ""
    rows = list(queryset.order_by(f"{sign}{field}", f"{sign}pk")[: size + 1])
    more = len(rows) > size
    rows = rows[:size][::-1] if back else rows[:size]
    ends = [_link(request, _Cursor(ordering, flag, _position(row, field))) for flag, row in _ends(rows)]
    previous, following = ends or (None, None)
    return Page(rows, following if more or back else None, previous if (more if back else cursor) else None)


def _ends(rows: list[Any]) -> list[tuple[bool, Any]]:
    return [(True, rows[0]), (False, rows[-1])] if rows else []


def _beyond(field: str, position: Position, *, descending: bool) -> Q:
    """Rows after the position; the first condition is what an index can use."""
    value, pk = position
    side = "lt" if descending else "gt"
    return Q(**{f"{field}__{side}e": value}) & (Q(**{f"{field}__{side}": value}) | Q(**{f"pk__{side}": pk}))


def _position(row: Model, field: str) -> Position:
    return getattr(row, field), row.pk


def _link(request: Request, cursor: _Cursor) -> str:
    here = base_url(request._request) + request._request.get_full_path()
    return replace_query_param(here, "cursor", cursor.encode())


def _cursor(request: Request, ordering: str, model: type[Model]) -> _Cursor | None:
    raw = request.query_params.get("cursor", "")
    if not raw:
        return None
    try:
        made_for, back, value, pk = orjson.loads(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
        if made_for != ordering or type(back) is not bool:
            raise ValueError(made_for)
        field = ordering.removeprefix("-")
        key: type = str if isinstance(model._meta.pk, CharField) else int
        value = _moment(value) if field.endswith("_at") else _checked(value, int if field in NUMBERS else str)
        return _Cursor(ordering, back, (value, _checked(pk, key)))
    except (ValueError, TypeError) as error:
        raise InvalidParameter.of("cursor", "invalid", Text("cursor is not valid", "cursor无效")) from error


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.utcoffset() is None or not _in_utc(moment):
        raise ValueError(value)
    return moment


def _checked(value: Any, kind: type) -> Any:
    """A string or a number that any database takes."""
    fits = "\0" not in value if isinstance(value, str) else isinstance(value, int) and abs(value) <= LARGEST
    if type(value) is not kind or not fits:
        raise ValueError(value)
    return value


def _page_size(request: Request) -> int:
    raw = given(request._request, "page_size")
    if raw is None:
        return settings.PAGE_SIZE
    limit = settings.MAX_PAGE_SIZE
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 9 and 1 <= int(raw) <= limit):
        text = Text(
            f"page_size must be from 1 to {limit} (MAX_PAGE_SIZE)",
            f"page_size 必须在 1 到 {limit} 之间（MAX_PAGE_SIZE）",
        )
        raise InvalidParameter.of("page_size", "range", text)
    return int(raw)
