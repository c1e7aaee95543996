"""Labels in the language of whoever reads the page."""

from __future__ import annotations

from typing import Any, Literal

from django.utils.functional import lazy
from django.utils.translation import get_language


def language() -> Literal["en", "zh"]:
    """That of whoever reads the page."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


def _pick(en: str, zh: str) -> str:
    return zh if language() == "zh" else en


_lazily = lazy(_pick, str)


def both(en: str, zh: str) -> Any:
    """A label that is chosen when it is read."""
    return _lazily(en, zh)


def counted(count: int, one: str, zh: str) -> Any:
    """``1 blob``, ``2 blobs``, ``2 个数据块``."""
    return both(f"{count:,} {one}{'' if count == 1 else 's'}", f"{count:,} {zh}")
