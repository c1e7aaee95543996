"""An edit: bytes in, bytes out, all of its commands or none."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from drafts.document import canonical

from .changes import Operation
from .commands import Added, AddKeyframes, Changed, Result
from .errors import EditError
from .finalise import finalise
from .operations import perform
from .timeline import Timeline


@dataclass(frozen=True, slots=True)
class Edited:
    """The new document, as bytes and parsed, and the answer of each command in order."""

    data: bytes
    document: dict[str, Any]
    results: tuple[Result, ...]


class TooSlow(Exception):
    """The time of an edit is over, and there are commands left."""


def apply(data: bytes, commands: Sequence[Operation], *, seconds: float = math.inf) -> Edited:
    """Do ``commands`` in order on a stored document.

    A segment that an earlier command made can be named before its id is known: ``$0.2`` is the third segment that
    the first command placed or split off, ``$0`` its first, ``$0.track`` its first track.

    ``data`` was checked when it was stored, so it is only parsed here. Raises EditError, whose ``command`` is the
    index of the one that cannot be done, and ``TooSlow`` instead of a command that would begin after ``seconds``;
    ``data`` is left alone in any case.
    """
    until = time.monotonic() + seconds
    timeline = Timeline(orjson.loads(data))
    results: list[Result] = []
    aliases: dict[str, str] = {}
    for number, command in enumerate(commands):
        if time.monotonic() > until:
            raise TooSlow
        try:
            results.append(perform(timeline, _resolved(command, aliases)))
        except EditError as error:
            error.command = number
            raise
        aliases.update(_aliases(number, results[-1]))
    finalise(timeline)
    return Edited(canonical.dumps(timeline.document), timeline.document, tuple(results))


def _aliases(number: int, result: Result) -> dict[str, str]:
    made: Sequence[str] = ()
    if isinstance(result, Added):
        made = [placed.segment_id for placed in result.segments]
    elif isinstance(result, Changed):
        made = result.made
    names = {f"${number}.{at}": segment_id for at, segment_id in enumerate(made)}
    if made:
        names[f"${number}"] = made[0]
    if result.track_ids:
        names[f"${number}.track"] = result.track_ids[0]
    return names


def _resolved(command: Operation, aliases: Mapping[str, str]) -> Operation:
    """The command with aliases of segments and tracks replaced by their ids."""
    if not aliases:
        return command
    found: dict[str, Any] = {}
    for name in ("segment_id", "track_id"):
        value = getattr(command, name, None)
        if isinstance(value, str) and value in aliases:
            found[name] = aliases[value]
    if hasattr(command, "segment_ids"):
        found["segment_ids"] = tuple(aliases.get(each, each) for each in command.segment_ids)
    if isinstance(command, AddKeyframes):
        found["items"] = tuple(
            replace(item, segment_id=aliases.get(item.segment_id, item.segment_id)) for item in command.items
        )
    return replace(command, **found) if found else command
