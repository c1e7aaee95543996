"""What is measured on one database, part by part."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import zstandard

from tests.harness import ROOT, Service, scratch_database
from tests.support import MATE, MEDIA

from .calls import (
    Call,
    body_floor,
    create_draft,
    endless,
    get_draft,
    insert_floor,
    put_content,
    read_floor,
    save_draft,
)
from .documents import Document
from .editing import by_edits
from .keeping_up import keeping_up
from .load import request
from .measure import GUARD, Row, Server, rounds
from .plan import FULL, Plan

CLIP = "assets/videos/clip.mp4"
UNLIMITED = {f"RATE_{kind}": "0" for kind in ("READ", "WRITE", "UPLOAD", "RENDER")}
ENOUGH = dict.fromkeys(UNLIMITED, "100000000/60")  # calls are counted, and none is refused
READ_FLOOR, INSERT_FLOOR, BODY_FLOOR = "floor: one indexed read", "floor: insert a row", "floor: insert the body"


@dataclass
class Report:
    """The rows of one database, by part."""

    database: str
    parts: dict[str, list[Row]] = field(default_factory=dict)
    keeping_up: str = ""


def measure(plan: Plan, database: str, folder: Path) -> Report:
    """All parts on SQLite (``database`` empty) or on the PostgreSQL server of that URL."""
    report = Report("PostgreSQL" if database else "SQLite")
    with running(folder / "small", database) as small:
        made = fill(small.service, aged=40 if plan is FULL else 16, versions=plan.versions)
        with running(folder / "filled", database) as filled:
            fill(filled.service, drafts=plan.drafts)
            say(report, "drafts")
            report.parts["drafts"] = by_drafts(plan, small, filled)
            if plan.memory:
                say(report, "memory")
                report.parts["memory"] = by_memory(filled)
        say(report, "versions")
        report.parts["versions"] = by_versions(plan, small, made)
        say(report, "calls")
        report.parts["calls"] = by_concurrency(plan, small)
        say(report, "sizes")
        report.parts["sizes"] = by_size(plan, small)
        say(report, "edits")
        report.parts["edits"] = by_edits(small, cycles=plan.cycles)
    with (
        running(folder / "one", database, WEB_WORKERS="1") as one,
        running(folder / "two", database, WEB_WORKERS="2") as two,
    ):
        say(report, "workers")
        report.parts["workers"], report.keeping_up = by_workers(plan, one, two)
    with (
        running(folder / "open", database, **UNLIMITED) as free,
        running(folder / "closed", database, ACCESS_MODE="keys") as closed,
    ):
        say(report, "access")
        report.parts["access"] = by_access(plan, free, closed)
    return report


def say(report: Report, part: str) -> None:
    """Where the run is."""
    print(f"{time.strftime('%H:%M:%S')} {report.database}: {part}", file=sys.stderr)


@contextlib.contextmanager
def running(state: Path, database: str, **settings: str) -> Iterator[Server]:
    """A service of its own, set up as in production but for the two floors."""
    environment = {"DJANGO_SETTINGS_MODULE": "tests.bench.settings", "LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}
    environment |= ENOUGH | settings
    environment |= dict.fromkeys(("DATABASE_URL", "REDIS_URL", "S3_BUCKET", "PUBLIC_URL"), "")  # never real data
    with contextlib.ExitStack() as stack:
        if database:
            environment["DATABASE_URL"] = stack.enter_context(scratch_database(database))
        service = Service(state, **environment)
        stack.callback(service.stop)
        service.start()
        yield Server(service)


def fill(service: Service, **amounts: int) -> dict[str, list[str]]:
    """Run :mod:`tests.bench.fill` on the service's database."""
    options = [f"--{name}={amount}" for name, amount in amounts.items()]
    return dict(json.loads(run(service, "-m", "tests.bench.fill", *options)))


def run(service: Service, *words: str) -> bytes:
    """What a Python in the service's environment prints."""
    command, environment = [sys.executable, *words], service.whole_environment()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=GUARD, check=True
    )
    return done.stdout


