"""Who is calling: set by the doors, read by whatever is kept of a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import models

from .principal import SYSTEM, Principal


class Door(models.TextChoices):
    """The way in."""

    API = "api", "API"
    ADMIN = "admin"
    COMMAND = "command"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Caller:
    """Address, User-Agent and request id of a request; the command or task that acts without one.

    ``user_id`` is that of a staff user who is signed in, ``name`` theirs or the key's. What runs outside a door is a
    command.
    """

    door: Door = Door.COMMAND
    address: str = ""
    user_agent: str = ""
    request_id: str = ""
    user_id: int | None = None
    name: str = ""
    principal: Principal = SYSTEM

    def label(self, author: str = "") -> str:
        """The caller as people read it: the user, else the author that they name, else where they call from."""
        return (self.name or author or self.address or self.user_agent)[:200]


_current: ContextVar[Caller] = ContextVar("caller", default=Caller())  # noqa: B039 - it is frozen


def current_caller() -> Caller:
    """Whoever has called."""
    return _current.get()


@contextmanager
def calling(caller: Caller) -> Iterator[None]:
    """What is done in this block, ``caller`` does."""
    token = _current.set(caller)
    try:
        yield
    finally:
        _current.reset(token)


def known_as(caller: Caller) -> None:
    """More is known of the caller now; holds until the block of :func:`calling` ends."""
    _current.set(caller)
