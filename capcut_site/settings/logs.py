"""One log line per event, JSON or text, with the request's ids in every line."""

from __future__ import annotations

import json
import logging
from typing import Any

import orjson
import structlog

from capcut_site import env

from .base import EMBEDDED, STATE_DIR

LOG_FORMAT = env.choice("LOG_FORMAT", "text" if EMBEDDED else "json", ("json", "text"), "form of the log lines")
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"), "least level that is logged")
METRICS_DIR = STATE_DIR / "metrics"
METRICS_PORT = env.integer(
    "METRICS_PORT", 0, "port of a worker's own metrics, when its STATE_DIR is not that of a web server; 0: none"
)
env.publish("PROMETHEUS_MULTIPROC_DIR", str(METRICS_DIR))

logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line has them


def _json(event: Any, **_: Any) -> str:
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except orjson.JSONEncodeError:  # half of a surrogate pair in somebody's text
        return json.dumps(event, default=str)


_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
_renderer: Any = (
    structlog.processors.JSONRenderer(serializer=_json)
    if LOG_FORMAT == "json"
    else structlog.dev.ConsoleRenderer(colors=False)
)
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        *_shared,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer],
            "foreign_pre_chain": _shared,
        }
    },
    "filters": {
        "uncaught": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: bool(record.exc_info),
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Whatever was answered has its access line; only what nobody caught is worth another.
        "django.security": {"level": "ERROR"},
        "django.request": {"level": "ERROR", "filters": ["uncaught"]},
        "django.utils.autoreload": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "celery.beat": {"level": "CRITICAL"},  # a page of traceback every 2 s while the broker is away
        "kombu": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
    },
}
