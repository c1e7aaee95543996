"""Transactions on SQLite: the threads of a process take turns, and a turn always comes to its end."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import IntegrityError, OperationalError, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.utils import ConnectionHandler, ProgrammingError
from pytest_django import DjangoDbBlocker

from capcut_site.sqlite import base
from drafts.checks import sqlite_takes_the_write_lock_first
from tests.harness import wait_for

PATIENCE = 0.5  # seconds
ANY = "INSERT INTO row DEFAULT VALUES"
Work = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker) -> Iterator[Work]:
    """Run statements in a transaction on a database of these tests, in the calling thread, on a connection of its own.

    The function that is called inside the transaction may wait, or raise.
    """
    options = {"transaction_mode": "IMMEDIATE", "timeout": PATIENCE, "init_command": "PRAGMA journal_mode=WAL"}
    settings = {"ENGINE": "capcut_site.sqlite", "NAME": str(tmp_path / "db.sqlite3"), "OPTIONS": options}
    connections = ConnectionHandler({"default": settings})
    monkeypatch.setattr(transaction, "connections", connections)

    def work(statement: str, inside: Callable[[], object] = lambda: None) -> list[tuple[object, ...]]:
        with closing(connections["default"]) as connection, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            inside()
            return list(cursor.fetchall())

    with django_db_blocker.unblock():
        work("CREATE TABLE row (number integer PRIMARY KEY)")
        yield work


class Holder:
    """A thread inside a transaction until it is let go."""

    def __init__(self, database: Work, pool: ThreadPoolExecutor) -> None:
        self._go, inside = threading.Event(), threading.Event()

        def stay() -> None:
            inside.set()
            assert self._go.wait(20)

        self._done: Future[object] = pool.submit(database, "INSERT INTO row VALUES (0)", stay)
        assert inside.wait(20)

    def let_go(self) -> None:
        """End the transaction, with success."""
        self._go.set()
        self._done.result(20)


def test_threads_write_one_after_the_other(database: Work) -> None:
    transaction.connections.settings["default"]["OPTIONS"]["timeout"] = 20  # a slow disk is no fault
    with ThreadPoolExecutor(16) as pool:
        done = [pool.submit(database, ANY) for _ in range(200)]
        for each in done:
            each.result(20)
    assert database("SELECT count(*) FROM row") == [(200,)]


def test_who_waits_does_not_ask_the_database(database: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    begin = DatabaseWrapper._start_transaction_under_autocommit  # type: ignore[attr-defined]  # unknown to the stubs

    def counted(connection: DatabaseWrapper) -> None:
        asked.append(threading.get_ident())
        begin(connection)

    monkeypatch.setattr(DatabaseWrapper, "_start_transaction_under_autocommit", counted)
    with ThreadPoolExecutor(4) as pool:
        holder = Holder(database, pool)
        waiting = [pool.submit(database, ANY) for _ in range(3)]
        time.sleep(PATIENCE / 2)
        assert len(asked) == 1
        holder.let_go()
        for each in waiting:
            each.result(20)
    assert len(asked) == 4


def test_who_waits_too_long_is_refused_and_keeps_nobody_waiting(database: Work) -> None:
    with ThreadPoolExecutor(1) as pool:
        holder = Holder(database, pool)
        started = time.monotonic()
        with pytest.raises(OperationalError, match=r"^database is locked$"):
            database("INSERT INTO row VALUES (1)")
        assert time.monotonic() - started >= PATIENCE
        holder.let_go()
    database("INSERT INTO row VALUES (1)")
    assert database("SELECT number FROM row") == [(0,), (1,)]


def test_another_process_is_waited_for_as_long(database: Work) -> None:
    """It is refused by SQLite, and the turn goes on."""
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        database("INSERT INTO row VALUES (0)", lambda: (os.write(ready[1], b"."), os.read(go[0], 1)))
        os._exit(0)
    os.read(ready[0], 1)
    with pytest.raises(OperationalError, match=r"^database is locked$"):
        database("INSERT INTO row VALUES (1)")
    os.write(go[1], b".")
    assert os.waitpid(child, 0)[1] == 0
    database("INSERT INTO row VALUES (1)")


def _raise() -> None:
    raise RuntimeError


@pytest.mark.parametrize(
    ("statement", "inside", "error"),
    [
        ("INSERT INTO row VALUES (1)", _raise, RuntimeError),
        ("INSERT INTO row VALUES (NULL), ('no number')", lambda: None, IntegrityError),
        ("INSERT INTO none VALUES (1)", lambda: None, OperationalError),
        ("INSERT INTO row VALUES (1)", lambda: transaction.get_connection().close(), ProgrammingError),
        ("COMMIT", lambda: None, None),
    ],
    ids=["error", "constraint", "statement", "closed", "ended"],
)
def test_a_transaction_that_fails_ends_its_turn(
    database: Work, statement: str, inside: Callable[[], object], error: type[Exception] | None
) -> None:
    if error is None:
        database(statement, inside)
    else:
        with pytest.raises(error):
            database(statement, inside)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(database, "INSERT INTO row VALUES (2)").result(20)
    assert database("SELECT number FROM row") == [(2,)]


def test_a_fork_does_not_inherit_the_turn_of_another_thread(database: Work) -> None:
    with ThreadPoolExecutor(1) as pool:
        holder = Holder(database, pool)
        child = os.fork()
        if child == 0:
            os._exit(int(base._turn.locked()))
        assert os.waitpid(child, 0)[1] == 0
        assert base._turn.locked()
        holder.let_go()
    wait_for(lambda: not base._turn.locked(), "the turn's end", 1)


@pytest.mark.parametrize("engine", ["capcut_site.sqlite", "django.db.backends.sqlite3"])
def test_a_database_without_the_profile_is_told_to_the_operator(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    database = {"ENGINE": engine, "NAME": "db.sqlite3"}
    monkeypatch.setattr(configured, "DATABASES", {"default": database})
    assert [error.id for error in sqlite_takes_the_write_lock_first()] == ["drafts.E002"]
    monkeypatch.setitem(configured.DATABASES, "default", {**database, "OPTIONS": {"transaction_mode": "IMMEDIATE"}})
    assert sqlite_takes_the_write_lock_first() == []
