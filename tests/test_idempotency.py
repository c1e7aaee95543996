"""Idempotency keys: a request is done once, on both surfaces, whatever repeats it and whatever dies."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import LazySettings
from django.utils import timezone

from drafts import tasks
from drafts.access.models import KeptAnswer
from drafts.models import Draft, DraftVersion
from tests.harness import service
from tests.support import MATE, MEDIA, Api, zip_folder

KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
REPLAYED = "Idempotency-Replayed"


def test_a_repeated_create_makes_one_draft(api: Api) -> None:
    first = api.post(f"{MATE}/create_draft", {"width": 640}, **KEY)
    again = api.post(f"{MATE}/create_draft", {"width": 640}, **KEY)
    assert first.status_code == again.status_code == 200
    assert again.content == first.content
    assert (first.get(REPLAYED), again[REPLAYED]) == (None, "true")
    assert again["Content-Type"] == first["Content-Type"]
    assert Draft.objects.count() == 1


def test_another_body_under_the_same_key_is_refused_and_does_nothing(api: Api) -> None:
    api.post(f"{MATE}/create_draft", {"width": 640}, **KEY)
    other = api.post(f"{MATE}/create_draft", {"width": 641}, **KEY)
    assert (other.status_code, other.json()["code"]) == (422, 3010)
    elsewhere = api.post("/api/v1/drafts/", {"width": 640}, **KEY)
    assert elsewhere.status_code == 422
    assert Draft.objects.count() == 1


def test_a_wrong_method_is_refused_as_without_a_key(api: Api) -> None:
    api.post(f"{MATE}/create_draft", {}, **KEY)
    assert api.put(f"{MATE}/create_draft", b"{}", **KEY).status_code == 405
    assert api.post("/api/v1/nothing", {}, **KEY).status_code == 404


def test_a_failure_is_not_kept(api: Api) -> None:
    refused = api.post(f"{MATE}/create_draft", {"width": 0}, **KEY)
    assert refused.status_code == 400
    assert KeptAnswer.objects.count() == 0
    assert api.post(f"{MATE}/create_draft", {"width": 1}, **KEY).status_code == 200


def test_a_refused_edit_frees_its_key_and_keeps_the_draft(api: Api) -> None:
    draft = api.create()
    path = f"/api/v1/drafts/{draft['draft_id']}"
    assert api.patch(path, {"name": "A"}, **KEY, **{"If-Match": '"r9"'}).status_code == 412
    assert api.patch(path, {"name": "A"}, **KEY, **{"If-Match": '"r1"'}).status_code == 200
    repeated = api.patch(path, {"name": "A"}, **KEY, **{"If-Match": '"r1"'})
    assert (repeated.status_code, repeated[REPLAYED]) == (200, "true")
    assert Draft.objects.get().revision == 2


def test_an_unchanged_save_is_answered_as_it_was(api: Api) -> None:
    draft = api.create()
    api.save(draft["draft_url"])
    body = {"draft_url": draft["draft_url"]}
    unchanged = api.post(f"{MATE}/save_draft", body, **KEY)
    assert unchanged.json()["changed"] is False
    api.put_content(draft["draft_id"], {**api.content(draft["draft_id"]), "x": 1})
    assert api.post(f"{MATE}/save_draft", body, **KEY).content == unchanged.content
    assert DraftVersion.objects.count() == 1


def test_put_content_can_be_repeated_although_its_revision_is_gone(api: Api) -> None:
    draft = api.create()
    path = f"/api/v1/drafts/{draft['draft_id']}/content"
    data = json.dumps({**api.content(draft["draft_id"]), "x": 1}).encode()
    headers = {**KEY, "If-Match": '"r1"'}
    first = api.put(path, data, "application/json", **headers)
    again = api.put(path, data, "application/json", **headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again["ETag"] == first["ETag"] == '"r2"'


def test_deleting_twice_answers_204_twice(api: Api) -> None:
    draft = api.create()
    path = f"/api/v1/drafts/{draft['draft_id']}"
    assert [api.delete(path, **KEY).status_code for _ in range(2)] == [204, 204]
    assert api.delete(path).status_code == 404


def test_uploads_are_known_by_path_and_length(api: Api) -> None:
    draft = api.create()
    path = f"/api/v1/drafts/{draft['draft_id']}/files/assets/images/a.png"
    first = api.put(path, b"12345", **KEY)
    again = api.put(path, b"12345", **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert api.put(path, b"123456", **KEY).status_code == 422
    assert Draft.objects.get().revision == 2


def test_an_import_can_be_repeated(api: Api, sample: Path) -> None:
    data = zip_folder(sample)
    first = api.import_zip(data, **KEY)
    again = api.import_zip(data, **KEY)
    assert (first.status_code, again.content) == (201, first.content)
    assert Draft.objects.count() == 1


def test_callers_do_not_see_each_others_answers(api: Api) -> None:
    ann = api.post(f"{MATE}/create_draft", {"author": "Ann"}, **KEY)
    bob = api.post(f"{MATE}/create_draft", {"author": "Bob"}, **KEY)
    assert ann.json()["draft_id"] != bob.json()["draft_id"]
    far = api.client.post(
        f"{MATE}/create_draft", '{"author": "Ann"}', "application/json", headers=KEY, REMOTE_ADDR="10.1.2.3"
    )
    assert far.json()["draft_id"] != ann.json()["draft_id"]


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, '"'])
def test_a_key_of_bad_form_is_named(api: Api, key: str) -> None:
    answer = api.post(f"{MATE}/create_draft", {}, **{"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert Draft.objects.count() == 0


def test_quotes_around_a_key_are_its_notation(api: Api) -> None:
    first = api.post(f"{MATE}/create_draft", {}, **{"Idempotency-Key": '"k1"'})
    assert api.post(f"{MATE}/create_draft", {}, **{"Idempotency-Key": "k1"}).content == first.content


def test_answers_are_forgotten_after_their_time(api: Api, settings: LazySettings) -> None:
    first = api.post(f"{MATE}/create_draft", {}, **KEY)
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(seconds=settings.IDEMPOTENCY_SECONDS + 1))
    second = api.post(f"{MATE}/create_draft", {"width": 5}, **KEY)
    assert second.status_code == 200
    assert second.json()["draft_id"] != first.json()["draft_id"]
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(seconds=settings.IDEMPOTENCY_SECONDS + 1))
    tasks.collect()
    assert KeptAnswer.objects.count() == 0


def test_the_admin_and_reads_know_no_keys(api: Api) -> None:
    assert api.get("/api/v1/drafts/", **KEY).status_code == 200
    assert KeptAnswer.objects.count() == 0


def test_fifty_at_once_on_two_processes_have_one_effect_and_one_answer(tmp_path: Path) -> None:
    media = (MEDIA / "clip.mp4").read_bytes()
    with service(tmp_path) as running:
        draft = running.create()
        base = f"{running.url}/api/v1/drafts/{draft['draft_id']}"
        document = requests.get(f"{base}/content", timeout=30).json()

        def ask(call: dict[str, Any]) -> tuple[int, bytes]:
            answer = requests.request(timeout=120, headers={**KEY, **call.pop("headers", {})}, **call)
            return answer.status_code, answer.content

        def crowd(size: int, **call: Any) -> tuple[int, bytes]:
            with ThreadPoolExecutor(size) as pool:
                answers = set(pool.map(ask, [dict(call) for _ in range(size)]))
            assert len(answers) == 1, answers
            return answers.pop()

        created = crowd(50, method="POST", url=f"{running.url}{MATE}/create_draft", json={"author": "crowd"})
        assert created[0] == 200
        put = {"Idempotency-Key": "put", "If-Match": '"r1"'}
        changed = crowd(10, method="PUT", url=f"{base}/content", json={**document, "x": 1}, headers=put)
        assert json.loads(changed[1]) == {"revision": 2}
        upload = {"Idempotency-Key": "upload"}
        assert crowd(10, method="PUT", url=f"{base}/files/assets/videos/a.mp4", data=media, headers=upload)[0] == 201
        saved = crowd(50, method="POST", url=f"{base}/save", json={"note": "once"}, headers={"Idempotency-Key": "save"})
        assert (saved[0], json.loads(saved[1])["number"]) == (201, 1)
        listed = requests.get(f"{running.url}/api/v1/drafts/", timeout=30).json()["results"]
        assert sorted(item["revision"] for item in listed) == [1, 3]
        versions = requests.get(f"{base}/versions/", timeout=30).json()["results"]
        assert [version["number"] for version in versions] == [1]
