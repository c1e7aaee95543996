"""Values of a query: what is no text is given with a value, or not at all."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest

from drafts.core.errors import InvalidParameter, Text

from ..bodies import RULES

Default = TypeVar("Default", bool, None)


def given(request: HttpRequest, name: str) -> str | None:
    """What the query says of ``name``, ``None`` without it. Raises ``InvalidParameter`` for an empty value.

    A script whose variable is empty asks for something else than one that does not ask: taken for "not given",
    ``?since=`` would be answered with everything.
    """
    value = request.GET.get(name)
    if value == "":
        raise InvalidParameter.of(name, "blank", RULES["blank"].format(field=name))
    return value


def flag(request: HttpRequest, name: str, *, default: Default) -> bool | Default:
    """Whether the query says ``true``. Raises ``InvalidParameter``."""
    value = given(request, name)
    if value is None:
        return default
    if value not in {"true", "false"}:
        raise InvalidParameter.of(name, "boolean", Text(f"{name} must be true or false", f"{name}必须是true或false"))
    return value == "true"
