"""What the operators' commands share: a refusal is one sentence and exit status 1, never a traceback."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from drafts.core.errors import DomainError
from drafts.core.storage import StoreError


class OperatorCommand(BaseCommand):
    """A command whose foreseeable failures are told in one sentence; ``--traceback`` shows the rest."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command. Raises ``CommandError``."""
        try:
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
