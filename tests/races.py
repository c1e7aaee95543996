"""Saves, uploads, imports, workers and the collector at once, on the same few bytes; and what must hold then."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import signal
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import DatabaseError, connection, connections
from django.db.models import F, Model

from drafts.core import blobs, collect, persist, verify
from drafts.core.errors import DomainError, Unavailable
from drafts.core.large import Unread
from drafts.core.models import Blob, BlobPayload, DoomedObject
from drafts.core.storage import BlobFileStorage, StoreError
from drafts.document import skeleton
from drafts.models import Draft, DraftContent, DraftEvent, DraftFile, DraftSummary, DraftVersion, RetiredPath
from drafts.selectors.delivery import stored_document
from drafts.services import content, copy, files, purge, restore, save
from drafts.services.drafts import create_draft, trash_draft, untrash_draft
from drafts.services.transfer.importing import import_draft
from drafts.services.transfer.sources import ZipSource
from tests.support import zip_of

LATER = 3 * 86400
PATIENCE = 120  # seconds; however slow the machine is, everything has happened by then
AGAIN = ("deadlock", "lock timeout", "locked", "couldn't get a connection")  # database errors that are 503 to a client
OPERATIONS = {"save": 6, "put": 5, "delete": 3, "import": 2, "copy": 1, "restore": 1, "read": 4, "trash": 1}
OPERATIONS |= {"untrash": 3, "purge": 2, "create": 1}


def document(number: int, salt: str) -> bytes:
    """One of a few timelines, so that drafts share them."""
    return json.dumps({**skeleton.fresh(width=640, height=360, document_id="race"), "race": [number, salt]}).encode()


def media(number: int, salt: str) -> bytes:
    """One of a few files; odd ones are too large to be held in memory before they are stored."""
    return random.Random(f"{number} {salt}").randbytes(blobs.IN_MEMORY + 1 if number % 2 else 100)


def sha256(data: bytes) -> str:
    """Hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class Meanwhile(io.BytesIO):
    """A body during whose reading something else happens, once."""

    def __init__(self, data: bytes, happens: Callable[[], object]) -> None:
        super().__init__(data)
        self._happens: Callable[[], object] | None = happens

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; before the first ones it happens.

        S3's library reads large bodies in threads of its own, whose connections nobody else would give back.
        """
        happens, self._happens = self._happens, None
        if happens is not None:
            try:
                happens()
            finally:
                if threading.current_thread() is not threading.main_thread():
                    connections.close_all()
        return super().read(size)


def check(draft_ids: list[str]) -> None:
    """Each version's and each working state's document and files are there, with their exact hashes."""
    for version in DraftVersion.objects.filter(draft__in=draft_ids).select_related("draft", "content"):
        with unless_gone(version):
            data = stored_document(draft=version.draft, version=version)
            assert sha256(data) == version.content.sha256, f"version {version.number}"
    for row in DraftFile.objects.filter(draft__in=draft_ids).select_related("blob"):
        with unless_gone(row):
            assert row.blob.state == Blob.State.STORED
            assert sha256(b"".join(blobs.open_stream(row.blob))) == row.blob.sha256, row.path


@contextlib.contextmanager
def unless_gone(row: Model) -> Iterator[None]:
    """Reading may fail once the row was deleted, by a purge or with its file, and its bytes were collected since."""
    try:
        yield
    except (StoreError, Unavailable):
        if type(row)._default_manager.filter(pk=row.pk).exists():
            raise


def check_purged(draft_ids: list[str]) -> None:
    """Each draft is wholly there or gone without a rest, and every purge is recorded once."""
    while purge.purge_due(seconds=60).more:
        pass
    there = set(Draft.objects.filter(pk__in=draft_ids).values_list("pk", flat=True))
    assert not Draft.objects.filter(purged_at__isnull=False).exists()
    for model in (DraftContent, DraftFile, DraftVersion, RetiredPath, DraftSummary):
        assert set(model.objects.filter(draft__in=draft_ids).values_list("draft", flat=True)) <= there
    assert set(DraftContent.objects.filter(draft__in=draft_ids).values_list("draft", flat=True)) == there
    purges = DraftEvent.objects.filter(draft_id__in=draft_ids, verb="purge").values_list("draft_id", flat=True)
    assert sorted(purges) == sorted(set(draft_ids) - there)


def age() -> None:
    """Three days pass: all writers that had begun are long dead, every grace is over."""
    Blob.objects.update(touched_at=F("touched_at") - timedelta(seconds=LATER))
    DoomedObject.objects.update(doomed_at=F("doomed_at") - timedelta(seconds=LATER))
    store = blobs.store()
    for scratch in store.temporary.glob("*") if isinstance(store, BlobFileStorage) else ():
        os.utime(scratch, (time.time() - LATER,) * 2)


def settle() -> None:
    """Nobody works any more: what waits is stored, what nobody needs is gone, and nothing else lies in the store."""
    for _ in range(3):  # a store that falters is tried again, as ever
        persist.hurry()
        while persist.drain().stored:
            pass
    for _ in range(2):
        age()
        while collect.collect().more:
            pass
    assert not Blob.objects.exclude(state=Blob.State.STORED).exists()
    assert not BlobPayload.objects.exists()
    assert not DoomedObject.objects.exists()
    assert [listed.key for listed in verify.unowned()] == []
    assert [seen for seen in verify.check_blobs(jobs=1) if seen.trouble] == []


class Race:
    """People in threads who do everything to a few drafts with the same few bytes, and what they were told."""

    def __init__(self, *, drafts: int = 3, seed: int = 1) -> None:
        self.seed = seed
        self.salt = f"{seed}.{time.time_ns()}"
        self.draft_ids = [create_draft(width=640, height=360).pk for _ in range(drafts)]
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []
        self._lock = threading.Lock()
        self._paths = 0

    def act(self, dice: random.Random) -> str:
        """One random operation; returns its name."""
        draft_id = dice.choice(self.draft_ids)
        name = dice.choices(list(OPERATIONS), list(OPERATIONS.values()))[0]
        getattr(self, f"_{name}")(draft_id, dice)
        return name

    def _save(self, draft_id: str, dice: random.Random) -> None:
        content.replace_content(
            draft_id=draft_id, document=Unread.of(document(dice.randrange(4), self.salt)), revisions=None
        )
        saved = save.save_draft(draft_id=draft_id)
        assert saved.version.content.sha256

    def _put(self, draft_id: str, dice: random.Random) -> None:
        data = media(dice.randrange(4), self.salt)
        with self._lock:
            self._paths += 1
            path = f"put/{self._paths}.png"
        row = files.put_file(draft_id=draft_id, path=path, source=io.BytesIO(data), length=len(data)).file
        assert row.blob.sha256 == sha256(data)

    def _delete(self, draft_id: str, dice: random.Random) -> None:
        rows = DraftFile.objects.filter(draft=draft_id, removed_in__isnull=True)
        paths = list(rows.values_list("path", flat=True)[:50])
        if paths:
            files.delete_file(draft_id=draft_id, path=dice.choice(paths))

    def _import(self, draft_id: str, dice: random.Random) -> None:
        numbers = dice.sample(range(4), 4)  # the same blobs, in another order each time
        entries = {f"assets/{number}.png": media(number, self.salt) for number in numbers}
        archive = zip_of({"draft_content.json": document(dice.randrange(4), self.salt), **entries})
        import_draft(source=ZipSource(io.BytesIO(archive)), into=draft_id)

    def _copy(self, draft_id: str, dice: random.Random) -> None:
        self.draft_ids.append(copy.copy_draft(draft_id=draft_id).pk)

    def _restore(self, draft_id: str, dice: random.Random) -> None:
        last = DraftVersion.objects.filter(draft=draft_id).count()
        if last:
            restore.restore_version(draft_id=draft_id, number=dice.randint(1, last))

    def _create(self, draft_id: str, dice: random.Random) -> None:
        self.draft_ids.append(create_draft(width=640, height=360).pk)

    def _trash(self, draft_id: str, dice: random.Random) -> None:
        trash_draft(draft_id=draft_id)

    def _untrash(self, draft_id: str, dice: random.Random) -> None:
        untrash_draft(draft_id=draft_id)

    def _purge(self, draft_id: str, dice: random.Random) -> None:
        for _ in purge.purge_draft(draft_id=draft_id):
            if dice.random() < 0.2:  # as if killed
                break

    def _read(self, draft_id: str, dice: random.Random) -> None:
        check([draft_id])

    def one(self, dice: random.Random) -> None:
        """One operation; "later" and a refusal are answers, anything else is a failure."""
        try:
            self.done[self.act(dice)] += 1
        except DomainError as error:
            if error.status in {404, 409}:  # deleted by another; renamed by an import
                return
            if error.status != 503:
                raise
            self.done["refused with 503"] += 1
        except DatabaseError as error:
            if not is_again(error):
                raise
            self.done["refused with 503"] += 1

    def worker(self, dice: random.Random) -> None:
        """Persist what waits, then collect."""
        persist.hurry()
        persist.drain(limit=dice.choice([1, 5, 50]))
        self.done["drain"] += 1

    def collector(self, dice: random.Random) -> None:
        """Collect, over and over."""
        collect.collect(limit=dice.choice([1, 5, 500]))
        time.sleep(0.01)
        self.done["collect"] += 1

    def run(self, *, seconds: float, people: int, until: frozenset[str] = frozenset()) -> None:
        """``people`` threads, two workers and two collectors; then everything must have been fine.

        They run for so long, and on until each operation of ``until`` was done. An upload that takes longer than
        ``GC_GRACE`` is refused, and on a slow machine that may be each of them: from then on the grace is doubled
        every second.
        """
        began = time.monotonic()
        stop = threading.Event()
        work = [self.one] * people + [self.worker, self.worker, self.collector, self.collector]

        def loop(number: int, what: Callable[[random.Random], None]) -> None:
            dice = random.Random(f"{self.seed} {number}")
            try:
                while not stop.is_set() and not self.failures:
                    try:
                        what(dice)
                    except DatabaseError as error:  # a worker is simply run again
                        if what == self.one or not is_again(error):
                            raise
            except Exception:  # noqa: BLE001 - whatever it is, the test shall say it
                self.failures.append(f"{what.__name__}: {traceback.format_exc()}")
            finally:
                connections.close_all()

        threads = [threading.Thread(target=loop, args=pair) for pair in enumerate(work)]
        for thread in threads:
            thread.start()
        stop.wait(seconds)
        while not self.failures and not until <= self.done.keys() and time.monotonic() < began + PATIENCE:
            settings.GC_GRACE *= 2
            stop.wait(1)
        stop.set()
        for thread in threads:
            thread.join()
        assert self.failures == []
        assert until <= self.done.keys(), self.done

    def run_with_kills(self, *, kills: int, seed: int) -> None:
        """Two processes persist and collect and are killed ``kills`` times, at any moment; this one works on."""
        dice = random.Random(seed)
        children: list[tuple[Any, Any]] = []
        try:
            for _ in range(kills):
                while len(children) < 2:
                    children.append(self._child(dice.random()))
                victim, passes = children.pop(0)
                self._work_until(dice, lambda passes=passes: passes.value > 0)
                moment = time.monotonic() + dice.uniform(0.05, 0.3)
                self._work_until(dice, lambda moment=moment: time.monotonic() > moment)
                assert victim.is_alive()
                os.kill(victim.pid, signal.SIGKILL)
                victim.join()
                self.done["killed"] += 1
        finally:
            for child, _ in children:
                child.kill()
                child.join()
        wait_for_the_store()

    def _work_until(self, dice: random.Random, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not reached():
            assert time.monotonic() < deadline
            self.one(dice)

    def _child(self, seed: float) -> tuple[Any, Any]:
        """A process that toils, and the number of its passes."""
        close_everything()
        fork = get_context("fork")
        passes = fork.RawValue("L", 0)
        child = fork.Process(target=self._toil, args=(seed, passes), daemon=True)
        child.start()
        return child, passes

    def _toil(self, seed: float, passes: Any) -> None:
        dice = random.Random(seed)
        while True:
            with contextlib.suppress(DatabaseError):
                self.worker(dice)
                self.collector(dice)
                passes.value += 1


def is_again(error: DatabaseError) -> bool:
    """Whether the same may be tried again."""
    return any(words in str(error).lower() for words in AGAIN)


def wait_for_the_store() -> None:
    """What the dead had sent whole arrives without them: it has once nothing comes for a second."""
    before = None
    while not isinstance(blobs.store(), BlobFileStorage):
        listed = {each.key for each in blobs.store().objects()}
        if listed == before:
            return
        before = listed
        time.sleep(1)


def close_everything() -> None:
    """No connection and no thread of a pool may be shared with a child."""
    connections.close_all()
    storages._storages.pop("drafts", None)  # type: ignore[attr-defined]  # nor one to the store
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        connection.close_pool()
