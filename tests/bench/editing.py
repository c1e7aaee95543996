"""Edits of drafts that grow, and of one draft by many: what a caption, a whole flow and a crowd cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from tests.support import MATE

from .calls import Call
from .load import request
from .measure import GUARD, Row, Server, rounds

SECOND = 1_000_000
SIZES = ((10, 40), (100, 40), (1000, 20), (4000, 8))  # captions of a draft, and how many such drafts
EDITORS = 100


def by_captions(server: Server, *, cycles: int) -> list[Row]:
    """One caption more in drafts that have some: one request a draft and cycle, so that their length hardly changes."""
    units = []
    for size, drafts in SIZES:
        urls = [captioned(server, size) for _ in range(drafts)]
        units.append([_call(f"one caption more, draft of {size:,}", "add_captions", urls, captions=captions(1, 0))])
    return rounds((server,), units, concurrency=1, cycles=cycles, seconds=GUARD, limit=GUARD)


def by_batches(server: Server, *, cycles: int) -> list[Row]:
    """The same through ``POST .../edits``, whose reply compares the document before and after."""
    units = []
    for size, drafts in SIZES:
        ids = [captioned(server, size).rpartition("=")[2] for _ in range(drafts)]
        body = {"operations": [{"op": "add_captions", "items": json.loads(captions(1, 0))}]}
        bodies = [request("POST", f"/api/v1/drafts/{draft_id}/edits", json.dumps(body).encode()) for draft_id in ids]
        units.append([Call(f"edits: one caption more, draft of {size:,}", partial(iter, bodies))])
    return rounds((server,), units, concurrency=1, cycles=cycles, seconds=GUARD, limit=GUARD)


def by_flow(server: Server, *, cycles: int) -> list[Row]:
    """A flow of six calls, one after the other on 40 drafts; their CPU adds up to that of the flow."""
    urls = [_created(server) for _ in range(40)]
    effects = json.dumps([{"effect_title": "1998", "start": 0, "end": 2 * SECOND}])
    filters = json.dumps([{"filter_title": "1980", "start": 0, "end": 2 * SECOND, "intensity": 50}])
    unit = [
        Call("flow: create_draft", lambda: iter([request("POST", f"{MATE}/create_draft", b"{}")] * len(urls))),
        _call("flow: add_captions, 10", "add_captions", urls, captions=captions(10, 0), font_size=12),
        _call("flow: add_effects", "add_effects", urls, effect_infos=effects),
        _call("flow: add_filters", "add_filters", urls, filter_infos=filters),
        _call("flow: add_sticker", "add_sticker", urls, sticker_id="7211102020202020202", start=0, end=SECOND),
        Call("flow: save_draft", _call("", "save_draft", urls).requests, leaves=True),
    ]
    return rounds((server,), [unit], concurrency=8, cycles=cycles, seconds=GUARD, limit=GUARD)


def by_crowd(server: Server, *, cycles: int) -> list[Row]:
    """A hundred editors add a caption to one draft of a hundred, all at once."""
    url = captioned(server, 100)
    call = _call("a hundred editors of one draft", "add_captions", [url] * EDITORS, captions=captions(1, 0))
    return rounds((server,), [[call]], concurrency=EDITORS, cycles=min(cycles, 2), seconds=GUARD, limit=GUARD)


def by_edits(server: Server, *, cycles: int) -> list[Row]:
    """All parts."""
    parts = (by_captions, by_batches, by_flow, by_crowd)
    return [row for part in parts for row in part(server, cycles=cycles)]


def captions(number: int, first: int) -> str:
    """So many captions of a second each."""
    places = range(first, first + number)
    items = [{"start": at * SECOND, "end": (at + 1) * SECOND, "text": f"Caption {at} 字幕"} for at in places]
    return json.dumps(items, ensure_ascii=False)


def captioned(server: Server, number: int) -> str:
    """A draft with one track of so many captions."""
    url = _created(server)
    body = {"draft_url": url, "captions": captions(number, 0)}
    answer = server.service.http.post(f"{server.service.url}{MATE}/add_captions", json=body, timeout=GUARD)
    assert answer.status_code == 200, answer.text
    return url


def _created(server: Server) -> str:
    return str(server.service.create()["draft_url"])


def _call(name: str, verb: str, urls: Sequence[str], **body: Any) -> Call:
    bodies = [json.dumps({"draft_url": url, **body}).encode() for url in urls]
    return Call(name, lambda: (request("POST", f"{MATE}/{verb}", each) for each in bodies))
