"""The Celery application; tasks live in ``drafts/tasks.py``."""

from __future__ import annotations

import os
import secrets
from contextlib import AbstractContextManager
from typing import Any

import structlog
from celery import Celery, Task
from celery.signals import (
    heartbeat_sent,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_process_init,
    worker_ready,
)
from django.conf import settings

from capcut_site import lifeline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capcut_site.settings")

log = structlog.get_logger(__name__)

app = Celery("capcut_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_main_process = os.getpid()
_spans: dict[str, AbstractContextManager[Any]] = {}


@setup_logging.connect
def keep_logging(**_: Any) -> None:
    """Django's LOGGING stands: with a receiver here Celery adds no handlers of its own."""


@worker_process_init.connect
def tie_to_main(**_: Any) -> None:
    """A pool process ends with the worker that forked it (the solo pool calls this in the worker itself)."""
    if os.getpid() != _main_process:
        lifeline.tie(_main_process)
    if settings.TRACES_TO:
        from capcut_site import tracing

        tracing.start("capcut-worker")


@heartbeat_sent.connect
def live(*, sender: Any, **_: Any) -> None:
    """Every two seconds: the admin shows which workers there are."""
    from drafts.core import heartbeats

    heartbeats.beat(heartbeats.WORKER, sender.eventer.hostname)


@worker_ready.connect
def serve_metrics(**_: Any) -> None:
    """On ``METRICS_PORT``, for a worker whose STATE_DIR no web server shares."""
    if settings.METRICS_PORT:
        from drafts.core import metrics

        try:
            metrics.serve(settings.METRICS_PORT, settings.HOST)
        except OSError as error:
            log.error("metrics_not_served", port=settings.METRICS_PORT, error=error.strerror)


@task_prerun.connect
def bind_ids(*, task: Task, **_: Any) -> None:
    """A task's log lines carry the ids of the request that woke it, or ids of their own (contract 1.5)."""
    sent = getattr(task.request, "traceparent", None) or ""
    trace = sent.split("-")[1] if sent.count("-") == 3 else secrets.token_hex(16)
    span = secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(request_id=trace, traceparent=f"00-{trace}-{span}-01", task=task.name)
    if settings.TRACES_TO:
        from opentelemetry.trace import SpanKind

        from capcut_site import tracing

        opened = tracing.entry(task.name, SpanKind.CONSUMER, sent=sent, trace_id=trace, span_id=span)
        opened.__enter__()
        _spans[task.request.id] = opened


@task_postrun.connect
def unbind_ids(*, task_id: str, **_: Any) -> None:
    """The next task is another one's work."""
    opened = _spans.pop(task_id, None)
    if opened is not None:
        opened.__exit__(None, None, None)
    structlog.contextvars.clear_contextvars()
