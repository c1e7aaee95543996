"""What a client receives: the list of files and the bytes of each, for the working state or a version.

Delivered bytes are a pure function of document, manifest and draft row, never of the clock (DESIGN section 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from drafts.access.reach import reach
from drafts.core import blobs
from drafts.core.errors import DraftNotFound, NotFound, Text
from drafts.core.large import Unread, in_turn, one_at_a_time
from drafts.core.models import Blob
from drafts.core.rows import fetch_all, fetch_one
from drafts.document import canonical, companions, paths
from drafts.models import Draft, DraftVersion

from .drafts import DRAFT, get_draft, present
from .files import get_file, manifest
from .versions import get_version

DOCUMENTS = companions.DOCUMENT_NAMES
PIECE = 256 * 1024
DERIVED = (*DOCUMENTS, *companions.COMPANIONS)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way of handing a draft out: which state of it, under which name, with which form of paths.

    ``spelling`` is the id as the client wrote it, and fills the reference form of media paths; ``None``
    keeps the token form, for a ZIP. ``name`` is the ``draft_name`` of the meta file.
    """

    draft: Draft
    version: DraftVersion | None
    spelling: str | None
    name: str

    @property
    def number(self) -> int | None:
        """The version's number, or ``None`` for the working state."""
        return None if self.version is None else self.version.number

    @property
    def modified_at(self) -> datetime:
        """When what is delivered was made."""
        return self.draft.updated_at if self.version is None else self.version.created_at


