"""Twenty processes on one draft; thousands of drafts beside the first one."""

from __future__ import annotations

import multiprocessing
from typing import Any

import requests

from tests.harness import Service

from .model import MATE, Writer, history


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
