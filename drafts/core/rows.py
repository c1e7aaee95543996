"""Rows of hand-written SQL as model instances.

For the few statements that every request of a draft begins with: the ORM takes longer to compose them than the
database to answer. The columns and their conversions are the model's own, so a new field needs no change here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from operator import attrgetter, methodcaller
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)
Row = Sequence[Any]


def fetch_one(sql: str, parameters: Sequence[Any]) -> Row | None:
    """The first row, or ``None``."""
    row: Row | None = _ask(sql, parameters, _FIRST)
    return row


def fetch_all(sql: str, parameters: Sequence[Any]) -> list[Row]:
    """All rows."""
    return list(_ask(sql, parameters, _ALL))


def execute(sql: str, parameters: Sequence[Any]) -> int:
    """Run a statement that returns nothing; returns how many rows it changed."""
    return int(_ask(sql, parameters, _CHANGED))


_FIRST, _ALL, _CHANGED = methodcaller("fetchone"), methodcaller("fetchall"), attrgetter("rowcount")


def _ask(sql: str, parameters: Sequence[Any], take: Callable[[Any], Any]) -> Any:
    """What ``take`` takes from the cursor that has run the statement."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "sqlite" and not database.execute_wrappers and not database.queries_logged:
        # Django's cursor translates the placeholders anew each time, which takes longer than SQLite's answer.
        database.ensure_connection()
        database.validate_no_broken_transaction()
        with database.wrap_database_errors, closing(database.connection.execute(_marked(sql), parameters)) as cursor:
            return take(cursor)
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
        return take(cursor)


@functools.lru_cache
def _marked(sql: str) -> str:
    """The statement with SQLite's placeholders."""
    return re.sub("(?<!%)%s", "?", sql).replace("%%", "%")


def moment(value: Any) -> Any:
    """A time as the database wants it."""
    return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(value)


def relate(row: models.Model, name: str, other: models.Model) -> None:
    """Let ``row`` know the object whose key it has, as ``select_related`` does it."""
    row._state.fields_cache[name] = other


@dataclass(frozen=True)
class Columns(Generic[M]):
    """The columns of a model under the alias that a statement gives its table.

    ``only`` names the columns that are wanted, all if it is empty; the others are deferred, as by ``QuerySet.only``.
    """

    model: type[M]
    alias: str
    only: tuple[str, ...] = ()

    @functools.cached_property
    def sql(self) -> str:
        """The columns for a SELECT, in the order that :meth:`instance` expects."""
        return ", ".join(f"{self.alias}.{field.column}" for field in self._fields)

    @functools.cached_property
    def count(self) -> int:
        """How many columns there are."""
        return len(self._fields)

    def place(self, name: str) -> int:
        """Where in the row a column is."""
        return self._names.index(name)

    def instance(self, row: Row, start: int = 0) -> M:
        """The model instance in ``row``, whose columns begin at ``start``."""
        values = list(row[start : start + self.count])
        for place, convert in self._conversions:
            if values[place] is not None:
                values[place] = convert(values[place])
        return self.holding(dict(zip(self._names, values, strict=True)))

    def holding(self, values: Mapping[str, Any]) -> M:
        """The model instance of a row with these values; attributes that are not among them are deferred."""
        # As unpickling does it: without a constructor that looks at every argument and sends two signals.
        made = self.model.__new__(self.model)
        made.__dict__.update(values, _state=ModelState())
        made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
        return made

    @functools.cached_property
    def _fields(self) -> list[Any]:
        return [field for field in self.model._meta.concrete_fields if not self.only or field.column in self.only]

    @functools.cached_property
    def _names(self) -> list[str]:
        return [field.attname for field in self._fields]

    @functools.cached_property
    def _conversions(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """What the database's own values need to become Python's, as the ORM would do it."""
        ops = connection.ops
        found: list[tuple[int, Callable[[Any], Any]]] = []
        for place, field in enumerate(self._fields):
            column = field.cached_col
            converters = (*ops.get_db_converters(column), *column.get_db_converters(connection))
            found += [(place, functools.partial(_converted, convert, column)) for convert in converters]
        return found


def _converted(convert: Callable[[Any, Any, Any], Any], column: Any, value: Any) -> Any:
    return convert(value, column, connection)
