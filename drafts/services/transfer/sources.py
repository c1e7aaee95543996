"""What an import reads: a ZIP or a folder, checked before the first byte is unpacked."""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from django.conf import settings

from drafts.core.errors import InvalidParameter, Text, TooLarge

MB = 1024 * 1024
DOCUMENTS = {"draft_content.json", "draft_info.json"}
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others unpack without bounds in memory
# All that zipfile raises for bytes that are no ZIP.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_END_RECORD = b"PK\x05\x06"
_LARGE_RECORDS = 56 + 20  # bytes of the two ZIP64 records before the end record
_ENTRY_BYTES = 1024  # of the central directory, far above what a real name needs


class Source(Protocol):
    """A draft folder to import: names relative to it, with ``/``, and their bytes."""

    title: str

    def names(self) -> list[str]:
        """Relative paths of all files."""

    def size(self, name: str) -> int:
        """Bytes of a file, as announced."""

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The file's bytes. Raises ``InvalidParameter`` when they are damaged."""


def refuse(rule: str, en: str, zh: str) -> InvalidParameter:
    """The error for an archive that breaks ``rule``."""
    return InvalidParameter.of("archive", rule, Text(en, zh))


class ZipSource:
    """The one draft folder in a ZIP, flat or at most three folders deep."""

    def __init__(self, handle: BinaryIO) -> None:
        """Check the whole directory of the archive. Raises ``InvalidParameter`` and ``TooLarge``."""
        _check_directory(handle)
        try:
            self._zip = zipfile.ZipFile(handle)
        except BROKEN as error:
            raise refuse("zip", "The archive is not a ZIP file", "文件不是有效的 ZIP") from error
        members = _members(self._zip)
        if sum(info.compress_size for info in members.values()) > handle.seek(0, os.SEEK_END):
            raise refuse("overlap", "Entries of the archive overlap", "压缩包条目相互重叠")
        root = find_root(members)
        self.title = root.rpartition("/")[2]
        prefix = f"{root}/" if root else ""
        self._members = {name[len(prefix) :]: info for name, info in members.items() if name.startswith(prefix)}

    def names(self) -> list[str]:
        """Relative paths of all files."""
        return list(self._members)

    def size(self, name: str) -> int:
        """Unpacked bytes, which :mod:`zipfile` never exceeds."""
        return self._members[name].file_size

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The unpacked bytes."""
        try:
            with self._zip.open(self._members[name]) as stream:
                yield cast("BinaryIO", stream)
        except BROKEN as error:
            raise refuse(
                "damaged", "The archive is damaged or uses an unknown method", "压缩包损坏或压缩方法不受支持"
            ) from error


class FolderSource:
    """A draft folder on the server's own disk."""

    def __init__(self, folder: Path) -> None:
        """List the folder. Raises ``InvalidParameter`` for symbolic links and for a folder without a draft."""
        self._folder = folder
        self.title = folder.resolve().name
        self._sizes: dict[str, int] = {}
        for top, folders, files in os.walk(folder):
            for name in (*folders, *files):
                path = Path(top, name)
                shown = name.encode("utf-8", "backslashreplace").decode()
                if path.is_symlink():
                    raise refuse("symlink", f"{shown} is a symbolic link", f"{shown} 是符号链接")
                if name in files:
                    self._sizes[path.relative_to(folder).as_posix()] = _plain_size(path, shown)
        if not DOCUMENTS & set(self._sizes):
            raise _no_draft()

    def names(self) -> list[str]:
        """Relative paths of all files."""
        return sorted(self._sizes)

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return self._sizes[name]

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The file's bytes."""
        with (self._folder / name).open("rb") as stream:
            yield stream


