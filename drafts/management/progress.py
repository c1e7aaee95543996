"""What the long commands share: progress, refusals in one sentence, sizes."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.template.defaultfilters import filesizeformat

from drafts.core.backup_manifest import BackupError
from drafts.core.copying import JOBS, Watcher
from drafts.core.snapshots import SnapshotError

WIDTH = 30
REDRAW_EVERY = 0.1  # seconds
LINE_EVERY = 10.0


class Progress(Watcher):
    """A bar on a terminal; without one, a line now and then."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out = out
        self.terminal = out.isatty()
        self.what, self.unit, self.total, self.done, self.bytes = "", "", 0, 0, 0
        self.started = self.told = time.monotonic()

    def begin(self, what: str, total: int, *, unit: str = "objects") -> None:
        """Start from nothing."""
        self.clear()
        self.what, self.unit, self.total, self.done, self.bytes = what, unit, total, 0, 0
        self.started = self.told = time.monotonic()

    def tick(self, size: int) -> None:
        """Count, and tell when it is time."""
        self.done, self.bytes = self.done + 1, self.bytes + size
        now = time.monotonic()
        if now - self.told >= (REDRAW_EVERY if self.terminal else LINE_EVERY):
            self.told = now
            self.out.write(f"\r{self.bar()}" if self.terminal else self.line(), ending="" if self.terminal else "\n")
            self.out.flush()

    def line(self) -> str:
        """How far it is."""
        counts = f"{self.done:,} of {self.total:,} {self.unit} {self.what}"
        if not self.bytes:
            return counts
        rate = self.bytes / max(0.001, time.monotonic() - self.started)
        return f"{counts}, {human(self.bytes)}, {human(rate)} a second"

    def bar(self) -> str:
        """The same with a bar, on a line that is written over."""
        full = min(WIDTH, WIDTH * self.done // max(1, self.total))
        return f"[{'#' * full}{'.' * (WIDTH - full)}] {self.line()}\x1b[K"

    def clear(self) -> None:
        """Wipe the bar, before something else is printed."""
        if self.terminal:
            self.out.write("\r\x1b[K", ending="")


def human(size: float) -> str:
    """Bytes as a person reads them."""
    return filesizeformat(size).replace("\xa0", " ")


def add_jobs(parser: CommandParser) -> None:
    """``--jobs``."""
    parser.add_argument("--jobs", metavar="N", type=positive, default=JOBS, help=f"objects at once; default: {JOBS}")


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


@contextmanager
def told() -> Iterator[None]:
    """A refusal of these operations as a ``CommandError``."""
    try:
        yield
    except (BackupError, SnapshotError) as error:
        raise CommandError(f"{str(error).rstrip('.')}.") from error


def listing(troubles: list[tuple[str, str]], out: OutputWrapper) -> None:
    """One line for each object that is not as it should be."""
    for key, trouble in troubles:
        out.write(f"{trouble:10} {key}")
