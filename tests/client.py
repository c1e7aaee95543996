"""Stand-ins of the two clients that download drafts, after contract 3; they know nothing of Django.

``DesktopClient`` is the stock desktop client (3.1 to 3.9), ``RenderWorker`` the render worker (3.13). Both
keep every exchange, so that a test can say what was asked and what was answered.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import requests
from requests import Response

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0"
RETRYABLE = frozenset({408, 429, 502, 503, 504})
ATTEMPTS = 10
LIST_ATTEMPTS = 3
LIST_BUDGET = 0.8
LIST_DEADLINE = 3.0
LIST_WAITS = (0.12, 0.2)
RESUMED_FROM = 1024
LONGEST_WAIT = 30.0
EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
}
MEDIA = frozenset({*EXTENSIONS.values(), ".jpeg", ".m4a", ".aac", ".webm", ".mkv"})
Headers = dict[str, str]
Result = TypeVar("Result")
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")
_WORKER_ID = re.compile(r"\d{8,}.*")


class GaveUpError(Exception):
    """The client gives up: on the list, or on one file."""


class AgainError(Exception):
    """A transfer that went wrong in a way that is worth another attempt."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back."""

    url: str
    status: int
    asked_range: str = ""
    content_range: str = ""

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return urlsplit(self.url).path.rpartition("/")[2]


@dataclass(slots=True)
class Downloaded:
    """What one download left behind."""

    folder: Path
    listed: list[str]
    failed: list[str] = field(default_factory=list)

    def names(self) -> set[str]:
        """Every file of the folder, relative to it."""
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}

    def read(self, name: str = "draft_content.json") -> dict[str, Any]:
        """One JSON file."""
        return dict(json.loads((self.folder / name).read_bytes()))

    def media_paths(self) -> list[str]:
        """Every non-empty ``path`` inside ``materials``."""
        return [holder["path"] for holder in _paths(self.read()["materials"])]