def _plain_size(path: Path, shown: str) -> int:
    """Bytes of a plain file with a name in UTF-8. Raises ``InvalidParameter`` for pipes, devices and other names."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise refuse("plain", f"{shown} is not a plain file", f"{shown} 不是普通文件")
    if shown != path.name:
        raise refuse("name", f"The name {shown} is not UTF-8", f"文件名 {shown} 不是 UTF-8 编码")
    return facts.st_size


def find_root(names: dict[str, zipfile.ZipInfo]) -> str:
    """The folder that holds the draft. Raises ``InvalidParameter`` when there is none, or more than one."""
    folders = {name.rpartition("/")[0] for name in names if name.rpartition("/")[2] in DOCUMENTS}
    outer = {
        folder
        for folder in folders
        if not any(other != folder and f"{folder}/".startswith(f"{other}/" if other else "") for other in folders)
        and "Timelines" not in folder.split("/")
    }
    if not outer:
        raise _no_draft()
    if len(outer) > 1:
        raise refuse("one_draft", "The archive holds more than one draft folder", "压缩包包含多个草稿文件夹")
    root = outer.pop()
    if root and root.count("/") > 2:
        raise refuse("depth", "The draft folder lies more than 3 folders deep", "草稿文件夹嵌套超过 3 层")
    return root


def _no_draft() -> InvalidParameter:
    return refuse(
        "draft",
        "There is no draft_content.json or draft_info.json",
        "未找到 draft_content.json 或 draft_info.json",
    )


def _check_directory(handle: BinaryIO) -> None:
    """Refuse a directory that would fill the memory before :mod:`zipfile` reads it."""
    size = handle.seek(0, os.SEEK_END)
    handle.seek(max(0, size - 65_557))
    tail = handle.read()
    at = tail.rfind(_END_RECORD)
    handle.seek(0)
    if at < 0 or len(tail) < at + 22:
        raise refuse("zip", "The archive is not a ZIP file", "文件不是有效的 ZIP")
    (directory_bytes,) = struct.unpack_from("<I", tail, at + 12)
    large = at - _LARGE_RECORDS  # where zipfile looks for the record of a ZIP64
    if large >= 0 and tail[at - 20 : at - 16] == b"PK\x06\x07" and tail[large : large + 4] == b"PK\x06\x06":
        (directory_bytes,) = struct.unpack_from("<Q", tail, large + 40)
    if directory_bytes > settings.MAX_ARCHIVE_ENTRIES * _ENTRY_BYTES:
        raise _too_many()


def _too_many() -> TooLarge:
    limit = settings.MAX_ARCHIVE_ENTRIES
    return TooLarge(
        Text(
            f"An archive has at most {limit} entries (MAX_ARCHIVE_ENTRIES)",
            f"压缩包最多 {limit} 个条目（MAX_ARCHIVE_ENTRIES）",
        )
    )


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The archive's files by checked name."""
    entries = archive.infolist()
    if len(entries) > settings.MAX_ARCHIVE_ENTRIES:
        raise _too_many()
    members: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    total = 0
    for info in entries:
        name = member_name(info)
        _check_member(info, name)
        if name.endswith("/") or _junk(name):
            continue
        if name.lower() in seen:
            raise refuse("duplicate", f"{name} is in the archive twice", f"压缩包中 {name} 重复")
        seen.add(name.lower())
        members[name] = info
        total += info.file_size
        if total > settings.MAX_ARCHIVE_UNPACKED_BYTES:
            limit = settings.MAX_ARCHIVE_UNPACKED_BYTES
            raise TooLarge(
                Text(
                    f"The archive unpacks to more than {limit} bytes (MAX_ARCHIVE_UNPACKED_BYTES)",
                    f"压缩包解压后超过 {limit} 字节（MAX_ARCHIVE_UNPACKED_BYTES）",
                )
            )
    return members


def member_name(info: zipfile.ZipInfo) -> str:
    """The entry's name with ``/``; without the UTF-8 flag it is tried as UTF-8, then as GB18030."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _check_member(info: zipfile.ZipInfo, name: str) -> None:
    shown = name[:100]
    parts = name.split("/")
    if "\0" in name or name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name):
        raise refuse("path", f"{shown!r} leaves the folder", f"{shown!r} 超出文件夹范围")
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise refuse("symlink", f"{shown!r} is not a plain file", f"{shown!r} 不是普通文件")
    if info.flag_bits & 0x1:
        raise refuse("encrypted", "The archive is encrypted", "压缩包已加密")
    if not info.file_size and info.CRC:  # an empty file is never read, so nothing else would notice
        raise refuse("damaged", f"{shown!r} is damaged", f"{shown!r} 已损坏")
    if info.compress_type not in METHODS:
        raise refuse("method", f"{shown!r} is neither stored nor deflated", f"{shown!r} 的压缩方法不受支持")
    if info.file_size > settings.MAX_FILE_BYTES:
        limit = settings.MAX_FILE_BYTES
        raise TooLarge(
            Text(
                f"{shown!r} has more than {limit} bytes (MAX_FILE_BYTES)",
                f"{shown!r} 超过 {limit} 字节（MAX_FILE_BYTES）",
            )
        )
    if info.file_size > MB and info.file_size > max(1, info.compress_size) * settings.MAX_ARCHIVE_RATIO:
        limit = settings.MAX_ARCHIVE_RATIO
        raise TooLarge(
            Text(
                f"{shown!r} unpacks to more than {limit} times its packed size (MAX_ARCHIVE_RATIO)",
                f"{shown!r} 的压缩比超过 {limit}（MAX_ARCHIVE_RATIO）",
            )
        )


def _junk(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1] in {".DS_Store", "Thumbs.db"}
