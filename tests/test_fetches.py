"""Who fetched a draft, and which of its files: noted in Redis beside the request, known for a while."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from drafts.core import recent
from drafts.models import Draft
from drafts.selectors.fetches import Fetches, fetches
from tests.harness import wait_for
from tests.support import MATE, Api, body_of, path_of
from tests.test_admin import words

NAMES = [
    "draft_content.json",
    "draft_info.json",
    "draft_meta_info.json",
    "draft_agency_config.json",
    "attachment_pc_common.json",
    "assets/a.txt",
]


@pytest.fixture
def draft(noted: None, api: Api) -> Draft:
    """A draft with a file, saved once."""
    made = api.create()
    assert api.put(f"/api/v1/drafts/{made['draft_id']}/files/assets/a.txt", b"bytes").status_code == 201
    api.save(made["draft_url"])
    return Draft.objects.get()


def known(draft: Draft, *, programs: int, fetched: int = 0) -> Fetches:
    """What is known, once so many calls and files are."""

    def look() -> bool:
        found = fetches(draft=draft)
        return found is not None and (found.programs, found.fetched) == (programs, fetched)

    wait_for(look, f"{programs} calls and {fetched} files")
    found = fetches(draft=draft)
    assert found
    return found


def listed(api: Api, draft: Draft, query: str = "", **headers: str) -> list[str]:
    response = api.get(f"{MATE}/get_draft?draft_id={draft.pk}{query}", **headers)
    return [path_of(url) for url in response.json()["files"]]


def test_a_draft_that_nobody_fetched(draft: Draft) -> None:
    assert fetches(draft=draft) == Fetches(programs=0, people=0, last=[], listed=6, missing=NAMES)


def test_calls_are_counted_with_the_last_callers_first(api: Api, draft: Draft) -> None:
    listed(api, draft, **{"User-Agent": "python-requests/2.32"})
    assert api.get(f"/v1/get_draft?draft_id={draft.pk}", **{"User-Agent": "n8n " + "x" * 200}).status_code == 200
    listed(api, draft, "&version=1")
    found = known(draft, programs=3)
    assert [(fetch.by, fetch.address, fetch.user_agent, fetch.version) for fetch in found.last] == [
        ("program", "127.0.0.1", "", 1),
        ("program", "127.0.0.1", "n8n " + "x" * 96, None),
        ("program", "127.0.0.1", "python-requests/2.32", None),
    ]
    assert abs(found.last[0].at.timestamp() - time.time()) < 10
    assert (found.people, found.listed, found.missing) == (0, 6, NAMES)


def test_a_person_who_looks_at_the_page_is_told_from_programs(api: Api, draft: Draft) -> None:
    listed(api, draft)
    assert api.get(f"{MATE}/get_draft?draft_id={draft.pk}", **{"Sec-Fetch-Dest": "document"}).status_code == 200
    found = known(draft, programs=1)
    assert (found.people, [fetch.by for fetch in found.last]) == (1, ["person", "program"])


def test_a_call_that_is_refused_is_no_fetch(api: Api, draft: Draft) -> None:
    assert api.get(f"{MATE}/get_draft?draft_id={draft.pk}&version=9").status_code == 404
    listed(api, draft)
    assert len(known(draft, programs=1).last) == 1


def test_it_tells_which_files_are_still_to_be_fetched(api: Api, draft: Draft) -> None:
    urls = listed(api, draft)
    for url in urls[:4]:
        assert body_of(api.get(url))
    assert api.client.head(urls[4]).status_code == 200  # a look, not a fetch
    assert api.get(f"{urls[5]}x").status_code == 404
    found = known(draft, programs=1, fetched=4)
    assert (found.listed, found.missing) == (6, NAMES[4:])
    assert body_of(api.get(urls[5], Range="bytes=2-")) == b"tes"
    assert known(draft, programs=1, fetched=5).missing == NAMES[4:5]


def test_documents_fetched_before_an_edit_are_to_be_fetched_again(api: Api, draft: Draft) -> None:
    for url in listed(api, draft):
        body_of(api.get(url))
    assert known(draft, programs=1, fetched=6).missing == []
    api.put_content(draft.pk, api.content(draft.pk) | {"n": 1})
    draft.refresh_from_db()
    assert known(draft, programs=1, fetched=1).missing == NAMES[:5]


def test_files_of_a_version_count_where_they_are_the_same(api: Api, draft: Draft) -> None:
    for url in listed(api, draft, "&version=1"):
        body_of(api.get(url))
    assert known(draft, programs=1, fetched=1).missing == NAMES[:5]


def test_only_the_drafts_fetched_last_are_known(api: Api, draft: Draft, settings: Any) -> None:
    settings.FETCHED_DRAFTS = 1
    listed(api, draft)
    known(draft, programs=1)
    other = Draft.objects.get(pk=api.create()["draft_id"])
    listed(api, other)
    known(other, programs=1)
    known(draft, programs=0)


def test_everything_has_an_end(api: Api, draft: Draft, settings: Any) -> None:
    for url in listed(api, draft):
        body_of(api.get(url))
    known(draft, programs=1, fetched=6)
    keys = recent.ask(lambda redis: {key: redis.ttl(key) for key in redis.scan_iter(recent.key("*"))})
    assert keys is not None
    assert len(keys) == 4
    assert all(settings.FETCHES_SECONDS - 60 < int(left) <= settings.FETCHES_SECONDS for left in keys.values())


def test_while_redis_is_away_drafts_are_fetched_as_fast_and_nothing_is_known(
    api: Api, draft: Draft, settings: Any
) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    started = time.monotonic()
    for _ in range(20):
        assert len(listed(api, draft)) == 6
    assert time.monotonic() - started < 10
    assert fetches(draft=draft) is None
    settings.BROKER_URL = "not a url"
    assert fetches(draft=draft) is None


def test_notes_that_nobody_takes_are_bounded(noted: None, settings: Any) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    for number in range(2 * recent.MOST):
        recent.note(lambda redis, lines: None, number)
    assert len(recent._notes) <= recent.MOST


def test_the_page_of_the_draft_tells_it(api: Api, draft: Draft, client: Client) -> None:
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    page = f"/admin/drafts/draft/{draft.pk}/change/"
    assert "fetched not lately" in words(client.get(page))
    for url in listed(api, draft, **{"User-Agent": "python-requests/2.32"})[:4]:
        body_of(api.get(url))
    browser = {"User-Agent": "Mozilla/5.0", "Sec-Fetch-Dest": "document"}
    assert api.get(f"{MATE}/get_draft?draft_id={draft.pk}", **browser).status_code == 200
    known(draft, programs=1, fetched=4)
    wait_for(lambda: "by people 1" in words(client.get(page)), "the look")
    shown = words(client.get(page))
    assert "127.0.0.1 Mozilla/5.0 by programs 1 · by people 1 · files 4/6" in shown
    assert "127.0.0.1 · Mozilla/5.0 · in a browser" in shown
    assert "127.0.0.1 · python-requests/2.32" in shown
    assert "not fetched yet attachment_pc_common.json assets/a.txt" in shown
