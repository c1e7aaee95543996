"""What bytes are, told by the bytes alone: neither the name in a URL nor a Content-Type decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final

from drafts.core.errors import Text

from .types import Kind

HEAD = 64 * 1024


class Unfit(Exception):
    """The bytes are no media of a kind that we take; ``reason`` is the rest of a sentence."""

    def __init__(self, rule: str, reason: Text) -> None:
        super().__init__(reason.en)
        self.rule = rule
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Format:
    """A container: its extension, its probable kind, and the name of its reader in ffmpeg (none: a still picture)."""

    extension: str
    kind: Kind
    demuxer: str = ""


MP4: Final = Format(".mp4", "video", "mov")
M4A: Final = Format(".m4a", "audio", "mov")
MOV: Final = Format(".mov", "video", "mov")
MKV: Final = Format(".mkv", "video", "matroska")
WEBM: Final = Format(".webm", "video", "matroska")
AVI: Final = Format(".avi", "video", "avi")
TS: Final = Format(".ts", "video", "mpegts")
FLV: Final = Format(".flv", "video", "flv")
GIF: Final = Format(".gif", "video", "gif")
MP3: Final = Format(".mp3", "audio", "mp3")
AAC: Final = Format(".aac", "audio", "aac")
WAV: Final = Format(".wav", "audio", "wav")
FLAC: Final = Format(".flac", "audio", "flac")
OGG: Final = Format(".ogg", "audio", "ogg")
JPEG: Final = Format(".jpg", "image")
PNG: Final = Format(".png", "image")
WEBP: Final = Format(".webp", "image")
BMP: Final = Format(".bmp", "image")

_EMPTY = Text("is empty", "内容为空")
_MARKUP = Text("is a web page, not media", "是网页，不是音视频或图片")
_SVG = Text("is an SVG drawing, which editors cannot place; send a PNG", "是 SVG 图形，剪辑软件无法使用；请改用 PNG")
_ZIP = Text("is a ZIP archive, not media", "是 ZIP 压缩包，不是音视频或图片")
_HEIC = Text("is a HEIC or AVIF picture; send a JPEG or PNG", "是 HEIC 或 AVIF 图片；请改用 JPEG 或 PNG")
_LIST = Text("is a playlist, not media", "是播放列表，不是音视频文件")
_TEXT = Text("is text, not media", "是文本，不是音视频或图片")
_UNKNOWN = Text("is not a kind of media that this server knows", "不是本服务器支持的音视频或图片格式")

_STARTS: Final = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"fLaC", FLAC),
    (b"OggS", OGG),
    (b"FLV\x01", FLV),
    (b"ID3", MP3),
)
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_MP4_BOXES: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


def sniff(source: BinaryIO) -> Format:
    """The format of ``source``, read from its start. Raises ``Unfit``."""
    source.seek(0)
    head = source.read(HEAD)
    if not head:
        raise Unfit("empty", _EMPTY)
    found = next((known for start, known in _STARTS if head.startswith(start)), None) or _by_structure(head)
    if found is None:
        raise _refusal(head)
    if found is MP3 and head.startswith(b"ID3"):
        found = _after_id3(source, head)
    return found


def _by_structure(head: bytes) -> Format | None:
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV, b"AVI ": AVI}.get(head[8:12])
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return WEBM if b"webm" in head[:64] else MKV
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in {12, 40, 52, 56, 64, 108, 124}:
        return BMP
    if head[4:8] in _MP4_BOXES:  # QuickTime before ftyp
        return MOV
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return TS
    if head[0] == 0xFF and head[1:2] and head[1] & 0xF6 == 0xF0:
        return AAC
    if _is_mp3_frame(head):
        return MP3
    return None


def _iso_media(head: bytes) -> Format:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if head[8:12] in _HEIC_BRANDS:
        raise Unfit("heic", _HEIC)
    if head[8:12] == b"qt  ":
        return MOV
    return M4A if head[8:12] in {b"M4A ", b"M4B "} or b"M4A " in brands else MP4


def _is_mp3_frame(head: bytes) -> bool:
    """A frame header of layer III with a bit rate and a sampling rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[1] & 0x18 == 0x08:
        return False
    return head[2] >> 4 not in {0, 15} and head[2] >> 2 & 3 != 3


def _after_id3(source: BinaryIO, head: bytes) -> Format:
    """MP3, unless the tag stands before AAC or FLAC."""
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    source.seek(10 + length)
    after = source.read(4)
    if after == b"fLaC":
        return FLAC
    return AAC if len(after) == 4 and after[0] == 0xFF and after[1] & 0xF6 == 0xF0 else MP3


def _refusal(head: bytes) -> Unfit:
    if head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        return Unfit("zip", _ZIP)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"#extm3u"):
        return Unfit("playlist", _LIST)
    if b"<svg" in text[:4096] and text.startswith(b"<"):
        return Unfit("svg", _SVG)
    if text.startswith(b"<"):
        return Unfit("markup", _MARKUP)
    if b"\0" not in head and _is_text(head):
        return Unfit("text", _TEXT)
    return Unfit("unknown", _UNKNOWN)


def _is_text(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == HEAD  # a letter cut at the end
    return True
