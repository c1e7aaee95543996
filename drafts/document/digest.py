"""What lists, filters and search know of a document: its words, its application, what changed in it as counts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from .compare import compare
from .integrity.model import View, dict_of, text_of
from .integrity.words import parse_content

_APPS: Final = {"lv": "JianYing", "cc": "CapCut"}
_VERSION: Final = re.compile(r"[0-9]+(?:\.[0-9]+){0,3}")
_SPACE: Final = re.compile(r"\s+")


def fold(text: str) -> str:
    """The form in which texts are searched: NFKC, lower case, one space between words."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text.replace("\0", " ")).lower()).strip()


def grams(text: str) -> set[str]:
    """Every character of a folded text and every pair of neighbours within a line, in hex: what an index can hold."""
    found: set[str] = set()
    for line in text.split("\n"):
        found.update(line)
        found.update(map("".join, pairwise(line)))
    return {_hex(gram) for gram in found}


def grams_of_word(word: str) -> set[str]:
    """What :func:`grams` gives of any text that holds the folded ``word``: its pairs, or its one character."""
    pairs = {_hex("".join(pair)) for pair in pairwise(word)}
    return pairs or grams(word)


def _hex(gram: str) -> str:
    return gram.encode("utf-16-be", "surrogatepass").hex()


def captions(view: View) -> Iterator[str]:
    """What the texts of a document say, in the order of its materials."""
    for material in view.materials:
        words = text_of(parse_content(material.value.get("content")).get("text"))
        if words:
            yield words


def app_profile(doc: Mapping[str, Any]) -> str:
    """The application that wrote the document last, with its version (``CapCut 6.7.0``); "" when it does not say.

    Source: ``last_modified_platform`` and ``platform`` (contract draft_format section 2).
    """
    for name in ("last_modified_platform", "platform"):
        platform = dict_of(doc.get(name))
        app = _APPS.get(text_of(platform.get("app_source")))
        if app:
            version = _VERSION.match(text_of(platform.get("app_version"))[:20])
            return f"{app} {version[0]}" if version else app
    return ""


def changes(before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    """What changed between two documents, as counts; what did not change is left out, so {} says that nothing did.

    ``segments_added`` and ``segments_removed`` by type of track, ``segments_changed`` by aspect (moved, trimmed, ...),
    ``texts_changed``, ``tracks_added``, ``tracks_removed``, ``tracks_changed``, ``general`` (names of values of the
    whole: ``canvas.width``, ``fps``), ``details`` for all else. ``before`` is None for a first version.
    """
    found = compare(before or {}, after)
    segments: dict[str, Counter[str]] = {kind: Counter() for kind in ("added", "removed", "changed")}
    for segment in found.segments:
        segments[segment.kind].update(segment.aspects if segment.kind == "changed" else [segment.track_type[:20]])
    texts = segments["changed"].pop("text", 0)
    tracks = Counter(track.kind for track in found.tracks)
    counts: dict[str, Any] = {
        **{f"segments_{kind}": dict(counter) for kind, counter in segments.items()},
        "texts_changed": texts,
        **{f"tracks_{kind}": tracks[kind] for kind in ("added", "removed", "changed")},
        "general": [change.field for change in found.general] if before else [],
    }
    known = {name: count for name, count in counts.items() if count}
    if before and not known and not found.same:
        known["details"] = max(1, len(found.materials))
    return known
