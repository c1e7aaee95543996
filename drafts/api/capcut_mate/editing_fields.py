"""Fields that only editing calls have, and the parts that several of their inputs share."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from rest_framework import serializers

from .fields import LaxFloat, LaxInteger, Number, StrictString, WholeNumber, broken

NULLABLE: dict[str, Any] = {"required": False, "allow_null": True, "default": None}
CHOICE: dict[str, Any] = {"choices": ["store", "link"], **NULLABLE}
_CLOCK = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")
_UNITS = (3_600_000_000, 60_000_000, 1_000_000)


class UrlField(StrictString):
    """A URL that begins with ``http://`` or ``https://``."""

    default_error_messages = {"scheme": "scheme"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_blank": False, **options})

    def to_internal_value(self, data: Any) -> str:
        """The URL as it came, without blanks around it."""
        url = super().to_internal_value(data).strip()
        if not url.lower().startswith(("http://", "https://")):
            self.fail("scheme")
        return url


class TextField(StrictString):
    """Text with at least one visible character, of at most MAX_TEXT_LENGTH characters."""

    default_error_messages = {"max_text": "max_text"}

    def __init__(self, *, may_be_blank: bool = False, **options: Any) -> None:
        super().__init__(**{"allow_blank": may_be_blank, **options})
        self.may_be_blank = may_be_blank

    def to_internal_value(self, data: Any) -> str:
        """The text as it came."""
        text = super().to_internal_value(data)
        if not text.strip() and not self.may_be_blank:
            self.fail("blank")
        if len(text) > settings.MAX_TEXT_LENGTH:
            self.fail("max_text")
        return text


class NameField(StrictString):
    """A catalogue name; blanks around it do not count, and an empty one is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**NULLABLE, "max_length": settings.MAX_NAME_LENGTH, **options})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """The name, or ``None``."""
        return super().run_validation((data.strip() or None) if isinstance(data, str) else data)


class TitleField(StrictString):
    """A title that must be there; numbers count as text (contract 7.10)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": settings.MAX_NAME_LENGTH, "allow_blank": False, **options})

    def to_internal_value(self, data: Any) -> str:
        """The title without blanks around it."""
        number = isinstance(data, int | float) and not isinstance(data, bool)
        title = super().to_internal_value(str(data) if number else data).strip()
        if not title:
            self.fail("blank")
        return title


class DurationField(WholeNumber):
    """Microseconds as a number, as digits, or as text like ``1.5s`` and ``1m2s``; ``""``, null and 0 are none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**NULLABLE, "min_value": 0, **options})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """The duration, or ``None`` for the catalogue's own."""
        return super().run_validation(None if data == "" else _microseconds(data)) or None


def _microseconds(data: Any) -> Any:
    """A number for text that is one; anything else as it came, to be refused."""
    if not isinstance(data, str) or len(data) > 40:
        return data
    text = data.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    match = _CLOCK.fullmatch(text)
    if match is None or not text:
        return data
    return sum(float(number or 0) * unit for number, unit in zip(match.groups(), _UNITS, strict=True))


class SideField(LaxInteger):
    """Pixels of a picture's width or height, at least 1; ``""`` and null are none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**NULLABLE, "min_value": 1, "max_value": settings.MAX_CANVAS_SIDE, **options})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """The side, or ``None``."""
        return super().run_validation(None if data == "" else int(data) if isinstance(data, float) else data)


class SizeField(Number):
    """A font size; what is no number, or not above 0, counts as none (contract 7.9)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**NULLABLE, **options})

    def to_internal_value(self, data: Any) -> float | None:  # type: ignore[override]  # no size is none
        """The size, or ``None``."""
        usable = isinstance(data, int | float) and not isinstance(data, bool) and data > 0
        return super().to_internal_value(data) if usable else None


class VolumeField(Number):
    """A factor; null is 1, and so is what is out of range, which the reply's warnings then say."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**NULLABLE, **options})


class Span(serializers.Serializer[None]):
    """A range of the timeline in microseconds; fractions are cut off."""

    start = WholeNumber(min_value=0)
    end = WholeNumber()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """``end`` comes after ``start``."""
        if attrs["end"] <= attrs["start"]:
            raise broken("end", "after_start")
        return attrs


class Placement(serializers.Serializer[None]):
    """How visual segments lie on the canvas; positions in pixels from its centre."""

    alpha = LaxFloat(default=1.0, min_value=0, max_value=1)
    scale_x = LaxFloat(default=1.0)
    scale_y = LaxFloat(default=1.0)
    transform_x = LaxFloat(default=0.0)
    transform_y = LaxFloat(default=0.0)
