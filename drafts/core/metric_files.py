"""The files that metrics are counted in, safe on a full disk.

prometheus_client maps files with holes. Writing into a hole of a mapped file when the disk is full is SIGBUS: every
web process would die at its first request, again and again, and reads with it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from prometheus_client import values
from prometheus_client.mmap_dict import _INITIAL_MMAP_SIZE, MmapedDict

ENTRY = 64  # bytes of an entry beyond its key, at most


class ReservedFile(MmapedDict):
    """Takes its space before it is mapped. What finds none is counted in memory, and written as soon as there is."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's own
        self._fname = filename
        self._f = None  # type: ignore[assignment]  # as after close()
        self._capacity = self._used = 0
        self._positions: dict[str, int] = {}
        with suppress(OSError):
            self._open()

    def _open(self) -> None:
        path = Path(self._fname)
        whole = path if path.exists() else path.with_suffix(".new")  # one that is read while it is empty is an error
        try:
            _reserve(whole, _INITIAL_MMAP_SIZE)
        except OSError:
            whole.unlink(missing_ok=True)
            raise
        whole.rename(path)
        super().__init__(self._fname)  # type: ignore[no-untyped-call]  # not typed there

    def _init_value(self, key: str) -> None:
        if self._f is None:
            self._open()
        if self._used + len(key.encode()) + ENTRY > self._capacity:
            _reserve(Path(self._fname), 2 * self._capacity)
        if key not in self._positions:
            super()._init_value(key)  # type: ignore[no-untyped-call]  # the library is not typed

    def read_value(self, key: str) -> tuple[float, float]:
        """Value and time stamp; nothing yet when there is no space."""
        try:
            value, stamp = super().read_value(key)  # type: ignore[no-untyped-call]  # likewise
        except OSError:
            return 0.0, 0.0
        return value, stamp

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Write it if there is space."""
        try:
            super().write_value(key, value, timestamp)  # type: ignore[no-untyped-call]  # likewise
        except OSError:
            pass


def _reserve(path: Path, size: int) -> None:
    """Grow the file to ``size`` bytes that the disk has really given. Raises ``OSError``."""
    with path.open("ab") as file:
        file.write(bytes(max(0, size - file.tell())))


def install() -> None:
    """Have prometheus_client use it; before the first metric is made."""
    values.MmapedDict = ReservedFile  # type: ignore[attr-defined]  # the library's own name, not in its stubs
