"""The list of drafts in the admin: where each one stands, filters, actions, a fixed number of queries."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from drafts.admin import paging
from drafts.core import persist
from drafts.core.models import Blob
from drafts.models import Draft, DraftEvent, DraftSummary, DraftVersion
from drafts.services.describe import describe
from tests.support import SAMPLES, Api, body_of
from tests.test_admin import words
from tests.test_sql_budgets import FIGURES, TRANSACTION

LIST = "/admin/drafts/draft/"


@pytest.fixture
def staff(db: None) -> Client:
    return signed_in("Operator")


def signed_in(*groups: str) -> Client:
    """A member of the staff."""
    user = User.objects.create(username="-".join(groups) or "nobody", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(user)
    return client


def named(api: Api, name: str) -> str:
    """A draft with a name."""
    made = str(api.create()["draft_id"])
    api.patch(f"/api/v1/drafts/{made}", {"name": name})
    return made


def shown(staff: Client, query: str = "") -> list[str]:
    """The names on the list."""
    page = staff.get(f"{LIST}{query}")
    assert page.status_code == 200
    return [draft.name for draft in page.context["cl"].result_list]


def act(staff: Client, action: str, *ids: str, **more: str) -> Any:
    """Choose drafts and an action."""
    return staff.post(LIST, {"action": action, "_selected_action": ids, **more}, follow=False)


def confirmed(staff: Client, action: str, *ids: str) -> str:
    """Choose, confirm with the form that is shown, and what the list says then."""
    form = act(staff, action, *ids)
    assert form.status_code == 200
    assert b'name="confirmed"' in form.content, words(form)
    done = act(staff, action, *ids, confirmed="yes")
    assert done.status_code == 302
    return words(staff.get(LIST))


def test_a_row_says_where_the_draft_stands(api: Api, staff: Client) -> None:
    draft = api.imported(SAMPLES / "s01_basic")
    assert "s01_basic" in words(staff.get(LIST))
    assert " pending " in words(staff.get(LIST))
    persist.drain()
    describe()
    api.patch(f"/api/v1/drafts/{draft['id']}", {"name": "Ferien"})
    row = Draft.objects.get()
    saved = f"{DraftVersion.objects.get().created_at:%Y-%m-%d %H:%M:%S} UTC"
    text = words(staff.get(LIST))
    assert (
        f"Ferien {row.pk} 1280×720 0:10.000 1 229.9 KB all stored unsaved work 127.0.0.1 {saved}".split()
        == (text[text.index("Ferien") :].split()[: len(saved.split()) + 12])
    )


def test_a_failed_blob_and_what_is_wrong_stand_out(api: Api, staff: Client) -> None:
    draft = api.imported(SAMPLES / "s01_basic")
    api.delete(f"/api/v1/drafts/{draft['id']}/files/assets/videos/clip.mp4")
    describe()
    Blob.objects.filter(versions__draft=draft["id"]).update(state="failed", error="the store said no")
    api.delete(f"/api/v1/drafts/{draft['id']}")
    page = staff.get(LIST)
    assert "failed in the trash unsaved work media missing" in words(page)
    assert "失败" in words(staff.get(LIST, headers={"Accept-Language": "zh-CN"}))


def test_drafts_are_filtered(api: Api, staff: Client) -> None:
    named(api, "plain")
    trashed = named(api, "trashed")
    saved = named(api, "saved")
    failed = named(api, "failed")
    for each in (saved, failed):
        api.put_content(each, {**api.content(each), "duration": len(each)})
        api.save(each)
    blob = Draft.objects.get(pk=failed).head.content  # type: ignore[union-attr]  # it was saved
    Blob.objects.filter(pk=blob.pk).update(state="failed")
    api.delete(f"/api/v1/drafts/{trashed}")
    for name, values in {
        "plain": {"errors": 1, "app_profile": "CapCut 6.7.0"},
        "trashed": {"warnings": 2, "size": 200 * 1024 * 1024},
        "saved": {"missing_media": 1},
        "failed": {"error": "DocumentError"},
    }.items():
        DraftSummary.objects.filter(draft__name=name).delete()
        DraftSummary.objects.create(draft=Draft.objects.get(name=name), **values)
    expected = {
        "state=trashed": {"trashed"},
        "state=active": {"plain", "saved", "failed"},
        "state=pending": {"saved"},
        "state=failed": {"failed"},
        "state=stored": {"plain", "trashed"},
        "integrity=errors": {"plain"},
        "integrity=warnings": {"trashed"},
        "integrity=sound": {"saved"},
        "integrity=unread": {"failed"},
        "media=missing": {"saved"},
        "media=complete": {"plain", "trashed", "failed"},
        "app=CapCut+6.7.0": {"plain"},
        "size=l": {"trashed"},
        "size=s": {"plain", "saved", "failed"},
        "size=s&integrity=errors&app=CapCut+6.7.0": {"plain"},
        "state=nonsense": {"plain", "trashed", "saved", "failed"},
    }
    assert {query: set(shown(staff, f"?{query}")) for query in expected} == expected
    assert "CapCut 6.7.0" in words(staff.get(LIST))


def test_the_newest_edit_stands_first_and_names_can_be_sorted(api: Api, staff: Client) -> None:
    for name in ("b", "a", "c"):
        named(api, name)
    assert shown(staff) == ["c", "a", "b"]
    assert shown(staff, "?o=1") == ["a", "b", "c"]


def test_a_long_list_is_not_counted_to_its_end(api: Api, staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        named(api, name)
    monkeypatch.setattr(paging, "MOST", 1)
    page = staff.get(LIST)
    assert page.context["cl"].result_count == 2
    assert " 1+ drafts" in words(page)


def test_to_the_trash_and_back_after_a_question(api: Api, staff: Client) -> None:
    first, second, other = (named(api, name) for name in ("first", "second", "other"))
    form = words(act(staff, "move_to_trash", first, second))
    assert "Move these drafts to the trash?" in form
    assert "first" in form
    assert "other" not in form
    assert Draft.objects.filter(deleted_at=None).count() == 3, "nothing before the answer"
    assert "Done: 2" in confirmed(staff, "move_to_trash", first, second)
    assert list(Draft.objects.filter(deleted_at=None).values_list("pk", flat=True)) == [other]
    assert set(Draft.objects.exclude(pk=other).values_list("trashed_by", flat=True)) == {"Operator"}
    assert "None of them is in use." in words(staff.get(act(staff, "move_to_trash", first)["Location"]))
    assert "Done: 1" in confirmed(staff, "bring_back", first, other)
    assert Draft.objects.get(pk=first).deleted_at is None
    events = DraftEvent.objects.filter(draft_id=first, verb__in=["trash", "untrash"]).order_by("pk")
    assert [(event.verb, event.actor, event.door) for event in events] == [
        ("trash", "Operator", "admin"),
        ("untrash", "Operator", "admin"),
    ]


def test_what_waits_is_due_at_once(api: Api, staff: Client) -> None:
    draft = named(api, "waits")
    assert "None of them waits" in words(staff.get(act(staff, "retry_storing", draft)["Location"]))
    api.save(draft)
    Blob.objects.update(state="failed", tries=9, next_try_at="2999-01-01T00:00Z")
    assert Blob.objects.filter(persist.due()).exists(), "so far ahead means that the clock was set back"
    Blob.objects.update(next_try_at=persist.timezone.now() + persist.timedelta(seconds=300))
    assert persist.drain().stored == 0
    assert "Done: 1" in confirmed(staff, "retry_storing", draft)
    assert persist.drain().stored == 1
    assert DraftEvent.objects.get(verb="retry").arguments == {"blobs": 1}


def test_one_draft_is_downloaded_and_several_are_not(api: Api, staff: Client) -> None:
    first, second = named(api, "first"), named(api, "second")
    done = act(staff, "download_zip", first)
    assert (done.status_code, done["Location"]) == (302, f"/api/v1/drafts/{first}/archive.zip")
    assert body_of(staff.get(done["Location"]))[:2] == b"PK"
    assert "Choose one draft" in words(staff.get(act(staff, "download_zip", first, second)["Location"]))
    api.delete(f"/api/v1/drafts/{first}")
    assert "Restore it from the trash first" in words(staff.get(act(staff, "download_zip", first)["Location"]))


def test_integrity_is_checked_now(api: Api, staff: Client) -> None:
    draft = api.create()
    good = named(api, "good")
    document = json.dumps(api.content(draft["draft_id"])).replace('"fps": 30', '"fps": 0')
    api.put_content(draft["draft_id"], document.encode())
    page = act(staff, "check_integrity", draft["draft_id"], good)
    assert "R1" in words(page)
    assert "good (0)" in words(page)
    assert f"/admin/drafts/draft/{draft['draft_id']}/change/" in page.content.decode()


def test_too_many_at_once_are_refused(api: Api, staff: Client, settings: Any) -> None:
    settings.MAX_STAFF_DRAFTS = settings.MAX_STAFF_CHECKS = 1
    drafts = [named(api, name) for name in "ab"]
    for action in ("move_to_trash", "check_integrity"):
        assert "At most 1 at once." in words(staff.get(act(staff, action, *drafts)["Location"]))
    assert "At most 1" in words(staff.get(act(staff, "move_to_trash", drafts[0], select_across="1")["Location"]))
    assert Draft.objects.filter(deleted_at=None).count() == 2


@pytest.mark.parametrize(
    ("group", "allowed"),
    [
        ("Viewer", {"download_zip", "check_integrity"}),
        ("Editor", {"download_zip", "check_integrity", "move_to_trash", "bring_back"}),
        ("Operator", {"download_zip", "check_integrity", "move_to_trash", "bring_back", "retry_storing"}),
    ],
)
def test_only_allowed_actions_are_offered_and_done(api: Api, group: str, allowed: set[str]) -> None:
    draft = named(api, "mine")
    api.save(draft)
    client = signed_in(group)
    offered = dict(client.get(LIST).context["action_form"].fields["action"].choices)
    assert set(offered) - {""} == allowed
    for action in {"move_to_trash", "retry_storing"} - allowed:
        act(client, action, draft, confirmed="yes")
        assert not DraftEvent.objects.filter(verb__in=["trash", "retry"]).exists()
    assert Draft.objects.get().deleted_at is None


def test_the_second_page_goes_on_where_the_first_ends(api: Api) -> None:
    client = Client()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    for number in range(60):
        api.post("/api/v1/drafts", {"name": f"clip {number:02}"})
    names = [re.findall(r">(clip \d\d)</a>", client.get(f"{LIST}?o=1&p={page}").content.decode()) for page in (1, 2)]
    assert (len(names[0]), names[0] + names[1]) == (50, [f"clip {number:02}" for number in range(60)])


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("staff draft page", "{id}/change/"),
        ("staff list", ""),
        ("staff list filtered", "?integrity=sound&media=complete&state=stored"),
        ("staff search words", "?q=clip"),
        ("staff search id", "?q={id}"),
        ("staff search hash", "?q={hash}"),
        ("staff search request", "?q={request}"),
    ],
)
def test_a_page_costs_the_same_with_one_row_and_with_twenty(api: Api, noted: None, name: str, path: str) -> None:
    client = Client()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    counts = []
    for many in (1, 19):
        for number in range(many):
            draft = api.create()["draft_id"]
            api.patch(f"/api/v1/drafts/{draft}", {"name": f"clip {many} {number}"})
            api.save(draft, note="kept")
        persist.drain()
        describe(seconds=60)
        version = DraftVersion.objects.order_by("pk")[0]
        address = LIST + path.format(id=version.draft_id, hash=version.content.sha256, request=version.request_id)
        client.get(address)  # what is read once in the life of a process
        with CaptureQueriesContext(connection) as captured:
            page = client.get(address)
        assert page.status_code == 200
        assert version.draft_id in page.content.decode()
        counts.append(len([each for each in captured if not TRANSACTION.match(each["sql"])]))
    assert counts == [FIGURES[name]] * 2
