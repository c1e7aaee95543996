"""Tracks, canvas, and materials that nothing uses."""

from __future__ import annotations

from drafts.core.errors import Text
from drafts.document.integrity.model import leaves, text_of

from ..changes import ChangeCanvas, ChangeTrack, MoveTrack, RemoveUnused
from ..commands import Changed
from ..errors import EMPTY, EditError, Kind
from ..timeline import Json, Timeline
from . import existing as find
from .registry import operates

LARGEST_NAME = 200


@operates(MoveTrack)
def move_track(timeline: Timeline, command: MoveTrack) -> Changed:
    """The tracks between exchange their layers, so that what lies higher is drawn later, however layers are counted."""
    track = find.track_of(timeline, command.track_id)
    tracks = timeline.tracks
    if not 0 <= command.position < len(tracks):
        text = Text(f"{{place}} must lie in 0..{len(tracks) - 1}", f"{{place}} 必须在 0 到 {len(tracks) - 1} 之间")
        raise EditError(Kind.PARAMETER, "position", "range", text)
    old = next(at for at, one in enumerate(tracks) if one is track)
    low, high = sorted((old, command.position))
    layers = [timeline.layer_of(one) for one in tracks[low : high + 1] if one["segments"]]
    tracks.insert(command.position, tracks.pop(old))
    timeline.forget_layers()
    layers.sort()
    for at in range(1, len(layers)):
        layers[at] = max(layers[at], layers[at - 1] + 1)
    affected = [one for one in tracks[low : high + 1] if one["segments"]]
    for one, layer in zip(affected, layers, strict=True):
        _set_layer(one, layer)
    return Changed(track_ids=tuple(text_of(one.get("id")) for one in tracks[low : high + 1]))


@operates(ChangeTrack)
def change_track(timeline: Timeline, command: ChangeTrack) -> Changed:
    """A name is the track's alone."""
    track = find.track_of(timeline, command.track_id)
    if command.name is not None:
        if not command.name.strip():
            raise EditError(Kind.PARAMETER, "name", "empty", EMPTY)
        if len(command.name) > LARGEST_NAME:
            text = Text(f"{{place}} has more than {LARGEST_NAME} characters", f"{{place}} 超过 {LARGEST_NAME} 个字符")
            raise EditError(Kind.PARAMETER, "name", "max_length", text)
        if any(one is not track and one.get("name") == command.name for one in timeline.tracks):
            text = Text("{place} is the name of another track", "{place} 已是其他轨道的名称")
            raise EditError(Kind.PARAMETER, "name", "unique", text)
        track["name"] = command.name
    if command.muted is not None:
        flags = track.get("attribute")
        flags = flags if isinstance(flags, int) else 0
        track["attribute"] = flags | 1 if command.muted else flags & ~1
    return Changed(track_ids=(command.track_id,))


@operates(ChangeCanvas)
def change_canvas(timeline: Timeline, command: ChangeCanvas) -> Changed:
    """``ratio`` becomes ``original``: the app follows width and height."""
    for name, value in (("width", command.width), ("height", command.height)):
        if value < 1:
            raise EditError(
                Kind.PARAMETER, name, "min_value", Text("{place} must be at least 1", "{place} 必须至少为 1")
            )
    canvas: Json = timeline.document["canvas_config"]
    canvas.update(width=command.width, height=command.height, ratio="original")
    return Changed()


@operates(RemoveUnused)
def remove_unused(timeline: Timeline, command: RemoveUnused) -> Changed:
    """What only an unused material refers to is unused as well."""
    gone: list[str] = []
    while True:
        used = {leaf for leaf in leaves(timeline.tracks) if isinstance(leaf, str)}
        for items in timeline.materials.values():
            for item in items:
                own = item.get("id")
                used.update(leaf for leaf in leaves(item) if isinstance(leaf, str) and leaf != own)
        dropped = 0
        for name, items in timeline.materials.items():
            kept = [item for item in items if item.get("id") in used]
            gone += [text_of(item.get("id")) for item in items if item.get("id") not in used]
            dropped += len(items) - len(kept)
            timeline.materials[name][:] = kept
        if not dropped:
            return Changed(removed=tuple(dict.fromkeys(gone)))


def _set_layer(track: Json, layer: int) -> None:
    for segment in track["segments"]:
        segment["render_index"] = layer
