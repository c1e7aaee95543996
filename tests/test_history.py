"""History through the API: named versions, and what changed between two of them, files included."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from drafts.models import DraftVersion
from tests.support import Api, path_of


@pytest.fixture
def draft(api: Api) -> dict[str, Any]:
    """A draft with four versions: two saves, one of them named, a restore, a save."""
    made = api.create()
    path = f"/api/v1/drafts/{made['draft_id']}"
    for number, note in enumerate(("", "first cut", ""), 1):
        assert api.put(f"{path}/files/assets/{number}.txt", f"{number}".encode()).status_code == 201
        if number == 3:
            assert api.post(f"{path}/versions/1/restore").status_code == 201
            made = {**made, "path": path}
        else:
            api.save(made["draft_url"], note=note)
    return made


def numbers(api: Api, path: str) -> list[int]:
    response = api.get(path)
    assert response.status_code == 200, response.content
    return [version["number"] for version in response.json()["results"]]


def test_landmarks_are_what_people_named_or_brought_back(api: Api, draft: dict[str, Any]) -> None:
    versions = f"{draft['path']}/versions"
    assert numbers(api, versions) == [4, 3, 2, 1]  # 3 is the unsaved work that the restore kept
    assert numbers(api, f"{versions}?landmark=true") == [4, 3, 2]
    assert numbers(api, f"{versions}?landmark=false") == [4, 3, 2, 1]
    first = api.get(f"{versions}?landmark=true&page_size=2").json()
    assert [version["number"] for version in first["results"]] == [4, 3]
    assert numbers(api, path_of(first["next"])) == [2]
    response = api.get(f"{versions}?landmark=yes")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "landmark")


def test_a_note_is_the_only_thing_of_a_version_that_changes(api: Api, draft: dict[str, Any]) -> None:
    path = f"{draft['path']}/versions/1"
    before = DraftVersion.objects.values().get(number=1)
    revision = api.get(draft["path"]).json()["revision"]
    response = api.patch(path, {"note": "客户版"})
    assert (response.status_code, response.json()) == (200, {**api.get(path).json(), "note": "客户版"})
    assert DraftVersion.objects.values().get(number=1) == {**before, "note": "客户版"}
    assert api.get(draft["path"]).json()["revision"] == revision
    assert numbers(api, f"{draft['path']}/versions?landmark=true") == [4, 3, 2, 1]
    assert api.patch(path, {"note": ""}).json()["note"] == ""
    assert numbers(api, f"{draft['path']}/versions?landmark=true") == [4, 3, 2]


@pytest.mark.parametrize(
    ("body", "rule"), [({"note": "x" * 201}, "max_length"), ({}, "required"), ({"note": 1}, "invalid")]
)
def test_a_bad_note_is_refused(api: Api, draft: dict[str, Any], body: dict[str, Any], rule: str) -> None:
    response = api.patch(f"{draft['path']}/versions/1", body)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "note")
    assert response.json()["errors"][0]["rule"] == rule


def test_what_is_not_there_has_no_note(api: Api, draft: dict[str, Any]) -> None:
    assert api.patch(f"{draft['path']}/versions/5", {"note": "x"}).json()["code"] == 1002
    assert api.delete(draft["path"]).status_code == 204
    assert api.patch(f"{draft['path']}/versions/1", {"note": "x"}).json()["code"] == 2001


def test_a_comparison_tells_which_files_came_went_and_changed(api: Api, draft: dict[str, Any]) -> None:
    path = draft["path"]
    assert api.delete(f"{path}/files/assets/1.txt").status_code == 204
    assert api.put(f"{path}/files/assets/new.json", b"{}").status_code == 201
    api.save(draft["draft_url"])
    assert api.put(f"{path}/files/assets/new.json", b"[]").status_code == 200

    def entry(data: bytes) -> dict[str, Any]:
        return {"size": len(data), "sha256": sha256(data).hexdigest()}

    found = api.get(f"{path}/versions/compare?from=4&to=5").json()
    assert found["files"] == [
        {"change": "removed", "path": "assets/1.txt", "before": entry(b"1"), "after": None},
        {"change": "added", "path": "assets/new.json", "before": None, "after": entry(b"{}")},
    ]
    assert (found["same"], found["summary"]) == (False, {"files_removed": 1, "files_added": 1})
    found = api.get(f"{path}/versions/compare?from=5").json()
    assert found["files"] == [
        {"change": "changed", "path": "assets/new.json", "before": entry(b"{}"), "after": entry(b"[]")}
    ]
    assert found["summary"] == {"files_changed": 1}
    found = api.get(f"{path}/versions/compare?from=5&to=5").json()
    assert (found["same"], found["summary"], found["files"]) == (True, {}, [])
