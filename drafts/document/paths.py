"""Media paths: the stored token form, the delivered reference form, and which names are allowed.

Inside a stored document a path starts with the app's own token for "the folder of this draft". Stock clients
need the reference form instead (they replace exactly that prefix), so delivery swaps bytes, never values.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

TOKEN: Final = "##_draftpath_placeholder_0E685133-18CE-45ED-8CB8-2904A212EC80_##"  # noqa: S105 - the app's own placeholder, no secret
REFERENCE_ROOT: Final = "/app/output/draft"
MAX_SEGMENTS: Final = 8
MAX_LENGTH: Final = 200

RESERVED_NAMES: Final = frozenset(
    {
        "draft_content.json",
        "draft_info.json",
        "draft_meta_info.json",
        "draft_agency_config.json",
        "attachment_pc_common.json",
        "template-2.tmp",
        "root_meta_info.json",
        "timelines",
    }
)
TEMPORARY_PREFIX: Final = ".tmp-"

_TOKEN_BYTES: Final = TOKEN.encode()
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_HEX32: Final = re.compile(r"[0-9A-Fa-f]{32}")
_REFERENCE: Final = re.compile(r"/app/output/draft/[0-9A-Za-z-]+/(.+)", re.DOTALL)
_SAFE_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~-]+")
_UNSAFE_RUN: Final = re.compile(r"[^A-Za-z0-9._~-]+")
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_WINDOWS_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE | re.DOTALL)


class PathError(ValueError):
    """A path that must not be stored. ``rule`` is a short constant, ``message`` an English sentence."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message


def reference_prefix(draft_id: str) -> str:
    """The folder that the reference service writes in front of media paths."""
    if not _ID.fullmatch(draft_id):
        raise PathError("draft_id", "A draft id holds only letters, digits and hyphens.")
    return f"{REFERENCE_ROOT}/{draft_id}"


def deliver(data: bytes, *, draft_id: str) -> bytes:
    """The document as clients want it: every token replaced by the reference prefix, without parsing."""
    return data.replace(_TOKEN_BYTES, reference_prefix(draft_id).encode())


def tokenise(data: bytes, *, draft_id: str) -> bytes:
    """The inverse of ``deliver``: this draft's reference prefix replaced by the token, without parsing.

    Every spelling of ``draft_id`` counts, with plain or escaped slashes (PHP writes the latter). The prefix must be
    followed by a slash, an escaped slash or the closing quote, so an id that merely starts with ours is left alone.
    """
    ids = spellings(draft_id)
    if REFERENCE_ROOT.encode() not in data and rb"\/app\/output\/draft\/" not in data:
        return data
    names = b"|".join(re.escape(form.encode()) for form in ids)
    pattern = rb"(?:/app/output/draft/|\\/app\\/output\\/draft\\/)(?:" + names + rb')(?=\\?/|")'
    return re.sub(pattern, lambda _: _TOKEN_BYTES, data)


def spellings(draft_id: str) -> tuple[str, ...]:
    """How one draft id may be written: as given, without hyphens and, if 32 hex digits, as a UUID."""
    reference_prefix(draft_id)
    bare = draft_id.replace("-", "")
    forms = [draft_id, bare]
    if _HEX32.fullmatch(bare):
        forms.append("-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:])))
    return tuple(dict.fromkeys(form for form in forms if form))


def relative(path: str) -> str | None:
    """The path inside the draft folder, or None when ``path`` does not lie there.

    Understands the token form and the reference form, the latter of any draft.
    """
    if path.startswith(TOKEN):
        rest = path[len(TOKEN) :].replace("\\", "/")
        return rest[1:] if rest.startswith("/") and len(rest) > 1 else None
    found = _REFERENCE.fullmatch(path)
    return found[1] if found else None


def token_form(inside: str) -> str:
    """The stored form of a path relative to the draft folder."""
    return f"{TOKEN}/{inside}"


def safe_name(path: str) -> str:
    """A storable relative path for an arbitrary one; names that are already safe stay as they are.

    A segment that has to change gets ``_`` for the offending runs and ten digits of its SHA-256 before the
    extension, so different names stay different and the same name always maps the same way.
    """
    segments = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    safe = [_safe_segment(part) for part in segments] or [_marked("_", path)]
    if len(safe) > MAX_SEGMENTS:
        safe = [*safe[: MAX_SEGMENTS - 1], _marked(safe[-1], path)]
    if len("/".join(safe)) > MAX_LENGTH:
        folder = safe[0][:40].rstrip(".")
        safe = [folder, _marked(safe[-1], path)] if len(safe) > 1 else [_marked(safe[0], path)]
    return "/".join(safe)


def check_path(path: str, *, max_length: int = MAX_LENGTH) -> None:
    """Raise PathError unless ``path`` may be stored in a draft and delivered to every client and system."""
    _check_whole(path, max_length=max_length)
    segments = path.split("/")
    if len(segments) > MAX_SEGMENTS:
        raise PathError("too_deep", f"A path has at most {MAX_SEGMENTS} segments.")
    for segment in segments:
        _check_segment(segment)
    if segments[0].lower() in RESERVED_NAMES and (len(segments) == 1 or segments[0].lower() == "timelines"):
        raise PathError("reserved", "This name belongs to the document and the files beside it.")


def _check_whole(path: str, *, max_length: int) -> None:
    if not path:
        raise PathError("empty", "A path must not be empty.")
    if len(path) > max_length:
        raise PathError("too_long", f"A path has at most {max_length} characters.")
    if _CONTROL.search(path):
        raise PathError("control", "A path must not hold control characters.")
    if "\\" in path:
        raise PathError("backslash", "A path is written with forward slashes.")
    if path.startswith("/"):
        raise PathError("absolute", "A path must be relative to the draft folder.")
    if _DRIVE.match(path):
        raise PathError("drive", "A path must not name a drive.")


def _check_segment(segment: str) -> None:
    if segment == "":
        raise PathError("empty_segment", "A path must not hold an empty segment.")
    if segment in (".", ".."):
        raise PathError("dots", "A path must not hold the segments . and ..")
    if not _SAFE_SEGMENT.fullmatch(segment):
        raise PathError("characters", "A path holds only letters, digits and . _ ~ - between its slashes.")
    if segment.endswith("."):
        raise PathError("trailing_dot", "A segment must not end with a dot.")
    if _WINDOWS_DEVICE.fullmatch(segment):
        raise PathError("windows_name", "A segment must not be a device name of Windows.")
    if segment.lower().startswith(TEMPORARY_PREFIX):
        raise PathError("temporary", "Names that start with .tmp- belong to the server.")


def _safe_segment(segment: str) -> str:
    safe = _SAFE_SEGMENT.fullmatch(segment) and segment[0] != "." and segment[-1] != "."
    if safe and not _WINDOWS_DEVICE.fullmatch(segment) and len(segment) <= 120:
        return segment
    return _marked(segment, segment)


def _marked(name: str, origin: str) -> str:
    """``name`` made safe, with a mark that depends on ``origin``."""
    mark = hashlib.sha256(origin.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    suffix = _SUFFIX.search(name)
    tail = suffix[0] if suffix and suffix.start() > 0 else ""
    stem = _UNSAFE_RUN.sub("_", name[: len(name) - len(tail)])[:40].lstrip(".")
    if not stem or _WINDOWS_DEVICE.fullmatch(stem):
        stem = f"_{stem}"
    return f"{stem}-{mark}{tail}"
