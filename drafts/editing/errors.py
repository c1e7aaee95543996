"""How an edit is refused: the reference's number, the item and the rule, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from drafts.core.errors import DomainError, FieldError, Text


@dataclass(frozen=True, slots=True)
class Refusal:
    """A number of contract 1.6 with our status and label."""

    code: int
    status: int
    label: Text


class Kind(Enum):
    """What was refused. 400: the request is wrong; 404: it names what is not there; 422: it does not fit."""

    PARAMETER = Refusal(1001, 400, Text("Parameter validation failed", "参数校验失败"))
    TRACK_NOT_FOUND = Refusal(1002, 404, Text("Track not found", "轨道未找到"))
    OVERLAP = Refusal(3012, 422, Text("Segments overlap", "片段在时间上重叠"))
    DRAFT = Refusal(3005, 422, Text("The document is damaged or unsupported", "草稿文件损坏或不受支持"))
    VIDEO_INFO = Refusal(2003, 400, Text("Invalid video information", "无效的视频信息"))
    VIDEO = Refusal(2006, 422, Text("The video cannot be added", "视频添加失败"))
    AUDIO_INFO = Refusal(2007, 400, Text("Invalid audio information", "无效的音频信息"))
    AUDIO = Refusal(2008, 422, Text("The audio cannot be added", "音频添加失败"))
    IMAGE_INFO = Refusal(2009, 400, Text("Invalid image information", "无效的图片信息"))
    IMAGE = Refusal(2010, 422, Text("The image cannot be added", "图片添加失败"))
    STICKER_INFO = Refusal(2011, 400, Text("Invalid sticker information", "无效的贴纸信息"))
    STICKER = Refusal(2012, 422, Text("The sticker cannot be added", "贴纸添加失败"))
    KEYFRAME_INFO = Refusal(2013, 400, Text("Invalid keyframe information", "无效的关键帧信息"))
    SEGMENT_NOT_FOUND = Refusal(2015, 404, Text("Segment not found", "片段未找到"))
    SEGMENT_TYPE = Refusal(2016, 422, Text("Invalid segment type", "无效的片段类型"))
    KEYFRAME_PROPERTY = Refusal(2017, 422, Text("Invalid keyframe property", "无效的关键帧属性类型"))
    CAPTION_INFO = Refusal(2018, 400, Text("Invalid caption information", "无效的字幕信息"))
    CAPTION = Refusal(2019, 422, Text("The caption cannot be added", "字幕添加失败"))
    EFFECT_INFO = Refusal(2020, 400, Text("Invalid effect information", "无效的特效信息"))
    EFFECT_NOT_FOUND = Refusal(2022, 404, Text("Effect not found", "特效未找到"))
    MASK_INFO = Refusal(2023, 400, Text("Invalid mask information", "无效的遮罩信息"))
    MASK = Refusal(2024, 422, Text("The mask cannot be added", "遮罩添加失败"))
    MASK_NOT_FOUND = Refusal(2025, 404, Text("Mask not found", "遮罩类型未找到"))
    FILTER_INFO = Refusal(2037, 400, Text("Invalid filter information", "无效的滤镜信息"))
    FILTER_NOT_FOUND = Refusal(2039, 404, Text("Filter not found", "滤镜未找到"))


class EditError(DomainError):
    """An operation that cannot be done, and so changes nothing.

    ``place`` names the item, for example ``captions[3].end``; in ``text`` it stands for ``{place}``. ``command`` is
    the index of the command among those of one edit, set by ``apply``.
    """

    def __init__(self, kind: Kind, place: str, rule: str, text: Text, *, hint: Text | None = None) -> None:
        refusal = kind.value
        self.kind, self.place, self.rule, self.command = kind, place, rule, 0
        self.status, self.label = refusal.status, refusal.label
        sentence = Text(text.en.replace("{place}", place), text.zh.replace("{place}", place))
        errors = [FieldError(place, rule, sentence)]
        super().__init__(sentence, hint=hint, errors=errors, code=refusal.code)


EMPTY: Final = Text("{place} must not be empty", "{place} 不能为空")


def did_you_mean(names: list[str]) -> Text | None:
    """The hint with the closest names, if there are any."""
    if not names:
        return None
    return Text(f"Did you mean {', '.join(names)}?", f"您是否要找：{'、'.join(names)}？")
