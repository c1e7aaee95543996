"""What was done to a draft, in words."""

from __future__ import annotations

from typing import Any

import orjson

from drafts.core.errors import Text
from drafts.models import DraftEvent

Verb = DraftEvent.Verb
SHOWN = 300  # characters
VERBS: dict[str, Text] = {
    Verb.CREATE: Text("created", "创建"),
    Verb.CONTENT: Text("document replaced", "替换草稿文件"),
    Verb.EDIT: Text("edited", "编辑"),
    Verb.PUT_FILE: Text("file stored", "存入文件"),
    Verb.DELETE_FILE: Text("file removed", "移除文件"),
    Verb.RENAME: Text("renamed", "改名"),
    Verb.SAVE: Text("saved", "保存"),
    Verb.FREEZE: Text("unsaved work kept", "保留未保存的修改"),
    Verb.RESTORE: Text("restored", "恢复版本"),
    Verb.COPY: Text("copied from another draft", "从其他草稿复制"),
    Verb.IMPORT: Text("imported", "导入"),
    Verb.ADOPT: Text("adopted from another server", "从其他服务器接管"),
    Verb.NOTE: Text("note written", "写备注"),
    Verb.RETRY: Text("storing retried", "重试存储"),
    Verb.TRASH: Text("moved to the trash", "移入回收站"),
    Verb.UNTRASH: Text("brought back from the trash", "从回收站恢复"),
    Verb.HOLD: Text("held", "保留"),
    Verb.RELEASE: Text("hold taken away", "解除保留"),
    Verb.PURGE: Text("purged", "彻底清除"),
    Verb.LINK: Text("link made", "创建链接"),
    Verb.REVOKE_LINK: Text("link revoked", "吊销链接"),
}


def told(arguments: dict[str, Any]) -> str:
    """The arguments of an event on one line: ``name: Holiday, revision: 7``."""
    line = ", ".join(f"{name}: {_value(value)}" for name, value in arguments.items())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
