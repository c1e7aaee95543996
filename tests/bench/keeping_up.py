"""Does persisting keep up with saving? Edits and saves without a pause, then the wait for the worker."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import count

import requests

from .calls import put_content, save_draft
from .documents import Document
from .measure import Server

HEADINGS = "edits and saves for | versions a second | waiting at the end | stored after | stored a second"


def keeping_up(server: Server, ids: Sequence[str], document: Document, *, seconds: float) -> str:
    """Edit and save for ``seconds`` at concurrency 8; a table with one line."""
    server.settle()
    before, started = _versions(server), time.monotonic()
    server.load.run(_edits_and_saves(ids, document), concurrency=8, seconds=seconds)
    ended = time.monotonic()
    waiting = _metric(server, "capcut_pending_blobs")
    made = _versions(server) - before
    server.settle()
    settled = time.monotonic()
    cells = [
        f"{ended - started:.0f} s",
        f"{made / (ended - started):.0f}",
        f"{waiting:.0f}",
        f"{settled - ended:.1f} s",
        f"{made / (settled - started):.0f}",
    ]
    return "\n".join([f"| {HEADINGS} |", "| ---: " * len(cells) + "|", f"| {' | '.join(cells)} |"])


def _edits_and_saves(ids: Sequence[str], document: Document) -> Iterator[bytes]:
    saves = save_draft(ids)
    for _ in count():
        yield from put_content(ids, document)
        yield from saves


def _versions(server: Server) -> float:
    """The numbers of all newest versions together, on a server with at most 200 drafts."""
    page = requests.get(f"{server.service.url}/api/v1/drafts", params={"page_size": 200}, timeout=60).json()
    return float(sum(draft["head"] or 0 for draft in page["results"]))


def _metric(server: Server, name: str) -> float:
    lines = requests.get(f"{server.service.url}/metrics", timeout=60).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))
