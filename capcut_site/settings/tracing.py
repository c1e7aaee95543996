"""Traces by OpenTelemetry, when ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector."""

from __future__ import annotations

from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

from capcut_site import env

from .base import MIDDLEWARE
from .storage import S3_BUCKET, STORAGES

TRACES_TO = env.text(
    "OTEL_EXPORTER_OTLP_ENDPOINT", "", "collector of traces (OTLP over HTTP), e.g. http://127.0.0.1:4318; unset: none"
).rstrip("/")

if TRACES_TO:
    try:
        find_spec("opentelemetry.sdk.trace"), find_spec("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: "
            "python -m pip install -r requirements-otel.txt, or unset it."
        ) from error
    # Inside the request's ids, so that spans carry them; around everything else.
    MIDDLEWARE.insert(MIDDLEWARE.index("drafts.api.middleware.RequestMiddleware") + 1, "capcut_site.tracing.Middleware")
    if S3_BUCKET:
        STORAGES["drafts"]["BACKEND"] = "capcut_site.traced_storage.TracedS3Storage"