class _Http:
    """Requests that are remembered, and the common rules of waiting and resuming."""

    def __init__(self, root: Path, *, agent: str, wait: Callable[[float], None] = time.sleep) -> None:
        self.root = root
        self.exchanges: list[Exchange] = []
        self.waits: list[float] = []
        self._agent = agent
        self._wait = wait

    def statuses(self, name: str) -> list[int]:
        """What was answered for one file name, in order."""
        return [exchange.status for exchange in self.exchanges if exchange.name == name]

    def get(self, url: str, headers: Headers, *, timeout: float | None, stream: bool = False) -> Response:
        """One GET on a connection of its own; ``stream`` leaves the body to be read and closed."""
        with requests.Session() as session:
            session.trust_env = False
            session.headers.clear()
            response = session.get(url, headers=headers, timeout=timeout, stream=stream)
        asked, given = headers.get("Range") or "", response.headers.get("Content-Range", "")
        self.exchanges.append(Exchange(url, response.status_code, asked, given))
        return response

    def persistently(self, task: Callable[[], Result]) -> Result:
        """Up to ten attempts; raises ``GaveUpError`` at the first failure that no attempt can mend."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return task()
            except AgainError as error:
                delay, reason = 1.0, str(error)
            except requests.HTTPError as error:
                delay, reason = retry_delay(error.response, attempt), str(error)
            if attempt < ATTEMPTS:
                self.pause(delay)
        raise GaveUpError(reason)

    def pause(self, seconds: float) -> None:
        """Wait, and remember how long."""
        self.waits.append(seconds)
        self._wait(seconds)

    def fetch_media(self, url: str, target: Path) -> Response:
        """One attempt to download bytes, continued where a file of at least 1024 bytes ends."""
        have = target.stat().st_size if target.exists() else 0
        have = have if have >= RESUMED_FROM else 0
        headers = {"User-Agent": self._agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        headers |= {"Cache-Control": "no-cache", **({"Range": f"bytes={have}-"} if have else {})}
        with self.get(url, headers, timeout=30, stream=True) as response:
            if response.status_code == 416:
                _settle_416(response, target, have)
            else:
                _store(response, target, have)
        return response


def _settle_416(response: Response, target: Path, have: int) -> None:
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if match is None or match[2] != str(have):
        target.unlink(missing_ok=True)
        raise AgainError("the local file is not a beginning of the remote one")


def _store(response: Response, target: Path, have: int) -> None:
    expected, mode = _expectation(response, target, have)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open(mode) as handle:
        for chunk in response.raw.stream(65536, decode_content=False):
            handle.write(chunk)
    if expected is not None and target.stat().st_size != expected:
        raise AgainError("incomplete")


def _expectation(response: Response, target: Path, have: int) -> tuple[int | None, str]:
    """How long the file must become, and how it is opened."""
    length = response.headers.get("Content-Length")
    if response.status_code == 200:
        return None if length is None else int(length), "wb"
    if response.status_code != 206:
        refuse(response)
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if match is not None and match[1] != str(have):
        target.unlink(missing_ok=True)
        raise AgainError("the answer starts elsewhere")
    total = match[2] if match is not None else "*"
    return None if total == "*" else int(total), "ab" if have else "wb"


def refuse(response: Response) -> None:
    """Raise what a reply that is not wanted means: another attempt, or the end."""
    if response.status_code in RETRYABLE:
        raise requests.HTTPError(f"{response.status_code} for {response.url}", response=response)
    raise GaveUpError(f"{response.status_code} for {response.url}")


def retry_delay(response: Response, attempt: int) -> float:
    """Retry-After in seconds, at most 30; without it 1, 2, 4, 8, 16, 16, ..."""
    stated = response.headers.get("Retry-After")
    return min(float(stated), LONGEST_WAIT) if stated else float(min(2 ** (attempt - 1), 16))


class DesktopClient(_Http):
    """The stock desktop client: what becomes of a pasted line, up to the files in the drafts root."""

    def __init__(self, root: Path, *, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__(root, agent=BROWSER.format(91), wait=wait)

    def download(self, line: str, *, reorder: Callable[[list[str]], list[str]] = list) -> Downloaded:
        """Everything that the line's draft lists, one after the other; ``reorder`` sorts the list first."""
        url = line.strip()
        draft_id = _id_of(url)
        files = reorder([file for file in self.list_files(url) if draft_id in file])
        if not files:
            raise GaveUpError("no file of this draft")
        done = Downloaded(self.root / draft_id, files)
        for file in files:
            try:
                self.persistently(partial(self._one, file, draft_id))
            except GaveUpError:
                done.failed.append(file)
        return done

    def list_files(self, url: str) -> list[str]:
        """``files`` of get_draft: three attempts of 800 ms, all within three seconds."""
        deadline = time.monotonic() + LIST_DEADLINE
        for attempt in range(LIST_ATTEMPTS):
            try:
                return self._list_once(url, min(LIST_BUDGET, deadline - time.monotonic()))
            except requests.HTTPError as error:
                delay = max(LIST_WAITS[min(attempt, 1)], retry_delay(error.response, attempt + 1))
            except requests.Timeout:
                delay = LIST_WAITS[min(attempt, 1)]
            if attempt + 1 == LIST_ATTEMPTS or time.monotonic() + delay >= deadline:
                break
            self.pause(delay)
        raise GaveUpError("the list did not come in time")

    def _list_once(self, url: str, budget: float) -> list[str]:
        started = time.monotonic()
        headers = {"User-Agent": self._agent, "Accept": "application/json, text/plain, */*"}
        headers["Accept-Encoding"] = "gzip, compress, deflate, br"
        response = self.get(url, headers, timeout=budget)
        if time.monotonic() - started > budget:
            raise requests.Timeout("too slow")
        if response.status_code != 200:
            refuse(response)
        reply = response.json()
        if type(reply["code"]) is not int or reply["code"] != 0 or not reply.get("files"):
            raise GaveUpError("not a list")
        return [str(file) for file in reply["files"]]

    def _one(self, url: str, draft_id: str) -> None:
        path = urlsplit(url).path
        start = path.find(draft_id)
        if start < 0:
            raise GaveUpError("the path does not name the draft")
        target = self.root / path[start:]  # not percent-decoded
        target.parent.mkdir(parents=True, exist_ok=True)
        twin = target.with_name("draft_content.json")
        if target.name == "draft_info.json" and twin.exists():
            target.write_bytes(twin.read_bytes())
        elif url.endswith(".json"):
            self._json(url, target, draft_id)
        else:
            self.fetch_media(url, target)

    def _json(self, url: str, target: Path, draft_id: str) -> None:
        response = self.get(url, {"User-Agent": "axios/1.13.2", "Accept": "application/json"}, timeout=None)
        if response.status_code != 200:
            refuse(response)
        document = as_javascript(response.json())
        materials = document.get("materials") if isinstance(document, dict) else None
        if materials:
            localise(materials, target.parent, draft_id)
            self._remote_materials(materials, target.parent)
        target.write_text(json.dumps(document, ensure_ascii=False, indent=2), encoding="utf-8")

    def _remote_materials(self, materials: dict[str, Any], folder: Path) -> None:
        """Videos and audios that are URLs become local files; one download for each URL."""
        done: dict[str, str] = {}
        for kind in ("videos", "audios"):
            for item in materials.get(kind) or ():
                url = str(item.get("path", ""))
                if url.startswith(("http://", "https://")):
                    item["path"] = done[url] = done.get(url) or self._remote(url, item, kind, folder)

    def _remote(self, url: str, item: dict[str, Any], kind: str, folder: Path) -> str:
        kind = "images" if kind == "videos" and item.get("type") == "photo" else kind
        base = str(item.get("material_name") or item.get("name") or item["id"])
        target = folder / "assets" / kind / re.sub(r'[\\/:*?"<>|]', "_", base).strip()
        try:
            return str(self.persistently(partial(self._fetch_named, url, target)))
        except GaveUpError:
            return url

    def _fetch_named(self, url: str, target: Path) -> Path:
        """Download; the type that the server states decides the extension."""
        target.parent.mkdir(parents=True, exist_ok=True)
        fallback = ".mp3" if target.parent.name == "audios" else ".mp4"
        local = _with_suffix(target, fallback)
        stated = self.fetch_media(url, local).headers.get("Content-Type", "").partition(";")[0]
        return local.rename(_with_suffix(target, EXTENSIONS.get(stated, fallback)))


