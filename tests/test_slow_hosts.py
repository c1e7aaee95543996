"""Media hosts that are slow, clients that do not wait for them, processes that die meanwhile: on a real web server."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests

from tests.edits import SECOND, text
from tests.harness import wait_for
from tests.remote import Remote, remote_host
from tests.support import MATE, MEDIA
from tests.web import Web, running

PICTURE = (MEDIA / "wide.jpg").read_bytes()
OTHER = (MEDIA / "tall.png").read_bytes()
# More fetching calls than the threads that other requests have, so that these would be none if they shared them.
LIMITS = {"STREAM_SLOTS": "1", "BODY_SLOTS": "8", "DOWNLOAD_SLOTS": "50", "DOWNLOAD_SLOTS_PER_HOST": "50"}


class SlowHost:
    """A host that sends the first half of a file; when it is told to go on the rest, or it breaks off."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.go_on, self.break_off = Event(), False

    def serve(self, path: str, data: bytes) -> str:
        """Serve a file in this way; returns its address."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data[: len(data) // 2])
            handler.wfile.flush()
            assert self.go_on.wait(60)
            if not self.break_off:
                handler.wfile.write(data[len(data) // 2 :])

        return self.remote.answer(path, answer)


@pytest.fixture
def slow() -> Iterator[SlowHost]:
    """One that has not gone on yet."""
    with remote_host() as remote:
        host = SlowHost(remote)
        yield host
        host.go_on.set()


def drafted(web: Web) -> dict[str, Any]:
    """A draft."""
    return dict(requests.post(f"{web.url}{MATE}/create_draft", json={}, timeout=20).json())


def add(web: Web, draft: dict[str, Any], *urls: str, wait: float = 60, **headers: str) -> requests.Response:
    """``add_videos``."""
    infos = [{"video_url": url, "start": 0, "end": SECOND} for url in urls]
    body = {"draft_url": draft["draft_url"], "video_infos": text(*infos)}
    return requests.post(f"{web.url}{MATE}/add_videos", json=body, headers=headers, timeout=wait)


def give_up(web: Web, draft: dict[str, Any], *urls: str, **headers: str) -> None:
    """``add_videos`` by a client that closes its connection after a second."""
    with pytest.raises(requests.ReadTimeout):
        add(web, draft, *urls, wait=1, **headers)


def revision(web: Web, draft: dict[str, Any]) -> int:
    """The draft's revision."""
    return int(requests.get(f"{web.url}/api/v1/drafts/{draft['draft_id']}", timeout=20).json()["revision"])


def unused(state: Path) -> int:
    """Blobs that no file and no version of a draft refers to."""
    query = """
    SELECT count(*) FROM drafts_core_blob blob
    WHERE blob.id NOT IN (SELECT blob_id FROM drafts_draftfile)
      AND blob.id NOT IN (SELECT content_id FROM drafts_draftversion)
    """
    with closing(sqlite3.connect(state / "db.sqlite3", timeout=20)) as database:
        return int(database.execute(query).fetchone()[0])


def files(state: Path) -> set[str]:
    """Every file of the server, without those that lie there of themselves."""
    own = ("db.sqlite3", "log", "metrics")
    found = (path.relative_to(state).as_posix() for path in state.rglob("*") if path.is_file())
    return {name for name in found if not name.startswith(own)}


