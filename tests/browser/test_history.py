"""History as staff see it in a real browser: the pages of every kind of draft, and from a look to a restore."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from drafts.core import persist
from drafts.core.models import Blob
from drafts.models import DraftEvent, DraftVersion
from tests.support import MATE, SAMPLES, Api

from .axe import serious
from .chromium import Chromium
from .test_pages import clean, cookie, fits

__all__ = ["cookie"]

pytestmark = pytest.mark.browser

ADMIN = "/admin/drafts"
SECOND = 1_000_000
LOOKS = [("en", False, 1280), ("zh-CN", True, 390)]


@pytest.fixture
def api(transactional_db: None) -> Api:
    """A client whose transactions commit, so that the live server sees them."""
    return Api(Client())


def captioned(api: Api, url: str, *captions: dict[str, Any]) -> None:
    assert api.post(f"{MATE}/add_captions", {"draft_url": url, "captions": json.dumps(captions)}).status_code == 200


def drafts(api: Api) -> list[str]:
    """Ids: the samples; 3,000 segments; 300 versions; empty; with findings; with a failed blob and long names."""
    ids = [api.imported(folder)["id"] for folder in sorted(SAMPLES.iterdir())]
    for draft_id in ids:
        captioned(api, draft_id, {"start": 0, "end": SECOND, "text": "你好 hello"})
        api.save(draft_id, note="with a caption 带字幕")
        captioned(api, draft_id, {"start": SECOND, "end": 2 * SECOND, "text": "and <one> more"})
    many, past, empty, broken, failed = (api.create()["draft_id"] for _ in range(5))
    spans = [{"start": at * SECOND, "end": (at + 1) * SECOND, "text": f"字幕 {at}"} for at in range(3000)]
    captioned(api, many, *spans)
    api.save(many)
    for number in range(300):
        api.put_content(past, {**api.content(past), "x": number})
        api.save(past, note=f"cut {number}" if number % 40 == 0 else "")
    document = json.loads((SAMPLES / "s01_basic" / "draft_content.json").read_bytes())
    for track in document["tracks"]:
        for segment in track["segments"]:
            segment["target_timerange"]["duration"] += SECOND
            segment["material_id"] = "nothing"
    api.put_content(broken, document)
    api.save(broken)
    persist.drain()
    captioned(api, failed, {"start": 0, "end": SECOND, "text": "lost?"})
    api.patch(f"/api/v1/drafts/{failed}", {"name": "x" * 200})
    path = "/".join(["assets", "a" * 60, "b" * 60, "c" * 60])
    assert api.put(f"/api/v1/drafts/{failed}/files/{path}", b"lost?").status_code == 201
    api.save(failed, note="y" * 200, author="z" * 200)
    version = DraftVersion.objects.get(draft=failed)
    Blob.objects.filter(pk=version.content_id).update(state="failed", error="the store answered AccessDenied")
    return [*ids, many, past, empty, broken, failed]


def pages(draft_id: str) -> list[str]:
    """The addresses of a draft's pages."""
    draft = f"{ADMIN}/draft/{draft_id}"
    found = [f"{draft}/change/", f"{draft}/compare/", f"{draft}/document/?at=/tracks", f"{draft}/document/?find=text"]
    version = DraftVersion.objects.filter(draft=draft_id).order_by("number").first()
    if version is not None:
        found.append(f"{draft}/compare/?from=1")
        found += [f"{ADMIN}/draftversion/{version.pk}/{rest}/" for rest in ("change", "restore", "copy")]
    return found


def test_every_page_of_every_kind_of_draft(live_server: Any, cookie: str, api: Api) -> None:
    addresses = [address for draft_id in drafts(api) for address in pages(draft_id)]
    for language, dark, width in LOOKS:
        with Chromium(width=width, dark=dark, language=language) as browser:
            for address in addresses:
                browser.open(f"{live_server.url}{address}", cookie=cookie)
                assert browser.run("document.querySelector('#content-main').innerText").strip(), address
                clean(browser, live_server.url)
                assert fits(browser), address
                assert serious(browser) == [], (address, language, dark)


def test_from_a_look_at_the_past_to_its_restore(live_server: Any, cookie: str, api: Api) -> None:
    draft = api.imported(SAMPLES / "s01_basic")
    api.delete(f"/api/v1/drafts/{draft['id']}/files/assets/images/tall.png")
    captioned(api, draft["draft_url"], {"start": 0, "end": SECOND, "text": "片尾字幕"})
    api.save(draft["draft_url"])
    with Chromium(width=1280) as browser:
        browser.open(f"{live_server.url}{ADMIN}/draft/{draft['id']}/change/", cookie=cookie)
        browser.follow("document.querySelector('ol.history a[href*=\"compare/?from=1\"]').click()")
        shown = browser.run("document.querySelector('#content-main').innerText")
        assert "片尾字幕" in shown
        assert "assets/images/tall.png" in shown
        browser.run("document.querySelector('#segments td a').click()")
        browser.wait_for("document.querySelector(':target')")
        clean(browser, live_server.url)
        browser.open(f"{live_server.url}{ADMIN}/draft/{draft['id']}/change/")
        browser.follow("document.querySelector('ol.history a[href*=restore]').click()")
        assert "片尾字幕" in browser.run("document.querySelector('#segments').innerText")
        clean(browser, live_server.url)
        browser.follow("document.querySelector('form.confirm input[type=submit]').click()")
        assert "Version 1 was restored as version 3." in browser.run("document.querySelector('.messagelist').innerText")
        clean(browser, live_server.url)
        assert "restored" in browser.run("document.querySelector('#events').innerText")
        assert "chief" in browser.run("document.querySelector('#events tbody tr').innerText")
    assert DraftEvent.objects.filter(draft_id=draft["id"], verb="restore", actor="chief", version=3).exists()
    assert DraftVersion.objects.get(draft=draft["id"], number=3).note == "Restored from version 1"


def test_parts_of_a_document_come_when_they_are_opened(live_server: Any, cookie: str, api: Api) -> None:
    draft = api.imported(SAMPLES / "s02_effects")
    version = DraftVersion.objects.get()
    with Chromium() as browser:
        browser.open(f"{live_server.url}{ADMIN}/draftversion/{version.pk}/change/", cookie=cookie)
        part = "document.querySelector('#document details')"
        browser.run(f"{part}.open = true")
        browser.wait_for("document.querySelector('#document details[open] ul')")
        assert "width 1920" in browser.run(f"{part}.innerText")
        clean(browser, live_server.url)
        browser.run("document.querySelector('#find').value = 'clip.mp4'")
        browser.follow("document.querySelector('.search input[type=submit]').click()")
        assert "/materials/videos" in browser.run("document.querySelector('.found').innerText")
        clean(browser, live_server.url)
    assert draft["head"] == 1
