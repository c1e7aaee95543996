"""Import a folder or ZIP as a new draft, or into an existing one (DESIGN section 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from drafts.access.idempotency import effect
from drafts.core import blobs, collect, gate
from drafts.core.errors import Conflict, Text, TooLarge
from drafts.core.large import Unread, in_turn
from drafts.core.models import Blob
from drafts.core.storage import joined
from drafts.document import canonical, importing, kinds, paths
from drafts.models import Draft, DraftFile, DraftVersion, RetiredPath
from drafts.selectors.drafts import get_draft
from drafts.selectors.locks import lock_draft, touch_blobs

from ..content import Prepared, check_size, parse, prepare, refusal, write_working
from ..drafts import insert_draft
from ..events import Verb
from ..manifest import Entry, check_unused, set_manifest, write_once
from ..preconditions import check_revision
from ..save import freeze_unsaved, snapshot
from .sources import Source

BOM = b"\xef\xbb\xbf"
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Imported:
    """The draft, its new version, and the media that its document names but the source did not have."""

    draft: Draft
    version: DraftVersion
    missing_media: tuple[importing.MissingMedia, ...]


@dataclass(frozen=True, slots=True)
class _Parcel:
    """All that was read from the source, ready for one transaction."""

    name: str
    prepared: Prepared
    entries: Mapping[str, Entry]
    missing: tuple[importing.MissingMedia, ...]


def import_draft(
    *,
    source: Source,
    into: str | None = None,
    name: str = "",
    note: str = "",
    revisions: frozenset[int] | None = None,
    verb: Verb = Verb.IMPORT,
) -> Imported:
    """Import ``source`` as a new draft (version 1), or as a new version of the draft ``into``.

    Into an existing draft, unsaved work is frozen first, and a media file whose path has held other bytes is
    renamed, the document following. Raises what parsing, the store and the archive raise; then nothing is attached.
    """
    gate.check_writable()
    existing = get_draft(draft_id=into) if into else None
    if existing is not None:  # and again under the lock, but a refusal should not cost an upload
        check_revision(existing, revisions)
    uploads: list[Blob] = []
    with collect.kept_if_used(uploads):
        parcel = _read(source, existing, uploads)
        draft, version = _attach(parcel, existing, revisions, verb, (None, name, note))
    return Imported(draft, version, parcel.missing)


def _attach(
    parcel: _Parcel,
    existing: Draft | None,
    revisions: frozenset[int] | None,
    verb: Verb,
    given: tuple[str | None, str, str],
) -> tuple[Draft, DraftVersion]:
    """One transaction: the draft and its new version. ``given`` are the id, name and note asked for."""
    draft_id, name, note = given
    with effect():
        if existing is None:
            draft = _insert(draft_id=draft_id, name=name or parcel.name, prepared=parcel.prepared)
            touch_blobs(ids=[entry.blob_id for entry in parcel.entries.values()])
            set_manifest(draft=draft, entries=parcel.entries, number=1)
        else:
            draft = lock_draft(draft_id=existing.pk)
            check_revision(draft, revisions)
            freeze_unsaved(draft=draft, reason="Unsaved work before an import")
            touch_blobs(ids=[entry.blob_id for entry in parcel.entries.values()])
            for entry in parcel.entries.values():
                check_unused(draft=draft, path=entry.path, sha256=entry.sha256)
            set_manifest(draft=draft, entries=parcel.entries, number=draft.next_number)
            draft.name = name or draft.name
            write_working(draft=draft, prepared=parcel.prepared)
        arguments = {"name": draft.name, "files": len(parcel.entries), "missing_media": len(parcel.missing)}
        version = snapshot(verb, draft=draft, arguments=arguments, note=note)
    return draft, version


def _insert(*, draft_id: str | None, name: str, prepared: Prepared) -> Draft:
    try:
        with transaction.atomic():
            return insert_draft(name=name, prepared=prepared, draft_id=draft_id)
    except IntegrityError as error:
        raise Conflict(Text("A draft with this id exists", "该 id 的草稿已存在")) from error


def _read(source: Source, existing: Draft | None, uploads: list[Blob]) -> _Parcel:
    """Read the source: document first, so that a bad one costs no upload; then the files, into ``uploads``."""
    names = source.names()
    try:
        chosen = importing.choose_document(names, lambda name: _bytes(source, name))
    except canonical.DocumentError as error:
        raise refusal(error) from error
    document = Unread(source.size(chosen), lambda: _bytes(source, chosen).removeprefix(BOM))
    with in_turn(document) as [data]:
        prepare(parse(data), data)
        del data
    kept = [name for name in names if importing.kept(name)]
    if len(kept) > settings.MAX_FILES:
        limit = settings.MAX_FILES
        text = Text(f"A draft has at most {limit} files (MAX_FILES)", f"一个草稿最多 {limit} 个文件（MAX_FILES）")
        raise TooLarge(text)
    entries = _store(source, kept, existing, uploads)
    meta = _meta(source, names)
    present = {name: entry.path for name, entry in entries.items()}
    with in_turn(document) as [data]:
        normal = importing.normalise(data, parse(data), present=present, folder_prefixes=_folders(meta))
        prepared = prepare(normal.doc, normal.data)
    return _Parcel(
        name=_name(source.title or meta.get("draft_name")),
        prepared=prepared,
        entries={entry.path: entry for entry in entries.values()},
        missing=normal.missing,
    )


def _bytes(source: Source, name: str) -> bytes:
    check_size(source.size(name))
    with source.open(name) as stream:
        # In pieces: asked for everything at once, zipfile unpacks far beyond the size that was announced.
        return joined(iter(lambda: stream.read(CHUNK), b""))


def _store(source: Source, names: Sequence[str], existing: Draft | None, uploads: list[Blob]) -> dict[str, Entry]:
    """Put every file into the store; entries by the name that the source gave."""
    used = {} if existing is None else _used(existing)
    taken: set[str] = set()
    entries: dict[str, Entry] = {}
    for name in names:
        with source.open(name) as stream:
            blob = blobs.put(stream, length=source.size(name))
        uploads.append(blob)
        sha256 = blob.sha256 or ""
        path = _free_path(name, sha256, used, taken)
        taken.add(path.lower())
        entries[name] = Entry(path, kinds.kind_of(path), blob.pk, sha256)
    return entries


def _free_path(name: str, sha256: str, used: Mapping[str, set[str]], taken: set[str]) -> str:
    """A safe path for ``name`` that no other file of the import has and whose bytes were never others."""
    path = paths.safe_name(name)
    for salt in ("", sha256[:8], hashlib.sha256(f"{name}{sha256}".encode()).hexdigest()[:12]):
        pure = PurePosixPath(path)
        candidate = str(pure.with_name(f"{pure.stem}-{salt}{pure.suffix}")) if salt else path
        others = used.get(candidate.lower(), set()) - {sha256}
        if candidate.lower() not in taken and not (others and write_once(candidate)):
            return candidate
    raise Conflict(Text(f"No free name for {name}", f"无法为 {name} 找到可用的名称"))


def _used(draft: Draft) -> dict[str, set[str]]:
    used: dict[str, set[str]] = {}
    rows = DraftFile.objects.filter(draft=draft).values_list("path", "blob__sha256")
    retired = RetiredPath.objects.filter(draft=draft).values_list("path", "sha256")
    for path, sha256 in (*rows, *retired):
        used.setdefault(path.lower(), set()).add(sha256 or "")
    return used


def _meta(source: Source, names: Sequence[str]) -> dict[str, Any]:
    """The source's draft_meta_info.json, or nothing when it cannot be read: only hints are taken from it."""
    if "draft_meta_info.json" not in names or source.size("draft_meta_info.json") > settings.MAX_BODY_BYTES:
        return {}
    try:
        meta = canonical.loads(_bytes(source, "draft_meta_info.json").removeprefix(BOM))
    except canonical.DocumentError:
        return {}
    return meta if isinstance(meta, dict) else {}


def _name(value: object) -> str:
    return value.replace("\0", "")[:200] if isinstance(value, str) else ""


def _folders(meta: Mapping[str, Any]) -> list[str]:
    folder = meta.get("draft_fold_path")
    return [folder] if isinstance(folder, str) and folder else []
