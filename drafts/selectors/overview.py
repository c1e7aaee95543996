"""One state of a draft at a glance, for a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from drafts.core.large import Unread, in_turn
from drafts.document.importing import MissingMedia
from drafts.document.missing import missing_media
from drafts.document.outline import outline
from drafts.document.picture import Language, section
from drafts.models import Draft, DraftVersion

from .delivery import unread_document
from .drafts import get_draft_with_head
from .files import manifest
from .timeline import parsed
from .versions import get_version


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of the manifest; ``size`` in bytes."""

    path: str
    kind: str
    size: int
    blob_id: int


@dataclass(frozen=True, slots=True)
class Overview:
    """``version`` is the one that was asked for, ``None`` for the working state; ``draft`` has its head loaded."""

    draft: Draft
    version: DraftVersion | None
    files: list[ListedFile]
    document: Unread

    @property
    def size(self) -> int:
        """Bytes of the document and of all files."""
        return self.document.size + sum(file.size for file in self.files)

    @property
    def saved(self) -> DraftVersion | None:
        """The version that holds what is shown, or most of it: the one asked for, else the newest."""
        return self.version or self.draft.head

    @property
    def unsaved(self) -> bool:
        """Whether what is shown is in no version yet."""
        return self.version is None and (self.draft.head is None or self.draft.head.revision != self.draft.revision)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The timeline as HTML for a page, and the media that are not there."""

    picture: str
    missing: list[MissingMedia]


def get_overview(*, draft_id: str, number: int | None) -> Overview:
    """The working state, or version ``number``. Raises ``DraftNotFound``, ``NotFound``."""
    draft = get_draft_with_head(draft_id=draft_id)
    version = None if number is None else get_version(draft=draft, number=number)
    rows = manifest(draft=draft, number=number).values_list("path", "kind", "blob__size", "blob_id")
    document = unread_document(draft=draft, version=version)
    return Overview(draft, version, [ListedFile(*row) for row in rows], document)


@contextmanager
def drawn(found: Overview, *, language: Language) -> Iterator[Drawn]:
    """What the document shows, for a page that is rendered inside: eight timelines of 5 MB documents that wait to be
    rendered would hold 60 MB. Raises ``Unavailable`` for a store that cannot be reached.
    """
    with in_turn(found.document) as [data]:
        document = parsed(data)
        missing = missing_media(document, {file.path for file in found.files})
        shown = outline(document)
        del data, document
        yield Drawn(section(shown, language=language), missing)
