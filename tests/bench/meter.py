"""CPU and memory of processes, and the facts of this machine."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from tests.harness import ROOT

TICKS = os.sysconf("SC_CLK_TCK")
MB = 1024 * 1024


def cpu_seconds(pids: Iterable[int]) -> dict[int, float]:
    """CPU time of each process so far, user and system; without those that are gone."""
    found = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            found[pid] = _cpu(pid)
    return found


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """CPU time between two readings; one process may have come or gone between them."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def _cpu(pid: int) -> float:
    """What ``/proc/<pid>/stat`` says in hundredths of a second, the kernel's process clock says in nanoseconds."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def loop() -> float:
    """CPU milliseconds of a fixed loop: how fast this processor is just now."""
    started = time.thread_time()
    total = 0
    for number in range(200_000):
        total += number * number % 7
    return 1000 * (time.thread_time() - started)


def largest_rss(pids: Iterable[int]) -> float:
    """Resident memory of the largest of the processes, MB."""
    return max(_rss(pid) for pid in pids)


def _rss(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MB


def machine() -> str:
    """This machine, in one line."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / MB / 1024
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({_cpu_model()}), {memory:.0f} GB memory, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load average {load:.1f} before the run"
    )


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def commit() -> str:
    """The commit that was measured, and whether files differ from it."""
    known = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    return (known.strip() or "unknown") + (" with changes" if changed.strip() else "")


def backends(database: str) -> list[int]:
    """The processes of a PostgreSQL database on this machine; none for SQLite or another machine."""
    if not database:
        return []
    lines = subprocess.run(["ps", "-wweo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 1) for line in lines.splitlines())
    return [int(pid) for pid, args in rows if args.startswith("postgres: ") and f" {database} " in args]
