"""What lies long in the trash is purged without a rest: rows, bytes, answers; what is held or shared stays."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F
from django.utils import timezone

from drafts.access.models import KeptAnswer
from drafts.core import blobs, gate, persist
from drafts.core.errors import DomainError, Unavailable
from drafts.core.models import Blob
from drafts.models import Draft, DraftEvent, DraftFile, DraftVersion
from drafts.selectors.delivery import stored_document
from drafts.selectors.trash import gone_at
from drafts.services.copy import copy_draft
from drafts.services.drafts import untrash_draft
from drafts.services.holds import hold, release
from drafts.services.purge import purge_draft
from drafts.services.save import save_draft
from drafts.services.transfer import FolderSource, import_draft
from drafts.tasks import purge
from tests.harness import ROOT
from tests.races import check, settle
from tests.support import MATE, SAMPLES, Api, body_of
from tests.test_commands import refused, run

OURS = ("drafts", "drafts_core", "drafts_access", "drafts_media")
SHARED, OWN = b"in both drafts", b"in one draft alone" * 100


def trashed(api: Api, draft_id: str, *, days: float = 0) -> None:
    """Into the trash, so many days ago."""
    assert api.delete(f"/api/v1/drafts/{draft_id}").status_code == 204
    Draft.objects.filter(pk=draft_id).update(deleted_at=F("deleted_at") - timedelta(days=days))


@pytest.fixture
def pair(live_api: Api) -> tuple[str, str]:
    """Two drafts with a file in common and one each, three versions, a path that was retired."""
    for listed in blobs.store().objects():  # tests before this one took their rows away, not their objects
        blobs.store().remove(listed.key)
    made = []
    for number in range(2):
        draft_id = str(live_api.create()["draft_id"])
        files = f"/api/v1/drafts/{draft_id}/files/assets"
        assert live_api.put(f"{files}/gone.png", b"gone").status_code == 201
        assert live_api.delete(f"{files}/gone.png").status_code == 204
        assert live_api.put(f"{files}/shared.txt", SHARED).status_code == 201
        for version in range(3):
            data = b"%d %d" % (number, version) + OWN
            assert live_api.put(f"{files}/{version}.txt", data).status_code == 201
            assert live_api.save(draft_id).status_code == 200
        made.append(draft_id)
    persist.drain()
    return made[0], made[1]


def rows_naming(draft_id: str) -> dict[str, int]:
    """Rows of any table of ours that lead to the draft, other than what was recorded of it."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label not in OURS or model is DraftEvent:
            continue
        for field in model._meta.concrete_fields:
            if field.name in {"draft", "draft_id"} or (model is Draft and field.primary_key):
                found[model.__name__] = model._default_manager.filter(**{field.attname: draft_id}).count()
    return {name: count for name, count in found.items() if count}


def stored() -> set[str]:
    """Names of all objects in the store."""
    return {listed.key for listed in blobs.store().objects()}


def test_a_purge_leaves_nothing_and_takes_nothing_of_others(live_api: Api, pair: tuple[str, str]) -> None:
    first, second = pair
    headers = {"Idempotency-Key": "kept"}
    assert live_api.post(f"/api/v1/drafts/{first}/save", {"note": "secret"}, **headers).status_code == 201
    persist.drain()
    before = rows_naming(second)
    trashed(live_api, first, days=30)
    assert KeptAnswer.objects.get().draft_id == first
    purge()
    assert rows_naming(first) == {}
    assert not KeptAnswer.objects.exists()
    assert rows_naming(second) == before
    settle()
    assert stored() == set(Blob.objects.values_list("key", flat=True))
    assert Blob.objects.count() == 4 + 1  # files of the other draft, and the document of all its versions
    listed = live_api.get(f"{MATE}/get_draft?draft_id={second}").json()["files"]
    path = next(url for url in listed if url.endswith("shared.txt")).split("/", 3)[3]
    assert body_of(live_api.get(f"/{path}")) == SHARED
    assert run("verify_storage").endswith("Everything is as it should be: 5 objects (7.7 KB) read.\n")
    [event] = DraftEvent.objects.filter(verb="purge")
    assert (event.draft_id, event.door, event.user_agent) == (first, "task", "drafts.purge")
    assert event.arguments["versions"] == 4
    assert event.arguments["trashed_by"] == "127.0.0.1"
    assert DraftEvent.objects.filter(draft_id=first, verb="save").count() == 4


