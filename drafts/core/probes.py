"""Do database, broker and store answer? Asked in threads, so that one that hangs costs no more than the others."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

from celery import current_app
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError, InterfaceError

from . import blobs, gate, pool
from .storage import ObjectMissing, StoreError

PROBE_SECONDS = 2.5
OK = "ok"
UNREACHABLE = "unreachable"
NOT_MIGRATED = "not migrated"

_migrated = False
# Threads of their own, so that a store that hangs does not keep the database from being asked.
_of_database = ThreadPoolExecutor(max_workers=8, thread_name_prefix="probe-database")
_of_others = ThreadPoolExecutor(max_workers=2, thread_name_prefix="probe")
_asking: dict[str, Future[str]] = {}
_lock = threading.Lock()


def start() -> dict[str, Future[str]]:
    """Begin to ask broker and store, each once at a time: who comes meanwhile gets the same answer."""
    with _lock:
        for name, probe in (("broker", _broker), ("storage", _storage)):
            if name not in _asking or _asking[name].done():
                _asking[name] = _of_others.submit(probe)
        return {**_asking}


def answers(asked: dict[str, Future[str]], *, within: float = PROBE_SECONDS) -> dict[str, str]:
    """What they say within so many seconds: "ok" or "unreachable"."""
    wait(asked.values(), timeout=max(0.0, within))
    return {name: probe.result() if probe.done() else UNREACHABLE for name, probe in asked.items()}


def readiness() -> dict[str, object]:
    """``database``, ``broker`` and ``storage``, each "ok" or what is wrong, and the gate's figures.

    Whatever has not answered after ``PROBE_SECONDS`` counts as unreachable.
    """
    started = time.monotonic()
    asked = start()
    if connection.in_atomic_block:
        fields = _database()
    else:
        database = _of_database.submit(_database)
        wait([database], timeout=PROBE_SECONDS)
        fields = database.result() if database.done() else {"database": UNREACHABLE}
    return {**fields, **answers(asked, within=started + PROBE_SECONDS - time.monotonic())}


def _database() -> dict[str, object]:
    try:
        found = _migrations()
        if found != OK:
            return {"database": found}
        state = gate.state(fresh=True)
    except (DatabaseError, InterfaceError) as error:
        pool.renew(error)
        return {"database": UNREACHABLE}
    finally:
        blobs.release_connection()
    maintenance = state.maintenance is not None
    return {
        "database": OK,
        "pending_bytes": state.pending_bytes,
        "free_bytes": state.free_bytes,
        "maintenance": maintenance,
    }


def _migrations() -> str:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    return OK if _migrated else NOT_MIGRATED


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, timeout=1, interval_start=0, interval_step=0)
    except Exception:  # noqa: BLE001 - whatever the broker library raises means the same here
        return UNREACHABLE
    return OK


def _storage() -> str:
    try:
        blobs.store().length("blobs/.probe")
    except ObjectMissing:
        return OK
    except StoreError:
        return UNREACHABLE
    return OK
