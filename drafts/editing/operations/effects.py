"""Effects and filters over everything below them (contract 7.10 and 7.11)."""

from __future__ import annotations

from collections.abc import Sequence

from drafts.core.errors import Text

from .. import catalogue, lanes, materials, segments
from ..catalogue import Entry, Kind
from ..commands import Added, AddEffects, AddFilters, Placed, Span
from ..errors import EMPTY, EditError, did_you_mean
from ..errors import Kind as Refused
from ..timeline import Json, Timeline
from .registry import operates


@operates(AddEffects)
def add_effects(timeline: Timeline, command: AddEffects) -> Added:
    """Scene effects, then character effects, by name; items that overlap earlier ones go to further tracks."""
    if not command.items:
        raise EditError(Refused.EFFECT_INFO, "effect_infos", "empty", EMPTY)
    made: list[Json] = []
    for number, item in enumerate(command.items):
        place = f"effect_infos[{number}]"
        segments.check_span(item, Refused.EFFECT_INFO, place)
        entry = catalogue.find(Kind.SCENE_EFFECTS, item.name) or catalogue.find(Kind.CHARACTER_EFFECTS, item.name)
        if entry is None:
            near = [name for kind in (Kind.SCENE_EFFECTS, Kind.CHARACTER_EFFECTS) for name in _near(kind, item.name)]
            place = f"{place}.effect_title"
            raise _unknown(Refused.EFFECT_NOT_FOUND, item.name, place, ("effect", "特效"), near)
        made.append(materials.video_effect(entry))
    return _place(timeline, "effect", "video_effects", command.items, made)


@operates(AddFilters)
def add_filters(timeline: Timeline, command: AddFilters) -> Added:
    """Filters by name; items that overlap earlier ones go to further tracks."""
    if not command.items:
        raise EditError(Refused.FILTER_INFO, "filter_infos", "empty", EMPTY)
    made: list[Json] = []
    for number, item in enumerate(command.items):
        place = f"filter_infos[{number}]"
        segments.check_span(item, Refused.FILTER_INFO, place)
        if not 0 <= item.intensity <= 100:
            text = Text("{place} must lie in 0..100", "{place} 必须在 0 到 100 之间")
            raise EditError(Refused.FILTER_INFO, f"{place}.intensity", "range", text)
        made.append(materials.colour_filter(_filter(item.name, f"{place}.filter_title"), item.intensity / 100))
    return _place(timeline, "filter", "effects", command.items, made)


def _filter(name: str, place: str) -> Entry:
    entry = catalogue.find(Kind.FILTERS, name)
    if entry is None:
        raise _unknown(Refused.FILTER_NOT_FOUND, name, place, ("filter", "滤镜"), _near(Kind.FILTERS, name))
    return entry


def _near(kind: Kind, name: str) -> list[str]:
    return catalogue.closest(kind, name)


def _unknown(kind: Refused, name: str, place: str, words: tuple[str, str], near: Sequence[str]) -> EditError:
    shown = name[:60]
    text = Text(f"{{place}}: no {words[0]} is called {shown!r}", f"{{place}}：没有名为“{shown}”的{words[1]}")
    return EditError(kind, place, "unknown", text, hint=did_you_mean(list(near)))


def _place(timeline: Timeline, kind: str, list_name: str, items: Sequence[Span], made: Sequence[Json]) -> Added:
    chosen = lanes.lanes([(item.start, item.end) for item in items])
    tracks = [timeline.add_track(kind, kind) for _ in range(max(chosen) + 1)]
    placed: list[Placed] = []
    for item, material, lane in zip(items, made, chosen, strict=True):
        material_id = timeline.add_material(list_name, material)
        segment = segments.effect(
            timeline, tracks[lane], material_id=material_id, start=item.start, duration=item.end - item.start
        )
        placed.append(Placed(segment_id=segment["id"], material_id=material_id, start=item.start, end=item.end))
    return Added(track_ids=tuple(track["id"] for track in tracks), segments=tuple(placed))
