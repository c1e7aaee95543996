"""What waits in PostgreSQL's connection pool after PostgreSQL has gone."""

from __future__ import annotations

from django.db import connection


def renew(error: Exception) -> None:
    """Replace all pooled connections if ``error`` says that PostgreSQL ended one, for mostly it ended them all.

    Otherwise each of them would refuse a request of its own, hours later perhaps. Those in use are replaced when
    they are given back. So are those that lead to a standby since a failover.
    """
    if connection.vendor == "postgresql" and (_ended(error.__cause__) or is_read_only(error)):
        connection.pool.drain()  # type: ignore[attr-defined]  # PostgreSQL's alone


def is_read_only(error: Exception) -> bool:
    """Whether a write met a server that takes none (25006): a standby, until a failover is complete."""
    return getattr(error.__cause__, "sqlstate", None) == "25006"


def _ended(cause: BaseException | None) -> bool:
    """57P01 to 57P03 are PostgreSQL's parting words (appendix A of its manual); a broken connection has no code."""
    from psycopg import OperationalError
    from psycopg_pool import PoolTimeout

    if not isinstance(cause, OperationalError) or isinstance(cause, PoolTimeout):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith("57P")
