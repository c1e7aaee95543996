"""Values of the models in the reader's language."""

from __future__ import annotations

from drafts.core.errors import Text
from drafts.core.words import language

KINDS = {
    "added": Text("added", "新增"),
    "removed": Text("removed", "移除"),
    "changed": Text("changed", "修改"),
    "moved": Text("moved", "移动"),
    "trimmed": Text("trimmed", "裁剪"),
    "retimed": Text("speed", "变速"),
    "restyled": Text("restyled", "样式"),
    "text": Text("text", "文字"),
    "media": Text("media", "素材"),
    "decorated": Text("decorated", "装饰"),
    "other": Text("other", "其他"),
    "error": Text("error", "错误"),
    "warning": Text("warning", "警告"),
    "info": Text("info", "提示"),
    "pending": Text("waiting for the store", "等待写入存储"),
    "stored": Text("stored", "已存储"),
    "failed": Text("failed", "写入失败"),
    "uploading": Text("uploading", "上传中"),
    "save": Text("save", "保存"),
    "auto": Text("kept before a restore", "恢复前自动保留"),
    "restore": Text("restore", "恢复"),
    "import": Text("import", "导入"),
    "expired": Text("expired", "已过期"),
    "revoked": Text("revoked", "已吊销"),
    "active": Text("active", "使用中"),
    "trashed": Text("in the trash", "回收站"),
    "api": Text("API", "API"),
    "admin": Text("admin", "后台"),
    "command": Text("command", "命令"),
    "task": Text("task", "任务"),
    "video": Text("video", "视频"),
    "audio": Text("audio", "音频"),
    "image": Text("image", "图片"),
    "sticker": Text("sticker", "贴纸"),
    "effect": Text("effect", "特效"),
    "filter": Text("filter", "滤镜"),
    "subtitle": Text("subtitle", "字幕"),
    "config": Text("config", "配置"),
    "thumbnail": Text("thumbnail", "缩略图"),
    "temporary": Text("temporary", "临时"),
}


def say(text: Text) -> str:
    """A sentence in the language of whoever reads the page."""
    return text.zh if language() == "zh" else text.en


def word(value: str) -> str:
    """A value in the reader's language; one that has no words stays as it is."""
    return say(KINDS[value]) if value in KINDS else value
