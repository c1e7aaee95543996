"""Refused calls, so that "why was my call refused" is answered by the request id: notes in Redis.

The last ``REFUSALS_KEPT``, for ``REFUSALS_SECONDS``. No bodies, no queries, no tokens.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import orjson
from django.conf import settings

from drafts.core import recent
from drafts.core.identifiers import without_token

if TYPE_CHECKING:
    from redis import Redis

REFUSALS = "refusals"
SENTENCE = 300  # characters
PATH = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that was refused: when (seconds since 1970), by whom, what, and the answer."""

    seconds: float
    request_id: str
    method: str
    path: str
    draft_id: str
    address: str
    status: int
    code: int
    sentence: str

    @property
    def at(self) -> datetime:
        """When."""
        return datetime.fromtimestamp(self.seconds, UTC)


def note(
    *, request_id: str, method: str, path: str, draft_id: str, address: str, status: int, code: int, sentence: str
) -> None:
    """A call was refused."""
    where = (method[:10], without_token(path)[:PATH], draft_id, address[:45])
    recent.note(_write, Refusal(time.time(), request_id, *where, status, code, sentence[:SENTENCE]))


def recent_refusals(*, words: str = "", draft_id: str = "") -> list[Refusal] | None:
    """Refused calls, newest first; ``None`` while Redis is away.

    ``words`` holds a request id in any spelling (a UUID, a traceparent, a pasted reply), or its beginning;
    ``draft_id`` is a draft's. With both given, either will do.
    """
    lines = recent.ask(lambda redis: redis.zrange(recent.key(REFUSALS), 0, -1, desc=True))
    if lines is None:
        return None
    since = time.time() - settings.REFUSALS_SECONDS
    found = (Refusal(*orjson.loads(line)) for line in cast("list[str]", lines))
    return [row for row in found if row.seconds > since and _fits(row, words.replace("-", "").lower(), draft_id)]


def _fits(row: Refusal, words: str, draft_id: str) -> bool:
    if not words and not draft_id:
        return True
    by_request = bool(words) and (row.request_id.startswith(words) or row.request_id in words)
    return by_request or bool(draft_id and row.draft_id == draft_id)


def _write(redis: Redis, lines: Sequence[Any]) -> None:
    pipe = redis.pipeline(transaction=False)
    pipe.zadd(recent.key(REFUSALS), {orjson.dumps(astuple(line)): line.seconds for line in lines})
    pipe.zremrangebyscore(recent.key(REFUSALS), 0, time.time() - settings.REFUSALS_SECONDS)
    pipe.zremrangebyrank(recent.key(REFUSALS), 0, -settings.REFUSALS_KEPT - 1)
    pipe.expire(recent.key(REFUSALS), settings.REFUSALS_SECONDS)
    pipe.execute()
