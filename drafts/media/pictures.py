"""Width and height of still pictures, read from their headers: cheap, whatever the picture would unpack to."""

from __future__ import annotations

import struct
from typing import BinaryIO

from drafts.core.errors import Text

from . import sniff
from .sniff import Format, Unfit

DAMAGED = Text("is damaged or cut off", "已损坏或不完整")
_TURNS = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
_TAIL = 64 * 1024


def size_of(source: BinaryIO, found: Format) -> tuple[int, int, int]:
    """Width, height and clockwise rotation of a picture: sides as shown, pixels. Raises ``Unfit`` for a broken one."""
    source.seek(0)
    try:
        width, height, rotation = _READERS[found](source)
        whole = _is_whole(source, found)
    except (struct.error, IndexError, ValueError) as error:
        raise Unfit("damaged", DAMAGED) from error
    if not (width > 0 and height > 0 and whole):
        raise Unfit("damaged", DAMAGED)
    return (height, width, rotation) if rotation in {90, 270} else (width, height, rotation)


def _png(source: BinaryIO) -> tuple[int, int, int]:
    head = source.read(24)
    if head[12:16] != b"IHDR":
        raise ValueError
    return (*struct.unpack(">II", head[16:24]), 0)


def _bmp(source: BinaryIO) -> tuple[int, int, int]:
    head = source.read(26)
    if head[14] == 12:
        return (*struct.unpack("<HH", head[18:22]), 0)
    width, height = struct.unpack("<ii", head[18:26])
    return width, abs(height), 0


def _webp(source: BinaryIO) -> tuple[int, int, int]:
    head = source.read(30)
    chunk = head[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little"), 0
    if chunk == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), 0
    if chunk == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF, 0
    raise ValueError


def _jpeg(source: BinaryIO) -> tuple[int, int, int]:
    """Walk the segments to the frame header; an EXIF orientation comes before it."""
    source.seek(2)
    turn = 0
    for _ in range(1000):
        marker = source.read(2)
        while marker == b"\xff\xff":  # fill bytes
            marker = b"\xff" + source.read(1)
        if len(marker) < 2 or marker[0] != 0xFF:
            raise ValueError
        (length,) = struct.unpack(">H", source.read(2))
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">xHH", source.read(5))
            return width, height, turn
        body = source.read(length - 2)
        if marker[1] == 0xE1 and body.startswith(b"Exif\0\0"):
            turn = _TURNS.get(_orientation(body[6:]), 0)
    raise ValueError


def _orientation(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack(f"{order}I", tiff[4:8])
        (count,) = struct.unpack(f"{order}H", tiff[at : at + 2])
        for entry in range(at + 2, at + 2 + 12 * min(count, 200), 12):
            tag, _, _, value = struct.unpack(f"{order}HHIH", tiff[entry : entry + 10])
            if tag == 0x0112:
                return int(value)
    except struct.error:
        pass
    return 1


_READERS = {sniff.JPEG: _jpeg, sniff.PNG: _png, sniff.WEBP: _webp, sniff.BMP: _bmp}


def _is_whole(source: BinaryIO, found: Format) -> bool:
    size = source.seek(0, 2)
    source.seek(max(0, size - _TAIL))
    tail = source.read(_TAIL)
    if found is sniff.PNG:
        return b"IEND" in tail
    if found is sniff.JPEG:
        return b"\xff\xd9" in tail
    source.seek(0)
    head = source.read(8)
    if found is sniff.WEBP:
        return size >= 8 + int.from_bytes(head[4:8], "little")
    return size >= int.from_bytes(head[2:6], "little")
