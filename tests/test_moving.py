"""Moving to another store, and the copy of an SQLite database before it is migrated."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone

from capcut_site import preparations
from drafts.core import blobs, snapshots
from drafts.core.models import Blob
from drafts.core.storage import BlobFileStorage
from tests import drills
from tests.harness import Service, scratch_database, wait_for
from tests.operators import POSTGRES, files, manage, refused, run, stored_drafts, write
from tests.support import Api


@pytest.fixture(autouse=True)
def store() -> Any:
    """The store of this test process, with nothing in it."""
    for listed in list(blobs.store().objects()):
        blobs.store().remove(listed.key)
    return blobs.store()


@pytest.fixture
def stored(api: Api) -> list[Blob]:
    """Three drafts with a version each, in the store."""
    return stored_drafts(api)


@pytest.fixture
def committed(live_api: Api) -> list[Blob]:
    """The same where other connections see it."""
    return stored_drafts(live_api)


# move_storage


def test_moving_in_two_passes(committed: list[Blob], live_api: Api, tmp_path: Path) -> None:
    shown = run("move_storage", "--to-folder", tmp_path)
    assert shown.startswith("3 objects copied (")
    assert "Next: `manage.py maintenance on`" in shown
    assert run("move_storage", "--to-folder", tmp_path, "--verify").startswith(
        "0 objects copied (0 bytes), 3 were there."
    )
    live_api.save(live_api.create()["draft_url"])  # still waits when writes are kept out
    run("maintenance", "on")
    last = run("move_storage", "--to-folder", tmp_path)
    assert "1 objects copied" in last
    assert last.splitlines()[1:3] == [
        "The new store has everything. Restart web, worker and beat with:",
        "  S3_BUCKET=   (unset)",
    ]
    moved = BlobFileStorage(location=str(tmp_path))
    for blob in Blob.objects.all():
        assert b"".join(moved.stream(blob.key)) == blobs.read(blob)
    assert files(tmp_path) == set(Blob.objects.values_list("key", flat=True))


def test_a_running_service_moves_and_its_writers_only_wait(tmp_path: Path) -> None:
    """Folder to S3 where one is in force, else folder to folder; writers save through it all."""
    new = tmp_path / "new"
    to_folder = ["--to-folder", new / "blobs"]
    to_s3 = ["--to-s3", settings.S3_BUCKET, "--endpoint-url", settings.S3_ENDPOINT_URL, "--addressing-style", "path"]
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(scratch_database(os.environ["DATABASE_URL"])) if POSTGRES else ""
        running = Service(tmp_path / "state", S3_BUCKET="", DATABASE_URL=url)
        stack.callback(running.stop)
        running.start()
        old = running.whole_environment()
        crew = drills.writers_of(running, 2)
        stop = threading.Event()
        threads = [threading.Thread(target=writer.run, args=(stop,), daemon=True) for writer in crew]
        for thread in threads:
            thread.start()

        def saved(least: int) -> None:
            wait_for(lambda: sum(len(writer.acknowledged) for writer in crew) >= least, 120, f"{least} saves")

        saved(10)
        move = ["move_storage", *(to_s3 if settings.S3_BUCKET else to_folder)]
        first = manage(old, *move)
        assert first.returncode == 0, first.stderr
        saved(20)
        assert manage(old, "maintenance", "on").returncode == 0
        last = manage(old, *move)
        assert last.returncode == 0, last.stderr
        before = sum(len(writer.acknowledged) for writer in crew)
        running.stop()
        if settings.S3_BUCKET:
            running.environment["S3_BUCKET"] = settings.S3_BUCKET
        else:
            running.environment["DATABASE_URL"] = old.get("DATABASE_URL") or f"sqlite:///{tmp_path}/state/db.sqlite3"
            running.state = new
        running.start()
        moved = running.whole_environment()
        shown = manage(moved, "verify_storage")
        assert (shown.returncode, shown.stderr) == (0, "")
        assert manage(moved, "maintenance", "off").returncode == 0
        saved(before + 10)
        stop.set()
        for thread in threads:
            thread.join()
        assert not [failure for writer in crew for failure in writer.failures]
        wait_for(lambda: drills.pending(running) == 0, 30, "the last saves to be stored")
        for writer in crew:
            assert drills.verify(running, writer) == len(writer.acknowledged)
        assert manage(moved, "verify_storage").returncode == 0
        print(
            {"saves": sum(len(writer.acknowledged) for writer in crew), "before the restart": before}, file=sys.stderr
        )


def test_moving_refuses_the_same_store_and_waits_for_uploads(stored: list[Blob], tmp_path: Path) -> None:
    same = (
        ("--to-s3", settings.S3_BUCKET, "--endpoint-url", settings.S3_ENDPOINT_URL)
        if settings.S3_BUCKET
        else ("--to-folder",)
    )
    assert refused("move_storage", *same)[0] == "This is the store that is in use already."
    assert "one of the arguments --to-s3 --to-folder is required" in refused("move_storage")[0]
    Blob.objects.create(key="blobs/up/x", state="uploading")
    run("maintenance", "on")
    sentence, _ = refused("move_storage", "--to-folder", tmp_path, "--wait", "0")
    assert sentence.startswith("1 uploads are under way: ")
    assert "3 objects copied" in run("move_storage", "--to-folder", tmp_path, "--ignore-uploads")


def test_moving_copies_no_damage_and_mends_the_copy(stored: list[Blob], tmp_path: Path) -> None:
    good = blobs.read(stored[0])
    write(stored[0].key, b"!" * len(good))
    sentence, shown = refused("move_storage", "--to-folder", tmp_path)
    assert sentence.startswith("The current store has lost 1 objects")
    assert shown.startswith(f"damaged    {stored[0].key}\n2 objects copied")
    assert files(tmp_path) == {blob.key for blob in stored[1:]}
    write(stored[0].key, good)
    (tmp_path / stored[1].key).write_bytes(b"!" * stored[1].size)
    assert "1 objects copied" in run("move_storage", "--to-folder", tmp_path)
    assert "1 objects copied" in run("move_storage", "--to-folder", tmp_path, "--verify")


def test_a_new_store_that_is_away_is_one_sentence(stored: list[Blob]) -> None:
    away = ("--to-s3", "bucket", "--endpoint-url", "http://127.0.0.1:9", "--addressing-style", "path")
    sentence, _ = refused("move_storage", *away)
    assert sentence.startswith("A store failed: ")
    assert sentence.endswith("Run the command again to go on.")


# the copy before a migration


class FakeExecutor:
    """An executor with something to do."""

    applied: Any = {("drafts", "0001_initial"): None}

    def __init__(self, _: Any) -> None:
        self.loader = self
        self.graph = self
        self.applied_migrations = self.applied

    def leaf_nodes(self) -> list[Any]:
        return []

    def migration_plan(self, _: Any) -> list[str]:
        return ["one"]


@pytest.fixture
def sqlite_copies(transactional_db: None, monkeypatch: Any, tmp_path: Path) -> Path:
    """Migrating with nothing but the copy, of a database in ``tmp_path``."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    database = tmp_path / "db.sqlite3"
    with contextlib.closing(sqlite3.connect(database)) as raw:
        raw.execute("CREATE TABLE kept (word TEXT)")
        raw.commit()
    monkeypatch.setattr(preparations, "MigrationExecutor", FakeExecutor)
    monkeypatch.setattr(preparations, "call_command", lambda *_, **__: None)
    monkeypatch.setattr(preparations, "sqlite_path", lambda: database)
    monkeypatch.setattr(snapshots, "sqlite_path", lambda: database)
    return database


