"""Media and subtitles as people have them, through a real web server: lengths, sizes and texts on the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import films
from tests.edits import SECOND, text
from tests.remote import Remote, remote_host
from tests.support import MATE
from tests.web import Web, running

pytestmark = pytest.mark.ffmpeg
HOURS_3 = 10_800 * SECOND
SRT = (
    "\ufeff1\r\n00:00:01,000 --> 00:00:03,500\r\n<i>Hello</i> <font color='red'>世界</font>\r\nsecond line\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:05,000\r\n{\\an8}<b>Overlap</b> 🎬\r\n\r\n"
    "3\r\n02:59:59,900 --> 03:00:00,000\r\n1 < 2 & 3\r\n"
)


@pytest.fixture(scope="module")
def remote() -> Iterator[Remote]:
    """A media host."""
    with remote_host() as host:
        yield host


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, remote: Remote) -> Iterator[Web]:
    """A server that may fetch from it."""
    with running(tmp_path_factory.mktemp("web"), OUTBOUND_ALLOWED_HOSTS=remote.host) as web:
        yield web


class Draft:
    """A draft of 1920 x 1080 on the server."""

    def __init__(self, web: Web) -> None:
        self.web = web
        made = requests.post(f"{web.url}{MATE}/create_draft", json={}, timeout=20).json()
        self.url, self.path = made["draft_url"], f"{web.url}/api/v1/drafts/{made['draft_id']}"

    def call(self, verb: str, **body: Any) -> dict[str, Any]:
        """The reply to a call that succeeds."""
        answer = requests.post(f"{self.web.url}{MATE}/{verb}", json={"draft_url": self.url, **body}, timeout=60)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def edit(self, **operation: Any) -> dict[str, Any]:
        """What one operation of our own did."""
        answer = requests.post(f"{self.path}/edits", json={"operations": [operation]}, timeout=60)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["results"][0])

    def content(self) -> dict[str, Any]:
        """The document, in which no rule is broken."""
        assert requests.get(f"{self.path}/integrity", timeout=20).json() == {"findings": []}
        return dict(requests.get(f"{self.path}/content", timeout=20).json())


@pytest.fixture
def draft(web: Web) -> Draft:
    """A fresh one."""
    return Draft(web)


def test_a_film_of_three_hours(draft: Draft, remote: Remote, tmp_path: Path) -> None:
    black = ("-f", "lavfi", "-i", "color=black:s=16x16:r=1:d=10800", "-preset", "ultrafast")
    url = remote.serve("/long.mp4", films.ffmpeg(tmp_path / "long.mp4", *black))
    whole = draft.call("add_videos", video_infos=text({"video_url": url, "start": 0, "end": HOURS_3}))
    assert [(info["start"], info["end"]) for info in whole["segment_infos"]] == [(0, HOURS_3)]
    beyond = draft.call("add_videos", video_infos=text({"video_url": url, "start": SECOND, "end": 2 * HOURS_3}))
    assert [(info["start"], info["end"]) for info in beyond["segment_infos"]] == [(SECOND, SECOND + HOURS_3)]
    content = draft.content()
    assert content["duration"] == SECOND + HOURS_3
    assert {(item["duration"], item["width"], item["height"]) for item in content["materials"]["videos"]} == {
        (HOURS_3, 16, 16)
    }


@pytest.mark.parametrize("header", [("-write_xing", "1"), ("-write_xing", "0", "-id3v2_version", "0")])
def test_an_mp3_of_variable_bit_rate(draft: Draft, remote: Remote, tmp_path: Path, header: tuple[str, ...]) -> None:
    sound = films.tone(tmp_path / "a.mp3", "-c:a", "libmp3lame", "-q:a", "4", *header, seconds=20)
    url = remote.serve(f"/{len(header)}.mp3", sound)
    draft.call("add_audios", audio_infos=text({"audio_url": url, "start": 0, "end": 60 * SECOND}))
    content = draft.content()
    [material] = content["materials"]["audios"]
    assert 20 * SECOND <= material["duration"] <= 20_060_000
    assert content["duration"] == material["duration"]


@pytest.mark.parametrize(("turn", "size"), [(90, (48, 64)), (180, (64, 48)), (270, (48, 64))])
def test_a_phone_film_of_variable_rate_that_was_held_upright(
    draft: Draft, remote: Remote, tmp_path: Path, turn: int, size: tuple[int, int]
) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=d=3:s=64x48:r=30", "-vf", "select='not(mod(n,1+mod(n,3)))'")
    flat = films.ffmpeg(tmp_path / "flat.mp4", *picture, "-vsync", "vfr", "-pix_fmt", "yuv420p")
    url = remote.serve(f"/{turn}.mp4", films.turned(flat, clockwise=turn))
    draft.call("add_videos", video_infos=text({"video_url": url, "start": 0, "end": 9 * SECOND}))
    content = draft.content()
    [material] = content["materials"]["videos"]
    assert (material["width"], material["height"]) == size
    assert 2_900_000 <= material["duration"] <= 3_034_000
    assert content["duration"] == material["duration"]


def test_srt_with_mark_crlf_overlap_and_tags(draft: Draft) -> None:
    done = draft.edit(op="import_subtitles", text=SRT)
    assert [(item["start"], item["end"]) for item in done["segments"]] == [
        (SECOND, 3_500_000),
        (3 * SECOND, 5 * SECOND),
        (HOURS_3 - 100_000, HOURS_3),
    ]
    assert len(done["track_ids"]) == 2
    content = draft.content()
    assert content["duration"] == HOURS_3
    outline = requests.get(f"{draft.path}/timeline", timeout=20).json()
    said = [segment["text"] for track in outline["tracks"] for segment in track["segments"]]
    assert sorted(said) == sorted(["Hello 世界\nsecond line", "Overlap 🎬", "1 < 2 & 3"])
