"""The S3 server stopped, answering errors, answering slowly, and cutting transfers in half, during a load."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from tests.harness import Service, service, wait_for
from tests.services.store import SeaweedFS

from .audit import audit
from .model import Client, figures_of, load, pending, saves_of, writers_of
from .proxy import faulty_store
from .say import say

BUCKET = "capcut-drill"
FAULTS = ("stopped", "errors", "slow", "half")


def store_drill(folder: Path, *, seconds: float) -> dict[str, Any]:
    """The store is stopped for ``seconds``; each other fault lasts a quarter of that. Returns the figures.

    Saves go on meanwhile; uploads and downloads wait.

    Some clients only edit and save, so that nothing but the fault itself could stop them.
    """
    meanwhile: dict[str, int] = {}
    drained: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="capcut-s3-") as place:
        store = SeaweedFS(Path(place))
        try:
            store.start([BUCKET])
            with faulty_store(store.port) as proxy:
                environment = {**store.environment(BUCKET), "S3_ENDPOINT_URL": proxy.url}
                with service(folder, **environment) as running:
                    crew = [*writers_of(running, 2), *writers_of(running, 2, Client)]
                    for fault in FAULTS:
                        with load(crew):
                            time.sleep(2)
                            before = saves_of(crew)
                            if fault == "stopped":
                                store.kill()
                                time.sleep(seconds)
                                store.start([BUCKET])
                            else:
                                proxy.mode = fault
                                time.sleep(seconds / 4)
                                proxy.mode = "pass"
                            meanwhile[fault] = saves_of(crew) - before
                        assert meanwhile[fault] > 0, f"no save while the store was {fault}"
                        backlog = pending(running)
                        drained[fault] = until_drained(running)
                        stored = f"{backlog:.0f} stored in {drained[fault]:.1f} s"
                        say(f"{fault}: {meanwhile[fault]} saves meanwhile; {stored}")
                    return {
                        "seconds stopped": seconds,
                        "answers spoilt": proxy.injected,
                        "saves meanwhile": meanwhile,
                        "seconds to store the backlog": {name: round(value, 1) for name, value in drained.items()},
                        **figures_of(crew),
                        **audit(running, crew),
                    }
        finally:
            store.kill()


def until_drained(running: Service) -> float:
    """Seconds until nothing waits, while nobody saves and so nobody wakes the worker."""
    started = time.monotonic()
    wait_for(lambda: pending(running) == 0, "the backlog to be stored", 900)
    return time.monotonic() - started
