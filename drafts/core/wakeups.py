"""The row is the job: a wake-up only says that there is work.

After a commit a flag is set; one background thread per process turns flags into at most one message per
50 ms and task. A lost, doubled or late message changes nothing, because beat sends the same every 2 s; a
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

INTERVAL = 0.05
EXPIRES = 5

_lock = threading.Lock()
_wanted: dict[str, dict[str, str]] = {}
_flag = threading.Event()
_owner = 0


def wake(task: str) -> None:
    """Send ``task`` soon after the current transaction commits (at once when there is none).

    The message carries the request's ``traceparent``, so that the worker's log lines can be found with it; of
    several requests in one message, the last one's.
    """
    trace = structlog.contextvars.get_contextvars().get("traceparent")
    transaction.on_commit(lambda: _want(task, {"traceparent": trace} if trace else {}))


def _want(task: str, headers: dict[str, str]) -> None:
    global _owner, _flag
    with _lock:
        if _owner != os.getpid():  # first use in this process, or in a fork of it
            _owner = os.getpid()
            _flag = threading.Event()
            threading.Thread(target=_run, name="wakeups", daemon=True).start()
        _wanted[task] = headers
        _flag.set()


def _run() -> None:
    while True:
        _flag.wait()
        with _lock:
            _flag.clear()
            tasks = dict(_wanted)
            _wanted.clear()
        for task, headers in tasks.items():
            send(task, headers)
        time.sleep(INTERVAL)


def send(task: str, headers: dict[str, str] | None = None) -> bool:
    """Send ``task`` now; a broker that cannot be reached is logged once a minute and else ignored."""
    try:
        current_app.send_task(task, expires=EXPIRES, ignore_result=True, retry=False, headers=headers)
    except Exception as error:  # noqa: BLE001 - whatever the broker library raises, beat will send again
        _complain(error)
        return False
    return True


_complained = 0.0


def _complain(error: Exception) -> None:
    global _complained
    if time.monotonic() - _complained > 60:
        _complained = time.monotonic()
        log.warning("broker_unreachable", error=type(error).__name__)
