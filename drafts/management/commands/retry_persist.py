"""``manage.py retry_persist``: no waiting for back-off, now that the store is mended."""

from __future__ import annotations

from typing import Any

from drafts.core import persist
from drafts.core.wakeups import send

from ..base import OperatorCommand


class Command(OperatorCommand):
    """The worker does the work; ``drain`` does it without one."""

    help = (
        "Make everything that waits for the object store due now, failed blobs too, and wake the worker: for after "
        "the store was mended, when some blobs would wait for up to ten minutes. Nothing is lost without it: they are "
        "retried for ever. `manage.py drain` does the storing itself, without broker and worker."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Make due, wake, and say so."""
        waiting = persist.hurry()
        if not waiting:
            self.stdout.write("Nothing waits: everything is in the store.")
        elif send(persist.TASK):
            self.stdout.write(f"{waiting} due now; the worker was woken. /readyz tells how many wait.")
        else:
            self.stdout.write(f"{waiting} due now. The broker cannot be reached: `manage.py drain` stores without it.")
