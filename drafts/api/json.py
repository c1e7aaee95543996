"""JSON in and out for Django REST framework, by orjson."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class JSONRenderer(BaseRenderer):
    """Compact UTF-8 JSON; times with ``Z``."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The bytes of ``data``; nothing for a reply without a body."""
        return b"" if data is None else orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class JSONParser(BaseParser):
    """Names the media type for the OpenAPI description; views read their bodies through ``bodies``."""

    media_type = "application/json"


class Negotiation(BaseContentNegotiation):
    """One representation, whatever Accept says."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """The first parser."""
        return next(iter(parsers))

    def select_renderer(  # type: ignore[override]  # the stubs want an iterable, the framework passes a list
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first renderer."""
        return renderers[0], renderers[0].media_type
