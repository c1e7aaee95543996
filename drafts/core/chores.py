"""What the chores of worker and operators last did, for the operations page."""

from __future__ import annotations

from typing import Any

from .models import Chore


def record(name: Chore.Name, *, ok: bool = True, **result: Any) -> None:
    """A chore has ended; its row is replaced."""
    row = Chore(name=name, ok=ok, result=result)
    Chore.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["name"], update_fields=["finished_at", "ok", "result"]
    )
