"""What a backup says of itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"


class BackupError(Exception):
    """The folder cannot be used, or what lies in it; one sentence says why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says. Sizes in bytes; ``waiting`` blobs lie inside the database copy.

    ``lost`` lists the objects that the store itself had lost or damaged when the backup was made.
    """

    made_at: str
    engine: str
    migrations: list[str]
    database: str
    database_sha256: str
    database_bytes: int
    objects: str
    objects_sha256: str
    count: int
    bytes: int
    waiting: int
    lost: list[str]
    format: int = FORMAT


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a finished backup. Raises ``BackupError``."""
    path = folder / MANIFEST
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found.get("format") != FORMAT:
            raise BackupError(f"{path} has a format that this release does not know")
        return Manifest(**found)
    except FileNotFoundError as error:
        raise BackupError(f"There is no finished backup in {folder}: it has no {MANIFEST}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise BackupError(f"{path} is damaged") from error
