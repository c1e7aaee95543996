"""What must hold after every drill, whatever happened in it."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from tests.harness import ROOT, Service, wait_for

from .model import Writer, pending, saves_of, verify

STATE = {"admin-password", "blobs", "broker", "db.sqlite3", "lock", "metrics", "secret_key"}
STATE |= {"beat.tick", "db.sqlite3-shm", "db.sqlite3-wal"}
NONE = {
    "blobs that wait": "SELECT count(*) FROM drafts_core_blob WHERE state <> 'stored'",
    "payloads of stored blobs": "SELECT count(*) FROM drafts_core_blobpayload",
    "doomed objects": "SELECT count(*) FROM drafts_core_doomedobject",
    "doubled numbers": "SELECT count(*) - count(DISTINCT (draft_id || '/' || number)) FROM drafts_draftversion",
    "missing numbers": "SELECT count(*) FROM (SELECT max(number) - count(*) AS gap FROM drafts_draftversion"
    " GROUP BY draft_id) AS gaps WHERE gap <> 0",
    "heads that are not the newest": "SELECT count(*) FROM drafts_draft d JOIN drafts_draftversion h ON h.id ="
    " d.head_id WHERE h.number <> (SELECT max(v.number) FROM drafts_draftversion v WHERE v.draft_id = d.id)",
}

OVERDUE = """
from drafts.core.models import DoomedObject, timezone
DoomedObject.objects.update(doomed_at=timezone.now())
"""
# Every B-tree has its order, and every row of its table.
INDEXES = """
SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am m ON m.oid = c.relam
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE m.amname = 'btree' AND n.nspname = 'public'
"""


def audit(service: Service, crew: list[Writer], *, patience: float = 120) -> dict[str, Any]:
    """Fails unless everything acknowledged is there to the byte, and nothing else is left behind.

    Waits until what is pending has been stored by itself; compares each draft with the model; has the storage
    verified; and looks for half-written files, doubled or missing numbers, and damage in the database.
    """
    started = time.monotonic()
    wait_for(lambda: pending(service) == 0, "pending blobs to be stored", patience)
    settled = time.monotonic() - started
    with ThreadPoolExecutor(len(crew)) as people:
        assert sum(people.map(partial(verify, service), crew)) == saves_of(crew)
    # What a killed upload leaves is kept for GC_GRACE, and what a killed worker may still write for an hour. Nobody
    # works now, so it may go at once.
    manage(service, "shell", "--no-imports", "-c", OVERDUE)
    manage(service, "collect", GC_GRACE="0")
    verified = manage(service, "verify_storage")
    found = re.search(r"Everything is as it should be: ([\d,]+) objects", verified)
    assert found, verified
    check_database(service)
    check_state(service)
    return {
        "last pending stored after s": round(settled, 1),
        "objects verified": int(found[1].replace(",", "")),
    }


def manage(service: Service, *arguments: str, **changes: str) -> str:
    """A ``manage.py`` command in the service's environment; returns what it printed."""
    environment = {**service.whole_environment(), **changes, "CAPCUT_EMBEDDED": "1"}
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def check_database(service: Service) -> None:
    """The database's own check finds nothing, and the rows fit together."""
    url = service.whole_environment().get("DATABASE_URL", "")
    rows: dict[str, int] = {}
    if url.startswith("postgres"):
        with psycopg.connect(url) as database:
            database.execute("CREATE EXTENSION IF NOT EXISTS amcheck")  # in Debian's postgresql package
            assert database.execute(INDEXES).rowcount > 0
            rows = {what: database.execute(query).fetchone()[0] for what, query in NONE.items()}  # type: ignore[index]  # count always has a row
    else:
        path = url.removeprefix("sqlite:///") or str(service.state / "db.sqlite3")
        with sqlite3.connect(path, timeout=20) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert file.execute("PRAGMA foreign_key_check").fetchall() == []
            rows = {what: file.execute(query).fetchone()[0] for what, query in NONE.items()}
    assert rows == dict.fromkeys(NONE, 0)


def check_state(service: Service) -> None:
    """No half-written object, no staged upload, no file in STATE_DIR or the temp folder that should not be there."""
    names = {path.name for path in service.state.iterdir()}
    assert names <= STATE, f"left in STATE_DIR: {names - STATE}"
    assert not list((service.state / "blobs" / "tmp").glob("*"))
    scratch = Path(service.whole_environment().get("TMPDIR", os.devnull))
    left = [path for path in scratch.glob("*") if not _is_celerys(path)]
    assert not left, f"left in the temp folder: {left}"


def _is_celerys(path: Path) -> bool:
    """A killed worker leaves an empty folder of Python's multiprocessing."""
    return path.name.startswith("pymp-") and not list(path.iterdir())
