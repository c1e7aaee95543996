"""``manage.py create_api_key``: the first key, and any other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from drafts.access.keys import make_key
from drafts.access.principal import SCOPES, USUAL_SCOPES

from ..base import OperatorCommand


class Command(OperatorCommand):
    """Makes a key of the API; the key alone goes to standard output."""

    help = (
        "Make a key of the API and show it, once: kept is a hash, so nobody can read it again. The key reaches the "
        "drafts of its workspace alone, and may do what its scopes say. The key itself is all that goes to standard "
        "output, so that a script can take it: KEY=$(manage.py create_api_key nightly)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose key, and what it may do."""
        parser.add_argument("name", metavar="NAME", help="who uses it; records name the key by it")
        self.add_workspace(parser, "whose drafts it reaches")
        parser.add_argument(
            "--scope",
            metavar="SCOPE",
            action="append",
            choices=sorted(SCOPES),
            help=f"what it may do, repeatable: {', '.join(SCOPES)}; default: {', '.join(sorted(USUAL_SCOPES))}",
        )
        parser.add_argument("--days", metavar="N", type=int, help="it expires after so many days; default: never")

    def handle(
        self, *_args: Any, name: str, workspace: str, scope: list[str] | None, days: int | None, **_options: Any
    ) -> None:
        """Make it."""
        expires_at = None if days is None else timezone.now() + timedelta(days=days)
        made = make_key(workspace=workspace, name=name, scopes=scope or sorted(USUAL_SCOPES), expires_at=expires_at)
        self.stderr.write(f"{made.row} of workspace {workspace}. This is the only time that it is shown:")
        self.stdout.write(made.token)
