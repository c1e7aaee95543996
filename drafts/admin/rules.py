"""The integrity rules in words."""

from __future__ import annotations

from drafts.core.errors import Text
from drafts.document.integrity import RULES

from .terms import say

CHINESE = {
    "R1": "草稿包含轨道、素材、画布、帧率和版本标记。",
    "R2": "每个片段引用的素材都存在，且所在列表与轨道类型相符。",
    "R3": "片段的每个附属引用都指向存在的素材，且不重复。",
    "R4": "轨道、片段、素材和关键帧的 id 都存在且唯一。",
    "R5": "轨道名称唯一。",
    "R6": "时间为整数微秒，起点不为负，时长不为零。",
    "R7": "同一轨道的片段按起点排序，互不重叠。",
    "R8": "草稿时长等于最后一个片段的终点，并与 meta 文件一致。",
    "R9": "源时长、时间线时长、速度与关联的速度素材一致。",
    "R10": "片段使用的源区间不超出素材时长。",
    "R11": "音频片段没有画面位置，画面片段的位置为有限值；音量在 0 到 10 之间。",
    "R12": "关键帧属性已知，时间在片段内递增，数值有限。",
    "R13": "转场连接两个相接的视频片段，且不长于其中任何一个。",
    "R14": "每种装饰一个片段最多一个，动画不超出片段时长。",
    "R15": "文字内容为 JSON，样式依次覆盖全文（按 UTF-16 单位计数）。",
    "R16": "蒙版同时写在两个列表中，且设置相同。",
    "R17": "每个素材都被引用。",
    "R18": "本地素材的路径可移植，id 列于 meta 文件，且有相符的已存文件。",
    "R19": "磁吸主轨道从 0 开始，中间没有空隙。",
    "R20": "所有数值有限，且不超过 64 位。",
    "R21": "draft_content.json 与 draft_info.json 字节相同。",
}


def rule_in_words(rule: str) -> str:
    """What a rule demands, in the reader's language."""
    return say(Text(RULES[rule], CHINESE[rule]))
