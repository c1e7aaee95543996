"""Token and reference forms, safe names, kinds."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drafts.document import kinds, paths
from drafts.document.paths import TOKEN, PathError

from .builders import DRAFT_ID

UUID_FORM = "20261121-0143-44a1-b2c3-d4e5f6a7b8c9"
IDS = st.from_regex(r"[0-9A-Za-z]{20,32}", fullmatch=True) | st.uuids().map(str)
PIECES = st.sampled_from([TOKEN, '"', "/", "\\/", "assets", "/app/output/draft", DRAFT_ID, "x", "##", '":"'])


@given(st.lists(PIECES, max_size=12), IDS)
def test_tokenise_undoes_deliver(pieces: list[str], draft_id: str) -> None:
    data = f'"{TOKEN}/a"{"".join(pieces)}"{TOKEN}"'.encode()
    assume(paths.reference_prefix(draft_id).encode() not in data)
    delivered = paths.deliver(data, draft_id=draft_id)
    assert TOKEN.encode() not in delivered
    again = paths.tokenise(delivered, draft_id=draft_id)
    assert paths.deliver(again, draft_id=draft_id) == delivered
    if all(not data.split(TOKEN.encode())[n][:1].strip(b'/"') for n in range(1, data.count(TOKEN.encode()) + 1)):
        assert again == data


@pytest.mark.parametrize("written", [DRAFT_ID, UUID_FORM])
@pytest.mark.parametrize("known", [DRAFT_ID, UUID_FORM])
def test_both_spellings_of_an_id_are_taken(written: str, known: str) -> None:
    data = f'{{"path":"/app/output/draft/{written}/assets/a.mp4","b":"/app/output/draft/{written}"}}'.encode()
    expected = f'{{"path":"{TOKEN}/assets/a.mp4","b":"{TOKEN}"}}'.encode()
    assert paths.tokenise(data, draft_id=known) == expected


def test_escaped_slashes_are_taken() -> None:
    data = f'"\\/app\\/output\\/draft\\/{DRAFT_ID}\\/assets\\/a.mp4"'.encode()
    assert paths.tokenise(data, draft_id=DRAFT_ID) == f'"{TOKEN}\\/assets\\/a.mp4"'.encode()


@given(IDS, st.text("0123456789abcdefABC-_.x", min_size=1, max_size=5))
def test_a_longer_id_is_left_alone(draft_id: str, more: str) -> None:
    data = f'"/app/output/draft/{draft_id}{more}/a" "\\/app\\/output\\/draft\\/{draft_id}{more}"'.encode()
    assert paths.tokenise(data, draft_id=draft_id) == data


def test_other_drafts_are_left_alone() -> None:
    data = b'"/app/output/draft/20260101000000ffffffffffffffffff/a.mp4"'
    assert paths.tokenise(data, draft_id=DRAFT_ID) == data


@pytest.mark.parametrize("draft_id", ["", 'a"b', "a/b", "a b", "ä"])
def test_an_id_that_would_break_the_document_is_refused(draft_id: str) -> None:
    with pytest.raises(PathError):
        paths.deliver(b"", draft_id=draft_id)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{TOKEN}/assets/a.mp4", "assets/a.mp4"),
        (f"{TOKEN}\\assets\\a.mp4", "assets/a.mp4"),
        (f"{TOKEN}/", None),
        (TOKEN, None),
        (f"{TOKEN}x/a.mp4", None),
        ("/app/output/draft/anyid/assets/a.mp4", "assets/a.mp4"),
        (f"/app/output/draft/{UUID_FORM}/a.mp4", "a.mp4"),
        ("/app/output/draft/anyid/", None),
        ("https://example.com/a.mp4", None),
        ("C:\\a.mp4", None),
        ("", None),
    ],
)
def test_relative(path: str, expected: str | None) -> None:
    assert paths.relative(path) == expected


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("", "empty"),
        ("/a", "absolute"),
        ("a\\b", "backslash"),
        ("a\x00", "control"),
        ("a\n", "control"),
        ("../a", "dots"),
        ("a/./b", "dots"),
        ("a//b", "empty_segment"),
        ("a/", "empty_segment"),
        ("C:/a", "drive"),
        ("a b", "characters"),
        ("ä.mp4", "characters"),
        ("a%20b", "characters"),
        ("con", "windows_name"),
        ("a/NUL.txt", "windows_name"),
        ("com1.tar.gz", "windows_name"),
        ("a./b", "trailing_dot"),
        ("...", "trailing_dot"),
        ("a" * 201, "too_long"),
        ("/".join("a" * 9), "too_deep"),
        ("draft_content.json", "reserved"),
        ("Draft_Info.json", "reserved"),
        ("draft_meta_info.json", "reserved"),
        ("draft_agency_config.json", "reserved"),
        ("attachment_pc_common.json", "reserved"),
        ("template-2.tmp", "reserved"),
        ("root_meta_info.json", "reserved"),
        ("Timelines/x/draft_info.json", "reserved"),
        ("timelines", "reserved"),
        ("assets/.tmp-123", "temporary"),
    ],
)
def test_refused_paths(path: str, rule: str) -> None:
    with pytest.raises(PathError) as caught:
        paths.check_path(path)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    "path", ["assets/videos/x.mp4", "template.tmp", "a~1/B_2-c.json", "sub/draft_info.json", "a" * 200]
)
def test_good_paths_are_accepted_and_kept(path: str) -> None:
    paths.check_path(path)
    if len(path) < 120:
        assert paths.safe_name(path) == path


NAMES = st.text(max_size=40) | st.from_regex(r"[A-Za-z .äß中/\\:%-]{1,30}(\.mp4)?", fullmatch=True)


@settings(max_examples=500)
@given(NAMES)
def test_a_safe_name_may_be_stored_and_is_stable(name: str) -> None:
    safe = paths.safe_name(name)
    assert paths.safe_name(name) == safe
    assert paths.safe_name(safe) == safe
    if safe.partition("/")[0].lower() not in paths.RESERVED_NAMES:
        paths.check_path(safe)


@settings(max_examples=300)
@given(st.lists(st.text("aAä .%中:?", min_size=1, max_size=6), min_size=2, max_size=6, unique=True))
def test_different_names_stay_different(names: list[str]) -> None:
    changed = [name for name in names if paths.safe_name(name) != name]
    assert len({paths.safe_name(name).lower() for name in changed if name.strip(".")}) == len(
        [name for name in changed if name.strip(".")]
    )


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("assets/我的 视频.mp4", "assets/_-", ".mp4"),
        ("a b.MP4", "a_b-", ".MP4"),
        ("CON.mp4", "_CON-", ".mp4"),
        (".hidden.mp4", "hidden-", ".mp4"),
        ("trailing.", "trailing.-", ""),
        ("x" * 300 + ".mp4", "x" * 40 + "-", ".mp4"),
        ("/".join(["d"] * 12) + "/x.mp4", "d/d/d/d/d/d/d/x-", ".mp4"),
        ("../../etc/passwd", "_-", "/etc/passwd"),
    ],
)
def test_safe_names(name: str, start: str, end: str) -> None:
    safe = paths.safe_name(name)
    assert safe.startswith(start)
    assert safe.endswith(end)
    paths.check_path(safe)


@pytest.mark.parametrize(
    ("path", "kind", "media_type"),
    [
        ("draft_content.json", "config", "application/json"),
        ("assets/videos/x.MP4", "video", "video/mp4"),
        ("assets/audios/x.mp3", "audio", "audio/mpeg"),
        ("assets/images/cover.jpg", "image", "image/jpeg"),
        ("draft_cover.jpg", "thumbnail", "image/jpeg"),
        ("my_thumb.png", "thumbnail", "image/png"),
        ("cover.mp4", "video", "video/mp4"),
        ("a.srt", "subtitle", "text/plain; charset=utf-8"),
        ("template.tmp", "temporary", "application/octet-stream"),
        ("assets/x", "other", "application/octet-stream"),
        (".mp4", "other", "application/octet-stream"),
        ("fonts/a.ttf", "other", "font/ttf"),
    ],
)
def test_kinds(path: str, kind: str, media_type: str) -> None:
    assert (kinds.kind_of(path), kinds.media_type_of(path)) == (kind, media_type)
