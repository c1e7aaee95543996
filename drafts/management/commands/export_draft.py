"""``manage.py export_draft``: a draft as a folder or ZIP on this machine's disk."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from drafts.core.identifiers import parse_draft_url, parse_version
from drafts.models import Draft, DraftVersion
from drafts.selectors.drafts import get_any_draft
from drafts.selectors.versions import get_version
from drafts.services.transfer import export_folder, zip_chunks
from drafts.services.transfer.exporting import folder_name

from ..base import OperatorCommand


class Command(OperatorCommand):
    """Whole or not at all: it is written under another name and renamed at the end."""

    help = (
        "Write a draft, as last edited or as one of its versions, to FOLDER/<name of the draft>/: a folder that "
        "JianYing and CapCut open when it lies among their drafts, with its media. Drafts in the trash can be exported "
        "too. What exists is never overwritten."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's own ``--version`` gives way to ours."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """What to export, and where to."""
        parser.add_argument("draft", metavar="ID", help="id or draft_url of the draft")
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="where to put it; made when missing")
        parser.add_argument("--version", metavar="N", help="this version; default: the draft as last edited")
        parser.add_argument("--zip", action="store_true", help="one FOLDER/<name>.zip instead of a folder")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Export and print where it is."""
        ref = parse_draft_url(options["draft"])
        draft = get_any_draft(draft_id=ref.id)
        number = parse_version(options["version"]) if options["version"] else ref.version
        version = None if number is None else get_version(draft=draft, number=number)
        name = folder_name(draft)
        target: Path = options["folder"] / (f"{name}.zip" if options["zip"] else name)
        if target.exists():
            raise CommandError(f"{target} exists already.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as scratch:
            write = write_zip if options["zip"] else write_folder
            write(draft, version, Path(scratch)).rename(target)
        self.stdout.write(str(target))


def write_folder(draft: Draft, version: DraftVersion | None, scratch: Path) -> Path:
    """The draft as a folder in ``scratch``."""
    return export_folder(draft=draft, version=version, target=scratch)


def write_zip(draft: Draft, version: DraftVersion | None, scratch: Path) -> Path:
    """The draft as a ZIP in ``scratch``."""
    path = scratch / "draft.zip"
    with path.open("wb") as handle:
        handle.writelines(zip_chunks(draft=draft, version=version))
    return path
