"""Writing the committed data files, from pyjianyingdraft's tables and a list of text effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from .entries import Kind

TABLES = {
    Kind.SCENE_EFFECTS: "VideoSceneEffectType",
    Kind.CHARACTER_EFFECTS: "VideoCharacterEffectType",
    Kind.FILTERS: "FilterType",
    Kind.TRANSITIONS: "TransitionType",
    Kind.VIDEO_ANIMATIONS_IN: "IntroType",
    Kind.VIDEO_ANIMATIONS_OUT: "OutroType",
    Kind.VIDEO_ANIMATIONS_GROUP: "GroupAnimationType",
    Kind.TEXT_ANIMATIONS_IN: "TextIntro",
    Kind.TEXT_ANIMATIONS_OUT: "TextOutro",
    Kind.TEXT_ANIMATIONS_LOOP: "TextLoopAnim",
    Kind.FONTS: "FontType",
    Kind.MASKS: "MaskType",
    Kind.AUDIO_SCENE_EFFECTS: "AudioSceneEffectType",
    Kind.AUDIO_TONES: "ToneEffectType",
    Kind.SPEECH_TO_SONG: "SpeechToSongType",
    Kind.BLEND_MODES: "MixModeType",
}
_COMMON = ("name", "identifier", "resource_id", "effect_id")
# Our column, and what pyjianyingdraft calls it; a kind has those columns that its objects have.
_MORE = {
    "is_vip": ("is_vip",),
    "duration": ("duration", "default_duration"),
    "is_overlap": ("is_overlap",),
    "resource_type": ("resource_type",),
    "aspect_ratio": ("default_aspect_ratio",),
    "params": ("params",),
}


def build(metadata: Any, text_effects: Sequence[Mapping[str, Any]]) -> dict[Kind, bytes]:
    """The data file of every kind. ``metadata`` is ``pyJianYingDraft.metadata``; raises AttributeError without it."""
    files = {kind: _table(getattr(metadata, name).__members__) for kind, name in TABLES.items()}
    rows = [[item["title"], str(item["id"]), int(bool(item["is_vip"]))] for item in text_effects]
    return {**files, Kind.TEXT_EFFECTS: _file(["name", "resource_id", "is_vip"], rows)}


def _table(members: Mapping[str, Any]) -> bytes:
    metas = {identifier: member.value for identifier, member in members.items()}
    first = next(iter(metas.values()))
    found = {column: next((name for name in names if hasattr(first, name)), None) for column, names in _MORE.items()}
    if not any(getattr(meta, "params", ()) for meta in metas.values()):
        found["params"] = None
    more = {column: name for column, name in found.items() if name}
    return _file([*_COMMON, *more], (_row(identifier, meta, more.values()) for identifier, meta in metas.items()))


def _row(identifier: str, meta: Any, more: Iterable[str]) -> list[Any]:
    """The values of one entry; what repeats another column is left empty."""
    name = str(getattr(meta, "name", None) or meta.title)
    effect_id = "" if meta.effect_id == meta.resource_id else meta.effect_id
    shown = "" if identifier == name else identifier
    return [name, shown, meta.resource_id, effect_id, *(_value(getattr(meta, attribute)) for attribute in more)]


def _value(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list):
        return [[p.name, *map(_number, (p.default_value, p.min_value, p.max_value))] for p in value]
    return value


def _number(value: float) -> float:
    return int(value) if value == int(value) else value


def _file(columns: list[str], rows: Iterable[list[Any]]) -> bytes:
    """One row a line, so that a later version of the tables shows as a readable difference."""
    lines = b",\n".join(orjson.dumps(row) for row in rows)
    return b'{"columns":' + orjson.dumps(columns) + b',"rows":[\n' + lines + b"\n]}\n"
