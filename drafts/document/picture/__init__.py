"""The picture of a timeline, as SVG: tracks as lanes, segments to scale with their names, findings and changes marked.

It works without script and asks for nothing: colours follow ``html[data-theme]`` of the admin, else the system.
All names are escaped, so the text is safe to mark as HTML.

    shown = outline(document)
    marked = by_place(document, check(document))       # findings by segment; without them, nothing is marked
    picture(shown, findings=marked, language="zh")     # an SVG file, at most 1,800 pixels wide
    section(shown, findings=marked, language="zh")     # HTML for a page: an overview, and a box that scrolls
    comparison(outline(old), outline(new), compare(old, new), names=("1", "2"))  # HTML: both, on one scale

A segment's element has the id ``anchor(segment.id)``, which is ``segment-<id>``: ``<a href="#segment-...">`` leads to
it. Segments that are too short to be seen join their neighbours, those with findings or changes last of all. A page
holds one ``section`` or one ``comparison``; a page's policy must let their ``style`` element in (``look.style()``), and
nothing else has a style. Their colours can be set anew on ``.timeline-picture`` (``--tl-paper``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Final

from ..compare import Comparison
from ..integrity import Finding
from ..outline import Outline
from .draw import RIGHT, Pen, Side, anchor
from .look import style
from .notes import Mark, Notes, marks_of
from .overview import legend, overview, targets
from .plan import HEAD, SCROLLED, STANDING_ALONE, axis_for, planned
from .words import Language, say

__all__ = ["Language", "anchor", "comparison", "picture", "section"]

_NOTHING: Final[Mapping[str, Sequence[Finding]]] = MappingProxyType({})


def picture(
    timeline: Outline, *, findings: Mapping[str, Sequence[Finding]] = _NOTHING, language: Language = "en"
) -> str:
    """The timeline as one SVG that stands alone; ``findings`` are those of ``integrity.by_place``."""
    notes = Notes(findings)
    plan = planned(timeline, axis_for([timeline], widest=STANDING_ALONE), notes)
    pen = Pen(timeline, plan, language, notes)
    width = HEAD + plan.axis.width + RIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline-picture" role="img" width="{width}" '
        f'height="{plan.height}" viewBox="0 0 {width} {plan.height}" lang="{language}">'
        f"<title>{escape(pen.summary())}</title><style>{style()}</style>{pen.head()}"
        f'<svg x="{HEAD}">{pen.body()}</svg></svg>'
    )


def section(
    timeline: Outline, *, findings: Mapping[str, Sequence[Finding]] = _NOTHING, language: Language = "en"
) -> str:
    """The timeline as HTML for a page; ``findings`` are those of ``integrity.by_place``."""
    notes = Notes(findings)
    plan = planned(timeline, axis_for([timeline], widest=SCROLLED), notes)
    return _page([(Pen(timeline, plan, language, notes), "")], language)


def comparison(
    before: Outline, after: Outline, changes: Comparison, *, names: tuple[str, str], language: Language = "en"
) -> str:
    """Two timelines above one another on one scale, as HTML for a page; ``names`` are those of the two states.

    Only the newer one's segments have ids, and the older one's that are gone.
    """
    axis = axis_for([before, after], widest=SCROLLED)
    marks = marks_of(changes)
    pens = []
    sides: tuple[tuple[Outline, Side, Mark], ...] = ((before, "older", "added"), (after, "newer", "removed"))
    for timeline, side, unseen in sides:
        notes = Notes(marks={key: mark for key, mark in marks.items() if mark != unseen})
        pens.append(Pen(timeline, planned(timeline, axis, notes), language, notes, side))
    return _page(list(zip(pens, names, strict=True)), language, above=legend(language))


def _page(pens: Sequence[tuple[Pen, str]], language: Language, *, above: str = "") -> str:
    strips = "".join(f'<div class="tl-strip">{pen.head(name=name)}{pen.body()}</div>' for pen, name in pens)
    return (
        f'<div class="timeline-picture"><style>{style()}</style>{above}{overview(pens)}'
        f'<div class="tl-box" tabindex="0" role="region" aria-label="{say("timeline", language)}">'
        f"{targets(pens[0][0].plan.axis)}{strips}</div></div>"
    )
