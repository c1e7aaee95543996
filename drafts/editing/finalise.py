"""What every edit ends with, whatever it did."""

from __future__ import annotations

from typing import Any

from drafts.document import canonical
from drafts.document.integrity.model import leaves, text_of

from .timeline import Timeline


def finalise(timeline: Timeline) -> None:
    """Make the document's derived values true: its duration, which may shrink, and no orphans of what was removed.

    Layers, speeds and the two lists of masks are written by those who place or change a segment. Materials that
    nothing referred to before the edit are others' business and stay.
    """
    document = timeline.document
    duration = canonical.end_of(document)
    if document.get("duration") != duration:
        document["duration"] = duration
    if timeline.removed:
        _drop_orphans(timeline)


def _drop_orphans(timeline: Timeline) -> None:
    """Drop what was forgotten and is unused, then what only that referred to (a text's effect, a mask's twin)."""
    candidates = timeline.removed
    while candidates:
        used = _strings(timeline.document["tracks"])
        for items in timeline.materials.values():
            for item in items:
                own = item.get("id")
                used.update(leaf for leaf in leaves(item) if isinstance(leaf, str) and leaf != own)
        gone = {material_id for material_id in candidates if material_id not in used}
        candidates = set()
        for name, items in timeline.materials.items():
            dropped = [item for item in items if text_of(item.get("id")) in gone]
            if dropped:
                timeline.materials[name][:] = [item for item in items if text_of(item.get("id")) not in gone]
                candidates |= _strings(dropped) - gone
    timeline.removed = set()


def _strings(value: Any) -> set[str]:
    return {leaf for leaf in leaves(value) if isinstance(leaf, str) and leaf}
