"""Rule about texts: R15."""

from __future__ import annotations

from typing import Final

import orjson

from .model import Report, View, dict_of, int_of, list_of


def check_texts(view: View, report: Report) -> None:
    """R15; ranges count UTF-16 units, and the libraries in use get them wrong in known, harmless ways."""
    for material in view.materials:
        if material.list_name == "texts":
            _check_content(material.place, material.value.get("content"), report)


def _check_content(place: str, content: object, report: Report) -> None:
    parsed = parse_content(content)
    text = parsed.get("text")
    if not isinstance(text, str):
        report.add("R15", place, "The content must be a string that holds JSON with a text.")
        return
    styles = list_of(parsed.get("styles"))
    if not styles:
        report.add("R15", place, "The text needs at least one style.")
        return
    fault = _range_fault(styles, utf16_length(text))
    if fault:
        report.add("R15", place, fault, tolerated="info")


def _range_fault(styles: list[object], length: int) -> str:
    """The first fault of the styles' ranges over ``length`` units, which they must cover in order."""
    at = 0
    for style in styles:
        pair = list_of(dict_of(style).get("range"))
        start, end = (int_of(pair[0]), int_of(pair[1])) if len(pair) == 2 else (None, None)
        if start is None or end is None or not 0 <= start <= end:
            return "A style needs a range of two integers."
        if end > length:
            return f"A style ends at {end}, the text has {length} UTF-16 units."
        if start != at:
            return "The ranges of the styles must follow each other without gaps or overlaps."
        at = end
    return "" if at == length else f"The styles end at {at}, the text has {length} UTF-16 units."


def parse_content(content: object) -> dict[str, object]:
    """The JSON inside a text material's ``content``; {} when there is none."""
    if not isinstance(content, str):
        return {}
    try:
        return dict_of(orjson.loads(content))
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return {}


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, the unit of style ranges: 2 for an emoji, 1 for most else."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


CHECKS: Final = (check_texts,)
