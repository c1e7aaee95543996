"""A thin layer over a draft document, made once for each edit.

The document stays the plain dict that was parsed: what no operation touches keeps its values, its kinds of numbers
and its order of keys. Any key of it may be missing, so it is read through the accessors here.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from drafts.core.errors import Text
from drafts.document import canonical
from drafts.document.integrity.model import Span, dict_of, int_of, list_of, span_of, text_of
from drafts.document.skeleton import new_id

from .errors import EditError, Kind

Json = dict[str, Any]

MASK_LISTS: Final = ("masks", "common_mask", "common_masks")
AUDIO_LAYER: Final = 10
STICKER_LAYER: Final = 14_000
HIGHEST_LAYER: Final = 2**31 - 1_000_000  # what others wrote above it is no layer that an app could hold


@dataclass(frozen=True, slots=True)
class Located:
    """A segment and the track that it lies on."""

    track: Json
    segment: Json

    @property
    def kind(self) -> str:
        """The track's type: video, audio, text, sticker, effect, filter or what other producers write."""
        return text_of(self.track.get("type"))

    @property
    def span(self) -> Span | None:
        """Its place on the timeline, ``None`` when the document does not say."""
        return span_of(self.segment.get("target_timerange"))


@dataclass
class Timeline:
    """The document with an index, built when first needed and kept true by the methods that change it."""

    document: Json
    removed: set[str] = field(default_factory=set)

    @property
    def tracks(self) -> list[Json]:
        tracks: list[Json] = self.document["tracks"]
        return tracks

    @property
    def materials(self) -> dict[str, list[Json]]:
        materials: dict[str, list[Json]] = self.document["materials"]
        return materials

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height in pixels."""
        canvas = self.document["canvas_config"]
        return canvas["width"], canvas["height"]

    @property
    def frame(self) -> float:
        """One frame in microseconds."""
        return 1_000_000 / canonical.frame_rate(self.document)

    # Reading

    def segment(self, segment_id: str) -> Located | None:
        """The segment of that id; of several, which a sound document has not, the first."""
        found = self._segments.get(segment_id)
        return Located(*found) if found else None

    def material(self, material_id: str, *lists: str) -> Json | None:
        """The material of that id, from one of ``lists`` if any are given. A mask is found in ``masks``."""
        for name, item in self._materials.get(material_id, ()):
            if not lists or name in lists:
                return item
        return None

    def named(self, material_id: str) -> list[tuple[str, Json]]:
        """Every material of that id with the name of its list; a mask stands in several."""
        return list(self._materials.get(material_id, ()))

    def main_material(self, segment: Json, *lists: str) -> Json | None:
        """What a segment shows or plays."""
        return self.material(text_of(segment.get("material_id")), *lists)

    def linked(self, segment: Json, *lists: str) -> list[Json]:
        """The companions of a segment (``extra_material_refs``) that lie in one of ``lists``."""
        refs = [ref for ref in list_of(segment.get("extra_material_refs")) if isinstance(ref, str)]
        found = (self.material(ref, *lists) for ref in dict.fromkeys(refs))
        return [item for item in found if item is not None]

    def speed_of(self, segment: Json) -> float:
        """The speed that a segment plays at, 1.0 when it does not say."""
        speed = segment.get("speed", 1.0)
        return float(speed) if isinstance(speed, int | float) and speed > 0 else 1.0

    # Writing

    def add_material(self, list_name: str, item: Json) -> str:
        """Append a material to its list, which is made if the document has none; its id."""
        self.materials.setdefault(list_name, []).append(item)
        if "_materials" in self.__dict__:
            self._materials.setdefault(item["id"], []).append((list_name, item))
        return text_of(item["id"])

    def add_track(self, kind: str, name: str, *, layer: int | None = None) -> Json:
        """A new track named ``<name>_track_<id>``, whose segments get ``layer`` as ``render_index``.

        Without ``layer`` it lies above all others. Tracks that stand in the order of their layers stay so.
        """
        track_id = new_id()
        track: Json = {
            "attribute": 0,
            "flag": 0,
            "id": track_id,
            "is_default_name": False,
            "name": f"{name}_track_{track_id}",
            "segments": [],
            "type": kind,
        }
        layers = self._layers
        wanted = 1 + max(layers, default=0) if layer is None else layer
        at = next((place + 1 for place in reversed(range(len(layers))) if layers[place] <= wanted), 0)
        self.tracks.insert(at, track)
        layers.insert(at, wanted)
        self._new_layers[track_id] = wanted
        return track

    def layer_of(self, track: Json) -> int:
        """The ``render_index`` of a track's segments: of a new one what it was given, else the highest."""
        layer = self._new_layers.get(text_of(track.get("id")))
        return _layer(track) if layer is None else layer

    def add_segment(self, track: Json, segment: Json) -> None:
        """Put a segment on a track, before the first that starts later."""
        segments: list[Json] = track["segments"]
        start = start_of(segment)
        if not segments or start_of(segments[-1]) <= start:
            segments.append(segment)
        else:
            insort(segments, segment, key=start_of)
        if "_segments" in self.__dict__:
            self._segments.setdefault(segment["id"], (track, segment))

    def remove_segment(self, located: Located) -> None:
        """Take a segment off its track; materials that nothing refers to any more go when the edit is finalised."""
        segments: list[Json] = located.track["segments"]
        del segments[next(at for at, item in enumerate(segments) if item is located.segment)]
        self._segments.pop(text_of(located.segment.get("id")), None)
        self.forget(text_of(located.segment.get("material_id")), *refs_of(located.segment))

    def move_segment(self, located: Located, track: Json) -> Located:
        """Put a segment on another track, or again on its own, where its start says; it takes the track's layer."""
        segments: list[Json] = located.track["segments"]
        del segments[next(at for at, item in enumerate(segments) if item is located.segment)]
        if track is not located.track:
            located.segment["render_index"] = self.layer_of(track)
        self._segments.pop(text_of(located.segment.get("id")), None)
        self.add_segment(track, located.segment)
        return Located(track, located.segment)

    def forget(self, *material_ids: str) -> None:
        """Say that something no longer refers to these materials; unused ones go when the edit is finalised."""
        self.removed.update(material_id for material_id in material_ids if material_id)

    def forget_layers(self) -> None:
        """Say that tracks changed places or layers."""
        self.__dict__.pop("_layers", None)

    # The index

    @cached_property
    def _segments(self) -> dict[str, tuple[Json, Json]]:
        index: dict[str, tuple[Json, Json]] = {}
        for track in self.tracks:
            for segment in track["segments"]:
                segment_id = segment.get("id")
                if isinstance(segment_id, str):
                    index.setdefault(segment_id, (track, segment))
        return index

    @cached_property
    def _materials(self) -> dict[str, list[tuple[str, Json]]]:
        index: dict[str, list[tuple[str, Json]]] = {}
        for name, items in self.materials.items():
            for item in items:
                material_id = item.get("id")
                if isinstance(material_id, str):
                    index.setdefault(material_id, []).append((name, item))
        return index

    @cached_property
    def _layers(self) -> list[int]:
        """The layer of each track, in their order."""
        return [_layer(track) for track in self.tracks]

    @cached_property
    def _new_layers(self) -> dict[str, int]:
        return {}


