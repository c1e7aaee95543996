"""Which media a document names that its draft does not have."""

from __future__ import annotations

from typing import Any

import pytest

from drafts.document.importing import MissingMedia
from drafts.document.missing import missing_media
from drafts.document.paths import token_form

HERE = "/app/output/draft/202611210341125f0c1d2e3a4b5c6d7e/assets"


def named(*materials: tuple[str, Any]) -> dict[str, Any]:
    """A document whose media lists name these paths."""
    lists: dict[str, list[Any]] = {}
    for number, (name, path) in enumerate(materials):
        lists.setdefault(name, []).append({"id": f"m{number}", "path": path})
    return {"materials": lists}


def test_files_that_the_draft_has_are_not_missing() -> None:
    document = named(("videos", token_form("assets/a.mp4")), ("audios", f"{HERE}/b.mp3"), ("images", f"{HERE}/c.png"))
    assert missing_media(document, {"assets/a.mp4", "assets/b.mp3", "assets/c.png"}) == []
    assert missing_media(document, {"assets/b.mp3"}) == [
        MissingMedia(token_form("assets/a.mp4"), "m0"),
        MissingMedia(f"{HERE}/c.png", "m2"),
    ]


def test_a_path_of_another_computer_is_missing_and_told_once() -> None:
    path = "C:/Users/she/Videos/clip.mp4"
    assert missing_media(named(("videos", path), ("videos", path)), {"clip.mp4"}) == [MissingMedia(path, "m0")]


@pytest.mark.parametrize("path", ["https://media.example.org/a.mp4", "", "D:", "C:\\", None, 7])
def test_links_and_materials_without_a_file_are_not_missing(path: Any) -> None:
    assert missing_media(named(("videos", path)), ()) == []


def test_other_lists_and_broken_documents_name_no_media() -> None:
    assert missing_media(named(("stickers", "/cache/x.png"), ("effects", "/cache/y")), ()) == []
    for broken in ({}, {"materials": 3}, {"materials": {"videos": "x"}}, {"materials": {"audios": [None]}}):
        assert missing_media(broken, ()) == []
