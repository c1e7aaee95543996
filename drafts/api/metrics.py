"""Prometheus metrics, shared by all processes through files under STATE_DIR."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

Path(settings.METRICS_DIR).mkdir(parents=True, exist_ok=True)

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess  # noqa: E402

REQUESTS = Counter("capcut_requests", "Requests by route, method and status", ["route", "method", "status"])
SECONDS = Histogram(
    "capcut_request_seconds",
    "Seconds to the first byte of the reply, by route",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def exposition(extra: dict[str, float]) -> bytes:
    """All metrics in text form; ``extra`` are gauges read at this moment."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # not typed there
    lines = [f"# TYPE {name} gauge\n{name} {value}\n" for name, value in extra.items()]
    return generate_latest(registry) + "".join(lines).encode()
