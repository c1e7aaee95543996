"""The pages as a browser shows them: nothing from elsewhere, no complaints, readable on a phone."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from drafts.access.refusals import recent_refusals
from drafts.core import persist
from drafts.core.models import Blob
from drafts.models import Draft, DraftVersion
from tests.harness import wait_for
from tests.support import SAMPLES, Api

from .axe import serious
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
        assert browser.requests == [f"{live_server.url}/", f"{live_server.url}/static/drafts/page.css"]
        clean(browser, live_server.url)
        assert fits(browser)
        assert serious(browser) == []
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
        shown = browser.run("document.querySelector('#draft-url').textContent")
        assert shown == f"{live_server.url}/openapi/capcut-mate/v1/get_draft?draft_id={draft['id']}"
        link = "document.querySelector('.object-tools a[href$=zip]')"
        got = browser.run(f"fetch({link}.href).then(reply => reply.headers.get('content-type'))")
        assert got == "application/zip"


def test_a_failed_blob_is_retried_from_the_operations_page(live_server: Any, cookie: str) -> None:
    api = Api(Client())
    api.save(api.create()["draft_url"])
    later = timezone.now() + timedelta(minutes=5)
    Blob.objects.update(state="failed", tries=8, error="EndpointConnectionError", next_try_at=later)
    with Chromium() as browser:
        browser.open(f"{live_server.url}/admin/", cookie=cookie)
        browser.follow("[...document.links].find(link => link.text.startsWith('Operations:')).click()")
        text = browser.run("document.querySelector('#content').innerText")
        assert "1 blob could not be stored" in text
        assert "EndpointConnectionError" in text
        assert serious(browser) == []
        browser.follow("[...document.links].find(link => link.text === 'Retry').click()")
        assert serious(browser) == []
        browser.follow("document.querySelector('#content input[type=submit]').click()")
        assert "1 due now" in browser.run("document.querySelector('.messagelist').innerText")
        assert persist.drain().stored == 1
        browser.open(f"{live_server.url}/admin/drafts_core/chore/")
        assert "Nothing waits" in browser.run("document.querySelector('#content').innerText")
        assert fits(browser)
        clean(browser, live_server.url)


@pytest.mark.parametrize("dark", [False, True])
def test_the_integrity_of_several_drafts_is_readable(live_server: Any, cookie: str, dark: bool) -> None:
    Api(Client()).imported(SAMPLES / "s05_reference")
    with Chromium(dark=dark) as browser:
        browser.open(f"{live_server.url}/admin/drafts/draft/", cookie=cookie)
        browser.run("document.querySelector('.action-select').checked = true")
        browser.run("document.querySelector('select[name=action]').value = 'check_integrity'")
        browser.follow("document.querySelector('.actions button').click()")
        style = "getComputedStyle(document.querySelector('#content-main h2 {}')).{}"
        assert browser.run(style.format("a", "color")) == browser.run(style.format("", "color"))
        assert serious(browser) == []
        clean(browser, live_server.url)


@pytest.mark.parametrize("width", [390, 1200])
def test_a_refused_call_is_looked_up(live_server: Any, cookie: str, noted: None, width: int) -> None:
    refused = requests.get(f"{live_server.url}/api/v1/nothing", timeout=10).json()
    with Chromium(width=width) as browser:
        browser.open(f"{live_server.url}/admin/drafts_core/chore/refusals/", cookie=cookie)
        wait_for(lambda: recent_refusals(), "the note")
        browser.run(f"document.querySelector('#q').value = '{refused['request_id']}'")
        browser.follow("document.querySelector('form[role=search] input[type=submit]').click()")
        assert refused["request_id"] in browser.run("document.querySelector('#content tbody').innerText")
        assert serious(browser) == []
        assert fits(browser)
        clean(browser, live_server.url)
