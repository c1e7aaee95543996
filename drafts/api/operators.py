"""What operators and their probes ask: /healthz, /readyz, /metrics. They answer whatever the host name."""

from __future__ import annotations

from collections.abc import Callable

from celery import current_app
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse

from drafts.core import blobs, gate
from drafts.core.models import Blob
from drafts.core.storage import ObjectMissing, StoreError

from . import metrics

_migrated = False


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 while the database answers and migrations are applied; the rest is told as fields."""
    database = _database()
    fields: dict[str, object] = {"database": database, "broker": _broker(), "storage": _storage()}
    if database == "ok":
        state = gate.state(fresh=True)
        fields |= {"pending_bytes": state.pending_bytes, "free_bytes": state.free_bytes}
        fields |= {"maintenance": state.maintenance is not None}
    ready = database == "ok"
    degraded = [name for name in ("broker", "storage") if fields[name] != "ok"]
    status = "unavailable" if not ready else "degraded" if degraded else "ok"
    return JsonResponse({"status": status, "degraded": degraded, **fields}, status=200 if ready else 503)


def exposition(request: HttpRequest) -> HttpResponse:
    """Metrics of all processes."""
    extra: dict[str, float] = {}
    try:
        state = gate.state(fresh=True)
        extra = {
            "capcut_pending_bytes": state.pending_bytes,
            "capcut_pending_blobs": Blob.objects.filter(state__in=Blob.WAITING).count(),
            "capcut_failed_blobs": Blob.objects.filter(state=Blob.State.FAILED).count(),
            "capcut_free_bytes": state.free_bytes,
        }
    except (DatabaseError, InterfaceError):
        pass
    extra["capcut_database_up"] = float(bool(extra))
    return HttpResponse(metrics.exposition(extra), content_type="text/plain; version=0.0.4; charset=utf-8")


def _database() -> str:
    global _migrated
    try:
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return "unreachable"
    return "ok" if _migrated else "not migrated"


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=1) as broker:
            broker.ensure_connection(max_retries=1, timeout=1, interval_start=0, interval_step=0)
    except Exception:  # noqa: BLE001 - whatever the broker library raises means the same here
        return "unreachable"
    return "ok"


def _storage() -> str:
    try:
        blobs.store().length("blobs/.probe")
    except ObjectMissing:
        return "ok"
    except StoreError:
        return "unreachable"
    return "ok"


ROUTES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": exposition,
}
