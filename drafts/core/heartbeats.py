"""Signs of life of workers and of beat, in Redis: which processes there are, and when each was last heard."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from . import recent

if TYPE_CHECKING:
    from redis import Redis

HEARD = "heard"
WORKER, BEAT, SWEEP = "worker", "beat", "sweep"
LIVE = 20.0  # seconds; workers and beat are heard every two
FORGOTTEN = 600.0
MOST = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """A process that was heard: its role, its name, when."""

    role: str
    name: str
    at: datetime

    @property
    def live(self) -> bool:
        """Whether that was just now."""
        return abs(time.time() - self.at.timestamp()) < LIVE  # ahead when the clock was set back


def beat(role: str, name: str = "") -> None:
    """This process lives."""
    recent.note(_write, (f"{role} {name}", time.time()))


def heard() -> list[Heard] | None:
    """Who was heard within ten minutes, last first; ``None`` while Redis is away."""
    found = recent.ask(lambda redis: redis.zrange(recent.key(HEARD), 0, -1, desc=True, withscores=True))
    if found is None:
        return None
    lines = ((str(member).partition(" "), at) for member, at in cast("list[tuple[str, float]]", found))
    return [Heard(role, name, datetime.fromtimestamp(at, UTC)) for (role, _, name), at in lines]


def _write(redis: Redis, lines: Sequence[Any]) -> None:
    pipe = redis.pipeline(transaction=False)
    pipe.zadd(recent.key(HEARD), dict(lines))
    pipe.zremrangebyscore(recent.key(HEARD), 0, time.time() - FORGOTTEN)
    pipe.zremrangebyrank(recent.key(HEARD), 0, -MOST - 1)
    pipe.expire(recent.key(HEARD), int(FORGOTTEN))
    pipe.execute()
