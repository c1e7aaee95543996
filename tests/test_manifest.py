"""The interval manifest against a plain model: every version keeps the files that it was saved with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drafts.core.errors import Conflict, NotFound
from drafts.models import DraftFile, DraftVersion
from drafts.selectors.drafts import get_draft
from drafts.selectors.files import manifest
from drafts.services.drafts import create_draft
from drafts.services.files import delete_file, put_file
from drafts.services.restore import restore_version
from drafts.services.save import save_draft

PATHS = ["assets/a.mp4", "assets/A.mp4", "assets/b.mp3", "cover.json"]
OPERATIONS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(PATHS), st.sampled_from([b"one", b"two"])),
    st.tuples(st.just("delete"), st.sampled_from(PATHS), st.just(b"")),
    st.tuples(st.just("save"), st.just(""), st.just(b"")),
    st.tuples(st.just("restore"), st.just(""), st.integers(1, 4).map(lambda number: bytes([number]))),
)


def files_of(draft_id: str, number: int | None = None) -> dict[str, str]:
    rows = manifest(draft=get_draft(draft_id=draft_id), number=number).select_related("blob")
    return {row.path: str(row.blob.sha256) for row in rows}


class Model:
    """What the manifest should be, as plain dictionaries."""

    def __init__(self) -> None:
        self.working: dict[str, bytes] = {}
        self.versions: list[dict[str, bytes]] = []
        self.used: dict[str, bytes] = {}
        self.dirty = False

    def may_put(self, path: str, data: bytes) -> bool:
        return path.endswith(".json") or self.used.get(path.lower(), data) == data

    def put(self, path: str, data: bytes) -> None:
        same = [name for name in self.working if name.lower() == path.lower()]
        if same == [path] and self.working[path] == data:
            return
        for name in same:
            del self.working[name]
        self.working[path] = data
        self.used[path.lower()] = data
        self.dirty = True

    def delete(self, path: str) -> None:
        del self.working[path]
        self.dirty = True

    def save(self) -> None:
        if self.dirty or not self.versions:
            self.versions.append(dict(self.working))
            self.dirty = False

    def restore(self, number: int) -> None:
        if self.dirty:
            self.versions.append(dict(self.working))
        self.working = dict(self.versions[number - 1])
        self.versions.append(dict(self.working))
        self.dirty = False


def hashes(files: dict[str, bytes]) -> dict[str, str]:
    import hashlib

    return {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}


def apply(draft_id: str, model: Model, operation: tuple[str, str, bytes]) -> None:
    import io

    verb, path, data = operation
    if verb == "put":
        call: dict[str, Any] = {
            "draft_id": draft_id,
            "path": path,
            "source": io.BytesIO(data),
            "length": len(data),
        }
        if model.may_put(path, data):
            put_file(**call)
            model.put(path, data)
        else:
            with pytest.raises(Conflict):
                put_file(**call)
    elif verb == "delete":
        if path in model.working:
            delete_file(draft_id=draft_id, path=path)
            model.delete(path)
        else:
            with pytest.raises(NotFound):
                delete_file(draft_id=draft_id, path=path)
    elif verb == "save":
        save_draft(draft_id=draft_id)
        model.save()
    elif data[0] <= len(model.versions):
        restore_version(draft_id=draft_id, number=data[0])
        model.restore(data[0])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=st.lists(OPERATIONS, max_size=14))
def test_every_version_keeps_its_manifest_whatever_happens_afterwards(
    db: None, operations: list[tuple[str, str, bytes]]
) -> None:
    draft_id = create_draft(width=10, height=10).pk
    model = Model()
    for operation in operations:
        apply(draft_id, model, operation)
        assert files_of(draft_id) == hashes(model.working)
    assert DraftVersion.objects.filter(draft=draft_id).count() == len(model.versions)
    for number, files in enumerate(model.versions, start=1):
        assert files_of(draft_id, number) == hashes(files)
        assert DraftVersion.objects.get(draft=draft_id, number=number).file_count == len(files)


def test_a_manifest_costs_what_changed_not_what_exists(db: None) -> None:
    import io

    draft_id = create_draft(width=10, height=10).pk
    for number in range(20):
        put_file(
            draft_id=draft_id,
            path=f"assets/{number}.mp4",
            source=io.BytesIO(b"%d" % number),
            length=len(str(number)),
        )
    for _ in range(5):
        save_draft(draft_id=draft_id, note="again")
    assert DraftFile.objects.filter(draft=draft_id).count() == 20
