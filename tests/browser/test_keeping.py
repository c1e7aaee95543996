"""Trash, holds, purge and the record of who did what, as a browser shows them."""

from __future__ import annotations

from typing import Any

import pytest

from drafts.models import Draft
from tests.support import Api

from .axe import serious
from .chromium import Chromium
from .test_pages import clean, cookie

__all__ = ["cookie"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh-CN", True)])
def test_a_draft_is_held_trashed_and_purged_by_its_buttons(
    live_server: Any, live_api: Api, cookie: str, language: str, dark: bool
) -> None:
    draft_id = str(live_api.create()["draft_id"])
    live_api.patch(f"/api/v1/drafts/{draft_id}", {"name": "Holiday"})
    live_api.save(draft_id, author="Wang", note="first cut")
    page = f"{live_server.url}/admin/drafts/draft/{draft_id}"
    with Chromium(dark=dark, language=language) as browser:

        def press(name: str) -> None:
            browser.open(f"{page}/change/", cookie=cookie)
            assert browser.run(f"!!document.querySelector('.object-tools a[href$=\"/{name}/\"]')"), name
            browser.open(f"{page}/{name}/")
            assert serious(browser) == []
            browser.follow("document.querySelector('form.confirm input[type=submit]').click()")
            assert browser.run("document.querySelectorAll('.messagelist .success').length") == 1

        for name in ("hold", "release", "trash"):
            press(name)
        browser.open(f"{page}/change/")
        assert serious(browser) == []
        events = "Array.from(document.querySelectorAll('#events tbody tr')).length"
        assert browser.run(events) == 6
        press("purge")
        assert Draft.objects.get().purged_at
        browser.open(f"{live_server.url}/admin/drafts/draftevent/?q={draft_id}")
        assert browser.run("document.querySelectorAll('#result_list tbody tr').length") == 7
        assert serious(browser) == []
        clean(browser, live_server.url)
