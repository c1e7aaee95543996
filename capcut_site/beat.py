"""Beat that goes on ticking when the clock is set.

Celery's own compares times of day: set back an hour, it sends nothing for an hour, and its schedule file keeps the
wrong time over a restart. What it sends here is sent every few seconds or minutes, so nothing needs to be kept.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery.beat import Scheduler
from django.conf import settings

from drafts.core import heartbeats

TICKED = "beat.tick"  # in STATE_DIR; its age tells a health check that beat is alive
SET_BACK = 0.5  # seconds; less than that does no harm


class SteadyScheduler(Scheduler):  # type: ignore[misc]  # the library is not typed
    """Keeps its schedule in memory, and begins it anew when the clock was set back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._offset = time.time() - time.monotonic()
        super().__init__(*args, **kwargs)

    def tick(self, **kwargs: Any) -> float:
        """Send what is due; returns seconds until the next tick."""
        offset = time.time() - time.monotonic()
        if offset < self._offset - SET_BACK:
            for entry in self.schedule.values():
                entry.last_run_at = entry.default_now()
            self._heap = None
        self._offset = offset
        with suppress(OSError):  # a full disk must not stop it
            (Path(settings.STATE_DIR) / TICKED).touch()
        heartbeats.beat(heartbeats.BEAT, socket.gethostname())
        return float(super().tick(**kwargs))
