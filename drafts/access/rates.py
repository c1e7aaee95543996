"""How often a caller may call: GCRA, a sliding window in one number, shared by all processes through Redis.

A process decides by what it knows, in microseconds and without any I/O; a thread tells Redis what was used and learns
what others used, at the latest after ``AHEAD`` calls of one caller, or a hundredth of a large limit. So of a limit that
is used up each process lets at most about so many calls more through, and while Redis is away every process holds its
callers to the limit by itself.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import TYPE_CHECKING, Any

from django.conf import settings

from drafts.core import recent
from drafts.core.errors import DomainError, Text

if TYPE_CHECKING:
    from redis import Redis

AHEAD = 16  # calls of one caller that a process answers before it asks
GATHER = 0.1  # seconds until fewer are told
AWAY = 2.0  # seconds without a try after Redis did not answer
MOST = 20_000  # callers that a process knows at once
MICRO = 1_000_000

# For each key: when its quota is whole again, in Redis' own time. What was used moves it by the time that it takes to
# come back. Answers how long that is from now, in microseconds.
SCRIPT = """
local time = redis.call('TIME')
local now = tonumber(ARGV[1])
if now == 0 then now = time[1] * 1000000 + time[2] end
local left = {}
for i, key in ipairs(KEYS) do
  local whole = math.max(tonumber(redis.call('GET', key) or 0), now) + tonumber(ARGV[i + 1])
  redis.call('SET', key, string.format('%.0f', whole), 'PX', math.ceil((whole - now) / 1000) + 1)
  left[i] = string.format('%.0f', whole - now)
