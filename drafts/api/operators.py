"""What operators and their probes ask: /healthz, /readyz, /metrics. They answer whatever the host name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.utils import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from drafts.core import gate, metrics, persist, pool, probes
from drafts.core.models import DoomedObject


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 while the database answers and migrations are applied; the rest is told as fields."""
    fields = probes.readiness()
    ready = fields["database"] == probes.OK
    degraded = [name for name in ("broker", "storage") if fields[name] != probes.OK]
    status = "unavailable" if not ready else "degraded" if degraded else "ok"
    return JsonResponse({"status": status, "degraded": degraded, **fields}, status=200 if ready else 503)


def exposition(request: HttpRequest) -> HttpResponse:
    """Metrics of all processes."""
    asked = probes.start()
    extra: dict[str, float] = {}
    try:
        extra = _read_now()
    except (DatabaseError, InterfaceError) as error:
        pool.renew(error)
    extra |= {
        "capcut_database_up": float(bool(extra)),
        **{f"capcut_{name}_up": float(said == probes.OK) for name, said in probes.answers(asked).items()},
        "capcut_pending_limit_bytes": settings.PENDING_LIMIT,
        "capcut_min_free_bytes": settings.MIN_FREE_BYTES,
        "capcut_stream_slots": settings.STREAM_SLOTS * settings.WEB_WORKERS,
    }
    return HttpResponse(metrics.exposition(extra), content_type="text/plain; version=0.0.4; charset=utf-8")


def _read_now() -> dict[str, float]:
    """Gauges from the rows; the query of the waiting ones reads their partial index alone."""
    state = gate.state(fresh=True)
    waiting = persist.backlog()
    return {
        "capcut_pending_bytes": state.pending_bytes,
        "capcut_pending_blobs": waiting.count,
        "capcut_failed_blobs": waiting.failed,
        "capcut_oldest_pending_seconds": _age(waiting.oldest),
        "capcut_doomed_objects": DoomedObject.objects.count(),
        "capcut_free_bytes": state.free_bytes,
        "capcut_maintenance": float(state.maintenance is not None),
    }


def _age(moment: datetime | None) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds()) if moment else 0.0


ROUTES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": exposition,
}
