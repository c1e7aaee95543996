"""The clock set forward and back, by minutes and by days, during a load (libfaketime)."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

from tests.harness import service, wait_for

from .audit import audit
from .model import Client, figures_of, load, pending, writers_of
from .outages import until_saved
from .say import say
from .servers import Redis, server

LIBRARY = "libfaketimeMT.so.1"
STEPS = ("+3600", "-3600", "+172800", "-172800", "+90", "-90", "+0")
SETTLED = 150.0  # what waited when the clock went back by 90 s waits as much longer
# Since 3.11 time.sleep asks for an absolute monotonic time, which libfaketime 0.9.10 refuses or gets wrong.
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"


def library() -> Path:
    """Where libfaketime lies."""
    places = ("/usr/lib/*/faketime", "/usr/lib/faketime", "/usr/lib64/faketime", "/usr/local/lib/faketime")
    found = [path for place in places for path in Path("/").glob(f"{place[1:]}/{LIBRARY}")]
    assert found, "The clock drill needs libfaketime (Linux): install it (Debian: apt install libfaketime)."
    return found[0]


def clock_drill(folder: Path, *, rounds: int, seed: int = 1) -> dict[str, Any]:
    """The service's clock is set ``rounds`` times; it always ticks on. Returns the figures.

    After each step the next save must be acknowledged within 60 s. Then one more is made while Redis is away, so
    that nothing but beat can tell the worker: it must be stored within ``SETTLED`` seconds all the same.
    """
    dice = random.Random(seed)
    setting = folder / "faketime"
    set_clock(setting, "+0")
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(SLEEP, encoding="ascii")
    environment = {
        "PYTHONPATH": str(folder / "site"),
        "DATABASE_URL": "",
        "S3_BUCKET": "",  # S3 refuses signatures that are more than 15 minutes off
        "LD_PRELOAD": str(library()),
        "FAKETIME_TIMESTAMP_FILE": str(setting),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # as the kernel's does when the clock is set
        "GC_GRACE": "600",
    }
    slowest = settled = 0.0
    # A Redis outside: its allocator and libfaketime do not go together.
    with server(Redis) as broker, service(folder, REDIS_URL=broker.url, **environment) as running:
        crew = [*writers_of(running, 2), *writers_of(running, 2, Client)]
        steps = [*STEPS, *(dice.choice(STEPS) for _ in range(rounds))][:rounds]
        for number, step in enumerate(steps):
            with load(crew):
                until_saved(crew)
                set_clock(setting, step)
                time.sleep(dice.uniform(2, 4))
                slowest = max(slowest, until_saved(crew))
            broker.stop()
            crew[0].step(0)
            assert pending(running) > 0
            broker.start()
            began = time.monotonic()
            wait_for(lambda: pending(running) == 0, "pending blobs to be stored", SETTLED)
            settled = max(settled, time.monotonic() - began)
            say(f"step {number + 1}/{rounds}: {step} s; nothing waits after {time.monotonic() - began:.1f} s")
        set_clock(setting, "+0")
        return {
            "steps of the clock": rounds,
            "longest until the next save s": round(slowest, 1),
            "longest until nothing waited s": round(settled, 1),
            **figures_of(crew),
            **audit(running, crew),
        }


def set_clock(setting: Path, offset: str) -> None:
    """The offset to true time, in seconds, from the next second on."""
    scratch = setting.with_suffix(".new")
    scratch.write_text(f"{offset}\n", encoding="ascii")
    os.replace(scratch, setting)  # noqa: PTH105 - whole or not at all
