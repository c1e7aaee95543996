"""The catalogue's entries, read from the committed files beside this module, each kind once per process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import orjson

DATA = Path(__file__).parent / "data"


class Kind(StrEnum):
    """What an entry is; the name of its data file and of its list in the API."""

    SCENE_EFFECTS = "scene_effects"
    CHARACTER_EFFECTS = "character_effects"
    FILTERS = "filters"
    TRANSITIONS = "transitions"
    VIDEO_ANIMATIONS_IN = "video_animations_in"
    VIDEO_ANIMATIONS_OUT = "video_animations_out"
    VIDEO_ANIMATIONS_GROUP = "video_animations_group"
    TEXT_ANIMATIONS_IN = "text_animations_in"
    TEXT_ANIMATIONS_OUT = "text_animations_out"
    TEXT_ANIMATIONS_LOOP = "text_animations_loop"
    FONTS = "fonts"
    MASKS = "masks"
    AUDIO_SCENE_EFFECTS = "audio_scene_effects"
    AUDIO_TONES = "audio_tones"
    SPEECH_TO_SONG = "speech_to_song"
    TEXT_EFFECTS = "text_effects"
    BLEND_MODES = "blend_modes"


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of an effect: its name in the document, its default and its range."""

    name: str
    default: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that JianYing can apply.

    ``name`` is what the app shows, ``identifier`` the name's spelling in scripts. ``duration`` in microseconds is
    the default of transitions and animations, ``is_overlap`` belongs to transitions, ``resource_type`` and
    ``aspect_ratio`` (width to height) to masks. ``resource_id`` equals ``effect_id`` where the app has only one.
    """

    kind: Kind
    name: str
    identifier: str
    resource_id: str
    effect_id: str
    is_vip: bool = False
    duration: int | None = None
    is_overlap: bool | None = None
    resource_type: str | None = None
    aspect_ratio: float | None = None
    params: tuple[Param, ...] = ()


@cache
def entries(kind: Kind) -> tuple[Entry, ...]:
    """All entries of ``kind`` in the catalogue's order."""
    data = orjson.loads((DATA / f"{kind}.json").read_bytes())
    columns: list[str] = data["columns"]
    return tuple(_entry(kind, columns, row) for row in data["rows"])


def _entry(kind: Kind, columns: Sequence[str], row: Sequence[Any]) -> Entry:
    fields = dict(zip(columns, row, strict=True))
    fields["identifier"] = fields.get("identifier") or fields["name"]
    fields["effect_id"] = fields.get("effect_id") or fields["resource_id"]
    fields["params"] = tuple(Param(name, *map(float, numbers)) for name, *numbers in fields.get("params", ()))
    for flag in ("is_vip", "is_overlap"):
        if flag in fields:
            fields[flag] = bool(fields[flag])
    return Entry(kind=kind, **fields)