@dataclass(frozen=True, slots=True)
class Served:
    """One file as delivered: derived bytes, or a stored blob."""

    path: str
    kind: str
    data: bytes | None
    blob: Blob | None
    created_at: datetime

    @property
    def size(self) -> int:
        """Bytes that the client receives."""
        if self.data is not None:
            return len(self.data)
        return self.blob.size if self.blob else 0

    @property
    def sha256(self) -> str:
        """Hash of the bytes that the client receives."""
        if self.data is not None:
            return canonical.sha256_hex(self.data)
        return (self.blob.sha256 or "") if self.blob else ""

    def chunks(self, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start``, ``length`` of them. Raises ``Unavailable`` when the store fails."""
        if self.blob is not None:
            return blobs.open_stream(self.blob, start=start, length=length)
        data = self.data or b""
        return pieces(data, start, len(data) if length is None else start + length)


def pieces(data: bytes, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """What is sent of ``data``, a piece at a time."""
    end = len(data) if end is None else end
    return (data[at : min(at + PIECE, end)] for at in range(start, end, PIECE))


def by_url(*, draft: Draft, version: DraftVersion | None, spelling: str) -> Delivery:
    """Delivery file by file: paths in reference form, the draft named by its id."""
    return Delivery(draft, version, spelling, spelling)


def by_folder(*, draft: Draft, version: DraftVersion | None, folder: str) -> Delivery:
    """Delivery as a folder or ZIP: paths in token form, the draft named by its folder."""
    return Delivery(draft, version, None, folder)


_WORKING = f"""
SELECT {DRAFT.sql}, content.data, content.size
FROM drafts_draft draft JOIN drafts_draftcontent content ON content.draft_id = draft.id
WHERE draft.id = %s AND
"""  # noqa: S608 - column names of our own


def working_document(*, draft_id: str) -> tuple[Draft, Unread]:
    """The draft and its working document, of one moment: the revision is that of its bytes. One query.

    Raises ``DraftNotFound``.
    """
    mine, values = reach()
    row = fetch_one(_WORKING + mine, [draft_id, *values])
    draft = present(None if row is None else DRAFT.instance(row))
    data, size = row[-2:] if row else (b"", 0)
    return draft, _packed(data, size)


def stored_document(*, draft: Draft, version: DraftVersion | None) -> bytes:
    """The document in token form, to the byte. Raises what :func:`unread_document` and its reading raise."""
    return unread_document(draft=draft, version=version).read()


def unread_document(*, draft: Draft, version: DraftVersion | None) -> Unread:
    """The document in token form. Raises ``DraftNotFound`` when the draft was purged meanwhile.

    Reading it raises ``Unavailable`` when a version's store fails.
    """
    if version is not None:
        return Unread(version.content.size, partial(blobs.read, version.content))
    row = fetch_one("SELECT data, size FROM drafts_draftcontent WHERE draft_id = %s", [draft.pk])
    if row is None:
        raise DraftNotFound
    return _packed(*row)


def _packed(data: bytes, size: int) -> Unread:
    return Unread(size, partial(canonical.decompress, bytes(data), limit=size))


_NAMES = """
SELECT draft.deleted_at IS NULL, draft.link_generation, file.path
FROM drafts_draft draft LEFT JOIN drafts_draftfile file ON file.draft_id = draft.id AND file.removed_in IS NULL
WHERE draft.id = %s AND {} ORDER BY file.path
"""


class Listed(NamedTuple):
    """Names of files, and the draft's standing link."""

    names: list[str]
    link_generation: int


def file_names(*, draft_id: str, number: int | None) -> Listed:
    """What ``get_draft`` lists: the document, its twin, the companions, then media by path.

    One query for the working state. Raises ``DraftNotFound`` and ``NotFound``.
    """
    if number is not None:
        draft = get_draft(draft_id=draft_id)
        get_version(draft=draft, number=number)
        paths_of = manifest(draft=draft, number=number).values_list("path", flat=True)
        return Listed([*DERIVED, *paths_of], draft.link_generation)
    mine, values = reach()
    rows = fetch_all(_NAMES.format(mine), [draft_id, *values])
    if not rows or not rows[0][0]:
        get_draft(draft_id=draft_id)  # knows how to refuse
    return Listed([*DERIVED, *(path for _, _, path in rows if path is not None)], rows[0][1])


def serve(delivery: Delivery, path: str) -> Served:
    """One file. Raises ``NotFound``."""
    if path == companions.META_NAME:
        with in_turn(unread_document(draft=delivery.draft, version=delivery.version)) as [document]:
            return _derived(delivery, path, document)
    if path in DERIVED:
        return _derived(delivery, path, _document(delivery))
    row = get_file(draft=delivery.draft, path=path, number=delivery.number)
    return Served(row.path, row.kind, None, row.blob, row.created_at)


def serve_all(delivery: Delivery) -> list[Served]:
    """Every file, documents first."""
    document = _document(delivery)
    rows = manifest(draft=delivery.draft, number=delivery.number).select_related("blob")
    media = [Served(row.path, row.kind, None, row.blob, row.created_at) for row in rows]
    return [*(_derived(delivery, name, document) for name in DERIVED), *media]


def _document(delivery: Delivery) -> bytes:
    return stored_document(draft=delivery.draft, version=delivery.version)


def _derived(delivery: Delivery, name: str, document: bytes) -> Served:
    return Served(name, "config", _derived_bytes(delivery, name, document), None, delivery.modified_at)


def _derived_bytes(delivery: Delivery, name: str, document: bytes) -> bytes:
    if name in DOCUMENTS:
        return document if delivery.spelling is None else paths.deliver(document, draft_id=delivery.spelling)
    if name == companions.META_NAME:
        with one_at_a_time(len(document)):
            return companions.meta_bytes(
                canonical.parse_stored(document),
                draft_id=delivery.draft.pk,
                name=delivery.name,
                created_us=microseconds(delivery.draft.created_at),
                modified_us=microseconds(delivery.modified_at),
            )
    if name == "draft_agency_config.json":
        return companions.AGENCY_CONFIG
    if name == "attachment_pc_common.json":
        return companions.ATTACHMENT_PC_COMMON
    raise NotFound(Text("The draft has no such file", "草稿中没有该文件"))


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)
