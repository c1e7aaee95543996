"""The Celery application; tasks live in ``drafts/tasks.py``."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

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
    """A pool process ends with the worker that forked it (the solo pool sends this signal in the worker itself)."""
    if os.getpid() != _main_process:
        lifeline.tie(_main_process)
