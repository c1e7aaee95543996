"""Put and delete files of the working state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings

from drafts.access.idempotency import effect
from drafts.core import blobs, collect, gate
from drafts.core.errors import InvalidParameter, Stale, Text, TooLarge
from drafts.document import kinds, paths
from drafts.models import Draft, DraftFile
from drafts.selectors.drafts import get_draft
from drafts.selectors.files import get_file
from drafts.selectors.locks import lock_draft, touch_blobs

from .content import touch_draft
from .events import Verb, record
from .manifest import Entry, check_unused, close_row, open_entry
from .preconditions import revision_etag


@dataclass(frozen=True, slots=True)
class IfMatch:
    """The tags that an If-Match on a file allows: revisions of the draft, or hashes of the file."""

    revisions: frozenset[int]
    hashes: frozenset[str]

    def check(self, draft: Draft, current: DraftFile | None) -> None:
        """Raise ``Stale`` unless one of the tags is current."""
        same_file = current is not None and current.blob.sha256 in self.hashes
        if draft.revision not in self.revisions and not same_file:
            raise Stale(etag=revision_etag(draft.revision))


@dataclass(frozen=True, slots=True)
class FilePut:
    """The file as it is now, and whether its path is new to the working manifest."""

    file: DraftFile
    created: bool


def check_path(path: str) -> None:
    """Raise ``InvalidParameter`` for a path that no client could store under its own name."""
    try:
        paths.check_path(path, max_length=settings.MAX_PATH_LENGTH)
    except paths.PathError as error:
        limit = " (MAX_PATH_LENGTH)" if error.rule == "too_long" else ""
        text = Text(f"{error.message}{limit}", f"{error.message}{limit}")
        raise InvalidParameter.of("path", error.rule, text) from error


def check_length(length: int) -> None:
    """Raise ``TooLarge`` beyond ``MAX_FILE_BYTES``."""
    if length > settings.MAX_FILE_BYTES:
        raise TooLarge(
            Text(
                f"The file has {length} bytes; the limit is {settings.MAX_FILE_BYTES} (MAX_FILE_BYTES)",
                f"文件为 {length} 字节；上限为 {settings.MAX_FILE_BYTES}（MAX_FILE_BYTES）",
            )
        )


def put_file(*, draft_id: str, path: str, source: BinaryIO, length: int, if_match: IfMatch | None = None) -> FilePut:
    """Stream ``length`` bytes into the store and give them ``path`` in the working manifest.

    Raises ``Conflict`` for other bytes under a used media path, ``Unavailable`` when the store fails;
    a refused upload leaves nothing attached.
    """
    gate.check_writable()
    check_path(path)
    check_length(length)
    draft = get_draft(draft_id=draft_id)
    if if_match is not None:  # and again under the lock, but a refusal should not cost an upload
        if_match.check(draft, _open_row(draft, path))
    blob = blobs.put(source, length=length)
    with collect.kept_if_used([blob]), effect():
        draft = lock_draft(draft_id=draft_id)
        current = _open_row(draft, path)
        if if_match is not None:
            if_match.check(draft, current)
        check_unused(draft=draft, path=path, sha256=blob.sha256 or "")
        if current is None:
            check_count(draft=draft)
        touch_blobs(ids=[blob.pk])
        entry = Entry(path, kinds.kind_of(path), blob.pk, blob.sha256 or "")
        row, changed = open_entry(draft=draft, entry=entry, number=draft.next_number)
        if changed:
            touch_draft(draft)
            put = {"path": path, "size": blob.size, "revision": draft.revision}
            record(Verb.PUT_FILE, draft_id=draft_id, arguments=put)
    row.blob, row.draft = blob, draft
    return FilePut(row, created=current is None)


@effect()
def delete_file(*, draft_id: str, path: str, if_match: IfMatch | None = None) -> Draft:
    """Take a file out of the working manifest; versions keep it. Raises ``NotFound``."""
    gate.check_writable()
    draft = lock_draft(draft_id=draft_id)
    row = get_file(draft=draft, path=path)
    if if_match is not None:
        if_match.check(draft, row)
    close_row(row=row, number=draft.next_number)
    touch_draft(draft)
    record(Verb.DELETE_FILE, draft_id=draft_id, arguments={"path": row.path, "revision": draft.revision})
    return draft


def _open_row(draft: Draft, path: str) -> DraftFile | None:
    rows = DraftFile.objects.select_related("blob").filter(draft=draft, removed_in__isnull=True)
    return rows.filter(path__iexact=path).first()


def check_count(*, draft: Draft, more: int = 1) -> None:
    """Raise ``TooLarge`` when ``more`` files would be too many (``MAX_FILES``)."""
    if DraftFile.objects.filter(draft=draft, removed_in__isnull=True).count() + more > settings.MAX_FILES:
        raise TooLarge(
            Text(
                f"A draft has at most {settings.MAX_FILES} files (MAX_FILES)",
                f"一个草稿最多 {settings.MAX_FILES} 个文件（MAX_FILES）",
            )
        )


def attach(*, draft: Draft, entries: Sequence[Entry]) -> bool:
    """Bring stored files into the working manifest of a locked draft; whether any of them was not in it yet.

    Raises ``TooLarge``, ``Conflict`` for other bytes under a used media path, ``Unavailable`` for a blob that is gone.
    """
    if not entries:
        return False
    wanted = {entry.path: entry for entry in entries}
    rows = DraftFile.objects.filter(draft=draft, removed_in__isnull=True, path__in=wanted)
    present = set(rows.values_list("path", "blob_id"))
    new = [entry for entry in wanted.values() if (entry.path, entry.blob_id) not in present]
    if not new:
        return False
    touch_blobs(ids={entry.blob_id for entry in new})
    check_count(draft=draft, more=len(new))
    for entry in new:
        check_unused(draft=draft, path=entry.path, sha256=entry.sha256)
        open_entry(draft=draft, entry=entry, number=draft.next_number)
    return True
