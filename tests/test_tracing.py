"""Traces: off by default; on, a save and the storing of its bytes are one trace, with the request's own ids."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.harness import ROOT, Service, wait_for

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"


class Collector(ThreadingHTTPServer):
    """OTLP over HTTP; keeps (service, span)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[tuple[str, Span]] = []
        self.paths: set[str] = set()

    @property
    def url(self) -> str:
        """What OTEL_EXPORTER_OTLP_ENDPOINT names."""
        return f"http://127.0.0.1:{self.server_port}"

    def of(self, trace_id: str) -> dict[str, list[tuple[str, Span]]]:
        """The spans of a trace, by their name."""
        found: dict[str, list[tuple[str, Span]]] = {}
        for service, span in self.spans:
            if span.trace_id.hex() == trace_id:
                found.setdefault(span.name, []).append((service, span))
        return found


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.paths.add(self.path)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            spans = [span for scope in resource.scope_spans for span in scope.spans]
            self.server.spans.extend((names["service.name"], span) for span in spans)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector on a free port."""
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_save_and_its_storing_are_one_trace(collector: Collector, tmp_path: Path) -> None:
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    service = Service(tmp_path / "state", DATABASE_URL="", REDIS_URL="", **traced)
    try:
        service.start()
        draft = service.create()
        reply = requests.post(
            f"{service.url}/openapi/capcut-mate/v1/save_draft",
            json={"draft_url": draft["draft_url"]},
            headers={"traceparent": f"00-{TRACE}-{CALLER}-01"},
            timeout=10,
        )
        wait_for(lambda: "drafts.drain" in collector.of(TRACE), "the worker's span in the caller's trace")
        spans = collector.of(TRACE)
        [(name, save)] = spans["POST /^openapi/capcut-mate/v1/save_draft/?\\Z"]
        assert name == "capcut-web"
        assert save.parent_span_id.hex() == CALLER
        assert reply.headers["traceparent"] == f"00-{TRACE}-{save.span_id.hex()}-01"
        drains = spans["drafts.drain"]
        assert {(name, span.parent_span_id) for name, span in drains} == {("capcut-worker", save.span_id)}
        below = [span for found in spans.values() for _, span in found if span.parent_span_id == save.span_id]
        texts = [each.value.string_value for span in below for each in span.attributes if each.key == "db.query.text"]
        assert any("INSERT INTO" in text and "drafts_draftversion" in text for text in texts)
        assert not any(draft["draft_id"] in text for text in texts)
        if os.environ.get("S3_BUCKET"):
            parents = {span.span_id for _, span in drains}
            assert all(span.parent_span_id in parents for _, span in spans["S3 put"])

        made = requests.get(draft["draft_url"], headers={"X-Request-ID": "f" * 32}, timeout=10)
        assert made.headers["X-Request-ID"] == "f" * 32
        get = "GET /^openapi/capcut-mate/v1/get_draft/?\\Z"
        wait_for(lambda: get in collector.of("f" * 32), "a trace with the request's own id")
        [(_, root)] = collector.of("f" * 32)[get]
        assert root.parent_span_id == b""
        assert collector.paths == {"/v1/traces"}
        assert not any("readyz" in span.name or "metrics" in span.name for _, span in collector.spans)
    finally:
        assert service.stop() == 0


def test_a_collector_that_is_gone_hurts_nobody(tmp_path: Path) -> None:
    service = Service(
        tmp_path / "state", DATABASE_URL="", S3_BUCKET="", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9"
    )
    try:
        service.start()
        for _ in range(5):
            assert requests.get(service.create()["draft_url"], timeout=2).json()["code"] == 0
    finally:
        assert service.stop() == 0


@pytest.mark.parametrize(
    "command", [["manage.py", "check"], ["-m", "capcut_site.web"], ["-m", "celery", "--app=capcut_site", "beat"]]
)
def test_without_its_packages_it_says_so(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").touch()
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "STATE_DIR": str(tmp_path / "state"),
        "DJANGO_SETTINGS_MODULE": "capcut_site.settings",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
    }
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed" in last


def test_off_by_default_it_is_not_even_imported() -> None:
    program = "import sys; import capcut_site.wsgi, capcut_site.celery; print('opentelemetry' in sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "capcut_site.settings"}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
