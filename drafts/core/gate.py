"""May writes go on? Maintenance, too many pending bytes and too little disk answer 503; reads go on."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Sum, Value
from django.db.models.functions import Coalesce

from .errors import Text, Unavailable
from .models import Blob, Maintenance

CACHED = 1.0


@dataclass(frozen=True, slots=True)
class State:
    """What keeps writes out, if anything; read at most once a second."""

    read_at: float
    maintenance: str | None
    pending_bytes: int
    free_bytes: int


_state = State(float("-inf"), None, 0, 0)


def state(*, fresh: bool = False) -> State:
    """The state of the gate, at most a second old."""
    global _state
    now = time.monotonic()
    if fresh or now - _state.read_at > CACHED:
        reason, pending = _read()
        _state = State(now, reason, pending, _free_bytes())
    return _state


def _free_bytes() -> int:
    return shutil.disk_usage(settings.STATE_DIR if settings.STATE_DIR.exists() else "/").free


def _read() -> tuple[str | None, int]:
    """The reason of a maintenance, and the bytes that wait for the store; one query, for it is part of a save."""
    waiting = Blob.objects.filter(state__in=Blob.WAITING).order_by().values(reason=Value(""))
    pending = waiting.annotate(total=Coalesce(Sum("size"), 0)).values_list("reason", "total")
    closed = Maintenance.objects.values_list("reason", Value(-1))
    rows = [(str(reason), int(total)) for reason, total in pending.union(closed, all=True)]
    reasons = [reason for reason, total in rows if total < 0]
    return (reasons[0] if reasons else None), max(total for _, total in rows)


def check_open() -> None:
    """Raise ``Unavailable`` in a maintenance; for what makes room and may go on when there is little."""
    reason = state().maintenance
    if reason is not None:
        hint = Text(f"The server is in maintenance. {reason}".strip(), f"服务器正在维护。{reason}".strip())
        raise Unavailable(hint=hint, retry_after=10)


def check_writable() -> None:
    """Raise ``Unavailable`` while writes must wait."""
    check_open()
    current = state()
    if current.pending_bytes > settings.PENDING_LIMIT:
        raise Unavailable(
            hint=Text(
                "More bytes wait for the object store than PENDING_LIMIT allows; try again after Retry-After.",
                "等待写入对象存储的数据超过 PENDING_LIMIT；请在 Retry-After 之后重试。",
            )
        )
    _check_free(current.free_bytes)


def check_space() -> None:
    """Raise ``Unavailable`` while the disk is nearly full; asks the file system alone, now."""
    _check_free(_free_bytes())


def _check_free(free: int) -> None:
    if free < settings.MIN_FREE_BYTES:
        raise Unavailable(
            hint=Text(
                "The server's disk is nearly full (MIN_FREE_BYTES); reads go on.",
                "服务器磁盘空间不足（MIN_FREE_BYTES）；读取不受影响。",
            ),
            retry_after=30,
        )


def start_maintenance(*, reason: str = "") -> Maintenance:
    """Keep writes out from now on, in every process within a second; again, it only changes the reason."""
    row, _ = Maintenance.objects.update_or_create(pk=1, defaults={"reason": reason})
    return row


def end_maintenance() -> bool:
    """Let writes in again; returns whether they were kept out."""
    deleted, _ = Maintenance.objects.all().delete()
    return bool(deleted)
