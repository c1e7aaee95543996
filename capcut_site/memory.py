"""How Python looks for garbage, and how the C library keeps memory that it gave back."""

from __future__ import annotations

import ctypes
import gc

# glibc, malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
LARGE = 4 * 1024 * 1024  # bytes of a buffer that has pages of its own
SPARE = 2 * LARGE  # bytes of free memory that may stay at the end of an arena


def give_back() -> None:
    """Return large buffers to the system when they are freed, and keep small ones in two arenas, not sixteen.

    Left to itself glibc raises its threshold with every large buffer and then keeps such buffers, in an arena for
    every few threads: eight 5 MB documents at once then leave 150 MB behind, with this 30 to 60. Fresh pages cost
    time, so documents of usual size stay below both thresholds: an edit of one with a hundred captions meets 13
    page faults, not 90. Other C libraries have no such call, and nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, LARGE)
        mallopt(_M_TRIM_THRESHOLD, SPARE)
        mallopt(_M_ARENA_MAX, 2)


def collect_rarely() -> None:
    """Leave what is loaded out of garbage collection, and begin one after 20,000 new objects, not after 700.

    A parsed document is many objects and no garbage. An edit of one with 4,000 captions takes 65 ms this way, 100 ms
    with Python's own thresholds (CPU, medians).
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
