"""Celery: messages say only "there is work"; the rows are the jobs (DESIGN section 3)."""

from __future__ import annotations

from capcut_site import broker, env

from .base import STATE_DIR

REDIS_URL = env.text("REDIS_URL", "", "redis://host:6379/0; unset: the embedded broker under STATE_DIR")

CELERY_BROKER_URL = broker.kombu_url(REDIS_URL or broker.socket_url(STATE_DIR))
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever; Celery's own limit ends the worker after some minutes
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "drafts"
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0.05,
    "interval_step": 0,
    "interval_max": 0.05,
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "global_keyprefix": env.text("QUEUE_PREFIX", "capcut:", "prefix of the broker's keys, for a shared Redis"),
}
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    # expires below the period would drop a message that a busy worker takes late; 5 s keeps at most three.
    "drain": {"task": "drafts.drain", "schedule": 2.0, "options": {"expires": 5}},
    "collect": {"task": "drafts.collect", "schedule": 600.0, "options": {"expires": 500}},
}
