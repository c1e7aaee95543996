"""``manage.py migrate``: Django's own, after a copy of an SQLite database that it is about to change."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor

from drafts.core.snapshots import SnapshotError, copy_before_migration

ONLY_LOOKING = ("plan", "check_unapplied", "prune", "fake")


class Command(migrate.Command):
    """Back to the release before is a matter of one file, whoever migrates."""

    help = (
        f"{migrate.Command.help} An SQLite database that holds something is copied beside itself first, and the three "
        "newest copies stay: to go back to the release before, stop the service and put the copy in its place."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy where there is something to lose, then migrate. Raises ``CommandError``; nothing was migrated then."""
        looking = any(options.get(name) for name in ONLY_LOOKING)
        if connection.vendor == "sqlite" and options["database"] == DEFAULT_DB_ALIAS and not looking:
            self._copy(back=bool(options["migration_name"]))
        super().handle(*args, **options)

    def _copy(self, *, back: bool) -> None:
        executor = MigrationExecutor(connection)
        plan = back or executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not plan or not executor.loader.applied_migrations:
            return
        try:
            self.stdout.write(f"Copying the database to {copy_before_migration()} ...")
        except SnapshotError as error:
            raise CommandError(f"{error} Nothing was migrated.") from error
