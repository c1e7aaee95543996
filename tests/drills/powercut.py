"""A power cut, as far as it can be simulated: the order of writes and fsyncs, seen by tracing system calls.

What is not yet synced when the power goes may be lost; so the order says what a power cut can take.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import requests

from tests.harness import Service, wait_for

from .model import MATE, pending
from .say import say

CALLS = "openat,write,pwrite64,writev,sendto,sendmsg,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat"
LINE = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*?)(?:(?P<open> <unfinished \.\.\.>)|\) += (-?\d+).*)$")
RENAMES = {"rename", "renameat", "renameat2"}
SYNCS = {"fsync", "fdatasync"}
SENDS = {"write", "writev", "sendto", "sendmsg"}


@dataclass(slots=True)
class Call:
    """One system call of one thread: which lines of the trace it began and ended on."""

    thread: int
    name: str
    arguments: str
    began: int
    ended: int = -1
    result: int = -1

    def on(self, path: Path | str) -> bool:
        """Whether its first argument is the open file ``path``."""
        return f"<{path}>" in self.arguments.split(",")[0]


def power_cut_drill(folder: Path, *, rounds: int = 20) -> dict[str, Any]:
    """Edits, saves and uploads in a traced service on SQLite and files. Returns how many were seen in right order.

    For an object: temporary file created, written, fsync, rename, fsync of the folder, and only then the commit that
    says it is stored, with its fsync. For a reply to a save, an edit or an upload: the commit's fsync comes first.
    """
    trace = folder / "trace"
    running = Service(folder / "state", DATABASE_URL="", REDIS_URL="", S3_BUCKET="")
    running.prefix = [*_strace(), "-o", str(trace)]
    sent: list[str] = []
    try:
        running.start()
        draft = running.create()
        for number in range(rounds):
            sent += work(running, draft, number)
        wait_for(lambda: pending(running) == 0, "pending blobs to be stored")
        web = {int(task.name) for pid in running.pids("web") for task in Path(f"/proc/{pid}/task").iterdir()}
        workers = set(running.pids("worker"))
    finally:
        stop_traced(running)
    calls = list(parse(trace.read_text(errors="replace").splitlines()))
    say(f"{len(calls)} system calls traced")
    wal = running.state / "db.sqlite3-wal"
    replies = [check_reply(calls, request, web, wal) for request in sent]
    assert min(replies) > 0
    objects = [check_object(calls, renamed, running.state, wal) for renamed in renames(calls, running.state)]
    stored = sum(thread in workers for thread in objects)
    assert stored >= rounds
    assert len(objects) - stored >= rounds
    assert any(call.name in SYNCS and call.on(running.state) for call in calls), "the WAL's own name was not synced"
    return {
        "replies after their fsync": len(replies),
        "documents stored in order by the worker": stored,
        "uploads stored in order": len(objects) - stored,
        "out of order": 0,
    }


def _strace() -> list[str]:
    found = shutil.which("strace")
    assert found, "The power cut drill needs strace (Linux): install it (Debian: apt install strace)."
    return [found, "-f", "--seccomp-bpf", "-y", "-s", "700", "-e", f"trace={CALLS}", "-e", "signal=none"]


def stop_traced(running: Service) -> None:
    """SIGTERM for the service, not for strace, which ends with it."""
    for pid in running.children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    if running.process:
        running.process.wait(timeout=60)


def work(running: Service, draft: dict[str, Any], number: int) -> list[str]:
    """One edit, one upload and one save, one after the other; returns the ids of the requests."""
    base = f"{running.url}/api/v1/drafts/{draft['draft_id']}"
    document = requests.get(f"{base}/content", timeout=60).json()
    document["drill"] = random.randbytes(3000).hex()
    names = [random.randbytes(16).hex() for _ in range(3)]
    tags = [{"X-Request-ID": name} for name in names]
    answers = [
        requests.put(f"{base}/content", json=document, headers={"If-Match": "*", **tags[0]}, timeout=60),
        requests.put(
            f"{base}/files/assets/images/{number}.png", data=random.randbytes(1_100_000), headers=tags[1], timeout=60
        ),
        requests.post(f"{running.url}{MATE}/save_draft", json={"draft_url": draft["draft_url"]}, headers=tags[2]),
    ]
    assert [answer.status_code for answer in answers] == [200, 201, 200]
    return names


def parse(lines: list[str]) -> Iterator[Call]:
    """The calls in the order in which they began; those that failed are left out."""
    calls: list[Call] = []
    unfinished: dict[tuple[int, str], Call] = {}
    for index, line in enumerate(lines):
        match = LINE.match(line)
        if not match:
            continue
        thread, name, arguments, result = int(match[1]), match[2], match[3], match[5]
        if "<... " in line:
            call = unfinished.pop((thread, name), None)
            if call is None:
                continue
            call.arguments += arguments
        else:
            call = Call(thread, name, arguments, index)
            calls.append(call)
        if match["open"]:
            unfinished[thread, name] = call
        else:
            call.ended, call.result = index, int(result)
    return (call for call in calls if call.result >= 0)


def check_reply(calls: list[Call], request: str, web: set[int], wal: Path) -> int:
    """How many WAL writes preceded the reply; each thread that wrote has also synced before it began."""
    reply = next(
        call for call in calls if call.name in SENDS and "HTTP/1.1 2" in call.arguments and request in call.arguments
    )
    written: dict[int, int] = {}
    synced: dict[int, int] = {}
    for call in calls:
        if call.began > reply.began:
            break
        if call.thread in web and call.on(wal):
            if call.name == "pwrite64":
                written[call.thread] = call.began
            elif call.name in SYNCS and call.ended < reply.began:
                synced[call.thread] = call.began
    assert written, request
    for thread, began in written.items():
        assert synced.get(thread, -1) > began, f"{request}: the reply was sent before the WAL was synced"
    return len(written)


def renames(calls: list[Call], state: Path) -> list[Call]:
    """The moments at which objects got their names."""
    return [call for call in calls if call.name in RENAMES and f"{state}/blobs/tmp/" in call.arguments]


def check_object(calls: list[Call], renamed: Call, state: Path, wal: Path) -> int:
    """The thread that wrote this object, in the right order."""
    scratch, target = re.findall(r'"([^"]+)"', renamed.arguments)
    mine = [call for call in calls if call.thread == renamed.thread]
    created = next(call for call in mine if call.name == "openat" and f'"{scratch}"' in call.arguments)
    assert "O_CREAT" in created.arguments
    assert "O_EXCL" in created.arguments
    writes = [call for call in mine if call.name == "write" and call.on(scratch)]
    assert sum(call.result for call in writes) == Path(target).stat().st_size
    (synced,) = (call for call in mine if call.name in SYNCS and call.on(scratch))
    folder = next(
        call for call in mine if call.name in SYNCS and call.on(Path(target).parent) and call.began > renamed.began
    )
    commit = next(call for call in mine if call.name == "pwrite64" and call.on(wal) and call.began > created.began)
    durable = next(call for call in mine if call.name in SYNCS and call.on(wal) and call.began > commit.began)
    order = [created, *writes, synced, renamed, folder, commit, durable]
    assert all(first.ended < second.began for first, second in pairwise(order)), target
    return renamed.thread
