"""Collecting against saving: whatever happens in whatever order, what is in use stays and what is not goes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from drafts.core import blobs, collect, persist
from drafts.core.errors import Unavailable
from drafts.core.large import Unread
from drafts.core.models import Blob
from drafts.core.storage import BlobFileStorage
from drafts.models import DraftFile, DraftVersion
from drafts.services import content, copy, files, restore, save
from drafts.services.drafts import create_draft
from tests.races import Meanwhile, Race, age, check, check_purged, document, media, settle, sha256

NUMBERS = st.integers(0, 2)
EVENTS = st.sampled_from(["nothing", "three days", "doom", "delete", "drain", "put", "save"])


class Interleaved(RuleBasedStateMachine):
    """Steps of savers, uploaders, one slow worker and the collector, in any order.

    Every step commits, so a step that never comes is a process that died there.
    """

    runs = 0

    def __init__(self) -> None:
        super().__init__()
        Interleaved.runs += 1
        self.salt = f"run {Interleaved.runs}"
        self.drafts: list[str] = []
        self.expected: dict[tuple[str, int], str] = {}
        self.working: dict[tuple[str, str], str] = {}
        self.claimed: list[Blob] = []
        self.written: list[Blob] = []
        self.paths = 0

    @initialize()
    def two_drafts(self) -> None:
        """The same bytes will be in both."""
        self.drafts = [create_draft(width=640, height=360).pk for _ in range(2)]

    def draft(self, number: int) -> str:
        """One of the two."""
        return self.drafts[number % 2]

    def place(self, key: tuple[str, Any]) -> tuple[int, Any]:
        """An order that is the same in every replay; that of ids made within one second is chance."""
        return self.drafts.index(key[0]), key[1]

    @rule(number=NUMBERS, which=NUMBERS)
    def edit_and_save(self, number: int, which: int) -> None:
        """The version that is acknowledged has these bytes for ever."""
        data = document(number, self.salt)
        content.replace_content(draft_id=self.draft(which), document=Unread.of(data), revisions=None)
        version = save.save_draft(draft_id=self.draft(which)).version
        self.expected[self.draft(which), version.number] = sha256(data)

    @rule(number=NUMBERS, which=NUMBERS, event=EVENTS, other=NUMBERS)
    def upload(self, number: int, which: int, event: str, other: int) -> None:
        """A file, during whose upload something else happens."""
        self.paths += 1
        path = f"assets/{self.paths}.png"
        data = media(number, self.salt)
        events: dict[str, Callable[[], Any]] = {
            "nothing": lambda: None,
            "three days": self.three_days,
            "doom": lambda: collect._doom(10),
            "delete": lambda: collect._delete_doomed(10),
            "drain": persist.drain,
            "put": lambda: self.upload(number=number, which=other, event="nothing", other=0),
            "save": lambda: self.edit_and_save(number=number, which=other),
        }
        source = Meanwhile(data, events[event])
        try:
            files.put_file(draft_id=self.draft(which), path=path, source=source, length=len(data))
        except Unavailable:
            assert event == "three days"
        else:
            self.working[self.draft(which), path] = sha256(data)

    @rule(number=NUMBERS, which=NUMBERS)
    def a_document_is_uploaded_as_a_file(self, number: int, which: int) -> None:
        """The same bytes that a save has put into the database, while they wait there."""
        self.paths += 1
        path, data = f"assets/{self.paths}.png", document(number, self.salt)
        files.put_file(draft_id=self.draft(which), path=path, source=io.BytesIO(data), length=len(data))
        self.working[self.draft(which), path] = sha256(data)

    @precondition(lambda self: self.working)
    @rule(pick=st.integers(0, 20))
    def delete(self, pick: int) -> None:
        """Take a file out of the working state."""
        draft_id, path = sorted(self.working, key=self.place)[pick % len(self.working)]
        files.delete_file(draft_id=draft_id, path=path)
        del self.working[draft_id, path]

    @precondition(lambda self: self.expected)
    @rule(pick=st.integers(0, 20))
    def restore(self, pick: int) -> None:
        """The past once more."""
        draft_id, number = sorted(self.expected, key=self.place)[pick % len(self.expected)]
        restore.restore_version(draft_id=draft_id, number=number)
        rows = DraftFile.objects.filter(draft=draft_id, removed_in__isnull=True).values_list("path", "blob__sha256")
        self.working = {key: value for key, value in self.working.items() if key[0] != draft_id}
        self.working |= {(draft_id, path): hashed for path, hashed in rows}

    @rule(which=NUMBERS)
    def copy(self, which: int) -> None:
        """Another draft with the same blobs."""
        self.drafts.append(copy.copy_draft(draft_id=self.draft(which)).pk)

    @rule()
    def worker_claims(self) -> None:
        """A worker takes what is due; what it had before it had died with."""
        persist.hurry()
        self.claimed, self.written = persist._claim(3), []

    @precondition(lambda self: self.claimed)
    @rule()
    def worker_writes(self) -> None:
        """It writes one object, perhaps long after somebody else did the same."""
        blob = self.claimed.pop()
        if persist._persist(blob) is None:
            self.written.append(blob)

    @precondition(lambda self: self.written)
    @rule()
    def worker_says_so(self) -> None:
        """It marks what it has written."""
        persist._mark_stored(self.written)
        self.written = []

    @rule()
    def another_worker(self) -> None:
        """A worker that does not die."""
        persist.hurry()
        persist.drain()

    @rule()
    def three_days(self) -> None:
        """No worker takes that long."""
        age()
        self.claimed, self.written = [], []

    @rule()
    def collector_dooms(self) -> None:
        """And dies before it deletes."""
        collect._doom(10)

    @rule()
    def collector_deletes(self) -> None:
        """Late."""
        collect._delete_doomed(10)

    @invariant()
    def everything_in_use_is_there(self) -> None:
        """Every version and every file, by its exact bytes."""
        check(self.drafts)
        versions = DraftVersion.objects.filter(draft__in=self.drafts).values_list(
            "draft_id", "number", "content__sha256"
        )
        found = {(draft_id, number): hashed for draft_id, number, hashed in versions}
        assert self.expected.items() <= found.items()
        rows = DraftFile.objects.filter(draft__in=self.drafts[:2], removed_in__isnull=True)
        assert {(row.draft_id, row.path): row.blob.sha256 for row in rows.select_related("blob")} == self.working

    def teardown(self) -> None:
        """In the end nothing is left that nobody needs."""
        settle()
        check(self.drafts)


@pytest.fixture(autouse=True)
def _empty_store(transactional_db: None) -> None:
    """Tests before this one took their rows away, not their objects."""
    for listed in blobs.store().objects():
        blobs.store().remove(listed.key)


def run_machine(*, examples: int, steps: int) -> None:
    """The machine, so many times."""
    limits = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Interleaved, settings=limits)


def test_any_order_of_steps_keeps_what_is_in_use() -> None:
    run_machine(examples=12, steps=25)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))  # what one part leaves is taken away before the next, else all slow down
def test_a_thousand_orders_of_steps(part: int) -> None:
    run_machine(examples=50, steps=50)


def test_threads_that_save_upload_import_persist_and_collect_the_same_bytes(settings: Any) -> None:
    settings.GC_GRACE = 0.05
    race = Race(seed=1)
    race.run(seconds=4, people=4, until=frozenset({"save", "put", "import", "read", "drain", "collect"}))
    check_purged(race.draft_ids)
    settle()
    check(race.draft_ids)


def test_workers_and_collectors_killed_at_any_moment(settings: Any) -> None:
    settings.GC_GRACE = 2
    race = Race(seed=2)
    race.run_with_kills(kills=12, seed=2)
    check_purged(race.draft_ids)
    settle()
    check(race.draft_ids)
    assert race.done["killed"] == 12
    store = blobs.store()
    assert not isinstance(store, BlobFileStorage) or not list(store.temporary.glob("*"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_minute_of_threads(settings: Any, seed: int) -> None:
    settings.GC_GRACE = 0.05
    race = Race(seed=10 + seed)
    race.run(seconds=60, people=6)
    check_purged(race.draft_ids)
    settle()
    check(race.draft_ids)
    print(dict(race.done))


@pytest.mark.slow
def test_five_hundred_kills_of_workers_and_collectors(settings: Any) -> None:
    settings.GC_GRACE = 2
    race = Race(seed=3)
    race.run_with_kills(kills=500, seed=3)
    check_purged(race.draft_ids)
    settle()
    check(race.draft_ids)
    print(dict(race.done))
