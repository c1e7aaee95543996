"""``manage.py drain``: store what waits, without broker and worker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.db.models import Min

from drafts.core import persist

from ..base import OperatorCommand


class Command(OperatorCommand):
    """What the worker does, in the foreground."""

    help = (
        "Copy everything that waits in the database into the object store now, in this process: for a server whose "
        "broker or worker is broken. It may run beside them, and again. Ends with status 1 while anything still waits, "
        "and says why."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Drain until nothing is due. Raises ``CommandError`` when something still waits."""
        stored = 0
        persist.hurry()
        self.stdout.write(f"{persist.waiting().count()} waiting")
        while True:
            done = persist.drain()
            stored += done.stored
            if not done.stored:
                break
            self.stdout.write(f"{stored} stored, {persist.waiting().count()} waiting")
        left = persist.waiting().count()
        if left:
            raise CommandError(why(left))
        self.stdout.write(self.style.SUCCESS("Everything is in the store."))


def why(left: int) -> str:
    """What still waits, the last error, and when it is tried again."""
    error = persist.waiting().exclude(error="").order_by("-next_try_at").values_list("error", flat=True).first()
    next_try = persist.waiting().aggregate(first=Min("next_try_at"))["first"]
    reason = f": {error}" if error else ""
    when = f" Next try at {next_try:%H:%M:%S} UTC." if next_try else ""
    return f"{left} still waiting{reason}.{when}"
