"""The Celery application; tasks live in ``drafts/tasks.py``."""

from __future__ import annotations

import os
import secrets
from typing import Any

import structlog
from celery import Celery, Task
from celery.signals import setup_logging, task_postrun, task_prerun, worker_process_init

from capcut_site import lifeline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capcut_site.settings")

app = Celery("capcut_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_main_process = os.getpid()


@setup_logging.connect
def keep_logging(**_: Any) -> None:
    """Django's LOGGING stands: with a receiver here Celery adds no handlers of its own."""


@worker_process_init.connect
def tie_to_main(**_: Any) -> None:
    """A pool process ends with the worker that forked it (the solo pool calls this in the worker itself)."""
    if os.getpid() != _main_process:
        lifeline.tie(_main_process)


@task_prerun.connect
def bind_ids(*, task: Task, **_: Any) -> None:
    """A task's log lines carry the ids of the request that woke it, or ids of their own (contract 1.5)."""
    sent = getattr(task.request, "traceparent", None) or ""
    trace = sent.split("-")[1] if sent.count("-") == 3 else secrets.token_hex(16)
    structlog.contextvars.bind_contextvars(
        request_id=trace, traceparent=f"00-{trace}-{secrets.token_hex(8)}-01", task=task.name
    )


@task_postrun.connect
def unbind_ids(**_: Any) -> None:
    """The next task is another one's work."""
    structlog.contextvars.clear_contextvars()
