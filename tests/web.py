"""The web server alone, as production starts it, on a state folder of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.harness import ROOT, free_port, wait_for

TABLES = ("drafts_draft", "drafts_draftversion", "drafts_draftfile", "drafts_core_blob", "drafts_core_blobpayload")


@dataclass(frozen=True, slots=True)
class Web:
    """One web process on a state folder of its own."""

    port: int
    state: Path
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def remains(self) -> dict[str, int]:
        """Rows of each table, and files in the store and among the temporaries."""
        with closing(sqlite3.connect(self.state / "db.sqlite3", timeout=20)) as database:
            counts = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}  # noqa: S608 - names of our own
        files = [path for name in ("blobs", "tmp") for path in (self.state / name).rglob("*") if path.is_file()]
        return {**counts, "files": len(files)}

    def connect(self) -> socket.socket:
        """A raw connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def kill(self) -> None:
        """``kill -9``; returns when nothing answers any more."""
        self.process.kill()
        self.process.wait()
        wait_for(lambda: not answers(self.url), "the workers to end with their parent")


@contextlib.contextmanager
def running(state: Path, **settings: str) -> Iterator[Web]:
    """One process of the web server on SQLite under ``state``."""
    (state / "tmp").mkdir(exist_ok=True)
    port = free_port()
    unset = {"PROMETHEUS_MULTIPROC_DIR", "DATABASE_URL", "S3_BUCKET", "PUBLIC_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"STATE_DIR": str(state), "PORT": str(port), "WEB_WORKERS": "1", "TMPDIR": str(state / "tmp")}
    environment |= {"SECRET_KEY": "of this test only", "DJANGO_SETTINGS_MODULE": "capcut_site.settings"}
    environment |= settings
    run: dict[str, Any] = {"cwd": ROOT, "env": environment, "stdin": subprocess.DEVNULL}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True, **run)
    with (state / "log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "capcut_site.web"], stdout=log, stderr=log, **run)
    web = Web(port, state, process, environment)
    try:
        wait_for(lambda: answers(web.url), f"the web server; its log is {state}/log")
        yield web
    finally:
        process.terminate()
        process.wait(timeout=30)


def answers(url: str) -> bool:
    """Whether it is ready now."""
    try:
        return requests.get(f"{url}/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False
