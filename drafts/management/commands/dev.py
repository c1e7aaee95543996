"""``manage.py dev``: the whole service from one command."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Starts web, worker, beat and the embedded broker; see ``capcut_site/supervisor.py``."""

    help = "Start the whole service: database, broker, worker, beat and web server."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """One option, for make."""
        parser.add_argument("--tied", action="store_true", help="stop when the process that started this one ends")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until told to stop."""
        from capcut_site.supervisor import Supervisor

        Supervisor(tied=options["tied"]).run()
