"""``manage.py import_draft``: a draft folder or ZIP from this machine's disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from drafts.core.identifiers import parse_draft_url, refuse_version
from drafts.services.transfer import FolderSource, Imported, Source, ZipSource, import_draft

from ..base import OperatorCommand


class Command(OperatorCommand):
    """The same import as ``POST /api/v1/drafts/import``, without a limit on the upload."""

    help = (
        "Import a JianYing or CapCut draft: a folder with draft_content.json or draft_info.json in it, or a .zip of "
        "one. It becomes a new draft with version 1; with --into a new version of an existing draft, whose unsaved "
        "work is kept as a version first. Media that the draft names and that are not there are listed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to import, and as what."""
        parser.add_argument("path", metavar="PATH", type=Path, help="draft folder, or .zip file")
        parser.add_argument("--name", default="", help="name of the draft; default: that of the folder")
        self.add_workspace(parser, "whose draft a new one is")
        parser.add_argument("--into", metavar="ID", help="id or draft_url of the draft that gets a new version")

    def handle(self, *_args: Any, path: Path, name: str, into: str | None, **_options: Any) -> None:
        """Import and say what became of it."""
        if len(name) > settings.MAX_NAME_LENGTH:
            raise CommandError(f"A name has at most {settings.MAX_NAME_LENGTH} characters (MAX_NAME_LENGTH).")
        draft_id = refuse_version(parse_draft_url(into)).id if into else None
        with opened(path) as source:
            self.report(import_draft(source=source, into=draft_id, name=name))

    def report(self, imported: Imported) -> None:
        """The draft and its new version; media that were not there."""
        draft, version = imported.draft, imported.version
        self.stdout.write(f"{draft.pk} version {version.number}: {draft.name} ({version.file_count} files)")
        for missing in imported.missing_media:
            self.stdout.write(self.style.WARNING(f"missing: {missing.path} (material {missing.material_id})"))


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The draft at ``path``. Raises ``CommandError`` when there is none, and what the sources raise."""
    if path.is_dir():
        yield FolderSource(path)
    elif path.is_file():
        with path.open("rb") as handle:
            yield ZipSource(handle)
    else:
        raise CommandError(f"There is no folder and no file at {path}.")
