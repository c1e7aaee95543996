"""Who fetched which draft, and which of its files: notes in Redis (:mod:`drafts.core.recent`).

Of each draft two counters, the last few callers and the time of each file's last delivery; of all drafts the ones
fetched last (``FETCHED_DRAFTS``), each for ``FETCHES_SECONDS``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import orjson
from django.conf import settings

from drafts.core import recent

from .caller import current_caller

if TYPE_CHECKING:
    from redis import Redis

CALLERS = 20  # kept of each draft
FILES = 1000  # likewise
AGENT = 100  # characters of a User-Agent
PROGRAM, PERSON, FILE = "program", "person", "file"


@dataclass(frozen=True, slots=True)
class Fetch:
    """One call for a draft's list of files (``program``), or of its page by a browser (``person``)."""

    at: datetime
    by: str
    address: str
    user_agent: str
    version: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What Redis knows of a draft: calls by programs and by people, the last of them, when each file was delivered."""

    programs: int
    people: int
    last: list[Fetch]
    files: dict[str, datetime]


def note(*, draft_id: str, version: int | None = None, by: str = PROGRAM) -> None:
    """A draft was fetched by a program, or looked at by a person."""
    caller = current_caller()
    call = [time.time(), by, caller.address, caller.user_agent[:AGENT], version]
    recent.note(_write, (draft_id, by, call))


def note_file(*, draft_id: str, path: str) -> None:
    """A file of a draft was delivered."""
    recent.note(_write, (draft_id, FILE, (path, time.time())))


def kept(*, draft_id: str) -> Kept | None:
    """What is known of a draft's fetches; ``None`` while Redis is away."""

    def question(redis: Redis) -> list[Any]:
        pipe = redis.pipeline(transaction=False)
        pipe.hgetall(_key("count", draft_id))
        pipe.lrange(_key("last", draft_id), 0, -1)
        pipe.zrange(_key("files", draft_id), 0, -1, withscores=True)
        return pipe.execute()

    found = recent.ask(question)
    if found is None:
        return None
    count, last, files = found
    calls = [orjson.loads(line) for line in last]
    return Kept(
        int(count.get(PROGRAM, 0)),
        int(count.get(PERSON, 0)),
        [Fetch(_moment(at), *rest) for at, *rest in calls],
        {path: _moment(at) for path, at in files},
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _key(what: str, draft_id: str) -> str:
    return recent.key(f"fetches:{what}:{draft_id}")


def _write(redis: Redis, lines: Sequence[Any]) -> None:
    drafts: dict[str, list[tuple[str, Any]]] = {}
    for draft_id, kind, line in lines:
        drafts.setdefault(draft_id, []).append((kind, line))
    pipe = redis.pipeline(transaction=False)
    for draft_id, noted in drafts.items():
        _write_draft(pipe, draft_id, noted)
    known = recent.key("fetches")
    pipe.zadd(known, dict.fromkeys(drafts, time.time()))
    pipe.expire(known, settings.FETCHES_SECONDS)
    pipe.zremrangebyscore(known, 0, time.time() - settings.FETCHES_SECONDS)
    pipe.zcard(known)
    surplus = pipe.execute()[-1] - settings.FETCHED_DRAFTS
    if surplus > 0:
        oldest = cast("list[tuple[str, float]]", redis.zpopmin(known, surplus))
        redis.delete(*(_key(what, draft_id) for draft_id, _ in oldest for what in ("count", "last", "files")))


def _write_draft(pipe: Any, draft_id: str, noted: list[tuple[str, Any]]) -> None:
    calls = [(by, call) for by, call in noted if by != FILE]
    files = dict(line for kind, line in noted if kind == FILE)
    if calls:
        for by in {by for by, _ in calls}:
            pipe.hincrby(_key("count", draft_id), by, sum(1 for each, _ in calls if each == by))
        pipe.lpush(_key("last", draft_id), *(orjson.dumps(call) for _, call in calls[-CALLERS:]))
        pipe.ltrim(_key("last", draft_id), 0, CALLERS - 1)
        pipe.expire(_key("count", draft_id), settings.FETCHES_SECONDS)
        pipe.expire(_key("last", draft_id), settings.FETCHES_SECONDS)
    if files:
        pipe.zadd(_key("files", draft_id), files)
        pipe.zremrangebyrank(_key("files", draft_id), 0, -FILES - 1)
        pipe.expire(_key("files", draft_id), settings.FETCHES_SECONDS)
