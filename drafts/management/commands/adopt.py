"""``manage.py adopt``: take over the drafts of an existing capcut-mate server, under the ids that they have."""

from __future__ import annotations

import logging
import os
import time
from argparse import ArgumentTypeError
from collections import Counter
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from drafts.core import persist
from drafts.core.errors import DomainError, Unavailable
from drafts.core.storage import StoreError
from drafts.services.transfer import Adopted, Outcome, adopt_draft

from ..base import OperatorCommand, sentence

log = logging.getLogger(__name__)

PROGRESS_EVERY = 5.0  # seconds
DRAIN_EVERY = 50  # drafts; so that no worker need run meanwhile
DOCUMENTS = ("draft_content.json", "draft_info.json")
HERE = (Outcome.TAKEN, Outcome.UPDATED)
REFUSED = "not taken"


class Command(OperatorCommand):
    """Moving in: every old draft_url lives again, whatever host it names."""

    help = (
        "Take over the drafts of a capcut-mate server: FOLDER is its `output` folder, or the folder that holds the "
        "draft folders. Every draft keeps its id, so old draft_urls work here, and becomes version 1. Stop that "
        "server first, or copy its folder. Each draft is taken in one transaction: run the command again after any "
        "interruption, and it goes on; drafts that are here already are skipped. A draft that differs from the one "
        "here is reported and left alone; --update imports it as a new version instead. What cannot be taken is "
        "listed with the reason, and the exit status is then 1. FOLDER is only read, never changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from, how far, and what to do with differences."""
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="`output` of the old server, or output/draft")
        parser.add_argument("--dry-run", action="store_true", help="read everything, tell what would be, write nothing")
        self.add_workspace(parser, "whose drafts the new ones are")
        parser.add_argument("--update", action="store_true", help="import a draft that differs here as a new version")
        parser.add_argument("--limit", metavar="N", type=count, help="stop after N drafts were taken over or updated")
        parser.add_argument(
            "--timezone",
            metavar="ZONE",
            type=zone,
            default=UTC,
            help="time zone of the old server, in which its ids tell their age, like Asia/Shanghai; default: UTC",
        )

    def handle(self, *_args: Any, folder: Path, limit: int | None, **options: Any) -> None:
        """Take over one draft after the other. Raises ``CommandError`` unless all of them are here then."""
        root = drafts_folder(folder)
        names = draft_names(root)
        self.counts: Counter[str] = Counter()
        self.started = self.told = time.monotonic()
        try:
            for name in names:
                if limit is not None and sum(self.counts[outcome] for outcome in HERE) >= limit:
                    break
                self.one(root / name, **options)
                self.progress(len(names))
        except Unavailable as error:
            raise CommandError(
                f"{self.summary(len(names))} Stopped: {sentence(error)} Run it again to go on."
            ) from error
        summary = self.summary(len(names))
        self.stdout.write(f"Nothing was written. It would be: {summary}" if options["dry_run"] else summary)
        left = self.counts[REFUSED] + self.counts[Outcome.DIFFERENT]
        if left:
            raise CommandError(f"{left} of {len(names)} drafts could not be taken; the reasons are above.")

    def one(self, path: Path, *, dry_run: bool, update: bool, timezone: ZoneInfo, **options: Any) -> None:
        """Take over one draft, or say why not. Raises ``Unavailable`` and what concerns all drafts alike."""
        try:
            adopted = adopt_draft(folder=path, zone=timezone, update=update, dry_run=dry_run)
        except (Unavailable, DatabaseError, StoreError):
            raise
        except DomainError as error:
            self.refuse(path, sentence(error))
        except OSError as error:
            self.refuse(
                path, f"{Path(error.filename).name if error.filename else 'A file'}: {error.strerror or error}."
            )
        except Exception as error:  # one strange draft must not keep the others out
            log.exception("adopt failed", extra={"draft": path.name})
            self.refuse(path, f"An unforeseen {type(error).__name__}; the log has its traceback.")
        else:
            self.report(adopted, verbose=options["verbosity"] > 1)
            if adopted.outcome in HERE and not dry_run and sum(self.counts[done] for done in HERE) % DRAIN_EVERY == 0:
                persist.drain()

    def report(self, adopted: Adopted, *, verbose: bool) -> None:
        """Count, and tell what the operator should look at."""
        self.counts[adopted.outcome] += 1
        if adopted.outcome is Outcome.DIFFERENT:
            self.line(f"{adopted.draft_id}: differs from the draft here; --update makes it a new version.", warn=True)
        elif verbose:
            self.line(f"{adopted.draft_id}: {adopted.outcome}")
        if adopted.damaged and adopted.outcome in HERE:
            self.line(f"{adopted.draft_id}: {adopted.damaged} is damaged, its twin was used.", warn=True)
        if adopted.missing_media and adopted.outcome in HERE:
            paths = ", ".join(missing.path for missing in adopted.missing_media[:3])
            self.line(f"{adopted.draft_id}: {len(adopted.missing_media)} media are not there: {paths}", warn=True)

    def refuse(self, path: Path, reason: str) -> None:
        """Count and tell a draft that was not taken."""
        self.counts[REFUSED] += 1
        self.line(f"{path.name}: not taken. {reason}", warn=True)

    def line(self, text: str, *, warn: bool = False) -> None:
        """One line, whatever the names of foreign files hold."""
        shown = text if text.isprintable() else ascii(text)[1:-1]
        self.stdout.write(self.style.WARNING(shown) if warn else shown)

    def progress(self, total: int) -> None:
        """Where the run is, every few seconds."""
        if time.monotonic() - self.told >= PROGRESS_EVERY:
            self.told = time.monotonic()
            self.stdout.write(f"... {self.summary(total)}")
            self.stdout.flush()

    def summary(self, total: int) -> str:
        """The counts so far."""
        words = [f"{self.counts[Outcome.TAKEN]} taken over", f"{self.counts[Outcome.SAME]} here already"]
        others = (Outcome.UPDATED, Outcome.DIFFERENT, REFUSED)
        words += [f"{self.counts[outcome]} {outcome}" for outcome in others if self.counts[outcome]]
        seconds = time.monotonic() - self.started
        return f"{sum(self.counts.values())} of {total} drafts: {', '.join(words)} ({seconds:.0f} s)."


def drafts_folder(folder: Path) -> Path:
    """The folder whose sub-folders are drafts. Raises ``CommandError``."""
    if not folder.is_dir():
        raise CommandError(f"There is no folder at {folder}.")
    if is_draft(folder):
        raise CommandError(f"{folder} is one draft; name the folder that holds it, or use import_draft.")
    inner = (folder / "output" / "draft", folder / "draft")
    return next((path for path in inner if path.is_dir() and not is_draft(path)), folder)


def is_draft(folder: Path) -> bool:
    """Whether a document lies right in it."""
    return any((folder / name).is_file() for name in DOCUMENTS)


def draft_names(folder: Path) -> list[str]:
    """Names of the sub-folders, sorted: all that is kept of ten thousand drafts. Raises ``CommandError``."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir() or entry.is_symlink()]
    names = sorted(name for name in names if not name.startswith("."))
    if not names:
        raise CommandError(f"There is no draft folder in {folder}.")
    return names


def zone(name: str) -> ZoneInfo:
    """A time zone by its name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ArgumentTypeError(f"{name!r} is no time zone; write it like Asia/Shanghai") from error


def count(value: str) -> int:
    """A whole number from 1."""
    if not value.isdecimal() or int(value) < 1:
        raise ArgumentTypeError("a whole number from 1 is needed")
    return int(value)
