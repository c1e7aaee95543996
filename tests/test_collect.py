"""Collecting: what nothing refers to goes, what anything uses stays."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from drafts.core import blobs, collect, persist
from drafts.core.models import Blob, DoomedObject
from drafts.core.storage import ObjectMissing, StoreError
from tests.support import Api, body_of

LONG_AGO = timedelta(days=3)
FILE = "/api/v1/drafts/{}/files/assets/videos/a.mp4"


def age_everything() -> None:
    Blob.objects.update(touched_at=timezone.now() - LONG_AGO)


def test_a_file_put_and_deleted_between_two_saves_is_collected_after_the_grace(api: Api) -> None:
    draft = api.create()
    api.put(FILE.format(draft["draft_id"]), b"some bytes")
    key = Blob.objects.get().key
    assert api.delete(FILE.format(draft["draft_id"])).status_code == 204
    assert collect.collect() == collect.Collected(0, 0, more=False)  # within the grace
    age_everything()
    assert collect.collect() == collect.Collected(1, 1, more=False)
    assert not Blob.objects.exists()
    assert not DoomedObject.objects.exists()
    with pytest.raises(ObjectMissing):
        blobs.store().length(key)


def test_what_a_version_or_the_working_state_uses_stays_for_ever(api: Api) -> None:
    draft = api.create()
    api.put(FILE.format(draft["draft_id"]), b"some bytes")
    api.save(draft["draft_url"])
    persist.drain()
    api.delete(FILE.format(draft["draft_id"]))
    api.save(draft["draft_url"])
    age_everything()
    assert collect.collect().blobs == 0
    answer = api.get(f"/api/v1/drafts/{draft['draft_id']}/versions/1/files/assets/videos/a.mp4")
    assert body_of(answer) == b"some bytes"


def test_using_a_blob_again_keeps_the_collector_away(api: Api) -> None:
    draft, other = api.create(), api.create()
    api.put(FILE.format(draft["draft_id"]), b"some bytes")
    api.delete(FILE.format(draft["draft_id"]))
    age_everything()
    assert api.put(FILE.format(other["draft_id"]), b"some bytes").status_code == 201
    assert collect.collect().blobs == 0
    age_everything()
    assert collect.collect().blobs == 0


def test_a_document_saved_again_while_its_blob_is_old_is_touched(api: Api) -> None:
    draft = api.create()
    api.save(draft["draft_url"])
    age_everything()
    api.save(draft["draft_url"], note="again")
    assert Blob.objects.get().touched_at > timezone.now() - timedelta(minutes=1)


def test_an_upload_that_was_killed_is_collected(api: Api) -> None:
    Blob.objects.create(key="blobs/up/killed", state=Blob.State.UPLOADING, touched_at=timezone.now() - LONG_AGO)
    assert collect.collect().blobs == 1
    assert not Blob.objects.exists()


def test_a_late_delete_does_not_hit_a_blob_that_was_made_again(api: Api) -> None:
    draft = api.create()
    api.put(FILE.format(draft["draft_id"]), b"some bytes")
    old = Blob.objects.get()
    api.delete(FILE.format(draft["draft_id"]))
    age_everything()
    collect._doom(10)  # and the worker dies between delete and commit of the next step
    assert api.put(FILE.format(draft["draft_id"]), b"some bytes").status_code == 201
    new = Blob.objects.get()
    assert new.key != old.key
    collect.collect()
    assert b"".join(blobs.store().stream(new.key)) == b"some bytes"


def test_an_upload_that_was_collected_before_its_end_is_refused_and_leaves_nothing(
    live_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = live_api.create()
    store = type(blobs.store())
    length = store.length

    def at_the_last_moment(self: Any, key: str) -> int:
        size = length(self, key)
        age_everything()
        assert collect.collect().blobs == 1
        return size

    monkeypatch.setattr(store, "length", at_the_last_moment)
    answer = live_api.put(FILE.format(draft["draft_id"]), b"some bytes")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert not Blob.objects.exists()
    (doomed,) = DoomedObject.objects.all()
    assert doomed.key.startswith("blobs/up/")


def test_the_beat_looks_at_a_part_of_the_ids_in_turn_and_comes_to_all(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = [api.create() for _ in range(5)]
    for number, draft in enumerate(drafts):
        api.put(FILE.format(draft["draft_id"]), b"bytes %d" % number)
        api.delete(FILE.format(draft["draft_id"]))
    age_everything()
    monkeypatch.setattr(collect, "ROUND", 2)
    highest = Blob.objects.order_by("-pk").values_list("pk", flat=True)[0]
    started, found = timezone.now(), []
    for turn in range(highest // 2 + 1):
        monkeypatch.setattr(
            collect.timezone, "now", lambda turn=turn: started + turn * timedelta(seconds=collect.EVERY)
        )
        found.append(collect.collect(ids=collect.turn()).blobs)
    assert (sum(found), max(found)) == (5, 2)
    assert not Blob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_objects_of_discarded_blobs_go_with_the_commit_and_not_before() -> None:
    blob = blobs.put(io.BytesIO(b"fetched for a dry run"), length=21)
    with transaction.atomic():
        collect.discard([blob])
        transaction.set_rollback(True)
    assert blobs.read(Blob.objects.get()) == b"fetched for a dry run"
    collect.discard([blob])
    assert not Blob.objects.exists()
    assert not DoomedObject.objects.exists()
    with pytest.raises(ObjectMissing):
        blobs.store().length(blob.key)


def test_an_object_that_cannot_be_deleted_keeps_no_other_waiting(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [f"blobs/up/{number}" for number in range(6)]
    blobs.doom(keys, being_written=False)
    remove, tried = type(blobs.store()).remove, list[str]()

    def locked(self: Any, key: str) -> None:
        tried.append(key)
        if key in locked_keys:
            raise StoreError("AccessDenied")
        remove(self, key)

    monkeypatch.setattr(type(blobs.store()), "remove", locked)
    locked_keys = {keys[1]}
    assert collect.collect().objects == 5
    assert list(DoomedObject.objects.values_list("key", flat=True)) == [keys[1]]
    assert collect.collect().objects == 0  # its turn is in an hour
    assert len(tried) == 6
    locked_keys = set(keys)  # the whole store refuses
    blobs.doom(keys[2:], being_written=False)
    assert collect.collect().objects == 0
    assert len(tried) == 6 + collect.GIVE_UP_AFTER


@pytest.mark.services
def test_uploads_in_parts_that_nobody_ended_are_ended(db: None) -> None:
    store: Any = blobs.store()
    client, bucket = store.bucket.meta.client, store.bucket_name
    store.put("blobs/up/whole", io.BytesIO(b"the bucket is there"))
    client.create_multipart_upload(Bucket=bucket, Key="blobs/up/part")
    assert store.sweep(older_than=3600) == 0
    assert store.sweep(older_than=-60) >= 1
    assert client.list_multipart_uploads(Bucket=bucket, Prefix="blobs/up/part").get("Uploads", []) == []
    assert store.length("blobs/up/whole") == 19