def refs_of(segment: Json) -> list[str]:
    """The ids of a segment's companions, to read."""
    return [ref for ref in list_of(segment.get("extra_material_refs")) if isinstance(ref, str)]


def link(segment: Json, material_id: str, place: str) -> None:
    """Add a companion to a segment; ``place`` names it should the document be damaged there."""
    list_in(segment, "extra_material_refs", place).append(material_id)


def list_in(owner: Json, key: str, place: str) -> list[Any]:
    """The list under ``key``, made if it is missing or null; EditError when something else stands there."""
    if owner.get(key) is None:
        owner[key] = []
    value = owner[key]
    if not isinstance(value, list):
        text = Text(f"{{place}}: {key} of the segment is not a list", f"{{place}}：片段的 {key} 不是列表")
        raise EditError(Kind.DRAFT, place, "damaged", text)
    return value


def start_of(segment: Json) -> int:
    """Where a segment starts in microseconds, 0 when it does not say."""
    return int_of(dict_of(segment.get("target_timerange")).get("start")) or 0


def _layer(track: Json) -> int:
    highest = 0
    for segment in track["segments"]:
        layer = segment.get("render_index")
        if isinstance(layer, int | float) and highest < layer < HIGHEST_LAYER:
            highest = int(layer)
    return highest
