"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Size:
    """Documents of ``size`` bytes: two drafts a connection, but no fewer than ``least``, no more than ``most``."""

    label: str
    size: int
    least: int
    most: int


@dataclass(frozen=True)
class Plan:
    """How much is measured; the whole of it stays below thirty minutes for both databases, ``QUICK`` below two."""

    cycles: int = 5
    twin_cycles: int = 10
    seconds: float = 0.4
    concurrencies: tuple[int, ...] = (1, 8, 32)
    drafts: int = 10_000
    versions: int = 1000
    crowd: int = 100
    sizes: tuple[Size, ...] = (Size("200 KB", 200_000, 96, 96), Size("5 MB", 5_000_000, 4, 32))
    size_cycles: int = 5
    limit: float = 40.0
    memory: bool = True
    sustained: float = 20.0

    def pace(self, concurrency: int) -> dict[str, Any]:
        """How one group of calls is measured."""
        return {"concurrency": concurrency, "cycles": self.cycles, "seconds": self.seconds, "limit": self.limit}

    @property
    def twins(self) -> dict[str, Any]:
        """How calls are measured that differ in what lies around them, and by little: in more rounds."""
        return self.pace(8) | {"cycles": self.twin_cycles}


FULL = Plan()
QUICK = Plan(
    cycles=2,
    twin_cycles=2,
    seconds=0.15,
    drafts=2000,
    crowd=32,
    sizes=(Size("200 KB", 200_000, 8, 16), Size("5 MB", 5_000_000, 2, 4)),
    size_cycles=1,
    limit=3.0,
    memory=False,
    sustained=3.0,
)
