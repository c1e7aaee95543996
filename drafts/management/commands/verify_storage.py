"""``manage.py verify_storage``: is every byte where it should be?"""

from __future__ import annotations

import json
import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from drafts.core import chores, verify
from drafts.core.models import Chore
from drafts.core.verify import Seen
from drafts.models import DraftFile, DraftVersion

from ..base import OperatorCommand
from ..progress import Progress, add_jobs, human

SAVE_EVERY = 2.0  # seconds
SHOWN = 3


class Command(OperatorCommand):
    """Reads everything, deletes nothing."""

    help = (
        "Read every object in the store again and compare its hash with the database; check what still waits in the "
        "database too. Lists what is missing, damaged or unreadable, with the drafts that use it, and objects that "
        "nothing owns. Ends with status 1 when anything is wrong. The service may run meanwhile. An interrupted run "
        "goes on with --resume. Nothing is ever deleted; --doom-unowned hands unowned objects that are older than "
        "GC_GRACE to the collector: never use it when another server uses the same bucket."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How much, from where."""
        parser.add_argument("--resume", action="store_true", help="go on where an interrupted run was")
        parser.add_argument(
            "--sample", metavar="N%", type=share, default=1.0, help="read only N percent of the objects, at random"
        )
        parser.add_argument("--doom-unowned", action="store_true", help="have unowned objects collected")
        add_jobs(parser)

    def handle(self, *_args: Any, resume: bool, sample: float, doom_unowned: bool, jobs: int, **_options: Any) -> None:
        """Look at blobs, then at the store's list. Raises ``CommandError`` when anything is wrong."""
        self.state = State.load() if resume else State()
        if resume and self.state.checked:
            self.stdout.write(f"Going on after {self.state.checked:,} objects.")
        self.progress = Progress(self.stdout)
        self.progress.begin("read", int(verify.count() * sample))
        self.progress.done = self.state.checked
        for seen in verify.check_blobs(after=self.state.cursor, share=sample, jobs=jobs):
            self.progress.tick(seen.item.size)
            self.state.add(seen)
            if seen.trouble:
                self.tell(describe(seen))
        self.list_unowned(doom=doom_unowned)
        self.progress.clear()
        State.path().unlink(missing_ok=True)
        self.conclude(sample)

    def list_unowned(self, *, doom: bool) -> None:
        """What the store holds beyond what the database knows."""
        for listed in verify.unowned():
            doomed = doom and verify.old_enough(listed)
            if doomed:
                verify.doom(listed)
            self.state.found["unowned"] = self.state.found.get("unowned", 0) + (not doomed)
            self.tell(f"unowned    {listed.key} ({human(listed.size)}){', will be collected' if doomed else ''}")

    def tell(self, line: str) -> None:
        """A line that the bar does not swallow."""
        self.progress.clear()
        self.stdout.write(line)

    def conclude(self, sample: float) -> None:
        """The figures."""
        state = self.state
        wrong = {kind: count for kind, count in state.found.items() if count}
        figures = {"objects": state.checked, "bytes": state.bytes, "percent": round(sample * 100)}
        chores.record(Chore.Name.VERIFY, ok=not wrong, **figures, **wrong)
        told = f"{state.checked:,} objects ({human(state.bytes)}) read"
        if state.waiting:
            told += f", {state.waiting:,} of them in the database, where they wait for the store"
        if wrong:
            listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(wrong.items()))
            raise CommandError(f"{listed}. {told}.")
        self.stdout.write(self.style.SUCCESS(f"Everything is as it should be: {told}."))


class State:
    """How far a run is; written to STATE_DIR every few seconds."""

    def __init__(self, **saved: Any) -> None:
        self.cursor: int = saved.get("cursor", 0)
        self.checked: int = saved.get("checked", 0)
        self.waiting: int = saved.get("waiting", 0)
        self.bytes: int = saved.get("bytes", 0)
        self.found: dict[str, int] = saved.get("found", {})
        self.saved_at = time.monotonic()

    @staticmethod
    def path() -> Path:
        """Where it is kept."""
        return Path(settings.STATE_DIR) / "verify_storage.json"

    @classmethod
    def load(cls) -> State:
        """The state of an interrupted run; the beginning when there is none."""
        try:
            return cls(**json.loads(cls.path().read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return cls()

    def add(self, seen: Seen) -> None:
        """Count one blob."""
        self.cursor, self.checked = seen.item.id, self.checked + 1
        self.bytes, self.waiting = self.bytes + seen.item.size, self.waiting + seen.waits
        if seen.trouble:
            self.found[seen.trouble] = self.found.get(seen.trouble, 0) + 1
        if seen.trouble or time.monotonic() - self.saved_at > SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write it under another name, then rename."""
        self.saved_at = time.monotonic()
        kept = {name: value for name, value in vars(self).items() if name != "saved_at"}
        scratch = self.path().with_suffix(".tmp")
        scratch.write_text(json.dumps(kept), encoding="utf-8")
        scratch.replace(self.path())


def describe(seen: Seen) -> str:
    """One line: what is wrong with which object, and who uses it."""
    place = "in the database" if seen.waits else human(seen.item.size)
    return f"{seen.trouble:10} {seen.item.key} ({place}), used by {users(seen.item.id)}"


def users(blob_id: int) -> str:
    """A few of the drafts that need a blob."""
    versions = DraftVersion.objects.filter(content_id=blob_id).values_list("draft_id", "number")
    files = DraftFile.objects.filter(blob_id=blob_id).values_list("draft_id", "path")
    names = [f"{draft} version {number}" for draft, number in versions[: SHOWN + 1]]
    names += [f"{draft}/{path}" for draft, path in files[: SHOWN + 1]]
    return ", ".join([*names[:SHOWN], *(["others"] if len(names) > SHOWN else [])]) or "nothing"


def share(text: str) -> float:
    """``5`` or ``5%`` as 0.05."""
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = 0
    if not 0 < percent <= 100:
        raise ArgumentTypeError(f"{text!r} is no percentage above 0 and up to 100")
    return percent / 100
