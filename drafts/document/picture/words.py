"""What the picture says, in English and Chinese, and how much room words take."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

Language = Literal["en", "zh"]

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "timeline": ("Timeline", "时间线"),
    "overview": ("Overview", "概览"),
    "empty": ("Nothing on the timeline yet", "时间线上还没有内容"),
    "main": ("main", "主轨道"),
    "muted": ("muted", "已静音"),
    "hidden": ("hidden", "已隐藏"),
    "unplaced": ("its place on the timeline cannot be read", "无法读取其时间位置"),
    "from": ("from", "起点"),
    "speed": ("speed", "速度"),
    "volume": ("volume", "音量"),
    "added": ("added", "新增"),
    "removed": ("removed", "移除"),
    "changed": ("changed", "修改"),
    "moved": ("moved or trimmed", "移动或裁剪"),
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "info": ("note", "提示"),
    "tracks": ("{} tracks", "{} 条轨道"),
    "track": ("1 track", "1 条轨道"),
    "segments": ("{} segments", "{} 个片段"),
    "segment": ("1 segment", "1 个片段"),
    "findings": ("{} findings", "{} 个问题"),
    "finding": ("1 finding", "1 个问题"),
    "more": ("{} more tracks are not drawn", "另有 {} 条轨道未绘制"),
    "end": ("End of the draft", "草稿结束"),
    "video": ("Video", "视频"),
    "photo": ("Image", "图片"),
    "audio": ("Sound", "音频"),
    "text": ("Text", "文字"),
    "sticker": ("Sticker", "贴纸"),
    "effect": ("Effect", "特效"),
    "filter": ("Filter", "滤镜"),
    "adjust": ("Adjustment", "调节"),
    "other": ("Other", "其他"),
}
_SAME: Final = {"image": "photo", "subtitle": "text", "text_template": "text"}
# Neither XML nor a reader can do anything with them; directions would reorder what stands around a name.
_UNWANTED: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+"
)
_NARROW: Final = frozenset("ijl.,:;|!'`()[]{}ftrI /\\-\"")
_BROAD: Final = frozenset("mwMW@%")
ELLIPSIS: Final = "…"


def say(word: str, language: Language) -> str:
    """A word of the picture."""
    return _WORDS[word][language == "zh"]


def counted(word: str, number: int, language: Language) -> str:
    """``3 segments``; ``word`` is the singular."""
    return say(word, language) if number == 1 else say(f"{word}s", language).format(f"{number:,}")


def family(kind: str) -> str:
    """The kind of a track or segment as the picture tells them apart; "other" for one that it does not know."""
    kind = _SAME.get(kind, kind)
    return kind if kind in FAMILIES else "other"


FAMILIES: Final = ("video", "photo", "audio", "text", "sticker", "effect", "filter", "adjust", "other")


def clock(time: int, *, digits: int = 0) -> str:
    """``1:02:03`` or ``2:03.5`` of microseconds, with ``digits`` decimals."""
    units = 10**digits
    whole, part = divmod(time * units // 1_000_000, units)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    shown = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{shown}.{part:0{digits}}" if digits else shown


def decimals(step: int) -> int:
    """How many decimals tell times apart that are ``step`` microseconds apart."""
    return 0 if step >= 1_000_000 else 1 if step >= 100_000 else 2


def length(time: int) -> str:
    """``4 s``, ``0.25 s``, or a clock from a minute on."""
    return clock(time) if time >= 60_000_000 else f"{time / 1_000_000:.3g} s"


def plain(text: str, *, limit: int) -> str:
    """One line of at most ``limit`` characters, without control characters."""
    shown = _UNWANTED.sub(" ", text[: limit + 1]).strip()
    return shown if len(text) <= limit else shown[:limit] + ELLIPSIS


def fitted(text: str, width: float) -> str:
    """As much of ``text`` as fits into ``width`` em, "" when not one character does."""
    if len(text) * 0.3 <= width:  # else it cannot fit
        room = width
        for character in text:
            room -= _em(character)
            if room < 0:
                break
        else:
            return text
    room = width - 0.8
    for at, character in enumerate(text):
        room -= _em(character)
        if room < 0:
            return text[:at].rstrip("\u200d\ufe0f ") + ELLIPSIS if at else ""
    return text


@lru_cache(maxsize=4096)
def _em(character: str) -> float:
    """About how wide a character is, in em, in the fonts that systems have."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.3 if ord(character) >= 0x1F000 else 1.0
    if character in _NARROW:
        return 0.36
    if character in _BROAD:
        return 0.93
    if character.isascii():
        return 0.7 if character.isupper() else 0.6
    return 0.8
