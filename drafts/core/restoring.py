"""A backup into an empty state: objects, database, and then what is there is read once more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from . import backup, blobs, snapshots
from .backup_manifest import BackupError, Manifest, read_manifest
from .copying import JOBS, Item, Patience, Trouble, Watcher, ensure, examine, in_parallel
from .storage import Store


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back; ``troubles`` are objects that the backup should hold and does not, with what is wrong."""

    manifest: Manifest
    copied: int
    present: int
    troubles: list[tuple[str, Trouble]]


def check(folder: Path) -> Manifest:
    """Whether the backup in ``folder`` can be restored here. Raises ``BackupError``, ``SnapshotError``."""
    manifest = read_manifest(folder)
    backup.check(folder, manifest)
    if manifest.engine != connection.vendor:
        raise BackupError(f"The backup is one of {manifest.engine}, and DATABASE_URL names {connection.vendor}")
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    newer = sorted(set(manifest.migrations) - known)
    if newer:
        raise BackupError(f"The backup comes from a newer release ({newer[-1]}): restore it with that one")
    if not snapshots.is_empty():
        raise BackupError("The database is not empty: name a new one in DATABASE_URL, or a new STATE_DIR")
    if _mark_text() != _mark_of(manifest) and next(blobs.store().objects(), None) is not None:
        raise BackupError("The object store is not empty: name a new bucket, or a new STATE_DIR")
    return manifest


def restore(folder: Path, *, jobs: int = JOBS, watcher: Watcher | None = None) -> Restored:
    """Restore the backup in ``folder``; after a break the same call goes on where it was.

    The database comes last and whole, so that a state with a database has its objects. A damaged object does
    not keep the others out. Raises ``BackupError``, ``SnapshotError``, ``StoreError``, ``OSError``.
    """
    state = Path(settings.STATE_DIR)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with backup.locked(state / "lock"):
        manifest = check(folder)
        _mark().write_text(_mark_of(manifest), encoding="utf-8")
        restored = _copy(folder, manifest, blobs.store(), jobs=jobs, watcher=watcher or Watcher())
        snapshots.put_back(folder / manifest.database)
        _mark().unlink()
    return restored


def read_again(folder: Path, manifest: Manifest, *, jobs: int = JOBS, watcher: Watcher) -> list[tuple[str, Trouble]]:
    """Re-hash every object of the backup; what is wrong, by key."""
    troubles = []
    watcher.begin("read", manifest.count)
    items = backup.read_objects(folder / manifest.objects)
    for item, trouble in in_parallel(partial(examine, backup.store_of(folder)), items, jobs=jobs):
        if trouble is not None:
            troubles.append((item.key, trouble))
        watcher.tick(item.size)
    return troubles


def _copy(folder: Path, manifest: Manifest, target: Store, *, jobs: int, watcher: Watcher) -> Restored:
    source = backup.store_of(folder)
    copied = present = 0
    troubles: list[tuple[str, Trouble]] = []
    patience = Patience()

    def work(item: Item) -> tuple[bool, Trouble | None]:
        return ensure(item, source, target, verify=False)

    watcher.begin("restored", manifest.count)
    for item, (new, trouble) in in_parallel(work, backup.read_objects(folder / manifest.objects), jobs=jobs):
        patience.see(trouble)
        if trouble is not None:
            troubles.append((item.key, trouble))
        copied, present = copied + new, present + (not new and trouble is None)
        watcher.tick(item.size)
    return Restored(manifest, copied, present, troubles)


def _mark() -> Path:
    """Says whose objects lie in the store while a restore is under way."""
    return Path(settings.STATE_DIR) / "restoring"


def _mark_text() -> str | None:
    return _mark().read_text(encoding="utf-8") if _mark().exists() else None


def _mark_of(manifest: Manifest) -> str:
    return f"{manifest.database} {manifest.database_sha256}\n"
