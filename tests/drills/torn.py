"""Downloads during continuous edits and saves: each is one whole version of the document."""

from __future__ import annotations

import hashlib
import io
import json
import random
import threading
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.harness import Service

from .model import MATE, history
from .say import say

BALLAST = 60_000  # bytes of a document, so that it crosses the pieces in which it is sent


@dataclass
class Author:
    """Edits and saves one draft without a pause; knows every document that the draft ever had."""

    service: Service
    draft: dict[str, Any]
    fresh: dict[str, Any]
    written: dict[int, str] = field(default_factory=dict)
    saved: dict[int, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    steps: int = 0

    @property
    def api(self) -> str:
        """This draft in the resource API."""
        return f"{self.service.url}/api/v1/drafts/{self.draft['draft_id']}"

    def document(self, step: int) -> bytes:
        """The document of a step: its number at the beginning and at the end, and other bytes between."""
        noise = random.Random(f"{self.draft['draft_id']} {step}").randbytes(BALLAST // 2).hex()
        return json.dumps({"first": step, **self.fresh, "noise": noise, "last": step}).encode()

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        with requests.Session() as http:
            try:
                while not stop.is_set():
                    self.step(http)
            except (AssertionError, requests.RequestException) as error:
                self.failures.append(repr(error))

    def step(self, http: requests.Session) -> None:
        """An edit, a new file beside it, and a save of both."""
        step = self.steps + 1
        data = self.document(step)
        self.written[step] = hashlib.sha256(data).hexdigest()
        headers = {"If-Match": "*", "Content-Type": "application/json"}
        put = http.put(f"{self.api}/content", data=data, headers=headers, timeout=30)
        assert put.status_code == 200, put.text
        if step % 10 == 1:
            put = http.put(f"{self.api}/files/assets/{step}.png", data=b"%d" % step * 1000, timeout=30)
            assert put.status_code == 201, put.text
        save = {"draft_url": self.draft["draft_url"]}
        saved = http.post(f"{self.service.url}{MATE}/save_draft", json=save, timeout=30)
        assert saved.status_code == 200, saved.text
        self.saved[saved.json()["version"]] = self.written[step]
        self.steps = step


class Reader:
    """Downloads in every way that clients have, and checks each at once."""

    def __init__(self, author: Author, dice: random.Random) -> None:
        self.author = author
        self.dice = dice
        self.http = requests.Session()
        self.done: Counter[str] = Counter()

    def run(self, count: int, failures: list[str]) -> None:
        """``count`` downloads, evenly of all kinds."""
        kinds = [self.document, self.twin, self.archive, self.listed, self.content, self.version, self.resumed]
        try:
            for number in range(count):
                what = kinds[number % len(kinds)]
                what()
                self.done[what.__name__] += 1
        except (AssertionError, requests.RequestException, zipfile.BadZipFile, ValueError) as error:
            failures.append(f"{what.__name__}: {error!r}")
        finally:
            self.http.close()

    def get(self, url: str, **headers: str) -> requests.Response:
        """GET; 200 and 206 are what there is."""
        answer = self.http.get(url, headers=headers, timeout=60)
        assert answer.status_code in {200, 206}, f"{answer.status_code} {answer.text[:300]}"
        return answer

    def whole(self, data: bytes) -> int:
        """The step whose document this is, to the byte; 0 is the document of a fresh draft."""
        step = int(json.loads(data).get("first", 0))
        assert step == 0 or hashlib.sha256(data).hexdigest() == self.author.written[step], f"torn at step {step}"
        return step

    def files(self) -> dict[str, str]:
        """``get_draft``: names and addresses."""
        urls = self.get(self.author.draft["draft_url"]).json()["files"]
        return {url.partition(f"/{self.author.draft['draft_id']}/")[2]: url for url in urls}

    def document(self) -> None:
        """As the desktop client does, never older than what was saved before it was asked for."""
        before = self.author.steps
        assert self.whole(self.get(self.files()["draft_content.json"]).content) >= before

    def twin(self) -> None:
        """The second name of the document."""
        before = self.author.steps
        assert self.whole(self.get(self.files()["draft_info.json"]).content) >= before

    def archive(self) -> None:
        """A ZIP: the document, its twin and the meta file are of one moment, and no file is missing or damaged."""
        before = self.author.steps
        answer = self.get(f"{self.author.api}/archive.zip")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            members = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
        assert members["draft_content.json"] == members["draft_info.json"]
        step = self.whole(members["draft_content.json"])
        assert step >= before
        pictures = {name: data for name, data in members.items() if name.startswith("assets/")}
        # The file of a step is put after its document: it may be the next one, or not be there yet.
        expected = {f"assets/{number}.png": b"%d" % number * 1000 for number in range(1, step, 10)}
        latest = f"assets/{step}.png"
        assert pictures in (expected, {**expected, latest: b"%d" % step * 1000}), sorted(pictures)[-3:]

    def listed(self) -> None:
        """``get_draft`` alone: the five derived files first, then media, none of an acknowledged step missing."""
        before = self.author.steps
        names = list(self.files())
        assert names[:2] == ["draft_content.json", "draft_info.json"]
        assert {f"assets/{number}.png" for number in range(1, before + 1, 10)} <= set(names)
        assert len(names) == len(set(names))

    def content(self) -> None:
        """The working content; its ETag belongs to these bytes, so that an edit on top of it loses nothing."""
        answer = self.get(f"{self.author.api}/content")
        step = self.whole(answer.content)
        again = self.get(f"{self.author.api}/content")
        if again.headers["ETag"] == answer.headers["ETag"]:
            assert self.whole(again.content) == step

    def version(self) -> None:
        """A version, which is the same for ever."""
        if not self.author.saved:
            return
        number = self.dice.choice(list(self.author.saved))
        data = self.get(f"{self.author.api}/versions/{number}/content").content
        assert hashlib.sha256(data).hexdigest() == self.author.saved[number]

    def resumed(self) -> None:
        """A download in three pieces with If-Range: the pieces fit, or the whole comes anew; never a mixture."""
        url = self.files()["draft_content.json"]
        first = self.get(url, Range="bytes=0-19999")
        data, tag = first.content, first.headers["ETag"]
        while first.status_code == 206 and len(data) < int(first.headers["Content-Range"].rpartition("/")[2]):
            piece = self.get(url, Range=f"bytes={len(data)}-{len(data) + 49_999}", **{"If-Range": tag})
            if piece.status_code == 200:
                data = piece.content
                self.done["changed while it was resumed"] += 1
                break
            assert piece.headers["ETag"] == tag
            data += piece.content
        self.whole(data)


def torn_drill(service: Service, *, downloads: int = 10_000, readers: int = 4, authors: int = 2) -> dict[str, Any]:
    """``downloads`` downloads of drafts that are edited and saved without a pause.

    Fails unless each is one whole document that the author wrote, not older than what had been acknowledged
    when it was asked for; and unless every acknowledged version holds its document at the end.
    """
    crew = []
    for _ in range(authors):
        draft = service.create()
        url = f"{service.url}/api/v1/drafts/{draft['draft_id']}/content"
        crew.append(Author(service, draft, requests.get(url, timeout=30).json()))
    stop = threading.Event()
    writing = [threading.Thread(target=author.run, args=(stop,), daemon=True) for author in crew]
    people = [Reader(crew[number % authors], random.Random(number)) for number in range(readers)]
    failures: list[str] = []
    share = -(-downloads // readers)
    reading = [threading.Thread(target=person.run, args=(share, failures), daemon=True) for person in people]
    started = time.monotonic()
    for thread in [*writing, *reading]:
        thread.start()
    for thread in reading:
        thread.join()
    stop.set()
    for thread in writing:
        thread.join()
    seconds = time.monotonic() - started
    assert not failures + [failure for author in crew for failure in author.failures], failures
    for author in crew:
        versions = history(f"{author.api}/versions")
        assert {number: versions[number]["sha256"] for number in author.saved} == author.saved
    done = sum((person.done for person in people), Counter())
    changed = done.pop("changed while it was resumed", 0)
    say(f"{dict(done)} in {seconds:.0f} s")
    return {
        "downloads": sum(done.values()),
        "by kind": dict(done),
        "changed while resumed": changed,
        "edits and saves meanwhile": sum(author.steps for author in crew),
        "torn": 0,
    }
