"""Media for tests: made by ffmpeg on the spot, or by hand where ffmpeg is not wanted."""

from __future__ import annotations

import struct
import subprocess
import zlib
from pathlib import Path

TONE = "aevalsrc='sin(t*t*300)*random(0)':s=44100"


def ffmpeg(target: Path, *arguments: str) -> bytes:
    """The bytes of ``target``, made by ffmpeg."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, str(target)], check=True, timeout=120)
    return target.read_bytes()


def film(target: Path, *, seconds: float, size: str = "64x48", rate: int = 10, sound: bool = True) -> bytes:
    """A moving picture, with a tone or without."""
    picture = ["-f", "lavfi", "-i", f"testsrc=d={seconds}:s={size}:r={rate}"]
    tone = ["-f", "lavfi", "-i", f"{TONE}:d={seconds}", "-c:a", "aac"] if sound else []
    return ffmpeg(target, *picture, *tone, "-pix_fmt", "yuv420p")


def tone(target: Path, *arguments: str, seconds: float) -> bytes:
    """A sound."""
    return ffmpeg(target, "-f", "lavfi", "-i", f"{TONE}:d={seconds}", *arguments)


def png(width: int, height: int) -> bytes:
    """A grey picture; ten thousand pixels a side take a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int, height: int, *, orientation: int = 1) -> bytes:
    """The headers of a JPEG, and its end: enough to be told its size."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)
    exif = b"Exif\0\0" + tiff
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"
    segments = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    segments += b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    return b"\xff\xd8" + segments + b"\xff\xd9"


def bmp(width: int, height: int) -> bytes:
    """A black picture, upside down as some are."""
    rows = b"\0" * ((width * 3 + 3) // 4 * 4 * height)
    head = struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 24, 0, len(rows), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + head + rows


def webp(width: int, height: int) -> bytes:
    """The header of an extended WebP."""
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0"
    body += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body)) + body


def turned(data: bytes, *, clockwise: int) -> bytes:
    """An MP4 with the display matrix that a phone writes into its track header when it is held so."""
    matrices = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}

    def matrix(a: int, b: int, c: int, d: int) -> bytes:
        return struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)

    at = data.index(matrix(1, 0, 0, 1), data.index(b"tkhd"))
    return data[:at] + matrix(*matrices[clockwise]) + data[at + 36 :]
