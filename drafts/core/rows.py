"""Rows of hand-written SQL as model instances.

For the few statements that every request of a draft begins with: the ORM takes longer to compose them than the
database to answer. The columns and their conversions are the model's own, so a new field needs no change here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)
Row = Sequence[Any]


def fetch_one(sql: str, parameters: Sequence[Any]) -> Row | None:
    """The first row, or ``None``."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: Row | None = cursor.fetchone()
        return row


def fetch_all(sql: str, parameters: Sequence[Any]) -> list[Row]:
    """All rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def execute(sql: str, parameters: Sequence[Any]) -> int:
    """Run a statement that returns nothing; returns how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def moment(value: Any) -> Any:
    """A time as the database wants it."""
    return connection.ops.adapt_datetimefield_value(value)


@dataclass(frozen=True)
class Columns(Generic[M]):
    """The columns of a model under the alias that a statement gives its table."""

    model: type[M]
    alias: str

    @functools.cached_property
    def sql(self) -> str:
        """The columns for a SELECT, in the order that :meth:`instance` expects."""
        return ", ".join(f"{self.alias}.{field.column}" for field in self.model._meta.concrete_fields)

    @functools.cached_property
    def count(self) -> int:
        """How many columns there are."""
        return len(self.model._meta.concrete_fields)

    def instance(self, row: Row, start: int = 0) -> M:
        """The model instance in ``row``, whose columns begin at ``start``."""
        values = list(row[start : start + self.count])
        for place, convert in self._conversions:
            values[place] = convert(values[place])
        # As unpickling does it: without a constructor that looks at every argument and sends two signals.
        made = self.model.__new__(self.model)
        made.__dict__.update(zip(self._names, values, strict=True), _state=ModelState())
        made._state.adding, made._state.db = False, connection.alias
        return made

    @functools.cached_property
    def _names(self) -> list[str]:
        return [field.attname for field in self.model._meta.concrete_fields]

    @functools.cached_property
    def _conversions(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """What the database's own values need to become Python's, as the ORM would do it."""
        ops = connection.ops
        found: list[tuple[int, Callable[[Any], Any]]] = []
        for place, field in enumerate(self.model._meta.concrete_fields):
            column = field.cached_col
            converters = (*ops.get_db_converters(column), *column.get_db_converters(connection))
            found += [(place, functools.partial(_converted, convert, column)) for convert in converters]
        return found


def _converted(convert: Callable[[Any, Any, Any], Any], column: Any, value: Any) -> Any:
    return convert(value, column, connection)
