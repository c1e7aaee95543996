"""Who a caller is to the server: what they may do, and whose drafts they reach."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from drafts.core.errors import Text

DEFAULT_WORKSPACE = "default"

# What a key may be allowed; every operation of the API demands one of these (``ViewSet.scopes``).
SCOPES: dict[str, Text] = {
    "drafts:read": Text("read drafts, their versions and files, and the catalogue", "读取草稿、版本、文件和目录"),
    "drafts:write": Text("create, edit, save, copy, import and trash drafts", "创建、编辑、保存、复制、导入和删除草稿"),
    "versions:restore": Text("restore versions", "恢复版本"),
    "files:write": Text("store and remove files of drafts", "存入和移除草稿文件"),
    "links:write": Text("make and revoke links to drafts", "创建和吊销草稿链接"),
    "media:probe": Text("have media behind URLs looked at", "查看 URL 指向的媒体"),
    "admin:read": Text("read the keys, the members and the usage of the workspace", "查看工作区的密钥、成员和用量"),
    "keys:write": Text("make, rotate and revoke keys of the workspace", "创建、轮换和吊销工作区的密钥"),
}
USUAL_SCOPES = frozenset(SCOPES) - {"admin:read", "keys:write"}  # of a key for which nobody names any


class Kind(Enum):
    """What makes a caller known."""

    NOBODY = "nobody"
    OPEN = "open"
    KEY = "key"
    LINK = "link"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller's rights. ``workspaces`` are those whose drafts they reach, ``None`` for all.

    What they make belongs to ``workspace``. ``label`` is how records name them. Who comes by a link reaches the draft
    ``draft_id`` alone, while the link ``link`` (``access.links``) is in force. ``roles`` are those of a member of
    workspaces (``access.members``).
    """

    kind: Kind
    workspaces: tuple[str, ...] | None = ()
    scopes: frozenset[str] = frozenset()
    workspace: str = DEFAULT_WORKSPACE
    label: str = ""
    key_id: int | None = None
    draft_id: str = ""
    link: str = ""
    roles: tuple[tuple[str, str], ...] = ()


NOBODY = Principal(Kind.NOBODY)
OPEN = Principal(Kind.OPEN, (DEFAULT_WORKSPACE,), USUAL_SCOPES | {"admin:read"})
SYSTEM = Principal(Kind.SYSTEM, None, USUAL_SCOPES)
