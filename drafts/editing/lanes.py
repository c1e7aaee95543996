"""Which of several time ranges overlap, and how many tracks they need."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence


def first_overlap(spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The indexes of two half-open ranges (start, end) that overlap, the lower one first; ``None`` if none do."""
    widest: int | None = None
    for index in sorted(range(len(spans)), key=lambda place: spans[place]):
        if widest is not None and spans[index][0] < spans[widest][1]:
            return min(index, widest), max(index, widest)
        if widest is None or spans[index][1] > spans[widest][1]:
            widest = index
    return None


def lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """For each range the number of its track, 0 the lowest: above every earlier range that it overlaps."""
    if first_overlap(spans) is None:
        return [0] * len(spans)
    tracks: list[list[tuple[int, int]]] = []
    chosen: list[int] = []
    for span in spans:
        lane = next((at + 1 for at in reversed(range(len(tracks))) if _overlaps(tracks[at], span)), 0)
        if lane == len(tracks):
            tracks.append([])
        insort(tracks[lane], span)
        chosen.append(lane)
    return chosen


def _overlaps(placed: list[tuple[int, int]], span: tuple[int, int]) -> bool:
    """Whether ``span`` overlaps one of ``placed``, which are sorted and free of overlaps."""
    at = bisect_right(placed, span)
    if at and placed[at - 1][1] > span[0]:
        return True
    return at < len(placed) and placed[at][0] < span[1]
