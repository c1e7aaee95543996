"""SQLite lets one connection write at a time; who finds it taken sleeps up to 100 ms and asks again, in no order.

With dozens of threads asking, some waited for seconds and the worker's draining fell behind. Here only one thread of
each process asks, and the others wait for its transaction's end without asking.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

_turn = threading.Lock()
os.register_at_fork(after_in_child=_turn._at_fork_reinit)  # type: ignore[attr-defined]  # as logging does


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions wait for those of other threads, as long as ``timeout`` lets SQLite wait."""

    _has_turn = False

    def set_autocommit(self, autocommit: bool, *rest: Any, **options: Any) -> None:  # noqa: FBT001 - Django's
        """Begin a transaction, or go back to statements by themselves."""
        if not autocommit and not self._has_turn:
            if not _turn.acquire(timeout=self.settings_dict["OPTIONS"]["timeout"]):
                raise OperationalError("database is locked")
            self._has_turn = True
        try:
            super().set_autocommit(autocommit, *rest, **options)
        except BaseException:
            self._give_turn()
            raise

    def commit(self) -> None:
        """End the transaction; the next thread may begin."""
        super().commit()
        self._give_turn()

    def rollback(self) -> None:
        """Undo the transaction; the next thread may begin."""
        super().rollback()
        self._give_turn()

    def close(self) -> None:
        """Close the connection, which undoes a transaction that is open."""
        try:
            super().close()
        finally:
            self._give_turn()

    def _give_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turn.release()
