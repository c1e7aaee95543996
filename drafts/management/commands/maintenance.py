"""``manage.py maintenance``: keep writes out while something is being done to the server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from drafts.core import gate
from drafts.core.models import Maintenance

from ..base import OperatorCommand


class Command(OperatorCommand):
    """One row in the database, so that it counts for every process on every machine."""

    help = (
        "Keep writes out (on), let them in again (off), or say which it is (status). While it is on, every write "
        "answers 503 with Retry-After and the reason, and clients try again by themselves; reads and downloads go "
        "on, and saves that were acknowledged keep being stored. All processes follow within a second."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and why."""
        parser.add_argument("action", choices=("on", "off", "status"))
        parser.add_argument(
            "--reason", metavar="TEXT", help="with on: what clients are told, e.g. 'Back at 14:00 UTC.'"
        )

    def handle(self, *_args: Any, action: str, reason: str | None, **_options: Any) -> None:
        """Do it and say how things stand."""
        longest = Maintenance._meta.get_field("reason").max_length or 0
        if reason is not None and action != "on":
            raise CommandError("--reason belongs to `maintenance on`.")
        if len(reason or "") > longest:
            raise CommandError(f"A reason has at most {longest} characters.")
        if action == "on":
            gate.start_maintenance(reason=reason or "")
        elif action == "off" and not gate.end_maintenance():
            self.stdout.write("It was off already.")
        self.stdout.write(status())


def status() -> str:
    """How things stand, in one line that begins with ``on`` or ``off``."""
    row = Maintenance.objects.first()
    if row is None:
        return "off: writes are let in"
    return f"on since {row.since:%Y-%m-%d %H:%M:%S} UTC: writes answer 503. {row.reason}".rstrip()
