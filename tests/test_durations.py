"""``get_audio_duration`` and ``audio_timelines``: lengths of what lies behind URLs (contract 7.22, 7.23)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drafts.core.models import Blob
from tests import films
from tests.refusals import refused
from tests.remote import Remote, remote_host
from tests.support import MATE, MEDIA, Api


@pytest.fixture
def remote(settings: Any) -> Iterator[Remote]:
    """An allowed host."""
    with remote_host() as host:
        settings.OUTBOUND_ALLOWED_HOSTS = [host.host]
        yield host


def duration(api: Api, url: Any) -> Any:
    """``get_audio_duration``."""
    return api.post(f"{MATE}/get_audio_duration", {"mp3_url": url})


def timelines(api: Api, links: Any) -> Any:
    """``audio_timelines``."""
    return api.post(f"{MATE}/audio_timelines", {"links": links})


@pytest.mark.ffmpeg
def test_a_length_is_told_and_nothing_is_stored(api: Api, remote: Remote, tmp_path: Path) -> None:
    vbr = films.tone(tmp_path / "a.mp3", "-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0", seconds=5)
    wav = films.tone(tmp_path / "a.wav", seconds=1.5)
    assert 5_000_000 <= duration(api, remote.serve("/a.mp3", vbr)).json()["duration"] <= 5_060_000
    assert duration(api, remote.serve("/a.wav", wav)).json() == {"code": 0, "message": "Success", "duration": 1_500_000}
    sample = duration(api, remote.serve("/music.mp3", (MEDIA / "music.mp3").read_bytes())).json()["duration"]
    answer = timelines(api, [remote.url("/a.wav"), remote.url("/music.mp3"), remote.url("/a.wav")])
    assert answer.json()["timelines"] == [
        {"start": 0, "end": 1_500_000},
        {"start": 1_500_000, "end": 1_500_000 + sample},
        {"start": 1_500_000 + sample, "end": 3_000_000 + sample},
    ]
    assert answer.json()["all_timelines"] == [{"start": 0, "end": 3_000_000 + sample}]
    assert Blob.objects.count() == 0


def test_no_links_make_no_timelines(api: Api) -> None:
    assert timelines(api, []).json() == {
        "code": 0,
        "message": "Success",
        "timelines": [],
        "all_timelines": [{"start": 0, "end": 0}],
    }


def test_a_picture_has_no_length(api: Api, remote: Remote) -> None:
    url = remote.serve("/a.jpg", films.jpeg(40, 30))
    answer = timelines(api, [url])
    refused(answer, 422, 2034)
    assert answer.json()["detail"] == f"links[0]: {url} is a picture, not audio or a video"
    refused(duration(api, remote.serve("/page.mp3", b"<html></html>")), 422, 2034)


def test_what_is_no_url_or_not_reached_is_refused_by_item(api: Api, remote: Remote) -> None:
    for value, rule in ((None, "null"), (5, "invalid"), ("", "blank"), ("ftp://example.org/a.mp3", "scheme")):
        answer = duration(api, value)
        refused(answer, 400, 1001)
        assert answer.json()["errors"][0] | {"text": ""} == {"field": "mp3_url", "rule": rule, "text": ""}
    refused(timelines(api, "nothing"), 400, 1001)
    answer = timelines(api, [remote.serve("/a", b"x"), remote.url("/missing")])
    assert answer.json()["code"] in {2005, 2034}
    inside = duration(api, "http://169.254.169.254/latest/meta-data/")
    refused(inside, 400, 2005)
    assert "OUTBOUND_ALLOWED_HOSTS" in inside.json()["detail"]
    zh = api.post(f"{MATE}/get_audio_duration", {"mp3_url": remote.url("/missing")}, **{"Accept-Language": "zh"})
    assert zh.json()["detail"] == f"mp3_url：{remote.url('/missing')} 返回状态码 404"


def test_too_large_says_which_setting(api: Api, remote: Remote, settings: Any) -> None:
    settings.DOWNLOAD_FILE_SIZE_LIMIT = 10
    answer = duration(api, remote.serve("/a.mp3", b"x" * 11))
    refused(answer, 413, 2004)
    assert "DOWNLOAD_FILE_SIZE_LIMIT" in answer.json()["detail"]


def test_without_ffmpeg_the_answer_says_what_to_install(
    api: Api, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    answer = duration(api, remote.serve("/music.mp3", (MEDIA / "music.mp3").read_bytes()))
    refused(answer, 501, 3009)
    assert "apt install ffmpeg" in answer.json()["hint"]
