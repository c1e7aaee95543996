"""The text with highlighted keywords that ``add_text_style`` answers (contract 7.13)."""

from __future__ import annotations

import json
import re
from typing import Any

_WHITE = [1.0, 1.0, 1.0]
_ORANGE = "ff7100"
_HEX = re.compile(r"#?([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")


def text_style(*, text: str, keyword: str, font_size: int, keyword_color: str, keyword_font_size: int) -> str:
    """``text`` and its styles as compact JSON; ``keyword`` holds words separated by ``|``.

    The styles part the text without a gap, their ranges in code points. Keywords are taken literally, the longest
    first, and do not overlap. A colour that is none becomes orange.
    """
    color = _rgb(keyword_color)
    styles = []
    at = 0
    for start, end in [*_found(text, keyword), (len(text), len(text))]:
        if at < start:
            styles.append(_style(at, start, size=font_size, color=_WHITE))
        if start < end:
            styles.append({**_style(start, end, size=keyword_font_size, color=color), "useLetterColor": True})
        at = end
    return json.dumps({"text": text, "styles": styles}, ensure_ascii=False, separators=(",", ":"))


def _found(text: str, keyword: str) -> list[tuple[int, int]]:
    """Where the keywords are, in the order of the text."""
    taken = bytearray(len(text))
    found = []
    for word in sorted({word for word in keyword.split("|") if word.strip()}, key=lambda word: (-len(word), word)):
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            free = not any(taken[at:end])
            if free:
                taken[at:end] = b"\1" * len(word)
                found.append((at, end))
            at = text.find(word, end if free else at + 1)
    return sorted(found)


def _style(start: int, end: int, *, size: int, color: list[float]) -> dict[str, Any]:
    return {
        "fill": {"content": {"solid": {"color": color}}},
        "range": [start, end],
        "size": size,
        "font": {"id": "", "path": ""},
    }


def _rgb(color: str) -> list[float]:
    match = _HEX.fullmatch(color.strip())
    digits = match[1] if match else _ORANGE
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    return [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
