"""What belongs to one request: its ids, its language, its caller."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import HttpRequest

from drafts.access.caller import Caller, Door
from drafts.access.principal import NOBODY, OPEN

from .languages import Language, language_of

_TRACEPARENT = re.compile(r"[^-]+-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[^-]+", re.IGNORECASE)
_HEX32 = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Context:
    """Trace id (also the request id), span id and language of a request."""

    trace_id: str
    span_id: str
    language: Language

    @property
    def traceparent(self) -> str:
        """The W3C header of the reply."""
        return f"00-{self.trace_id}-{self.span_id}-01"


def make_context(request: HttpRequest) -> Context:
    """Read the ids that the client sent, or make new ones (contract 1.5)."""
    return Context(_trace_id(request), secrets.token_hex(8), language_of(request))


def context_of(request: HttpRequest) -> Context:
    """The context that the middleware made."""
    return cast("Context", request.capcut_context)  # type: ignore[attr-defined]  # set by RequestMiddleware


def caller_of(request: HttpRequest) -> Caller:
    """What is known of the caller before their key is looked at."""
    return Caller(
        door=Door.API,
        address=str(request.META.get("REMOTE_ADDR") or "")[:45],
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:200].replace("\0", ""),
        request_id=context_of(request).trace_id,
        principal=OPEN if settings.ACCESS_MODE == "open" else NOBODY,
    )


def _trace_id(request: HttpRequest) -> str:
    match = _TRACEPARENT.fullmatch(request.META.get("HTTP_TRACEPARENT", "").strip())
    if match and set(match["trace"]) != {"0"}:
        return match["trace"].lower()
    for header in ("HTTP_X_REQUEST_ID", "HTTP_X_TRACE_ID"):
        value = request.META.get(header, "").strip()
        if value:
            compact = value.replace("-", "").lower()
            return compact if _HEX32.fullmatch(compact) else hashlib.sha256(value.encode()).hexdigest()[:32]
    return secrets.token_hex(16)
