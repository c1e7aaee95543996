"""Persisting without blocking: the row is the job."""

from __future__ import annotations

import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from drafts import tasks
from drafts.core import blobs, gate, persist, probes, wakeups
from drafts.core.errors import Unavailable
from drafts.core.models import Blob, BlobPayload, DoomedObject
from drafts.core.storage import ObjectMissing
from drafts.models import Draft, DraftContent, DraftFile, DraftVersion
from tests.support import MATE, Api, body_of

UNREACHABLE = {
    "BACKEND": "drafts.core.s3.BlobS3Storage",
    "OPTIONS": {
        "bucket_name": "drafts",
        "endpoint_url": "http://127.0.0.1:9",
        "access_key": "key",
        "secret_key": "secret",
        "region_name": "us-east-1",
        "file_overwrite": True,
    },
}


@pytest.fixture
def store_is_down(settings: Any) -> Any:
    """A switch: called with False it brings the store back."""
    good = settings.STORAGES["drafts"]

    def switch(*, down: bool) -> None:
        settings.STORAGES = {**settings.STORAGES, "drafts": UNREACHABLE if down else good}

    switch(down=True)
    return switch


def object_of(blob: Blob) -> bytes:
    return b"".join(blobs.store().stream(blob.key))


def saved_blob(api: Api) -> Blob:
    draft = api.create()
    assert api.save(draft["draft_url"]).json()["state"] == "pending"
    return Blob.objects.get(versions__draft=draft["draft_id"])


def test_a_saved_document_waits_in_the_database_and_drain_moves_it_to_the_store(api: Api) -> None:
    blob = saved_blob(api)
    payload = BlobPayload.objects.get(blob=blob)
    content = DraftContent.objects.get(sha256=blob.sha256)
    assert bytes(payload.data) == bytes(content.data)
    assert persist.drain() == persist.Drained(stored=1, failed=0, more=False)
    blob.refresh_from_db()
    assert (blob.state, blob.tries, blob.error) == ("stored", 1, "")
    assert not BlobPayload.objects.exists()
    assert hashlib.sha256(object_of(blob)).hexdigest() == blob.sha256
    assert len(object_of(blob)) == blob.size
    assert blob.key.startswith(f"blobs/{blob.sha256[:2]}/{blob.sha256}.")


