"""Decorations by their catalogue names: fonts, transitions, animations, text and sound effects.

A name that the catalogue does not have is left out, as the reference does, and told as a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from drafts.core.errors import Text

from . import catalogue, materials
from .catalogue import Entry, Kind
from .commands import Animation
from .timeline import Json

_WORDS: Final = {
    Kind.TRANSITIONS: ("transition", "转场"),
    Kind.VIDEO_ANIMATIONS_IN: ("entrance animation", "入场动画"),
    Kind.VIDEO_ANIMATIONS_OUT: ("exit animation", "出场动画"),
    Kind.VIDEO_ANIMATIONS_GROUP: ("group animation", "组合动画"),
    Kind.TEXT_ANIMATIONS_IN: ("text entrance animation", "文字入场动画"),
    Kind.TEXT_ANIMATIONS_OUT: ("text exit animation", "文字出场动画"),
    Kind.TEXT_ANIMATIONS_LOOP: ("text loop animation", "文字循环动画"),
    Kind.FONTS: ("font", "字体"),
    Kind.TEXT_EFFECTS: ("text effect", "花字"),
    Kind.AUDIO_SCENE_EFFECTS: ("scene sound", "场景音"),
    Kind.MASKS: ("mask", "遮罩"),
}
_OF_TEXT: Final = {
    "in": Kind.TEXT_ANIMATIONS_IN,
    "out": Kind.TEXT_ANIMATIONS_OUT,
    "loop": Kind.TEXT_ANIMATIONS_LOOP,
}
_OF_CLIPS: Final = {
    "in": Kind.VIDEO_ANIMATIONS_IN,
    "out": Kind.VIDEO_ANIMATIONS_OUT,
    "loop": Kind.VIDEO_ANIMATIONS_GROUP,
}


@dataclass(slots=True)
class Wardrobe:
    """Looks names up for one operation and keeps its warnings."""

    warnings: list[Text] = field(default_factory=list)
    _known: dict[tuple[Kind, str], Entry | None] = field(default_factory=dict)

    def find(self, kind: Kind, name: str | None, place: str) -> Entry | None:
        """The entry of that name, or ``None`` and a warning; no warning without a name."""
        if not name:
            return None
        key = kind, name
        if key not in self._known:
            self._known[key] = catalogue.find(kind, name)
            if self._known[key] is None:
                self._unknown(kind, name, place)
        return self._known[key]

    def warn(self, place: str, english: str, chinese: str) -> None:
        """Note that something was left out or shortened."""
        self.warnings.append(Text(f"{place}: {english}", f"{place}：{chinese}"))

    def animate(self, wanted: Sequence[Animation], length: int, place: str, *, of_text: bool) -> Json | None:
        """The animations of a segment of ``length`` microseconds, fitted into it; ``None`` without any."""
        found: dict[str, tuple[Entry, int | None]] = {}
        for item in wanted:
            kind = (_OF_TEXT if of_text else _OF_CLIPS)[item.kind]
            entry = self.find(kind, item.name, f"{place}.{item.kind}_animation")
            if entry is not None:
                found[item.kind] = entry, asked_for(item.duration)
        made = self._fit(found, length, place, of_text=of_text)
        return materials.animations(made) if made else None

    def _fit(self, found: dict[str, tuple[Entry, int | None]], length: int, place: str, *, of_text: bool) -> list[Json]:
        made: list[Json] = []
        start, end = 0, length
        if "in" in found:
            entry, asked = found["in"]
            start = min(asked or entry.duration or 0, length)
            made.append(materials.animation(entry, "in", start=0, duration=start, of_text=of_text))
        if "out" in found:
            entry, asked = found["out"]
            duration = min(asked or entry.duration or 0, length - start)
            if duration > 0:
                end = length - duration
                made.append(materials.animation(entry, "out", start=end, duration=duration, of_text=of_text))
            else:
                self.warn(f"{place}.out_animation", "no time is left for it", "没有剩余时间，已忽略")
        if "loop" in found:
            entry, asked = found["loop"]
            made += self._loop(entry, asked, start, end, place, of_text=of_text, alone=not made)
        return made

    def _loop(
        self, entry: Entry, asked: int | None, start: int, end: int, place: str, *, of_text: bool, alone: bool
    ) -> list[Json]:
        """A text's loop fills what "in" and "out" leave; a clip's group animation goes with neither."""
        place = f"{place}.loop_animation"
        if of_text:
            duration = min(asked or entry.duration or end - start, end - start)
            if duration > 0:
                return [materials.animation(entry, "loop", start=start, duration=duration, of_text=True)]
            self.warn(place, "no time is left for it", "没有剩余时间，已忽略")
            return []
        if alone:
            duration = min(asked or end, end)
            return [materials.animation(entry, "group", start=0, duration=duration, of_text=False)]
        self.warn(place, "cannot be combined with in_animation or out_animation", "不能与入场或出场动画同时使用")
        return []

    def _unknown(self, kind: Kind, name: str, place: str) -> None:
        english, chinese = _WORDS[kind]
        near = catalogue.closest(kind, name)
        shown = name[:60]
        hint = (f"; did you mean {', '.join(near)}?", f"；您是否要找：{'、'.join(near)}？") if near else ("", "")
        self.warn(place, f"no {english} is called {shown!r}{hint[0]}", f"没有名为“{shown}”的{chinese}{hint[1]}")


def asked_for(duration: int | None) -> int | None:
    """A duration in microseconds; 0 counts as not given (contract 7.6)."""
    return duration if duration is not None and duration > 0 else None