def by_drafts(plan: Plan, small: Server, filled: Server) -> list[Row]:
    """The same calls with ten drafts in the database and with thousands."""
    document, names = Document(20_000), ("10 drafts", f"{plan.drafts:,} drafts")
    ids = [[draft["draft_id"] for draft in _drafts(server, 10, document)] for server in (small, filled)]
    units = _twins(names, ids[0], ids[1], document, servers=(0, 1))
    rows = rounds((small, filled), units, **plan.twins)
    made = _pair("create_draft", names, [create_draft()], [create_draft()], (0, 1))
    creations = [[replace(call, leaves=True)] for call in made]
    return rows + rounds((small, filled), creations, **plan.twins)


def by_versions(plan: Plan, server: Server, made: dict[str, list[str]]) -> list[Row]:
    """The same calls on drafts with one version and on drafts with a thousand."""
    names = ("version 1", f"version {plan.versions:,}")
    units = _twins(names, made["young"], made["aged"], Document(20_000), servers=(0, 0))
    return rounds((server,), units, **plan.twins)


def by_workers(plan: Plan, one: Server, two: Server) -> tuple[list[Row], str]:
    """The same calls with one web process and with two; then, with two, whether persisting keeps up with saving."""
    document = Document(20_000)
    for server in (one, two):
        fill(server.service)
    ids = [[draft["draft_id"] for draft in _drafts(server, 32, document)] for server in (one, two)]
    units = _twins(("1 web process", "2 web processes"), ids[0], ids[1], document, servers=(0, 1))
    rows = rounds((one, two), units, **plan.twins)
    return rows, keeping_up(two, ids[1], document, seconds=plan.sustained)


def by_access(plan: Plan, free: Server, closed: Server) -> list[Row]:
    """The same calls on a server that asks for no key and counts no calls, and on one that does both."""
    made = run(closed.service, "manage.py", "create_api_key", "bench")
    closed.use_key(made.decode().strip())
    document = Document(20_000)
    ids = [[draft["draft_id"] for draft in _drafts(server, 48, document)] for server in (free, closed)]
    units = _twins(("open", "with key and limits"), ids[0], ids[1], document, servers=(0, 1))
    return rounds((free, closed), units, **plan.twins)


def by_concurrency(plan: Plan, server: Server) -> list[Row]:
    """Every call beside its floor at every concurrency."""
    document = Document(20_000)
    drafts = _drafts(server, plan.crowd, document)
    ids = [draft["draft_id"] for draft in drafts]
    clip = next(url for url in drafts[0]["files"] if url.endswith(CLIP)).partition(str(server.service.port))[2]
    units = [
        [Call(READ_FLOOR, endless(read_floor(ids)))],
        [Call("get_draft", endless(get_draft(ids)), READ_FLOOR)],
        [Call("save_draft, unchanged", endless(save_draft(ids)), READ_FLOOR)],
        [Call("download of 166 KB", endless([request("GET", clip)]), READ_FLOOR)],
        [Call(INSERT_FLOOR, endless([insert_floor(packed(document))]))],
        [Call("create_draft", endless([create_draft()]), INSERT_FLOOR, leaves=True)],
        _edit_and_save(ids, document, "20 KB"),
        [Call(BODY_FLOOR, endless([body_floor(document)]))],
    ]
    found: list[Row] = []
    for concurrency in plan.concurrencies:
        found += rounds((server,), units, **plan.pace(concurrency))
    return found


def by_size(plan: Plan, server: Server) -> list[Row]:
    """Edit and save of large documents beside their floors."""
    found: list[Row] = []
    for each in plan.sizes:
        document = Document(each.size)
        ids = [draft["draft_id"] for draft in _drafts(server, each.most, document)]
        for concurrency in plan.concurrencies:
            some = ids[: max(each.least, min(each.most, 2 * concurrency))]
            units = [
                [Call(f"{INSERT_FLOOR}, {each.label}", endless([insert_floor(packed(document))]))],
                _edit_and_save(some, document, each.label, suffix=f", {each.label}"),
                [Call(f"{BODY_FLOOR}, {each.label}", endless([body_floor(document)]))],
            ]
            pace = plan.pace(concurrency) | {"cycles": plan.size_cycles}
            found += rounds((server,), units, warm=True, **pace)
    return found