class RenderWorker(_Http):
    """The render worker: rewrites an exact prefix, wants the draft named by its id, forgives nothing."""

    def __init__(self, root: Path, *, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__(root, agent=BROWSER.format(120), wait=wait)

    def download(self, draft_url: str) -> Downloaded:
        """The draft's folder, ready to be rendered; raises ``GaveUpError`` when anything is missing."""
        draft_id = parse_qs(urlsplit(draft_url).query)["draft_id"][0]
        done = Downloaded(self.root / draft_id, self._list(draft_url))
        for url in done.listed:
            name = worker_name(url)
            if name != "draft_info.json":
                self.persistently(partial(self._one, url, done.folder / name))
        self._finish(done, draft_id)
        return done

    def _list(self, url: str) -> list[str]:
        response = self.get(url, {"User-Agent": self._agent}, timeout=30)
        if response.status_code != 200:
            raise GaveUpError("no list")
        reply = response.json()
        if reply["code"] != 0 or not reply["files"]:
            raise GaveUpError("no files")
        return [str(file) for file in reply["files"]]

    def _one(self, url: str, target: Path) -> None:
        if target.suffix in MEDIA:
            self.fetch_media(url, target)
            return
        response = self.get(url, {"User-Agent": self._agent}, timeout=30)
        if response.status_code != 200:
            refuse(response)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(response.content)

    def _finish(self, done: Downloaded, draft_id: str) -> None:
        document = _with_prefix(done.read(), f"/app/output/draft/{draft_id}/", f"{done.folder}/")
        meta = done.read("draft_meta_info.json")
        if meta["draft_name"] != draft_id:
            raise GaveUpError("the meta file names another draft")
        meta |= {"draft_fold_path": str(done.folder), "draft_root_path": str(self.root)}
        for name in ("draft_content.json", "draft_info.json"):
            (done.folder / name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        (done.folder / "draft_meta_info.json").write_text(json.dumps(meta), encoding="utf-8")


def worker_name(url: str) -> str:
    """The path inside the draft as the render worker cuts it: after the first segment like an id."""
    segments = urlsplit(url).path.split("/")
    for index, segment in enumerate(segments):
        if len(segment) >= 10 and _WORKER_ID.fullmatch(segment):
            return "/".join(segments[index + 1 :])
    raise GaveUpError("no segment of the path looks like an id")


def localise(node: Any, folder: Path, draft_id: str) -> None:
    """Every ``path`` with the draft id in it becomes a path below ``folder``; others stay."""
    for holder in _paths(node):
        start = holder["path"].find(draft_id)
        if start >= 0:
            holder["path"] = str(folder / holder["path"][start:].replace(f"{draft_id}/", "", 1))


def as_javascript(value: Any) -> Any:
    """A JSON value after JavaScript has read it: numbers are doubles, and whole ones lose their point."""
    if isinstance(value, dict):
        return {key: as_javascript(member) for key, member in value.items()}
    if isinstance(value, list):
        return [as_javascript(member) for member in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


def _with_suffix(path: Path, suffix: str) -> Path:
    """The path with the suffix, not doubled."""
    return path if path.name.lower().endswith(suffix) else path.with_name(path.name + suffix)


def _id_of(url: str) -> str:
    """``draft_id`` of what stands between the first and the second question mark."""
    pieces = url.split("?")
    found = parse_qs(pieces[1]).get("draft_id") if len(pieces) > 1 else None
    if not found:
        raise GaveUpError("the line has no draft_id")
    return found[0]


def _paths(node: Any) -> Iterator[dict[str, Any]]:
    """Every object with a non-empty string under ``path``, at any depth."""
    if isinstance(node, dict):
        if isinstance(node.get("path"), str) and node["path"]:
            yield node
        for member in node.values():
            yield from _paths(member)
    elif isinstance(node, list):
        for member in node:
            yield from _paths(member)


def _with_prefix(node: Any, old: str, new: str) -> Any:
    if isinstance(node, dict):
        return {key: _with_prefix(member, old, new) for key, member in node.items()}
    if isinstance(node, list):
        return [_with_prefix(member, old, new) for member in node]
    return new + node[len(old) :] if isinstance(node, str) and node.startswith(old) else node
