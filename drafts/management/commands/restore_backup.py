"""``manage.py restore_backup``: a server from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from drafts.core import restoring, verify
from drafts.core.models import Maintenance

from ..base import OperatorCommand
from ..progress import Progress, add_jobs, listing, told


class Command(OperatorCommand):
    """Into an empty state only."""

    help = (
        "Restore the backup in FOLDER into an empty state: a DATABASE_URL without tables (do not migrate first) and "
        "an empty bucket or STATE_DIR. Anything else is refused, and nothing is ever overwritten. Objects come first, "
        "then the database, then every object is read again. After a break the same command goes on. The kind of "
        "database must be that of the backup; the store may be of another kind. --dry-run reads the whole backup, "
        "says whether it could be restored here, and writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from."""
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder that manage.py backup wrote")
        parser.add_argument("--dry-run", action="store_true", help="read everything, restore nothing")
        add_jobs(parser)

    def handle(self, *_args: Any, folder: Path, dry_run: bool, jobs: int, **_options: Any) -> None:
        """Restore and verify. Raises ``CommandError`` when it cannot, or when the backup lacks something."""
        self.progress = Progress(self.stdout)
        with told():
            if dry_run:
                self.look(folder, jobs)
                return
            restored = restoring.restore(folder, jobs=jobs, watcher=self.progress)
        self.progress.clear()
        listing([(key, str(trouble)) for key, trouble in restored.troubles], self.stdout)
        self.stdout.write(
            f"Restored as of {restored.manifest.made_at}: {restored.copied:,} objects, {restored.present:,} were there."
        )
        wrong = self.read_back(jobs)
        if Maintenance.objects.exists():
            self.stdout.write("The backup was made during maintenance: `manage.py maintenance off` lets writes in.")
        if wrong:
            raise CommandError(f"{wrong:,} objects are not as they should be; manage.py verify_storage lists them.")
        self.stdout.write(self.style.SUCCESS("Everything is as it should be. Run `manage.py migrate`, then start."))

    def read_back(self, jobs: int) -> int:
        """Re-hash what is there now; how many objects are wrong."""
        wrong = 0
        self.progress.begin("read", verify.count())
        for seen in verify.check_blobs(jobs=jobs):
            self.progress.tick(seen.item.size)
            wrong += seen.trouble is not None
        self.progress.clear()
        return wrong

    def look(self, folder: Path, jobs: int) -> None:
        """The dry run."""
        manifest = restoring.check(folder)
        troubles = restoring.read_again(folder, manifest, jobs=jobs, watcher=self.progress)
        self.progress.clear()
        listing([(key, str(trouble)) for key, trouble in troubles], self.stdout)
        if troubles:
            raise CommandError(
                f"{len(troubles):,} of {manifest.count:,} objects of the backup are not as they should be."
            )
        self.stdout.write(f"The backup of {manifest.made_at} is whole and could be restored here. Nothing was written.")