def by_memory(server: Server) -> list[Row]:
    """Memory of a server that has served nothing large before, and no floor: 5 MB documents, eight at once."""
    small = get_draft([server.service.create()["draft_id"] for _ in range(8)])
    pace: dict[str, Any] = {"concurrency": 8, "cycles": 1, "seconds": 0.2, "limit": GUARD, "warm": True}
    before = rounds((server,), [[Call("get_draft, before them", endless(small))]], **pace)
    document = Document(5_000_000)
    drafts = _drafts(server, 8, document)
    ids = [draft["draft_id"] for draft in drafts]
    local = [draft["files"][0].partition(str(server.service.port))[2] for draft in drafts]
    units = [
        _edit_and_save(ids, document, "of 5 MB"),
        [Call("download of draft_content.json, 5 MB", lambda: (request("GET", path) for path in local))],
        [Call("get_draft, after them", endless(small))],
    ]
    return before + rounds((server,), units, **pace)


def packed(document: Document) -> int:
    """Bytes that a save of the document writes."""
    return len(zstandard.ZstdCompressor(level=1).compress(document.data))


def _edit_and_save(ids: list[str], document: Document, label: str, *, suffix: str = "") -> list[Call]:
    """Edit all the drafts and save all of them: a draft that the clock left unedited would be saved for nothing."""
    edits, saves = partial(put_content, ids, document), partial(iter, save_draft(ids))
    return [
        Call(f"PUT content, {label}", edits, BODY_FLOOR + suffix, whole=True),
        Call(f"save_draft, changed, {label}", saves, INSERT_FLOOR + suffix, leaves=True, whole=True),
    ]


def _twins(
    names: tuple[str, str], first: list[str], second: list[str], document: Document, *, servers: tuple[int, int]
) -> list[list[Call]]:
    """Three calls, each on two kinds of drafts; the second of a pair stands beside the first."""
    units = [[call] for call in _pair("get_draft", names, get_draft(first), get_draft(second), servers)]
    units += [[call] for call in _pair("save, unchanged", names, save_draft(first), save_draft(second), servers)]
    for name, ids, server in zip(names, (first, second), servers, strict=True):
        beside = "" if name == names[0] else names[0]
        edit, save = _edit_and_save(ids, document, "")
        edit = replace(edit, name=f"PUT content, {name}", beside=beside and f"PUT content, {beside}", server=server)
        save = replace(save, name=f"save, changed, {name}", beside=beside and f"save, changed, {beside}", server=server)
        units.append([edit, save])
    return units


def _pair(
    what: str, names: tuple[str, str], first: list[bytes], second: list[bytes], servers: tuple[int, int]
) -> list[Call]:
    one, two = (f"{what}, {name}" for name in names)
    return [Call(one, endless(first), "", servers[0]), Call(two, endless(second), one, servers[1])]


def _drafts(server: Server, number: int, document: Document) -> list[dict[str, Any]]:
    """Drafts with that document, one clip and one version, each with its ``files``."""
    service, clip = server.service, (MEDIA / "clip.mp4").read_bytes()
    drafts = [service.create() for _ in range(number)]
    for draft in drafts:
        base = f"{service.url}/api/v1/drafts/{draft['draft_id']}"
        service.http.put(f"{base}/files/{CLIP}", data=clip, timeout=30).raise_for_status()
        headers = {"If-Match": "*", "Content-Type": "application/json"}
        service.http.put(f"{base}/content", data=document.copy(), headers=headers, timeout=60).raise_for_status()
        saved = service.http.post(f"{service.url}{MATE}/save_draft", json={"draft_url": draft["draft_url"]}, timeout=60)
        saved.raise_for_status()
        draft["files"] = service.http.get(draft["draft_url"], timeout=30).json()["files"]
    server.settle()
    return drafts
