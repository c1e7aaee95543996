"""``python -m tests.drills NAME``: one drill, against a service of its own; prints the figures."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests import drills
from tests.harness import Service, service

Options = argparse.Namespace
Figures = dict[str, Any]


@contextlib.contextmanager
def running(folder: Path, options: Options) -> Iterator[Service]:
    """A service on the database that was asked for."""
    with service(folder, **({"DATABASE_URL": options.database} if options.database else {})) as started:
        yield started


def kill(folder: Path, options: Options) -> Figures:
    """``kill -9`` of any process."""
    with running(folder, options) as started:
        return drills.kill_drill(started, rounds=options.rounds or 200)


def crowd(folder: Path, options: Options) -> Figures:
    """Twenty processes on one draft."""
    with running(folder, options) as started:
        return drills.crowd_drill(started)


def thousands(folder: Path, options: Options) -> Figures:
    """Ten thousand newer drafts."""
    with running(folder, options) as started:
        return drills.thousands_drill(started, drafts=options.drafts)


def overload(folder: Path, options: Options) -> Figures:
    """Clients that stall, by the hundred."""
    with running(folder, options) as started:
        return drills.overload_drill(started)


def torn(folder: Path, options: Options) -> Figures:
    """Downloads during edits and saves."""
    with running(folder, options) as started:
        return drills.torn_drill(started, downloads=options.downloads)


DRILLS: dict[str, Callable[[Path, Options], Figures]] = {
    "kill": kill,
    "crowd": crowd,
    "thousands": thousands,
    "overload": overload,
    "database": lambda folder, options: drills.database_drill(folder, rounds=options.rounds or 20),
    "broker": lambda folder, options: drills.broker_drill(folder, rounds=options.rounds or 20),
    "store": lambda folder, options: drills.store_drill(folder, seconds=options.seconds or 120),
    "disk": lambda _, options: drills.disk_drill(rounds=options.rounds or 3, seconds=options.seconds or 10),
    "clock": lambda folder, options: drills.clock_drill(folder, rounds=options.rounds or 20),
    "powercut": lambda folder, options: drills.power_cut_drill(folder, rounds=options.rounds or 50),
    "torn": torn,
}


def main() -> None:
    """Run one drill and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("drill", choices=DRILLS)
    parser.add_argument("--rounds", type=int, help="how many faults")
    parser.add_argument("--seconds", type=float, help="how long a store fails, or a disk is full")
    parser.add_argument("--drafts", type=int, default=10_000)
    parser.add_argument("--downloads", type=int, default=10_000)
    parser.add_argument("--database", help="a PostgreSQL server's URL; a database is made there. Default: SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        figures = DRILLS[options.drill](Path(folder), options)
        print({**figures, "seconds": round(time.monotonic() - started, 1)})


if __name__ == "__main__":
    main()
