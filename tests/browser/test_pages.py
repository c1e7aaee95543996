"""The pages as a browser shows them: nothing from elsewhere, no complaints, readable on a phone."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from drafts.models import Draft, DraftVersion
from tests.support import SAMPLES, Api

from .chromium import Chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def cookie(transactional_db: None) -> str:
    """The session of a signed-in superuser."""
    client = Client()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client.cookies["sessionid"].value


def clean(browser: Chromium, server: str) -> None:
    """All requests went to our server, none failed, and the console is empty."""
    elsewhere = [url for url in browser.requests if not url.startswith((server, "data:"))]
    assert (elsewhere, browser.complaints) == ([], [])


def fits(browser: Chromium) -> bool:
    """Nothing is wider than the window."""
    return bool(browser.run("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize(("language", "heading"), [("en", "CapCut draft server"), ("zh-CN", "剪映草稿服务器")])
@pytest.mark.parametrize(("width", "dark"), [(1200, False), (360, True)])
def test_the_landing_page(live_server: Any, language: str, heading: str, width: int, dark: bool) -> None:
    with Chromium(width=width, dark=dark, language=language) as browser:
        browser.open(live_server.url)
        assert browser.run("document.querySelector('h1').textContent") == heading
        assert len(browser.requests) == len([url for url in browser.requests if url == f"{live_server.url}/"]) == 1
        clean(browser, live_server.url)
        assert fits(browser)
        background = browser.run("getComputedStyle(document.body).backgroundColor")
        assert background == ("rgb(21, 24, 23)" if dark else "rgb(251, 250, 248)")


def test_the_commands_of_the_landing_page_make_a_draft(live_server: Any, tmp_path: Path) -> None:
    with Chromium() as browser:
        browser.open(live_server.url)
        commands = browser.run("[...document.querySelectorAll('pre')].map(pre => pre.textContent).join('\\n')")
    done = subprocess.run(
        ["sh", "-e"],
        input=commands,
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    draft = Draft.objects.get()
    assert done.stdout.splitlines()[0] == draft.pk
    assert done.stdout.splitlines()[-1].endswith(f"/get_draft?draft_id={draft.pk}")
    assert re.findall(r'"code":(\d+)', done.stdout) == ["0", "0"]
    assert f"{draft.pk}/assets/hello.srt" in done.stdout
    assert DraftVersion.objects.get().file_count == 1


def test_the_api_reference_works_offline(live_server: Any) -> None:
    with Chromium() as browser:
        browser.open(f"{live_server.url}/api/docs/")
        browser.wait_for("document.querySelectorAll('.opblock').length > 20")
        clean(browser, live_server.url)


def test_the_admin(live_server: Any, cookie: str) -> None:
    api = Api(Client())
    draft = api.imported(SAMPLES / "s01_basic")
    version = DraftVersion.objects.get()
    pages = {
        "/admin": "Drafts",
        "/admin/drafts/draft": "s01_basic",
        f"/admin/drafts/draft/{draft['id']}/change/": "assets/videos/clip.mp4",
        "/admin/drafts/draftversion/": "import",
        f"/admin/drafts/draftversion/{version.pk}/change": version.content.sha256,
        "/admin/drafts/draftfile/": "assets/videos/clip.mp4",
        "/admin/drafts_core/blob/": "stored",
    }
    with Chromium() as browser:
        for path, text in pages.items():
            browser.open(f"{live_server.url}{path}", cookie=cookie)
            assert text in browser.run("document.querySelector('#content').innerText"), path
            clean(browser, live_server.url)
            assert fits(browser)


def test_a_list_row_leads_to_its_page_and_on_to_a_download(live_server: Any, cookie: str) -> None:
    draft = Api(Client()).imported(SAMPLES / "s01_basic")
    with Chromium() as browser:
        browser.open(f"{live_server.url}/admin/drafts/draft", cookie=cookie)
        browser.open(browser.run("document.querySelector('#result_list tbody th a').href"))
        shown = browser.run("document.querySelector('.field-draft_url code').textContent")
        assert shown == f"{live_server.url}/openapi/capcut-mate/v1/get_draft?draft_id={draft['id']}"
        got = browser.run(
            "fetch(document.querySelector('.field-downloads a').href).then(reply => reply.headers.get('content-type'))"
        )
        assert got == "application/zip"
