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
        message = "The content must be a string that holds JSON with a text."
        report.add("R15", place, message, "content 必须是字符串，内容为带有 text 的 JSON。")
        return
    styles = list_of(parsed.get("styles"))
    if not styles:
        report.add("R15", place, "The text needs at least one style.", "文字至少需要一个样式。")
        return
    fault = _range_fault(styles, utf16_length(text))
    if fault:
        report.add("R15", place, *fault, tolerated="info")


def _range_fault(styles: list[object], length: int) -> tuple[str, str] | None:
    """The first fault of the styles' ranges over ``length`` units, which they must cover in order."""
    at = 0
    for style in styles:
        pair = list_of(dict_of(style).get("range"))
        start, end = (int_of(pair[0]), int_of(pair[1])) if len(pair) == 2 else (None, None)
        if start is None or end is None or not 0 <= start <= end:
            return "A style needs a range of two integers.", "样式需要由两个整数组成的 range。"
        if end > length:
            return (
                f"A style ends at {end}, the text has {length} UTF-16 units.",
                f"有样式在 {end} 结束，而文字只有 {length} 个 UTF-16 单位。",
            )
        if start != at:
            return (
                "The ranges of the styles must follow each other without gaps or overlaps.",
                "样式的 range 必须依次相接，没有空隙或重叠。",
            )
        at = end
    if at == length:
        return None
    return (
        f"The styles end at {at}, the text has {length} UTF-16 units.",
        f"样式在 {at} 结束，而文字有 {length} 个 UTF-16 单位。",
    )


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
