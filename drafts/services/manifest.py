"""Working changes of the manifest: rows are opened and closed for the version that the next save makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drafts.core.errors import Conflict, Text
from drafts.core.models import Blob
from drafts.models import Draft, DraftFile, RetiredPath

from .quotas import grow, limited


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that a manifest should have."""

    path: str
    kind: str
    blob_id: int
    sha256: str


def write_once(path: str) -> bool:
    """Whether the bytes under this path may never change.

    Clients resume every file that is not JSON by its name (contract 3.6).
    """
    return not path.lower().endswith(".json")


def used_before(*, draft: Draft, path: str) -> set[str]:
    """Hashes of all bytes that this draft ever had under the path, whatever the case."""
    rows = DraftFile.objects.filter(draft=draft, path__iexact=path).values_list("blob__sha256", flat=True)
    retired = RetiredPath.objects.filter(draft=draft, path=path.lower()).values_list("sha256", flat=True)
    return {str(sha256) for sha256 in (*rows, *retired)}


def check_unused(*, draft: Draft, path: str, sha256: str) -> None:
    """Raise ``Conflict`` when a media path would get other bytes than it ever had."""
    if write_once(path) and used_before(draft=draft, path=path) - {sha256}:
        raise Conflict(
            Text("Other bytes were already stored under this path", "该路径已存储过不同的内容"),
            hint=Text(
                "Clients resume downloads by name: give the new bytes a new name and use it in the document.",
                "客户端按文件名续传：请为新内容使用新的文件名，并在草稿中引用它。",
            ),
        )


def open_entry(*, draft: Draft, entry: Entry, number: int) -> tuple[DraftFile, bool]:
    """Put ``entry`` into the working manifest of a locked draft; returns its row and whether anything changed."""
    rows = DraftFile.objects.select_related("blob").filter(draft=draft, path__iexact=entry.path)
    current = rows.filter(removed_in__isnull=True).first()
    if current is not None and (current.blob_id, current.path) == (entry.blob_id, entry.path):
        return current, False
    if current is not None:
        close_row(row=current, number=number)
    closed = rows.filter(removed_in=number, path=entry.path, blob_id=entry.blob_id).first()
    if closed is not None:  # removed and put back between two saves
        closed.removed_in = None
        closed.save(update_fields=["removed_in"])
        return closed, True
    row = DraftFile.objects.create(
        draft=draft, path=entry.path, kind=entry.kind, blob_id=entry.blob_id, added_in=number
    )
    _grow_by(draft, [entry.blob_id])
    return row, True


def close_row(*, row: DraftFile, number: int) -> None:
    """Take a row out of the working manifest; one that no version has is deleted."""
    if row.added_in < number:
        row.removed_in = number
        row.save(update_fields=["removed_in"])
        return
    if write_once(row.path):
        RetiredPath.objects.bulk_create(
            [RetiredPath(draft_id=row.draft_id, path=row.path.lower(), sha256=row.blob.sha256 or "")],
            ignore_conflicts=True,
        )
    row.delete()


def set_manifest(*, draft: Draft, entries: Mapping[str, Entry], number: int) -> None:
    """Make ``entries`` (by path) the whole working manifest of a locked draft."""
    open_rows = DraftFile.objects.select_related("blob").filter(draft=draft, removed_in__isnull=True)
    kept: set[str] = set()
    for row in open_rows:
        entry = entries.get(row.path)
        if entry is not None and entry.blob_id == row.blob_id:
            kept.add(row.path)
        else:
            close_row(row=row, number=number)
    new = [entry for path, entry in entries.items() if path not in kept]
    DraftFile.objects.bulk_create(
        [
            DraftFile(draft=draft, path=entry.path, kind=entry.kind, blob_id=entry.blob_id, added_in=number)
            for entry in new
        ],
        batch_size=500,
    )
    _grow_by(draft, [entry.blob_id for entry in new])


def _grow_by(draft: Draft, blob_ids: Sequence[int]) -> None:
    """Count the bytes of files that are new to a draft, as often as they are there."""
    workspace = str(draft.workspace_id)
    if limited(workspace):
        sizes = dict(Blob.objects.filter(pk__in=set(blob_ids)).values_list("pk", "size"))
        grow(workspace, size=sum(sizes[each] for each in blob_ids))
