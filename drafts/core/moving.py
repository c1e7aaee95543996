"""Every object into another store while the service runs; the last ones while writes are kept out."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import blobs
from .copying import JOBS, Item, Patience, Trouble, Watcher, ensure, in_parallel
from .models import Blob
from .storage import BlobFileStorage, ObjectMissing, Store
from .verify import rows


@dataclass
class Moved:
    """What one pass did; ``troubles`` are objects that the current store has lost or damaged."""

    copied: int = 0
    copied_bytes: int = 0
    present: int = 0
    troubles: list[tuple[str, Trouble]] = field(default_factory=list)


def same(target: Store) -> bool:
    """Whether ``target`` is the store that is in use."""
    return _place(target) == _place(blobs.store())


def reach(target: Store) -> None:
    """Raise ``StoreError`` unless ``target`` answers."""
    try:
        target.length("blobs/none")
    except ObjectMissing:
        pass


def copy_all(target: Store, *, verify: bool = False, jobs: int = JOBS, watcher: Watcher | None = None) -> Moved:
    """Copy every stored blob's object that ``target`` lacks; what was copied before is only looked up.

    Hashes are checked on the way and read back; with ``verify`` also those of objects that are there already.
    Raises ``StoreError``; nothing is ever deleted, and the same call goes on where it was.
    """
    source, moved, patience = blobs.store(), Moved(), Patience()
    watcher = watcher or Watcher()

    def work(item: Item) -> tuple[bool, Trouble | None]:
        return ensure(item, source, target, verify=verify)

    stored = (item for item, waits in rows() if not waits)
    watcher.begin("in the new store", Blob.objects.filter(state=Blob.State.STORED).count())
    for item, (copied, trouble) in in_parallel(work, stored, jobs=jobs):
        patience.see(trouble)
        if trouble is not None and Blob.objects.filter(pk=item.id, key=item.key).exists():
            moved.troubles.append((item.key, trouble))
        elif copied:
            moved.copied, moved.copied_bytes = moved.copied + 1, moved.copied_bytes + item.size
        elif trouble is None:
            moved.present += 1
        watcher.tick(item.size)
    return moved


def _place(store: Store) -> tuple[str, ...]:
    if isinstance(store, BlobFileStorage):
        return (str(store.base_location),)
    return (str(store.bucket_name), str(store.endpoint_url or ""))
