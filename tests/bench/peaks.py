"""``python -m tests.bench.peaks [--database URL]``: the highest memory of a web process, by kind of request."""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import requests

from tests.support import MATE

from .documents import Document
from .editing import captions
from .measure import Server
from .suite import running
from .worst import highest

SIZE, AT_ONCE = 5_000_000, 8
Ask = Callable[[str], requests.Response]


def main() -> None:
    """Print a table; each kind meets a process of its own that has served nothing large before."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peaks", description=__doc__)
    parser.add_argument("--database", default="", help="a PostgreSQL server's URL; default: SQLite")
    parser.add_argument("--only", default="", help="kinds with these letters in their name")
    options = parser.parse_args()
    print(f"| {AT_ONCE} at once, 5 MB | before, MB | highest, MB |\n| --- | ---: | ---: |")
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        running(Path(folder) / "state", options.database, WEB_WORKERS="1") as server,
    ):
        document = Document(SIZE)
        drafts = [_draft(server, document) for _ in range(AT_ONCE)]
        for name, ask in kinds(server.service.url, document):
            if options.only in name:
                print(measured(server, name, ask, drafts), flush=True)


def kinds(url: str, document: Document) -> Iterator[tuple[str, Ask]]:
    """Names, and what each asks of a draft."""
    ask = requests.Session().request
    drafts = f"{url}/api/v1/drafts"
    json_type = {"Content-Type": "application/json"}
    operation = {"op": "add_captions", "items": json.loads(captions(1, 0))}
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("draft/draft_content.json", document.data)

    def put(draft: str) -> requests.Response:
        return ask("PUT", f"{drafts}/{draft}/content", data=document.copy(), headers={**json_type, "If-Match": "*"})

    def add_captions(draft: str) -> requests.Response:
        body = {"draft_url": f"{url}{MATE}/get_draft?draft_id={draft}", "captions": captions(1, 0)}
        return ask("POST", f"{url}{MATE}/add_captions", json=body)

    def meta(draft: str) -> requests.Response:
        files = ask("GET", f"{url}{MATE}/get_draft?draft_id={draft}").json()["files"]
        return ask("GET", next(each for each in files if each.endswith("draft_meta_info.json")))

    def page(draft: str) -> requests.Response:
        return ask("GET", f"{url}{MATE}/get_draft?draft_id={draft}", headers={"Sec-Fetch-Dest": "document"})

    def read(path: str, draft: str) -> requests.Response:
        return ask("GET", f"{drafts}/{draft}/{path}")

    yield "PUT content", put
    yield "`add_captions`", add_captions
    yield "`POST .../edits`", lambda draft: ask("POST", f"{drafts}/{draft}/edits", json={"operations": [operation]})
    yield "copy", lambda draft: ask("POST", f"{drafts}/{draft}/copy", json={})
    yield (
        "import of a ZIP",
        lambda _: ask("POST", f"{drafts}/import", data=zipped.getvalue(), headers={"Content-Type": "application/zip"}),
    )
    yield "save", lambda draft: ask("POST", f"{drafts}/{draft}/save", json={"note": "again"})
    yield "`draft_meta_info.json`", meta
    yield "download of the document", partial(read, "content")
    yield "timeline", partial(read, "timeline")
    yield "picture", partial(read, "timeline.svg")
    yield "comparison", partial(read, "versions/compare?from=1&to=working")
    yield "integrity", partial(read, "integrity")
    yield "page for people", page


def measured(server: Server, name: str, ask: Ask, drafts: list[str]) -> str:
    """The row of one kind, on a process that has just begun."""
    service = server.service
    service.stop()
    service.start()
    service.create()
    web = service.pids("web")
    before = highest(web)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for answer in pool.map(ask, drafts):
            assert answer.ok, f"{name}: {answer.status_code} {answer.text[:200]}"
    return f"| {name} | {before:.0f} | {highest(web):.0f} |"


def _draft(server: Server, document: Document) -> str:
    """A draft with a large version 1 and a larger working state."""
    service = server.service
    draft = str(service.create()["draft_id"])
    base = f"{service.url}/api/v1/drafts/{draft}"
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    service.http.put(f"{base}/content", data=document.copy(), headers=headers, timeout=60).raise_for_status()
    service.http.post(f"{base}/save", json={}, timeout=60).raise_for_status()
    service.http.put(f"{base}/content", data=document.copy(), headers=headers, timeout=60).raise_for_status()
    server.settle()
    return draft


if __name__ == "__main__":
    main()
