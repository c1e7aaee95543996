"""The real web server and raw sockets: bodies that break off, lie about their length, or come slowly."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests

from tests.harness import wait_for
from tests.web import Web, running

MATE = "/openapi/capcut-mate/v1"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The server for this file."""
    with running(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def draft(web: Web) -> dict[str, Any]:
    """A fresh draft."""
    return dict(requests.post(f"{web.url}{MATE}/create_draft", json={}, timeout=20).json())


def head(method: str, path: str, *lines: str, host: str = "127.0.0.1") -> bytes:
    """The beginning of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode("latin-1")


def answer(connection: socket.socket) -> tuple[int, dict[str, str], Any]:
    """Status, headers and JSON of one reply."""
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        headers: dict[str, str] = {}
        while line := stream.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        data = stream.read(int(headers.get("content-length", "0")))
    return status, headers, json.loads(data) if data else None


def doors(draft: dict[str, Any]) -> list[tuple[str, str, str, bytes]]:
    """Method, path, media type and first bytes of everything that takes a body."""
    base = f"/api/v1/drafts/{draft['draft_id']}"
    form = b'--x\r\nContent-Disposition: form-data; name="archive"; filename="a.zip"\r\n\r\nPK\3\4'
    return [
        ("POST", f"{MATE}/create_draft", "application/json", b'{"width": 5'),
        ("POST", f"{MATE}/save_draft", "application/json", b'{"draft_url'),
        ("PUT", f"{base}/content", "application/json", b'{"tracks": ['),
        ("PUT", f"{base}/files/assets/a.png", "image/png", b"\x89PNG"),
        ("POST", "/api/v1/drafts/import", "application/zip", b"PK\3\4"),
        ("POST", f"{base}/import", "application/zip", b"PK\3\4"),
        ("POST", "/api/v1/drafts/import", "multipart/form-data; boundary=x", form),
    ]


@pytest.mark.parametrize("door", range(7))
@pytest.mark.parametrize("length", [1000, 5_000_000])
def test_a_body_that_is_cut_off_leaves_nothing(web: Web, draft: dict[str, Any], door: int, length: int) -> None:
    method, path, kind, start = doors(draft)[door]
    if kind == "application/json":
        length = min(length, 1_000_000)
    before = web.remains()
    with web.connect() as connection:
        lines = (f"Content-Type: {kind}", f"Content-Length: {length}", "If-Match: *")
        connection.sendall(head(method, path, *lines) + start)
        if length > 1000:
            connection.sendall(b"x" * (length // 2))
            time.sleep(0.2)
    wait_for(lambda: web.remains() == before, f"everything to be as before: {before} and {web.remains()}")
    time.sleep(0.2)
    assert web.remains() == before
    assert requests.get(draft["draft_url"], timeout=5).status_code == 200


@pytest.mark.parametrize("door", range(7))
def test_a_chunked_body_is_refused_with_411(web: Web, draft: dict[str, Any], door: int) -> None:
    method, path, kind, start = doors(draft)[door]
    before = web.remains()
    with web.connect() as connection:
        chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(start), start)
        lines = (f"Content-Type: {kind}", "Transfer-Encoding: chunked", "If-Match: *")
        connection.sendall(head(method, path, *lines) + chunk)
        status, headers, body = answer(connection)
    assert (status, body["code"], headers["content-type"]) == (411, 3006, "application/problem+json")
    assert web.remains() == before


@pytest.mark.parametrize(
    "lines",
    [
        *[("Content-Length: -1",), ("Content-Length: +5",), ("Content-Length: five",), ("Content-Length: 0x5",)],
        *[("Content-Length: 5", "Content-Length: 6"), ("Content-Length: " + "9" * 30,)],
    ],
)
def test_a_length_that_is_none_never_reaches_a_draft(web: Web, draft: dict[str, Any], lines: tuple[str, ...]) -> None:
    path = f"/api/v1/drafts/{draft['draft_id']}/files/a.png"
    before = web.remains()
    with web.connect() as connection:
        connection.sendall(head("PUT", path, *lines) + b"12345")
        connection.shutdown(socket.SHUT_WR)
        status, _, _ = answer(connection)
    assert status == 400
    assert web.remains() == before


def test_what_follows_a_body_is_the_next_request_and_not_part_of_it(web: Web, draft: dict[str, Any]) -> None:
    body = json.dumps({"draft_url": draft["draft_url"]}).encode()
    lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    with web.connect() as connection:
        connection.sendall(head("POST", f"{MATE}/save_draft", *lines) + body + head("GET", "/healthz"))
        assert answer(connection)[2]["version"] == 1


def test_a_body_over_the_limit_is_refused_before_it_is_sent(web: Web, draft: dict[str, Any]) -> None:
    before = web.remains()
    for method, path, kind, _ in doors(draft):
        with web.connect() as connection:
            lines = (f"Content-Type: {kind}", f"Content-Length: {2**50}", "If-Match: *")
            connection.sendall(head(method, path, *lines))
            status, _, body = answer(connection)
        assert (status, body["code"]) == (413, 3002)
        assert "MAX_" in body["detail"]
    assert web.remains() == before


def test_a_refused_upload_does_not_confuse_the_next_request_of_the_connection(web: Web) -> None:
    session = requests.Session()
    for _ in range(3):
        refused = session.put(f"{web.url}/api/v1/drafts/{'a' * 32}/files/a.png", data=b"x" * 3_000_000, timeout=20)
        assert (refused.status_code, refused.json()["code"]) == (404, 2001)
        assert session.get(f"{web.url}/healthz", timeout=20).json() == {"status": "ok"}


def test_a_slow_body_is_taken_whole_and_others_do_not_wait(web: Web, draft: dict[str, Any]) -> None:
    path = f"/api/v1/drafts/{draft['draft_id']}/files/slow.png"
    slow = [web.connect() for _ in range(8)]
    for connection in slow:
        connection.sendall(head("PUT", path, "Content-Length: 2000000"))
    started = time.monotonic()
    assert requests.get(draft["draft_url"], timeout=5).status_code == 200
    assert requests.post(f"{web.url}{MATE}/save_draft", json={"draft_url": draft["draft_url"]}, timeout=5).ok
    assert time.monotonic() - started < 5
    for _ in range(4):
        slow[0].sendall(b"s" * 500_000)
        time.sleep(0.1)
    status, _, body = answer(slow[0])
    assert (status, body["size"]) == (201, 2_000_000)
    for connection in slow:
        connection.close()
    rows = {"drafts_core_blob": 0}
    wait_for(lambda: uploading(web) == rows["drafts_core_blob"], "the broken uploads to be forgotten")


def uploading(web: Web) -> int:
    """Uploads that are under way."""
    with closing(sqlite3.connect(web.state / "db.sqlite3", timeout=20)) as database:
        return int(database.execute("SELECT count(*) FROM drafts_core_blob WHERE state = 'uploading'").fetchone()[0])


@pytest.mark.parametrize(
    ("target", "status"),
    [
        *[
            ("/v1/get_draft?draft_id=%ff%fe%00", 400),
            ("/%ff%fe", 404),
            ("/%00", 404),
            ("/v1/get_draft?draft_id=\xff", 400),
        ],
        *[("/%", 404), ("/%zz", 404), ("/api/v1/drafts?search=%ff", 200), ("/api/v1/drafts/%ed%a0%80/content", 404)],
        *[("/api/v1/drafts?search=" + "a" * 20_000, 400), ("/../../etc/passwd", 404), ("//healthz", 404)],
        *[("/api/v1/drafts/..%2f..%2f..%2fetc/files/x", 404), ("/api/v1/drafts?cursor=%00", 400)],
    ],
)
def test_bytes_that_are_no_text_are_no_fault(web: Web, target: str, status: int) -> None:
    with web.connect() as connection:
        connection.sendall(head("GET", target))
        got, headers, body = answer(connection)
    assert got == status
    assert body is None or status == 200 or headers["content-type"] == "application/problem+json"


def test_headers_without_end_are_refused_by_the_server(web: Web) -> None:
    with web.connect() as connection:
        connection.sendall(head("GET", "/healthz", *(f"X-{number}: {'y' * 100}" for number in range(300))))
        assert answer(connection)[0] in {400, 431}
    with web.connect() as connection:
        connection.sendall(head("GET", "/healthz", "X-Long: " + "y" * 20_000, "Accept-Language: zh\xff"))
        assert answer(connection)[0] == 200


def test_a_host_that_is_not_ours_and_a_client_without_one(web: Web) -> None:
    with web.connect() as connection:
        connection.sendall(head("GET", "/v1/get_draft", host="evil.example"))
        status, headers, body = answer(connection)
    assert (status, body["code"], "ALLOWED_HOSTS" in body["hint"]) == (400, 1001, True)
    assert headers["content-type"] == "application/problem+json"


def test_head_has_the_length_of_get_and_no_body(web: Web, draft: dict[str, Any]) -> None:
    for url in (draft["draft_url"], f"{web.url}/healthz", f"{web.url}/api/v1/drafts"):
        got, headed = requests.get(url, timeout=5), requests.head(url, timeout=5)
        assert (headed.status_code, headed.content) == (200, b"")
        assert headed.headers["Content-Length"] == got.headers["Content-Length"]
    archive = f"{web.url}/api/v1/drafts/{draft['draft_id']}/archive.zip"
    assert requests.head(archive, timeout=5).status_code == 200


def test_204_and_304_have_no_length(web: Web, draft: dict[str, Any]) -> None:
    tag = requests.get(draft["draft_url"], timeout=5).headers["ETag"]
    same = requests.get(draft["draft_url"], headers={"If-None-Match": tag}, timeout=5)
    gone = requests.delete(f"{web.url}/api/v1/drafts/{draft['draft_id']}", timeout=5)
    assert (same.status_code, gone.status_code) == (304, 204)
    for response in (same, gone):
        assert (response.content, response.headers.get("Content-Length")) == (b"", None)
