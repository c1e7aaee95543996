"""The picture of a timeline as a browser shows it: colours without requests, links that lead into it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.edits import SECOND, Editor, text
from tests.support import Api

from .axe import serious
from .chromium import Chromium
from .test_pages import clean, cookie

__all__ = ["cookie"]

pytestmark = pytest.mark.browser
BOX = "document.querySelector('.tl-box').scrollLeft"


@pytest.fixture
def editor(transactional_db: None) -> Editor:
    """A draft with 200 captions of a second each."""
    editor = Editor(Api(Client()), width=1280, height=720)
    items = [{"start": at * SECOND, "end": (at + 1) * SECOND, "text": f"第{at}句 caption"} for at in range(200)]
    editor.call("add_captions", captions=text(*items))
    return editor


@pytest.mark.parametrize(("dark", "fill"), [(False, "rgb(255, 228, 187)"), (True, "rgb(87, 57, 6)")])
def test_the_file_has_its_colours(live_server: Any, editor: Editor, dark: bool, fill: str) -> None:
    with Chromium(dark=dark) as browser:
        browser.open(f"{live_server.url}/api/v1/drafts/{editor.id}/timeline.svg")
        assert browser.run("getComputedStyle(document.querySelector('.tl-text > rect')).fill") == fill
        clean(browser, live_server.url)


def test_links_lead_to_a_time_and_to_a_segment(live_server: Any, editor: Editor, cookie: str) -> None:
    page = f"{live_server.url}/admin/drafts/draft/{editor.id}/change/"
    segments = editor.api.get(f"/api/v1/drafts/{editor.id}/timeline").json()["tracks"][1]["segments"]
    with Chromium() as browser:
        browser.open(page, cookie=cookie)
        assert browser.run(BOX) == 0
        browser.run("document.querySelectorAll('.tl-overview a')[5].dispatchEvent(new MouseEvent('click'))")
        browser.wait_for(f"{BOX} > 0")
        assert browser.run(BOX) == 5 * 15 * 76  # a quarter of a minute for each link, 76 pixels for a second
        browser.open("about:blank")
        browser.open(f"{page}#segment-{segments[150]['id']}")
        left, right, head = browser.run(
            "[document.querySelector(':target').getBoundingClientRect().left, innerWidth,"
            " document.querySelector('.tl-head').getBoundingClientRect().right]"
        )
        assert head < left < right
        assert browser.run("document.querySelector(':target').textContent").startswith("第150句 caption")
        clean(browser, live_server.url)
        assert serious(browser) == []
