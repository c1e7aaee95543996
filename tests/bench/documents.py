"""Documents of a wanted size, grown from a sample, and copies that differ from each other."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.support import SAMPLES

_ID = re.compile(rb'"([0-9a-fA-F]{32}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"')
_MARK = b"bench-0000000000"


@dataclass
class Document:
    """A document of about ``size`` bytes; every copy differs in one number."""

    size: int
    data: bytes = b""
    numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        head, _, tail = _grown(self.size).partition(_MARK)
        self._head, self._tail = head + b"bench-", tail
        self.data = self.copy()

    def copy(self) -> bytes:
        """A copy that was never made before."""
        return b"%b%010d%b" % (self._head, next(self.numbers), self._tail)


def _grown(size: int) -> bytes:
    sample = json.loads((SAMPLES / "s01_basic" / "draft_content.json").read_bytes())
    texts = next(track for track in sample["tracks"] if track["type"] == "text")
    seed = _bytes([texts["segments"][0], sample["materials"]["texts"][0]])
    sample["bench"] = _MARK.decode()
    dice = random.Random(size)
    length = len(_bytes(sample))
    while length < size:
        segment, text = json.loads(_renamed(seed, dice))
        _scatter(segment, dice)
        texts["segments"].append(segment)
        sample["materials"]["texts"].append(text)
        length += len(_bytes([segment, text]))
    return _bytes(sample)


def _renamed(data: bytes, dice: random.Random) -> bytes:
    """The same with new ids, each replaced in every place."""
    names = {found: dice.randbytes(len(found) // 2).hex().encode()[: len(found)] for found in set(_ID.findall(data))}
    return _ID.sub(lambda match: b'"%b"' % names[match[1]], data)


def _scatter(segment: dict[str, Any], dice: random.Random) -> None:
    """Places, times and companion materials of its own, so that it packs as drafts do, five to seven to one."""
    segment["target_timerange"] = {"start": dice.randrange(10**9), "duration": dice.randrange(10**7)}
    segment["clip"]["transform"] = {"x": dice.uniform(-1, 1), "y": dice.uniform(-1, 1)}
    segment["extra_material_refs"] = [dice.randbytes(16).hex() for _ in range(8)]


def _bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
