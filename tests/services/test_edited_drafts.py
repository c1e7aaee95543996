"""What other people's tools say about a draft whose timeline our operations made."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.editing.flow import typical
from tests.support import MEDIA, Api

from .test_outside_tools import capcut, issues, left, loaded
from .test_outside_tools import server as server

pytestmark = pytest.mark.services

# Notes about what the flow asks for, not about how it is written.
EXPECTED = {"mask-field-mismatch", "unknown-effect-slug", "unknown-font-id"}


@pytest.fixture
def draft(server: Api) -> dict[str, Any]:
    """The typical flow as a saved draft, with its media."""
    created = server.create(width=1920, height=1080)
    for name in ("videos/clip.mp4", "audios/music.mp3", "images/wide.jpg", "images/tall.png"):
        url = f"/api/v1/drafts/{created['draft_id']}/files/assets/{name}"
        assert server.put(url, (MEDIA / name.rpartition("/")[2]).read_bytes()).status_code == 201
    assert server.put_content(created["draft_id"], typical().document).status_code == 200
    assert server.save(created["draft_url"]).status_code == 200
    return {"id": created["draft_id"], "draft_url": created["draft_url"]}


def test_lint_has_only_notes_on_the_typical_flow(server: Api, draft: dict[str, Any], tmp_path: Path) -> None:
    for folder in left(server, draft, tmp_path):
        found = issues(tmp_path, folder)
        assert Counter({key: count for key, count in found.items() if key[1] not in EXPECTED}) == Counter()
        assert {severity for severity, _ in found} <= {"info"}
        assert capcut(tmp_path, "diagnose", str(folder))["diverged"] is False


@pytest.mark.parametrize("library", ["pyJianYingDraft", "pycapcut"])
def test_the_libraries_load_the_typical_flow(server: Api, draft: dict[str, Any], tmp_path: Path, library: str) -> None:
    for document in loaded(library, *left(server, draft, tmp_path)):
        tracks = [(track["type"], len(track["segments"])) for track in document["tracks"] if track["segments"]]
        assert tracks == [
            ("video", 2),
            ("video", 1),
            ("audio", 1),
            ("text", 2),
            ("effect", 1),
            ("filter", 1),
            ("sticker", 1),
        ]
        assert document["duration"] == 9_000_000
