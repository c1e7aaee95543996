"""What ``add_text_style`` answers, as the text of a caption (``style_text``, contract 7.9 and 7.13).

Its ranges count code points, unlike those of a document.
"""

from __future__ import annotations

from typing import Any

import orjson

from drafts.document.integrity.model import dict_of, int_of, list_of, number_of

from .commands import StyledPart


def parts_of(text: str) -> tuple[StyledPart, ...]:
    """The parts of a styled text in order, gaps between its styles included; nothing for a text that is plain."""
    if not text.lstrip().startswith("{"):
        return ()
    try:
        value = dict_of(orjson.loads(text))
    except orjson.JSONDecodeError:
        return ()
    words = value.get("text")
    if not isinstance(words, str) or not words or "styles" not in value:
        return ()
    parts: list[StyledPart] = []
    at = 0
    for style in map(dict_of, list_of(value["styles"])):
        start, end = _range(style, len(words))
        if end <= max(start, at):
            continue
        if start > at:
            parts.append(StyledPart(text=words[at:start]))
        parts.append(StyledPart(text=words[max(start, at) : end], color=_color(style), size=_size(style)))
        at = end
    return (*parts, StyledPart(text=words[at:])) if at < len(words) else tuple(parts)


def _range(style: dict[str, Any], length: int) -> tuple[int, int]:
    pair = [int_of(value) or 0 for value in list_of(style.get("range"))]
    return (max(pair[0], 0), min(pair[1], length)) if len(pair) == 2 else (0, 0)


def _color(style: dict[str, Any]) -> str | None:
    solid = dict_of(dict_of(dict_of(style.get("fill")).get("content")).get("solid"))
    parts = [number_of(value) for value in list_of(solid.get("color"))]
    if len(parts) != 3:
        return None
    return "#" + "".join(f"{round(255 * min(max(part or 0.0, 0.0), 1.0)):02x}" for part in parts)


def _size(style: dict[str, Any]) -> float | None:
    size = number_of(style.get("size"))
    return size if size is not None and size > 0 else None
