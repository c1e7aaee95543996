"""The disk full for the database, for the blobs, and for both, during a load."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from tests.harness import Service, wait_for

from .audit import audit
from .model import MATE, Client, Writer, figures_of, load, saves_of, writers_of
from .say import say

MB = 1024 * 1024


DISKS = ("database", "blobs", "everything", "nearly")


def disk_drill(*, rounds: int, seconds: float, disks: tuple[str, ...] = DISKS) -> dict[str, Any]:
    """Disks of 96 MB, each filled ``rounds`` times for ``seconds``. Returns the figures of each.

    Full for the database: edits and saves are refused. Full for blobs alone: saves go on, uploads are refused.
    Nearly full (``MIN_FREE_BYTES``): the gate refuses before anything has failed.
    """
    return {disk: _drill(disk, rounds, seconds) for disk in disks}


def _drill(what: str, rounds: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="capcut-disk-") as folder:
        state, disk = Path(folder, "state"), Path(folder, "disk")
        least = "16777216" if what == "nearly" else "0"
        environment = {"DATABASE_URL": "", "S3_BUCKET": "", "REDIS_URL": "", "MIN_FREE_BYTES": least}
        if what == "database":
            environment["DATABASE_URL"] = f"sqlite:///{disk}/db.sqlite3"
        if what == "blobs":
            disk = state / "blobs"
        if what in {"everything", "nearly"}:
            state = disk / "state"
        disk.mkdir(parents=True)
        Path(folder, "temp").mkdir()
        with small_disk(disk):
            running = Service(state, TMPDIR=f"{folder}/temp", **environment)
            try:
                running.start()
                return _fill(running, disk, what, rounds, seconds)
            finally:
                running.stop()


def _fill(running: Service, disk: Path, what: str, rounds: int, seconds: float) -> dict[str, Any]:
    crew = [*writers_of(running, 2), Client(running.url, **_draft(running))]
    meanwhile, back, refused = 0, 0.0, 0
    with load(crew):
        for number in range(rounds):
            wait_for(lambda n=number: saves_of(crew) >= 10 * (n + 1), "saves")  # type: ignore[misc]  # mypy sees no type in a lambda's default
            before = saves_of(crew)
            with ballast(disk, leave=8 * MB if what == "nearly" else 0):
                full = time.monotonic()
                while time.monotonic() - full < seconds:
                    refused += refusal(running, crew[0], upload=what == "blobs")
                    assert reads(running, crew[0])
                    time.sleep(0.5)
                meanwhile += saves_of(crew) - before
            freed, before = time.monotonic(), saves_of(crew)
            wait_for(lambda least=before: saves_of(crew) > least, "a save")  # type: ignore[misc]  # mypy sees no type in a lambda's default
            waited = time.monotonic() - freed
            back = max(back, waited)
            say(f"{what}, round {number + 1}/{rounds}: first save {waited:.1f} s after space was there")
    assert refused > 0
    assert what != "blobs" or meanwhile > 0
    return {
        "fillings": rounds,
        "seconds full": rounds * seconds,
        "refusals seen": refused,
        "saves while full": meanwhile,
        "longest until the next save s": round(back, 1),
        **figures_of(crew),
        **audit(running, crew),
    }


def _draft(running: Service) -> dict[str, Any]:
    (writer,) = writers_of(running, 1)
    return {"draft": writer.draft, "document": writer.document}


def refusal(running: Service, writer: Writer, *, upload: bool) -> int:
    """Whether a write is refused now; a refusal must be a problem object with 503 and ``Retry-After``."""
    if upload:
        path = f"/api/v1/drafts/{writer.draft['draft_id']}/files/refused.png"
        answer = requests.put(f"{running.url}{path}", data=os.urandom(2 * MB), timeout=60)
    else:
        answer = requests.post(f"{running.url}{MATE}/create_draft", json={}, timeout=60)
    if answer.status_code in {200, 201}:
        if upload:
            assert requests.delete(f"{running.url}{path}", timeout=60).status_code in {204, 503}
        return 0
    assert answer.status_code == 503, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    return 1


def reads(running: Service, writer: Writer) -> bool:
    """Reading goes on."""
    return requests.get(writer.draft["draft_url"], timeout=60).status_code == 200


@contextlib.contextmanager
def ballast(disk: Path, *, leave: int) -> Iterator[None]:
    """A file that takes all space but ``leave`` bytes; what others free meanwhile is taken as well."""
    path = disk / "ballast"
    process = subprocess.Popen([sys.executable, "-c", BALLAST, str(path), str(leave)])
    try:
        wait_for(lambda: shutil.disk_usage(disk).free <= leave + 4096, "the disk to be full")
        yield
    finally:
        process.kill()
        process.wait()
        path.unlink()


BALLAST = """
import os, shutil, sys, time
path, leave = sys.argv[1], int(sys.argv[2])
with open(path, "ab", buffering=0) as file:
    while True:
        space = shutil.disk_usage(os.path.dirname(path)).free - leave
        try:
            if space >= 4096:
                file.write(bytes(min(space, 1 << 20)))
                continue
        except OSError:
            pass
        time.sleep(0.02)
"""


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of 96 MB in memory, mounted on ``folder``; only root may do that."""
    command = ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert mounted.returncode == 0, f"The disk drill needs Linux and root, to mount a tmpfs: {mounted.stderr.strip()}"
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
