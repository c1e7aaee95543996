"""Middleware that only pages for people need; the API has no sessions, no messages and no redirects.

Six layers that find nothing to do cost a request of the API as much as its query does. They are Django's own
classes, so that its checks find them; CSRF, the security headers and X-Frame-Options stay for everything.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.middleware import common

from drafts.access.caller import Door, current_caller, known_as
from drafts.access.members import staff_principal

API = ("/openapi/", "/v1/", "/api/v1/")
ADMIN = "/admin"


class _ForPeople:
    """Steps aside for the API."""

    def __call__(self, request: HttpRequest) -> Any:
        """The layer itself, or what lies below it."""
        if request.path_info.startswith(API):
            return self.get_response(request)  # type: ignore[attr-defined]  # of the class beside this one
        return super().__call__(request)  # type: ignore[misc]  # likewise


class SessionMiddleware(_ForPeople, sessions.SessionMiddleware):
    """Sessions of the admin."""


class CommonMiddleware(_ForPeople, common.CommonMiddleware):
    """Refused user agents and the like."""


class AuthenticationMiddleware(_ForPeople, auth.AuthenticationMiddleware):
    """Who is logged in to the admin."""

    def process_request(self, request: HttpRequest) -> None:
        """Find the user, and let what is kept of a change name them."""
        super().process_request(request)
        if request.path_info.startswith(ADMIN):
            user = request.user
            caller = replace(current_caller(), door=Door.ADMIN, principal=staff_principal(user))
            known_as(replace(caller, user_id=user.pk, name=user.get_username()))


class MessageMiddleware(_ForPeople, messages.MessageMiddleware):
    """What the admin says after a change."""
