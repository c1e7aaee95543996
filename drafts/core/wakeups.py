"""The row is the job: a wake-up only says that there is work.

After a commit the task is wanted; one background thread per process turns that into at most one message per
200 ms and task. A lost, doubled or late message changes nothing, because beat sends the same every 2 s; a
dead broker costs the request nothing, because the thread waits for it, not the request.
"""

from __future__ import annotations

import os
import threading
import time

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

INTERVAL = 0.2
EXPIRES = 5

_lock = threading.Lock()
_wanted: dict[str, tuple[float, dict[str, str]]] = {}  # when it is due, by the monotonic clock; headers
_flag = threading.Event()
_owner = 0


def wake(task: str, *, after: float = 0) -> None:
    """Send ``task`` soon after the current transaction commits (at once when there is none).

    ``after`` seconds go by before, counted from the first of several wishes: a burst of them is one message.
    The message carries the request's ``traceparent``, so that the worker's log lines can be found with it; of
    several requests in one message, the last one's.
    """
    trace = structlog.contextvars.get_contextvars().get("traceparent")
    transaction.on_commit(lambda: _want(task, after, {"traceparent": trace} if trace else {}))


def _want(task: str, after: float, headers: dict[str, str]) -> None:
    global _owner, _flag
    with _lock:
        if _owner != os.getpid():  # first use in this process, or in a fork of it
            _owner = os.getpid()
            _flag = threading.Event()
            threading.Thread(target=_run, name="wakeups", daemon=True).start()
        due = time.monotonic() + after
        if task in _wanted and (sooner := _wanted[task][0]) <= due:
            _wanted[task] = sooner, headers
        else:
            _wanted[task] = due, headers
            _flag.set()


def _run() -> None:
    pause: float | None = None
    while True:
        _flag.wait(pause)
        with _lock:
            _flag.clear()
            now = time.monotonic()
            ready = {task: _wanted.pop(task)[1] for task in [*_wanted] if _wanted[task][0] <= now}
        for task, headers in ready.items():
            send(task, headers)
        time.sleep(INTERVAL)
        with _lock:
            pause = max(0, min(due for due, _ in _wanted.values()) - time.monotonic()) if _wanted else None


def send(task: str, headers: dict[str, str] | None = None) -> bool:
    """Send ``task`` now; a broker that cannot be reached is logged once a minute and else ignored."""
    try:
        current_app.send_task(task, expires=EXPIRES, ignore_result=True, retry=False, headers=headers)
    except Exception as error:  # noqa: BLE001 - whatever the broker library raises, beat will send again
        complain(error)
        return False
    return True


_complained = 0.0


def complain(error: Exception) -> None:
    """Log that the broker cannot be reached, once a minute."""
    global _complained
    if time.monotonic() - _complained > 60:
        _complained = time.monotonic()
        log.warning("broker_unreachable", error=type(error).__name__)
