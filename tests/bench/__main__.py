"""``python -m tests.bench [--quick] [--database URL]``: measure, print the table, write table and picture."""

from __future__ import annotations

import argparse
import datetime
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from tests.harness import ROOT

from . import meter
from .picture import draw
from .plan import FULL, QUICK
from .suite import Report, measure
from .table import tables, write_page

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"


def main() -> None:
    """Measure on SQLite and on PostgreSQL."""
    options = _options()
    plan = QUICK if options.quick else FULL
    facts = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, commit {meter.commit()}, {meter.machine()}"
    started, reports = time.monotonic(), []
    for database in [""] if options.sqlite or not _reachable(options.database) else ["", options.database]:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            reports.append(measure(plan, database, Path(folder)))
        print(f"{reports[-1].database} measured after {time.monotonic() - started:.0f} s", file=sys.stderr)
    facts += f"; the run took {(time.monotonic() - started) / 60:.1f} minutes"
    print(f"{facts}\n\n{tables(reports)}")
    _write(options, reports, facts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    quick = "two minutes instead of about twenty-five; writes nothing by itself"
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--database", default=POSTGRES, help=f"a PostgreSQL server's URL; default: {POSTGRES}")
    parser.add_argument("--sqlite", action="store_true", help="measure SQLite alone")
    parser.add_argument("--output", type=Path, help="folder of performance.md and performance.svg; default: docs")
    return parser.parse_args()


def _reachable(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        print(f"PostgreSQL is left out: {str(error).splitlines()[0]}", file=sys.stderr)
        return False
    return True


def _write(options: argparse.Namespace, reports: list[Report], facts: str) -> None:
    folder = options.output or (None if options.quick else ROOT / "docs")
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "performance.svg").write_text(draw(reports, facts), encoding="utf-8")
    write_page(folder / "performance.md", reports, facts)
    print(f"\nWritten: {folder}/performance.md and performance.svg")


if __name__ == "__main__":
    main()
