"""A draft document as bytes: parse, write, hash, compress, and the facts that lists show."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

import orjson
import zstandard

from .strict import MAX_DEPTH, Reason
from .strict import DocumentError as DocumentError
from .strict import loads as loads

DEFAULT_FPS: Final = 30.0
LONGEST: Final = 2**63 - 1  # microseconds; what a database holds of a document that claims more

_BLANK: Final = b" \t\r\n"
_BASE64_TEXT: Final = re.compile(rb"[A-Za-z0-9+/=_\-\r\n]{16,}")


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What lists and the meta file say about a document.

    ``width`` and ``height`` in pixels, ``fps`` in frames per second, ``duration`` in microseconds.
    """

    width: int
    height: int
    fps: float
    duration: int


def parse_document(data: bytes, *, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Parse ``data`` as a draft document of at least the minimal shape.

    The shape: ``tracks`` a list of objects that each hold a list of ``segments``, ``materials`` an object of
    lists of objects, ``canvas_config`` with positive integer pixels. fps, config and version markers may be
    missing. Raises DocumentError; reason "encrypted" means a file that JianYing 6 or later has saved.
    """
    start = data.lstrip(_BLANK)[:1]
    try:
        document = loads(data, max_depth=max_depth)
    except DocumentError as error:
        if start in (b"{", b"[", b"\xef") or error.reason == "not_object":
            raise
        raise _not_json(data, error) from error
    if not isinstance(document, dict):
        raise DocumentError("not_object", "A draft document must be a JSON object.")
    _check_shape(document)
    return document


def parse_stored(data: bytes) -> dict[str, Any]:
    """A document that :func:`parse_document` has accepted before: a quarter of the work. Raises DocumentError."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return parse_document(data)
    if not isinstance(document, dict):
        return parse_document(data)
    _check_shape(document)
    return document


def dumps(doc: Any) -> bytes:
    """Compact UTF-8 JSON with the keys in their order and integers and floats kept apart.

    A NaN or infinite float becomes null (rule R20 of the integrity check finds those beforehand). Raises
    DocumentError for values that JSON or 64 bits cannot hold.
    """
    try:
        return orjson.dumps(doc)
    except orjson.JSONEncodeError as error:
        text = str(error)
        reason: Reason = "unsupported"
        if "surrogates" in text:
            reason = "surrogate"
        elif "Integer" in text:
            reason = "number"
        elif "ecursion" in text:
            reason = "too_deep"
        raise DocumentError(reason, f"The document cannot be written as JSON: {text}.") from error


def sha256_hex(data: bytes) -> str:
    """SHA-256 of ``data`` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def facts(doc: Mapping[str, Any]) -> DocumentFacts:
    """Size, frame rate and length of a parsed document.

    The length is the document's own ``duration`` when that is a non-negative integer, else the end of the
    last segment. A missing or unusable ``fps`` is read as 30.
    """
    canvas = doc.get("canvas_config")
    canvas = canvas if isinstance(canvas, dict) else {}
    width, height = canvas.get("width"), canvas.get("height")
    duration = doc.get("duration")
    return DocumentFacts(
        width=width if _is_positive_int(width) else 0,
        height=height if _is_positive_int(height) else 0,
        fps=frame_rate(doc),
        duration=min(duration if _is_natural(duration) else end_of(doc), LONGEST),
    )


def frame_rate(doc: Mapping[str, Any]) -> float:
    """``fps`` of a document as a float, 30.0 when it is missing or not a positive finite number."""
    fps = doc.get("fps")
    if isinstance(fps, bool) or not isinstance(fps, int | float):
        return DEFAULT_FPS
    if not 0 < fps <= 1_000_000:
        return DEFAULT_FPS
    return float(fps)


def end_of(doc: Mapping[str, Any]) -> int:
    """End of the last segment over all tracks, in microseconds; 0 without segments.

    Runs on every edit of documents with thousands of segments, so it asks as little as it can.
    """
    end = 0
    for track in _dicts(doc.get("tracks")):
        for segment in _dicts(track.get("segments")):
            span = segment.get("target_timerange")
            if isinstance(span, dict):
                start, duration = span.get("start", 0), span.get("duration")
                if type(start) is int and type(duration) is int and start >= 0 and duration > 0:
                    last = start + duration
                    if last > end:
                        end = last
    return min(end, LONGEST)


def compress(data: bytes) -> bytes:
    """One zstandard frame (level 1) that states its content size."""
    compressor: zstandard.ZstdCompressor | None = getattr(_LOCAL, "compressor", None)
    if compressor is None:
        compressor = _LOCAL.compressor = zstandard.ZstdCompressor(level=1, write_content_size=True)
    return compressor.compress(data)


def decompress(data: bytes, *, limit: int) -> bytes:
    """Undo ``compress``; raises DocumentError for a damaged frame or one of more than ``limit`` bytes."""
    try:
        size = zstandard.frame_content_size(data)
        if size < 0:
            raise DocumentError("damaged", "The compressed data does not state its size.")
        if size > limit:
            raise DocumentError("unsupported", f"The content has {size} bytes, the limit is {limit}.")
        return zstandard.ZstdDecompressor().decompress(data)
    except zstandard.ZstdError as error:
        raise DocumentError("damaged", "The compressed data is damaged.") from error


# Compressors must not be shared between threads, and making one costs more than a small document.
_LOCAL = threading.local()


def _is_natural(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_positive_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _not_json(data: bytes, error: DocumentError) -> DocumentError:
    if _BASE64_TEXT.fullmatch(data.strip(_BLANK)[:4096]):
        return DocumentError(
            "encrypted",
            "The document is encrypted, as JianYing 6 and later save their drafts. Only plain JSON can be "
            "read: use the draft as it was before that app opened it, or one saved by CapCut.",
        )
    if error.reason == "encoding":
        return error
    return DocumentError("damaged", "The document is not JSON text.", place=error.place)


def _check_shape(document: Mapping[str, Any]) -> None:
    _check_tracks(document.get("tracks"))
    _check_materials(document.get("materials"))
    canvas = document.get("canvas_config")
    if not isinstance(canvas, dict):
        raise _unsupported("canvas_config must be an object.", "/canvas_config")
    for side in ("width", "height"):
        if not _is_positive_int(canvas.get(side)):
            raise _unsupported(f"The canvas {side} must be a positive integer.", f"/canvas_config/{side}")


def _check_tracks(tracks: object) -> None:
    if not isinstance(tracks, list):
        raise _unsupported("tracks must be a list.", "/tracks")
    for index, track in enumerate(tracks):
        if not isinstance(track, dict):
            raise _unsupported("A track must be an object.", f"/tracks/{index}")
        segments = track.get("segments")
        if not isinstance(segments, list):
            raise _unsupported("The segments of a track must be a list.", f"/tracks/{index}/segments")
        for number, segment in enumerate(segments):
            if not isinstance(segment, dict):
                raise _unsupported("A segment must be an object.", f"/tracks/{index}/segments/{number}")


def _check_materials(materials: object) -> None:
    if not isinstance(materials, dict):
        raise _unsupported("materials must be an object.", "/materials")
    for name, items in materials.items():
        place = f"/materials/{pointer(name)}"
        if not isinstance(items, list):
            raise _unsupported("Every entry of materials must be a list.", place)
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                raise _unsupported("A material must be an object.", f"{place}/{index}")


def _unsupported(message: str, place: str) -> DocumentError:
    return DocumentError("unsupported", message, place=place)


def pointer(key: str) -> str:
    """A key as one step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
