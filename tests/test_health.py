"""The operations page: what is stuck, who lives, what was done when; and the pages of blobs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from capcut_site.celery import app
from drafts import tasks
from drafts.core import blobs, heartbeats, persist
from drafts.core.models import Blob, Chore
from drafts.models import Draft, DraftSummary
from tests.harness import Service, wait_for
from tests.operators import refused, run, stored_drafts
from tests.support import Api
from tests.test_admin import words
from tests.test_persist import UNREACHABLE

PAGE = "/admin/drafts_core/chore/"
ALL = "/admin/drafts_core/blob/retry/"
AWAY = "redis://127.0.0.1:1/0"


def one(blob: Blob, rest: str = "change/") -> str:
    return f"/admin/drafts_core/blob/{blob.pk}/{rest}"


def signed_in(name: str) -> Client:
    """A staff member of a group."""
    user = User.objects.create(username=name.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator(noted: None, db: None) -> Client:
    return signed_in("Operator")


@pytest.fixture
def stuck(api: Api, settings: Any) -> list[Blob]:
    """Two versions whose documents the store has refused, so that they failed, and one that waits."""
    settings.PERSIST_TRIES = 1
    for width in (640, 800):
        api.save(api.create(width=width)["draft_url"])
    good, settings.STORAGES = settings.STORAGES, {**settings.STORAGES, "drafts": UNREACHABLE}
    assert persist.drain().failed == 2
    settings.STORAGES = good
    api.save(api.create(width=1024)["draft_url"])
    return list(Blob.objects.order_by("pk"))


def alive(operator: Client) -> str:
    """The page once worker and beat are heard."""
    heartbeats.beat(heartbeats.WORKER, "drafts@here")
    heartbeats.beat(heartbeats.BEAT, "here")
    tasks.drain()
    wait_for(lambda: "drafts@here" in words(operator.get(PAGE)), "the heartbeat")
    return words(operator.get(PAGE))


def test_nothing_is_stuck(operator: Client) -> None:
    shown = alive(operator)
    assert "Nothing is stuck." in shown
    assert "Nothing waits: everything is in the store." in shown
    assert "Database ✓ answers" in shown
    assert "Object store ✓ answers" in shown
    assert re.search(r"Workers ✓ drafts@here , heard \d s ago beat ✓ here , heard \d s ago Last sweep \d s ago", shown)
    assert "Bytes that wait 0 bytes of 1.0 GB (PENDING_LIMIT)" in shown.replace("\xa0", " ")
    assert shown.count(" never ") == len(Chore.Name)


def test_what_failed_stands_first_with_its_error_and_its_age(operator: Client, stuck: list[Blob]) -> None:
    Blob.objects.filter(pk=stuck[1].pk).update(created_at=timezone.now() - timedelta(hours=2))
    shown = words(operator.get(PAGE)).replace("\xa0", " ")
    assert "2 blobs could not be stored" in shown
    assert "Blobs have waited for more than 10 minutes" in shown
    assert "Waiting: 3 , of them failed: 2 ." in shown
    lines = re.findall(r"(failed|waiting for the store) (\w{12}) [\d.]+ KB (.{3,8}) ago (\d) [\d:]+ UTC (\S+)", shown)
    assert [(state, blob, tries, error) for state, blob, _, tries, error in lines] == [
        ("failed", str(stuck[1]), "1", "EndpointConnectionError"),
        ("failed", str(stuck[0]), "1", "EndpointConnectionError"),
        ("waiting for the store", str(stuck[2]), "0", "–"),
    ]
    assert lines[0][2] == "2 hours"


def test_a_long_list_is_cut_and_costs_no_more(operator: Client, api: Api, stuck: list[Blob]) -> None:
    def queries() -> int:
        operator.get(PAGE)
        with CaptureQueriesContext(connection) as seen:
            assert operator.get(PAGE).status_code == 200
        return len(seen)

    few = queries()
    assert few <= 11  # of them one for the workspaces of staff who are no superusers
    Blob.objects.bulk_create(
        Blob(key=f"blobs/{n}", sha256=f"{n:064}", state="failed", error="gone") for n in range(200)
    )
    tasks.totals()
    assert queries() == few
    shown = words(operator.get(PAGE))
    assert "Waiting: 203 , of them failed: 202 ." in shown
    assert shown.count(" gone Retry") == 50 - 2
    assert "All blobs" in shown


def test_one_blob_is_retried_after_a_confirmation(operator: Client, stuck: list[Blob], settings: Any) -> None:
    address = one(stuck[0], "retry/")
    assert address in operator.get(PAGE).content.decode()
    asked = words(operator.get(address))
    assert "Store this blob now instead of at its next try?" in asked
    assert str(stuck[0].sha256) in asked
    assert persist.drain(limit=1).stored == 1  # the one that waited; asking has made nothing due
    Blob.objects.filter(state="failed").update(next_try_at=timezone.now() + timedelta(minutes=5))
    assert persist.drain().stored == 0
    response = operator.post(address, follow=True)
    assert response.redirect_chain == [(one(stuck[0]), 302)]
    assert "1 due now" in words(response)
    assert persist.drain().stored == 1
    stuck[0].refresh_from_db()
    assert (stuck[0].state, stuck[0].error) == ("stored", "")
    assert "It does not wait any more." in words(operator.post(address, follow=True))
    assert "Retry now" not in words(operator.get(one(stuck[0])))


def test_all_that_waits_is_retried(operator: Client, stuck: list[Blob]) -> None:
    Blob.objects.update(next_try_at=timezone.now() + timedelta(minutes=5))
    assert "Blobs that wait: 3" in words(operator.get(ALL))
    response = operator.post(ALL, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "3 due now" in words(response)
    assert persist.drain().stored == 3
    assert "Nothing waits" in words(operator.get(PAGE))


def test_without_a_broker_it_says_who_will_store_it(operator: Client, stuck: list[Blob]) -> None:
    url, app.conf.broker_url = app.conf.broker_url, AWAY
    app.amqp._producer_pool = None
    try:
        said = words(operator.post(ALL, follow=True))
    finally:
        app.conf.broker_url = url
        app.amqp._producer_pool = None
    assert "3 due now. The broker cannot be reached: the next sweep stores them, or manage.py drain." in said


@pytest.mark.parametrize(
    ("group", "page", "retry"), [("Viewer", 200, 403), ("Editor", 200, 403), ("Operator", 200, 200), ("", 403, 403)]
)
def test_who_may_look_and_who_may_retry(noted: None, stuck: list[Blob], group: str, page: int, retry: int) -> None:
    Group.objects.get_or_create(name="")
    client = signed_in(group)
    assert client.get(PAGE).status_code == page
    assert client.get(PAGE.rstrip("/")).status_code == page
    assert client.get(one(stuck[0])).status_code == page
    for address in (ALL, one(stuck[0], "retry/")):
        before = list(Blob.objects.values_list("next_try_at", flat=True))
        assert client.get(address).status_code == retry
        assert list(Blob.objects.values_list("next_try_at", flat=True)) == before
        if retry == 403:
            assert client.post(address).status_code == 403
            assert list(Blob.objects.values_list("next_try_at", flat=True)) == before
            assert address not in client.get(PAGE).content.decode()
    assert ("Operations" in words(client.get("/admin/"))) is (page == 200)


def test_strangers_and_forms_from_elsewhere_retry_nothing(client: Client, stuck: list[Blob], noted: None) -> None:
    for address in (PAGE, ALL, one(stuck[0], "retry/")):
        assert client.get(address)["Location"] == f"/admin/login/?next={address}"
        assert client.post(address).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    assert strict.post(ALL).status_code == 403
    assert strict.post(one(stuck[0], "retry/")).status_code == 403


def test_there_is_nothing_else_to_do_with_chores(noted: None, db: None) -> None:
    client = Client()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    Chore.objects.create(name="collect")
    for rest in ("add/", "collect/change/", "collect/delete/"):
        assert client.get(f"{PAGE}{rest}").status_code == 404
    assert client.post(PAGE, {"action": "delete_selected", "_selected_action": "collect"}).status_code in {200, 405}
    assert Chore.objects.count() == 1


@pytest.mark.parametrize(
    ("language", "said"), [("en", "1 blob could not be stored"), ("zh-CN", "1 个数据块未能写入存储")]
)
def test_one_blob_is_told_as_one(operator: Client, stuck: list[Blob], language: str, said: str) -> None:
    Blob.objects.filter(pk=stuck[0].pk).update(state="pending")
    assert said in words(operator.get(PAGE, headers={"Accept-Language": language}))


def test_while_redis_is_away_it_says_what_it_does_not_know(operator: Client, stuck: list[Blob], settings: Any) -> None:
    settings.BROKER_URL = AWAY
    shown = words(operator.get(PAGE))
    assert "Workers, beat, last sweep not known while Redis cannot be reached" in shown
    assert "No worker is heard" not in shown
    assert "2 blobs could not be stored" in shown


def test_while_the_store_is_away_it_says_so(operator: Client, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "drafts": UNREACHABLE}
    shown = words(operator.get(PAGE))
    assert "Object store: cannot be reached" in shown
    assert "Object store ✗ cannot be reached" in shown


def test_processes_that_have_fallen_silent_are_missed(operator: Client, monkeypatch: Any) -> None:
    assert "Nothing is stuck." in alive(operator)
    monkeypatch.setattr(heartbeats, "LIVE", -1.0)
    shown = words(operator.get(PAGE))
    assert "No worker is heard: nothing is stored" in shown
    assert "Beat is not heard: nothing starts by itself" in shown
    assert "Workers ✗ drafts@here" in shown


def test_limits_that_are_near_and_maintenance_are_told(operator: Client, stuck: list[Blob], settings: Any) -> None:
    settings.PENDING_LIMIT = 4000
    settings.MIN_FREE_BYTES = 10**15
    run("maintenance", "on")
    shown = words(operator.get(PAGE))
    assert "Maintenance: writes answer 503" in shown
    assert "More than half of PENDING_LIMIT waits" in shown
    assert re.search(r"Only [\d.]+\s\w+ of disk are free", shown)


def test_it_tells_when_the_chores_were_done_and_what_they_found(operator: Client, api: Api) -> None:
    def result(label: str) -> str:
        match = re.search(rf"{label} (.*?) manage\.py", words(operator.get(PAGE)).replace("\xa0", " "))
        assert match
        return re.sub(r"\d+ s ago|\d[\d.]* KB", "_", match[1])

    for listed in list(blobs.store().objects()):
        blobs.store().remove(listed.key)
    made = stored_drafts(api)
    run("verify_storage")
    assert result("Verifying the store") == "✓ _ 3 objects, 100 % read, _"
    blobs.store().remove(made[0].key)
    refused("verify_storage")
    assert result("Verifying the store") == "✗ _ 3 objects, 100 % read, 1 missing, _"
    assert re.search(r"Verifying the store: 3 objects, 100 % read, 1 missing", words(operator.get(PAGE)))
    tasks.collect()
    assert result("Deleting what nothing uses") == "✓ _ –"
    Blob.objects.create(
        key="blobs/00/old",
        sha256="0" * 64,
        state="stored",
        stored_at=timezone.now(),
        touched_at=timezone.now() - timedelta(days=9),
    )
    run("collect")
    assert result("Deleting what nothing uses") == "✓ _ 1 blob, 1 object"
    tasks.purge()
    assert result("Purging the trash") == "✓ _ –"
    api.delete(f"/api/v1/drafts/{api.create()['draft_id']}")
    run("purge", "--older-than", 0)
    assert result("Purging the trash") == "✓ _ 1 draft"


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_told(noted: None, live_api: Api, tmp_path: Path) -> None:
    stored_drafts(live_api)
    run("backup", tmp_path / "backup")
    row = Chore.objects.get(name="backup")
    assert row.ok
    assert row.result == {
        "objects": 3,
        "bytes": sum(Blob.objects.values_list("size", flat=True)),
        "copied": 3,
        "lost": 0,
    }


def test_storage_is_counted_now_and_then(operator: Client, api: Api, settings: Any) -> None:
    assert "Not counted yet" in words(operator.get(PAGE))
    first, second = (api.create()["draft_id"] for _ in range(2))
    for draft_id, path in ((first, "a.txt"), (first, "b.txt"), (second, "a.txt")):
        assert api.put(f"/api/v1/drafts/{draft_id}/files/assets/{path}", b"x" * 1000).status_code == 201
    for note in ("one", "two"):  # two versions with one document
        api.post(f"/api/v1/drafts/{first}/save", {"note": note})
    api.delete(f"/api/v1/drafts/{second}")
    persist.drain()
    DraftSummary.objects.update_or_create(draft_id=first, defaults={"size": 5000})
    DraftSummary.objects.update_or_create(draft_id=second, defaults={"size": 9000})
    tasks.totals()
    document = Blob.objects.exclude(size=1000).get().size
    totals = Chore.objects.get(name="totals")
    assert totals.result == {
        "objects": 2,
        "bytes": 1000 + document,
        "saved": 2 * 1000 + document,
        "drafts": 2,
        "trashed": 1,
        "versions": 2,
    }
    shown = words(operator.get(PAGE)).replace("\xa0", " ")
    assert f"Largest drafts 8.8 KB · {second} 4.9 KB · {first}" in shown
    assert "Drafts 2, in the trash: 1 Versions 2" in shown
    api.create()
    tasks.totals()
    assert Chore.objects.get(name="totals").finished_at == totals.finished_at
    settings.TOTALS_SECONDS = 0
    tasks.totals()
    assert Chore.objects.get(name="totals").result["drafts"] == 3


def test_the_page_of_a_blob_tells_who_uses_it(operator: Client, api: Api, stuck: list[Blob]) -> None:
    draft = Draft.objects.order_by("created_at").first()
    assert draft
    shown = words(operator.get(one(stuck[0])))
    assert f"Versions whose document it is: 1 {draft.pk} version 1" in shown
    assert "Files of drafts: 0" in shown
    assert re.search(r"In the database: [\d.]+\sKB \(zstd\)", shown)
    assert "failed EndpointConnectionError" in shown
    assert one(stuck[0], "retry/") in operator.get(one(stuck[0])).content.decode()
    for number in range(25):
        assert api.put(f"/api/v1/drafts/{draft.pk}/files/assets/{number}.txt", b"same").status_code == 201
    api.save(draft.pk)
    api.delete(f"/api/v1/drafts/{draft.pk}/files/assets/24.txt")
    shared = Blob.objects.get(size=4)
    shown = words(operator.get(one(shared)))
    assert "Versions whose document it is: 0" in shown
    assert f"Files of drafts: 25 {draft.pk} assets/24.txt versions 2 – 2 {draft.pk} assets/23.txt versions 2 –" in shown
    assert shown.count(" assets/") == 20
    assert f"/admin/drafts/draftfile/?blob__id__exact={shared.pk}" in operator.get(one(shared)).content.decode()


def test_the_page_of_a_blob_costs_a_bounded_number_of_queries(operator: Client, api: Api) -> None:
    draft = api.create()["draft_id"]
    put: Callable[[int], Any] = lambda n: api.put(f"/api/v1/drafts/{draft}/files/assets/{n}.txt", b"same")  # noqa: E731 - read once, below
    put(0)
    page = one(Blob.objects.get())

    def queries() -> int:
        operator.get(page)
        with CaptureQueriesContext(connection) as seen:
            assert operator.get(page).status_code == 200
        return len(seen)

    few = queries()
    assert few <= 14
    for number in range(1, 30):
        put(number)
    assert queries() == few + 1  # they are counted


def test_a_running_service_is_seen_to_live(tmp_path: Path) -> None:
    service = Service(tmp_path / "state", DATABASE_URL="", REDIS_URL="", S3_BUCKET="", SECRET_KEY="", WEB_WORKERS="1")
    try:
        service.start()
        session = requests.Session()
        login = f"{service.url}/admin/login/?next=/admin/"
        session.get(login, timeout=10)
        form = {
            "username": "admin",
            "password": (service.state / "admin-password").read_text().strip(),
            "csrfmiddlewaretoken": session.cookies["csrftoken"],
        }
        assert session.post(login, form, headers={"Referer": login}, timeout=10).url == f"{service.url}/admin/"
        wait_for(lambda: "Nothing is stuck." in session.get(f"{service.url}{PAGE}", timeout=10).text, "signs of life")
        shown = session.get(f"{service.url}{PAGE}", timeout=10).text
        assert re.search(r"✓ <code>drafts-\d+@", shown)
    finally:
        service.stop()
