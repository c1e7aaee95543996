"""Draft ids, draft URLs and signed tokens (DESIGN section 4)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.conf import settings

from .errors import InvalidDraftUrl, InvalidParameter, Text

LONGEST_SPELLING = 64  # an id with its hyphens; it is repeated in every media path that is delivered
LONGEST_URL = 8192
FILES_PREFIX = "/openapi/capcut-mate/v1/files/"
_ID = re.compile(r"[0-9A-Za-z]{20,32}")
_TOKEN = re.compile(
    r"(?P<letter>w|v(?P<version>[1-9]\d{0,9}))(-(?P<link>[gl][1-9]\d{0,17}))?-(?P<key>[0-9a-f]{4})(?P<mac>[0-9a-f]{24})",
    re.ASCII,
)


def new_draft_id() -> str:
    """14 digits of UTC time and 18 hex digits: 32 characters, 72 random bits."""
    return datetime.now(UTC).strftime("%Y%m%d%H%M%S") + secrets.token_hex(9)


def canonical_id(spelling: str) -> str | None:
    """The id without hyphens, or ``None`` when it is no id (20 to 32 of ``[0-9A-Za-z]``)."""
    compact = spelling.replace("-", "")
    return compact if len(spelling) <= LONGEST_SPELLING and _ID.fullmatch(compact) else None


@dataclass(frozen=True, slots=True)
class DraftRef:
    """A draft as a client named it: canonical id, the id as spelled, a version number if one was named."""

    id: str
    spelling: str
    version: int | None = None
    host: str = ""


def check_draft_id(value: object) -> DraftRef:
    """A ``draft_id`` parameter; raises ``InvalidParameter`` with the documented sentences, in their order."""
    if value is None or value == "":
        raise InvalidParameter.of("draft_id", "required", Text("draft_id is required", "draft_id是必填项"))
    compact = str(value).replace("-", "")
    if not 20 <= len(compact) <= 32 or len(str(value)) > LONGEST_SPELLING:
        raise InvalidParameter.of(
            "draft_id", "length", Text("Invalid draft_id length", "draft_id长度无效"), hint=_ID_HINT
        )
    if not _ID.fullmatch(compact):
        raise InvalidParameter.of(
            "draft_id", "characters", Text("Invalid draft_id format", "draft_id格式无效"), hint=_ID_HINT
        )
    return DraftRef(compact, str(value))


_ID_HINT = Text(
    "A draft_id is 20 to 32 letters and digits (hyphens do not count), as create_draft returned it.",
    "draft_id 为 20 到 32 位字母和数字（不计连字符），即 create_draft 返回的值。",
)


def parse_draft_url(value: object) -> DraftRef:
    """The draft that a ``draft_url`` names: query, fragment, our file URL, ``<id>.json``, or a bare id.

    The first form that matches decides; a match of bad shape is an error. Raises ``InvalidDraftUrl`` (2001),
    or ``InvalidParameter`` (1001) when the value is not a string.
    """
    if value is None or value == "":
        raise InvalidDraftUrl(Text("draft_url is required", "draft_url是必填项"))
    if not isinstance(value, str):
        raise InvalidParameter.of("draft_url", "string", InvalidDraftUrl.label, hint=InvalidDraftUrl.hint)
    if len(value) > LONGEST_URL:
        raise InvalidDraftUrl
    try:
        parts = urlsplit(value)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        raise InvalidDraftUrl from None
    query = parse_qs(parts.query, keep_blank_values=True)
    found = _named_id(parts, query, value)
    compact = canonical_id(found) if found is not None else None
    if found is None or compact is None:
        raise InvalidDraftUrl
    return DraftRef(compact, found, _named_version(parts, query), host)


def _named_id(parts: SplitResult, query: dict[str, list[str]], value: str) -> str | None:
    """The id's spelling in the first form that matches, however bad its shape."""
    if "draft_id" in query:
        return query["draft_id"][0]
    fragment = parse_qs(parts.fragment.rpartition("?")[2], keep_blank_values=True)
    for fields in (query, fragment):
        for name in ("drafId", "draftId"):
            if name in fields:
                return _json_stem(fields[name][0]) or ""
    if FILES_PREFIX in parts.path:
        segments = parts.path.split(FILES_PREFIX, 1)[1].split("/")
        return segments[1] if len(segments) > 1 else ""
    if parts.path.endswith(".json"):
        return _json_stem(parts.path)
    return value if canonical_id(value) else None


def _json_stem(path: str) -> str | None:
    name = path.rpartition("/")[2]
    return name.removesuffix(".json") if name.endswith(".json") else None


def _named_version(parts: SplitResult, query: dict[str, list[str]]) -> int | None:
    if "version" in query:
        return parse_version(query["version"][0])
    if FILES_PREFIX in parts.path:
        token = _TOKEN.fullmatch(parts.path.split(FILES_PREFIX, 1)[1].split("/")[0])
        return int(token["version"]) if token and token["version"] else None
    return None


def parse_version(value: str) -> int:
    """A version number from a query; raises ``InvalidParameter`` unless it is a whole number from 1."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
        raise InvalidParameter.of(
            "version", "range", Text("version must be a whole number from 1", "version必须是从1开始的整数")
        )
    return int(value)


def refuse_version(ref: DraftRef) -> DraftRef:
    """``ref``, unless it names a version: the past can be read, not written."""
    if ref.version is not None:
        raise InvalidDraftUrl(
            Text("draft_url names a version", "draft_url指向一个历史版本"),
            hint=Text(
                "Versions never change. Use the draft_url without version=, or restore that version first.",
                "历史版本不可修改。请使用不带 version= 的 draft_url，或先恢复该版本。",
            ),
        )
    return ref


def without_token(path: str) -> str:
    """A path for logs and records: the token in a file's path opens the file."""
    before, prefix, rest = path.partition(FILES_PREFIX)
    return f"{before}{prefix}…/{rest.partition('/')[2]}" if prefix else path


def file_token(draft_id: str, *, version: int | None = None, link: str = "") -> str:
    """The signed segment before the id in file URLs, minted with the first signing key.

    With a ``link`` (``access.links``) it says and signs that, and opens every version. It starts with a letter and
    holds no date, so that no client takes it for a draft id (contract 3.13).
    """
    return _mint(draft_id, version, link, settings.SECRET_KEY)


@dataclass(frozen=True, slots=True)
class FileGrant:
    """What a valid token allows: the working files, or those of one version; with ``link`` while that is in force."""

    version: int | None
    link: str = ""


def check_file_token(token: str, draft_id: str) -> FileGrant | None:
    """The grant of ``token`` for the canonical id, or ``None``; older signing keys still count."""
    match = _TOKEN.fullmatch(token)
    if not match:
        return None
    version, link = int(match["version"]) if match["version"] else None, match["link"] or ""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(_mint(draft_id, version, link, secret), token):
            return FileGrant(version, link)
    return None


def _mint(draft_id: str, version: int | None, link: str, secret: str) -> str:
    key = hashlib.sha256(f"drafts.files:{secret}".encode()).digest()
    letter = f"v{version}" if version else "w"
    mac = hmac.new(key, f"{link or letter}:{draft_id}".encode(), hashlib.sha256).hexdigest()[:24]
    return f"{letter}-{link}{'-' if link else ''}{hashlib.sha256(key).hexdigest()[:4]}{mac}"
