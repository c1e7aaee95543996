"""A backup: the database at one moment, and every object that it needs, in a folder that is safe to reuse.

::

    FOLDER/manifest.json             what the backup is; written last, so that what it names is complete
    FOLDER/database-<time>.sqlite3   or .dump (pg_dump -Fc)
    FOLDER/objects-<time>.tsv        key, SHA-256, size of every object that this database needs
    FOLDER/blobs/...                 the objects, laid out as in STATE_DIR/blobs; shared by all backups made here

A backup that breaks off leaves the one before it as it was.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from . import blobs, snapshots
from .backup_manifest import MANIFEST, BackupError, Manifest, read_manifest
from .copying import JOBS, Item, Patience, Trouble, Watcher, ensure, in_parallel
from .models import Blob
from .storage import BlobFileStorage, sync_folder

LOCK = "backup.lock"
ATTEMPTS = 3
_OURS = re.compile(r"(database|objects)-\d{8}T\d{6}\.\d{6}\.(sqlite3|dump|tsv)(\.[\d.]*tmp)?")


@dataclass(frozen=True, slots=True)
class Made:
    """What one run did: the manifest, and how much of it was new."""

    manifest: Manifest
    copied: int
    copied_bytes: int


def back_up(folder: Path, *, verify: bool = False, jobs: int = JOBS, watcher: Watcher | None = None) -> Made:
    """Back up into ``folder``; with ``verify`` the objects that are there already are read again, and mended.

    Database first: it decides which objects are needed, and ``GC_GRACE`` keeps nearly all of them in the store
    until they are copied. If one was collected all the same, a newer copy of the database, which does not need it,
    is taken. Raises ``BackupError``, ``SnapshotError``, ``StoreError``, ``OSError``.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.resolve() == Path(settings.STATE_DIR).resolve() or not _usable(folder):
        raise BackupError(f"{folder} is not empty and holds no backup: name a new folder")
    with locked(folder / LOCK):
        _tidy(folder)
        try:
            return _make(folder, verify=verify, jobs=jobs, watcher=watcher or Watcher())
        finally:
            _tidy(folder)


def _make(folder: Path, *, verify: bool, jobs: int, watcher: Watcher) -> Made:
    copied = copied_bytes = 0
    for _ in range(ATTEMPTS):
        new = _Run(folder)
        new.copy(verify=verify, jobs=jobs, watcher=watcher)
        copied, copied_bytes = copied + new.copied, copied_bytes + new.copied_bytes
        if not new.collected:
            break
    else:
        raise BackupError("Objects were collected while they were copied, three times over: raise GC_GRACE")
    manifest = new.manifest()
    _write(folder / MANIFEST, json.dumps(asdict(manifest), indent=2) + "\n")
    return Made(manifest, copied, copied_bytes)


class _Run:
    """One copy of the database and the objects for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.at = timezone.now()
        stamp = self.at.strftime("%Y%m%dT%H%M%S.%f")
        self.database = folder / f"database-{stamp}{snapshots.SUFFIXES[connection.vendor]}"
        self.objects = folder / f"objects-{stamp}.tsv"
        self.count = self.bytes = self.copied = self.copied_bytes = 0
        self.troubles: list[str] = []
        self.collected = False
        self.waiting = 0
        self._take()

    def _take(self) -> None:
        with self.objects.open("x", encoding="ascii") as handle:
            for item, waits in snapshots.take(self.database):
                if waits:
                    self.waiting += 1
                    continue
                handle.write(f"{item.id}\t{item.key}\t{item.sha256}\t{item.size}\n")
                self.count, self.bytes = self.count + 1, self.bytes + item.size
            handle.flush()
            os.fsync(handle.fileno())

    def copy(self, *, verify: bool, jobs: int, watcher: Watcher) -> None:
        """Copy the objects that the folder lacks."""
        source, target = blobs.store(), store_of(self.folder)
        patience = Patience()

        def work(item: Item) -> tuple[bool, Trouble | None]:
            return ensure(item, source, target, verify=verify)

        watcher.begin("backed up", self.count)
        for item, (copied, trouble) in in_parallel(work, read_objects(self.objects), jobs=jobs):
            patience.see(trouble)
            if trouble is not None:
                self._lost(item)
            elif copied:
                self.copied, self.copied_bytes = self.copied + 1, self.copied_bytes + item.size
            watcher.tick(item.size)

    def _lost(self, item: Item) -> None:
        if Blob.objects.filter(pk=item.id, key=item.key).exists():
            self.troubles.append(item.key)
        else:
            self.collected = True

    def manifest(self) -> Manifest:
        """What was made, once everything is in the folder."""
        return Manifest(
            made_at=self.at.isoformat(),
            engine=connection.vendor,
            migrations=snapshots.migrations(),
            database=self.database.name,
            database_sha256=digest(self.database),
            database_bytes=self.database.stat().st_size,
            objects=self.objects.name,
            objects_sha256=digest(self.objects),
            count=self.count,
            bytes=self.bytes,
            waiting=self.waiting,
            lost=self.troubles,
        )


def store_of(folder: Path) -> BlobFileStorage:
    """The objects of a backup, as a store."""
    return BlobFileStorage(location=str(folder / "blobs"))


def check(folder: Path, manifest: Manifest) -> None:
    """Whether database and object list are what the manifest says. Raises ``BackupError``."""
    for name, sha256 in ((manifest.database, manifest.database_sha256), (manifest.objects, manifest.objects_sha256)):
        try:
            found = digest(folder / name)
        except FileNotFoundError as error:
            raise BackupError(f"{folder / name} is missing") from error
        if found != sha256:
            raise BackupError(f"{folder / name} is damaged")
    trouble = snapshots.check(folder / manifest.database)
    if trouble is not None:
        raise BackupError(f"{folder / manifest.database} is damaged: {trouble}")


def read_objects(path: Path) -> Iterator[Item]:
    """The lines of an object list."""
    with path.open(encoding="ascii") as handle:
        for line in handle:
            pk, key, sha256, size = line.rstrip("\n").split("\t")
            yield Item(int(pk), key, sha256, int(size))


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` for this process alone. Raises ``BackupError``."""
    with path.open("a", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(f"Another process is using {path.parent}") from error
        yield


def _tidy(folder: Path) -> None:
    """Delete database copies and lists that the manifest does not name, and what a killed run left."""
    store_of(folder).sweep(older_than=0)
    named = set()
    if (folder / MANIFEST).exists():
        manifest = read_manifest(folder)
        named = {manifest.database, manifest.objects}
    for path in folder.iterdir():
        if _OURS.fullmatch(path.name) and path.name not in named:
            path.unlink()


def _usable(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir()}
    return not names or bool(names & {MANIFEST, LOCK})


def _write(path: Path, text: str) -> None:
    scratch = path.with_name(f"{path.name}.tmp")
    with scratch.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    scratch.replace(path)
    sync_folder(path.parent)
