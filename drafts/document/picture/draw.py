"""The plan as SVG. Nested ``svg`` elements clip what does not fit, and need no ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from ..integrity import Finding
from ..outline import Outline, OutlineSegment
from .look import FLAGS, ICONS
from .notes import Mark, Notes, worst
from .plan import HEAD, RULER, THIN, TICK, TICKS, Box, Lane, Plan
from .words import ELLIPSIS, Language, clock, counted, decimals, family, fitted, length, plain, say

Side = Literal["older", "newer"]
SIGNS: Final[Mapping[Mark, str]] = {"added": "+", "removed": "−", "changed": "~", "moved": "→"}
RIGHT: Final = 56  # pixels for the last time of the ruler
AGAIN: Final = 1_000  # pixels, at least, after which a long segment's name stands again
NARROW: Final = 44  # pixels of a box that has its name beside it, where there are as many
BESIDE: Final = 240  # pixels of such a name, at most
_AGAIN: Final = 300  # times, at most
_TOLD: Final = 5  # findings and names in a tooltip
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]")


def anchor(segment_id: str) -> str:
    """The id of a segment's element in the picture: ``segment-`` and the segment's id, made safe for a URL."""
    return "segment-" + _UNSAFE.sub(lambda match: f"_{ord(match[0]):x}", segment_id[:100])


@dataclass(frozen=True, slots=True)
class Pen:
    """What all parts of one picture share. ``side`` is the one that it has in a comparison."""

    timeline: Outline
    plan: Plan
    language: Language
    notes: Notes
    side: Side | None = None

    def head(self, *, name: str = "") -> str:
        """The lanes' names, and above them ``name`` and the duration."""
        rows = "".join(map(self._lane_name, self.plan.lanes))
        above = " · ".join(filter(None, (plain(name, limit=80), length(self.timeline.duration))))
        return (
            f'<svg class="tl-head" width="{HEAD}" height="{self.plan.height}" aria-hidden="true">'
            f'<rect class="tl-paper" width="100%" height="100%"/>'
            f'<text class="tl-name" x="8" y="16">{escape(fitted(above, (HEAD - 16) / 12.6))}</text>{rows}</svg>'
        )

    def body(self) -> str:
        """Ruler and lanes, without the names."""
        plan = self.plan
        used: set[str] = set()
        lanes = "".join(self._lane(lane, used) for lane in plan.lanes)
        if not any(lane.boxes for lane in plan.lanes):
            lanes += f'<text x="12" y="{RULER + 31}">{say("empty", self.language)}</text>'
        if plan.left_out:
            more = say("more", self.language).format(f"{plan.left_out:,}")
            lanes += f'<text x="12" y="{plan.height - 11}">{more}</text>'
        return (
            f'<svg class="tl-body" width="{plan.axis.width + RIGHT}" height="{plan.height}" role="img" '
            f'aria-label="{escape(self.summary())}"><rect class="tl-paper" width="100%" height="100%"/>'
            f"{_ruler(plan)}{lanes}{self._end()}</svg>"
        )

    def summary(self) -> str:
        """One sentence for who cannot see the picture."""
        tracks = self.timeline.tracks
        segments = [segment for track in tracks for segment in track.segments]
        found = {id(item) for items in self.notes.findings.values() for item in items}
        marks = Counter(self.notes.marks.get(segment.id) for segment in segments)
        return ", ".join(
            [
                f"{say('timeline', self.language)} {length(self.timeline.duration)}",
                counted("track", len(tracks), self.language),
                counted("segment", len(segments), self.language),
                *([counted("finding", len(found), self.language)] if found else []),
                *(f"{say(mark, self.language)}: {marks[mark]}" for mark in SIGNS if marks[mark]),
            ]
        )

    def colour(self, lane: Lane, box: Box) -> str:
        """The class that fills a box."""
        first = box.segments[0]
        calm = self.side or lane.track.muted or not first.visible
        return self.notes.marks.get(first.id) or ("calm" if calm else family(first.kind))

    def _lane_name(self, lane: Lane) -> str:
        language, track = self.language, lane.track
        kind = say(lane.family, language)
        name = plain(track.name, limit=200) or kind
        mark = self.notes.marks.get(track.id)
        trouble = self.notes.findings.get(track.place, ())
        notes = [say("main", language)] * lane.main + [say("muted", language)] * track.muted
        title = [", ".join([kind, *notes, counted("segment", len(track.segments), language)])]
        if name != kind:
            title.insert(0, name)
        if mark:
            title.append(f"{SIGNS[mark]} {say(mark, language)}")
        title += _told(trouble, language)
        two = lane.main or (lane.height >= 44 and name != kind)
        first = lane.height // 2 - (4 if two else -4)
        signs, right = "", HEAD - 20
        if trouble:
            signs += _flag(trouble, right, first - 11)
            right -= 17
        if track.muted:
            signs += _icon("muted", right - 2, first - 12)
            right -= 18
        shown = fitted(f"{SIGNS[mark]} {name}" if mark else name, (right - 18) / 12.6)
        below = " · ".join([kind, *notes] if name != kind else notes)
        second = f'<text class="tl-soft" x="28" y="{first + 16}">{escape(below)}</text>' if two else ""
        return (
            f'<svg y="{lane.y}" height="{lane.height}"{f""" class="tl-{mark}" """ if mark else ""}>'
            f"<title>{escape(chr(10).join(title))}</title>"
            f'<rect class="{"tl-marked" if mark else "tl-lane"}" width="{HEAD - 2}" height="100%" rx="3"/>'
            f'{_icon(lane.family, 7, first - 12)}<text class="tl-name" x="28" y="{first}">{escape(shown)}</text>'
            f"{second}{signs}</svg>"
        )

    def _lane(self, lane: Lane, used: set[str]) -> str:
        following = [float(self.plan.axis.width)] * lane.rows
        room = []
        for box in reversed(lane.boxes):
            room.append(following[box.row] - box.x - box.width)
            following[box.row] = box.x
        boxes = "".join(self._box(lane, box, free, used) for box, free in zip(lane.boxes, reversed(room), strict=True))
        return (
            f'<svg y="{lane.y}" height="{lane.height}">'
            f'<rect class="tl-lane" width="{self.plan.axis.width}" height="100%" fill-opacity=".6"/>{boxes}</svg>'
        )

    def _box(self, lane: Lane, box: Box, free: float, used: set[str]) -> str:
        """A box with its name in it, or beside it when there is more room; ``free`` pixels are."""
        first = box.segments[0]
        many = len(box.segments) > 1
        trouble = self.notes.found(box.segments)
        mark = self.notes.marks.get(first.id)
        name = anchor(first.id)
        own = ""
        if not many and first.id and name not in used and (self.side != "older" or mark == "removed"):
            used.add(name)
            own = f' id="{name}"'
        severity = worst(trouble)
        width = max(box.width - 1 if box.width > 4 else box.width, 2)
        dim = lane.track.muted or not first.visible
        classes = (
            *("tl-s", f"tl-{self.colour(lane, box)}", severity and f"tl-{severity}"),
            *("tl-dim" * dim, "tl-run" * many, "tl-thin" * (width < THIN)),
        )
        height = (lane.height - lane.rows + 1) // lane.rows
        top = box.row * (height + 1)
        edge = 1 if severity else 0.5
        words = plain(first.label, limit=200) or say(family(first.kind), self.language)
        if mark or many:
            words = f"{SIGNS[mark] if mark else ''}{f'×{len(box.segments)}' * many} {words}"
        beside = ""
        if width < NARROW < free:
            beside = f'<text class="tl-soft" x="{_px(box.x + width + 4)}" y="{top + height // 2 + 4}">'
            beside += f"{escape(fitted(words, min(free - 10, BESIDE) / 11))}</text>"
            words = ""
        length_of = first.duration if height >= 40 and width > 60 and not many else 0
        title = self._joined_title(box, trouble, mark) if many else self._title(first, trouble, mark)
        return (
            f'<svg{own} class="{" ".join(filter(None, classes))}" x="{_px(box.x)}" width="{_px(width)}"'
            f"{f' y={chr(34)}{top}{chr(34)}' if top else ''}><title>{escape(title)}</title>"
            f'<rect x="{edge}" y="{edge}" width="{_px(width - 2 * edge)}" height="{_px(height - 2 * edge)}" rx="3"/>'
            f"{self._label(words, trouble, width, height, length_of)}</svg>{beside}"
        )

    def _label(self, words: str, trouble: Sequence[Finding], width: float, height: int, duration: int) -> str:
        """What stands in a box: once, or every so often when it is long."""
        if width < 18:
            return ""
        line = 26 if height >= 40 else height
        flag = _flag(trouble, 4, line // 2 - 6)
        shown = flag + _text(words, 20 if flag else 6, line, min(width, AGAIN))
        step = max(AGAIN, self.plan.axis.width * sum(lane.rows for lane in self.plan.lanes) // _AGAIN)
        again = "".join(f'<svg x="{at}">{shown}</svg>' for at in range(step, int(width) - BESIDE, step))
        if duration:
            shown += f'<text class="tl-sub" x="6" y="36">{length(duration)}</text>'
        return shown + again

    def _title(self, segment: OutlineSegment, trouble: Sequence[Finding], mark: Mark | None) -> str:
        language = self.language
        words = plain(segment.label, limit=160)
        span = say("unplaced", language)
        if segment.duration:
            end = segment.start + segment.duration
            span = f"{clock(segment.start, digits=3)} – {clock(end, digits=3)} ({length(segment.duration)})"
        file = plain(segment.path.replace("\\", "/").rpartition("/")[2], limit=100)
        source = [file] if file != words else []
        if segment.source_start:
            source.append(f"{say('from', language)} {clock(segment.source_start, digits=3)}")
        if segment.speed != 1:
            source.append(f"{say('speed', language)} {segment.speed:.3g}×")
        if segment.volume != 1:
            source.append(f"{say('volume', language)} {segment.volume:.0%}")
        lines = [
            words,
            f"{say(family(segment.kind), language)} · {span}",
            " · ".join(filter(None, source)),
            "" if segment.visible else say("hidden", language),
            f"{SIGNS[mark]} {say(mark, language)}" if mark else "",
            *_told(trouble, language),
        ]
        return "\n".join(filter(None, lines))

    def _joined_title(self, box: Box, trouble: Sequence[Finding], mark: Mark | None) -> str:
        start, end = box.segments[0].start, max(item.start + item.duration for item in box.segments)
        span = f"{clock(start, digits=1)} – {clock(end, digits=1)}"
        lines = [
            f"{counted('segment', len(box.segments), self.language)} · {span}",
            f"{SIGNS[mark]} {say(mark, self.language)}" if mark else "",
            *dict.fromkeys(plain(item.label, limit=40) for item in box.segments[:_TOLD]),
            ELLIPSIS if len(box.segments) > _TOLD else "",
            *_told(trouble, self.language),
        ]
        return "\n".join(filter(None, lines))

    def _end(self) -> str:
        duration = self.timeline.duration
        if not 0 < duration <= self.plan.axis.time:
            return ""
        title = f"{say('end', self.language)} {clock(duration, digits=3)}"
        place = f"M{_px(self.plan.axis.x(duration))} {RULER - 8}V{self.plan.height}"
        return f'<path class="tl-end" d="{place}"><title>{title}</title></path>'


def _ruler(plan: Plan) -> str:
    step = plan.axis.step(max(TICK, plan.axis.width / TICKS))
    digits = decimals(step)
    ticks = [(plan.axis.x(time), clock(time, digits=digits)) for time in range(0, plan.axis.time + 1, step)]
    grid = "".join(f"M{_px(x)} {RULER}V{plan.height}" for x, _ in ticks)
    marks = "".join(f"M{_px(x)} {RULER - 8}v8" for x, _ in ticks)
    labels = "".join(f'<text class="tl-soft" x="{_px(x + 4)}" y="14">{time}</text>' for x, time in ticks)
    return f'<path class="tl-grid" d="{grid}"/><path class="tl-rule" d="{marks}"/>{labels}'


def _text(words: str, left: int, height: int, width: float) -> str:
    """As much of a line as fits, in the middle of ``height``."""
    shown = fitted(words, (width - left - 3) / 12)
    return f'<text x="{left}" y="{height // 2 + 4}">{escape(shown)}</text>' if shown else ""


def _icon(name: str, x: int, y: int) -> str:
    return f'<path class="tl-icon" transform="translate({x} {y})" d="{ICONS[name]}"/>'


def _flag(trouble: Sequence[Finding], x: int, y: int) -> str:
    severity = worst(trouble)
    if not severity:
        return ""
    return f'<path class="tl-flag tl-flag-{severity}" transform="translate({x} {y})" d="{FLAGS[severity]}"/>'


def _told(trouble: Sequence[Finding], language: Language) -> Iterator[str]:
    for finding in trouble[:_TOLD]:
        message = finding.message if language == "en" else finding.chinese
        yield f"⚠ {finding.rule} {say(finding.severity, language)}: {plain(message, limit=200)}"
    if len(trouble) > _TOLD:
        yield f"{ELLIPSIS} {counted('finding', len(trouble), language)}"


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
