"""``sync_catalogue``: write the committed catalogue anew, from a library that only developers have."""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from drafts.editing.catalogue.building import build
from drafts.editing.catalogue.entries import DATA
from drafts.management.base import OperatorCommand

LIBRARY = "pyjianyingdraft 0.3.1"


class Command(OperatorCommand):
    """Writes drafts/editing/catalogue/data; the same sources give the same bytes."""

    help = (
        f"Write the catalogue's data files anew, for developers: from {LIBRARY} (pip install -r "
        "tests/requirements-loaders.txt) and TEXT_EFFECTS, a JSON array of {id, title, is_vip}. The same sources give "
        "the same bytes, one entry a line; commit what changes."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The text effects, and where to write."""
        parser.add_argument("text_effects", type=Path, help="JSON array of {id, title, is_vip}")
        parser.add_argument("--to", type=Path, default=DATA, help="folder of the data files")

    def handle(self, *args: Any, text_effects: Path, to: Path, **options: Any) -> None:
        """Build all files, then write them."""
        try:
            metadata = importlib.import_module("pyJianYingDraft.metadata")
        except ImportError as error:
            raise CommandError(f"{LIBRARY} is missing: pip install -r tests/requirements-loaders.txt.") from error
        try:
            files = build(metadata, json.loads(text_effects.read_bytes()))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CommandError(f"{text_effects.name} is not a JSON array of {{id, title, is_vip}}: {error}.") from error
        to.mkdir(parents=True, exist_ok=True)
        for kind, data in files.items():
            (to / f"{kind}.json").write_bytes(data)
            self.stdout.write(f"{kind}: {len(data.splitlines()) - 2} entries, {len(data)} bytes")
