"""Does the store hold what the rows say, and nothing else? Reads everything, changes nothing."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import zstandard
from django.conf import settings
from django.utils import timezone

from . import blobs
from .copying import JOBS, Item, Patience, Trouble, examine, in_parallel
from .models import Blob, DoomedObject
from .storage import Listed, ObjectMissing

PAGE = 500
SEEN_AGAIN = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """One blob that was looked at, and whether it still waits for the store."""

    item: Item
    waits: bool
    trouble: Trouble | None


def count() -> int:
    """How many blobs there are to check; uploads in progress are none."""
    return Blob.objects.exclude(state=Blob.State.UPLOADING).count()


def check_blobs(*, after: int = 0, share: float = 1.0, jobs: int = JOBS) -> Iterator[Seen]:
    """Re-hash every blob by rising id from ``after`` on: objects of stored ones, payloads of waiting ones.

    ``share`` (0 to 1) of them are picked at random. What is wrong is looked at once more together with its
    row, since a blob may be stored or collected meanwhile. Raises ``StoreError`` when the store is away.
    """
    store = blobs.store()
    patience = Patience()

    def work(row: tuple[Item, bool]) -> Trouble | None:
        item, waits = row
        return None if waits else examine(store, item)

    for (item, waits), trouble in in_parallel(work, rows(after, share), jobs=jobs):
        patience.see(trouble)
        yield _settled(item.id, item) if waits or trouble else Seen(item, waits, None)


def rows(after: int = 0, share: float = 1.0) -> Iterator[tuple[Item, bool]]:
    """Every blob by rising id, and whether it waits; a page at a time, so that no statement lasts for hours."""
    while True:
        found = Blob.objects.filter(pk__gt=after).exclude(state=Blob.State.UPLOADING).order_by("pk")
        page = list(found.values_list("pk", "key", "sha256", "size", "state")[:PAGE])
        for pk, key, sha256, size, state in page:
            after = pk
            if share >= 1 or random.random() < share:  # noqa: S311 - a sample
                yield Item(pk, key, sha256 or "", size), state != Blob.State.STORED
        if len(page) < PAGE:
            return


def _settled(pk: int, seen: Item) -> Seen:
    """The truth about one blob: its row must be the same before and after the look at its bytes."""
    result = Seen(seen, waits=False, trouble=None)
    for _ in range(SEEN_AGAIN):
        before = _row(pk)
        if before is None:
            return Seen(seen, waits=False, trouble=None)  # collected
        item, waits = before
        trouble = _payload_trouble(item) if waits else examine(blobs.store(), item)
        result = Seen(item, waits, trouble)
        if trouble is None or _row(pk) == before:
            break
    return result


def _row(pk: int) -> tuple[Item, bool] | None:
    row = Blob.objects.filter(pk=pk).values_list("key", "sha256", "size", "state").first()
    if row is None:
        return None
    key, sha256, size, state = row
    return Item(pk, key, sha256 or "", size), state != Blob.State.STORED


def _payload_trouble(item: Item) -> Trouble | None:
    try:
        data = blobs.payload(item.id, size=item.size)
    except zstandard.ZstdError:
        return Trouble.DAMAGED
    if data is None:
        return Trouble.MISSING
    return None if hashlib.sha256(data).hexdigest() == item.sha256 else Trouble.DAMAGED


def unowned() -> Iterator[Listed]:
    """Objects in the store that no blob owns and that are not about to be deleted.

    A row is older than its object, so an object that is listed first and has no row then is nobody's.
    """
    listing = blobs.store().objects()
    while page := list(islice(listing, PAGE)):
        keys = [listed.key for listed in page]
        owned = set(Blob.objects.filter(key__in=keys).values_list("key", flat=True))
        doomed = set(DoomedObject.objects.filter(key__in=keys).values_list("key", flat=True))
        yield from (listed for listed in page if listed.key not in owned | doomed and _still_there(listed.key))


def _still_there(key: str) -> bool:
    try:
        blobs.store().length(key)
    except ObjectMissing:
        return False
    return True


def old_enough(listed: Listed) -> bool:
    """Whether an unowned object has lain there for longer than ``GC_GRACE``."""
    return listed.modified < (timezone.now() - timedelta(seconds=settings.GC_GRACE)).timestamp()


def doom(listed: Listed) -> None:
    """Hand an unowned object to the collector, which looks for an owner once more before it deletes it."""
    DoomedObject.objects.bulk_create([DoomedObject(key=listed.key)], ignore_conflicts=True)
