"""Many clients that edit one draft at once, on several processes: all edits are there, none is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.edits import SECOND, media_host, text
from tests.harness import service
from tests.support import MATE

CLIENTS = 20


@pytest.mark.parametrize("turns", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_twenty_clients_edit_one_draft_at_once(tmp_path: Path, turns: int) -> None:
    """A caption, an image and a keyframe on that image from each client, so many times over."""
    with media_host() as host:
        allowed = {"OUTBOUND_ALLOWED_HOSTS": host.host, "WEB_WORKERS": "2"}
        with service(tmp_path, **allowed) as running:
            made = running.create(width=1280, height=720)

            def call(session: requests.Session, verb: str, **body: Any) -> dict[str, Any]:
                answer = session.post(f"{running.url}{MATE}/{verb}", json={"draft_url": made["draft_url"], **body})
                assert answer.status_code == 200, answer.text
                return dict(answer.json())

            def client(number: int) -> list[dict[str, Any]]:
                replies = []
                with requests.Session() as session:
                    for turn in range(turns):
                        caption = {"start": 0, "end": SECOND, "text": f"{number} {turn}"}
                        replies.append(call(session, "add_captions", captions=text(caption)))
                        picture = {"image_url": host.url("/wide.jpg"), "start": 0, "end": SECOND}
                        replies.append(call(session, "add_images", image_infos=text(picture)))
                        [segment] = replies[-1]["segment_ids"]
                        key = {"segment_id": segment, "property": "KFTypeAlpha", "offset": 0, "value": 0.5}
                        assert call(session, "add_keyframes", keyframes=text(key))["keyframes_added"] == 1
                return replies

            with ThreadPoolExecutor(CLIENTS) as pool:
                replies = [reply for found in pool.map(client, range(CLIENTS)) for reply in found]
            draft = requests.get(f"{running.url}/api/v1/drafts/{made['draft_id']}", timeout=30).json()
            content = requests.get(f"{running.url}/api/v1/drafts/{made['draft_id']}/content", timeout=30).json()
            found = requests.get(f"{running.url}/api/v1/drafts/{made['draft_id']}/integrity", timeout=30).json()
    tracks = {track["id"]: track for track in content["tracks"]}
    assert draft["revision"] == 1 + CLIENTS * turns * 3
    assert len(replies) == CLIENTS * turns * 2
    assert len(tracks) == 1 + len(replies)
    assert [tracks[reply["track_id"]]["segments"][0]["id"] for reply in replies] == [
        reply["segment_ids"][0] for reply in replies
    ]
    keyed = [segment for track in tracks.values() for segment in track["segments"] if segment["common_keyframes"]]
    assert len(keyed) == CLIENTS * turns
    said = {material["content"].partition('"text"')[2] for material in content["materials"]["texts"]}
    assert len(said) == CLIENTS * turns
    layers = [track["segments"][0]["render_index"] for track in content["tracks"] if track["segments"]]
    assert sorted(layers) == list(range(1, len(replies) + 1))
    assert found["findings"] == []
