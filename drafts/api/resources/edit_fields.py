"""Fields of operations: strict, because whoever writes for this API can do it right."""

from __future__ import annotations

import math
import re
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers

from drafts.media.types import KINDS, Kind

from ..bodies import StringField
from ..capcut_mate.editing_fields import UrlField
from ..capcut_mate.fields import WHOLE, broken

MOST = 1_000_000.0  # no position, scale or size means more, and nothing overflows
OPTIONAL: dict[str, Any] = {"required": False}
NULLABLE: dict[str, Any] = {"required": False, "allow_null": True}
_COLOR = re.compile("#[0-9A-Fa-f]{6}")


class Op(serializers.Field[str, Any, str, Any]):
    """The name of an operation."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def to_internal_value(self, data: Any) -> str:
        """The name, by which the serializer was chosen."""
        return self.name


class Whole(serializers.IntegerField):
    """A whole number, not as text; ``5.0`` is one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": -WHOLE, "max_value": WHOLE, **options})

    def to_internal_value(self, data: Any) -> int:
        """The integer."""
        if not isinstance(data, int | float) or isinstance(data, bool) or data != data // 1:
            self.fail("invalid")
        return int(data)


class Time(Whole):
    """Microseconds from 0."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, **options})


class Real(serializers.FloatField):
    """A finite number, not as text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": -MOST, "max_value": MOST, **options})

    def to_internal_value(self, data: Any) -> float:
        """The float."""
        if not isinstance(data, int | float) or isinstance(data, bool) or not math.isfinite(data):
            self.fail("invalid")
        return float(data)


class Flag(serializers.BooleanField):
    """true or false, and nothing that means it."""

    def to_internal_value(self, data: Any) -> bool:
        """The flag."""
        if not isinstance(data, bool):
            self.fail("invalid")
        return bool(data)


class Choice(serializers.ChoiceField):
    """One of some words."""

    def to_internal_value(self, data: Any) -> Any:
        """The word."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=type(data).__name__)
        return super().to_internal_value(data)


class Name(StringField):
    """A name that must be there, without blanks around it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": settings.MAX_NAME_LENGTH, **options})


class Color(StringField):
    """``#rrggbb``; in a change of style "" takes the colour away."""

    default_error_messages = {"color": "color"}

    def to_internal_value(self, data: Any) -> str:
        """The colour in lower case."""
        color = super().to_internal_value(data)
        if color and not _COLOR.fullmatch(color):
            self.fail("color")
        return color.lower()


class SubtitleField(StringField):
    """A whole subtitle file. Its cues are limited before anything looks for markup in them, which takes the square."""

    default_error_messages = {"max_items": "max_items", "max_cue": "max_cue"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **options})

    def to_internal_value(self, data: Any) -> str:
        """The text as it came."""
        text = super().to_internal_value(data)
        _, *cues = text.split("-->")
        if len(cues) > settings.MAX_LIST_ITEMS:
            self.fail("max_items")
        if any(len(cue) > settings.MAX_TEXT_LENGTH for cue in cues):
            self.fail("max_cue")
        return text


class Items(serializers.ListField):
    """A list of at most MAX_LIST_ITEMS items."""

    default_error_messages = {"max_items": "max_items"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_empty": False, **options})
        self.min_length = None if self.allow_empty else 1  # for the description; an empty list is refused as such

    def to_internal_value(self, data: Any) -> list[Any]:
        """The items."""
        if isinstance(data, list) and len(data) > settings.MAX_LIST_ITEMS:
            self.fail("max_items")
        return super().to_internal_value(data)


class Part(serializers.Serializer[Any]):
    """What becomes one dataclass, ``makes``; values that are not given keep the dataclass' defaults."""

    makes: ClassVar[type]


class MediaPart(Part):
    """A part that shows media: from a URL, or a file that the draft has. It becomes the dataclass' ``source``."""

    kinds: ClassVar[tuple[Kind, ...]] = KINDS
    code: ClassVar[int] = 2005
    url = UrlField(required=False, help_text="http or https; fetched, stored and checked before the draft is edited")
    file = StringField(
        required=False, max_length=settings.MAX_PATH_LENGTH, help_text="or the path of a file that the draft has"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("url" in attrs) == ("file" in attrs):
            raise broken("url", "url_or_file")
        return attrs
