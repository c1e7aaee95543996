"""Stickers, from a file that the operator supplies: none come with the product."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from .matching import fold

MOST = 50  # stickers of one answer (contract 7.20)


def search_stickers(path: str, text: str) -> list[dict[str, Any]]:
    """Up to 50 stickers whose title contains ``text``, in the file's order; none when ``path`` is empty.

    Raises OSError for a file that cannot be read, ValueError for one that is no array of
    ``{sticker_id, title, sticker}``.
    """
    wanted = fold(text)
    if not path or not wanted:
        return []
    found = (sticker for title, sticker in _stickers(path, Path(path).stat().st_mtime_ns) if wanted in title)
    return [sticker for sticker, _ in zip(found, range(MOST), strict=False)]


@lru_cache(maxsize=1)
def _stickers(path: str, changed: int) -> list[tuple[str, dict[str, Any]]]:
    """Folded titles and stickers; read again when the file has changed."""
    listed = orjson.loads(Path(path).read_bytes())
    return [(fold(item["title"]), item) for item in map(_sticker, listed if isinstance(listed, list) else [listed])]


def _sticker(item: Any) -> dict[str, Any]:
    match item:
        case {"sticker_id": str(sticker_id), "title": str(title), "sticker": dict(sticker)}:
            return {"sticker_id": sticker_id, "title": title, "sticker": sticker}
    raise ValueError("it is not an array of {sticker_id, title, sticker}")
