"""Why was my call refused? Staff paste a request id, or a draft, and read it."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.harness import wait_for
from tests.support import MATE, Api
from tests.test_admin import words

PAGE = "/admin/drafts_core/chore/refusals/"
NOBODY = "202611210000000000000000000000ff"


@pytest.fixture
def staff(noted: None, db: None) -> Client:
    """A staff member who may see blobs."""
    user = User.objects.create(username="viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_blob"))
    client = Client()
    client.force_login(user)
    return client


def rows(staff: Client, query: str = "", *, count: int = 1) -> list[str]:
    """The lines of the page, once there are so many."""

    def lines() -> list[str]:
        text = staff.get(f"{PAGE}?q={query}").content.decode()
        found = re.findall(r"<tr>(.*?)</tr>", text, flags=re.DOTALL)[1:]
        return [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", line)).strip() for line in found]

    wait_for(lambda: len(lines()) == count, f"{count} refusals for {query!r}")
    return lines()


def test_a_refused_call_is_found_by_its_request_id_in_any_spelling(api: Api, staff: Client) -> None:
    mine = uuid.uuid4()
    refused = api.post(f"{MATE}/save_draft", {"draft_url": "nonsense"}, **{"X-Request-ID": str(mine)})
    other = api.post(f"{MATE}/create_draft", {"width": -5})
    assert (refused.status_code, other.status_code) == (400, 400)
    assert len(rows(staff, count=2)) == 2
    shown = f"s ago 400 2001 Invalid draft_url format POST {MATE}/save_draft – 127.0.0.1 {mine.hex}"
    for spelling in (mine, mine.hex, mine.hex.upper(), mine.hex[:9], refused["traceparent"]):
        assert rows(staff, str(spelling))[0].split(" ", 1)[1] == shown
    assert other["X-Request-ID"] in rows(staff, other["X-Request-ID"])[0]


def test_the_newest_stands_first_and_what_is_not_there_is_said_not_to_be(api: Api, staff: Client) -> None:
    assert "Nothing was refused within 24 h." in words(staff.get(PAGE))
    for path in ("/api/v1/nothing", "/api/v1/drafts/x"):
        assert api.get(path).status_code == 404
    first, second = rows(staff, count=2)
    assert "404 2001 Draft does not exist GET /api/v1/drafts/x" in first
    assert "404 404 There is nothing at this address GET /api/v1/nothing" in second
    assert "2 refused within 24 h" in words(staff.get(PAGE))
    assert "No such call was refused within 24 h." in words(staff.get(f"{PAGE}?q={uuid.uuid4()}"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{MATE}/save_draft", {"draft_url": f"http://x/?draft_id={NOBODY}"}),
        ("GET", f"{MATE}/get_draft?draft_id={NOBODY}", None),
        ("GET", f"/api/v1/drafts/{NOBODY[:8]}-{NOBODY[8:]}/versions", None),
        ("GET", f"{MATE}/files/w-0123secret/{NOBODY}/assets/a.mp4", None),
    ],
)
def test_it_is_found_by_the_draft_that_it_named(
    api: Api, staff: Client, method: str, path: str, body: dict[str, Any] | None
) -> None:
    api.get("/api/v1/nothing")
    refused = api.post(path, body) if method == "POST" else api.get(path)
    assert refused.status_code == 404
    for spelling in (NOBODY, f"{NOBODY[:8]}-{NOBODY[8:]}", f"http://elsewhere/get_draft?draft_id={NOBODY}"):
        [line] = rows(staff, spelling)
        assert NOBODY in line
        assert refused["X-Request-ID"] in line


def test_in_the_originals_way_of_refusing_too(api: Api, staff: Client, settings: Any) -> None:
    settings.CAPCUT_MATE_ALWAYS_200 = True
    refused = api.post(f"{MATE}/save_draft", {"draft_url": ""})
    assert (refused.status_code, refused.json()["code"]) == (200, 2001)
    assert " 400 2001 draft_url is required POST " in rows(staff, refused["X-Request-ID"])[0]


def test_the_sentence_is_the_one_that_the_caller_got(api: Api, staff: Client) -> None:
    refused = api.post(f"{MATE}/save_draft", {"draft_url": ""}, **{"Accept-Language": "zh-CN"})
    assert refused.json()["detail"] in rows(staff, refused["X-Request-ID"])[0]


def test_no_secret_is_kept(api: Api, staff: Client) -> None:
    api.get(f"{MATE}/files/w-0123secret/{NOBODY}/assets/a.mp4?token=secret&key=secret", Authorization="Bearer secret")
    api.post(f"{MATE}/save_draft?key=secret", {"draft_url": "https://secret:secret@host/x", "password": "secret"})
    assert f"GET {MATE}/files/…/{NOBODY}/assets/a.mp4" in rows(staff, count=2)[1]
    assert "secret" not in staff.get(PAGE).content.decode()


def test_what_is_answered_is_not_there(api: Api, staff: Client) -> None:
    draft = api.create()
    assert api.get(draft["draft_url"]).status_code == 200
    assert api.put_content(draft["draft_id"], api.content(draft["draft_id"]), if_match='"r9"').status_code == 412
    assert len(rows(staff)) == 1


def test_the_oldest_give_way(api: Api, staff: Client, settings: Any) -> None:
    settings.REFUSALS_KEPT = 3
    made = [api.get(f"/api/v1/nothing/{number}")["X-Request-ID"] for number in range(5)]
    assert [line.split()[-1] for line in rows(staff, count=3)] == made[:1:-1]
    settings.REFUSALS_SECONDS = 0
    assert rows(staff, count=0) == []


def test_markup_in_a_path_is_text(api: Api, staff: Client) -> None:
    api.get("/api/v1/<script>alert(1)</script>")
    assert rows(staff)
    assert b"<script>alert" not in staff.get(PAGE).content


def test_while_redis_is_away_calls_are_refused_as_ever_and_the_page_says_so(
    api: Api, staff: Client, settings: Any
) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    assert api.get("/api/v1/nothing").status_code == 404
    assert "Redis cannot be reached" in words(staff.get(PAGE))


def test_only_staff_who_may_see_blobs_read_it(client: Client, staff: Client) -> None:
    assert staff.get(PAGE).status_code == 200
    assert staff.get(PAGE.rstrip("/")).status_code == 200
    assert client.get(PAGE).status_code == 302
    client.force_login(User.objects.create(username="other", is_staff=True))
    assert client.get(PAGE).status_code == 403


def test_it_speaks_chinese(api: Api, staff: Client) -> None:
    api.get("/api/v1/nothing")
    rows(staff)
    shown = words(staff.get(PAGE, headers={"Accept-Language": "zh-CN"}))
    assert "24 小时内有 1 个请求被拒绝" in shown
