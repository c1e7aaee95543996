"""Take over the drafts of another server's disk, each under the id that it has there.

The folders are those of a capcut-mate server: ``output/draft/<id>/``. Such a server truncates and rewrites
``draft_content.json`` and then ``draft_info.json``, so what was killed in between has one whole document.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Subquery
from django.utils import timezone

from drafts.core import collect, gate
from drafts.core.errors import DomainError, InvalidParameter, Text, TooLarge
from drafts.core.identifiers import canonical_id
from drafts.core.models import Blob
from drafts.document import canonical, importing
from drafts.models import Draft, DraftEvent, DraftVersion
from drafts.selectors.drafts import present

from ..content import parse, prepare, refusal
from ..events import Verb
from ..restore import entries_of
from .importing import BOM, CHUNK, _attach, _bytes, _folders, _free_path, _meta, _read, _used, import_draft
from .sources import FolderSource, refuse

CONTENT, INFO = "draft_content.json", "draft_info.json"


class Outcome(StrEnum):
    """What became of one folder, or would become of it in a dry run."""

    TAKEN = "taken over"
    UPDATED = "updated"
    SAME = "here already"
    DIFFERENT = "different here"


@dataclass(frozen=True, slots=True)
class Adopted:
    """The draft's id, what became of the folder, and what an operator should know of it besides."""

    draft_id: str
    outcome: Outcome
    missing_media: tuple[importing.MissingMedia, ...] = ()
    damaged: str = ""  # the document that was passed over for its whole twin


@dataclass(frozen=True, slots=True)
class _Content:
    """What a folder holds, by hashes: its document as it would be stored, its files by stored path."""

    document: str
    files: Mapping[str, str]
    missing: tuple[importing.MissingMedia, ...]


class ServerFolder(FolderSource):
    """A draft folder as the server left it. Its first document decides, or the second where the first is torn."""

    def __init__(self, folder: Path) -> None:
        """Check every file. Raises what :class:`FolderSource` raises, ``TooLarge`` and ``OSError``."""
        _check_tree(folder)
        super().__init__(folder)
        self.damaged = ""
        self._hidden = self._passed_over()

    def names(self) -> list[str]:
        """Relative paths of all files that count."""
        return [name for name in super().names() if name != self._hidden]

    def _passed_over(self) -> str:
        """Of two documents that differ, the one to leave alone."""
        known = set(super().names())
        if not {CONTENT, INFO} <= known or importing.PROJECT_NAME in known:
            return ""
        first, second = _bytes(self, CONTENT), _bytes(self, INFO)
        if first == second:
            return ""
        try:
            parse(first.removeprefix(BOM))
        except DomainError:
            parse(second.removeprefix(BOM))  # the reason of both, when neither can be read
            self.damaged = CONTENT
            return CONTENT
        return INFO


def adopt_draft(*, folder: Path, zone: tzinfo = UTC, update: bool = False, dry_run: bool = False) -> Adopted:
    """Take over the draft in ``folder``, whose name is its id, in one transaction.

    A new draft gets version 1 and the times of the old one: created as its id says (in ``zone``), edited when
    its document was last written. One that is here with the content of the folder, now or at its last import,
    stays as it is; one that differs too, unless ``update`` makes the folder its newest version. ``dry_run``
    reads the same and writes nothing. Raises ``DomainError`` and ``OSError`` for what cannot be taken, and
    ``Unavailable`` when nothing can be taken now.
    """
    draft_id = _id_of(folder)
    source = ServerFolder(folder)
    existing = Draft.objects.select_related("head").filter(pk=draft_id).first()
    if existing is None and not dry_run:
        missing = _take(source, draft_id, _times(folder, draft_id, zone))
        return Adopted(draft_id, Outcome.TAKEN, missing, source.damaged)
    content = _survey(source, existing)
    outcome = Outcome.TAKEN
    if existing is not None:
        outcome = Outcome.SAME if _holds(existing, content) else Outcome.UPDATED if update else Outcome.DIFFERENT
    if existing is not None and outcome is Outcome.UPDATED:
        present(existing)
        if not dry_run:
            import_draft(source=source, into=draft_id, note=_note(_written(folder)), verb=Verb.ADOPT)
    return Adopted(draft_id, outcome, content.missing, source.damaged)


def _take(source: FolderSource, draft_id: str, times: tuple[datetime, datetime]) -> tuple[importing.MissingMedia, ...]:
    """Import as :func:`import_draft` does, with the old times in the same transaction."""
    gate.check_writable()
    created, updated = times
    uploads: list[Blob] = []
    with collect.kept_if_used(uploads):
        parcel = _read(source, None, uploads)
        with transaction.atomic():
            draft, _ = _attach(parcel, None, None, Verb.ADOPT, (draft_id, "", _note(updated)))
            Draft.objects.filter(pk=draft.pk).update(created_at=created, updated_at=updated)
    return parcel.missing


