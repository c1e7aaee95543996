"""Masks on video segments, in both lists that apps read (contract 7.12, rule R16)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from drafts.core.errors import Text
from drafts.document.integrity.model import number_of, text_of

from . import catalogue, materials
from .catalogue import Entry, Kind
from .errors import EditError, did_you_mean
from .errors import Kind as Refused
from .timeline import MASK_LISTS, Json, Timeline, link

_RECTANGLE: Final = "rectangle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A mask's geometry in pixels of the material, from its centre; ``feather`` and ``round_corner`` 0 to 100."""

    x: float = 0.0
    y: float = 0.0
    width: float
    height: float
    feather: float = 0.0
    rotation: float = 0.0
    invert: bool = False
    round_corner: float = 0.0


def entry_of(name: str, place: str) -> Entry:
    """The mask of that name, Chinese or English."""
    entry = catalogue.find(Kind.MASKS, name)
    if entry is None:
        shown = name[:60]
        text = Text(f"{{place}}: no mask is called {shown!r}", f"{{place}}：没有名为“{shown}”的遮罩")
        near = catalogue.closest(Kind.MASKS, name) or [mask.name for mask in catalogue.entries(Kind.MASKS)]
        raise EditError(Refused.MASK_NOT_FOUND, place, "unknown", text, hint=did_you_mean(near))
    return entry


def present(timeline: Timeline, segment: Json) -> str | None:
    """The id of the mask that a segment has."""
    masks = timeline.linked(segment, *MASK_LISTS)
    return text_of(masks[0].get("id")) if masks else None


def add(timeline: Timeline, segment: Json, material: Json, entry: Entry, place: str, shape: Shape | None = None) -> str:
    """Put a mask on a segment that has none; its id. Without a shape it is half as high as the picture."""
    width, height = number_of(material.get("width")) or 0.0, number_of(material.get("height")) or 0.0
    if width <= 0 or height <= 0:
        text = Text("{place}: the size of the picture is not known", "{place}：画面尺寸未知")
        raise EditError(Refused.MASK, place, "size", text)
    shape = shape or Shape(width=height / 2, height=height / 2)
    mask, twin = materials.mask(entry, _config(entry, shape, width, height))
    timeline.add_material("masks", mask)
    timeline.add_material("common_mask", twin)
    link(segment, mask["id"], place)
    return text_of(mask["id"])


def _config(entry: Entry, shape: Shape, width: float, height: float) -> Json:
    """Relative to the picture; all but the rectangle keep the aspect of their kind, so ``width`` has no say."""
    is_rectangle = entry.resource_type == _RECTANGLE
    aspect = entry.aspect_ratio or 1.0
    return {
        "aspectRatio": aspect,
        "centerX": shape.x / (width / 2),
        "centerY": shape.y / (height / 2),
        "feather": shape.feather / 100,
        "height": shape.height / height,
        "invert": shape.invert,
        "rotation": float(shape.rotation),
        "roundCorner": shape.round_corner / 100 if is_rectangle else 0.0,
        "width": shape.width / width if is_rectangle else shape.height * aspect / width,
    }
