"""Export a draft as a streamed ZIP, or as a folder."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from drafts.models import Draft, DraftVersion
from drafts.selectors.delivery import Served, by_folder, serve_all


def folder_name(draft: Draft) -> str:
    """The top folder's name: the draft's name where file systems allow it, else its id."""
    name = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', "_", draft.name).strip(" .")[:80]
    return name or draft.pk


def export_folder(*, draft: Draft, version: DraftVersion | None, target: Path) -> Path:
    """Write the draft as ``target/<name>/`` and return that folder; it must not exist yet."""
    folder = target / folder_name(draft)
    folder.mkdir(parents=True)
    for served in serve_all(by_folder(draft=draft, version=version, folder=folder.name)):
        path = folder / served.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as handle:
            handle.writelines(served.chunks())
    return folder


class _Pipe:
    """A write-only stream whose bytes are taken away between writes."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do: :meth:`take` empties the stream."""

    def close(self) -> None:
        """Nothing to do: nothing is held."""

    def take(self) -> bytes:
        data = b"".join(self.parts)
        self.parts.clear()
        return data


def zip_chunks(*, draft: Draft, version: DraftVersion | None) -> Iterator[bytes]:
    """The draft as a ZIP with one top folder, in chunks; memory stays at one chunk.

    All reading from the database happens before the first chunk. Media are stored in deflate blocks of
    level 0: reading tools accept a streamed entry only when it is deflated.
    """
    folder = folder_name(draft)
    files = serve_all(by_folder(draft=draft, version=version, folder=folder))
    moment = (version.created_at if version else draft.updated_at).astimezone(UTC)
    stamp = (max(moment.year, 1980), moment.month, moment.day, moment.hour, moment.minute, moment.second)
    return _zip(files, folder, stamp)


def _zip(files: list[Served], folder: str, stamp: tuple[int, int, int, int, int, int]) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for served in files:
            info = zipfile.ZipInfo(f"{folder}/{served.path}", stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            info._compresslevel = 6 if served.data is not None else 0  # type: ignore[attr-defined]  # public from 3.13
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=served.size > 2**31) as entry:
                for chunk in served.chunks():
                    entry.write(chunk)
                    if pipe.parts:
                        yield pipe.take()
    yield pipe.take()
