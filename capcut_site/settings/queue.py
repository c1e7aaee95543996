"""Celery: messages say only "there is work"; the rows are the jobs (DESIGN section 3)."""

from __future__ import annotations

from capcut_site import broker, env

from .base import STATE_DIR

REDIS_URL = env.text("REDIS_URL", "", "redis://host:6379/0; unset: the embedded broker under STATE_DIR")

BROKER_URL = REDIS_URL or broker.socket_url(STATE_DIR)
QUEUE_PREFIX = env.text("QUEUE_PREFIX", "capcut:", "prefix of our keys in Redis, for a shared one")

CELERY_BROKER_URL = broker.kombu_url(BROKER_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever; Celery's own limit ends the worker after some minutes
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_ACCEPT_CONTENT = ["json"]  # never pickle, whoever else writes into the same Redis
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
    "global_keyprefix": QUEUE_PREFIX,
}
CELERY_BEAT_SCHEDULER = "capcut_site.beat:SteadyScheduler"
CELERY_BEAT_SCHEDULE = {
    # expires below the period would drop a message that a busy worker takes late; 5 s keeps at most three.
    "drain": {"task": "drafts.drain", "schedule": 2.0, "options": {"expires": 5}},
    "collect": {
        "task": "drafts.collect",
        "schedule": 600.0,  # collect.EVERY
        "options": {"expires": 500},
    },
    "describe": {"task": "drafts.describe", "schedule": 2.0, "options": {"expires": 5}},
    "totals": {"task": "drafts.totals", "schedule": 300.0, "options": {"expires": 290}},
    "purge": {"task": "drafts.purge", "schedule": 600.0, "options": {"expires": 500}},
    "thumbnails": {"task": "drafts.thumbnails", "schedule": 5.0, "options": {"expires": 5}},
    "want_thumbnails": {"task": "drafts.want_thumbnails", "schedule": 60.0, "options": {"expires": 50}},
}

# What is kept in the same Redis for a while, best effort (drafts/core/recent.py).
FETCHES_SECONDS = env.integer("FETCHES_SECONDS", 30 * 86400, "how long it is known that a draft was fetched")
FETCHED_DRAFTS = env.integer("FETCHED_DRAFTS", 10000, "most drafts of which that is known; about 2 KB each in Redis")
REFUSALS_SECONDS = env.integer("REFUSALS_SECONDS", 86400, "how long a refused call can be looked up in the admin")
REFUSALS_KEPT = env.integer("REFUSALS_KEPT", 10000, "most refused calls kept; about 500 bytes each in Redis")
TOTALS_SECONDS = env.integer("TOTALS_SECONDS", 3600, "seconds between two counts of all that is stored")
