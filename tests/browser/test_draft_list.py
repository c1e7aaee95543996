"""The list of drafts in a real browser: found by a caption's words, filtered, acted on."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from drafts.core import persist
from drafts.core.models import Blob
from drafts.models import Draft, DraftVersion
from drafts.services.describe import describe
from tests.support import SAMPLES, Api

from .axe import serious
from .chromium import Chromium
from .test_pages import clean, fits

pytestmark = pytest.mark.browser


@pytest.fixture
def cookie(transactional_db: None) -> str:
    """The session of a signed-in superuser."""
    client = Client()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client.cookies["sessionid"].value


@pytest.fixture
def drafts(transactional_db: None) -> None:
    """The samples, one with unsaved work and missing media, one that waits, one that failed, one in the trash."""
    api = Api(Client())
    made = [api.imported(folder)["id"] for folder in sorted(SAMPLES.iterdir())]
    persist.drain()
    api.delete(f"/api/v1/drafts/{made[0]}/files/assets/videos/clip.mp4")
    for each in made[1:3]:
        api.post(f"/api/v1/drafts/{each}/save", {"note": "again"})
        api.put_content(each, {**api.content(each), "duration": 7})
        api.post(f"/api/v1/drafts/{each}/save")
    failed = DraftVersion.objects.filter(draft=made[2]).latest("number").content_id
    Blob.objects.filter(pk=failed).update(state="failed", error="AccessDenied", tries=9)
    api.delete(f"/api/v1/drafts/{made[3]}")
    api.post("/api/v1/drafts", {"name": "x" * 200})
    while describe():
        pass


@pytest.mark.parametrize(("language", "heading"), [("en", "Drafts"), ("zh-CN", "草稿")])
@pytest.mark.parametrize("dark", [False, True])
def test_the_list_of_drafts(
    live_server: Any, cookie: str, drafts: None, language: str, heading: str, dark: bool
) -> None:
    with Chromium(width=1360, dark=dark, language=language) as browser:
        browser.open(f"{live_server.url}/admin/drafts/draft/", cookie=cookie)
        assert browser.run("document.querySelector('#content h1').innerText") == heading
        assert browser.run("document.querySelectorAll('#result_list tbody tr').length") == 6
        clean(browser, live_server.url)
        assert fits(browser)
        assert browser.run(
            "[...document.querySelectorAll('.results')].every(box => box.scrollWidth <= box.clientWidth)"
        )
        assert serious(browser) == []


@pytest.mark.usefixtures("drafts")
def test_a_draft_is_found_by_words_and_moved_to_the_trash(live_server: Any, cookie: str) -> None:
    with Chromium(width=1360) as browser:
        browser.open(f"{live_server.url}/admin/drafts/draft/?q=你好", cookie=cookie)
        names = "[...document.querySelectorAll('#result_list th.field-named')].map(cell => cell.innerText)"
        assert browser.run(names) == ["s01_basic"]
        browser.run("document.querySelector('#result_list tbody input').click()")
        browser.run("document.querySelector('select[name=action]').value = 'move_to_trash'")
        browser.follow("document.querySelector('.actions button').click()")
        assert serious(browser) == []
        browser.follow("document.querySelector('form.confirm input[type=submit]').click()")
        assert browser.run("document.querySelector('.messagelist').innerText") == "Done: 1"
        clean(browser, live_server.url)
    assert Draft.objects.get(name="s01_basic").trashed_by == "chief"
