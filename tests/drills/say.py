"""Progress of a drill."""

from __future__ import annotations

import sys
import time

_started = time.monotonic()


def say(line: str) -> None:
    """One line with the seconds since the start."""
    print(f"[{time.monotonic() - _started:7.1f} s] {line}", file=sys.stderr, flush=True)
