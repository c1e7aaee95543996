"""What ``manage.py dev`` does before it starts anything: database, first staff account."""

from __future__ import annotations

import io
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

STAFF_NAME = "admin"

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
            say(f"Preparing the database ({len(plan)} migrations) ...")
            told = io.StringIO()
            call_command("migrate", verbosity=0, interactive=False, stdout=told)
            for line in told.getvalue().splitlines():
                say(line)
    except CommandError as error:
        raise ImproperlyConfigured(str(error)) from error
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ImproperlyConfigured(f"The database of DATABASE_URL cannot be used: {reason}") from error


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
