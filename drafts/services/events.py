"""The record of who did what: one event for every change to a draft, in the transaction of the change."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone

from drafts.access import idempotency
from drafts.access.caller import current_caller
from drafts.core.rows import execute, moment
from drafts.models import DraftEvent

Verb = DraftEvent.Verb
Arguments = Mapping[str, Any]

MOST_BYTES = 2048
# Items of a list and characters of a text that are kept, ever fewer until what is kept is short enough.
STEPS = ((5, 200), (3, 100), (1, 50), (0, 20))
_URL = re.compile(r"(https?://)(?:[^\s/?#@]*@)?([^\s?#]*)[?#]?[^\s]*", re.IGNORECASE)

COLUMNS = "draft_id, verb, arguments, version, door, user_id, actor, address, user_agent, request_id, created_at"
PLACES = "%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s"
INSERT = f"INSERT INTO drafts_draftevent ({COLUMNS}) VALUES ({PLACES})"  # noqa: S608 - fixed parts


def record(
    verb: str, *, draft_id: str, arguments: Arguments | None = None, version: int | None = None, author: str = ""
) -> None:
    """Write that the current caller did ``verb`` to the draft; in the transaction of the change.

    ``arguments`` are what it was done with: they are bounded and rid of secrets here. ``version`` is the number of the
    version made or named, ``author`` who a program says that it acts for.
    """
    execute(INSERT, values(verb, draft_id=draft_id, arguments=arguments, version=version, author=author))


def values(
    verb: str,
    *,
    draft_id: str,
    arguments: Arguments | None = None,
    version: int | None = None,
    author: str = "",
    at: datetime | None = None,
) -> list[Any]:
    """An event, for ``COLUMNS``; it happens ``at`` that moment, now if ``None``."""
    caller = current_caller()
    idempotency.concerns(draft_id)
    return [
        draft_id,
        str(verb),
        bounded(arguments or {}),
        version,
        str(caller.door),
        caller.user_id,
        caller.name or author,
        caller.address,
        caller.user_agent,
        caller.request_id,
        moment(at or timezone.now()),
    ]


def bounded(arguments: Arguments) -> str:
    """``arguments`` as JSON of at most ``MOST_BYTES``: URLs without query and credentials, texts cut, lists begun.

    Values may be dataclasses, of which only what differs from the default is told.
    """
    if not arguments:
        return "{}"
    for items, characters in STEPS:
        data = orjson.dumps(_plain(arguments, items, characters))
        if len(data) <= MOST_BYTES:
            break
    else:
        data = orjson.dumps({"shortened": sorted(arguments)})
    return data.decode()


def _plain(value: Any, items: int, characters: int) -> Any:
    if isinstance(value, str):
        return _text(value, characters)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        told = ((name, each) for name, each in value.items() if each not in (None, "", [], ()))
        return {str(name): _plain(each, items, characters) for name, each in told}
    if dataclasses.is_dataclass(value):
        return {name: _plain(each, items, characters) for name, each in _told(value)}
    if not items:
        return len(value)
    begun = [_plain(each, items, characters) for each in value[:items]]
    return begun if len(value) <= items else [*begun, f"+ {len(value) - items}"]


def _told(value: Any) -> list[tuple[str, Any]]:
    """The fields of a dataclass that differ from their default."""
    found = []
    for field in dataclasses.fields(value):
        each = getattr(value, field.name)
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        if each != default:
            found.append((field.name, each))
    return found


def _text(value: str, characters: int) -> str:
    if "://" in value:
        value = _URL.sub(r"\1\2", value)
    value = value.replace("\0", "")
    return value if len(value) <= characters else f"{value[: characters - 1]}…"