def test_slow_hosts_leave_threads_to_every_other_request(tmp_path: Path, slow: SlowHost) -> None:
    url = slow.serve("/wide.jpg", PICTURE)
    calls = int(LIMITS["DOWNLOAD_SLOTS"])
    with running(tmp_path, OUTBOUND_ALLOWED_HOSTS=slow.remote.host, **LIMITS) as web, ThreadPoolExecutor(calls) as pool:
        draft = drafted(web)
        waiting = []
        for number in range(calls):
            waiting.append(pool.submit(add, web, draft, f"{url}?{number}"))
            wait_for(lambda count=number: len(slow.remote.asked) > count, "the host to be asked")
        full = add(web, draft, url)
        assert (full.status_code, full.json()["code"], full.headers["Retry-After"]) == (503, 3007, "5")
        times = []
        for _ in range(20):
            started = time.monotonic()
            assert requests.get(draft["draft_url"], timeout=10).status_code == 200
            times.append(time.monotonic() - started)
        assert sorted(times)[10] < 5
        caption = text({"start": 0, "end": SECOND, "text": "meanwhile"})
        body = {"draft_url": draft["draft_url"], "captions": caption}
        assert requests.post(f"{web.url}{MATE}/add_captions", json=body, timeout=10).status_code == 200
        slow.go_on.set()
        assert [call.result().status_code for call in waiting] == [200] * calls
        assert revision(web, draft) == 1 + 1 + calls
        assert web.remains()["drafts_core_blob"] == 1


def test_an_edit_whose_client_gave_up_is_done_whole_and_a_retry_with_its_key_adds_nothing(
    tmp_path: Path, slow: SlowHost
) -> None:
    """The connection is closed, but nobody tells a WSGI application: the edit is done whole, or not at all."""
    urls = slow.serve("/tall.png", OTHER), slow.remote.serve("/wide.jpg", PICTURE)
    with running(tmp_path, OUTBOUND_ALLOWED_HOSTS=slow.remote.host) as web:
        draft = drafted(web)
        before = web.remains()
        give_up(web, draft, *urls, **{"Idempotency-Key": "once"})
        assert (web.remains(), revision(web, draft)) == (before, 1)
        slow.go_on.set()
        wait_for(lambda: revision(web, draft) == 2, "the edit")
        assert web.remains() == before | {"drafts_draftfile": 2, "drafts_core_blob": 2, "files": 2}
        assert unused(tmp_path) == 0
        again = add(web, draft, *urls, **{"Idempotency-Key": "once"})
        assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
        assert len(again.json()["video_ids"]) == 2
        assert revision(web, draft) == 2


def test_a_client_that_gives_up_on_a_host_that_fails_leaves_nothing(tmp_path: Path, slow: SlowHost) -> None:
    slow.break_off = True
    urls = slow.remote.serve("/wide.jpg", PICTURE), slow.serve("/tall.png", OTHER)
    limits = {"DOWNLOAD_TRIES": "1", "DOWNLOAD_SLOTS": "1"}
    with running(tmp_path, OUTBOUND_ALLOWED_HOSTS=slow.remote.host, **limits) as web:
        draft = drafted(web)
        rows, before = web.remains(), files(tmp_path)
        give_up(web, draft, *urls)
        wait_for(lambda: "/tall.png" in slow.remote.asked, "the host to be asked")
        assert add(web, draft, urls[0]).status_code == 503  # it has the only slot
        slow.go_on.set()
        wait_for(lambda: add(web, draft, "http://127.0.0.1:1/").status_code == 400, "the slot")
        assert (web.remains(), files(tmp_path), revision(web, draft)) == (rows, before, 1)


def test_a_process_killed_while_it_fetches_leaves_nothing(tmp_path: Path, slow: SlowHost) -> None:
    urls = slow.remote.serve("/wide.jpg", PICTURE), slow.serve("/tall.png", OTHER)
    allowed = {"OUTBOUND_ALLOWED_HOSTS": slow.remote.host}
    with running(tmp_path, **allowed) as web, ThreadPoolExecutor(1) as pool:
        draft = drafted(web)
        rows, before = web.remains(), files(tmp_path)
        call = pool.submit(add, web, draft, *urls)
        wait_for(lambda: len(slow.remote.asked) == 2, "the hosts to be asked")
        web.kill()
        assert isinstance(call.exception(), requests.ConnectionError)
        assert (web.remains(), files(tmp_path)) == (rows, before)
    slow.go_on.set()
    with running(tmp_path, **allowed) as web:
        assert (web.remains(), files(tmp_path), revision(web, draft)) == (rows, before, 1)
        draft["draft_url"] = f"{web.url}/?draft_id={draft['draft_id']}"
        assert add(web, draft, *urls).status_code == 200
        assert unused(tmp_path) == 0
