"""The outermost layer: request ids, language, host, health, conditional replies, one access line."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

import structlog
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from drafts.access.caller import calling
from drafts.core import metrics
from drafts.core.errors import DomainError, Stale
from drafts.core.identifiers import without_token

from . import forwarded, operators, policies
from .context import Context, caller_of, make_context
from .etags import not_modified
from .problems import as_domain_error, failure_status, problem
from .streaming import admitted

log = structlog.get_logger("drafts.access")

GONE_EVERY = 60.0
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
NO_BODY = {None, "", "0"}
KEPT = ("cache-control", "vary", "access-control-")  # of a reply that becomes 304; browsers need the last ones
_gone: dict[str, float] = {}


class RequestMiddleware:
    """Everything that is the same for every request of every surface."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        started = time.perf_counter()
        forwarded.settle(request)
        context = make_context(request)
        request.capcut_context = context  # type: ignore[attr-defined]  # read back by context_of
        structlog.contextvars.bind_contextvars(request_id=context.trace_id, traceparent=context.traceparent)
        translation.activate("zh-hans" if context.language == "zh" else "en")
        request.LANGUAGE_CODE = translation.get_language() or "en"
        try:
            with calling(caller_of(request)):
                response = self._answer(request)
            _finish(request, response, context, time.perf_counter() - started)
        finally:
            structlog.contextvars.clear_contextvars()
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        operator = operators.ROUTES.get(request.path.rstrip("/"))
        if operator is not None:  # before the host is checked: probes come with any name
            return operator(request)
        try:
            request.get_host()
        except DisallowedHost as error:
            return problem(request, as_domain_error(error))
        if request.META.get("CONTENT_LENGTH") in NO_BODY:
            return conditional(request, self.get_response(request))
        try:
            with admitted(request):
                return conditional(request, self.get_response(request))
        except DomainError as error:
            return problem(request, error)


def conditional(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Give a JSON reply to GET a hash of its body as ETag, and answer 304 when the client has it."""
    if request.method not in {"GET", "HEAD"} or not isinstance(response, HttpResponse) or response.status_code != 200:
        return response
    if not response.get("Content-Type", "").startswith("application/json"):
        return response
    if not response.has_header("ETag"):
        response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        patch_vary_headers(response, ["Accept-Language"])
    response.setdefault("Cache-Control", "no-cache")
    try:
        unchanged = not_modified(request, response["ETag"])
    except Stale as error:
        return problem(request, error)
    if unchanged is None:
        return response
    for name, value in response.items():
        if name.lower().startswith(KEPT):
            unchanged[name] = value
    return unchanged


def _finish(request: HttpRequest, response: HttpResponseBase, context: Context, seconds: float) -> None:
    response["X-Request-ID"] = context.trace_id
    response["traceparent"] = context.traceparent
    response.setdefault("X-Content-Type-Options", "nosniff")
    response.setdefault("Content-Security-Policy", policies.policy_for(request.path))
    if response.status_code in {204, 304}:
        del response["Content-Length"]  # none, or that of the reply which the client has
    elif isinstance(response, HttpResponse):
        response.setdefault("Content-Length", str(len(response.content)))
    match = request.resolver_match
    route = f"/{match.route}" if match else "-"
    method = request.method if request.method in METHODS else "other"
    metrics.REQUESTS.labels(route, method, response.status_code).inc()
    metrics.SECONDS.labels(route).observe(seconds)
    if _worth_a_line(request, response):
        log.info(
            "request",
            method=request.method,
            path=without_token(request.path)[:300],
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            address=request.META.get("REMOTE_ADDR", ""),
        )


def _worth_a_line(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Clients save and poll drafts that are gone for ever: one line a minute for each place that asks."""
    if failure_status(response) != 404:
        return True
    now = time.monotonic()
    place = f"{request.META.get('REMOTE_ADDR', '')} {request.path}"
    if now - _gone.get(place, float("-inf")) < GONE_EVERY:
        return False
    if len(_gone) > 1000:
        _gone.clear()
    _gone[place] = now
    return True
