"""Where everything stands: lanes, boxes and ticks, in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..outline import Outline, OutlineSegment, OutlineTrack
from .notes import Notes
from .words import family

HEAD: Final = 156  # width of the lanes' names
RULER: Final = 24
GAP: Final = 4
SMALLEST: Final = 900  # width of the time axis
STANDING_ALONE: Final = 1_600  # at most, of a picture that is a file
SCROLLED: Final = 200_000  # at most, of one in a page
LANES: Final = 100  # that are drawn
BOXES: Final = 4_000  # that are drawn, about: each is some 250 bytes
ROWS: Final = 3  # of segments that overlap
THIN: Final = 3.0  # pixels under which a segment joins its neighbours
BAR: Final = 12.0  # pixels of such a group that are enough to point at
READABLE: Final = 76  # pixels for a short name
SPARSE: Final = 300  # pixels for each segment, at most: else few short ones would make a wide and empty picture
TICK: Final = 90  # pixels between two times on the ruler, at least
TICKS: Final = 800  # at most
_SECONDS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000)
_STEPS: Final = (10_000, 20_000, 50_000, 100_000, 200_000, 500_000, *(second * 1_000_000 for second in _SECONDS))


@dataclass(frozen=True, slots=True)
class Box:
    """One segment, or several that are too short to be told apart; ``x`` and ``width`` in pixels."""

    x: float
    width: float
    row: int
    segments: tuple[OutlineSegment, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """One track. ``main`` is the lowest video track; segments that overlap stand in ``rows``."""

    track: OutlineTrack
    family: str
    main: bool
    y: int
    height: int
    rows: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis: ``width`` pixels for ``time`` microseconds."""

    time: int
    width: int

    def x(self, time: int) -> float:
        """Where a time stands."""
        return time * self.width / self.time

    def step(self, room: float) -> int:
        """Microseconds between two ticks that are at least ``room`` pixels apart."""
        least = room * self.time / self.width
        found = next((step for step in _STEPS if step >= least), None)
        if found is None:
            found = _STEPS[-1]
            while found < least:
                found *= 10
        return found


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole picture; ``left_out`` tracks are not drawn."""

    axis: Axis
    lanes: tuple[Lane, ...]
    height: int
    left_out: int


def axis_for(timelines: Sequence[Outline], *, widest: int) -> Axis:
    """One axis for all of them: wide enough to read the names of most segments, within ``widest``."""
    segments = [segment for timeline in timelines for track in timeline.tracks for segment in track.segments]
    ends = [segment.start + segment.duration for segment in segments]
    time = max([0, *ends, *(timeline.duration for timeline in timelines)]) or 10_000_000
    lengths = sorted(segment.duration for segment in segments if segment.duration > 0)
    short = lengths[len(lengths) // 5] if lengths else time
    wanted = min(time / short * READABLE, len(segments) * SPARSE)
    return Axis(time, int(min(max(wanted, SMALLEST), widest)))


def planned(timeline: Outline, axis: Axis, notes: Notes) -> Plan:
    """The plan of one timeline. Segments that something is said about stand alone, unless that is said of most."""
    tracks = _ordered(timeline.tracks)
    drawn = tracks[:LANES]
    placed = [list(_placed(track, axis, notes)) for track in drawn]
    alone = sum(bool(key) for items in placed for _, key in items) <= BOXES // 2
    thin = THIN
    while True:
        rows = [tuple(_joined(items, thin, alone=alone)) for items in placed]
        if sum(map(len, rows)) <= BOXES or thin > axis.width:
            break
        thin *= 1.5
    main = next((track for track in timeline.tracks if track.type == "video"), None)
    lanes: list[Lane] = []
    y = RULER
    for track, boxes in zip(drawn, rows, strict=True):
        count = 1 + max((box.row for box in boxes), default=0)
        height = 46 if track is main else 30 if len(drawn) <= 16 else 24
        height += (count - 1) * 24
        lanes.append(Lane(track, family(track.type), track is main, y + GAP, height, count, boxes))
        y += GAP + height
    left_out = len(tracks) - len(drawn)
    return Plan(axis, tuple(lanes), y + GAP + (30 if left_out or not lanes else 0), left_out)


def _ordered(tracks: Sequence[OutlineTrack]) -> list[OutlineTrack]:
    """From top to bottom as the apps show them: what covers others first, sound last."""
    seen = [track for track in tracks if track.type != "audio"]
    return [*reversed(seen), *(track for track in tracks if track.type == "audio")]


def _placed(track: OutlineTrack, axis: Axis, notes: Notes) -> Iterator[tuple[Box, str]]:
    """Each segment in its row, in order of time, and what is said about it."""
    ends = [0] * ROWS
    for segment in sorted(track.segments, key=lambda item: item.start):
        row = next((row for row in range(ROWS) if ends[row] <= segment.start), None)
        if row is None:
            row = min(range(ROWS), key=ends.__getitem__)
        ends[row] = max(ends[row], segment.start + segment.duration)
        yield Box(axis.x(segment.start), axis.x(segment.duration), row, (segment,)), notes.key(segment)


def _joined(items: Iterable[tuple[Box, str]], thin: float, *, alone: bool) -> Iterator[Box]:
    """Neighbours that are under ``thin`` become one box, until that is wide enough to be pointed at."""
    runs: dict[int, tuple[str, list[Box]]] = {}
    for box, key in items:
        single = box.width >= thin or (alone and key != "")
        before, run = runs.get(box.row, ("", []))
        if run and (
            single
            or key != before
            or box.x - run[-1].x - run[-1].width > thin
            or box.x + box.width - run[0].x > max(thin, BAR)
        ):
            del runs[box.row]
            yield _merged(run)
        if single:
            yield box
        else:
            runs.setdefault(box.row, (key, []))[1].append(box)
    for _, run in runs.values():
        yield _merged(run)


def _merged(run: Sequence[Box]) -> Box:
    end = max(box.x + box.width for box in run)
    return Box(run[0].x, end - run[0].x, run[0].row, tuple(box.segments[0] for box in run))
