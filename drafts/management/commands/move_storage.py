"""``manage.py move_storage``: from one store to another while the service runs."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from drafts.core import moving, persist
from drafts.core.models import Blob, Maintenance
from drafts.core.s3 import BlobS3Storage
from drafts.core.storage import BlobFileStorage, Store, StoreError

from ..base import OperatorCommand
from ..progress import Progress, add_jobs, human, listing

UPLOADS_POLL = 0.5  # seconds


class Command(OperatorCommand):
    """A long pass while everything goes on, a short one in maintenance, then a restart."""

    help = (
        "Copy every object from the store that is in use to another one: --to-s3 BUCKET, or --to-folder. Run it once "
        "while the service runs; it may be interrupted and repeated, and copies only what is not there yet. Then "
        "`manage.py maintenance on`, and the same command again: it copies the rest and prints the settings to "
        "restart with. Everything copied is hashed on the way and read back. Nothing is ever deleted: keep the old "
        "store until verify_storage on the new one finds nothing. S3 keys come from AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, or, for a store with other keys than the current one, from --profile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        target = parser.add_mutually_exclusive_group(required=True)
        blobs = Path(settings.STATE_DIR) / "blobs"
        target.add_argument("--to-s3", metavar="BUCKET", help="a bucket that exists")
        target.add_argument(
            "--to-folder",
            metavar="PATH",
            type=Path,
            nargs="?",
            const=blobs,
            help="a folder; without PATH, STATE_DIR/blobs, where the service looks when S3_BUCKET is unset",
        )
        parser.add_argument("--endpoint-url", metavar="URL", default="", help="S3-compatible endpoint; default: AWS")
        parser.add_argument("--region", metavar="NAME", default="us-east-1", help="default: us-east-1")
        parser.add_argument(
            "--addressing-style", choices=("auto", "path", "virtual"), default="auto", help="bucket in path or host"
        )
        parser.add_argument("--profile", metavar="NAME", help="keys from this profile of ~/.aws/credentials")
        parser.add_argument("--verify", action="store_true", help="also read again what was copied before")
        parser.add_argument(
            "--wait", metavar="SECONDS", type=float, default=60.0, help="how long to wait for uploads; default: 60"
        )
        parser.add_argument(
            "--ignore-uploads",
            action="store_true",
            help="uploads under way are dead, left by a killed process: every web process was restarted in maintenance",
        )
        add_jobs(parser)

    def handle(self, *_args: Any, verify: bool, jobs: int, **options: Any) -> None:
        """One pass. Raises ``CommandError`` while something is not in the new store."""
        target = store_of(options)
        if moving.same(target):
            raise CommandError("This is the store that is in use already.")
        last = Maintenance.objects.exists()
        if last:
            self.settle(0.0 if options["ignore_uploads"] else options["wait"], ignore=options["ignore_uploads"])
        self.copy(target, verify=verify, jobs=jobs)
        if not last:
            self.stdout.write(
                "Next: `manage.py maintenance on`, then this command again; it copies what was stored meanwhile."
            )
            return
        self.stdout.write(self.style.SUCCESS("The new store has everything. Restart web, worker and beat with:"))
        for line in lines(options):
            self.stdout.write(f"  {line}")
        self.stdout.write("Then, with these settings: `manage.py verify_storage`, and `manage.py maintenance off`.")

    def copy(self, target: Store, *, verify: bool, jobs: int) -> None:
        """Copy and tell. Raises ``CommandError`` for objects that the current store has lost."""
        progress = Progress(self.stdout)
        try:
            moving.reach(target)
            moved = moving.copy_all(target, verify=verify, jobs=jobs, watcher=progress)
        except StoreError as error:
            raise CommandError(f"A store failed: {error}. Run the command again to go on.") from error
        progress.clear()
        listing([(key, str(trouble)) for key, trouble in moved.troubles], self.stdout)
        self.stdout.write(
            f"{moved.copied:,} objects copied ({human(moved.copied_bytes)}), {moved.present:,} were there."
        )
        if moved.troubles:
            raise CommandError(
                f"The current store has lost {len(moved.troubles):,} objects: see manage.py verify_storage. "
                "All else is copied."
            )

    def settle(self, wait: float, *, ignore: bool) -> None:
        """Until nothing waits for the old store and nobody uploads. Raises ``CommandError`` when that fails."""
        persist.hurry()
        while persist.drain().stored:
            pass
        deadline = time.monotonic() + wait
        while unsettled() and time.monotonic() < deadline:
            time.sleep(UPLOADS_POLL)
        waiting, uploads = counts()
        if waiting:
            raise CommandError(f"{waiting:,} objects wait for the current store: see `manage.py drain`, then again.")
        if uploads and not ignore:
            raise CommandError(
                f"{uploads:,} uploads are under way: run the command again when they have ended. If a killed process "
                "left them, restart web and use --ignore-uploads."
            )


def counts() -> tuple[int, int]:
    """Blobs that wait for the store, and uploads of the last ``GC_GRACE`` seconds."""
    since = timezone.now() - timedelta(seconds=settings.GC_GRACE)
    uploads = Blob.objects.filter(state=Blob.State.UPLOADING, created_at__gt=since)
    return Blob.objects.filter(state__in=Blob.WAITING).count(), uploads.count()


def unsettled() -> bool:
    """Whether something may still be written to the old store."""
    return any(counts())


def store_of(options: dict[str, Any]) -> Store:
    """The store that the options name."""
    if options["to_folder"]:
        return BlobFileStorage(location=str(options["to_folder"].absolute()))
    keys = {"access_key": None, "secret_key": None} if options["profile"] else {}
    return BlobS3Storage(
        bucket_name=options["to_s3"],
        endpoint_url=options["endpoint_url"] or None,
        region_name=options["region"],
        addressing_style=options["addressing_style"],
        session_profile=options["profile"],
        file_overwrite=True,
        **keys,
    )


def lines(options: dict[str, Any]) -> list[str]:
    """What the environment must say to use the new store."""
    if options["to_folder"]:
        found = ["S3_BUCKET=   (unset)"]
        if options["to_folder"].absolute() != (Path(settings.STATE_DIR) / "blobs").absolute():
            found.append(f"STATE_DIR: a folder whose `blobs` is {options['to_folder'].absolute()}")
        return found
    return [
        f"S3_BUCKET={options['to_s3']}",
        f"S3_ENDPOINT_URL={options['endpoint_url']}",
        f"S3_REGION={options['region']}",
        f"S3_ADDRESSING_STYLE={options['addressing_style']}",
        "AWS_ACCESS_KEY_ID=... and AWS_SECRET_ACCESS_KEY=... of this bucket",
    ]