def copies_of(database: Path) -> list[Path]:
    return sorted(database.parent.glob("db.sqlite3.before-*"))


def test_the_database_is_copied_before_it_is_migrated_and_three_copies_stay(
    sqlite_copies: Path, monkeypatch: Any
) -> None:
    said: list[str] = []
    (sqlite_copies.parent / "db.sqlite3.before-christmas").touch()
    for number in range(5):
        with contextlib.closing(sqlite3.connect(sqlite_copies)) as raw:
            raw.execute("INSERT INTO kept VALUES (?)", [str(number)])
            raw.commit()
        when = timezone.now() + timedelta(days=number)
        monkeypatch.setattr(preparations.timezone, "now", lambda when=when: when)
        preparations.migrate(said.append)
    monkeypatch.setattr(preparations.timezone, "now", lambda: when + timedelta(days=1))
    preparations.migrate(said.append)  # the same once more: no new copy
    *copies, mine = copies_of(sqlite_copies)
    assert mine.name == "db.sqlite3.before-christmas"
    assert len(copies) == 3
    assert said[0].startswith(f"Copying the database to {sqlite_copies}.before-")
    with contextlib.closing(sqlite3.connect(copies[-1])) as raw:
        assert [row[0] for row in raw.execute("SELECT word FROM kept")] == ["0", "1", "2", "3", "4"]


def test_a_new_database_is_not_copied(sqlite_copies: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(FakeExecutor, "applied", {})
    preparations.migrate(lambda _: None)
    assert copies_of(sqlite_copies) == []


def test_without_its_copy_nothing_is_migrated(sqlite_copies: Path, monkeypatch: Any) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(snapshots, "_backup", full)
    monkeypatch.setattr(preparations, "call_command", lambda *_, **__: pytest.fail("migrated"))
    with pytest.raises(
        ImproperlyConfigured, match=r"cannot be copied to .*: database or disk is full\. Nothing was mig"
    ):
        preparations.migrate(lambda _: None)
    assert copies_of(sqlite_copies) == []