def test_what_is_young_stays_and_zero_days_keep_all_for_ever(
    live_api: Api, pair: tuple[str, str], settings: Any
) -> None:
    trashed(live_api, pair[0], days=29.9)
    purge()
    assert Draft.objects.count() == 2
    settings.TRASH_DAYS = 0
    trashed(live_api, pair[1], days=1000)
    purge()
    assert Draft.objects.count() == 2
    settings.TRASH_DAYS = 29
    purge()
    assert Draft.objects.count() == 0


def test_in_a_maintenance_nothing_is_purged(live_api: Api, pair: tuple[str, str]) -> None:
    trashed(live_api, pair[0], days=99)
    gate.start_maintenance()
    gate.state(fresh=True)
    purge()
    assert Draft.objects.count() == 2
    assert "maintenance" in refused("purge", "--draft", pair[0])


@pytest.mark.parametrize("number", [None, 2])
def test_a_hold_keeps_a_draft_until_it_is_taken_away(live_api: Api, pair: tuple[str, str], number: int | None) -> None:
    draft_id = pair[0]
    trashed(live_api, draft_id, days=99)
    for _ in range(2):
        hold(draft_id=draft_id, number=number, reason="court")
    purge()
    assert Draft.objects.count() == 2
    held = "The draft is held" if number is None else "Version 2 is held"
    assert refused("purge", "--draft", draft_id) == f"{held}. Take the hold away first."
    assert f"{draft_id} : held, stays" in run("purge", "--dry-run")
    release(draft_id=draft_id, number=number)
    purge()
    assert Draft.objects.get().pk == pair[1]
    told = list(
        DraftEvent.objects.filter(draft_id=draft_id).order_by("-pk").values_list("verb", "version", "arguments")
    )
    assert told[1:3] == [("release", number, {}), ("hold", number, {"reason": "court"})]


def test_only_what_is_in_the_trash_can_be_purged(live_api: Api, pair: tuple[str, str]) -> None:
    hint = "Only what is in the trash can be purged."
    assert refused("purge", "--draft", pair[0]) == f"The draft is not in the trash. {hint}"
    assert "does not exist" in refused("purge", "--draft", "20260101000000aaaaaaaaaaaaaaaaaa").lower()
    assert Draft.objects.count() == 2


def test_a_dry_run_tells_what_goes_to_the_byte(live_api: Api, pair: tuple[str, str], settings: Any) -> None:
    settings.GC_GRACE = 0
    document = Draft.objects.get(pk=pair[0]).content.size
    trashed(live_api, pair[0])
    run("collect")  # what was put and deleted again before
    told = run("purge", "--dry-run", "--older-than", "0").splitlines()
    assert len(told) == 2
    assert f"{pair[0]} : 3 versions, 4 blobs of its own (" in told[0]
    before = sum(Blob.objects.values_list("size", flat=True))
    assert (
        run("purge", "--older-than", "0")
        == "1 drafts purged. The collector takes what nothing else uses, GC_GRACE from now.\n"
    )
    run("collect")
    freed = before - sum(Blob.objects.values_list("size", flat=True))
    assert freed == 3 * len(b"0 0" + OWN) + document
    assert told[1].startswith("1 drafts with 3 versions and 4 blobs (")
    assert {listed.key for listed in blobs.store().objects()} == set(Blob.objects.values_list("key", flat=True))


