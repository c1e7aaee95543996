"""What changed in a version, in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drafts.core.errors import Text

NOTHING = Text("no change", "无变化")
_LANES = {
    "video": Text("segment on video", "视频片段"),
    "audio": Text("segment on audio", "音频片段"),
    "text": Text("caption", "字幕"),
    "subtitle": Text("caption", "字幕"),
    "sticker": Text("sticker", "贴纸"),
    "effect": Text("effect", "特效"),
    "filter": Text("filter", "滤镜"),
    "image": Text("segment on image", "图片片段"),
}
_ASPECTS = {
    "moved": Text("moved", "移动"),
    "trimmed": Text("trimmed", "裁剪"),
    "retimed": Text("with another speed", "变速"),
    "restyled": Text("restyled", "改样式"),
    "media": Text("with other media", "替换素材"),
    "decorated": Text("decorated", "改装饰"),
    "other": Text("changed", "其他修改"),
}
_GENERAL = (
    ("canvas.", Text("canvas changed", "画布已修改")),
    ("fps", Text("frame rate changed", "帧率已修改")),
    ("name", Text("renamed", "已重命名")),
)


def in_words(changes: Mapping[str, Any]) -> Text:
    """The ``changes`` of a VersionSummary as ``+2 segments on video, 1 caption edited, +1 file``."""
    parts = list(_parts(changes))
    if not parts and changes:
        parts = [Text("details changed", "细节已修改")]
    return Text(", ".join(part.en for part in parts), "，".join(part.zh for part in parts)) if parts else NOTHING


def _parts(changes: Mapping[str, Any]) -> Iterator[Text]:
    for name, sign in (("segments_added", "+"), ("segments_removed", "−")):
        for lane, count in changes.get(name, {}).items():
            noun = _LANES.get(lane) or Text(f"segment on {lane}", f"{lane} 片段")
            yield Text(f"{sign}{_counted(count, noun.en)}", f"{noun.zh} {sign}{count}")
    if count := changes.get("texts_changed", 0):
        yield Text(f"{_counted(count, 'caption')} edited", f"{count} 条字幕已编辑")
    for aspect, count in changes.get("segments_changed", {}).items():
        done = _ASPECTS.get(aspect, _ASPECTS["other"])
        yield Text(f"{_counted(count, 'segment')} {done.en}", f"{count} 个片段{done.zh}")
    yield from _signed(changes, "tracks", Text("track", "轨道"))
    if count := changes.get("tracks_changed", 0):
        yield Text(f"{_counted(count, 'track')} changed", f"{count} 条轨道已修改")
    for prefix, text in _GENERAL:
        if any(field.startswith(prefix) for field in changes.get("general", ())):
            yield text
    yield from _signed(changes, "files", Text("file", "文件"))
    if count := changes.get("files_replaced", 0):
        yield Text(f"{_counted(count, 'file')} replaced", f"{count} 个文件已替换")


def _signed(changes: Mapping[str, Any], name: str, noun: Text) -> Iterator[Text]:
    for suffix, sign in (("added", "+"), ("removed", "−")):
        if count := changes.get(f"{name}_{suffix}", 0):
            yield Text(f"{sign}{_counted(count, noun.en)}", f"{noun.zh} {sign}{count}")


def _counted(count: int, noun: str) -> str:
    """``1 segment on video``, ``2 segments on video``."""
    head, space, tail = noun.partition(" ")
    return f"{count} {head}{'' if count == 1 else 's'}{space}{tail}"
