"""``manage.py backup``: everything that a new server needs, in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from drafts.core import chores
from drafts.core.backup import back_up
from drafts.core.models import Chore

from ..base import OperatorCommand
from ..progress import Progress, add_jobs, human, told


class Command(OperatorCommand):
    """While the service runs; again and again into the same folder."""

    help = (
        "Back up the database as it is at this moment, and every object that it needs, into FOLDER. Saves go on "
        "meanwhile. Run it again with the same FOLDER, for example every night: only new objects are copied, each "
        "hashed on the way and read back. The new backup replaces the old one when it is complete; one that breaks "
        "off changes nothing. PostgreSQL is copied by pg_dump, which must be on PATH. Not in it: SECRET_KEY and the "
        "other settings. `manage.py restore_backup FOLDER --dry-run` reads a backup again without restoring it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="where the backups lie; made when missing")
        parser.add_argument(
            "--verify",
            action="store_true",
            help="also read the objects again that are in FOLDER already, and mend them",
        )
        add_jobs(parser)

    def handle(self, *_args: Any, folder: Path, verify: bool, jobs: int, **_options: Any) -> None:
        """Back up. Raises ``CommandError`` when it fails, or when the store itself has lost objects."""
        progress = Progress(self.stdout)
        with told():
            made = back_up(folder, verify=verify, jobs=jobs, watcher=progress)
        progress.clear()
        found = made.manifest
        figures = {"objects": found.count, "bytes": found.bytes, "copied": made.copied, "lost": len(found.lost)}
        chores.record(Chore.Name.BACKUP, ok=not found.lost, **figures)
        self.stdout.write(
            f"{folder / found.database}: {human(found.database_bytes)}, with {found.waiting:,} objects that wait for "
            f"the store\n{folder / 'blobs'}: {found.count:,} objects ({human(found.bytes)}) needed, {made.copied:,} of "
            f"them new ({human(made.copied_bytes)})"
        )
        if (Path(settings.STATE_DIR) / "secret_key").exists():
            self.stdout.write(f"Keep a copy of {Path(settings.STATE_DIR) / 'secret_key'} too, in another place.")
        if found.lost:
            raise CommandError(
                f"The store has lost {len(found.lost):,} objects, which are not in the backup: see manage.py "
                "verify_storage. All else is."
            )
        self.stdout.write(self.style.SUCCESS(f"Backup of {found.made_at} is complete."))
