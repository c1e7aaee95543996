"""Keys, links and members, as a browser shows them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from drafts.access.models import ApiKey, Membership, Workspace
from drafts.models import DraftLink
from drafts.services.links import make_link
from drafts.services.quotas import forget
from tests.support import Api

from .axe import serious
from .chromium import Chromium
from .test_pages import clean, cookie

__all__ = ["cookie"]
pytestmark = pytest.mark.browser
PRESS = "document.querySelector('#content-main form input[type=submit]').click()"


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("en", True), ("zh-CN", False), ("zh-CN", True)])
def test_a_key_is_made_used_rotated_and_revoked_by_its_pages(
    live_server: Any, live_api: Api, cookie: str, language: str, dark: bool
) -> None:
    Workspace.objects.update_or_create(id="default", defaults={"max_drafts": 100})
    Workspace.objects.create(id="studio", name="工作室 Studio", max_bytes=10**9)
    forget()
    draft_id = str(live_api.create()["draft_id"])
    live_api.patch(f"/api/v1/drafts/{draft_id}", {"name": "Holiday"})
    make_link(draft_id=draft_id, name="the customer")
    anna = User.objects.create(username="anna", is_staff=True)
    Membership.objects.create(user=anna, workspace_id="studio", role="editor")
    base = f"{live_server.url}/admin"
    with Chromium(dark=dark, language=language) as browser:

        def look(name: str) -> str:
            clean(browser, live_server.url)  # before axe, which sets styles of its own
            assert serious(browser) == [], name
            browser.complaints.clear()
            folder = os.environ.get("CAPCUT_SCREENSHOTS")
            if folder:
                browser.screenshot(Path(folder) / f"{name}-{language}-{'dark' if dark else 'light'}.png")
            return str(browser.run("document.querySelector('#content').innerText"))

        browser.open(f"{base}/drafts_access/apikey/make/", cookie=cookie)
        look("key-make")
        browser.run("document.querySelector('#id_name').value = 'n8n nightly'; true")
        browser.follow(PRESS)
        [token] = re.findall(r"ck_[a-z2-9]{8}_[A-Za-z0-9_-]{43}", look("key-made"))
        made = ApiKey.objects.get()
        assert (made.name, made.workspace_id, token[:11]) == ("n8n nightly", "default", made.prefix)
        for name in ("rotate", "revoke"):
            browser.open(f"{base}/drafts_access/apikey/{made.pk}/change/")
            look("key")
            assert browser.run(f"!!document.querySelector('a.button[href$=\"/{name}/\"]')"), name
            browser.open(f"{base}/drafts_access/apikey/{made.pk}/{name}/")
            look(f"key-{name}")
            browser.follow(PRESS)
            look(f"key-{name}-done")
        assert [key.state for key in ApiKey.objects.order_by("pk")] == ["revoked", "active"]
        browser.open(f"{base}/drafts_access/apikey/review/")
        assert "the customer" in look("review")
        link = DraftLink.objects.get()
        browser.open(f"{base}/drafts_access/apikey/links/{link.pk}/revoke/")
        look("link-revoke")
        browser.follow(PRESS)
        assert DraftLink.objects.get().state == "revoked"
        pages = {
            "index": "/",
            "keys": "/drafts_access/apikey/",
            "workspaces": "/drafts_access/workspace/",
            "workspace": "/drafts_access/workspace/studio/change/",
            "members": "/drafts_access/membership/",
            "member-add": "/drafts_access/membership/add/",
        }
        for name, place in pages.items():
            browser.open(f"{base}{place}")
            look(name)
