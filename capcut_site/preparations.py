"""What ``manage.py dev`` does before it starts anything: database, first staff account."""

from __future__ import annotations

import filecmp
import os
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from drafts.core.snapshots import SnapshotError, copy_sqlite, sqlite_path

STAFF_NAME = "admin"
COPIES_KEPT = 3
STAMP = r"\d{8}T\d{6}"

Say = Callable[[str], None]


def clear_metrics() -> None:
    """Counters of processes that are gone would be added to ours."""
    shutil.rmtree(settings.METRICS_DIR, ignore_errors=True)
    settings.METRICS_DIR.mkdir(parents=True)


def migrate(say: Say) -> None:
    """Bring the database up to date; an unreachable one is said in one sentence."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            if connection.vendor == "sqlite" and executor.loader.applied_migrations:
                say(f"Copying the database to {copy_before_migration()} ...")
            say(f"Preparing the database ({len(plan)} migrations) ...")
            call_command("migrate", verbosity=0, interactive=False)
    except SnapshotError as error:
        raise ImproperlyConfigured(f"{error} Nothing was migrated.") from error
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ImproperlyConfigured(f"The database of DATABASE_URL cannot be used: {reason}") from error


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
    copies = sorted(path for path in database.parent.iterdir() if re.fullmatch(re.escape(prefix) + STAMP, path.name))
    if len(copies) > 1 and filecmp.cmp(copies[-2], target, shallow=False):
        target.unlink()
        return copies[-2]
    for old in copies[:-COPIES_KEPT]:
        old.unlink()
    return target


def staff_password_file() -> Path:
    """Where the first staff account's password lies until somebody changes it."""
    return Path(settings.STATE_DIR) / "admin-password"


def create_staff() -> str | None:
    """Make the first staff account and return its password; None when there is an account already."""
    users = get_user_model()._default_manager
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    path = staff_password_file()
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(password + "\n")
    get_user_model().objects.create_superuser(STAFF_NAME, "", password)
    return password


def close_databases() -> None:
    """The supervisor needs no database once its children run; a PostgreSQL pool has threads of its own."""
    for open_connection in connections.all(initialized_only=True):
        open_connection.close()
        getattr(open_connection, "close_pool", lambda: None)()
