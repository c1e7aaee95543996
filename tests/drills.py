"""Drills that anyone can repeat: ``python -m tests.drills kill --rounds 50``.

A model of every acknowledged operation is kept outside the service and compared with it at the end.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.harness import Service, service, wait_for

MATE = "/openapi/capcut-mate/v1"
RETRIED = {503}


def patient(method: str, url: str, *, deadline: float, **options: Any) -> requests.Response:
    """One request, repeated while nothing answers or the answer says "later", as clients do."""
    while True:
        with contextlib.suppress(requests.RequestException):
            answer = requests.request(method, url, timeout=30, **options)
            if answer.status_code not in RETRIED:
                return answer
        assert time.monotonic() < deadline, f"{method} {url} was never answered"
        time.sleep(0.1)


@dataclass
class Writer:
    """Edits and saves one draft again and again, and remembers what was acknowledged."""

    url: str
    draft: dict[str, Any]
    document: dict[str, Any]
    acknowledged: dict[int, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        """Until told to stop, and the last operation is acknowledged."""
        step = 0
        while not stop.is_set():
            step += 1
            try:
                self.step(step)
            except AssertionError as error:
                self.failures.append(str(error))
                return

    def step(self, step: int) -> None:
        """One edit and one save, both acknowledged."""
        deadline = time.monotonic() + 120
        self.document["drill"] = {"step": step, "ballast": random.randbytes(2000).hex()}
        data = json.dumps(self.document).encode()
        path = f"{self.url}/api/v1/drafts/{self.draft['draft_id']}/content"
        headers = {"If-Match": "*", "Content-Type": "application/json"}
        put = patient("PUT", path, deadline=deadline, data=data, headers=headers)
        assert put.status_code == 200, put.text
        saved = patient(
            "POST",
            f"{self.url}{MATE}/save_draft",
            deadline=deadline,
            json={"draft_url": self.draft["draft_url"]},
        )
        assert saved.status_code == 200, saved.text
        self.acknowledged[saved.json()["version"]] = hashlib.sha256(data).hexdigest()


def writers_of(service: Service, count: int) -> list[Writer]:
    """Writers, each with a draft of its own."""
    drafts = [service.create() for _ in range(count)]
    content = f"{service.url}/api/v1/drafts/{{}}/content"
    return [Writer(service.url, draft, requests.get(content.format(draft["draft_id"])).json()) for draft in drafts]


def kill_drill(service: Service, *, rounds: int, writers: int = 4, seed: int = 1) -> dict[str, int]:
    """``kill -9`` of web, worker, beat, broker or everything, ``rounds`` times during continuous saves.

    Fails unless every acknowledged save is there with its exact bytes, versions are numbered without gap,
    and everything pending ends stored by itself. Returns the figures.
    """
    dice = random.Random(seed)
    crew = writers_of(service, writers)
    stop = threading.Event()
    threads = [threading.Thread(target=writer.run, args=(stop,)) for writer in crew]
    for thread in threads:
        thread.start()
    for number in range(rounds):
        time.sleep(dice.uniform(0.3, 1.5))
        role = dice.choice(["web", "worker", "beat", "broker", "all"])
        service.kill(role)
        print(f"round {number + 1}/{rounds}: killed {role}", file=sys.stderr)
        if role == "all":
            service.start()
    service.wait_until_it_answers()
    stop.set()
    for thread in threads:
        thread.join()
    assert not [failure for writer in crew for failure in writer.failures]
    wait_for(lambda: pending(service) == 0, 60, "pending blobs to be stored")
    saves = sum(verify(service, writer) for writer in crew)
    assert saves == sum(len(writer.acknowledged) for writer in crew)
    return {"rounds": rounds, "acknowledged saves": saves, "lost": 0}


def pending(service: Service) -> int:
    """Blobs that wait for the store."""
    lines = requests.get(f"{service.url}/metrics", timeout=10).text.splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("capcut_pending_blobs "))))


def verify(service: Service, writer: Writer) -> int:
    """Compare a draft's history with the model; returns how many acknowledged saves were found."""
    base = f"{service.url}/api/v1/drafts/{writer.draft['draft_id']}/versions"
    versions = history(base)
    assert sorted(versions) == list(range(1, len(versions) + 1))
    assert {version["state"] for version in versions.values()} <= {"stored"}
    for number, sha256 in writer.acknowledged.items():
        assert versions[number]["sha256"] == sha256
        content = requests.get(f"{base}/{number}/content", timeout=30).content
        assert hashlib.sha256(content).hexdigest() == sha256
    return len(writer.acknowledged)


