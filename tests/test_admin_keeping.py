"""Staff trash, hold and purge drafts from their pages, are asked first, and everything they do has their name."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from drafts.models import Draft, DraftEvent, DraftVersion
from drafts.tasks import purge
from tests.support import MATE, Api
from tests.test_admin import listed, words

DRAFTS, VERSIONS, EVENTS = "/admin/drafts/draft/", "/admin/drafts/draftversion/", "/admin/drafts/draftevent/"


@pytest.fixture
def staff(db: None) -> Client:
    client = Client(headers={"User-Agent": "Firefox"})
    client.force_login(User.objects.create(username="li", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def made(api: Api) -> str:
    """A draft with a name, a file and a version."""
    draft_id = str(api.create()["draft_id"])
    api.patch(f"/api/v1/drafts/{draft_id}", {"name": "Holiday"})
    api.put(f"/api/v1/drafts/{draft_id}/files/assets/a.txt", b"x" * 2048)
    api.save(draft_id, author="Wang")
    return draft_id


def last(draft_id: str) -> dict[str, Any]:
    """The newest event."""
    return DraftEvent.objects.filter(draft_id=draft_id).order_by("-pk").values()[0]


def test_trash_and_back_with_a_question_first(staff: Client, api: Api, made: str) -> None:
    page = f"{DRAFTS}{made}/"
    assert "Clients no longer find the draft" in words(staff.get(f"{page}trash/"))
    assert Draft.objects.get().deleted_at is None
    done = staff.post(f"{page}trash/", follow=True)
    assert done.redirect_chain == [(f"{page}change/", 302)]
    shown = words(done)
    assert "It is in the trash." in shown
    assert "· li gone for good" in shown
    assert api.get(f"{MATE}/get_draft?draft_id={made}").json()["code"] == 2001
    event = last(made)
    assert (event["verb"], event["door"], event["actor"], event["user_agent"]) == ("trash", "admin", "li", "Firefox")
    assert event["user_id"] == User.objects.get().pk
    assert "It is back." in words(staff.post(f"{page}untrash/", follow=True))
    assert api.get(f"{MATE}/get_draft?draft_id={made}").json()["code"] == 0
    assert last(made)["verb"] == "untrash"


@pytest.mark.parametrize("kind", ["draft", "version"])
def test_a_hold_with_its_reason_keeps_the_draft(staff: Client, made: str, kind: str) -> None:
    version = DraftVersion.objects.get()
    page = f"{DRAFTS}{made}/" if kind == "draft" else f"{VERSIONS}{version.pk}/"
    number = None if kind == "draft" else 1
    asked = words(staff.get(f"{page}hold/"))
    assert f"Hold: Holiday{'' if kind == 'draft' else ' · Version 1'}" in asked
    shown = words(staff.post(f"{page}hold/", {"reason": "court"}, follow=True))
    assert "It is held." in shown
    assert "held against purging" in shown
    event = last(made)
    assert (event["verb"], event["version"], event["arguments"]) == ("hold", number, {"reason": "court"})
    Draft.objects.update(deleted_at="2026-01-01T00:00:00Z")
    what = "The draft" if kind == "draft" else "Version 1"
    assert f"{what} is held. Take the hold away first." in words(staff.post(f"{DRAFTS}{made}/purge/", follow=True))
    purge()
    assert Draft.objects.count() == 1
    assert "The hold is taken away." in words(staff.post(f"{page}release/", follow=True))
    purge()
    assert Draft.objects.count() == 0


def test_who_may_not_purge_is_told_so_on_a_page(db: None, made: str) -> None:
    client = Client(headers={"Sec-Fetch-Dest": "document", "Accept-Language": "zh"})
    client.force_login(User.objects.create(username="wu", is_staff=True))
    reply = client.post(f"{DRAFTS}{made}/purge/")
    assert reply.status_code == 403
    assert "您的账号没有这项权限，请联系管理员。" in reply.content.decode()
    assert Draft.objects.filter(purged_at__isnull=True).exists()


def test_a_reason_that_is_too_long_is_asked_again(staff: Client, made: str) -> None:
    reply = staff.post(f"{DRAFTS}{made}/hold/", {"reason": "x" * 201})
    assert reply.status_code == 200
    assert "201" in words(reply)
    assert not Draft.objects.get().held


def test_purging_tells_what_goes_and_then_it_is_gone(staff: Client, api: Api, made: str) -> None:
    page = f"{DRAFTS}{made}/purge/"
    shown = words(staff.post(page, follow=True))
    assert "The draft is not in the trash" in shown
    api.delete(f"/api/v1/drafts/{made}")
    asked = words(staff.get(page))
    assert "1 version; files and documents that nothing else uses: 2 (" in asked
    done = staff.post(page, follow=True)
    assert done.redirect_chain == [(DRAFTS, 302)]
    assert "It is being purged." in words(done)
    assert listed(staff, Draft, "") == 0
    assert last(made)["actor"] == "li"
    purge()
    assert not Draft.objects.exists()
    assert listed(staff, DraftEvent, f"?q={made}") == 6  # it is still told who did what


def test_events_are_found_and_filtered(staff: Client, api: Api, made: str) -> None:
    other = str(api.create()["draft_id"])
    staff.post(f"{DRAFTS}{made}/hold/", {"reason": "court"})
    request_id = last(made)["request_id"]
    assert listed(staff, DraftEvent, "") == 6
    for query, count in {
        f"q={made}": 5,
        f"q=http://testserver{MATE}/get_draft?draft_id%3D{other}": 1,
        f"q={request_id}": 1,
        "q=wang": 1,
        "q=nobody": 0,
        "verb=save": 1,
        "door__exact=admin": 1,
        f"user__id__exact={User.objects.get().pk}": 1,
        f"created_at__gte={timezone.now().date()}+00:00:00%2B00:00": 6,
        f"draft_id__exact={other}": 1,
    }.items():
        assert listed(staff, DraftEvent, f"?{query}") == count, query
    row = DraftEvent.objects.get(verb="hold")
    shown = words(staff.get(f"{EVENTS}?verb=hold"))
    assert f"held {made} – reason: court li admin 127.0.0.1 {request_id}" in shown
    page = words(staff.get(f"{EVENTS}{row.pk}/change/"))
    assert "reason: court" in page
    assert "Firefox" in page
    chinese = words(staff.get(EVENTS, headers={"Accept-Language": "zh-CN"}))
    assert "操作记录" in chinese
    assert "存入文件" in chinese


def test_the_page_of_a_draft_tells_its_newest_events(staff: Client, api: Api, made: str) -> None:
    for number in range(25):
        api.patch(f"/api/v1/drafts/{made}", {"name": f"Name {number}"})
    shown = words(staff.get(f"{DRAFTS}{made}/change/"))
    told = shown.rpartition("What happened")[2]
    assert told.count("renamed") == 20
    assert "was: Name 23, name: Name 24, revision:" in told
    assert "<script>" not in told
    assert f"{EVENTS}?draft_id__exact={made}" in staff.get(f"{DRAFTS}{made}/change/").content.decode()


def test_what_a_client_says_is_text(staff: Client, api: Api, made: str) -> None:
    evil = "<script>alert(1)</script>"
    api.patch(f"/api/v1/drafts/{made}", {"name": evil})
    for page in (EVENTS, f"{DRAFTS}{made}/change/"):
        assert evil not in staff.get(page).content.decode()
