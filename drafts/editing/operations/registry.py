"""Which function does which command.

To add an operation: a frozen dataclass in ``commands.py`` (or ``changes.py``, for a change of what exists) and in its
union, a function in a module of this package marked ``@operates(TheCommand)``, and that module's import in
``__init__.py``. The function takes the timeline and the command, checks everything that depends on the document,
raises EditError naming the item, changes the document through the timeline's methods and the builders, and returns
one of the results of ``commands.py``.
It may leave a half-changed document behind when it raises: ``apply`` throws that away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..changes import Operation
from ..commands import Result
from ..timeline import Timeline

C = TypeVar("C")
R = TypeVar("R", bound=Result)

_OPERATIONS: dict[type, Callable[[Timeline, Any], Result]] = {}


def operates(kind: type[C]) -> Callable[[Callable[[Timeline, C], R]], Callable[[Timeline, C], R]]:
    """Register a function as the operation of a command."""

    def register(function: Callable[[Timeline, C], R]) -> Callable[[Timeline, C], R]:
        _OPERATIONS[kind] = function
        return function

    return register


def perform(timeline: Timeline, command: Operation) -> Result:
    """Do one command."""
    return _OPERATIONS[type(command)](timeline, command)
