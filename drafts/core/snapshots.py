"""The whole database as one file, as it was at one moment, while saves go on; and back again."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from .copying import Item
from .models import Blob
from .storage import sync_folder

COPIES_KEPT = 3
BUSY = 20.0  # seconds to wait for a lock of SQLite
SUFFIXES = {"sqlite": ".sqlite3", "postgresql": ".dump"}
_BLOBS = "SELECT id, key, sha256, size, state <> 'stored' FROM drafts_core_blob WHERE state <> 'uploading' ORDER BY id"
_STAMP = r"\d{8}T\d{6}"
_LIBPQ = ("sslmode", "sslrootcert", "sslcert", "sslkey", "service")


class SnapshotError(Exception):
    """The database could not be copied or put back; one sentence says why."""


def sqlite_path() -> Path:
    """The file of an SQLite database."""
    return Path(connection.settings_dict["NAME"])


def copy_sqlite(target: Path) -> None:
    """Copy the SQLite database to ``target``: whole, durable, readable by its owner alone, or not at all.

    One step of the online backup API on a read connection of its own: writers go on, and what they commit
    meanwhile is not in the copy. Raises ``SnapshotError``.
    """
    scratch = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        os.close(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _backup(scratch)
        _sync(scratch)
        scratch.replace(target)
        sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise SnapshotError(f"The database cannot be copied to {target}: {_reason(error)}.") from error
    finally:
        scratch.unlink(missing_ok=True)


def _backup(scratch: Path) -> None:
    with (
        closing(sqlite3.connect(f"{sqlite_path().absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY)) as source,
        closing(sqlite3.connect(scratch, isolation_level=None)) as copy,
    ):
        copy.execute("PRAGMA synchronous=OFF")  # synced as a whole afterwards
        source.backup(copy, pages=-1)  # page by page it would begin again with every commit of another process
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, which can be opened where nothing can be written


def take(target: Path) -> Iterator[tuple[Item, bool]]:
    """Copy the database to ``target`` and list the blobs *of that copy*, and whether each waits for the store.

    Read it to its end at once: PostgreSQL keeps a transaction open until then. Raises ``SnapshotError``.
    """
    if connection.vendor == "sqlite":
        copy_sqlite(target)
        with closing(sqlite3.connect(f"{target.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            yield from ((Item(*row[:4]), bool(row[4])) for row in copy.execute(_BLOBS))
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={cursor.fetchone()[0]}"]
        scratch = target.with_name(f"{target.name}.tmp")
        try:
            _postgres_tool("pg_dump", *options, f"--file={scratch}")
            scratch.chmod(0o600)
            _sync(scratch)
            scratch.replace(target)
        finally:
            scratch.unlink(missing_ok=True)
        rows = Blob.objects.exclude(state=Blob.State.UPLOADING).order_by("pk")
        for pk, key, sha256, size, state in rows.values_list("pk", "key", "sha256", "size", "state").iterator():
            yield Item(pk, key, sha256 or "", size), state != Blob.State.STORED


def migrations() -> list[str]:
    """The migrations of the database, as ``app.name``."""
    return sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations())


def is_empty() -> bool:
    """Whether the database has no table at all."""
    if connection.vendor == "sqlite" and not sqlite_path().exists():
        return True  # looking would make the file
    with connection.cursor() as cursor:
        return not connection.introspection.table_names(cursor)


def put_back(source: Path) -> None:
    """Make the empty database what ``source`` holds, whole or not at all. Raises ``SnapshotError``."""
    connection.close()
    if connection.vendor != "sqlite":
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        _postgres_tool("pg_restore", *options, str(source))
        return
    target = sqlite_path()
    scratch = target.with_name(f"{target.name}.restored")
    try:
        shutil.copyfile(source, scratch)
        scratch.chmod(0o600)
        _sync(scratch)
        for rest in ("-wal", "-shm"):
            target.with_name(target.name + rest).unlink(missing_ok=True)
        scratch.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise SnapshotError(f"The database cannot be written to {target}: {_reason(error)}.") from error
    finally:
        scratch.unlink(missing_ok=True)


def check(source: Path) -> str | None:
    """What is wrong with a copied SQLite database, or ``None``; a dump of PostgreSQL has its hash alone."""
    if source.suffix != SUFFIXES["sqlite"]:
        return None
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            (answer,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return _reason(error)
    return None if answer == "ok" else str(answer)


def _postgres_tool(name: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore on our database; the password goes by a file, not by the command line."""
    path = shutil.which(name)
    if path is None:
        raise SnapshotError(
            f"{name} is not on PATH: install PostgreSQL's client programs, of the server's version or newer "
            "(Debian: apt install postgresql-client)."
        )
    with _connection_string() as target:
        command = [path, "--no-password", f"--dbname={target}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or done.stderr.splitlines()
        raise SnapshotError(f"{name} failed: {lines[0] if lines else f'status {done.returncode}'}.")


@contextmanager
def _connection_string() -> Iterator[str]:
    from psycopg.conninfo import make_conninfo

    given = connection.settings_dict
    named = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "dbname": given["NAME"]}
    named |= {name: given["OPTIONS"][name] for name in _LIBPQ if name in given["OPTIONS"]}
    with tempfile.TemporaryDirectory(prefix="capcut-pg-") as folder:
        if given["PASSWORD"]:
            secret = Path(folder, "pgpass")
            escaped = str(given["PASSWORD"]).replace("\\", "\\\\").replace(":", "\\:")
            secret.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
            secret.chmod(0o600)
            named["passfile"] = str(secret)
        yield make_conninfo(**{name: value for name, value in named.items() if value})


def _sync(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def copy_before_migration() -> Path:
    """Copy the SQLite database to ``<its name>.before-<time>`` beside it; the last ``COPIES_KEPT`` stay.

    A copy that equals the one before is not kept, so a start that fails again and again pushes no good one out.
    To go back, stop the server, delete the database with its -wal and -shm, rename the copy, and start the release
    that it comes from. Raises ``SnapshotError``.
    """
    database = sqlite_path()
    prefix = f"{database.name}.before-"
    target = database.with_name(f"{prefix}{timezone.now():%Y%m%dT%H%M%S}")
    copy_sqlite(target)
    copies = sorted(path for path in database.parent.iterdir() if re.fullmatch(re.escape(prefix) + _STAMP, path.name))
    if len(copies) > 1 and filecmp.cmp(copies[-2], target, shallow=False):
        target.unlink()
        return copies[-2]
    for old in copies[:-COPIES_KEPT]:
        old.unlink()
    return target
