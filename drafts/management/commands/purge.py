"""``manage.py purge``: what is in the trash goes for good."""

from __future__ import annotations

from argparse import ArgumentTypeError
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db.models import Count, QuerySet, Sum

from drafts.core import chores
from drafts.core.errors import Conflict, DraftNotFound
from drafts.core.identifiers import parse_draft_url
from drafts.core.models import Chore
from drafts.models import Draft
from drafts.selectors.drafts import get_any_draft
from drafts.selectors.trash import blobs_of, half_purged, held, to_purge
from drafts.services.purge import check_purgeable, purge_draft

from ..base import OperatorCommand
from ..progress import Progress, human


class Command(OperatorCommand):
    """What the worker does every ten minutes, in the foreground, for any age."""

    help = (
        "Delete for good what has been in the trash for TRASH_DAYS: the drafts, all their versions and, by the "
        "collector after GC_GRACE, the bytes that nothing else uses. What is held stays. The worker does the same "
        "every ten minutes. An interrupted run goes on with the next one; nobody sees a draft again whose purge has "
        "begun. With --dry-run it lists drafts, versions and bytes that would go, and deletes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and whether in earnest."""
        parser.add_argument("--dry-run", action="store_true", help="only list what would go")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--older-than", metavar="DAYS", type=days, help="what was put into the trash so long ago; 0: all of it"
        )
        which.add_argument("--draft", metavar="ID", help="id or draft_url of one draft in the trash, whatever its age")

    def handle(self, *_args: Any, dry_run: bool, older_than: int | None, draft: str | None, **_options: Any) -> None:
        """List, or purge. Raises ``CommandError`` for a draft that cannot be purged."""
        drafts = one(draft) if draft else old(older_than)
        (self.list if dry_run else self.purge)(drafts)

    def list(self, drafts: QuerySet[Draft]) -> None:
        """What a run would delete now, and what it would all free."""
        for row in drafts.select_related("head").iterator():
            count, size = freed(Draft.objects.filter(pk=row.pk))
            what = f"{versions(row)} versions, {count} blobs of its own ({human(size)})"
            self.stdout.write(f"{row.pk} {row.name}: {what}, in the trash since {row.deleted_at:%Y-%m-%d %H:%M} UTC")
        for row in held().iterator():
            self.stdout.write(f"{row.pk} {row.name}: held, stays")
        count, size = freed(drafts)
        total = drafts.aggregate(drafts=Count("pk"), versions=Sum("head__number", default=0))
        blobs = f"{count} blobs ({human(size)}) that nothing else uses"
        self.stdout.write(f"{total['drafts']} drafts with {total['versions']} versions and {blobs} would go.")

    def purge(self, drafts: QuerySet[Draft]) -> None:
        """Finish what was begun, then these."""
        ids = [*half_purged().values_list("pk", flat=True), *drafts.values_list("pk", flat=True)]
        progress = Progress(self.stdout)
        progress.begin("purged", len(ids), unit="drafts")
        gone = 0
        for draft_id in ids:
            with suppress(Conflict, DraftNotFound):  # brought back, held or purged by another meanwhile
                gone += bool([*purge_draft(draft_id=draft_id)])
            progress.tick(0)
        progress.clear()
        chores.record(Chore.Name.PURGE, drafts=gone)
        self.stdout.write(f"{gone} drafts purged. The collector takes what nothing else uses, GC_GRACE from now.")


def one(spelling: str) -> QuerySet[Draft]:
    """The draft that is named, if it can be purged."""
    draft = get_any_draft(draft_id=parse_draft_url(spelling).id)
    check_purgeable(draft)
    return Draft.objects.filter(pk=draft.pk)


def old(older_than: int | None) -> QuerySet[Draft]:
    """Those that are long enough in the trash. Raises ``CommandError`` when nothing says how long that is."""
    if older_than is None and not settings.TRASH_DAYS:
        raise CommandError("TRASH_DAYS is 0: say how old, with --older-than DAYS, or which, with --draft ID.")
    return to_purge(days=settings.TRASH_DAYS if older_than is None else older_than)


def freed(drafts: QuerySet[Draft]) -> tuple[int, int]:
    """How many blobs, and their bytes, that nothing but these drafts uses."""
    total = blobs_of(drafts).aggregate(count=Count("pk"), size=Sum("size", default=0))
    return total["count"], total["size"]


def versions(draft: Draft) -> int:
    """How many it has."""
    return draft.head.number if draft.head else 0


def days(text: str) -> int:
    """A whole number from 0."""
    if not text.isdecimal() or len(text) > 5:
        raise ArgumentTypeError(f"{text!r} is no number of days")
    return int(text)
