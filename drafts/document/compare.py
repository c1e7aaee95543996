"""What changed between two documents, by id, at the level people think in.

Key order and the spelling of numbers (1 and 1.0) are no change; text contents are compared as the JSON that they
hold. Parts without an id, or with one that stands twice, are matched by their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any, Final, Literal, NamedTuple, TypeVar

from . import canonical, paths
from .integrity.model import SAME_ID, dict_of, list_of, span_of, text_of
from .integrity.words import parse_content

Kind = Literal["added", "removed", "changed"]
Aspect = Literal["moved", "trimmed", "retimed", "restyled", "text", "media", "decorated", "other"]

_Key = TypeVar("_Key")

LIMIT: Final = 500
_LOOK: Final = {"clip", "volume", "visible", "uniform_scale", "hdr_settings", "reverse", "last_nonzero_volume"}
_DERIVED: Final = {"render_index", "track_render_index"}
_GENERAL: Final = ("fps", "duration", "name")


@dataclass(frozen=True, slots=True)
class Change:
    """One value, before and after; ``None`` for one that was or is not there."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """One segment that came, went or changed. ``label`` is its text or the name of its media.

    ``start`` and ``duration`` (microseconds) are those of the newer document, of the older for a removed one.
    """

    kind: Kind
    id: str
    track_id: str
    track_type: str
    label: str
    start: int
    duration: int
    aspects: tuple[Aspect, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackChange:
    """One track that came, went, or changed its own values: its name, whether it is muted, its position."""

    kind: Kind
    id: str
    type: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class MaterialChange:
    """One item of a material list that came, went or changed."""

    kind: Kind
    id: str
    list_name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One raw difference; ``place`` is a JSON pointer into the newer document, into the older for a removed value."""

    kind: Kind
    place: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that changed. ``differences`` are at most ``LIMIT``; ``more`` says that there are others."""

    general: tuple[Change, ...]
    tracks: tuple[TrackChange, ...]
    segments: tuple[SegmentChange, ...]
    materials: tuple[MaterialChange, ...]
    differences: tuple[Difference, ...]
    more: bool

    @property
    def same(self) -> bool:
        """Whether nothing changed at all."""
        return not self.differences

    def summary(self) -> dict[str, int]:
        """How many tracks, segments and texts came, went and changed; zeros are left out."""
        counts: dict[str, int] = {}
        for name, items in (("tracks", self.tracks), ("segments", self.segments), ("materials", self.materials)):
            for item in items:
                key = f"{name}_{item.kind}"
                counts[key] = counts.get(key, 0) + 1
        texts = sum("text" in item.aspects for item in self.segments)
        return {**counts, **({"texts_changed": texts} if texts else {})}


class _Placed(NamedTuple):
    segment: dict[str, Any]
    track_id: str
    track_type: str


class _Side:
    """One of the two documents, read as far as it can be read. Nearly all of it is equal, so nothing is built of it."""

    def __init__(self, doc: dict[str, Any]) -> None:
        self.tracks = _dicts(doc.get("tracks"))
        self.lists = {name: _dicts(items) for name, items in dict_of(doc.get("materials")).items()}

    @property
    def segments(self) -> Iterator[_Placed]:
        for track in self.tracks:
            track_id, track_type = text_of(track.get("id")), text_of(track.get("type"))
            for segment in _dicts(track.get("segments")):
                yield _Placed(segment, track_id, track_type)

    @cached_property
    def by_id(self) -> Mapping[str, Sequence[tuple[str, dict[str, Any]]]]:
        """The materials of each id with the names of their lists."""
        found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        for name, items in self.lists.items():
            for item in items:
                material_id = text_of(item.get("id"))
                same = found.get(material_id)
                if same is None:
                    found[material_id] = [(name, item)]
                elif len(same) < SAME_ID:
                    same.append((name, item))
        found.pop("", None)
        return found

    def material(self, segment: Mapping[str, Any]) -> dict[str, Any]:
        """What a segment shows or plays; empty when there is no such material."""
        return next((item for _, item in self.by_id.get(text_of(segment.get("material_id")), ())), {})


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in list_of(value) if isinstance(item, dict)]


def compare(before: dict[str, Any], after: dict[str, Any]) -> Comparison:
    """What it takes to come from ``before`` to ``after``."""
    old, new = _Side(before), _Side(after)
    materials = tuple(_materials(old, new))
    differences = []
    for difference in _differences(before, after):
        differences.append(difference)
        if len(differences) > LIMIT:
            break
    return Comparison(
        general=tuple(_general(before, after)),
        tracks=tuple(_tracks(old, new)),
        segments=tuple(_segments(old, new, {item.id for item in materials if item.kind == "changed"})),
        materials=materials,
        differences=tuple(differences[:LIMIT]),
        more=len(differences) > LIMIT,
    )


def _general(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in ("width", "height", "ratio"):
        pair = [dict_of(document.get("canvas_config")).get(name) for document in (before, after)]
        if pair[0] != pair[1]:
            yield Change(f"canvas.{name}", *pair)
    for name in _GENERAL:
        if before.get(name) != after.get(name):
            yield Change(name, before.get(name), after.get(name))


def _keyed(items: Iterable[tuple[_Key, Any]]) -> dict[tuple[_Key, int], Any]:
    """Items by id and how often that id has stood before."""
    seen: dict[_Key, int] = {}
    found = {}
    for key, item in items:
        seen[key] = seen.get(key, -1) + 1
        found[key, seen[key]] = item
    return found


def _paired(
    old: dict[tuple[_Key, int], Any], new: dict[tuple[_Key, int], Any]
) -> Iterator[tuple[Kind, _Key, Any, Any]]:
    """Pairs that may have changed, then what came, then what went; each in the order of its document."""
    for key, item in new.items():
        if key in old:
            yield "changed", key[0], old[key], item
    for key, item in new.items():
        if key not in old:
            yield "added", key[0], None, item
    for key, item in old.items():
        if key not in new:
            yield "removed", key[0], item, None


def _tracks(old: _Side, new: _Side) -> Iterator[TrackChange]:
    keyed = [
        _keyed((text_of(track.get("id")), (index, track)) for index, track in enumerate(side.tracks))
        for side in (old, new)
    ]
    common = keyed[0].keys() & keyed[1].keys()
    ranks = [{key: rank for rank, key in enumerate(key for key in side if key in common)} for side in keyed]
    moved = {key[0] for key in common if ranks[0][key] != ranks[1][key]}
    for kind, track_id, was, now in _paired(keyed[0], keyed[1]):
        changes: tuple[Change, ...] = ()
        if kind == "changed":
            changes = tuple(_changed_fields(_without(was[1], "segments"), _without(now[1], "segments")))
            if track_id in moved:
                changes = (*changes, Change("position", was[0], now[0]))
            if not changes:
                continue
        yield TrackChange(kind, track_id, text_of((now or was)[1].get("type")), changes)


def _segments(old: _Side, new: _Side, touched: set[str]) -> Iterator[SegmentChange]:
    sides = list(old.segments), list(new.segments)
    alike = 0 if touched else _alike(*sides)
    keyed = [_keyed((text_of(item.segment.get("id")), item) for item in side[alike:]) for side in sides]
    for kind, segment_id, was, now in _paired(*keyed):
        aspects: tuple[Aspect, ...] = ()
        changes: tuple[Change, ...] = ()
        if kind == "changed":
            found = list(_segment_changes(old, new, was, now, touched))
            if not found:
                continue
            aspects = tuple(dict.fromkeys(aspect for aspect, _ in found))
            changes = tuple(change for _, change in found)
        placed: _Placed = now or was
        span = span_of(placed.segment.get("target_timerange"))
        yield SegmentChange(
            kind,
            segment_id,
            placed.track_id,
            placed.track_type,
            _label((new if now else old).material(placed.segment)),
            span.start if span else 0,
            span.duration if span else 0,
            aspects,
            changes,
        )


def _segment_changes(
    old: _Side, new: _Side, was: _Placed, now: _Placed, touched: set[str]
) -> Iterator[tuple[Aspect, Change]]:
    before, after = was.segment, now.segment
    if was.track_id != now.track_id:
        yield "moved", Change("track_id", was.track_id, now.track_id)
    if before != after:
        for name in sorted((before.keys() | after.keys()) - {"id"}):
            if before.get(name) != after.get(name):
                yield from _field(name, before.get(name), after.get(name))
    elif not touched:
        return
    yield from _material(old, new, before, after, touched)
    refs = set(map(str, list_of(before.get("extra_material_refs")))) & set(
        map(str, list_of(after.get("extra_material_refs")))
    )
    for ref in sorted(refs & touched):
        lists = {name for name, _ in new.by_id.get(ref, ())}
        yield (
            ("retimed" if lists == {"speeds"} else "decorated"),
            Change(f"materials.{'/'.join(sorted(lists))}", ref, ref),
        )


def _field(name: str, before: Any, after: Any) -> Iterator[tuple[Aspect, Change]]:
    if name == "target_timerange":
        for part, aspect in (("start", "moved"), ("duration", "trimmed")):
            pair = [dict_of(side).get(part) for side in (before, after)]
            if pair[0] != pair[1]:
                yield aspect, Change(part, *pair)  # type: ignore[misc]  # both are aspects
    elif name == "source_timerange":
        yield "trimmed", Change(name, before, after)
    elif name == "speed":
        yield "retimed", Change(name, before, after)
    elif name in {"common_keyframes", "keyframe_refs", "extra_material_refs"}:
        counts = [len(list_of(side)) for side in (before, after)]
        yield "decorated", Change(name, *(counts if counts[0] != counts[1] else (before, after)))
    elif name in _LOOK:
        if isinstance(before, dict) and isinstance(after, dict):
            for change in _changed_fields(before, after, prefix=f"{name}."):
                yield "restyled", change
        else:
            yield "restyled", Change(name, before, after)
    elif name != "material_id" and name not in _DERIVED:
        yield "other", Change(name, before, after)


def _material(
    old: _Side, new: _Side, segment: Mapping[str, Any], other: Mapping[str, Any], touched: set[str]
) -> Iterator[tuple[Aspect, Change]]:
    was, now = text_of(segment.get("material_id")), text_of(other.get("material_id"))
    if was == now and now not in touched:
        return
    before, after = old.material(segment), new.material(other)
    texts = [text_of(parse_content(side.get("content")).get("text")) for side in (before, after)]
    if texts[0] != texts[1]:
        yield "text", Change("text", *texts)
    elif "content" in before and _content(before.get("content")) != _content(after.get("content")):
        yield "restyled", Change("text style", before.get("content"), after.get("content"))
    media = [text_of(side.get("path")) for side in (before, after)]
    if media[0] != media[1]:
        yield "media", Change("path", *(paths.relative(path) or path for path in media))
    if was != now:
        yield "media", Change("material_id", was, now)
    else:
        for change in _changed_fields(_without(before, "content", "path"), _without(after, "content", "path")):
            yield "restyled", change


def _materials(old: _Side, new: _Side) -> Iterator[MaterialChange]:
    alike = {name: _alike(items, new.lists.get(name, ())) for name, items in old.lists.items()}
    keyed = [
        _keyed(
            ((name, text_of(item.get("id"))), item)
            for name, items in side.lists.items()
            for item in items[alike.get(name, 0) :]
        )
        for side in (old, new)
    ]
    for kind, (name, material_id), was, now in _paired(*keyed):
        fields: tuple[str, ...] = ()
        if kind == "changed":
            if was == now:
                continue
            fields = tuple(change.field for change in _changed_fields(was, now))
            if not fields:
                continue
        yield MaterialChange(kind, material_id, name, fields)


def _alike(was: Sequence[Any], now: Sequence[Any]) -> int:
    """How many equal items two lists begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(was, now, strict=False)))


