"""What a file of a draft is, told by its name alone: its kind in the manifest and its media type.

The table is our own: the system's differs between machines, and delivered headers must not.
"""

from __future__ import annotations

from typing import Final

_MEDIA_TYPES: Final = {
    "aac": "audio/aac",
    "aif": "audio/aiff",
    "aiff": "audio/aiff",
    "amr": "audio/amr",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mka": "audio/x-matroska",
    "mp3": "audio/mpeg",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "wma": "audio/x-ms-wma",
    "3gp": "video/3gpp",
    "avi": "video/x-msvideo",
    "flv": "video/x-flv",
    "m4v": "video/mp4",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "mts": "video/mp2t",
    "ogv": "video/ogg",
    "ts": "video/mp2t",
    "webm": "video/webm",
    "wmv": "video/x-ms-wmv",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "ass": "text/plain; charset=utf-8",
    "lrc": "text/plain; charset=utf-8",
    "srt": "text/plain; charset=utf-8",
    "ssa": "text/plain; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "json": "application/json",
    "otf": "font/otf",
    "ttf": "font/ttf",
    "txt": "text/plain; charset=utf-8",
    "zip": "application/zip",
}
_SUBTITLES: Final = frozenset({"ass", "lrc", "srt", "ssa", "vtt"})
_COVER_WORDS: Final = ("cover", "thumb")


def kind_of(path: str) -> str:
    """One of config, video, audio, image, thumbnail, subtitle, temporary, other.

    A picture directly in the draft folder whose name speaks of a cover or thumbnail is a thumbnail.
    """
    name = path.rpartition("/")[2].lower()
    extension = _extension(path)
    if extension == "json":
        return "config"
    if extension == "tmp" or name.startswith(".tmp-"):
        return "temporary"
    if extension in _SUBTITLES:
        return "subtitle"
    family = _MEDIA_TYPES.get(extension, "").partition("/")[0]
    if family == "image" and "/" not in path and any(word in name for word in _COVER_WORDS):
        return "thumbnail"
    return family if family in ("video", "audio", "image") else "other"


def media_type_of(path: str) -> str:
    """The Content-Type for a file of this name; application/octet-stream when the table does not know it."""
    return _MEDIA_TYPES.get(_extension(path), "application/octet-stream")


def _extension(path: str) -> str:
    stem, dot, extension = path.rpartition("/")[2].lower().rpartition(".")
    return extension if dot and stem else ""
