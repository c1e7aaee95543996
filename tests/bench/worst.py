"""``python -m tests.bench.worst [--database URL]``: seconds and memory of the largest calls that the limits allow."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from tests.harness import Service
from tests.support import MATE

from . import meter
from .editing import SECOND, captions
from .suite import running

MOST = 10_000  # MAX_LIST_ITEMS
HEADINGS = (
    "| call | status | seconds | web CPU s | highest RSS MB | reply MB |\n| --- | ---: | ---: | ---: | ---: | ---: |"
)


def main() -> None:
    """Print a table; each call stands for itself, on one web process."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.worst", description=__doc__)
    parser.add_argument("--database", default="", help="a PostgreSQL server's URL; default: SQLite")
    database = parser.parse_args().database
    print(HEADINGS)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        running(Path(folder) / "state", database, WEB_WORKERS="1") as server,
    ):
        for name, path, body in calls(server.service):
            print(measured(server.service, name, path, body), flush=True)


def calls(service: Service) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Names, paths and bodies; most of them on one draft of 10,000 captions, about 14 MB."""
    draft = service.create()
    whole = {"draft_url": draft["draft_url"], "captions": captions(MOST, 0)}
    yield "`add_captions`, 10,000 to an empty draft", f"{MATE}/add_captions", whole
    one = {"draft_url": draft["draft_url"], "captions": captions(1, 0)}
    yield "`add_captions`, one to a draft of 10,000", f"{MATE}/add_captions", one
    edits = f"/api/v1/drafts/{draft['draft_id']}/edits"
    timeline = requests.get(f"{service.url}/api/v1/drafts/{draft['draft_id']}/content", timeout=60).json()
    ids = [segment["id"] for track in timeline["tracks"] for segment in track["segments"]]
    some = ids[:MOST]
    yield "edits: other words for 10,000", edits, operations({"op": "change_text", "segment_ids": some, "text": "new"})
    looks = [{"op": "change_clip", "segment_ids": some, "alpha": 0.1 * number} for number in range(1, 6)]
    yield "edits: 5 other looks for 10,000, dry run", f"{edits}?dry_run=true", operations(*looks)
    moves = [{"op": "move_segment", "segment_id": ids[at], "start": (20_000 + at) * SECOND} for at in range(500)]
    yield "edits: 500 moves in a draft of 10,000", edits, operations(*moves)
    yield "edits: 500 times `remove_unused`", edits, operations(*[{"op": "remove_unused"}] * 500)
    empty = f"/api/v1/drafts/{service.create()['draft_id']}/edits"
    effects = [{"start": at, "end": SECOND, "name": "1998"} for at in range(MOST)]
    yield "edits: 10,000 effects over each other", empty, operations({"op": "add_effects", "items": effects})
    words = {"keyword": "|".join("a" * length for length in range(1, 100)), "text": "a" * 5000}
    within = json.dumps([{**item, **words} for item in json.loads(captions(200, 0))])
    new = service.create()["draft_url"]
    nested = {"draft_url": new, "captions": within}
    yield "`add_captions`, 200 of 5,000 letters, 99 keywords within each other", f"{MATE}/add_captions", nested


def operations(*them: dict[str, Any]) -> dict[str, Any]:
    """The body of an edit."""
    return {"operations": list(them)}


def measured(service: Service, name: str, path: str, body: dict[str, Any]) -> str:
    """The row of one call."""
    web = service.pids("web")
    for pid in web:
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # the highest RSS begins anew
    before, started = meter.cpu_seconds(web), time.monotonic()
    answer = requests.post(service.url + path, json=body, timeout=300)
    seconds, cpu = time.monotonic() - started, meter.spent(before, meter.cpu_seconds(web))
    size = len(answer.content) / 1e6
    return f"| {name} | {answer.status_code} | {seconds:.1f} | {cpu:.1f} | {highest(web):.0f} | {size:.1f} |"


def highest(pids: list[int]) -> float:
    """The highest RSS of any of the processes so far, MB."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()]
    return max(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
