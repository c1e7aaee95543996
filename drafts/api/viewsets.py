"""The base of all routes of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import viewsets
from rest_framework.request import Request

from .access import came_by_link, demand, take_key_of_body

OPTIONS = "metadata"  # what the framework calls the action of that method


class ViewSet(viewsets.ViewSet):
    """A view set whose replies carry no ``Allow``, except refusals of a method (``problems.exception_handler``).

    ``scopes`` names what each action demands of the caller, one of ``access.principal.SCOPES``; those of ``by_link``
    also let in who has a link to the draft and no key, and those of ``key_in_body`` who has a key there. Where
    ``answers_are_kept`` is false an ``Idempotency-Key`` does nothing: the answers show what nobody may keep.
    """

    scopes: Mapping[str, str]
    by_link: frozenset[str] = frozenset()
    key_in_body: frozenset[str] = frozenset()
    answers_are_kept = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let nobody in who lacks the action's scope; a method that there is not is refused later."""
        if self.action is not None and self.action != OPTIONS:
            http = request._request
            if self.action in self.key_in_body:
                take_key_of_body(http)
            if self.action not in self.by_link or not came_by_link(http, kwargs):
                demand(http, self.scopes[self.action])
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Nothing: ``AccessMiddleware`` knew the caller before a view was chosen."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None: there is one representation of everything, and OPTIONS is not answered."""
        return {}
