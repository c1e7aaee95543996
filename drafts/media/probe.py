"""What media are: kind, duration, size, rotation, sound. Still pictures are read here, the rest by ffprobe."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

import structlog
from django.conf import settings

from drafts.core.errors import Text

from . import child, pictures, sniff
from .sniff import Format, Unfit
from .types import Kind
from .whole import is_whole

log = structlog.get_logger(__name__)

_ESTIMATED = "Estimating duration from bitrate"
_NO_STREAM = Text("has neither picture nor sound", "既没有画面也没有声音")
_NO_LENGTH = Text("has no length: it is damaged, cut off or has no frames", "没有时长：已损坏、不完整或没有画面")


@dataclass(frozen=True, slots=True)
class Facts:
    """As :class:`~drafts.media.types.Media`, plus what only people and renderers ask for."""

    kind: Kind
    extension: str
    duration: int = 0
    width: int = 0
    height: int = 0
    rotation: int = 0
    has_audio: bool = False
    fps: float = 0.0
    codec: str = ""


def probe(source: BinaryIO) -> Facts:
    """The facts of the media in ``source``, a real file.

    Raises ``Unfit`` for what is no media, is damaged or cut off, or has more pixels than ``MAX_IMAGE_PIXELS``, and
    ``NoFfmpeg`` for audio and video on a server without it.
    """
    found = sniff.sniff(source)
    if not found.demuxer:
        width, height, rotation = pictures.size_of(source, found)
        _check_pixels(width, height)
        return Facts("image", found.extension, 0, width, height, rotation)
    if not is_whole(source, found):
        raise Unfit("damaged", pictures.DAMAGED)
    try:
        return _from_ffprobe(source, found)
    except child.ChildFailed as error:
        log.info("media_not_read", error=str(error))
        raise Unfit("damaged", pictures.DAMAGED) from error


def _from_ffprobe(source: BinaryIO, found: Format) -> Facts:
    # The reader is named, so that no file can pass for a playlist that makes ffprobe open others.
    options = ["-v", "warning", "-threads", "1", "-protocol_whitelist", "file", "-f", found.demuxer]
    output, complaints = child.run(
        "ffprobe", [*options, "-of", "json", "-show_format", "-show_streams", "{}"], source=source
    )
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError as error:
        raise child.ChildFailed("ffprobe gave no JSON") from error
    streams = [stream for stream in answer.get("streams", []) if stream.get("codec_name", "unknown") != "unknown"]
    audio = next((stream for stream in streams if stream.get("codec_type") == "audio"), None)
    film = next((stream for stream in streams if _is_film(stream)), None)
    whole = _microseconds(answer.get("format", {}).get("duration"))
    if film is not None:
        return _film(film, found, whole=whole, has_audio=audio is not None)
    if audio is None:
        raise Unfit("no_stream", _NO_STREAM)
    if _ESTIMATED in complaints:
        whole = _counted(source, found)
    if not whole:
        raise Unfit("no_length", _NO_LENGTH)
    # The same containers carry films and sounds; a name ending in .mp4 makes clients expect a film.
    extension = {".mp4": ".m4a", ".mov": ".m4a", ".webm": ".weba", ".mkv": ".mka"}.get(found.extension, found.extension)
    return Facts("audio", extension, whole, has_audio=True, codec=str(audio.get("codec_name", "")))


def _film(film: dict[str, Any], found: Format, *, whole: int, has_audio: bool) -> Facts:
    rotation = _rotation(film)
    width, height = int(film.get("width", 0)), int(film.get("height", 0))
    if rotation in {90, 270}:
        width, height = height, width
    if not (width and height):
        raise Unfit("damaged", pictures.DAMAGED)
    _check_pixels(width, height)
    codec = str(film.get("codec_name", ""))
    if found is sniff.GIF and str(film.get("nb_frames")) == "1":
        return Facts("image", found.extension, 0, width, height, rotation, codec=codec)
    duration = _microseconds(film.get("duration")) or whole
    if not duration:
        raise Unfit("no_length", _NO_LENGTH)
    extension = ".ogv" if found is sniff.OGG else ".mp4" if found is sniff.M4A else found.extension
    fps = _ratio(film.get("avg_frame_rate")) or _ratio(film.get("r_frame_rate"))
    return Facts("video", extension, duration, width, height, rotation, has_audio, fps, codec)


def _is_film(stream: dict[str, Any]) -> bool:
    """A stream of pictures that is not the cover of an album."""
    return stream.get("codec_type") == "video" and not stream.get("disposition", {}).get("attached_pic")


def _counted(source: BinaryIO, found: Format) -> int:
    """The length of a sound whose file does not tell: all its packets are read. Microseconds."""
    options = ["-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-f", found.demuxer, "-i", "{}"]
    output, _ = child.run(
        "ffmpeg", [*options, "-map", "0:a:0", "-c", "copy", "-progress", "pipe:1", "-f", "null", "-"], source=source
    )
    times = [line.partition(b"=")[2] for line in output.splitlines() if line.startswith(b"out_time_us=")]
    return int(times[-1]) if times and times[-1].isdigit() else 0


def _rotation(film: dict[str, Any]) -> int:
    """Clockwise, of a multiple of 90; ffprobe's display matrix turns the other way round."""
    turns = [data["rotation"] for data in film.get("side_data_list", []) if "rotation" in data]
    told = turns[0] if turns else film.get("tags", {}).get("rotate", 0)
    try:
        turn = float(told)
    except ValueError:  # a tag may say anything
        return 0
    return round((-turn if turns else turn) / 90) * 90 % 360 if math.isfinite(turn) else 0


def _check_pixels(width: int, height: int) -> None:
    if width * height > settings.MAX_IMAGE_PIXELS:
        limit = settings.MAX_IMAGE_PIXELS
        raise Unfit(
            "max_pixels",
            Text(
                f"has {width} x {height} pixels, more than {limit} (MAX_IMAGE_PIXELS)",
                f"为 {width} x {height} 像素，超过 {limit}（MAX_IMAGE_PIXELS）",
            ),
        )


def _microseconds(value: object) -> int:
    try:
        return max(0, int(Decimal(str(value)) * 1_000_000))
    except (InvalidOperation, ValueError, OverflowError):
        return 0


def _ratio(value: object) -> float:
    top, _, bottom = str(value).partition("/")
    try:
        return round(float(top) / float(bottom or 1), 3)
    except (ValueError, ZeroDivisionError):
        return 0.0
