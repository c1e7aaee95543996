"""Backing up and restoring, while saves go on."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from drafts.core import backup, blobs, persist, snapshots
from drafts.core.models import Blob
from drafts.core.storage import BlobFileStorage, StoreError
from tests import drills
from tests.harness import Service, service, wait_for
from tests.operators import MISSING, POSTGRES, empty_state, files, manage, refused, run, stored_drafts, write
from tests.support import Api


@pytest.fixture(autouse=True)
def store() -> Any:
    """The store of this test process, with nothing in it."""
    for listed in list(blobs.store().objects()):
        blobs.store().remove(listed.key)
    return blobs.store()


@pytest.fixture
def committed(live_api: Api) -> list[Blob]:
    """The same where other connections see it."""
    return stored_drafts(live_api)


# backup and restore_backup


def test_a_backup_holds_what_it_says_and_the_next_copies_only_what_is_new(
    committed: list[Blob], tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    api = Api(Client())
    api.save(api.create()["draft_url"])  # waits: its bytes are in the database
    shown = run("backup", folder)
    assert "with 1 objects that wait for the store" in shown
    assert "3 objects (" in shown
    assert "3 of them new" in shown
    first = backup.read_manifest(folder)
    backup.check(folder, first)
    assert (first.count, first.waiting, first.lost, first.engine) == (3, 1, [], connection.vendor)
    assert first.bytes == sum(blob.size for blob in committed)
    assert "drafts.0001_initial" in first.migrations
    persist.drain()
    assert "4 objects (" in (again := run("backup", folder))
    assert "1 of them new" in again
    second = backup.read_manifest(folder)
    keys = {f"blobs/{key}" for key in Blob.objects.values_list("key", flat=True)}
    assert files(folder) == keys | {"manifest.json", "backup.lock", second.database, second.objects}
    assert (folder / second.database).stat().st_mode & 0o777 == 0o600


def test_a_backup_that_breaks_off_leaves_the_one_before(
    committed: list[Blob], tmp_path: Path, monkeypatch: Any
) -> None:
    run("backup", tmp_path)
    before = backup.read_manifest(tmp_path)
    write("blobs/up/more", b"more")
    more = Blob.objects.create(key="blobs/up/more", sha256="0" * 64, size=4, state="stored", stored_at=timezone.now())
    real = BlobFileStorage.put

    def fail(self: BlobFileStorage, key: str, stream: Any) -> None:
        if str(tmp_path) in self.location:
            raise StoreError("No space left on device")
        real(self, key, stream)

    monkeypatch.setattr(BlobFileStorage, "put", fail)
    assert refused("backup", tmp_path)[0] == "The object store cannot be reached: No space left on device."
    assert backup.read_manifest(tmp_path) == before
    backup.check(tmp_path, before)
    assert len(list(tmp_path.glob("database-*"))) == 1
    monkeypatch.undo()
    sentence, _ = refused("backup", tmp_path)  # its bytes do not have that hash: the rest is backed up
    assert sentence.startswith("The store has lost 1 objects, which are not in the backup")
    assert backup.read_manifest(tmp_path).lost == [more.key]
    assert before.database not in files(tmp_path)


def test_a_newer_database_is_taken_when_an_object_was_collected_meanwhile(
    committed: list[Blob], tmp_path: Path, monkeypatch: Any
) -> None:
    real, taken = snapshots.take, []
    lost = Blob.objects.create(key=MISSING, sha256="0" * 64, size=4, state="stored", stored_at=timezone.now())

    def take(target: Path) -> Any:
        taken.append(target)
        yield from list(real(target))
        Blob.objects.filter(pk=lost.pk).delete()

    monkeypatch.setattr(snapshots, "take", take)
    run("backup", tmp_path)
    assert len(taken) == 2
    assert backup.read_manifest(tmp_path).count == 3


def test_verify_mends_an_object_of_the_backup_that_has_rotted(committed: list[Blob], tmp_path: Path) -> None:
    run("backup", tmp_path)
    rotten = tmp_path / "blobs" / committed[0].key
    rotten.write_bytes(b"!" * committed[0].size)
    assert "0 of them new" in run("backup", tmp_path)
    assert "1 of them new" in run("backup", tmp_path, "--verify")
    assert rotten.read_bytes() == blobs.read(committed[0])


def test_a_backup_touches_no_folder_that_is_not_its_own(committed: list[Blob], tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    sentence = f"{tmp_path} is not empty and holds no backup: name a new folder."
    assert refused("backup", tmp_path)[0] == sentence
    assert refused("backup", settings.STATE_DIR)[0].endswith("holds no backup: name a new folder.")
    assert files(tmp_path) == {"holiday.jpg"}
    with backup.locked(tmp_path / "backup.lock"):
        assert refused("backup", tmp_path)[0] == f"Another process is using {tmp_path}."


def test_restore_refuses_in_one_sentence(committed: list[Blob], tmp_path: Path) -> None:
    assert (
        refused("restore_backup", tmp_path)[0] == f"There is no finished backup in {tmp_path}: it has no manifest.json."
    )
    run("backup", tmp_path)
    assert refused("restore_backup", tmp_path)[0].startswith("The database is not empty: ")
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"engine": "oracle"}))
    assert refused("restore_backup", tmp_path)[0].startswith("The backup is one of oracle, and DATABASE_URL names ")
    path.write_text(json.dumps(manifest | {"migrations": ["drafts.9999_later"]}))
    assert refused("restore_backup", tmp_path)[0].startswith(
        "The backup comes from a newer release (drafts.9999_later)"
    )
    with (tmp_path / manifest["database"]).open("r+b") as handle:
        handle.write(b"?")
    path.write_text(json.dumps(manifest))
    assert refused("restore_backup", tmp_path)[0] == f"{tmp_path / manifest['database']} is damaged."
    path.write_text("{")
    assert refused("restore_backup", tmp_path)[0] == f"{path} is damaged."


def test_a_restore_goes_on_after_a_break_and_tells_what_the_backup_lacks(committed: list[Blob], tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    run("backup", folder)
    with empty_state(tmp_path / "new") as environment:
        dry = manage(environment, "restore_backup", folder, "--dry-run")
        assert (dry.returncode, dry.stderr) == (0, "")
        assert dry.stdout.endswith("is whole and could be restored here. Nothing was written.\n")
        foreign = tmp_path / "new/blobs/blobs/xx/foreign"
        foreign.parent.mkdir(parents=True)
        foreign.touch()
        assert manage(environment, "restore_backup", folder).stderr.startswith("CommandError: The object store is not ")
        foreign.unlink()
        # Broken off after the first object: the mark says whose it is.
        manifest = backup.read_manifest(folder)
        (tmp_path / "new/restoring").write_text(f"{manifest.database} {manifest.database_sha256}\n")
        there = tmp_path / "new/blobs" / committed[0].key
        there.parent.mkdir(parents=True)
        shutil.copy(folder / "blobs" / committed[0].key, there)
        (folder / "blobs" / committed[1].key).unlink()
        done = manage(environment, "restore_backup", folder)
        assert (done.returncode, done.stderr) == (
            1,
            "CommandError: 1 objects are not as they should be; manage.py verify_storage lists them.\n",
        )
        assert done.stdout.startswith(f"missing    {committed[1].key}\nRestored as of ")
        assert "1 objects, 1 were there." in done.stdout
        again = manage(environment, "verify_storage")
        assert again.stderr.startswith("CommandError: 1 missing. 3 objects (")
        assert manage(environment, "restore_backup", folder).stderr.startswith(
            "CommandError: The database is not empty"
        )


def test_a_backup_during_continuous_saves_is_restored_elsewhere_to_the_byte(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with service(tmp_path) as running, empty_state(tmp_path / "new") as environment:
        crew = drills.writers_of(running, 3)
        stop = threading.Event()
        threads = [threading.Thread(target=writer.run, args=(stop,), daemon=True) for writer in crew]
        for thread in threads:
            thread.start()
        acknowledged = []
        for least in (15, 30):  # the second into the same folder
            wait_for(lambda least=least: sum(len(writer.acknowledged) for writer in crew) >= least, "saves", 120)  # type: ignore[misc]  # mypy sees no type in a lambda's default
            acknowledged = [dict(writer.acknowledged) for writer in crew]
            made = manage(running.whole_environment(), "backup", folder)
            assert made.returncode == 0, made.stderr
        after = sum(len(writer.acknowledged) for writer in crew)
        stop.set()
        for thread in threads:
            thread.join()
        assert not [failure for writer in crew for failure in writer.failures]
        before = sum(map(len, acknowledged))
        assert after > before  # saves went on
        done = manage(environment, "restore_backup", folder)
        assert done.returncode == 0, done.stderr
        restored = Service(tmp_path / "new", **environment)
        try:
            restored.start()
            wait_for(lambda: drills.pending(restored) == 0, "what waited in the backup")
            for writer, known in zip(crew, acknowledged, strict=True):
                elsewhere = drills.Writer(restored.url, writer.draft, writer.document, known)
                assert drills.verify(restored, elsewhere) == len(known)
            verified = manage(environment, "verify_storage")
            assert (verified.returncode, verified.stderr) == (0, "")
            crew[0].url = restored.url  # and it goes on
            crew[0].step(1)
        finally:
            restored.stop()
        print({"acknowledged before the backup": before, "during it": after - before, "lost": 0}, file=sys.stderr)


@pytest.mark.skipif(not POSTGRES, reason="needs PostgreSQL")
def test_without_pg_dump_the_sentence_says_what_to_install(
    committed: list[Blob], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PATH", "")
    assert refused("backup", tmp_path)[0].startswith("pg_dump is not on PATH: install PostgreSQL's client programs")