def _changed_fields(before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = "") -> Iterator[Change]:
    for name in [*before, *(name for name in after if name not in before)]:
        pair = before.get(name), after.get(name)
        if pair[0] != pair[1] and not (name == "content" and _content(pair[0]) == _content(pair[1])):
            yield Change(f"{prefix}{name}", *pair)


def _without(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name not in names}


def _content(value: Any) -> Any:
    return parse_content(value) or value


def _label(material: Mapping[str, Any]) -> str:
    words = text_of(parse_content(material.get("content")).get("text"))
    return words or text_of(material.get("material_name")) or text_of(material.get("name"))


def _differences(before: Any, after: Any) -> Iterator[Difference]:
    """Raw differences, lists of parts with ids by id; without recursion."""
    stack: list[tuple[str, Any, Any]] = [("", before, after)] if before != after else []
    while stack:
        place, was, now = stack.pop()
        if isinstance(was, dict) and isinstance(now, dict):
            pairs = [(key, was.get(key, _ABSENT), now.get(key, _ABSENT)) for key in {**now, **was}]
        elif isinstance(was, list) and isinstance(now, list):
            olds, news = _ids(was), _ids(now)
            pairs = list(_aligned(was, now, olds, news))
            common = set(olds) & set(news)
            orders = [[name for name in names if name in common] for names in (olds, news)]
            if orders[0] != orders[1]:
                yield Difference("changed", place, *orders)
        elif place.endswith("/content") and _content(was) == _content(now):
            continue
        else:
            yield Difference("changed", place, was, now)
            continue
        for key, left, right in pairs:
            if left == right:
                continue
            here = f"{place}/{canonical.pointer(str(key))}"
            if left is _ABSENT:
                yield Difference("added", here, None, right)
            elif right is _ABSENT:
                yield Difference("removed", here, left, None)
            else:
                stack.append((here, left, right))


_ABSENT: Final = object()


def _ids(items: Sequence[Any]) -> list[str]:
    """The ids of the items, if each has one of its own; else nothing."""
    ids = [text_of(item.get("id")) for item in items if isinstance(item, dict)]
    return ids if all(ids) and len(set(ids)) == len(items) else []


def _aligned(
    was: Sequence[Any], now: Sequence[Any], olds: Sequence[str], news: Sequence[str]
) -> Iterator[tuple[int, Any, Any]]:
    """The items of two lists, by id where all have one of their own, else by position."""
    if len(olds) == len(was) and len(news) == len(now):
        before = dict(zip(olds, was, strict=True))
        for index, (name, item) in enumerate(zip(news, now, strict=True)):
            yield index, before.get(name, _ABSENT), item
        kept = set(news)
        for index, (name, item) in enumerate(zip(olds, was, strict=True)):
            if name not in kept:
                yield index, item, _ABSENT
        return
    for index in range(max(len(was), len(now))):
        yield index, was[index] if index < len(was) else _ABSENT, now[index] if index < len(now) else _ABSENT