def test_a_drain_sends_itself_again_for_what_it_left_and_not_for_what_came_meanwhile(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(tasks, "send", sent.append)
    store = persist._persist

    def store_while_somebody_saves(blob: Blob) -> str | None:
        saved_blob(api)
        return store(blob)

    for _ in range(3):
        saved_blob(api)
    tasks.drain(limit=2)
    assert sent == ["drafts.drain"], "the third was left"
    sent.clear()
    with monkeypatch.context() as patch:
        patch.setattr(persist, "_persist", store_while_somebody_saves)
        tasks.drain(limit=2)
    assert (sent, persist.waiting().count()) == ([], 1), "that save has a message of its own"


def test_draining_again_and_from_a_doubled_message_changes_nothing(api: Api) -> None:
    blob = saved_blob(api)
    tasks.drain()
    before = Blob.objects.values().get(pk=blob.pk)
    tasks.drain()
    assert Blob.objects.values().get(pk=blob.pk) == before


def test_the_same_document_saved_in_two_drafts_is_one_object(api: Api) -> None:
    first = api.create()
    document = api.content(first["draft_id"])
    other = api.create()
    assert api.put_content(other["draft_id"], document).status_code == 200
    assert api.put_content(first["draft_id"], {**document, "name": "x"}).status_code == 200
    assert api.put_content(first["draft_id"], document).status_code == 200
    api.save(first["draft_url"])
    tasks.drain()
    api.save(other["draft_url"])
    assert Blob.objects.count() <= 2
    shas = set(DraftVersion.objects.values_list("content__sha256", flat=True))
    assert len(shas) == Blob.objects.count()


def test_saves_do_not_need_the_store_and_everything_persists_when_it_is_back(api: Api, store_is_down: Any) -> None:
    blob = saved_blob(api)
    assert persist.drain().failed == 1
    blob.refresh_from_db()
    assert blob.state == "pending"
    assert blob.tries == 1
    assert blob.error
    assert "127.0.0.1" not in blob.error
    assert persist.drain() == persist.Drained(0, 0, more=False)  # backing off
    assert api.get(f"/api/v1/drafts/{blob.versions.get().draft_id}/versions/1/content").status_code == 200
    store_is_down(down=False)
    Blob.objects.update(next_try_at=timezone.now())
    assert persist.drain().stored == 1


def test_a_blob_that_fails_often_is_labelled_and_still_retried(api: Api, store_is_down: Any, settings: Any) -> None:
    settings.PERSIST_TRIES = 3
    blob = saved_blob(api)
    for _ in range(3):
        Blob.objects.update(next_try_at=timezone.now())
        persist.drain()
    blob.refresh_from_db()
    assert (blob.state, blob.tries) == ("failed", 3)
    wait = (blob.next_try_at - timezone.now()).total_seconds()
    assert 440 < wait < 760
    versions = api.get(f"/api/v1/drafts/{blob.versions.get().draft_id}/versions").json()["results"]
    assert versions[0]["state"] == "failed"
    store_is_down(down=False)
    Blob.objects.update(next_try_at=timezone.now())
    assert persist.drain().stored == 1
    blob.refresh_from_db()
    assert (blob.state, blob.error) == ("stored", "")


def test_a_store_that_works_again_brings_forward_what_waits_long(api: Api, store_is_down: Any, settings: Any) -> None:
    settings.PERSIST_TRIES = 1
    waits = saved_blob(api)
    assert persist.drain().failed == 1
    store_is_down(down=False)
    saved_blob(api)
    assert persist.drain().stored == 1
    waits.refresh_from_db()
    assert waits.state == "failed"
    assert 50 < (waits.next_try_at - timezone.now()).total_seconds() < 61  # not ten minutes


def test_what_a_failing_store_was_not_asked_for_counts_as_no_try(api: Api, store_is_down: Any) -> None:
    for _ in range(5):
        saved_blob(api)
    assert persist.drain() == persist.Drained(0, 3, more=False)
    assert sorted(Blob.objects.values_list("tries", flat=True)) == [0, 0, 1, 1, 1]
    assert not Blob.objects.filter(next_try_at__lte=timezone.now()).exists()
    store_is_down(down=False)
    Blob.objects.update(next_try_at=timezone.now())
    assert persist.drain().stored == 5


def test_what_a_slow_store_leaves_undone_is_due_for_the_next_pass(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        saved_blob(api)
    with monkeypatch.context() as patch:
        patch.setattr(persist, "LEASE", 0.0)  # the first blob takes longer than half of it
        assert persist.drain() == persist.Drained(0, 0, more=True)
    assert set(Blob.objects.values_list("tries", flat=True)) == {0}
    assert persist.drain().stored == 3


def test_tries_count_even_if_the_worker_dies_while_writing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = saved_blob(api)

    def die(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(type(blobs.store()), "put", die)
        with pytest.raises(SystemExit):
            persist.drain()
    blob.refresh_from_db()
    assert (blob.state, blob.tries) == ("pending", 1)
    assert timezone.now() < blob.next_try_at < timezone.now() + timedelta(seconds=16)


def test_a_time_far_ahead_is_due_because_the_clock_was_set_back(api: Api) -> None:
    blob = saved_blob(api)
    Blob.objects.update(next_try_at=timezone.now() + timedelta(days=400))
    assert persist.drain().stored == 1
    blob.refresh_from_db()
    assert blob.state == "stored"


def test_an_object_that_reads_back_otherwise_is_not_stored(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = saved_blob(api)
    monkeypatch.setattr(type(blobs.store()), "stream", lambda *_: iter([b"other bytes"]))
    assert persist.drain().failed == 1
    blob.refresh_from_db()
    assert (blob.state, blob.error) == ("pending", "the store gave back other bytes")
    assert BlobPayload.objects.filter(blob=blob).exists()


def test_a_wake_up_never_raises_when_the_broker_is_gone(settings: Any) -> None:
    from capcut_site.celery import app

    old = app.conf.broker_url
    app.conf.broker_url = "redis://127.0.0.1:9/0"
    app.amqp._producer_pool = None
    try:
        assert wakeups.send("drafts.drain") is False
    finally:
        app.conf.broker_url = old


def test_an_upload_without_a_store_is_refused_and_leaves_nothing_attached(api: Api, store_is_down: Any) -> None:
    draft = api.create()
    for size in (10, 2 * blobs.IN_MEMORY):
        answer = api.put(f"/api/v1/drafts/{draft['draft_id']}/files/assets/videos/a.mp4", b"x" * size)
        assert (answer.status_code, answer.json()["code"]) == (503, 3007)
        assert answer["Retry-After"] == "5"
        assert answer.json()["retryable"] is True
    assert not DraftFile.objects.exists()
    assert not Blob.objects.exists()
    assert DoomedObject.objects.count() == 2


def test_bytes_that_are_known_need_no_store(api: Api, store_is_down: Any) -> None:
    store_is_down(down=False)
    first, second = api.create(), api.create()
    path = "/api/v1/drafts/{}/files/assets/videos/a.mp4"
    assert api.put(path.format(first["draft_id"]), b"same bytes").status_code == 201
    store_is_down(down=True)
    assert api.put(path.format(second["draft_id"]), b"same bytes").status_code == 201
    assert Blob.objects.count() == 1


def test_an_upload_of_bytes_that_still_wait_becomes_their_object(api: Api) -> None:
    blob = saved_blob(api)
    data = blobs.payload(blob.pk, size=blob.size)
    assert data is not None
    uploaded = blobs.put(io.BytesIO(data), length=len(data))
    assert uploaded.pk == blob.pk
    blob.refresh_from_db()
    assert blob.state == "stored"
    assert object_of(blob) == data
    assert not BlobPayload.objects.exists()


def test_a_download_is_refused_with_retry_after_while_the_store_is_down(api: Api, store_is_down: Any) -> None:
    store_is_down(down=False)
    draft = api.create()
    path = f"/api/v1/drafts/{draft['draft_id']}/files/assets/videos/a.mp4"
    assert api.put(path, b"0123456789").status_code == 201
    store_is_down(down=True)
    answer = api.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert api.get(f"{MATE}/get_draft?draft_id={draft['draft_id']}").status_code == 200
    store_is_down(down=False)
    assert body_of(api.get(path)) == b"0123456789"


def test_too_many_pending_bytes_keep_writes_out_and_reads_in(api: Api, settings: Any) -> None:
    draft = api.create()
    api.save(draft["draft_url"])
    settings.PENDING_LIMIT = 1
    gate.state(fresh=True)
    api.put_content(draft["draft_id"], api.content(draft["draft_id"]))
    answer = api.post(f"{MATE}/create_draft", {})
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, 3007, "5")
    assert "PENDING_LIMIT" in answer.json()["hint"]
    assert api.get(draft["draft_url"].replace("http://testserver", "")).status_code == 200


def test_too_little_disk_keeps_writes_out(api: Api, settings: Any) -> None:
    settings.MIN_FREE_BYTES = 2**62
    answer = api.post(f"{MATE}/create_draft", {})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "MIN_FREE_BYTES" in answer.json()["hint"]


def test_a_missing_object_is_told_as_unavailable_not_as_a_fault(api: Api) -> None:
    blob = saved_blob(api)
    persist.drain()
    blob.refresh_from_db()
    blobs.store().remove(blob.key)
    with pytest.raises(ObjectMissing):
        blobs.store().length(blob.key)
    with pytest.raises(Unavailable):
        blobs.read(blob)
    answer = api.get(f"/api/v1/drafts/{blob.versions.get().draft_id}/versions/1/content")
    assert answer.status_code == 503


def test_the_file_store_writes_whole_objects_and_leaves_no_temporaries(blob_folder: Path) -> None:
    store = blobs.store()
    if not hasattr(store, "temporary"):
        return  # an S3 store has none

    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("cable pulled")

    store.put("blobs/aa/one", io.BytesIO(b"first"))
    store.put("blobs/aa/one", io.BytesIO(b"second"))
    assert b"".join(store.stream("blobs/aa/one")) == b"second"
    with pytest.raises(Exception, match="OSError"):
        store.put("blobs/aa/two", Breaks())
    assert not (blob_folder / "blobs/aa/two").exists()
    assert list(store.temporary.iterdir()) == []


@pytest.mark.parametrize("archive", [b"", b"field"])
def test_an_upload_that_fills_the_disk_meanwhile_is_refused_and_leaves_nothing(
    live_api: Api, monkeypatch: pytest.MonkeyPatch, archive: bytes
) -> None:
    draft = live_api.create()["draft_id"]
    left = iter([2**62])
    monkeypatch.setattr(gate, "_free_bytes", lambda: next(left, 0))
    if archive:
        form = {"archive": io.BytesIO(bytes(100_000))}
        answer = live_api.client.post("/api/v1/drafts/import", form)
    else:
        answer = live_api.put(f"/api/v1/drafts/{draft}/files/assets/videos/a.mp4", bytes(100_000))
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "MIN_FREE_BYTES" in answer.json()["hint"]
    assert (Blob.objects.count(), Draft.objects.count()) == (0, 1)


def test_a_store_that_hangs_keeps_nobody_from_asking_the_database(
    live_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, asked = threading.Event(), []

    def storage() -> str:
        asked.append(1)
        hangs.wait(30)
        return probes.OK

    monkeypatch.setattr(probes, "_storage", storage)
    monkeypatch.setattr(probes, "PROBE_SECONDS", 2.0)
    assert probes._database()["database"] == probes.OK  # the first look, at all migrations, takes longest
    with ThreadPoolExecutor(20) as people:
        found = list(people.map(lambda _: probes.readiness(), range(20)))
    hangs.set()
    assert {(said["database"], said["storage"]) for said in found} == {(probes.OK, probes.UNREACHABLE)}
    assert len(asked) == 1