end
return left
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """``calls`` in ``seconds`` of the routes of class ``name``; whose they are says ``who``."""

    name: str
    who: str
    calls: int
    seconds: int
    each: float = field(init=False)  # seconds until one call's worth has come back
    ahead: int = field(init=False)  # calls that a process answers before it asks
    place: tuple[str, str] = field(init=False)  # its name in a process

    def __post_init__(self) -> None:
        """Work out once what every call needs."""
        object.__setattr__(self, "each", self.seconds / self.calls)
        object.__setattr__(self, "ahead", max(AHEAD, self.calls // 100))
        object.__setattr__(self, "place", (self.name, self.who))

    @property
    def key(self) -> str:
        """Its name in Redis."""
        return f"{settings.QUEUE_PREFIX}rate:{self.name}:{self.who}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a limit after a call, and the seconds until it is whole again."""

    limit: Limit
    left: int
    whole_in: float


class TooMany(DomainError):
    """A caller calls more often than ``standing.limit``; the next call may come in ``wait`` seconds."""

    status = 429
    code = 3003
    label = Text("Too many requests", "请求过于频繁")
    hint = Text("Send it again after Retry-After seconds.", "请在 Retry-After 秒之后重新发送。")
    retryable = True

    def __init__(self, standing: Standing, *, wait: float) -> None:
        self.standing = standing
        calls, seconds, setting = standing.limit.calls, standing.limit.seconds, f"RATE_{standing.limit.name.upper()}"
        detail = Text(
            f"Too many requests: more than {calls} in {seconds} s ({setting})",
            f"请求过于频繁：{seconds} 秒内超过 {calls} 次（{setting}）",
        )
        super().__init__(detail, retry_after=max(1, ceil(wait)))


@dataclass(slots=True)
class _Counter:
    limit: Limit
    whole_at: float = 0.0  # by the monotonic clock
    untold: int = 0


@dataclass
class Counters:
    """What one process knows of its callers; ``pressing`` says that one has used so much that others must know."""

    clock: Callable[[], float] = time.monotonic
    pressing: bool = False
    known: dict[tuple[str, str], _Counter] = field(default_factory=dict)
    changed: dict[tuple[str, str], _Counter] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, limits: Iterable[Limit]) -> list[Standing]:
        """Count one call against all of ``limits``, or none. Raises ``TooMany`` with what must be waited for."""
        now = self.clock()
        with self.lock:
            counters = [self._counter(limit, now) for limit in limits]
            for each in counters:
                wait = max(each.whole_at, now) + each.limit.each - now - each.limit.seconds
                if wait > 1e-6:
                    raise TooMany(Standing(each.limit, 0, each.whole_at - now), wait=wait)
            return [self._count(each, now) for each in counters]

    def _count(self, counter: _Counter, now: float) -> Standing:
        limit = counter.limit
        counter.whole_at = max(counter.whole_at, now) + limit.each
        counter.untold += 1
        self.changed[limit.place] = counter
        self.pressing = self.pressing or counter.untold >= limit.ahead
        left = limit.calls - ceil((counter.whole_at - now) / limit.each - 1e-6)
        return Standing(limit, max(0, left), counter.whole_at - now)

    def _counter(self, limit: Limit, now: float) -> _Counter:
        counter = self.known.get(limit.place)
        if counter is None:
            if len(self.known) >= MOST:
                self.known = {key: each for key, each in self.known.items() if each.whole_at > now or each.untold}
            if len(self.known) >= MOST:
                self.known.clear()
            counter = self.known[limit.place] = _Counter(limit)
        counter.limit = limit
        return counter

    def tell(self, share: Callable[[Sequence[str], Sequence[int]], Sequence[Any]]) -> None:
        """Have ``share`` add what was used, and take over what it says. What it raises loses that share alone."""
        with self.lock:
            told = [*self.changed.values()]
            self.changed, self.pressing = {}, False
            used = [round(each.untold * each.limit.each * MICRO) for each in told]
            for each in told:
                each.untold = 0
        if not told:
            return
        left = share([each.limit.key for each in told], used)
        now = self.clock()
        with self.lock:
            for each, micro in zip(told, left, strict=True):
                each.whole_at = now + int(micro) / MICRO + each.untold * each.limit.each


def share_in(redis: Redis, *, now: int = 0) -> Callable[[Sequence[str], Sequence[int]], Sequence[Any]]:
    """Sharing through Redis; ``now`` is the time in microseconds, 0 that of Redis itself."""
    script = redis.register_script(SCRIPT)

    def share(keys: Sequence[str], used: Sequence[int]) -> Sequence[Any]:
        found: Sequence[Any] = script(keys=keys, args=[now, *used])
        return found

    return share


_counters = Counters()
_flag = threading.Event()
_hurry = threading.Event()
_starting = threading.Lock()
_owner = 0


def count(kind: str, *, address: str = "", principal: str = "") -> list[Standing]:
    """Count one call of class ``kind`` by whoever is named. Raises ``TooMany``."""
    calls, seconds = settings.RATES[kind]
    if not calls:
        return []
    limits = []
    if address:
        limits.append(_limit(kind, "address:", address, calls * settings.RATE_ADDRESS_TIMES, seconds))
    if principal:
        limits.append(_limit(kind, "principal:", principal, calls, seconds))
    found = _counters.count(limits)
    if _owner != os.getpid():
        _begin()
    if not _flag.is_set():
        _flag.set()
    if _counters.pressing and not _hurry.is_set():
        _hurry.set()
    return found


@lru_cache(maxsize=MOST)
def _limit(kind: str, what: str, name: str, calls: int, seconds: int) -> Limit:
    """Made once for a caller, not for each of their calls."""
    return Limit(kind, what + (network_of(name) if what == "address:" else name), calls, seconds)


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the /64 that one line is given."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(IPv6Address(int(parsed) >> 64 << 64)) if isinstance(parsed, IPv6Address) else address


def _begin() -> None:
    global _owner, _flag, _hurry
    with _starting:
        if _owner != os.getpid():
            _flag, _hurry = threading.Event(), threading.Event()
            threading.Thread(target=_run, args=(_flag, _hurry), name="rates", daemon=True).start()
            _owner = os.getpid()


def _run(flag: threading.Event, hurry: threading.Event) -> None:
    while True:
        flag.wait()
        hurry.wait(GATHER)
        flag.clear()
        hurry.clear()
        if recent.ask(_told) is None:
            time.sleep(AWAY)


def _told(redis: Redis) -> bool:
    _counters.tell(share_in(redis))
    return True
