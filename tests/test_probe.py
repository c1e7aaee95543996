"""What media are, told by their bytes: kinds, lengths, sizes, and what is refused with which words."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafts.media import child
from drafts.media.probe import Facts, _rotation, probe
from drafts.media.sniff import Unfit, sniff
from tests import films
from tests.support import MEDIA

ffmpeg = pytest.mark.ffmpeg


def facts(data: bytes) -> Facts:
    """What the bytes are."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return probe(file)  # type: ignore[arg-type]  # any readable will do


def refusal(data: bytes) -> str:
    """Why the bytes are refused."""
    with pytest.raises(Unfit) as caught:
        facts(data)
    assert caught.value.reason.zh != caught.value.reason.en
    return caught.value.reason.en


DAMAGED = "is damaged or cut off"
ZIP = b"PK\x03\x04\x14\0\0\0" + b"\0" * 100
HTML = b"\xef\xbb\xbf\r\n<!DOCTYPE html><html><body>404</body></html>"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (ZIP, "is a ZIP archive, not media"),
        (HTML, "is a web page, not media"),
        (b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "is a web page, not media"),
        (SVG, "is an SVG drawing, which editors cannot place; send a PNG"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\nfile:///etc/passwd\n", "is a playlist, not media"),
        (b'{"error": "not found"}', "is text, not media"),
        ("视频不存在".encode(), "is text, not media"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is a HEIC or AVIF picture; send a JPEG or PNG"),
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3\0", "is not a kind of media that this server knows"),
        (b"MZ\x90\0" + b"\0" * 100, "is not a kind of media that this server knows"),
        (b"\x7fELF" + b"\0" * 100, "is not a kind of media that this server knows"),
        (films.png(10_000, 10_000), "has 10000 x 10000 pixels, more than 64000000 (MAX_IMAGE_PIXELS)"),
        (films.png(40, 30)[:-20], DAMAGED),
        (films.png(40, 30)[:20], DAMAGED),
        (films.png(0, 30), DAMAGED),
        (films.jpeg(40, 30)[:-2], DAMAGED),
        (films.jpeg(40, 30)[:30], DAMAGED),
        (films.webp(40, 30)[:-1], DAMAGED),
        (films.bmp(40, 30)[:-1], DAMAGED),
    ],
)
def test_what_is_no_picture_is_refused_with_its_own_words(data: bytes, said: str) -> None:
    assert refusal(data) == said


@pytest.mark.parametrize(
    ("data", "extension", "size"),
    [
        (films.png(8000, 8000), ".png", (8000, 8000, 0)),
        (films.png(3, 70_000), ".png", (3, 70_000, 0)),
        (films.jpeg(4000, 3000), ".jpg", (4000, 3000, 0)),
        (films.jpeg(4000, 3000, orientation=3), ".jpg", (4000, 3000, 180)),
        (films.jpeg(4000, 3000, orientation=6), ".jpg", (3000, 4000, 90)),
        (films.jpeg(4000, 3000, orientation=8), ".jpg", (3000, 4000, 270)),
        (films.bmp(41, 30), ".bmp", (41, 30, 0)),
        (films.webp(1234, 567), ".webp", (1234, 567, 0)),
    ],
)
def test_a_picture_needs_no_tool(
    data: bytes, extension: str, size: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = facts(data)
    assert (found.kind, found.extension, found.duration) == ("image", extension, 0)
    assert (found.width, found.height, found.rotation) == size


def test_without_ffmpeg_a_film_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(child.NoFfmpeg) as caught:
        facts(b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90\0" * 100)
    assert caught.value.hint is not None
    assert "apt install ffmpeg" in caught.value.hint.en
    assert (caught.value.status, caught.value.code) == (501, 3009)


@given(st.binary(max_size=600), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"BM", b"<"]))
def test_no_bytes_confuse_the_reader(tail: bytes, start: bytes) -> None:
    data = start + tail
    try:
        found = sniff(io.BytesIO(data))
    except Unfit:
        return
    if not found.demuxer:
        with contextlib.suppress(Unfit):
            assert facts(data).kind == "image"


