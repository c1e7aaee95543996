"""What a client receives: the list of files and the bytes of each, for the working state or a version.

Delivered bytes are a pure function of document, manifest and draft row, never of the clock (DESIGN section 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from drafts.core import blobs
from drafts.core.errors import NotFound, Text
from drafts.core.models import Blob
from drafts.document import canonical, companions, paths
from drafts.models import Draft, DraftContent, DraftVersion

from .files import get_file, manifest

DOCUMENTS = companions.DOCUMENT_NAMES
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
        return iter([data[start : None if length is None else start + length]])


def by_url(*, draft: Draft, version: DraftVersion | None, spelling: str) -> Delivery:
    """Delivery file by file: paths in reference form, the draft named by its id."""
    return Delivery(draft, version, spelling, spelling)


def by_folder(*, draft: Draft, version: DraftVersion | None, folder: str) -> Delivery:
    """Delivery as a folder or ZIP: paths in token form, the draft named by its folder."""
    return Delivery(draft, version, None, folder)


def stored_document(*, draft: Draft, version: DraftVersion | None) -> bytes:
    """The document in token form, to the byte. Raises ``Unavailable`` when a version's store fails."""
    if version is not None:
        return blobs.read(version.content)
    row = DraftContent.objects.get(draft_id=draft.pk)
    return canonical.decompress(bytes(row.data), limit=row.size)


def file_names(*, draft: Draft, number: int | None) -> list[str]:
    """What ``get_draft`` lists: the document, its twin, the companions, then media by path. One query."""
    return [*DERIVED, *manifest(draft=draft, number=number).values_list("path", flat=True)]


def serve(delivery: Delivery, path: str) -> Served:
    """One file. Raises ``NotFound``."""
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
    if name == "draft_meta_info.json":
        return companions.meta_bytes(
            canonical.parse_document(document, max_depth=settings.MAX_DOCUMENT_DEPTH),
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