def _survey(source: FolderSource, existing: Draft | None) -> _Content:
    """What :func:`import_draft` would store, without storing it. Raises what that raises."""
    names = source.names()
    try:
        chosen = importing.choose_document(names, lambda name: _bytes(source, name))
    except canonical.DocumentError as error:
        raise refusal(error) from error
    data = _bytes(source, chosen).removeprefix(BOM)
    document = parse(data)
    used = {} if existing is None else _used(existing)
    taken: set[str] = set()
    stored: dict[str, str] = {}
    files: dict[str, str] = {}
    for name in filter(importing.kept, names):
        sha256 = _hash(source, name)
        stored[name] = path = _free_path(name, sha256, used, taken)
        taken.add(path.lower())
        files[path] = sha256
    normal = importing.normalise(data, document, present=stored, folder_prefixes=_folders(_meta(source, names)))
    return _Content(prepare(normal.doc, normal.data).sha256, files, normal.missing)


def _hash(source: FolderSource, name: str) -> str:
    digest = hashlib.sha256()
    with source.open(name) as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _holds(draft: Draft, content: _Content) -> bool:
    """Whether the head, or what was adopted or imported last, is exactly this: what was done here since counts not."""
    adopted = DraftEvent.objects.filter(draft_id=draft.pk, verb=Verb.ADOPT).order_by("-pk").values("version")[:1]
    imported = draft.versions.filter(origin=DraftVersion.Origin.IMPORT).order_by("-number").values("number")[:1]
    last = Q(pk=draft.head_id) | Q(number=Subquery(adopted)) | Q(number=Subquery(imported))
    for version in draft.versions.filter(last).select_related("content"):
        if version.content.sha256 == content.document:
            entries = entries_of(draft=draft, number=version.number)
            if {path: entry.sha256 for path, entry in entries.items()} == content.files:
                return True
    return False


def _id_of(folder: Path) -> str:
    """The id that the folder's name is. Raises ``InvalidParameter``."""
    draft_id = canonical_id(folder.name)
    if draft_id is None:
        text = Text("The name is no draft id: 20 to 32 letters and digits", "名称不是草稿 id：20 到 32 位字母和数字")
        raise InvalidParameter.of("draft_id", "format", text)
    if folder.is_symlink():
        raise refuse("symlink", "The folder is a symbolic link", "文件夹是符号链接")
    return draft_id


def _check_tree(folder: Path) -> None:
    """Refuse what is no plain file, what is too large or too much, and folders that cannot be listed."""
    count = 0
    for top, _, files in os.walk(folder, onerror=_fail):
        for name in files:
            path = Path(top, name)
            inside, info = path.relative_to(folder).as_posix(), path.lstat()
            if not _is_text(inside):
                raise refuse("name", f"The name {inside!r} is not UTF-8", f"名称 {inside!r} 不是 UTF-8")
            if not (stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode)):
                raise refuse("special", f"{inside} is not a plain file", f"{inside} 不是普通文件")
            if info.st_size > settings.MAX_FILE_BYTES:
                raise _too_large(f"{inside} has more than {settings.MAX_FILE_BYTES} bytes (MAX_FILE_BYTES)")
            count += importing.kept(inside)
    if count > settings.MAX_FILES:
        raise _too_large(f"A draft has at most {settings.MAX_FILES} files (MAX_FILES)")


def _is_text(name: str) -> bool:
    """Whether the bytes of a name on disk were UTF-8; Python keeps the others as lone surrogates."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)


def _fail(error: OSError) -> None:
    raise error


def _too_large(sentence: str) -> TooLarge:
    return TooLarge(Text(sentence, sentence))  # only operators read it, in English


def _note(updated: datetime) -> str:
    return f"Adopted from another server, last changed there {updated:%Y-%m-%d %H:%M:%S} UTC"


def _times(folder: Path, draft_id: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the draft was created and last edited, as far as its id and its files know; never in the future."""
    updated = _written(folder)
    return min(_created(draft_id, zone) or updated, updated), updated


def _written(folder: Path) -> datetime:
    """When the newest of the documents was written; the server writes no other file again."""
    times = [(folder / name).stat().st_mtime for name in (CONTENT, INFO) if (folder / name).exists()]
    now = timezone.now()
    return min(datetime.fromtimestamp(max(times), UTC), now) if times and max(times) > 0 else now


def _created(draft_id: str, zone: tzinfo) -> datetime | None:
    """The time in the first 14 digits of an id, or ``None`` when they are no time of this service's life."""
    if not re.match(r"20\d{12}", draft_id):
        return None
    try:
        local = datetime.strptime(draft_id[:14], "%Y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError:
        return None
    return local if local < timezone.now() + timedelta(days=1) else None
