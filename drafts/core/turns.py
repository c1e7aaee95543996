"""Chores look at a part of a table at a time, so that a pass costs the same however many rows there are."""

from __future__ import annotations

from django.db.models import Model
from django.utils import timezone


def turn(model: type[Model], *, size: int, every: float) -> range:
    """The ``size`` ids whose turn it is among those of ``model``, for a pass that comes each ``every`` seconds.

    The clock says whose, so that nobody must remember how far the last pass came.
    """
    highest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    rounds = highest // size + 1
    start = int(timezone.now().timestamp() // every) % rounds * size
    return range(start, start + size)
