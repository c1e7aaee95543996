"""SQLite under STATE_DIR by default, PostgreSQL with a connection pool by ``DATABASE_URL``."""

from __future__ import annotations

from typing import Any

from capcut_site import env

from .base import DRAFT_LOCK_SECONDS, STATE_DIR

_database: dict[str, Any] = env.database(f"sqlite:///{STATE_DIR}/db.sqlite3")
DATABASE_POOL = env.integer("DATABASE_POOL", 16, "most PostgreSQL connections of one process")

if _database["ENGINE"] == "django.db.backends.sqlite3":
    # Without IMMEDIATE a transaction that reads first fails with "database is locked" at once; FULL
    # keeps the last commits through a power cut (STACK section 5).
    _database["ENGINE"] = "capcut_site.sqlite"
    _database["CONN_MAX_AGE"] = None
    _database["TEST"] = {"NAME": str(STATE_DIR / "test.sqlite3")}  # a file, with the locks of a file
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864;",
    }
else:
    _database["CONN_MAX_AGE"] = 0
    _database["OPTIONS"] = {
        # A host that is gone without a word would hold each request until TCP gives up, a quarter of an hour later.
        "tcp_user_timeout": 10_000,  # milliseconds until what was sent must be acknowledged
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        **_database.get("OPTIONS", {}),
        "connect_timeout": 3,
        # PostgreSQL plans a statement that a connection repeats once: a third of its CPU for a save.
        "server_side_binding": True,
        "prepare_threshold": 5,
        # And our host may be the one that is gone: PostgreSQL then ends our transactions and their locks.
        "options": f"-c lock_timeout={DRAFT_LOCK_SECONDS * 1000} -c tcp_keepalives_idle=10 "
        "-c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
        # The pool waits twice as long after each attempt to connect that fails: after minutes without PostgreSQL it
        # would stay away for minutes more. Giving an attempt up lets the next request begin anew.
        "pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 5, "reconnect_timeout": 2},
    }

DATABASES = {"default": _database}
