"""The staff's door: everything is there to read, nothing can be changed, lists cost a constant number of queries."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from drafts.access.models import ApiKey
from drafts.admin.base import ReadOnlyAdmin, clock
from drafts.core import gate, persist
from drafts.core.models import Blob, DoomedObject, Maintenance
from drafts.models import Draft, DraftEvent, DraftFile, DraftVersion
from tests.support import Api, body_of

MODELS = (Draft, DraftVersion, DraftFile, DraftEvent, Blob, DoomedObject, Maintenance)


def address(model: type[Model], rest: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{rest}"


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def draft(api: Api) -> dict[str, Any]:
    """A draft with two versions and unsaved work: a.txt in version 1, b.txt in version 2."""
    made = api.create(width=640, height=480)
    files = f"/api/v1/drafts/{made['draft_id']}/files/assets"
    api.patch(f"/api/v1/drafts/{made['draft_id']}", {"name": "Holiday"})
    assert api.put(f"{files}/a.txt", b"first").status_code == 201
    api.save(made["draft_url"], author="Wang", note="first cut")
    assert api.delete(f"{files}/a.txt").status_code == 204
    assert api.put(f"{files}/b.txt", b"second").status_code == 201
    api.save(made["draft_url"])
    api.patch(f"/api/v1/drafts/{made['draft_id']}", {"name": "Holiday 2"})
    return made


def one_of_each(draft_id: str) -> dict[type[Model], Model]:
    DoomedObject.objects.create(key="blobs/up/0")
    gate.start_maintenance(reason="moving")
    return {model: model._default_manager.order_by("pk").first() or pytest.fail(str(model)) for model in MODELS}


def words(response: Any) -> str:
    """What a reader sees of the page."""
    assert response.status_code == 200
    text = re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(text))


def moment(version: DraftVersion) -> str:
    return f"{version.created_at:%Y-%m-%d %H:%M:%S} UTC"


def listed(staff: Client, model: type[Model], query: str) -> int:
    response = staff.get(address(model, query))
    assert response.status_code == 200
    return int(response.context["cl"].result_count)


def test_all_models_of_ours_are_registered_and_read_only() -> None:
    registered = {model for model, page in admin.site._registry.items() if isinstance(page, ReadOnlyAdmin)}
    assert registered == {*MODELS, ApiKey}


def test_a_stranger_is_sent_to_the_login_page(client: Client, db: None) -> None:
    response = client.get("/admin/drafts/draft/")
    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/drafts/draft/")


def test_staff_see_what_they_may_view(client: Client, draft: dict[str, Any]) -> None:
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_draft"))
    client.force_login(viewer)
    assert client.get("/admin/drafts/draft/").status_code == 200
    refused = client.get("/admin/drafts/draftversion/")
    assert (refused.status_code, refused.json()["code"]) == (403, 1003)


@pytest.mark.parametrize("model", MODELS)
def test_not_even_a_superuser_can_add_change_or_delete(
    staff: Client, draft: dict[str, Any], model: type[Model]
) -> None:
    row = one_of_each(draft["draft_id"])[model]
    before = list(model._default_manager.order_by("pk").values())
    page = f"{row.pk}/change/"
    assert staff.get(address(model, page)).status_code == 200
    assert b'type="submit" value="Save"' not in staff.get(address(model, page)).content
    assert staff.get(address(model, "add/")).status_code == 403
    assert staff.post(address(model, page), {"name": "changed"}).status_code == 403
    assert staff.post(address(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    staff.post(address(model), action)
    assert list(model._default_manager.order_by("pk").values()) == before


@pytest.mark.parametrize(
    "path", ["/admin", "/admin/drafts/draft", "/admin/drafts", "/admin/drafts_core/blob", "/admin/jsi18n"]
)
def test_every_page_answers_without_its_slash(staff: Client, path: str) -> None:
    response = staff.get(path)
    assert response.status_code == 200
    assert response.wsgi_request.resolver_match.view_name == staff.get(f"{path}/").resolver_match.view_name


def test_one_can_sign_in_without_the_slash(client: Client, db: None) -> None:
    User.objects.create_superuser("chief", password="secret")
    assert client.get("/admin")["Location"] == "/admin/login/?next=/admin"
    response = client.post("/admin/login?next=/admin", {"username": "chief", "password": "secret"})
    assert (response.status_code, response["Location"]) == (302, "/admin")


def test_a_form_from_elsewhere_is_refused_with_and_without_the_slash(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in ("/admin/login/", "/admin/login"):
        assert strict.post(path, {"username": "chief", "password": "x"}).status_code == 403


def test_an_unknown_admin_path_is_a_problem_object(staff: Client) -> None:
    for path in ("/admin/nothing", "/admin/nothing/"):
        response = staff.get(path)
        assert (response.status_code, response.json()["code"]) == (404, 404)


def test_the_labels_speak_the_readers_language(staff: Client, draft: dict[str, Any]) -> None:
    english = words(staff.get("/admin/drafts/draft/"))
    chinese = words(staff.get("/admin/drafts/draft/", headers={"Accept-Language": "zh-CN"}))
    for label in ("CapCut draft server", "Drafts", "Canvas", "Duration", "Last saved", "By integrity"):
        assert label in english
    for label in ("剪映草稿服务器", "草稿", "画布", "时长", "最后保存", "回收站"):
        assert label in chinese
        assert label not in english
    assert staff.get("/admin/").context["title"] == "Drafts"


def test_drafts_are_found_by_id_name_and_draft_url(staff: Client, api: Api, draft: dict[str, Any]) -> None:
    api.create()
    draft_id = draft["draft_id"]
    hyphens = f"{draft_id[:8]}-{draft_id[8:12]}-{draft_id[12:16]}-{draft_id[16:20]}-{draft_id[20:]}"
    for term in (draft_id, hyphens, draft_id[:25], draft["draft_url"], "holiday"):
        assert listed(staff, Draft, f"?q={term}") == 1
    assert listed(staff, Draft, "?q=nothing") == 0
    assert listed(staff, Draft, "") == 2
    assert listed(staff, DraftVersion, f"?q={hyphens}") == 2
    assert listed(staff, DraftVersion, "?q=first+cut") == 1
    assert listed(staff, DraftFile, f"?q={draft_id}") == 2
    assert listed(staff, DraftFile, "?q=b.txt") == 1
    assert listed(staff, Blob, f"?q={Blob.objects.order_by('pk')[0].sha256[:10]}") == 1


def test_a_name_that_looks_like_an_id_is_found(staff: Client, api: Api) -> None:
    made = api.create()
    api.patch(f"/api/v1/drafts/{made['draft_id']}", {"name": "MyHolidayVideo2026Final"})
    assert listed(staff, Draft, "?q=MyHolidayVideo2026Final") == 1


def test_drafts_are_filtered_by_state_and_date(staff: Client, api: Api, draft: dict[str, Any]) -> None:
    api.delete(f"/api/v1/drafts/{draft['draft_id']}")
    api.create()
    assert listed(staff, Draft, "?state=trashed") == 1
    assert listed(staff, Draft, "?state=active") == 1
    today = timezone.now().date()
    assert listed(staff, Draft, f"?updated_at__gte={today}+00:00:00%2B00:00") == 2
    assert listed(staff, Draft, f"?updated_at__lt={today}+00:00:00%2B00:00") == 0
    assert "in the trash" in words(staff.get("/admin/drafts/draft/")).rpartition("Holiday 2")[2]


def test_the_page_of_a_draft(staff: Client, draft: dict[str, Any], settings: Any) -> None:
    settings.PUBLIC_URL = "https://drafts.example.org"
    row = Draft.objects.get()
    response = staff.get(address(Draft, f"{row.pk}/change/"))
    shown = words(response)
    assert f"https://drafts.example.org/openapi/capcut-mate/v1/get_draft?draft_id={row.pk}" in shown
    assert f"Version 2 waiting for the store {moment(DraftVersion.objects.get(number=2))} · 127.0.0.1" in shown
    assert f"Version 1 first cut waiting for the store {moment(DraftVersion.objects.get(number=1))} · Wang" in shown
    assert "assets/b.txt other 6 bytes" in shown
    assert "assets/a.txt other" not in shown
    assert address(DraftVersion, f"?draft__id__exact={row.pk}") in response.content.decode()
    assert listed(staff, DraftVersion, f"?draft__id__exact={row.pk}") == 2
    assert listed(staff, DraftFile, f"?draft__id__exact={row.pk}") == 2


@pytest.mark.parametrize(
    ("number", "has", "lacks"), [(1, "added assets/a.txt", "b.txt"), (2, "added assets/b.txt", "added assets/a.txt")]
)
def test_the_page_of_a_version_shows_its_manifest(
    staff: Client, api: Api, draft: dict[str, Any], number: int, has: str, lacks: str
) -> None:
    version = DraftVersion.objects.get(number=number)
    response = staff.get(address(DraftVersion, f"{version.pk}/change/"))
    shown = words(response)
    assert has in shown
    assert lacks not in shown
    assert ("removed assets/a.txt" in shown) == (number == 2)
    assert str(version.content.sha256) in shown
    api_links = re.findall(r'href="(/api/v1/[^"]+)"', response.content.decode())
    prefix = f"/api/v1/drafts/{draft['draft_id']}/versions/{number}"
    assert api_links == [f"{prefix}/archive.zip", f"{prefix}/content", f"{prefix}/files/{has.removeprefix('added ')}"]
    for link in api_links:
        assert body_of(staff.get(link))


def test_a_version_names_its_author_or_else_its_caller(staff: Client, api: Api, draft: dict[str, Any]) -> None:
    api.client.post(
        "/openapi/capcut-mate/v1/save_draft",
        {"draft_url": draft["draft_url"]},
        "application/json",
        headers={"User-Agent": "n8n/1.70"},
    )
    shown = words(staff.get("/admin/drafts/draftversion/"))
    assert "Wang first cut" in shown
    assert "127.0.0.1 n8n/1.70" in shown


def test_what_is_in_the_trash_has_no_links_to_an_api_that_refuses_it(
    staff: Client, api: Api, draft: dict[str, Any]
) -> None:
    version = DraftVersion.objects.get(number=2)
    api.delete(f"/api/v1/drafts/{draft['draft_id']}")
    for page in (address(Draft, f"{draft['draft_id']}/change/"), address(DraftVersion, f"{version.pk}/change/")):
        response = staff.get(page)
        assert "not while it is in the trash" in words(response)
        assert b'href="/api/' not in response.content


def test_what_waits_and_what_failed_stands_above_the_list_of_blobs(
    staff: Client, api: Api, draft: dict[str, Any]
) -> None:
    persist.drain()
    assert b"messagelist" not in staff.get("/admin/drafts_core/blob/").content
    blob = DraftVersion.objects.get(number=2).content
    Blob.objects.filter(pk=blob.pk).update(state="failed", tries=8, error="the store answered AccessDenied")
    for page in ("/admin/drafts_core/blob/", "/admin/drafts_core/blob"):
        response = staff.get(page)
        assert '<li class="error"><a href="?state__exact=failed">1 failed</a></li>' in response.content.decode()
    assert listed(staff, Blob, "?state__exact=failed") == 1
    assert "failed the store answered AccessDenied" in words(staff.get("/admin/drafts/draftversion/"))


@pytest.mark.parametrize(
    ("list_of", "filters"),
    [
        ("drafts/draftversion", ["里程碑", "来源", "存储状态", "创建时间"]),
        ("drafts/draftfile", ["类型", "存储状态", "创建时间"]),
        ("drafts/draftevent", ["操作", "入口", "创建时间", "用户"]),
        ("drafts_core/blob", ["存储状态", "创建时间"]),
    ],
)
def test_filters_and_values_of_lists_are_in_the_language_of_the_reader(
    staff: Client, draft: dict[str, Any], list_of: str, filters: list[str]
) -> None:
    response = staff.get(f"/admin/{list_of}/", headers={"Accept-Language": "zh-CN"})
    shown = response.content.decode()
    assert re.findall(r'data-filter-title="([^"]+)"', shown) == filters
    english = "save|import|stored|pending|failed|video|subtitle|admin|command|task"
    assert not re.search(rf"<(?:td|a|span)[^>]*>\s*(?:{english})\s*<", shown, re.IGNORECASE)


def test_markup_in_names_notes_and_authors_is_text(staff: Client, api: Api) -> None:
    evil = "<script>alert(1)</script>"
    made = api.create()
    api.patch(f"/api/v1/drafts/{made['draft_id']}", {"name": evil})
    api.save(made["draft_url"], author=evil, note=evil)
    version = DraftVersion.objects.get()
    for page in (
        *(address(model) for model in MODELS),
        address(Draft, f"{made['draft_id']}/change/"),
        address(DraftVersion, f"{version.pk}/change/"),
    ):
        content = staff.get(page).content.decode()
        assert evil not in content
        if page.startswith((address(Draft), address(DraftVersion))):
            assert html.escape(evil) in content


def queries(staff: Client, path: str) -> int:
    """Queries of one request; those that fill Django's cache of content types come once a process."""
    staff.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert staff.get(path).status_code == 200
    return len(seen)


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_as_many_queries_for_twenty_rows_as_for_one(staff: Client, api: Api, model: type[Model]) -> None:
    def grow() -> None:
        made = api.create()
        api.put(f"/api/v1/drafts/{made['draft_id']}/files/assets/{made['draft_id']}.txt", made["draft_id"].encode())
        api.save(made["draft_url"])
        DoomedObject.objects.create(key=made["draft_id"])

    grow()
    few = queries(staff, address(model))
    for _ in range(19):
        grow()
    pages = model._default_manager.count() > 50  # of several pages the keys of one are read first
    assert queries(staff, address(model)) == few + pages
    assert few <= 6  # session, user, count, rows; for blobs also what waits


def test_the_pages_cost_a_constant_number_of_queries(staff: Client, api: Api, draft: dict[str, Any]) -> None:
    version = DraftVersion.objects.get(number=2)
    pages = (address(Draft, f"{draft['draft_id']}/change/"), address(DraftVersion, f"{version.pk}/change/"))
    few = [queries(staff, page) for page in pages]
    for number in range(20):
        path = f"/api/v1/drafts/{draft['draft_id']}/files/assets/{number}.txt"
        assert api.put(path, f"{number}".encode()).status_code == 201
    api.save(draft["draft_url"])
    version = DraftVersion.objects.get(number=3)
    pages = (address(Draft, f"{draft['draft_id']}/change/"), address(DraftVersion, f"{version.pk}/change/"))
    assert [queries(staff, page) for page in pages] == few


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [(0, "0:00.000"), (7_250_000, "0:07.250"), (65_001_999, "1:05.001"), (3_723_000_000, "1:02:03.000")],
)
def test_durations_are_written_for_people(microseconds: int, text: str) -> None:
    assert clock(microseconds) == text
