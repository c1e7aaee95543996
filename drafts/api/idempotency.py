"""``Idempotency-Key`` on every request that changes something (the IETF draft of that name)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from drafts.access import idempotency
from drafts.access.caller import current_caller
from drafts.access.models import KeptAnswer
from drafts.access.principal import Kind
from drafts.core.errors import InvalidParameter, Text, Unavailable

from .bodies import is_json, read_body
from .problems import as_domain_error, failure_status, problem

HEADER = "Idempotency-Key"
SURFACES = ("/openapi/capcut-mate/", "/api/")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
KEPT = ("Content-Type", "ETag", "Location", "Cache-Control")
_KEY = re.compile(r'([!#-~]{1,255})|"([!#-~]{1,255})"')


class IdempotencyMiddleware:
    """Answers a repeated request with the answer that it got; without the header it does nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        raw = request.META.get("HTTP_IDEMPOTENCY_KEY")
        if raw is None or request.method not in UNSAFE or not _answers(request) or _is_nobody():
            return self.get_response(request)
        try:
            return self._once(request, _ask(request, raw))
        except Exception as error:  # noqa: BLE001 - the last door: nothing above it knows the problem object
            return problem(request, as_domain_error(error))

    def _once(self, request: HttpRequest, ask: idempotency.Ask) -> HttpResponseBase:
        kept = idempotency.answered(ask)
        if kept is not None:
            return _replay(kept)
        with idempotency.asked(ask) as once:
            response = self.get_response(request)
            if not once.lost and failure_status(response) < 400 and isinstance(response, HttpResponse):
                headers = {name: response[name] for name in KEPT if name in response}
                with suppress(Unavailable):  # another request had the key first
                    once.keep(status=response.status_code, headers=headers, body=response.content)
        if once.lost:
            kept = idempotency.answered(ask)
            return response if kept is None else _replay(kept)
        return response


def _is_nobody() -> bool:
    """Whether the caller has no rights; the view refuses, and no kept answer is given away."""
    return current_caller().principal.kind is Kind.NOBODY


def _answers(request: HttpRequest) -> bool:
    """Whether a route of the API takes this method and its answers may be kept; else it is as without a key."""
    if not request.path.startswith(SURFACES):
        return False
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    actions, kept = getattr(view, "actions", {}), getattr(getattr(view, "cls", None), "answers_are_kept", False)
    return kept and str(request.method).lower() in actions


def _ask(request: HttpRequest, raw: str) -> idempotency.Ask:
    match = _KEY.fullmatch(raw.strip())
    if match is None:
        text = Text(
            f"{HEADER} must have 1 to 255 visible ASCII characters", f"{HEADER} 必须为 1 到 255 个可见 ASCII 字符"
        )
        raise InvalidParameter.of(HEADER, "format", text)
    body = _body(request)
    author = _author(body)
    told = [request.method or "", request.get_full_path(), body if body is not None else _length(request)]
    digest = hashlib.sha256()
    for part in told:
        data = part if isinstance(part, bytes) else part.encode()
        digest.update(b"%d:" % len(data) + data)
    caller = current_caller()
    who = caller.address if caller.principal.key_id is None else f"key {caller.principal.key_id}"
    return idempotency.Ask(f"{who} {author}"[:300], match[1] or match[2], digest.hexdigest())


def _body(request: HttpRequest) -> bytes | None:
    """A JSON body, which the view can read again; ``None`` for uploads, and for what the view will refuse."""
    longest = max(settings.MAX_BODY_BYTES, settings.MAX_DOCUMENT_BYTES)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not is_json(request) or not length.isdecimal() or int(length) > longest:
        return None
    data = read_body(request, limit=longest, setting="MAX_DOCUMENT_BYTES", required=False)
    request._stream = BytesIO(data)  # as HttpRequest.body does
    request._read_started = False  # type: ignore[attr-defined]  # the stubs know the stream only
    return data


def _length(request: HttpRequest) -> str:
    """The fingerprint of an upload: its length, for its bytes pass by once."""
    return str(request.META.get("CONTENT_LENGTH") or "")


def _author(body: bytes | None) -> str:
    if body is None or b'"author"' not in body or len(body) > settings.MAX_BODY_BYTES:
        return ""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    author = value.get("author") if isinstance(value, dict) else None
    return author[:200] if isinstance(author, str) else ""


def _replay(kept: KeptAnswer) -> HttpResponse:
    response = HttpResponse(bytes(kept.body), status=kept.status)
    del response["Content-Type"]
    for name, value in kept.headers.items():
        response[name] = value
    response["Idempotency-Replayed"] = "true"
    return response
