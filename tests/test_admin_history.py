"""History in the admin: how a draft came to be, what is in it, two states compared, the past brought back."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from drafts.core import persist
from drafts.core.models import Blob
from drafts.models import Draft, DraftEvent, DraftVersion
from tests.operators import write
from tests.support import MEDIA, SAMPLES, Api

ADMIN = "/admin/drafts"


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def draft(api: Api) -> dict[str, Any]:
    """A sample, imported; five saves, the first and the last of them named; a caption changed since."""
    made = api.imported(SAMPLES / "s01_basic")
    path = f"/api/v1/drafts/{made['id']}"
    for number in range(5):
        assert api.put(f"{path}/files/assets/{number}.txt", b"%d" % number).status_code == 201
        api.save(made["draft_url"], author="Wang", note={0: "first cut", 4: "last cut"}.get(number, ""))
    change_caption(api, made["id"], "新的字幕")
    return made


def change_caption(api: Api, draft_id: str, text: str) -> None:
    document = api.content(draft_id)
    material = document["materials"]["texts"][0]
    material["content"] = json.dumps({**json.loads(material["content"]), "text": text})
    assert api.put_content(draft_id, document).status_code == 200


def page(draft: dict[str, Any]) -> str:
    return f"{ADMIN}/draft/{draft['id']}/change/"


def compared(draft: dict[str, Any], query: str = "") -> str:
    return f"{ADMIN}/draft/{draft['id']}/compare/{query}"


def document(draft: dict[str, Any], query: str = "") -> str:
    return f"{ADMIN}/draft/{draft['id']}/document/{query}"


def version(draft: dict[str, Any], number: int, rest: str = "change/") -> str:
    return f"{ADMIN}/draftversion/{DraftVersion.objects.get(draft=draft['id'], number=number).pk}/{rest}"


def words(response: Any, status: int = 200) -> str:
    """What a reader sees of the page."""
    assert response.status_code == status, response.content[:300]
    text = re.sub(r"<(style|script).*?</\1>|<title>.*?</title>|<[^>]*>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(text))


def part(response: Any, name: str) -> str:
    """What a reader sees of one section of the page."""
    found = re.search(rf'<section class="module" id="{name}".*?</section>', response.content.decode(), re.DOTALL)
    assert found, name
    text = re.sub(r"<(style|script|title).*?</\1>|<[^>]*>", " ", found[0], flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(text))


def staff_with(*permissions: str) -> Client:
    user = User.objects.create(username="-".join(permissions), is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    assert user.user_permissions.count() == len(permissions)
    client = Client()
    client.force_login(user)
    return client


def test_automatic_saves_between_landmarks_are_folded(staff: Client, draft: dict[str, Any]) -> None:
    shown = part(staff.get(page(draft)), "versions")
    numbers = re.findall(r"Version (\d+)|(\d+) automatic saves versions (\d+ – \d+)", shown)
    assert numbers == [
        ("6", "", ""),
        ("", "3", "3 – 5"),
        ("5", "", ""),
        ("4", "", ""),
        ("3", "", ""),
        ("2", "", ""),
        ("1", "", ""),
    ]
    assert "now unsaved work" in shown
    assert "“" not in shown
    assert "last cut" in shown
    assert "Wang" in shown
    assert DraftVersion.objects.filter(draft=draft["id"]).count() == 6
    named = part(staff.get(f"{page(draft)}?named"), "versions")
    assert re.findall(r"Version (\d+)", named) == ["6", "2", "1"]
    assert "automatic saves" not in named


def test_the_list_of_versions_is_filtered_by_landmark(staff: Client, draft: dict[str, Any]) -> None:
    for query, count in (("", 6), ("?landmark=yes", 3), ("?landmark=no", 6)):
        assert staff.get(f"{ADMIN}/draftversion/{query}").context["cl"].result_count == count


def test_the_newest_version_is_never_folded_away(staff: Client, api: Api) -> None:
    made = api.create()
    for number in range(5):
        api.put_content(made["draft_id"], {**api.content(made["draft_id"]), "x": number})
        api.save(made["draft_url"])
    shown = part(staff.get(page({"id": made["draft_id"]})), "versions")
    assert shown.index("Version 5") < shown.index("4 automatic saves versions 1 – 4")


def test_three_hundred_versions_come_in_pages_and_cost_what_three_cost(
    staff: Client, api: Api, draft: dict[str, Any], settings: Settings
) -> None:
    def queries() -> int:
        staff.get(page(draft))
        with CaptureQueriesContext(connection) as seen:
            assert staff.get(page(draft)).status_code == 200
        return len(seen)

    few = queries()
    head = DraftVersion.objects.get(draft=draft["id"], number=6)
    fields = {field.attname: getattr(head, field.attname) for field in DraftVersion._meta.concrete_fields}
    rows = [DraftVersion(**{**fields, "id": None, "number": number, "note": ""}) for number in range(7, 301)]
    made = DraftVersion.objects.bulk_create(rows)
    Draft.objects.filter(pk=draft["id"]).update(head=made[-1])
    assert queries() == few
    assert few <= 10  # nine while Redis is away: then nobody knows what was fetched
    settings.PAGE_SIZE = 50
    seen, query = [], ""
    while True:
        response = staff.get(f"{page(draft)}{query}")
        seen += [int(number) for number in re.findall(r'class="number"[^>]*>Version (\d+)<', response.content.decode())]
        older = re.search(r'href="(\?before=\d+)#versions"', response.content.decode())
        if older is None:
            break
        query = older[1]
    assert seen == list(range(300, 0, -1))


def test_every_finding_leads_to_its_segment_in_the_picture(staff: Client, api: Api, draft: dict[str, Any]) -> None:
    document = api.content(draft["id"])
    segment = next(track for track in document["tracks"] if track["type"] == "audio")["segments"][0]
    segment["material_id"] = "nothing"
    assert api.put_content(draft["id"], document).status_code == 200
    response = staff.get(page(draft))
    shown = part(response, "findings")
    assert "error R2" in shown
    assert "Every segment names a material that exists" in shown
    targets = set(re.findall(r'href="#(segment-[^"]+)"', response.content.decode()))
    assert f"segment-{segment['id']}" in targets
    for target in targets:
        assert f'id="{target}"' in response.content.decode()
    chinese = part(staff.get(page(draft), headers={"Accept-Language": "zh-CN"}), "findings")
    assert "片段的素材不存在。 每个片段引用的素材都存在" in chinese
    assert "does not exist" not in chinese


def test_a_comparison_shows_what_people_would_ask(staff: Client, draft: dict[str, Any]) -> None:
    response = staff.get(compared(draft, "?from=1"))
    shown = words(response)
    assert "segments changed 1 texts changed 1 files added 5" in part(response, "summary")
    assert "text Hello 你好 → 新的字幕" in part(response, "segments")
    assert "added assets/4.txt" in shown
    assert "/materials/texts/0/content" in shown
    picture = part(response, "timeline")
    assert "version 1" in picture
    assert "now" in picture
    assert response.content.count(b'class="tl-strip"') == 2
    turned = words(staff.get(compared(draft, "?from=working&to=1")))
    assert "text 新的字幕 → Hello 你好" in turned
    assert "removed assets/4.txt" in turned
    chinese = staff.get(compared(draft, "?from=1"), headers={"Accept-Language": "zh-CN"})
    assert "修改片段 1 修改文字 1 新增文件 5" in part(chinese, "summary")


def test_without_a_choice_the_newest_version_is_compared_with_now(staff: Client, draft: dict[str, Any]) -> None:
    response = staff.get(compared(draft))
    assert re.findall(r'<option value="(\w+)" selected>', response.content.decode()) == ["6", "working"]
    assert "texts changed 1" in part(response, "summary")
    assert "Nothing changed." in words(staff.get(compared(draft, "?from=3&to=3")))
    assert "Version 99 does not exist" in words(staff.get(compared(draft, "?from=99")))


def test_a_version_says_what_it_added_and_removed(staff: Client, api: Api, draft: dict[str, Any]) -> None:
    assert api.delete(f"/api/v1/drafts/{draft['id']}/files/assets/0.txt").status_code == 204
    assert api.put(f"/api/v1/drafts/{draft['id']}/files/assets/new.txt", b"new").status_code == 201
    api.save(draft["draft_url"])
    files = part(staff.get(version(draft, 7)), "files")
    assert "removed assets/0.txt" in files
    assert "added assets/new.txt" in files
    assert "added assets/1.txt" not in files
    assert files.index("assets/new.txt") < files.index("assets/1.txt")
    assert "removed" not in part(staff.get(version(draft, 6)), "files")


def test_restoring_shows_what_will_change_and_makes_a_version(staff: Client, draft: dict[str, Any]) -> None:
    assert version(draft, 2, "restore/") in staff.get(page(draft)).content.decode()
    asked = staff.get(version(draft, 2, "restore/"))
    shown = words(asked)
    assert "text 新的字幕 → Hello 你好" in shown
    assert "removed assets/4.txt" in shown
    assert 'value="Restored from version 2"' in asked.content.decode()
    assert DraftVersion.objects.filter(draft=draft["id"]).count() == 6
    response = staff.post(version(draft, 2, "restore/"), {"note": "as the client wants"}, follow=True)
    assert "Version 2 was restored as version 8." in words(response)
    made = DraftVersion.objects.get(draft=draft["id"], number=8)
    assert (made.origin, made.note) == ("restore", "as the client wants")
    assert made.content_id == DraftVersion.objects.get(draft=draft["id"], number=2).content_id
    assert DraftVersion.objects.get(draft=draft["id"], number=7).origin == "auto"
    event = DraftEvent.objects.filter(draft_id=draft["id"]).order_by("pk").last()
    assert event is not None
    assert (event.verb, event.version, event.door, event.actor) == ("restore", 8, "admin", "chief")
    assert event.arguments["from"] == 2


def test_a_version_is_copied_as_a_new_draft(staff: Client, api: Api, draft: dict[str, Any]) -> None:
    form = staff.get(version(draft, 1, "copy/")).content.decode()
    assert 'value="s01_basic (copy)"' in form
    assert (
        'value="s01_basic（副本）"'
        in staff.get(version(draft, 1, "copy/"), headers={"Accept-Language": "zh"}).content.decode()
    )
    response = staff.post(version(draft, 1, "copy/"), {"name": "另一个"}, follow=True)
    assert "This is the copy." in words(response)
    copy = Draft.objects.exclude(pk=draft["id"]).get()
    assert copy.name == "另一个"
    assert (
        api.content(copy.pk)["materials"]
        == json.loads(api.get(f"/api/v1/drafts/{draft['id']}/versions/1/content").content)["materials"]
    )
    too_long = staff.post(version(draft, 1, "copy/"), {"name": "x" * 201})
    assert "at most 200 characters" in words(too_long)
    assert Draft.objects.count() == 2


def test_a_note_is_written_by_who_may(staff: Client, draft: dict[str, Any]) -> None:
    response = staff.post(version(draft, 3, "note/"), {"note": "for the client"}, follow=True)
    assert "The note is written." in words(response)
    assert 'value="for the client"' in response.content.decode()
    assert DraftVersion.objects.get(draft=draft["id"], number=3).note == "for the client"
    event = DraftEvent.objects.filter(draft_id=draft["id"], verb="note").get()
    assert (event.version, event.actor) == (3, "chief")
    response = staff.post(version(draft, 3, "note/"), {"note": "x" * 201}, follow=True)
    assert "at most 200 characters" in words(response)
    assert DraftVersion.objects.get(draft=draft["id"], number=3).note == "for the client"


@pytest.mark.parametrize(
    ("action", "permission", "form"),
    [
        ("restore/", "restore_draft", {"note": ""}),
        ("copy/", "restore_draft", {"name": "x"}),
        ("note/", "note_draftversion", {"note": "x"}),
    ],
)
def test_who_may_not_neither_sees_the_button_nor_gets_through(
    draft: dict[str, Any], action: str, permission: str, form: dict[str, str]
) -> None:
    viewer, worker = staff_with("view_draft", "view_draftversion"), staff_with(permission, "view_draftversion")
    blind = staff_with("view_draft")
    address = version(draft, 2, action)
    before = (DraftVersion.objects.count(), DraftVersion.objects.get(draft=draft["id"], number=2).note)
    for client in (viewer, blind, Client()):
        for response in (client.get(address), client.post(address, form)):
            assert response.status_code in {302, 403}
            assert response.status_code == 403 or response["Location"].startswith("/admin/login/")
    assert (DraftVersion.objects.count(), DraftVersion.objects.get(draft=draft["id"], number=2).note) == before
    assert address not in viewer.get(version(draft, 2)).content.decode()
    assert address in worker.get(version(draft, 2)).content.decode()
    assert worker.post(address, form).status_code == 302
    assert (DraftVersion.objects.count(), DraftVersion.objects.get(draft=draft["id"], number=2).note) != before


def test_comparison_and_document_are_for_who_may_view_the_draft(draft: dict[str, Any]) -> None:
    viewer, other = staff_with("view_draft"), staff_with("view_draftfile")
    for address in (compared(draft, "?from=1"), document(draft)):
        assert viewer.get(address).status_code == 200
        assert other.get(address).status_code == 403
        assert Client().get(address).status_code == 302
    assert viewer.get(f"{ADMIN}/draft/20260101000000aaaaaaaa/compare/").status_code == 404


def test_a_document_comes_part_by_part(staff: Client, draft: dict[str, Any]) -> None:
    response = staff.get(document(draft, "?version=1&at=/materials/texts"))
    shown = words(response)
    assert "Hello 你好" in shown
    assert "/materials/texts" in shown
    assert "at=%2Fmaterials%2Ftexts%2F0" in response.content.decode()
    members = staff.get(document(draft, "?version=1&at=/canvas_config&part"))
    assert words(members).split() == ["width", "1280", "height", "720", "ratio", "original"]
    assert "<html" not in members.content.decode()
    assert words(staff.get(document(draft, "?at=/canvas_config/width"))).endswith("1280 ")
    assert "The document has nothing at this place." in words(staff.get(document(draft, "?at=/no/where")), 404)


def test_words_are_found_in_a_document(staff: Client, draft: dict[str, Any]) -> None:
    shown = words(staff.get(document(draft, "?find=新的字幕")))
    assert "Found 1 /materials/texts/0/content 新的字幕" in shown
    assert "Found 0" in words(staff.get(document(draft, "?find=新的字幕&version=1")))


def test_long_lists_of_a_document_come_in_pages(staff: Client, api: Api) -> None:
    made = api.create()
    api.put_content(made["draft_id"], {**api.content(made["draft_id"]), "many": list(range(450))})
    seen, query = [], "?at=/many&part"
    while query:
        response = staff.get(document({"id": made["draft_id"]}, query))
        seen += [int(number) for number in re.findall(r'class="value">(\d+)<', response.content.decode())]
        more = re.search(r'href="[^"]*(\?[^"]*start=\d+)"', response.content.decode())
        query = html.unescape(more[1]) if more else ""
    assert seen == list(range(450))


def test_a_store_that_is_away_is_told_on_the_page(staff: Client, draft: dict[str, Any]) -> None:
    persist.drain()
    blob = DraftVersion.objects.get(draft=draft["id"], number=1).content
    assert blob.state == Blob.State.STORED
    Blob.objects.filter(pk=blob.pk).update(key="blobs/no/where")
    for address in (version(draft, 1), compared(draft, "?from=1"), version(draft, 1, "restore/")):
        assert "object store" in words(staff.get(address))
    assert "object store" in words(staff.get(document(draft, "?version=1")), 503)
    assert words(staff.post(version(draft, 1, "restore/"), {"note": ""}, follow=True)).count("object store") >= 1
    assert DraftVersion.objects.filter(draft=draft["id"]).count() == 6
    assert "Version 1" in words(staff.get(page(draft)))


def test_a_damaged_document_is_told_on_the_page(staff: Client, draft: dict[str, Any]) -> None:
    persist.drain()
    blob = DraftVersion.objects.get(draft=draft["id"], number=1).content
    write(blob.key, b"x" * blob.size)
    for address in (version(draft, 1), compared(draft, "?from=1"), version(draft, 1, "restore/")):
        assert "The stored document is damaged." in words(staff.get(address))
    assert "The stored document is damaged." in words(staff.get(document(draft, "?version=1")), 500)


def test_what_lies_in_the_trash_can_be_read_but_not_changed(staff: Client, api: Api, draft: dict[str, Any]) -> None:
    api.delete(f"/api/v1/drafts/{draft['id']}")
    shown = words(staff.get(page(draft)))
    assert "in the trash since" in shown
    assert f"{timezone.now():%Y-%m-%d}" in shown
    assert "texts changed 1" in words(staff.get(compared(draft)))
    content = staff.get(version(draft, 1)).content.decode()
    for action in ("restore/", "copy/", "note/"):
        assert version(draft, 1, action) not in content
        response = staff.post(version(draft, 1, action), {"note": "x", "name": "x"}, follow=True)
        assert "Draft does not exist" in words(response)
    assert DraftVersion.objects.filter(draft=draft["id"]).count() == 6


def test_thumbnails_failed_blobs_and_markup(staff: Client, api: Api) -> None:
    evil = "<script>alert(1)</script>"
    made = api.create()
    path = f"/api/v1/drafts/{made['draft_id']}"
    api.put(f"{path}/files/assets/logo.png", (MEDIA / "logo.png").read_bytes())
    api.patch(path, {"name": evil})
    api.put_content(made["draft_id"], {**api.content(made["draft_id"]), evil: evil})
    api.save(made["draft_url"], note=evil, author=evil)
    row = DraftVersion.objects.get()
    Blob.objects.filter(pk=row.content_id).update(state="failed", error="the store answered AccessDenied")
    draft = {"id": made["draft_id"]}
    for address in (
        page(draft),
        version(draft, 1),
        compared(draft, "?from=1"),
        document(draft, "?find=script"),
        version(draft, 1, "restore/"),
        version(draft, 1, "copy/"),
    ):
        content = staff.get(address).content.decode()
        assert evil not in content
    assert "failed the store answered AccessDenied" in words(staff.get(page(draft)))
    assert "failed the store answered AccessDenied" in words(staff.get(version(draft, 1)))
