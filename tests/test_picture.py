"""The picture of the timeline through HTTP."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from drafts.api import policies
from tests.edits import SECOND, Editor, text
from tests.support import Api


@pytest.fixture
def editor(api: Api) -> Editor:
    """A fresh draft of 1280 x 720."""
    return Editor(api, width=1280, height=720)


def caption(editor: Editor, words: str) -> str:
    """A caption of one second; its segment's id."""
    made = editor.call("add_captions", captions=text({"start": 0, "end": SECOND, "text": words}))
    return str(made["segment_ids"][0])


def test_the_working_state_and_a_version(editor: Editor) -> None:
    first = caption(editor, "Hello")
    editor.api.save(editor.url)
    second = caption(editor, "<script>alert(1)</script>")
    path = f"/api/v1/drafts/{editor.id}"
    response = editor.api.get(f"{path}/timeline.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Security-Policy"] == policies.PICTURE
    assert (response["Cache-Control"], response["X-Content-Type-Options"]) == ("no-cache", "nosniff")
    assert "Accept-Language" in response["Vary"]
    shown = response.content.decode()
    assert ElementTree.fromstring(shown).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own text
    assert f'id="segment-{first}"' in shown
    assert f'id="segment-{second}"' in shown
    assert "<script" not in shown
    older = editor.api.get(f"{path}/versions/1/timeline.svg").content.decode()
    assert (f'id="segment-{first}"' in older, f'id="segment-{second}"' in older) == (True, False)


def test_what_a_client_has_is_not_sent_again(editor: Editor) -> None:
    path = f"/api/v1/drafts/{editor.id}/timeline.svg"
    etag = editor.api.get(path)["ETag"]
    unchanged = editor.api.get(path, **{"If-None-Match": etag})
    assert (unchanged.status_code, unchanged["ETag"], unchanged.content) == (304, etag, b"")
    assert editor.api.get(path, **{"If-None-Match": etag, "Accept-Language": "zh-CN"}).status_code == 200
    caption(editor, "Hello")
    assert editor.api.get(path, **{"If-None-Match": etag}).status_code == 200
    assert editor.api.get(path, **{"If-Match": etag}).status_code == 412


def test_it_speaks_chinese(editor: Editor) -> None:
    response = editor.api.get(f"/api/v1/drafts/{editor.id}/timeline.svg", **{"Accept-Language": "zh-CN"})
    assert "时间线上还没有内容" in response.content.decode()


def test_a_finding_stands_on_its_segment(editor: Editor) -> None:
    segment = caption(editor, "Hello")
    document = editor.api.content(editor.id)
    document["tracks"][1]["segments"][0]["material_id"] = "nowhere"
    assert editor.api.put_content(editor.id, document).status_code == 200
    shown = editor.api.get(f"/api/v1/drafts/{editor.id}/timeline.svg").content.decode()
    element = shown[shown.index(f'id="segment-{segment}"') :].partition("</title>")[0]
    assert "⚠ R2 error: The material of the segment does not exist." in element


def test_what_is_not_there(editor: Editor) -> None:
    for path, code in ((f"{editor.id}/versions/1", 1002), ("20260101000000aaaaaaaa", 2001)):
        response = editor.api.get(f"/api/v1/drafts/{path}/timeline.svg")
        assert (response.status_code, response.json()["code"]) == (404, code)
