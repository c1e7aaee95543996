"""Fields that coerce as the reference does (contract 1.8), and lists that may come as JSON text.

Use them in a serializer and read it with ``bodies.validated``: every refusal names the field by its path
(``captions[3].end``), in both languages. A rule over several fields is raised in ``validate`` with :func:`broken`.
"""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from rest_framework import serializers

from drafts.document import canonical

from ..bodies import StringField

WHOLE = 2**53 - 1  # the largest whole number that a JavaScript client keeps


def broken(field: str, rule: str) -> serializers.ValidationError:
    """``field`` breaks ``rule``, one of ``bodies.RULES``; to be raised in ``validate``."""
    return serializers.ValidationError({field: [serializers.ErrorDetail(rule, code=rule)]})


class LaxInteger(serializers.IntegerField):
    """A whole number, also as ``5.0`` or ``"5"``, not ``5.5``; within what JavaScript keeps.

    ``true`` and ``false`` count as 1 and 0.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": -WHOLE, "max_value": WHOLE, **options})

    def to_internal_value(self, data: Any) -> int:
        """The integer."""
        return super().to_internal_value(int(data) if isinstance(data, bool) else data)


class LaxFloat(serializers.FloatField):
    """A finite number, also as a numeric string."""

    def to_internal_value(self, data: Any) -> float:
        """The float."""
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class LaxBoolean(serializers.BooleanField):
    """true, false, 0, 1, and the words yes, no, on, off, true, false in any case."""


class StrictString(StringField):
    """A string and nothing else, kept as it is: blanks are not trimmed, an empty one is allowed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, "allow_blank": True, **options})


class BoundedString(StrictString):
    """A string of at most MAX_TEXT_LENGTH characters."""

    default_error_messages = {"max_text": "max_text"}

    def to_internal_value(self, data: Any) -> str:
        """The string as it came."""
        value = super().to_internal_value(data)
        if len(value) > settings.MAX_TEXT_LENGTH:
            self.fail("max_text")
        return value


class Number(serializers.FloatField):
    """A finite number inside a JSON-string, where numeric strings do not count (contract 7)."""

    def to_internal_value(self, data: Any) -> float:
        """The float."""
        if not isinstance(data, int | float) or not math.isfinite(data):
            self.fail("invalid")
        return float(data)


class WholeNumber(serializers.IntegerField):
    """A number inside a JSON-string, cut towards zero; numeric strings do not count (contract 7)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": -WHOLE, "max_value": WHOLE, **options})

    def to_internal_value(self, data: Any) -> int:
        """The integer."""
        if not isinstance(data, int | float) or not math.isfinite(data):
            self.fail("invalid")
        return int(data)


class ArrayField(serializers.ListField):
    """An array of at most MAX_LIST_ITEMS items; the same as JSON text will do (contract 8, rows 12 and 38)."""

    default_error_messages = {"not_a_list": "array", "json": "json", "max_items": "max_items"}

    def to_internal_value(self, data: Any) -> list[Any]:
        """The items, each through the child field."""
        value = self.from_text(data) if isinstance(data, str) else data
        if not isinstance(value, list):
            self.fail("not_a_list")
        if len(value) > settings.MAX_LIST_ITEMS:
            self.fail("max_items")
        return super().to_internal_value(value)

    def from_text(self, text: str) -> Any:
        """What the JSON text says."""
        try:
            return canonical.loads(text.encode(), max_depth=settings.MAX_DOCUMENT_DEPTH)
        except (canonical.DocumentError, UnicodeEncodeError):
            self.fail("json")


class JsonArrayField(ArrayField):
    """An array that clients of the reference send as JSON text; a real array will do."""
