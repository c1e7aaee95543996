"""What the operators' commands share: a refusal is one sentence and exit status 1, never a traceback."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from drafts.access.caller import Caller, Door, calling
from drafts.access.keys import check_workspace
from drafts.access.principal import DEFAULT_WORKSPACE
from drafts.core.errors import DomainError
from drafts.core.storage import StoreError


class OperatorCommand(BaseCommand):
    """A command whose foreseeable failures are told in one sentence; ``--traceback`` shows the rest.

    What it makes belongs to the workspace that its option ``--workspace`` names, if it has that option.
    """

    @staticmethod
    def add_workspace(parser: CommandParser, what: str) -> None:
        """The option; ``what`` says what it is for."""
        parser.add_argument("--workspace", metavar="ID", default=DEFAULT_WORKSPACE, help=what)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command. Raises ``CommandError``."""
        caller = Caller(Door.COMMAND, user_agent=f"manage.py {type(self).__module__.rpartition('.')[2]}")
        try:
            if options.get("workspace", DEFAULT_WORKSPACE) != DEFAULT_WORKSPACE:
                workspace = check_workspace(str(options["workspace"]))
                caller = replace(caller, principal=replace(caller.principal, workspace=workspace))
            with calling(caller):
                return super().execute(*args, **options)
        except DomainError as error:
            raise CommandError(sentence(error)) from error
        except StoreError as error:
            raise CommandError(f"The object store cannot be reached: {error}.") from error
        except DatabaseError as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise CommandError(f"The database cannot be used: {reason}.") from error
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            raise CommandError(f"{name}{error.strerror or error}.") from error


def sentence(error: DomainError) -> str:
    """The refusal and what to do about it."""
    detail = error.detail.en.rstrip(".")
    return f"{detail}. {error.hint.en}" if error.hint else f"{detail}."
