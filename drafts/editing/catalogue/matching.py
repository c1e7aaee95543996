"""Finding entries by what people write (contract B): generously, and never by guessing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import cache

from .entries import Entry, Kind, entries

LONGEST_NAME = 100  # characters; no entry's name is longer, and nothing longer is compared
_NEAR = 0.4  # similarity from which a name is worth suggesting
_BLANKS = str.maketrans("", "", " _\t\r\n\u3000")
_FONT_ALIASES = dict.fromkeys(["志向黑", "励字志向黑", "励字志向黑简"], "励字志向黑简 特粗")
_MASK_ALIASES = {
    "linear": "线性",
    "line": "线性",
    "mirror": "镜面",
    "circle": "圆形",
    "rectangle": "矩形",
    "heart": "爱心",
    "star": "星形",
}


def find(kind: Kind, name: str) -> Entry | None:
    """The entry that ``name`` means, or ``None``.

    In this order: the id (text effects only), the display name, the identifier, an alias (fonts; masks also in
    English, ``Circle Mask`` too), the display name or identifier whatever its case, spaces and underscores; for
    fonts the only one that contains ``name``; for text effects any string of digits as an id.
    """
    if not name or len(name) > LONGEST_NAME:
        return None
    exact, loose = _index(kind)
    folded = fold(name)
    found = exact.get(name) or loose.get(folded)
    if found or not folded:
        return found
    if kind is Kind.MASKS:
        return exact.get(_MASK_ALIASES.get(folded.removesuffix("mask"), ""))
    if kind is Kind.FONTS:
        return _only([entry for key, entry in loose.items() if folded in key])
    if kind is Kind.TEXT_EFFECTS and name.isascii() and name.isdecimal():
        return Entry(kind=kind, name=name, identifier=name, resource_id=name, effect_id=name)
    return None


def search(kind: Kind, text: str) -> list[Entry]:
    """The entries whose display name, identifier or id contains ``text``, in the catalogue's order; all for blanks."""
    wanted = fold(text)
    return [
        entry
        for entry in entries(kind)
        if wanted in fold(entry.name)
        or wanted in fold(entry.identifier)
        or wanted in (entry.resource_id, entry.effect_id)
    ]


def closest(kind: Kind, name: str) -> list[str]:
    """Up to three display names that look most like ``name``, best first: one within the other, or similar."""
    wanted = fold(name[:LONGEST_NAME])
    if not wanted:
        return []
    matcher: SequenceMatcher[str] = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    letters = set(wanted)
    ranked: list[tuple[float, int, str]] = []
    for place, (key, shown) in enumerate(_folded_names(kind)):
        if letters.isdisjoint(key):
            continue
        score = 1 + min(len(key), len(wanted)) / max(len(key), len(wanted)) if key in wanted or wanted in key else 0.0
        if not score:
            matcher.set_seq1(key)
            if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR:
                continue
            score = matcher.ratio()
        if score >= _NEAR:
            ranked.append((-score, place, shown))
    return list(dict.fromkeys(shown for _, _, shown in sorted(ranked)))[:3]


def fold(name: str) -> str:
    """``name`` without case, spaces, underscores and width: ``Ⅱ`` is ``ii``, ``Ａ`` is ``a``."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_BLANKS)


@cache
def _index(kind: Kind) -> tuple[Mapping[str, Entry], Mapping[str, Entry]]:
    """Entries by what they are called exactly, and by how it folds; the first of several wins."""
    exact: dict[str, Entry] = {}
    loose: dict[str, Entry] = {}
    listed = entries(kind)
    if kind is Kind.TEXT_EFFECTS:
        listed = listed[::-1]  # of several with one title the last counts, as in get_text_effects (contract 7.19)
        exact.update((entry.effect_id, entry) for entry in listed)
    for key, entry in [*((entry.name, entry) for entry in listed), *((entry.identifier, entry) for entry in listed)]:
        exact.setdefault(key, entry)
        loose.setdefault(fold(key), entry)
    if kind is Kind.FONTS:
        exact.update((alias, exact[name]) for alias, name in _FONT_ALIASES.items())
    return exact, loose


@cache
def _folded_names(kind: Kind) -> tuple[tuple[str, str], ...]:
    return tuple((fold(entry.name), entry.name) for entry in entries(kind))


def _only(found: list[Entry]) -> Entry | None:
    return found[0] if len(set(map(id, found))) == 1 else None