def test_bytes_that_two_drafts_share_go_with_the_second(live_api: Api, pair: tuple[str, str]) -> None:
    for draft_id in pair:
        trashed(live_api, draft_id)
    told = run("purge", "--dry-run", "--older-than", "0").splitlines()
    assert [line.split(", ")[1].split(" (")[0] for line in told[:2]] == ["4 blobs of its own"] * 2
    assert told[2].startswith("2 drafts with 6 versions and 9 blobs (")


def test_who_reads_a_version_while_it_is_purged_and_collected_is_asked_to_come_again(
    live_api: Api, pair: tuple[str, str]
) -> None:
    """With a ``GC_GRACE`` that is shorter than the reading."""
    version = DraftVersion.objects.select_related("draft", "content").get(draft=pair[0], number=1)
    trashed(live_api, pair[0], days=31)
    purge()
    settle()
    with pytest.raises(Unavailable) as caught:
        stored_document(draft=version.draft, version=version)
    assert (caught.value.detail.en, caught.value.retry_after) == ("The file was collected meanwhile", 1)


def test_without_a_period_the_command_wants_to_be_told(live_api: Api, settings: Any) -> None:
    settings.TRASH_DAYS = 0
    assert refused("purge").startswith("TRASH_DAYS is 0")
    assert run("purge", "--older-than", "3").startswith("0 drafts purged.")