def history(url: str) -> dict[int, dict[str, Any]]:
    """All versions of a draft by number; a number that stands twice is an error."""
    found: dict[int, dict[str, Any]] = {}
    page: str | None = f"{url}?page_size=200"
    while page:
        answer = requests.get(page, timeout=30).json()
        for version in answer["results"]:
            assert version["number"] not in found
            found[version["number"]] = version
        page = answer["next"]
    return found


def crowd_drill(service: Service, *, processes: int = 20, edits: int = 5) -> dict[str, int]:
    """``processes`` editing and saving one draft at once: no error, no lost update, no gap or double in the numbers."""
    draft = service.create()
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        results = pool.starmap(_visitor, [(service.url, draft, name, edits) for name in range(processes)])
    saved = [number for numbers in results for number in numbers]
    base = f"{service.url}/api/v1/drafts/{draft['draft_id']}"
    marks = requests.get(f"{base}/content", timeout=30).json()["marks"]
    assert sorted(map(tuple, marks)) == [(name, step) for name in range(processes) for step in range(edits)]
    versions = history(f"{base}/versions")
    assert sorted(versions) == list(range(1, len(versions) + 1))
    assert set(saved) <= set(versions)
    files = {item["path"] for item in requests.get(f"{base}/files", timeout=30).json() if item["kind"] == "image"}
    assert files == {f"assets/images/{name}.png" for name in range(processes)}
    return {"processes": processes, "edits": len(marks), "saves": len(saved), "versions": len(versions)}


def _visitor(url: str, draft: dict[str, Any], name: int, edits: int) -> list[int]:
    """One process: upload a file, then edit with If-Match and save; returns the version numbers it was told."""
    session = requests.Session()
    base = f"{url}/api/v1/drafts/{draft['draft_id']}"
    put = session.put(f"{base}/files/assets/images/{name}.png", data=b"%d" % name * 100, timeout=60)
    assert put.status_code == 201, put.text
    numbers = []
    for step in range(edits):
        while True:
            content = session.get(f"{base}/content", timeout=60)
            document = content.json()
            document.setdefault("marks", []).append([name, step])
            put = session.put(
                f"{base}/content", json=document, headers={"If-Match": content.headers["ETag"]}, timeout=60
            )
            if put.status_code == 200:
                break
            assert put.status_code == 412, put.text
        saved = session.post(f"{url}{MATE}/save_draft", json={"draft_url": draft["draft_url"]}, timeout=60)
        assert saved.status_code == 200, saved.text
        numbers.append(saved.json()["version"])
    return numbers


def thousands_drill(service: Service, *, drafts: int) -> dict[str, int]:
    """``drafts`` newer drafts and a ``kill -9`` of everything: the first draft is edited, saved and downloaded on."""
    first = service.create()
    writer = Writer(service.url, first, requests.get(f"{service.url}/api/v1/drafts/{first['draft_id']}/content").json())
    for _ in range(drafts - 1):
        service.create()
    writer.step(1)
    service.kill("all")
    service.start()
    writer.step(2)
    files = requests.get(first["draft_url"], timeout=30).json()["files"]
    document = requests.get(files[0], timeout=30).json()
    assert document["drill"] == writer.document["drill"]
    assert sorted(writer.acknowledged) == [1, 2]
    return {"drafts": drafts}


def main() -> None:
    """Run one drill against a service of its own and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drill", choices=["kill", "crowd", "thousands"])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--drafts", type=int, default=10_000)
    parser.add_argument("--database", help="a PostgreSQL server's URL; a database is made there. Default: SQLite")
    options = parser.parse_args()
    if options.database:
        os.environ["DATABASE_URL"] = options.database
    with tempfile.TemporaryDirectory() as folder, service(Path(folder)) as running:
        started = time.monotonic()
        if options.drill == "kill":
            figures = kill_drill(running, rounds=options.rounds)
        elif options.drill == "crowd":
            figures = crowd_drill(running)
        else:
            figures = thousands_drill(running, drafts=options.drafts)
        print({**figures, "seconds": round(time.monotonic() - started, 1)})


if __name__ == "__main__":
    main()
