"""OpenTelemetry traces of requests, SQL, tasks and S3; off unless ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set.

A trace has the request's own ids: its ``request_id`` in a log line or a problem object is the trace id, the reply's
``traceparent`` names the server span, and a caller's ``traceparent`` is its parent. The message that wakes the worker
carries it on, so a save and the storing of its bytes are one trace. Statements are recorded without their values.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_tracer = trace.get_tracer("capcut_site")
_header = TraceContextTextMapPropagator()
_given: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar("given", default=None)
_lock = threading.Lock()
_started = False


def start(service: str) -> None:
    """Send this process's spans, and those of its forks, to the collector as ``service``; once, whoever calls."""
    global _started
    with _lock:
        if _started:
            return
        _started = True
    resource = Resource.create({"service.name": service})
    provider = TracerProvider(resource=resource, id_generator=_Ids())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{settings.TRACES_TO}/v1/traces")))
    trace.set_tracer_provider(provider)
    connection_created.connect(_watch_statements, weak=False)


class _Ids(RandomIdGenerator):
    """The ids that a request or task already has, for its first span; random ones for all others."""

    def generate_trace_id(self) -> int:
        given = _given.get()
        return int(given[0], 16) if given else super().generate_trace_id()

    def generate_span_id(self) -> int:
        given = _given.get()
        if given is None:
            return super().generate_span_id()
        _given.set(None)
        return int(given[1], 16)


@contextlib.contextmanager
def entry(name: str, kind: SpanKind, *, sent: str, trace_id: str, span_id: str) -> Iterator[Span]:
    """The first span of a request or task: a child of the ``sent`` traceparent, with the ids that are logged."""
    parent = _header.extract({"traceparent": sent})
    _given.set((trace_id, span_id))
    try:
        with _tracer.start_as_current_span(name, context=parent, kind=kind) as span:
            yield span
    finally:
        _given.set(None)


@contextlib.contextmanager
def step(name: str, attributes: dict[str, str]) -> Iterator[None]:
    """A call to another server, inside a request or task; elsewhere it is not traced."""
    if not trace.get_current_span().get_span_context().is_valid:
        yield
        return
    with _tracer.start_as_current_span(name, kind=SpanKind.CLIENT, attributes=attributes):
        yield


class Middleware:
    """A span for every request but those of probes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        method = request.method or ""
        context = request.capcut_context  # type: ignore[attr-defined]  # set by RequestMiddleware
        sent = request.META.get("HTTP_TRACEPARENT", "").strip().lower()
        with entry(method, SpanKind.SERVER, sent=sent, trace_id=context.trace_id, span_id=context.span_id) as span:
            span.set_attribute("http.request.method", method)
            span.set_attribute("url.path", request.path[:300])
            response = self.get_response(request)
            route = f"/{request.resolver_match.route}" if request.resolver_match else "-"
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                span.set_status(StatusCode.ERROR)
        return response


def _watch_statements(connection: Any, **_: Any) -> None:
    if _statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_statement)


def _statement(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 - Django's form
    text = str(sql).strip()
    attributes = {"db.system.name": context["connection"].vendor, "db.query.text": text[:2000]}
    with step(text.split(None, 1)[0] if text else "SQL", attributes):
        return execute(sql, params, many, context)
