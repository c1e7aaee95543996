"""The figures as a picture: hand-made SVG with its own background, light or dark as the reader's screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from .measure import Ratio, Row
from .suite import BODY_FLOOR, INSERT_FLOOR, READ_FLOOR, Report
from .targets import FLOORS

WIDTH, LEFT, LINE = 980, 250, 17
RATIOS = (
    *("get_draft", "save_draft, unchanged", "download of 166 KB", "create_draft", "PUT content, 20 KB"),
    *("save_draft, changed, 20 KB", "PUT content, 200 KB", "save_draft, changed, 200 KB"),
    *("PUT content, 5 MB", "save_draft, changed, 5 MB"),
)
RATES = (
    *(READ_FLOOR, "get_draft", "save_draft, unchanged", "download of 166 KB", INSERT_FLOOR, BODY_FLOOR),
    *("create_draft", "PUT content, 20 KB", "save_draft, changed, 20 KB"),
)
STYLE = """
  text { font: 12px Helvetica, Arial, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: bold } .small { font-size: 11px; fill: #6e7781 } .end { text-anchor: end }
  .ground { fill: #ffffff } .axis { stroke: #8c959f; fill: none } .grid { stroke: #d8dee4; fill: none }
  .target { stroke: #bf3989; stroke-width: 2.5; fill: none } .spread { stroke: #57606a; fill: none }
  .a { fill: #7fa8c9 } .b { fill: #c9a97f } .t1 { fill: #b9cfdf } .t8 { fill: #7fa8c9 } .t32 { fill: #4a7ba3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #d0d7de } .small { fill: #8c959f } .ground { fill: #161b22 } .axis { stroke: #6e7781 }
    .grid { stroke: #30363d } .spread { stroke: #d0d7de } .target { stroke: #f778ba }
    .a { fill: #4f7ea3 } .b { fill: #9a7b4f } .t1 { fill: #9dbcd3 } .t8 { fill: #6b98bb } .t32 { fill: #3f6d93 }
  }
"""


@dataclass(frozen=True)
class Scale:
    """Maps values from 0 to ``most`` to the width between ``start`` and ``end``."""

    most: float
    start: float
    end: float

    def x(self, value: float) -> float:
        """The place of a value; what is beyond the scale ends at its border."""
        return self.start + (self.end - self.start) * min(value / self.most, 1.0)


def draw(reports: list[Report], facts: str) -> str:
    """The whole picture."""
    parts: list[str] = []
    y = 34.0
    y = _ratios(parts, reports, y)
    y = _growth(parts, reports, y + 40)
    y = _rates(parts, reports, y + 40)
    parts.append(_text(24, y + 34, f"Measured {facts.split(', load average')[0]}.", "small"))
    height = round(y + 52)
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    label = "CPU of each call beside its floor, with many versions and drafts beside few, and requests a second"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">\n<style>{STYLE}</style>'
    return "\n".join([head, f'<rect class="ground" width="{WIDTH}" height="{height}" rx="8"/>', *parts, "</svg>\n"])


def _ratios(parts: list[str], reports: list[Report], y: float) -> float:
    parts.append(_text(24, y, "CPU of a request, as a multiple of its floor (8 at once)", "title"))
    note = "Floor: a plain Django view behind the same middleware that reads, or inserts, one row. Median and range."
    parts.append(_text(24, y + 18, note, "small"))
    _legend(parts, reports, y)
    found = [(name, [_find(report, name, 8) for report in reports]) for name in RATIOS]
    return _bars(parts, found, y + 38, target=True)


def _growth(parts: list[str], reports: list[Report], y: float) -> float:
    parts.append(_text(24, y, "No growth: CPU of a request, as a multiple of the same call on little data", "title"))
    note = "Drafts with many versions beside drafts with one; a database with many drafts beside one with ten."
    parts.append(_text(24, y + 18, note, "small"))
    names = [row.name for part in ("versions", "drafts") for row in reports[0].parts[part] if row.beside]
    return _bars(parts, [(name, [_find(report, name, 8) for report in reports]) for name in names], y + 38)


def _bars(parts: list[str], found: Iterable[tuple[str, list[Row | None]]], y: float, *, target: bool = False) -> float:
    rows = [(name, [(row.cpu_ratio if row else None) for row in each]) for name, each in found]
    most = max((ratio.middle for _, each in rows for ratio in each if ratio), default=1.0) * 1.15
    scale = Scale(max(most, 1.5, 2.7 if target else 0), LEFT, WIDTH - 80)
    height = sum(LINE * len(each) + 8 for _, each in rows)
    step = 1.0 if scale.most > 2 else 0.5
    for mark in range(1, int(scale.most / step) + 1):
        x = scale.x(mark * step)
        parts.append(f'<path class="{"axis" if mark * step == 1 else "grid"}" d="M{x:.1f} {y}v{height}"/>')
        parts.append(_text(x - 8, y + height + 14, f"{mark * step:g}x", "small"))
    for name, each in rows:
        middle = y + LINE * len(each) / 2 + 4
        parts.append(_text(LEFT - 12, middle, name, "end"))
        for number, ratio in enumerate(each):
            _bar(parts, scale, y + number * LINE, ratio, "ab"[number])
        if target and name in FLOORS:
            x = scale.x(FLOORS[name])
            parts.append(f'<path class="target" d="M{x:.1f} {y - 2}v{LINE * len(each) + 4}"/>')
        y += LINE * len(each) + 8
    return y + 14


def _bar(parts: list[str], scale: Scale, y: float, ratio: Ratio | None, style: str) -> None:
    if ratio is None:
        return
    width, least, most = scale.x(ratio.middle) - scale.start, scale.x(ratio.least), scale.x(ratio.most)
    parts.append(
        f'<rect class="{style}" x="{scale.start}" y="{y + 2}" width="{width:.1f}" height="{LINE - 4}" rx="2"/>'
    )
    parts.append(f'<path class="spread" d="M{least:.1f} {y + LINE / 2}H{most:.1f}"/>')
    parts.append(_text(WIDTH - 24, y + LINE - 5, f"{ratio.middle:.2f}", "end"))


def _legend(parts: list[str], reports: list[Report], y: float) -> None:
    x = WIDTH - 330
    for number, report in enumerate(reports):
        parts.append(f'<rect class="{"ab"[number]}" x="{x}" y="{y - 10}" width="12" height="12" rx="2"/>')
        parts.append(_text(x + 18, y, report.database))
        x += 100
    parts.append(f'<path class="target" d="M{x + 8} {y - 12}v15"/>')
    parts.append(_text(x + 18, y, "target"))


def _rates(parts: list[str], reports: list[Report], y: float) -> float:
    parts.append(_text(24, y, "Requests a second", "title"))
    parts.append(_text(24, y + 18, "Clients, web processes, worker and database share the machine.", "small"))
    for number, concurrency in enumerate((1, 8, 32)):
        x = WIDTH - 330 + 100 * number
        parts.append(f'<rect class="t{concurrency}" x="{x}" y="{y - 10}" width="12" height="12" rx="2"/>')
        parts.append(_text(x + 18, y, f"{concurrency} at once"))
    column = (WIDTH - LEFT - 24) / len(reports)
    bottom = y
    for number, report in enumerate(reports):
        start = LEFT + number * column
        parts.append(_text(start, y + 42, report.database))
        bottom = _column(parts, report, y + 52, Scale(1.0, start, start + column - 60), names=number == 0)
    return bottom


def _column(parts: list[str], report: Report, y: float, scale: Scale, *, names: bool) -> float:
    highest = max(row.rate for row in report.parts["calls"])
    for name in RATES:
        if names:
            parts.append(_text(LEFT - 12, y + 25, name, "end"))
        for number, concurrency in enumerate((1, 8, 32)):
            row = _find(report, name, concurrency)
            if row is None:
                continue
            top, width = y + number * 13, scale.x(row.rate / highest) - scale.start
            style = f'class="t{concurrency}" x="{scale.start:.1f}" y="{top + 2}" width="{width:.1f}"'
            parts.append(f'<rect {style} height="11" rx="2"/>')
            parts.append(_text(scale.start + width + 5, top + 11, f"{row.rate:,.0f}", "small"))
        y += 3 * 13 + 8
    return y


def _find(report: Report, name: str, concurrency: int) -> Row | None:
    rows = (row for part in report.parts.values() for row in part)
    return next((row for row in rows if (row.name, row.concurrency) == (name, concurrency)), None)


def _text(x: float, y: float, text: str, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{kind}>{escape(text)}</text>'
