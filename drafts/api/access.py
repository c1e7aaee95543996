"""The door of the API: who is calling, and whether they may do what they ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from drafts.access.caller import current_caller, known_as
from drafts.access.keys import note_use, principal_of
from drafts.access.links import NAMED, principal_by_link
from drafts.access.members import staff_principal
from drafts.access.models import ApiKey
from drafts.access.principal import NOBODY, Kind, Principal
from drafts.core.errors import DomainError, Forbidden, Unauthenticated
from drafts.models import DraftLink

from .bodies import json_object
from .people import API


class AccessMiddleware:
    """Finds out who calls the API, by key or by session. What they may do, each operation says (:func:`demand`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        if settings.ACCESS_MODE == "open" or not request.path_info.startswith(API):
            return self.get_response(request)
        try:
            principal = _found(request)
        except DomainError as error:
            principal, request.refused_key = NOBODY, error  # type: ignore[attr-defined]  # read back by demand
        known_as(replace(current_caller(), principal=principal, name=principal.label))
        response = self.get_response(request)
        used = current_caller().principal
        note = _note_of(used)
        if note is not None:
            closers: Any = response._resource_closers  # type: ignore[attr-defined]  # run when the reply is out
            closers.append(note)
        return response


def _note_of(used: Principal) -> Callable[[], None] | None:
    """What notes the use of a key or a named link."""
    if used.key_id is not None:
        return partial(note_use, ApiKey, used.key_id)
    if used.link.startswith(NAMED):
        return partial(note_use, DraftLink, int(used.link[1:]))
    return None


def demand(request: HttpRequest, scope: str) -> None:
    """Let the caller in who has ``scope``. Raises ``Unauthenticated`` and ``Forbidden``."""
    principal = current_caller().principal
    if principal.kind is Kind.NOBODY:
        raise getattr(request, "refused_key", None) or Unauthenticated()
    if scope not in principal.scopes:
        raise Forbidden.without(scope)


def came_by_link(request: HttpRequest, named: Mapping[str, str]) -> bool:
    """Let a caller without a key in by the link in the path (``named``) or in the query.

    Without one they are let in too, and reach nothing: a draft that is not theirs is as one that is not there.
    """
    caller = current_caller()
    if caller.principal.kind is not Kind.NOBODY or hasattr(request, "refused_key"):
        return False
    given = request.GET
    spelling = named.get("draft_id") or next(iter(given.getlist("draft_id")), "")
    principal = principal_by_link(spelling=spelling, token=named.get("token") or given.get("key", ""))
    known_as(replace(caller, principal=principal))
    return True


def take_key_of_body(request: HttpRequest) -> None:
    """Who comes without another key comes with that in the field ``apiKey`` of the body (contract 7.27).

    Raises ``Unauthenticated`` for one that is not in force.
    """
    caller = current_caller()
    if caller.principal.kind is not Kind.NOBODY or hasattr(request, "refused_key") or request.method != "POST":
        return
    key = json_object(request, empty_is={}).get("apiKey")
    if isinstance(key, str) and key:
        principal = principal_of(key)
        known_as(replace(caller, principal=principal, name=principal.label))


def _found(request: HttpRequest) -> Principal:
    """Raises ``Unauthenticated`` for a key that is not in force."""
    key = _key_of(request)
    if key:
        return principal_of(key)
    if request.method in {"GET", "HEAD"} and settings.SESSION_COOKIE_NAME in request.COOKIES:
        return staff_principal(_signed_in(request))
    return NOBODY


def _key_of(request: HttpRequest) -> str:
    """The key in ``X-API-Key``, else in ``Authorization: Bearer``; other schemes are a proxy's."""
    own = request.META.get("HTTP_X_API_KEY", "").strip()
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    return str(own or (token.strip() if scheme.lower() == "bearer" else ""))


def _signed_in(request: HttpRequest) -> AbstractBaseUser | Any:
    """The user of the admin whose browser this is: the API has no sessions but to let them read."""
    request.session = SessionStore(request.COOKIES[settings.SESSION_COOKIE_NAME])
    return get_user(request)