@ffmpeg
def test_films_of_every_container(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mov", "a.mkv", "a.ts", "a.avi", "a.flv"):
        found = facts(films.film(tmp_path / name, seconds=2))
        assert (found.kind, found.extension) == ("video", Path(name).suffix)
        assert (found.width, found.height, found.rotation, found.has_audio) == (64, 48, 0, True)
        assert abs(found.duration - 2_000_000) <= 100_000, (name, found)
        assert found.fps in {10.0, 90000.0} or name == "a.flv"
    webm = facts(films.ffmpeg(tmp_path / "a.webm", "-f", "lavfi", "-i", "testsrc=d=1:s=64x48:r=10", "-c:v", "libvpx"))
    assert (webm.kind, webm.extension, webm.duration, webm.has_audio) == ("video", ".webm", 1_000_000, False)
    assert facts(films.film(tmp_path / "b.mp4", seconds=1.5, sound=False)).duration == 1_500_000


@ffmpeg
def test_a_gif_that_moves_is_a_video_and_one_that_does_not_is_a_picture(tmp_path: Path) -> None:
    moving = facts(films.film(tmp_path / "a.gif", seconds=2, sound=False))
    assert (moving.kind, moving.extension, moving.duration) == ("video", ".gif", 2_000_000)
    still = facts(films.film(tmp_path / "b.gif", seconds=0.1, sound=False))
    assert (still.kind, still.extension, still.duration, still.width) == ("image", ".gif", 0, 64)


@ffmpeg
def test_sounds_of_every_kind(tmp_path: Path) -> None:
    for name, extension in {
        "a.mp3": ".mp3",
        "a.m4a": ".m4a",
        "a.mp4": ".m4a",
        "a.wav": ".wav",
        "a.flac": ".flac",
        "a.ogg": ".ogg",
        "a.aac": ".aac",
    }.items():
        found = facts(films.tone(tmp_path / name, seconds=3))
        assert (found.kind, found.extension, found.has_audio) == ("audio", extension, True)
        assert (found.width, found.height) == (0, 0)
        assert 2_999_000 <= found.duration <= 3_100_000, (name, found)


@ffmpeg
def test_a_variable_bit_rate_mp3_has_its_real_length_with_and_without_a_header(tmp_path: Path) -> None:
    vbr = ("-c:a", "libmp3lame", "-q:a", "4")
    told = facts(films.tone(tmp_path / "a.mp3", *vbr, seconds=20))
    silent = facts(films.tone(tmp_path / "b.mp3", *vbr, "-write_xing", "0", "-id3v2_version", "0", seconds=20))
    assert 20_000_000 <= told.duration <= 20_060_000
    assert 20_000_000 <= silent.duration <= 20_060_000


@ffmpeg
def test_an_album_cover_does_not_make_a_sound_a_film(tmp_path: Path) -> None:
    films.tone(tmp_path / "a.mp3", seconds=1)
    (tmp_path / "c.png").write_bytes(films.png(50, 50))
    source = ("-i", str(tmp_path / "a.mp3"), "-i", str(tmp_path / "c.png"), "-map", "0", "-map", "1")
    data = films.ffmpeg(tmp_path / "b.mp3", *source, "-c:a", "copy", "-c:v", "png", "-disposition:v", "attached_pic")
    assert facts(data).kind == "audio"


@ffmpeg
def test_a_film_of_three_hours(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "color=black:s=16x16:r=1:d=10800")
    found = facts(films.ffmpeg(tmp_path / "a.mp4", *picture, "-preset", "ultrafast"))
    assert (found.duration, found.width, found.height) == (10_800_000_000, 16, 16)


@ffmpeg
def test_a_phone_film_with_a_variable_rate_and_a_turn(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=d=3:s=64x48:r=30", "-vf", "select='not(mod(n,1+mod(n,3)))'")
    data = films.ffmpeg(tmp_path / "flat.mp4", *picture, "-vsync", "vfr", "-pix_fmt", "yuv420p")
    for turn, size in {90: (48, 64), 180: (64, 48), 270: (48, 64)}.items():
        found = facts(films.turned(data, clockwise=turn))
        assert (found.width, found.height, found.rotation) == (*size, turn)
        assert 2_900_000 <= found.duration <= 3_034_000
        assert 10 < found.fps < 30


@ffmpeg
def test_a_film_that_was_cut_off_is_refused_wherever_its_index_is(tmp_path: Path) -> None:
    at_end = films.film(tmp_path / "a.mp4", seconds=2)
    copied = ("-i", str(tmp_path / "a.mp4"), "-c", "copy")
    at_start = films.ffmpeg(tmp_path / "b.mp4", *copied, "-movflags", "faststart")
    others = [films.ffmpeg(tmp_path / name, *copied) for name in ("a.mkv", "a.avi")]
    assert facts(at_start).duration == 2_000_000
    for data in (at_end, at_start, *others):
        assert refusal(data[: len(data) * 2 // 3]) == DAMAGED
    wav = films.tone(tmp_path / "a.wav", seconds=1)
    assert refusal(wav[: len(wav) // 2]) == DAMAGED


@ffmpeg
def test_what_only_begins_like_media_is_refused(tmp_path: Path) -> None:
    for start in (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", b"fLaC\0\0\0\x22", b"OggS\0\2", b"GIF89a\1\0\1\0", b"ID3\3\0"):
        said = refusal(start + b"\0" * 400)
        assert said in {
            DAMAGED,
            "has neither picture nor sound",
            "has no length: it is damaged, cut off or has no frames",
        }


@ffmpeg
def test_the_time_and_the_memory_of_a_probe_are_limited(tmp_path: Path, settings: Any) -> None:
    data = films.film(tmp_path / "a.mp4", seconds=1)
    settings.PROBE_MEMORY = 8 * 1024 * 1024
    assert refusal(data) == DAMAGED
    settings.PROBE_MEMORY, settings.PROBE_SECONDS = 1 << 30, 0.001
    assert refusal(data) == DAMAGED


@ffmpeg
def test_a_frame_too_large_is_refused_by_name(tmp_path: Path, settings: Any) -> None:
    settings.MAX_IMAGE_PIXELS = 3000
    assert refusal(films.film(tmp_path / "a.mp4", seconds=1)) == "has 64 x 48 pixels, more than 3000 (MAX_IMAGE_PIXELS)"


@ffmpeg
def test_the_sample_media_are_what_they_are() -> None:
    for path in sorted(MEDIA.iterdir()):
        with path.open("rb") as file:
            found = probe(file)
        assert found.extension in {path.suffix, path.suffix.replace("jpeg", "jpg")}


@pytest.mark.parametrize(
    ("film", "turn"),
    [
        ({}, 0),
        ({"tags": {"rotate": "90"}}, 90),
        ({"tags": {"rotate": "90.0"}}, 90),
        ({"tags": {"rotate": "a quarter"}}, 0),
        ({"tags": {"rotate": "nan"}}, 0),
        ({"side_data_list": [{"rotation": -90}], "tags": {"rotate": "180"}}, 90),
    ],
)
def test_turns_are_read_where_they_can_be(film: dict[str, Any], turn: int) -> None:
    assert _rotation(film) == turn
