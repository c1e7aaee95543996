"""Finding drafts by what people have at hand, in the admin and through the API."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from drafts.core import persist
from drafts.models import DraftSummary, DraftVersion
from drafts.services.describe import describe
from tests.support import MATE, SAMPLES, Api


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client


def captioned(api: Api, *texts: str) -> str:
    """A draft with captions, described."""
    draft = api.create()
    lines = [{"start": n * 1_000_000, "end": (n + 1) * 1_000_000, "text": text} for n, text in enumerate(texts)]
    done = api.post(f"{MATE}/add_captions", {"draft_url": draft["draft_url"], "captions": json.dumps(lines)})
    assert done.status_code == 200, done.content
    describe()
    return str(draft["draft_id"])


def found(api: Api, term: str) -> set[str]:
    """What the API finds."""
    reply = api.get(f"/api/v1/drafts?state=all&search={quote(term)}")
    assert reply.status_code == 200, reply.content
    return {draft["id"] for draft in reply.json()["results"]}


@pytest.mark.parametrize(
    "term",
    ["世界", "好世", "你好世界", "HELLO", "ｈｅｌｌｏ", "llo w", "world 你好", "100%", "_x_", "\\", "界", "rld", "👋"],
)
def test_words_of_captions_are_found(api: Api, staff: Client, term: str) -> None:
    wanted = captioned(api, "你好世界", "Hello  World 100% _x_ \\ 👋")
    captioned(api, "你 好", "help, wor", "1000 x")
    assert found(api, term) == {wanted}
    listed = staff.get("/admin/drafts/draft/", {"q": term}).context["cl"].result_list
    assert {draft.pk for draft in listed} == found(api, term)


@pytest.mark.parametrize("term", ["世好", "好你", "hello_world", "%", "hello你好", "wörld", "\\x"])
def test_words_that_stand_nowhere_are_not_found(api: Api, term: str) -> None:
    captioned(api, "你好世界", "Hello World")
    assert found(api, term) == set()


def test_words_need_not_stand_in_one_caption(api: Api) -> None:
    wanted = captioned(api, "red apple", "green pear")
    captioned(api, "red pear")
    assert found(api, "apple pear") == {wanted}


def test_an_edit_is_found_when_the_worker_has_read_it(api: Api) -> None:
    draft_id = captioned(api, "before")
    document = json.dumps(api.content(draft_id)).replace("before", "after that")
    api.put_content(draft_id, document.encode())
    assert (found(api, "before"), found(api, "after")) == ({draft_id}, set())
    describe()
    assert (found(api, "before"), found(api, "after")) == (set(), {draft_id})


def test_a_new_name_is_found_at_once(api: Api) -> None:
    draft_id = captioned(api, "x")
    api.patch(f"/api/v1/drafts/{draft_id}", {"name": "Sommer Fest"})
    assert found(api, "fest somm") == {draft_id}
    assert found(api, "winter") == set()


def test_links_name_a_draft(api: Api) -> None:
    draft = api.imported(SAMPLES / "s01_basic")
    api.create()
    urls = api.get(f"{MATE}/get_draft?draft_id={draft['id']}").json()["files"]
    for term in (draft["draft_url"], *urls, draft["id"], f" {draft['id']} ", draft["id"][:18]):
        assert found(api, term) == {draft["id"]}, term
    assert found(api, "https://drafts.example.org/?draft_id=" + "0" * 32) == set()


def test_request_ids_name_the_drafts_of_their_requests(api: Api) -> None:
    draft, other = api.create()["draft_id"], api.create()["draft_id"]
    saved = api.post(f"/api/v1/drafts/{draft}/save")
    trashed = api.delete(f"/api/v1/drafts/{other}")
    assert found(api, saved["X-Request-ID"]) == {draft}
    assert found(api, trashed["X-Request-ID"]) == {other}
    assert found(api, api.get("/api/v1/drafts")["X-Request-ID"]) == set()


def test_hashes_and_names_of_files_are_found_of_older_versions_too(api: Api) -> None:
    draft = api.imported(SAMPLES / "s01_basic")
    api.create()
    files = api.get(f"/api/v1/drafts/{draft['id']}/files").json()
    clip = next(file for file in files if file["path"].endswith("clip.mp4"))
    api.delete(f"/api/v1/drafts/{draft['id']}/files/{clip['path']}")
    describe()
    document = DraftVersion.objects.get().content.sha256
    for term in (clip["sha256"], clip["sha256"][:8].upper(), document, "clip.mp4", "CLIP", "lip.m"):
        assert found(api, term) == {draft["id"]}, term
    assert found(api, "0" * 64) == set()


def test_no_more_than_the_limit_is_found_and_staff_are_told(api: Api, staff: Client, settings: Any) -> None:
    for _ in range(4):
        captioned(api, "same words")
    settings.MAX_FOUND = 3
    assert len(found(api, "same")) == 3
    page = staff.get("/admin/drafts/draft/", {"q": "same"})
    assert page.context["cl"].result_count == 3
    assert "A longer search finds the others" in page.content.decode()


@pytest.mark.parametrize("term", ["", " ", "\0", "%" * 1001, "'", '"', "\\'", "a" * 999, "😀" * 100, "\ud800"])
def test_no_term_breaks_the_page(api: Api, staff: Client, term: str) -> None:
    captioned(api, "x")
    assert staff.get("/admin/drafts/draft/?q=" + quote(term, errors="surrogatepass")).status_code == 200


def test_what_the_worker_could_not_read_is_found_by_its_name(api: Api) -> None:
    draft_id = captioned(api, "words")
    DraftSummary.objects.update(text="name alone", error="DocumentError")
    persist.drain()
    if DraftSummary.objects.get().bigrams:
        DraftSummary.objects.update(bigrams="006e0061 0061006d 006d0065")
    assert found(api, "name") == {draft_id}
