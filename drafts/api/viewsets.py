"""The base of all routes of the API."""

from __future__ import annotations

from rest_framework import viewsets


class ViewSet(viewsets.ViewSet):
    """A view set whose replies carry no ``Allow``, except refusals of a method (``problems.exception_handler``)."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None: there is one representation of everything, and OPTIONS is not answered."""
        return {}
