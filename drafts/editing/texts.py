"""Text materials and the JSON inside them (contract 7.9 and A, draft_format section 7).

Ranges count UTF-16 code units, are sorted and cover the text without gap or overlap.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from drafts.document import canonical
from drafts.document.integrity.words import utf16_length
from drafts.document.skeleton import new_id

from .commands import Shadow
from .timeline import Json

STROKE_WIDTH: Final = 0.08
LINE_MAX_WIDTH: Final = 0.82
_PLAIN, _BORDER, _SHADOW = 7, 8, 32
_HEX: Final = re.compile(r"#?([0-9A-Fa-f]{6})")
# Alignment 3 to 5 is vertical text: centre, left, right.
ALIGNMENTS: Final = ((0, 0), (1, 0), (2, 0), (1, 1), (0, 1), (2, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a part of a text looks; ``font`` and ``effect`` are ids of the catalogue."""

    size: float
    color: str
    border_color: str | None = None
    font: str | None = None
    bold: bool = False
    italic: bool = False
    underline: bool = False
    shadow: Shadow | None = None
    effect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What holds for the whole of a text material; spacings as the API takes them, ``None`` for 0."""

    kind: str = "subtitle"
    alpha: float = 1.0
    alignment: int = 1
    letter_spacing: float | None = None
    line_spacing: float | None = None
    looks: Sequence[tuple[str, Look]] = field(default_factory=tuple)


def material(layout: Layout) -> Json:
    """A text material; ``layout.looks`` are the parts of the text in order, none of them empty."""
    alignment, typesetting = ALIGNMENTS[layout.alignment]
    looks = [look for _, look in layout.looks]
    flags = _PLAIN
    if any(look.border_color for look in looks):
        flags |= _BORDER
    if any(look.shadow for look in looks):
        flags |= _SHADOW
    return {
        "id": new_id(),
        "content": content(layout.looks),
        "typesetting": typesetting,
        "alignment": alignment,
        "letter_spacing": letter_spacing(layout.letter_spacing or 0),
        "line_spacing": line_spacing(layout.line_spacing or 0),
        "line_feed": 1,
        "line_max_width": LINE_MAX_WIDTH,
        "force_apply_line_max_width": False,
        "check_flag": flags,
        "type": layout.kind,
        "global_alpha": float(layout.alpha),
    }


def letter_spacing(value: float) -> float:
    """As the document has it; whole steps of the app's slider (contract 7.9)."""
    return int(value) * 0.05


def line_spacing(value: float) -> float:
    """As :func:`letter_spacing`; the app's own distance is 0.02."""
    return 0.02 + int(value) * 0.05


def content(looks: Sequence[tuple[str, Look]]) -> str:
    """The JSON of a text's parts; raises DocumentError for text that UTF-8 cannot hold."""
    styles: list[Json] = []
    at = 0
    for text, look in looks:
        end = at + utf16_length(text)
        styles.append(_style(at, end, look))
        at = end
    whole = "".join(text for text, _ in looks)
    return canonical.dumps({"styles": styles, "text": whole}).decode()


def partition(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """``text`` in parts, each with whether it is one of ``words``; of overlapping matches the longer word wins."""
    wanted = sorted({word for word in words if word}, key=len, reverse=True)
    if not wanted:
        return [(text, False)]
    # Longest first over the whole text, not only from the left: "bcd" wins over "ab" in "abcd".
    owned = bytearray(len(text))
    marks: list[tuple[int, int]] = []
    for word in wanted:
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            taken = owned.rfind(1, at, end)
            if taken >= 0:
                at = text.find(word, taken + 1)
                continue
            owned[at:end] = b"\x01" * len(word)
            marks.append((at, end))
            at = text.find(word, end)
    parts: list[tuple[str, bool]] = []
    done = 0
    for start, end in sorted(marks):
        if start > done:
            parts.append((text[done:start], False))
        parts.append((text[start:end], True))
        done = end
    if done < len(text):
        parts.append((text[done:], False))
    return parts


def rgb(color: str, *, default: str) -> list[float]:
    """``#rrggbb`` as three numbers 0..1; ``default`` for what is no colour, as the reference does."""
    found = _HEX.fullmatch(color.strip()) or _HEX.fullmatch(default)
    digits = found[1] if found else "ffffff"
    return [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]


def _style(start: int, end: int, look: Look) -> Json:
    style: dict[str, Any] = {
        "fill": {"alpha": 1.0, "content": {"render_type": "solid", "solid": {"alpha": 1.0, "color": []}}},
        "range": [start, end],
        "size": look.size,
        "bold": look.bold,
        "italic": look.italic,
        "underline": look.underline,
        "strokes": [],
    }
    style["fill"]["content"]["solid"]["color"] = rgb(look.color, default="#ffffff")
    if look.border_color:
        solid = {"alpha": 1.0, "color": rgb(look.border_color, default="#000000")}
        style["strokes"].append({"content": {"solid": solid}, "width": STROKE_WIDTH})
    if look.font:
        style["font"] = {"id": look.font, "path": "D:"}
    if look.effect:
        style["effectStyle"] = {"id": look.effect, "path": "C:"}
    if look.shadow:
        style["shadows"] = [_shadow(look.shadow)]
    return style


def _shadow(shadow: Shadow) -> Json:
    return {
        "diffuse": shadow.diffuse / 100 / 6,
        "alpha": float(shadow.alpha),
        "distance": float(shadow.distance),
        "content": {"solid": {"color": rgb(shadow.color, default="#000000")}},
        "angle": float(shadow.angle),
    }
