"""What was acknowledged, kept outside the service: clients that remember, and the comparison at the end."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.harness import Service

MATE = "/openapi/capcut-mate/v1"
RETRIED = {503}
PATIENCE = 600.0


def patient(method: str, url: str, *, deadline: float, **options: Any) -> requests.Response:
    """One request, repeated while nothing answers or the answer says "later", as clients do."""
    while True:
        with contextlib.suppress(requests.RequestException):
            answer = requests.request(method, url, timeout=30, **options)
            if answer.status_code not in RETRIED:
                return answer
            assert answer.headers.get("Retry-After"), f"{method} {url}: 503 without Retry-After"
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
    uploads: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[int, frozenset[str]] = field(default_factory=dict)
    edits: int = 0
    downloads: int = 0

    @property
    def api(self) -> str:
        """This draft in the resource API."""
        return f"{self.url}/api/v1/drafts/{self.draft['draft_id']}"

    def run(self, stop: threading.Event) -> None:
        """Until told to stop, and the last operation is acknowledged."""
        step = 0
        while not stop.is_set():
            step += 1
            try:
                self.step(step)
            except (AssertionError, requests.RequestException, KeyError) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                return

    def step(self, step: int) -> None:
        """One edit and one save, both acknowledged."""
        self.edit(step)
        self.save()

    def edit(self, step: int) -> None:
        """Replace the document."""
        self.document["drill"] = {"step": step, "ballast": random.randbytes(2000).hex()}
        data = json.dumps(self.document).encode()
        headers = {"If-Match": "*", "Content-Type": "application/json"}
        put = patient("PUT", f"{self.api}/content", deadline=_deadline(), data=data, headers=headers)
        assert put.status_code == 200, put.text
        self.edits += 1

    def save(self) -> None:
        """``save_draft``; the version that it names holds this document and these files from now on."""
        body = {"draft_url": self.draft["draft_url"]}
        saved = patient("POST", f"{self.url}{MATE}/save_draft", deadline=_deadline(), json=body)
        assert saved.status_code == 200, saved.text
        number = saved.json()["version"]
        self.acknowledged[number] = hashlib.sha256(json.dumps(self.document).encode()).hexdigest()
        self.manifests[number] = frozenset(self.uploads)


class Client(Writer):
    """A writer that also uploads files and downloads the whole draft, resuming what broke off."""

    def step(self, step: int) -> None:
        """An upload every third step, a download every fifth, an edit and a save each time."""
        if step % 3 == 1:
            self.upload()
        self.edit(step)
        self.save()
        if step % 5 == 0:
            self.download()

    def upload(self) -> None:
        """A new file, mostly small; sometimes too large to be held in memory at once."""
        size = random.choice([700, 20_000, 200_000, 1_500_000])
        name, data = f"assets/images/{len(self.uploads)}.png", random.randbytes(size)
        put = patient("PUT", f"{self.api}/files/{name}", deadline=_deadline(), data=data)
        assert put.status_code in {200, 201}, put.text
        self.uploads[name] = data

    def download(self) -> None:
        """Every file that ``get_draft`` lists, compared with the model."""
        listed = patient("GET", self.draft["draft_url"], deadline=_deadline())
        assert listed.status_code == 200, listed.text
        found = set()
        for url in listed.json()["files"]:
            name = url.partition(f"/{self.draft['draft_id']}/")[2]
            data = fetch(url, deadline=_deadline())
            if name in self.uploads:
                assert data == self.uploads[name], f"{name} has other bytes"
                found.add(name)
            elif name == "draft_content.json":
                assert json.loads(data)["drill"] == self.document["drill"]
        assert found == set(self.uploads)
        self.downloads += 1


def _deadline() -> float:
    return time.monotonic() + PATIENCE


def fetch(url: str, *, deadline: float) -> bytes:
    """A file, resumed with Range wherever it breaks off; media are broken off once on purpose."""
    have = b""
    cut = not url.endswith(".json")
    while True:
        headers = {"Range": f"bytes={len(have)}-"} if have else {}
        with (
            contextlib.suppress(requests.RequestException),
            requests.get(url, headers=headers, timeout=30, stream=True) as answer,
        ):
            if answer.status_code in RETRIED:
                assert answer.headers.get("Retry-After"), f"{url}: 503 without Retry-After"
                assert time.monotonic() < deadline, f"{url} was never delivered"
                time.sleep(0.1)
                continue
            assert answer.status_code == (206 if have else 200), f"{url}: {answer.status_code} {answer.text}"
            size = len(have) + int(answer.headers["Content-Length"])
            for chunk in answer.iter_content(16 * 1024):
                have += chunk
                if cut and len(have) < size:
                    cut = False
                    break
            if len(have) == size:
                return have
        assert time.monotonic() < deadline, f"{url} was never delivered"
        time.sleep(0.05)


def writers_of(service: Service, count: int, kind: type[Writer] = Writer) -> list[Writer]:
    """Writers, each with a draft of its own."""
    drafts = [service.create() for _ in range(count)]
    content = f"{service.url}/api/v1/drafts/{{}}/content"
    return [kind(service.url, draft, requests.get(content.format(draft["draft_id"])).json()) for draft in drafts]


@contextlib.contextmanager
def load(crew: list[Writer]) -> Iterator[None]:
    """Everybody works meanwhile; at the end the last operations are acknowledged and nobody has failed."""
    stop = threading.Event()
    threads = [threading.Thread(target=writer.run, args=(stop,), daemon=True) for writer in crew]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
    for thread in threads:
        thread.join()
    failures = [failure for writer in crew for failure in writer.failures]
    assert not failures, failures


def saves_of(crew: list[Writer]) -> int:
    """How many saves are acknowledged by now."""
    return sum(len(writer.acknowledged) for writer in crew)


def figures_of(crew: list[Writer]) -> dict[str, Any]:
    """What was acknowledged. None of it is lost, else the comparison has failed before."""
    return {
        "acknowledged edits": sum(writer.edits for writer in crew),
        "acknowledged saves": saves_of(crew),
        "acknowledged uploads": sum(len(writer.uploads) for writer in crew),
        "whole downloads": sum(writer.downloads for writer in crew),
        "lost": 0,
    }


def pending(service: Service) -> float:
    """Blobs that wait for the store; NaN, equal to no number, when the database could not be asked just now."""
    return metric(service, "capcut_pending_blobs")


def metric(service: Service, name: str) -> float:
    """One figure of /metrics, or NaN where it is not among them."""
    lines = requests.get(f"{service.url}/metrics", timeout=30).text.splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), math.nan)


def verify(service: Service, writer: Writer) -> int:
    """Compare a draft's history and files with the model; returns how many acknowledged saves were found."""
    base = f"{service.url}/api/v1/drafts/{writer.draft['draft_id']}"
    versions = history(f"{base}/versions")
    assert sorted(versions) == list(range(1, len(versions) + 1))
    assert {version["state"] for version in versions.values()} <= {"stored"}
    for number, sha256 in writer.acknowledged.items():
        assert versions[number]["sha256"] == sha256
        content = patient("GET", f"{base}/versions/{number}/content", deadline=_deadline()).content
        assert hashlib.sha256(content).hexdigest() == sha256
    for number, names in writer.manifests.items():
        assert versions[number]["file_count"] == len(names)
    for name, data in writer.uploads.items():
        assert patient("GET", f"{base}/files/{name}", deadline=_deadline()).content == data, name
    return len(writer.acknowledged)


def history(url: str) -> dict[int, dict[str, Any]]:
    """All versions of a draft by number; a number that stands twice is an error."""
    found: dict[int, dict[str, Any]] = {}
    page: str | None = f"{url}?page_size=200"
    while page:
        answer = patient("GET", page, deadline=_deadline()).json()
        for version in answer["results"]:
            assert version["number"] not in found
            found[version["number"]] = version
        page = answer["next"]
    return found
