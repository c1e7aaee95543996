"""What is known of a caller, kept with every version that it makes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """Address, User-Agent and request id of one request; empty outside a request."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""
