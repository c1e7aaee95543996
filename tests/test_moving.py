"""Moving to another store, and the copy of an SQLite database before it is migrated."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from drafts.core import blobs
from drafts.core.models import Blob
from drafts.core.storage import BlobFileStorage
from tests import drills
from tests.harness import ROOT, Service, scratch_database, wait_for
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
            wait_for(lambda: sum(len(writer.acknowledged) for writer in crew) >= least, f"{least} saves", 120)

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
        wait_for(lambda: drills.pending(running) == 0, "the last saves to be stored")
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


@pytest.fixture
def migrated(tmp_path: Path) -> dict[str, str]:
    """The environment of a server whose SQLite database lies in ``tmp_path``."""
    environment = {"STATE_DIR": str(tmp_path), "DATABASE_URL": "", "S3_BUCKET": "", "SECRET_KEY": "x" * 50}
    done = manage(environment, "migrate", "-v0")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr  # a new database is not copied
    return environment


def tables(database: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(database)) as raw:
        return {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_the_database_is_copied_before_it_is_migrated_and_three_copies_stay(
    migrated: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "db.sqlite3.before-christmas").touch()
    for number in range(4):
        done = manage(migrated, "migrate", "-v0", *(["sessions", "zero"] if number % 2 == 0 else []))
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"Copying the database to {tmp_path}/db.sqlite3.before-2")
    assert manage(migrated, "migrate", "-v0").stdout == ""  # nothing to do, nothing to copy
    *copies, mine = sorted(tmp_path.glob("db.sqlite3.before-*"))
    assert mine.name == "db.sqlite3.before-christmas"
    assert ["django_session" in tables(copy) for copy in copies] == [False, True, False]
    assert "django_session" in tables(tmp_path / "db.sqlite3")


def test_without_its_copy_nothing_is_migrated(migrated: dict[str, str], tmp_path: Path) -> None:
    small = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)); "
    small += "from django.core.management import execute_from_command_line as run; "
    small += "run(['manage.py', 'migrate', 'sessions', 'zero'])"
    environment = {**os.environ, **migrated, "DJANGO_SETTINGS_MODULE": "capcut_site.settings"}
    environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
    done = subprocess.run([sys.executable, "-c", small], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.search(r"^CommandError: The database cannot be copied to .*\. Nothing was migrated\.$", done.stderr)
    assert list(tmp_path.glob("db.sqlite3.before-*")) == []
    assert "django_session" in tables(tmp_path / "db.sqlite3")
