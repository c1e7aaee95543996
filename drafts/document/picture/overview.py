"""What stands above the picture in a page: the whole timeline in the page's width with links, and a legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from .draw import RIGHT, SIGNS, Pen
from .notes import worst
from .plan import HEAD, Axis, Lane
from .words import Language, clock, counted, decimals, plain, say

NEEDED: Final = 1_800  # pixels of a time axis; a shorter one is seen without, except on phones
COLUMNS: Final = 16  # links, at most
UNITS: Final = 800  # across, in which bars are drawn
MANY: Final = 24  # lanes; more are thinner
TOP: Final = 20


def overview(pens: Sequence[tuple[Pen, str]]) -> str:
    """Each lane as a line of bars, one timeline with its name below the other; "" when there are none."""
    language, axis = pens[0][0].language, pens[0][0].plan.axis
    if not any(lane.boxes for pen, _ in pens for lane in pen.plan.lanes):
        return ""
    bars, names, y = "", "", TOP
    thin = max(len(pen.plan.lanes) for pen, _ in pens) > MANY
    for pen, name in pens:
        if name:
            names += f'<text class="tl-soft" x="4" y="{y + 11}">{escape(plain(name, limit=80))}</text>'
            y += 16
        for lane in pen.plan.lanes:
            height = (3 if thin else 5) + 3 * lane.main
            bars += "".join(_bars(pen, lane, y, height))
            y += height + (1 if thin else 2)
        y += 6
    short = " tl-short" if axis.width <= NEEDED else ""
    return (
        f'<div class="tl-overview{short}" role="navigation" aria-label="{say("overview", language)}">'
        f'<svg width="100%" height="{y}">'
        f'<rect class="tl-lane" width="100%" height="100%" rx="3"/>'
        f'<svg width="100%" height="{y}" viewBox="0 0 {UNITS} {y}" preserveAspectRatio="none">{bars}</svg>'
        f"{names}{''.join(_columns(pens[-1][0]))}</svg></div>"
    )


def legend(language: Language) -> str:
    """What the colours of a comparison mean."""
    items = "".join(
        f'<li><svg class="tl-s tl-{mark}" width="16" height="14" aria-hidden="true">'
        f'<rect x=".5" y=".5" width="15" height="13" rx="3"/><text x="4.5" y="11">{sign}</text></svg>'
        f"{say(mark, language)}</li>"
        for mark, sign in SIGNS.items()
    )
    return f'<ul class="tl-legend">{items}</ul>'


def targets(axis: Axis) -> str:
    """What the links of the overview lead to: places as wide as the box, so that a browser shows all of one."""
    step = _step(axis)
    places = "".join(
        f'<rect id="timeline-{at}" x="{axis.x(time):.0f}" width="600" height="1"/>'
        for at, time in enumerate(range(0, axis.time, step))
    )
    width = HEAD + axis.width + RIGHT
    return f'<svg class="tl-targets" width="{width}" height="1" aria-hidden="true">{places}</svg>'


def _step(axis: Axis) -> int:
    return axis.step(axis.width / COLUMNS)


def _bars(pen: Pen, lane: Lane, y: int, height: int) -> Iterator[str]:
    """One path for each colour, errors and warnings last."""
    scale = UNITS / pen.plan.axis.width
    spans: dict[str, list[list[int]]] = {}
    for box in lane.boxes:
        start = int(box.x * scale)
        end = max(int((box.x + box.width) * scale), start + 1)
        severity = worst(pen.notes.found(box.segments))
        flag = f"flag-{severity}" if severity in {"error", "warning"} else ""
        for name in (pen.colour(lane, box), flag):
            found = spans.setdefault(name, [])
            if found and start <= found[-1][1]:
                found[-1][1] = max(found[-1][1], end)
            else:
                found.append([start, end])
    spans.pop("", None)
    for name in sorted(spans, key=lambda name: name.startswith("flag-")):
        path = "".join(f"M{start} {y}h{end - start}v{height}h{start - end}z" for start, end in spans[name])
        yield f'<path class="tl-bars tl-{name}" d="{path}"/>'


def _columns(pen: Pen) -> Iterator[str]:
    axis = pen.plan.axis
    step = _step(axis)
    digits = decimals(step)
    starts = Counter(segment.start // step for track in pen.timeline.tracks for segment in track.segments)
    for at, time in enumerate(range(0, axis.time, step)):
        left = time / axis.time * 100
        width = min(step / axis.time * 100, 100 - left)
        span = f"{clock(time, digits=digits)} – {clock(time + step, digits=digits)}"
        label = f"{span} · {counted('segment', starts[at], pen.language)}"
        yield (
            f'<a href="#timeline-{at}" aria-label="{label}"><title>{label}</title>'
            f'<rect x="{left:.2f}%" width="{width:.2f}%" height="100%"/>'
            f'<text class="tl-soft" x="{left:.2f}%" dx="4" y="13">{clock(time, digits=digits)}</text></a>'
        )
