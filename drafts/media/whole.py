"""Is a file as long as its container says? A film that was cut off still tells its full length in its header."""

from __future__ import annotations

from typing import BinaryIO

from . import sniff
from .sniff import Format

_SEGMENT = 0x18538067
_BOXES = 10_000


def is_whole(source: BinaryIO, found: Format) -> bool:
    """False when the container announces more bytes than there are; true when it is whole or does not say."""
    size = source.seek(0, 2)
    if found.demuxer == "mov":
        return _boxes_end(source, size) <= size
    if found.demuxer == "matroska":
        return _segment_end(source, size) <= size
    if found in {sniff.AVI, sniff.WAV}:
        source.seek(4)
        announced = int.from_bytes(source.read(4), "little")
        return announced in {0, 0xFFFFFFFF} or 8 + announced <= size + 1  # live recordings announce neither
    return True


def _boxes_end(source: BinaryIO, size: int) -> int:
    """Where the last top-level box of an MP4 or MOV ends."""
    at = 0
    for _ in range(_BOXES):
        if at + 8 > size:
            break
        source.seek(at)
        head = source.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 0:  # to the end of the file
            return size
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:
            break
        at += length
    return at


def _segment_end(source: BinaryIO, size: int) -> int:
    """Where the segment of a Matroska file ends; its head comes before it."""
    at = 0
    for _ in range(10):
        source.seek(at)
        head = source.read(16)
        if len(head) < 2:
            break
        id_length = _width(head[0], longest=4)
        length_width = _width(head[id_length], longest=8) if id_length else 0
        if not length_width:
            break
        ident = int.from_bytes(head[:id_length], "big")
        body = int.from_bytes(head[id_length : id_length + length_width], "big") & ((1 << 7 * length_width) - 1)
        if ident == _SEGMENT:
            unknown = body == (1 << 7 * length_width) - 1
            return size if unknown else at + id_length + length_width + body
        at += id_length + length_width + body
    return at


def _width(first: int, *, longest: int) -> int:
    """Bytes of an EBML number, told by its first one; 0 when it is none."""
    width = 9 - first.bit_length()
    return width if width <= longest else 0
