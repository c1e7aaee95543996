"""Prometheus metrics. Processes of one STATE_DIR share theirs through files in it.

So a server's ``/metrics`` tells of its worker too where both have one folder; a worker with a folder of its own
(a container) serves its metrics itself on ``METRICS_PORT``. docs/runbook.md says what to make of them.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

Path(settings.METRICS_DIR).mkdir(parents=True, exist_ok=True)

from prometheus_client import (  # noqa: E402 - only after the folder is named
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
    start_http_server,
)

from . import metric_files  # noqa: E402 - likewise

metric_files.install()

REQUESTS = Counter("capcut_requests", "Requests by route, method and status", ["route", "method", "status"])
SECONDS = Histogram(
    "capcut_request_seconds",
    "Seconds to the first byte of the reply, by route",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
# Every metric has a label, because one without makes its file at the import: in every process, commands included.
SLOTS = Gauge(
    "capcut_slots_taken",
    "Requests that wait for their client: stream (uploads and downloads, STREAM_SLOTS) or body (BODY_SLOTS)",
    ["kind"],
    multiprocess_mode="livesum",
)
PERSISTED = Counter("capcut_persisted_blobs", "Tries to store a blob, by result: stored or failed", ["result"])
PERSIST_DELAY = Histogram(
    "capcut_persist_delay_seconds",
    "Seconds from the first save of a blob until the store had it, by the state that it left: pending or failed",
    ["state"],
    buckets=(0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400),
)
STORE_ERRORS = Counter("capcut_store_errors", "Calls that the object store refused or did not answer", ["error"])
TASKS = Histogram(
    "capcut_task_seconds",
    "Seconds that a run of a background task took",
    ["task"],
    buckets=(0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
LAST_RUN = Gauge(
    "capcut_task_last_success_timestamp_seconds",
    "When a background task last ended without an error",
    ["task"],
    multiprocess_mode="max",
)


@contextlib.contextmanager
def task(name: str) -> Iterator[None]:
    """Time one run of a background task, and note when it ended well."""
    started = time.perf_counter()
    try:
        yield
        LAST_RUN.labels(name).set(time.time())
    finally:
        TASKS.labels(name).observe(time.perf_counter() - started)


def exposition(extra: dict[str, float]) -> bytes:
    """All metrics in text form; ``extra`` are gauges read at this moment."""
    lines = [f"# TYPE {name} gauge\n{name} {value}\n" for name, value in extra.items()]
    return generate_latest(_registry()) + "".join(lines).encode()


def serve(port: int, host: str) -> None:
    """Serve the metrics of this STATE_DIR on a port of their own, in a thread."""
    start_http_server(port, host, _registry())


def _registry() -> CollectorRegistry:
    _forget_the_dead()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # not typed there
    return registry


def _forget_the_dead() -> None:
    """What a killed process had under way is not under way any more; its counters stay."""
    for path in Path(settings.METRICS_DIR).glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
        except (PermissionError, ValueError):
            continue
