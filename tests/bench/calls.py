"""The calls that are measured: each makes the bytes of its requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

from tests.support import MATE

from .documents import Document
from .load import request

Requests = Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Call:
    """One kind of request to one of the servers; ``beside`` names the call that it is compared with.

    ``requests`` gives the requests of one round; they end by the clock unless the ``whole`` of them is sent. What it
    ``leaves`` to the worker is done before the next call.
    """

    name: str
    requests: Requests
    beside: str = ""
    server: int = 0
    leaves: bool = False
    whole: bool = False


def endless(requests: list[bytes]) -> Requests:
    """The same requests again and again."""
    return lambda: cycle(requests)


def get_draft(ids: Sequence[str]) -> list[bytes]:
    """``get_draft`` of each draft."""
    return [request("GET", f"{MATE}/get_draft?draft_id={each}") for each in ids]


def save_draft(ids: Sequence[str]) -> list[bytes]:
    """``save_draft`` of each draft."""
    bodies = [json.dumps({"draft_url": f"http://127.0.0.1{MATE}/get_draft?draft_id={each}"}) for each in ids]
    return [request("POST", f"{MATE}/save_draft", body.encode()) for body in bodies]


def put_content(ids: Sequence[str], document: Document) -> Iterator[bytes]:
    """``PUT .../content`` of each draft, every time with other bytes."""
    for each in ids:
        yield request("PUT", f"/api/v1/drafts/{each}/content", document.copy(), if_match="*")


def create_draft() -> bytes:
    """``create_draft``."""
    return request("POST", f"{MATE}/create_draft", b'{"width":1920,"height":1080}')


def read_floor(ids: Sequence[str]) -> list[bytes]:
    """The read floor on each draft."""
    return [request("GET", f"/api/v1/bench/read/{each}") for each in ids]


def insert_floor(size: int) -> bytes:
    """The insert floor with a row that the server has at hand."""
    return request("POST", f"/api/v1/bench/insert/{size}", b"{}")


def body_floor(document: Document) -> bytes:
    """The insert floor with a body that becomes the row."""
    return request("POST", "/api/v1/bench/insert", document.data)