def test_a_draft_whose_purge_has_begun_is_gone_for_everybody(
    live_api: Api, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drafts.services.purge.BATCH", 1)
    draft_id = pair[0]
    trashed(live_api, draft_id)
    steps = purge_draft(draft_id=draft_id)
    next(steps), next(steps)
    steps.close()  # a process that dies here; every step has committed
    path = f"/api/v1/drafts/{draft_id}"
    asks: dict[str, Callable[[], Any]] = {
        "get_draft": lambda: live_api.get(f"{MATE}/get_draft?draft_id={draft_id}"),
        "draft": lambda: live_api.get(path),
        "save": lambda: live_api.save(draft_id),
        "untrash": lambda: live_api.post(f"{path}/untrash"),
        "copy": lambda: live_api.post(f"{path}/copy"),
        "restore": lambda: live_api.post(f"{path}/versions/1/restore"),
        "events": lambda: live_api.get(f"{path}/events"),
    }
    for name, ask in asks.items():
        reply = ask()
        assert (reply.status_code, reply.json()["code"]) == (404, 2001), name
        assert "untrash brings it back" not in reply.content.decode()
    listed = live_api.get("/api/v1/drafts?state=all").json()["results"]
    assert [draft["id"] for draft in listed] == [pair[1]]
    refused("export_draft", draft_id, "somewhere")
    assert 0 < DraftFile.objects.filter(draft_id=draft_id).count() < 4
    purge()  # goes on, whatever TRASH_DAYS says
    assert rows_naming(draft_id) == {}
    assert DraftEvent.objects.filter(draft_id=draft_id, verb="purge").count() == 1


def test_a_purge_that_is_killed_again_and_again_ends_well(tmp_path: Path) -> None:
    state, count = tmp_path / "state", 8_000
    environment = {**os.environ, "STATE_DIR": str(state), "DATABASE_URL": "", "S3_BUCKET": "", "SECRET_KEY": "x" * 50}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    call: dict[str, Any] = {"cwd": ROOT, "env": environment, "text": True, "stdin": subprocess.DEVNULL}

    def manage(*words: str) -> str:
        done = subprocess.run([sys.executable, "manage.py", *words], capture_output=True, check=True, **call)
        return done.stdout

    def ask(sql: str) -> Any:
        with sqlite3.connect(state / "db.sqlite3", timeout=20) as database:
            return database.execute(sql).fetchall()

    manage("migrate", "-v0")
    draft_id = manage("import_draft", "tests/samples/drafts/s01_basic").split()[0]
    names = ", ".join(row[1] for row in ask("PRAGMA table_info(drafts_draftversion)") if row[1] not in {"id", "number"})
    numbers = f"WITH RECURSIVE n(x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n WHERE x < {count})"  # noqa: S608 - a number of our own
    ask(f"{numbers} INSERT INTO drafts_draftversion (number, {names}) SELECT x, {names} FROM n, drafts_draftversion")  # noqa: S608 - names of our own
    ask("UPDATE drafts_draft SET deleted_at = '2026-01-01 00:00:00'")
    left = count
    for least in (count - 1000, count // 2):
        process = subprocess.Popen([sys.executable, "manage.py", "purge"], stdout=subprocess.DEVNULL, **call)
        while ask("SELECT count(*) FROM drafts_draftversion")[0][0] > least and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        left, before = ask("SELECT count(*) FROM drafts_draftversion")[0][0], left
        assert 0 < left < before
    assert manage("purge").startswith("1 drafts purged.")
    for table in ("draft", "draftversion", "draftfile", "draftcontent"):
        assert ask(f"SELECT count(*) FROM drafts_{table}") == [(0,)]  # noqa: S608 - names of our own
    assert ask("SELECT draft_id FROM drafts_draftevent WHERE verb = 'purge'") == [(draft_id,)]


def test_the_period_is_told_where_drafts_are_looked_at(live_api: Api, pair: tuple[str, str]) -> None:
    draft = Draft.objects.get(pk=pair[0])
    assert gone_at(draft) is None
    trashed(live_api, pair[0], days=10)
    left = gone_at(Draft.objects.get(pk=pair[0])) - timezone.now()  # type: ignore[operator]  # it is in the trash
    assert timedelta(days=19.9) < left <= timedelta(days=20)


def _import(draft_id: str) -> object:
    return import_draft(source=FolderSource(SAMPLES / "s01_basic"), into=draft_id)


@pytest.mark.parametrize(
    "other",
    [
        lambda draft_id: hold(draft_id=draft_id),
        lambda draft_id: list(purge_draft(draft_id=draft_id)),
        lambda draft_id: untrash_draft(draft_id=draft_id),
        lambda draft_id: (untrash_draft(draft_id=draft_id), save_draft(draft_id=draft_id, note="back")),
        lambda draft_id: (untrash_draft(draft_id=draft_id), copy_draft(draft_id=draft_id)),
        lambda draft_id: (untrash_draft(draft_id=draft_id), _import(draft_id)),
    ],
    ids=["hold", "purge", "untrash", "save", "copy", "import"],
)
def test_a_purge_and_something_else_at_the_same_moment(live_api: Api, other: Callable[[str], object]) -> None:
    """Either the draft is gone without a rest and it is recorded once, or it is whole and nothing is recorded."""
    for turn in range(8):
        draft_id = live_api.imported(SAMPLES / "s01_basic")["id"]
        trashed(live_api, draft_id)
        together = Barrier(2)

        def do(what: Callable[[str], object], wait: float, draft_id: str = draft_id, at: Barrier = together) -> None:
            at.wait(30)
            time.sleep(wait)
            try:
                with suppress(DomainError):
                    what(draft_id)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            late = turn % 4 * 0.004
            jobs = [pool.submit(do, lambda each: list(purge_draft(draft_id=each)), late), pool.submit(do, other, 0)]
            for job in jobs:
                job.result(60)
        purges = DraftEvent.objects.filter(draft_id=draft_id, verb="purge").count()
        if Draft.objects.filter(pk=draft_id).exists():
            assert purges == 0
            check([draft_id])
            assert live_api.post(f"/api/v1/drafts/{draft_id}/untrash").json()["state"] == "active"
            assert live_api.get(f"/api/v1/drafts/{draft_id}/integrity").status_code == 200
        else:
            assert (purges, rows_naming(draft_id)) == (1, {})
