"""Requests that write may wait long for a draft's lock; some connections are always left to those that read.

On PostgreSQL who waits holds one of the ``DATABASE_POOL`` connections of its process: enough writers of one busy
draft would take them all. On SQLite each thread has its own connection, and takes turns with its transactions.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from .blobs import release_connection
from .errors import Busy

_places = threading.BoundedSemaphore(max(1, settings.DATABASE_POOL * 3 // 4))


@contextmanager
def writing() -> Iterator[None]:
    """Hold one of the places of those that write; wait for it without a connection.

    Raises ``Busy`` after ``DRAFT_LOCK_SECONDS``.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    if not _places.acquire(blocking=False):
        release_connection()
        if not _places.acquire(timeout=settings.DRAFT_LOCK_SECONDS):
            raise Busy
    try:
        yield
    finally:
        _places.release()
