"""``manage.py collect``: delete what nothing refers to any more."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from drafts.core import chores
from drafts.core import collect as collecting
from drafts.core.models import Chore, DoomedObject

from ..base import OperatorCommand


class Command(OperatorCommand):
    """What the worker does a part at a time, all at once and in the foreground."""

    help = (
        "Delete blobs that no draft and no version refers to and that nothing has used for GC_GRACE seconds, then the "
        "objects in the store that no blob owns. The worker does the same every ten minutes, looking at a part of the "
        "blobs each time. With --dry-run it lists "
        "what would go and deletes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One switch."""
        parser.add_argument("--dry-run", action="store_true", help="only list what would be deleted")

    def handle(self, *_args: Any, dry_run: bool, **_options: Any) -> None:
        """List, or delete until nothing is left. Raises ``CommandError`` when objects could not be deleted."""
        if dry_run:
            self.list()
            return
        blobs = objects = 0
        more = True
        while more:
            done = collecting.collect()
            blobs, objects, more = blobs + done.blobs, objects + done.objects, done.more
        self.stdout.write(f"{blobs} blobs and {objects} objects deleted.")
        left = DoomedObject.objects.count()
        chores.record(Chore.Name.COLLECT, ok=not left, blobs=blobs, objects=objects)
        if left:
            raise CommandError(f"The store failed: {left} objects are still to be deleted, and will be tried again.")

    def list(self) -> None:
        """What a run would delete now, and what it would all free."""
        blobs = size = 0
        for blob in collecting.unreferenced().order_by("touched_at").iterator():
            self.stdout.write(
                f"blob {blob.key} {filesizeformat(blob.size)}, last used {blob.touched_at:%Y-%m-%d %H:%M} UTC"
            )
            blobs, size = blobs + 1, size + blob.size
        for key in DoomedObject.objects.order_by("doomed_at").values_list("key", flat=True).iterator():
            self.stdout.write(f"object {key}")
        objects = DoomedObject.objects.count()
        grace = f"unused for {settings.GC_GRACE} s"
        self.stdout.write(f"{blobs} blobs ({filesizeformat(size)}, {grace}) and {objects} objects would be deleted.")
