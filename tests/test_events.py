"""Every change to a draft leaves one event, whoever makes it by whichever door; what changes nothing leaves none."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from drafts.access.caller import Caller, Door, calling
from drafts.models import Draft, DraftEvent, DraftVersion
from drafts.services.drafts import trash_draft
from drafts.services.events import MOST_BYTES, bounded
from drafts.services.restore import restore_version
from tests.support import MATE, SAMPLES, Api

SAMPLE = SAMPLES / "s01_basic"
REQUEST = "0123456789abcdef0123456789abcdef"
CANVAS = [{"op": "change_canvas", "width": 640, "height": 480}]


def events(draft_id: str) -> list[tuple[str, int | None, dict[str, Any]]]:
    """What was recorded of a draft, oldest first."""
    rows = DraftEvent.objects.filter(draft_id=draft_id).order_by("pk")
    return [(row.verb, row.version, row.arguments) for row in rows]


@pytest.fixture
def made(api: Api) -> str:
    """A fresh draft whose first event is forgotten."""
    draft_id = str(api.create()["draft_id"])
    DraftEvent.objects.all().delete()
    return draft_id


def test_creating_is_recorded_with_who_and_from_where(api: Api) -> None:
    headers = {"X-Request-ID": REQUEST, "User-Agent": "n8n/1.70"}
    made = api.post("/api/v1/drafts", {"name": "Holiday", "width": 640, "height": 480}, **headers).json()["id"]
    row = DraftEvent.objects.get()
    assert (row.draft_id, row.verb, row.version, row.door) == (made, "create", None, "api")
    assert row.arguments == {"name": "Holiday", "width": 640, "height": 480, "fps": 30}
    assert (row.user, row.actor, row.address, row.user_agent) == (None, "", "127.0.0.1", "n8n/1.70")
    assert row.request_id == REQUEST
    assert Draft.objects.get().owner == "127.0.0.1"


def test_each_change_is_one_event_and_no_change_is_none(api: Api, made: str) -> None:
    path = f"/api/v1/drafts/{made}"
    document = {**api.content(made), "duration": 77}
    changes: list[Callable[[], Any]] = [
        lambda: api.put_content(made, document),
        lambda: api.put(f"{path}/files/assets/a.txt", b"first"),
        lambda: api.patch(path, {"name": "Holiday"}),
        lambda: api.post(f"{path}/edits", {"operations": CANVAS, "author": "Wang"}),
        lambda: api.post(f"{path}/edits?dry_run=true", {"operations": [{**CANVAS[0], "width": 320}]}),
        lambda: api.save(made, author="Wang"),
    ]
    for change in changes:
        assert {change().status_code, change().status_code} <= {200, 201}
    assert api.save(made, note="final").status_code == 200
    assert api.delete(f"{path}/files/assets/a.txt").status_code == 204
    assert [api.delete(path).status_code for _ in range(2)] == [204, 404]
    assert [api.post(f"{path}/untrash").status_code for _ in range(2)] == [200, 200]
    size = DraftEvent.objects.get(verb="content").arguments["size"]
    assert events(made) == [
        ("content", None, {"size": size, "revision": 2}),
        ("put_file", None, {"path": "assets/a.txt", "size": 5, "revision": 3}),
        ("rename", None, {"name": "Holiday", "revision": 4}),
        ("edit", None, {"operations": [{"change_canvas": {"width": 640, "height": 480}}], "revision": 5}),
        ("save", 1, {}),
        ("save", 2, {"note": "final"}),
        ("delete_file", None, {"path": "assets/a.txt", "revision": 6}),
        ("trash", None, {}),
        ("untrash", None, {}),
    ]
    actors = DraftEvent.objects.order_by("pk").values_list("verb", "actor")
    assert {verb for verb, actor in actors if actor == "Wang"} == {"edit", "save"}


def test_a_restore_tells_of_the_work_that_it_froze_and_of_itself(api: Api, made: str) -> None:
    path = f"/api/v1/drafts/{made}"
    api.save(made)
    api.patch(path, {"name": "other"})
    for _ in range(2):
        assert api.post(f"{path}/versions/1/restore", {"author": "Wang"}).status_code == 201
    assert events(made)[2:] == [
        ("freeze", 2, {"reason": "Unsaved work before restoring version 1"}),
        ("restore", 3, {"from": 1}),
        ("restore", 4, {"from": 1}),
    ]


def test_a_note_is_recorded_when_it_changes(api: Api, made: str) -> None:
    api.save(made)
    for _ in range(2):
        assert api.patch(f"/api/v1/drafts/{made}/versions/1", {"note": "final"}).status_code == 200
    assert events(made)[1:] == [("note", 1, {"note": "final"})]


def test_imports_and_copies_are_the_first_event_of_their_draft(api: Api, made: str) -> None:
    imported = api.imported(SAMPLE)["id"]
    copied = api.post(f"/api/v1/drafts/{imported}/copy", {"version": 1, "author": "Wang"}).json()["id"]
    files = DraftVersion.objects.get(draft_id=imported).file_count
    assert events(imported) == [("import", 1, {"name": "s01_basic", "files": files, "missing_media": 0})]
    assert events(copied) == [("copy", 1, {"from": imported, "version": 1})]
    assert Draft.objects.get(pk=copied).owner == "Wang"
    assert events(made) == []


def test_an_answer_that_is_repeated_is_no_second_event(live_api: Api) -> None:
    headers = {"Idempotency-Key": "once"}
    first, again = (live_api.post(f"{MATE}/create_draft", {}, **headers) for _ in range(2))
    assert first.json()["draft_id"] == again.json()["draft_id"]
    assert events(first.json()["draft_id"]) == [("create", None, {"width": 1920, "height": 1080, "fps": 30})]


def test_an_edit_that_fails_is_no_event(api: Api, made: str) -> None:
    operations = [*CANVAS, {"op": "delete_segments", "segment_ids": ["nothing"]}]
    assert api.post(f"/api/v1/drafts/{made}/edits", {"operations": operations}).status_code >= 400
    assert events(made) == []


def test_captions_are_told_and_cut(api: Api, made: str) -> None:
    captions = [{"start": 1000 * n, "end": 1000 * n + 900, "text": f"{n} " + "long " * 100} for n in range(300)]
    body = {"draft_url": made, "captions": json.dumps(captions)}
    assert api.post(f"{MATE}/add_captions", body).status_code == 200
    [(verb, _, arguments)] = events(made)
    told = arguments["operations"][0]["add_captions"]["items"]
    assert verb == "edit"
    assert (told[-1], told[0]["end"], len(told[0]["text"])) == ("+ 295", 900, 200)
    assert told[1]["start"] == 1000


def test_arguments_are_short_and_hold_no_secrets() -> None:
    secret = "see https://user:pass@media.example.org:8443/a/clip.mp4?token=abc#part and http://x.org/b?y=1"
    assert json.loads(bounded({"note": secret, "none": None, "empty": "", "zero": 0})) == {
        "note": "see https://media.example.org:8443/a/clip.mp4 and http://x.org/b",
        "zero": 0,
    }
    assert json.loads(bounded({"list": list(range(9)), "text": "字" * 300})) == {
        "list": [0, 1, 2, 3, 4, "+ 4"],
        "text": "字" * 199 + "…",
    }
    for long in ({"list": ["字" * 300] * 9}, {"list": [["字" * 200] * 9] * 9}, {str(n): "字" * 99 for n in range(99)}):
        data = bounded(long)
        assert len(data.encode()) <= MOST_BYTES
        assert json.loads(data)


def test_a_command_is_named(db: None) -> None:
    out = StringIO()
    call_command("import_draft", str(SAMPLE), stdout=out)
    row = DraftEvent.objects.get()
    assert (row.verb, row.door, row.user_agent, row.address) == ("import", "command", "manage.py import_draft", "")
    assert Draft.objects.get().owner == "manage.py import_draft"


def test_what_staff_do_in_the_admin_is_theirs(api: Api, made: str) -> None:
    user = User.objects.create(username="li", is_staff=True, is_superuser=True)
    api.save(made)
    with calling(Caller(Door.ADMIN, "10.0.0.7", "Firefox", REQUEST, user.pk, "li")):
        restore_version(draft_id=made, number=1)
        trash_draft(draft_id=made)
    rows = list(DraftEvent.objects.order_by("pk").values_list("verb", "door", "user__username", "actor", "address"))
    assert rows[1:] == [("restore", "admin", "li", "li", "10.0.0.7"), ("trash", "admin", "li", "li", "10.0.0.7")]
    assert Draft.objects.get().trashed_by == "li"
    assert DraftVersion.objects.get(number=2).author == "li"
    user.delete()
    assert list(DraftEvent.objects.filter(door="admin").values_list("user", "actor")) == [(None, "li")] * 2


def test_an_adopted_draft_says_so(db: None, tmp_path: Path) -> None:
    folder = tmp_path / "20260101000000aaaaaaaaaaaaaaaaaa"
    folder.mkdir()
    (folder / "draft_content.json").write_bytes((SAMPLE / "draft_content.json").read_bytes())
    call_command("adopt", str(tmp_path), stdout=StringIO(), stderr=StringIO())
    assert [(verb, version) for verb, version, _ in events(folder.name)] == [("adopt", 1)]


def test_events_are_read_page_by_page_newest_first(api: Api, made: str) -> None:
    for name in "abc":
        api.patch(f"/api/v1/drafts/{made}", {"name": name})
    api.save(made, author="Wang", note="final")
    path = f"/api/v1/drafts/{made}/events"
    first = api.get(f"{path}?page_size=3").json()
    assert [(event["verb"], event["version"]) for event in first["results"]] == [
        ("save", 1),
        ("rename", None),
        ("rename", None),
    ]
    row = DraftEvent.objects.get(verb="save")
    assert first["results"][0] == {
        "id": row.pk,
        "verb": "save",
        "arguments": {"note": "final"},
        "version": 1,
        "actor": "Wang",
        "door": "api",
        "address": "127.0.0.1",
        "user_agent": "",
        "request_id": row.request_id,
        "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
    }
    rest = api.get(first["next"].split("testserver")[1]).json()
    assert [event["arguments"]["name"] for event in rest["results"]] == ["a"]
    assert rest["next"] is None


def test_events_are_filtered_and_bad_filters_named(api: Api, made: str) -> None:
    api.patch(f"/api/v1/drafts/{made}", {"name": "a"})
    api.save(made)
    path = f"/api/v1/drafts/{made}/events"
    moment = DraftEvent.objects.get(verb="save").created_at.isoformat().replace("+", "%2B")

    def verbs(query: str) -> list[str]:
        return [event["verb"] for event in api.get(f"{path}?{query}").json()["results"]]

    assert verbs("verb=rename") == ["rename"]
    assert verbs(f"since={moment}") == ["save"]
    assert verbs(f"until={moment}") == ["rename"]
    for bad in ("verb=dance", "since=yesterday", "until=9999-12-31T23:59:59-10:00", "cursor=x", "page_size=0"):
        reply = api.get(f"{path}?{bad}")
        assert (reply.status_code, reply.json()["code"]) == (400, 1001)
        assert reply.json()["errors"][0]["field"] == bad.split("=")[0]
    api.delete(f"/api/v1/drafts/{made}")
    assert api.get(path).json()["code"] == 2001
