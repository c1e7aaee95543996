"""The page behind a draft_url in a real browser: on a phone and a desk, in both languages, light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.edits import text
from tests.support import MATE, MEDIA, SAMPLES, Api, zip_of

from .axe import serious
from .chromium import Chromium
from .test_pages import clean, fits

pytestmark = pytest.mark.browser

GET_DRAFT = f"{MATE}/get_draft"
SECOND = 1_000_000


@pytest.fixture
def api(transactional_db: None) -> Api:
    """A client whose transactions commit, so that the live server sees them."""
    return Api(Client())


def drafts(api: Api) -> dict[str, str]:
    """The query of each draft's address, by the name that its page must show."""
    found = {folder.name: api.imported(folder)["id"] for folder in sorted((SAMPLES).iterdir())}
    document = (SAMPLES / "s01_basic" / "draft_content.json").read_bytes()
    found["片头"] = api.import_zip(zip_of({"片头/draft_content.json": document})).json()["draft"]["id"]
    found["x" * 200] = api.post("/api/v1/drafts", {"name": "x" * 200}).json()["id"]
    api.post(f"/api/v1/drafts/{found['x' * 200]}/save", {"note": "y" * 200, "author": "z" * 200})
    found["Untitled draft"] = api.create()["draft_id"]
    many = found["105 files"] = api.post("/api/v1/drafts", {"name": "105 files"}).json()["id"]
    for number in range(105):
        api.put(f"/api/v1/drafts/{many}/files/assets/images/n{number}.png", (MEDIA / "logo.png").read_bytes())
    long = found["600 captions"] = api.post("/api/v1/drafts", {"name": "600 captions"}).json()["id"]
    spans = [(number * SECOND, (number + 1) * SECOND) for number in range(600)]
    captions = text(*({"start": start, "end": end, "text": f"你好 {start}"} for start, end in spans))
    assert api.post(f"{MATE}/add_captions", {"draft_url": long, "captions": captions}).status_code == 200
    api.put_content(found["s02_effects"], {**api.content(found["s02_effects"]), "duration": 9 * SECOND})
    api.save(found["s02_effects"])
    queries = {name: f"?draft_id={draft}" for name, draft in found.items()}
    return {**queries, "s02_effects": f"{queries['s02_effects']}&version=1"}


def test_every_kind_of_draft_looks_right_everywhere(live_server: Any, api: Api) -> None:
    shown = drafts(api)
    for language, width, dark in (("en", 1200, False), ("zh-CN", 390, True), ("zh-CN", 1200, True), ("en", 390, False)):
        with Chromium(width=width, dark=dark, language=language) as browser:
            for name, query in shown.items():
                browser.open(f"{live_server.url}{GET_DRAFT}{query}")
                heading = "未命名草稿" if (name, language) == ("Untitled draft", "zh-CN") else name
                assert browser.run("document.querySelector('h1').textContent") == heading
                clean(browser, live_server.url)
                assert fits(browser), name
                assert serious(browser) == [], name


@pytest.mark.parametrize(("query", "status"), [("?draft_id=abc", 400), (f"?draft_id={'9' * 32}", 404)])
def test_a_link_that_leads_nowhere(live_server: Any, api: Api, query: str, status: int) -> None:
    for language, width, dark in (("en", 1200, False), ("zh", 390, True)):
        with Chromium(width=width, dark=dark, language=language) as browser:
            browser.open(f"{live_server.url}{GET_DRAFT}{query}")
            assert [complaint for complaint in browser.complaints if f"status of {status}" not in complaint] == []
            assert fits(browser)
            assert serious(browser) == []


def test_the_address_is_copied(live_server: Any, api: Api) -> None:
    draft_id = api.create()["draft_id"]
    url = f"{live_server.url}{GET_DRAFT}?draft_id={draft_id}"
    with Chromium() as browser:
        browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite"])
        browser.open(f"{live_server.url}/v1/get_draft?draft_id={draft_id}")
        browser.run("document.querySelector('button').click()")
        browser.wait_for("document.querySelector('[role=status]').textContent == 'Copied'")
        assert browser.run("navigator.clipboard.readText()") == url


def test_it_works_without_script(live_server: Any, api: Api) -> None:
    draft_id = api.imported(SAMPLES / "s01_basic")["id"]
    with Chromium() as browser:
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(f"{live_server.url}{GET_DRAFT}?draft_id={draft_id}")
        assert browser.run("document.querySelector('time').textContent").endswith(" UTC")
        assert not browser.run("document.querySelector('button').checkVisibility()")
        assert browser.run("document.querySelector('#draft-url').checkVisibility()")
        browser.run("document.querySelector('summary').click()")
        assert "com.lveditor.draft" in browser.run("document.querySelector('details').innerText")


def test_a_fetch_of_the_same_address_gets_the_list(live_server: Any, api: Api) -> None:
    url = f"{live_server.url}{GET_DRAFT}?draft_id={api.create()['draft_id']}"
    fetched = f"fetch('{url}').then(reply => reply.json()).then(reply => reply.files.length)"
    with Chromium() as browser:
        browser.open(url)
        browser.open(f"{live_server.url}/api/docs/")
        assert browser.run(fetched) == 5
        browser.open(url)
        assert browser.run("document.querySelector('h1').textContent") == "Untitled draft"


def test_the_language_is_switched_on_the_page(live_server: Any, api: Api) -> None:
    with Chromium() as browser:
        browser.open(f"{live_server.url}{GET_DRAFT}?draft_id={api.create()['draft_id']}")
        browser.open(browser.run("document.querySelector('nav a').href"))
        assert browser.run("document.querySelector('h1').textContent") == "未命名草稿"
