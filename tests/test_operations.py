"""Verifying what is stored, and storing it sooner."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from drafts.core import blobs, persist, verify
from drafts.core.copying import Item, Trouble, in_parallel
from drafts.core.models import Blob, BlobPayload, DoomedObject
from drafts.core.storage import BlobFileStorage, StoreError
from drafts.management.commands import retry_persist
from tests.operators import MISSING, files, refused, run, stored_drafts, write
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


# verify_storage


def test_a_good_store_is_said_to_be_good(stored: list[Blob], api: Api) -> None:
    draft = api.create()
    api.save(draft["draft_url"])
    shown = run("verify_storage")
    assert shown.startswith("Everything is as it should be: 4 objects (")
    assert "1 of them in the database, where they wait for the store." in shown
    assert not (Path(settings.STATE_DIR) / "verify_storage.json").exists()


def test_it_reports_what_is_missing_damaged_and_unowned_with_its_users(stored: list[Blob]) -> None:
    missing, damaged, longer = stored
    blobs.store().remove(missing.key)
    write(damaged.key, blobs.read(damaged)[:-1] + b"!")
    write(longer.key, blobs.read(longer) + b"!")
    write("blobs/up/nobody", b"rubbish")
    sentence, shown = refused("verify_storage")
    assert sentence.startswith("2 damaged, 1 missing, 1 unowned. 3 objects (")
    lines = {line.split()[1]: line for line in shown.splitlines()}
    version = missing.versions.get()  # type: ignore[attr-defined]  # a reverse relation, not in the stubs
    assert lines[missing.key].startswith("missing ")
    assert lines[missing.key].endswith(f"used by {version.draft_id} version 1")
    assert lines[damaged.key].startswith("damaged ")
    assert lines[longer.key].startswith("damaged ")
    assert lines["blobs/up/nobody"].startswith("unowned ")


def test_a_payload_that_waits_is_checked_too(api: Api) -> None:
    api.save(api.create()["draft_url"])
    BlobPayload.objects.update(data=b"no zstd")
    sentence, shown = refused("verify_storage")
    assert sentence.startswith("1 damaged.")
    assert "(in the database)" in shown


def test_blobs_that_go_or_are_stored_meanwhile_are_no_finding(stored: list[Blob], monkeypatch: Any) -> None:
    real = verify.in_parallel

    def late(work: Callable[[Any], Any], items: Any, *, jobs: int) -> Any:
        rows = list(items)
        stored[0].versions.all().delete()  # type: ignore[attr-defined]  # a reverse relation, not in the stubs
        Blob.objects.filter(pk=stored[0].pk).delete()
        blobs.store().remove(stored[0].key)
        write("blobs/up/new", blobs.read(stored[1]))
        blobs.store().remove(stored[1].key)
        Blob.objects.filter(pk=stored[1].pk).update(key="blobs/up/new")
        return real(work, rows, jobs=jobs)

    from drafts.models import Draft

    Draft.objects.update(head=None)
    monkeypatch.setattr(verify, "in_parallel", late)
    assert "Everything is as it should be" in run("verify_storage")


def test_unowned_objects_are_only_handed_over_when_they_are_old(stored: list[Blob], settings: Any) -> None:
    write("blobs/up/nobody", b"rubbish")
    sentence, _ = refused("verify_storage", "--doom-unowned")
    assert sentence.startswith("1 unowned.")
    assert not DoomedObject.objects.exists()
    settings.GC_GRACE = 0
    time.sleep(1.1)  # S3 tells whole seconds
    assert "unowned    blobs/up/nobody (7 bytes), will be collected" in run("verify_storage", "--doom-unowned")
    assert list(DoomedObject.objects.values_list("key", flat=True)) == ["blobs/up/nobody"]
    assert "Everything is as it should be" in run("verify_storage")  # doomed already
    run("collect")
    assert {listed.key for listed in blobs.store().objects()} == {blob.key for blob in stored}


def test_an_interrupted_run_goes_on_where_it_was(stored: list[Blob], monkeypatch: Any) -> None:
    from drafts.management.commands import verify_storage

    monkeypatch.setattr(verify_storage, "SAVE_EVERY", 0.0)
    blobs.store().remove(stored[0].key)
    real = verify.check_blobs

    def interrupted(**options: Any) -> Iterator[Any]:
        for number, seen in enumerate(real(**options)):
            if number == 2:
                raise KeyboardInterrupt
            yield seen

    monkeypatch.setattr(verify, "check_blobs", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("verify_storage")
    seen = []
    monkeypatch.setattr(verify, "check_blobs", lambda **options: (seen.append(options["after"]), real(**options))[1])
    sentence, shown = refused("verify_storage", "--resume")
    assert shown.startswith("Going on after 2 objects.")
    assert seen == [stored[1].pk]
    assert sentence.startswith("1 missing. 3 objects (")
    assert refused("verify_storage", "--resume")[0].startswith("1 missing. 3 objects (")  # nothing to resume: anew


def test_a_sample(stored: list[Blob], monkeypatch: Any) -> None:
    dice = iter([0.2, 0.01, 0.9])
    monkeypatch.setattr(verify.random, "random", lambda: next(dice))
    assert "Everything is as it should be: 1 objects (" in run("verify_storage", "--sample", "5%")
    for wrong in ("0", "101", "x"):
        assert "is no percentage above 0 and up to 100" in refused("verify_storage", "--sample", wrong)[0]


def test_a_store_that_is_away_ends_the_run(stored: list[Blob], monkeypatch: Any) -> None:
    for number in range(5):
        Blob.objects.create(key=f"blobs/{number}", sha256=str(number), state="stored", stored_at=timezone.now())

    def fail(*_: Any) -> None:
        raise StoreError("ConnectTimeoutError")

    monkeypatch.setattr(type(blobs.store()), "stream", fail)
    sentence, _ = refused("verify_storage")
    assert sentence == "The object store cannot be reached: 5 objects in a row cannot be read."


def test_progress_is_a_bar_on_a_terminal_and_lines_without_one(stored: list[Blob], monkeypatch: Any) -> None:
    from drafts.management import progress

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(progress, "REDRAW_EVERY", 0.0)
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    out = Terminal()
    call_command("verify_storage", stdout=out)
    assert f"\r[{'#' * 10}{'.' * 20}] 1 of 3 objects read" in out.getvalue()
    plain = run("verify_storage")
    assert "\n2 of 3 objects read, " in plain
    assert "\r" not in plain


# retry_persist


def test_retry_persist_makes_everything_due_and_wakes_the_worker(api: Api, monkeypatch: Any) -> None:
    sent: list[str] = []
    monkeypatch.setattr(retry_persist, "send", lambda task: sent.append(task) is None)
    assert run("retry_persist") == "Nothing waits: everything is in the store.\n"
    assert sent == []
    api.save(api.create()["draft_url"])
    Blob.objects.update(state="failed", next_try_at=timezone.now() + timedelta(seconds=500))
    assert not Blob.objects.filter(persist.due()).exists()
    assert run("retry_persist").startswith("1 due now; the worker was woken.")
    assert sent == ["drafts.drain"]
    assert Blob.objects.filter(persist.due()).count() == 1


def test_retry_persist_without_a_broker_says_what_to_do(api: Api, monkeypatch: Any) -> None:
    monkeypatch.setattr(retry_persist, "send", lambda _: False)
    api.save(api.create()["draft_url"])
    assert run("retry_persist").endswith("The broker cannot be reached: `manage.py drain` stores without it.\n")


# parts


def test_in_parallel_keeps_the_order_and_raises_what_the_work_raises() -> None:
    assert [result for _, result in in_parallel(lambda n: n * n, range(50))] == [n * n for n in range(50)]
    with pytest.raises(ZeroDivisionError):
        list(in_parallel(lambda n: 1 // n, [1, 0, 1]))


def test_a_stream_that_is_not_what_it_should_be_is_never_kept(store: Any, tmp_path: Path) -> None:
    from drafts.core.copying import ensure

    write("blobs/xx/one", b"x" * 300_000)
    target = BlobFileStorage(location=str(tmp_path))
    for size in (299_999, 300_000, 300_001):
        assert ensure(Item(1, "blobs/xx/one", "0" * 64, size), store, target, verify=False) == (False, Trouble.DAMAGED)
    assert ensure(Item(1, MISSING, "0" * 64, 1), store, target, verify=False) == (False, Trouble.MISSING)
    assert files(tmp_path) == set()
    connections.close_all()
