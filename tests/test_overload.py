"""Clients that stall cost a slot for a while and nothing else. The long form: ``python -m tests.drills overload``."""

from __future__ import annotations

import fcntl
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import requests

from capcut_site import stalls
from tests.drills.overload import BIG, head
from tests.harness import wait_for
from tests.test_transport import MATE, answer
from tests.web import Web, running

CREATE = head("POST", f"{MATE}/create_draft", 1000) + b'{"width": 5'


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A server with little room and little patience."""
    limits = {"STREAM_SLOTS": "3", "BODY_SLOTS": "4", "BODY_SECONDS": "5", "DOWNLOAD_STALL_SECONDS": "10"}
    with running(tmp_path_factory.mktemp("web"), **limits) as web:
        yield web


def create(web: Web) -> requests.Response:
    """A draft, or a refusal."""
    return requests.post(f"{web.url}{MATE}/create_draft", json={}, timeout=20)


def drafted(web: Web) -> dict[str, Any]:
    """A draft, as soon as there is room."""
    wait_for(lambda: create(web).status_code == 200, "room for a body")
    return dict(create(web).json())


Stall = Callable[[int, bytes], list[socket.socket]]


@pytest.fixture
def stall(web: Web) -> Iterator[Stall]:
    """Connections that send a request and no more."""
    with ExitStack() as opened:

        def begin(count: int, request: bytes) -> list[socket.socket]:
            found = [opened.enter_context(web.connect()) for _ in range(count)]
            for connection in found:
                connection.sendall(request)
            return found

        yield begin


def test_slow_bodies_take_no_thread_from_others_and_come_to_an_end(web: Web, stall: Stall) -> None:
    draft = drafted(web)
    slow = stall(4, CREATE)

    def full() -> bool:
        """Whether all room is taken by them; one that met a request still leaving is refused, and asks again."""
        refused = select.select(slow, [], [], 0)[0]
        slow[:] = [connection for connection in slow if connection not in refused] + stall(len(refused), CREATE)
        return create(web).status_code == 503

    wait_for(full, "all room to be taken")
    refused = create(web)
    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (503, 3007, "2")
    idle = stall(50, b"")
    assert requests.get(draft["draft_url"], timeout=5).status_code == 200
    while not select.select(slow[:2], [], [], 0.5)[0]:  # two trickle on, the other two are silent
        for connection in slow[:2]:
            connection.send(b" ")
    for connection in slow:
        status, headers, body = answer(connection)
        assert (status, body["code"], headers["content-type"]) == (408, 3011, "application/problem+json")
        assert connection.recv(1) == b""
    assert create(web).status_code == 200
    assert requests.get(draft["draft_url"], timeout=5).status_code == 200
    for connection in idle:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert answer(connection)[0] == 200  # they owed nothing


def test_stalled_uploads_end_and_leave_nothing(web: Web, stall: Stall) -> None:
    draft = drafted(web)
    path = f"/api/v1/drafts/{draft['draft_id']}/files/assets/videos/a.mp4"
    before = web.remains()
    slow = stall(4, head("PUT", path, 10 * BIG, "video/mp4") + b"x" * 200_000)
    (refused,) = select.select(slow, [], [], 4)[0]  # there is room for three
    status, headers, body = answer(refused)
    assert (status, body["code"], headers["retry-after"]) == (503, 3007, "2")
    slow.remove(refused)
    assert requests.put(f"{web.url}{path}", data=b"small", timeout=20).status_code == 201
    for connection in slow:
        assert answer(connection)[0] == 408
    files, rows = before["files"] + 1, before["drafts_core_blob"] + 1
    wait_for(lambda: web.remains()["files"] <= files, "the half-written files to go")
    wait_for(lambda: web.remains()["drafts_core_blob"] <= rows, "their rows to go")


def test_downloads_that_nobody_reads_end_and_give_their_slot_back(web: Web, stall: Stall) -> None:
    draft = drafted(web)
    path = f"/api/v1/drafts/{draft['draft_id']}/files/assets/videos/big.mp4"
    url = f"{web.url}{path}"
    put = requests.put(url, data=b"\0" * BIG, timeout=60)
    assert put.status_code == 201, put.text
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    beginnings = [connection.recv(12, socket.MSG_PEEK) for connection in stall(4, request)]
    assert sorted(beginnings) == [b"HTTP/1.1 200"] * 3 + [b"HTTP/1.1 503"]
    piece = {"Range": "bytes=0-0"}
    assert requests.get(draft["draft_url"], timeout=5).status_code == 200
    wait_for(lambda: requests.get(url, headers=piece, timeout=20).content == b"\0", "a slot to come back")


def test_a_client_that_vanishes_gives_its_slot_back_at_once(web: Web, stall: Stall) -> None:
    for connection in stall(4, CREATE):
        connection.close()
    wait_for(lambda: create(web).status_code == 200, "the slots", 1.5)


def test_a_request_that_came_whole_and_takes_long_is_left_alone() -> None:
    """The kernel's counters cannot tell it from a silent body; the list of requests can."""
    watch = stalls.Stalls(seconds=0.1)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
        closing(server.accept()[0]) as connection,
    ):
        client.sendall(b"x")
        reading = stalls.Request("127.0.0.1", 0.0, reading=True)
        working = stalls.Request("127.0.0.1", 0.0)
        watch.requests = {reading, working}
        time.sleep(0.3)
        assert watch.look() == 0
        watch.requests = {reading}
        assert watch.look() >= 1
        assert connection.recv(5) + connection.recv(5) == b"x"


def test_looking_at_the_connections_leaves_files_alone(tmp_path: Path) -> None:
    """Nothing is left open, and nothing of a file is closed: that would drop the locks of SQLite on it."""
    descriptors = Path("/proc/self/fd")
    other = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    with (tmp_path / "file").open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        before = len(list(descriptors.iterdir()))
        list(stalls.connections())
        assert len(list(descriptors.iterdir())) == before
        tried = subprocess.run([sys.executable, "-c", other, file.name], stderr=subprocess.DEVNULL, check=False)
        assert tried.returncode != 0
