"""Strict parsing, the document's shape, and what a round trip keeps."""

from __future__ import annotations

import json
import threading
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafts.document import canonical, skeleton, strict
from drafts.document.canonical import DocumentError

from .builders import SAMPLE_NAMES, sample

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=6)
    | st.sampled_from(['":', ":", '"', '\\":', "\\", ' ":', "a:b"])
)
KEYS = st.sampled_from(["a", "b", ":", '"', '":', "\\", "", "ä"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


class Pairs(list[tuple[str, Any]]):
    """An object whose keys may repeat."""


REPEATING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(KEYS, inner), max_size=4).map(Pairs),
    max_leaves=12,
)


def spelt(value: Any, draw: Any) -> str:
    """JSON text of ``value`` with escapes and blanks chosen at random."""
    if isinstance(value, Pairs):
        blank = draw(st.sampled_from(["", "", " ", "\n", "\t "]))
        return "{" + ",".join(f"{spelt(k, draw)}{blank}:{spelt(v, draw)}" for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + str(draw(st.sampled_from([",", " , "]))).join(spelt(v, draw) for v in value) + "]"
    if isinstance(value, str):
        text: str = json.dumps(value, ensure_ascii=draw(st.booleans()))
        if draw(st.booleans()):
            text = text[0] + text[1:-1].replace(":", "\\u003A").replace('\\"', "\\u0022") + text[-1]
        return text
    return json.dumps(value)


def repeats(value: Any) -> bool:
    if isinstance(value, Pairs):
        keys = [key for key, _ in value]
        return len(set(keys)) < len(keys) or any(repeats(item) for _, item in value)
    return isinstance(value, list) and any(repeats(item) for item in value)


@settings(max_examples=400)
@given(REPEATING, st.data())
def test_a_repeated_key_is_found_in_every_spelling(value: Any, data: Any) -> None:
    text = spelt(value, data.draw).encode()
    if repeats(value):
        with pytest.raises(DocumentError) as caught:
            canonical.loads(text)
        assert caught.value.reason == "duplicate_key"
    else:
        assert canonical.loads(text) == strict._parse_slowly(text, max_depth=64)


@settings(max_examples=300)
@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_a_round_trip_keeps_values_kinds_and_order(value: Any, indent: Any, ascii_only: Any) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    parsed = canonical.loads(text)
    assert json.dumps(parsed) == json.dumps(value)
    assert json.dumps(json.loads(canonical.dumps(parsed))) == json.dumps(value)


@settings(max_examples=300)
@given(st.integers(-(10**25), 10**25), st.sampled_from(["%d", "[%d]", '{"a":%d}', "[1, %d]", "[\n%d\n]"]))
def test_integers_beyond_64_bits_are_refused(number: int, form: str) -> None:
    text = (form % number).encode()
    if strict.MIN_INTEGER <= number <= strict.MAX_INTEGER:
        assert canonical.loads(text) == json.loads(text)
    else:
        with pytest.raises(DocumentError) as caught:
            canonical.loads(text)
        assert caught.value.reason == "number"
        assert str(number) in caught.value.message


@settings(max_examples=300)
@given(st.binary(max_size=30) | st.text('{}[]":,01 .e-\\u', max_size=20).map(str.encode))
def test_any_bytes_give_a_value_or_a_document_error(data: bytes) -> None:
    try:
        value = canonical.loads(data)
    except DocumentError:
        return
    assert orjson.loads(canonical.dumps(value)) == value


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[NaN]", "number"),
        (b"[Infinity]", "number"),
        (b"[-Infinity]", "number"),
        (b"[1e400]", "number"),
        (b"[-1e400]", "number"),
        (b"[18446744073709551616]", "number"),
        (b"[-9223372036854775809]", "number"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"\\udc00x": 1}', "surrogate"),
        (b'{"a":1,"a":1}', "duplicate_key"),
        (b'{"a":1,"\\u0061":1}', "duplicate_key"),
        (b'{"a":"\\"\\u003a","a":"\\"\\u003a"}', "duplicate_key"),
        (b'{"a" :1,"a" :1}', "duplicate_key"),
        (b'["\xff"]', "encoding"),
        (b'["\xed\xa0\x80"]', "encoding"),
        (b"\xef\xbb\xbf{}", "encoding"),
        (b"[" * 65 + b"]" * 65, "too_deep"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        (b"", "damaged"),
        (b"[1,]", "damaged"),
        (b'{"a":1} x', "damaged"),
        (b'["\x01"]', "damaged"),
    ],
)
def test_refusals(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        canonical.loads(data)
    assert caught.value.reason == reason


@pytest.mark.parametrize("data", [b"[9223372036854775808, -9223372036854775808]", b"[18446744073709551615]"])
def test_the_edges_of_64_bits_are_kept(data: bytes) -> None:
    assert canonical.loads(data) == json.loads(data)


def test_depth_is_counted_in_arrays_and_objects() -> None:
    assert canonical.loads(b"[" * 64 + b"]" * 64)
    assert canonical.loads(b"1", max_depth=0) == 1
    with pytest.raises(DocumentError):
        canonical.loads(b"[[]]", max_depth=1)


def test_the_duplicate_key_and_the_place_are_named() -> None:
    with pytest.raises(DocumentError, match='"tracks" occurs twice'):
        canonical.loads(b'{"tracks":[],"tracks":[]}')
    with pytest.raises(DocumentError) as caught:
        canonical.loads('["ä", x]'.encode())
    assert caught.value.place == "byte 7"


def test_long_ids_and_long_fractions_take_the_fast_path() -> None:
    assert not strict._may_round(b'{"resource_id":"67917006632491463810","x":0.12345678901234567890123}')
    assert strict._may_round(b"[12345678901234567890]")


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_the_samples_parse_on_the_fast_path_and_survive(name: str) -> None:
    data = sample(name)
    doc = canonical.parse_document(data)
    assert not strict._may_round(data)
    assert not strict._may_repeat_a_key(data, doc)
    assert json.dumps(json.loads(canonical.dumps(doc))) == json.dumps(json.loads(data))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s01_basic", (1280, 720, 30.0, 10_000_000)),
        ("s02_effects", (1920, 1080, 30.0, 7_000_000)),
        ("s03_capcut_basic", (720, 1280, 30.0, 7_000_000)),
        ("s04_capcutcli", (1080, 1920, 30.0, 12_042_449)),
        ("s05_reference", (1920, 1080, 30.0, 9_000_000)),
    ],
)
def test_facts_of_the_samples(name: str, expected: tuple[int, int, float, int]) -> None:
    doc = canonical.parse_document(sample(name))
    assert canonical.facts(doc) == canonical.DocumentFacts(*expected)
    del doc["duration"], doc["fps"]
    assert canonical.facts(doc) == canonical.DocumentFacts(*expected)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b" \n" + b"QkFTRTY0IGxvb2tpbmcgdGV4dA==" * 20, "encrypted"),
        (b"mzJ0aW5nIHRleHQgb3ZlciA\r\nmzJ0aW5nIHRleHQgb3Zlcg==", "encrypted"),
        (b"[]", "not_object"),
        (b"null", "not_object"),
        (b"12345", "not_object"),
        (b"", "damaged"),
        (b"short", "damaged"),
        (b"<html><body></body></html>", "damaged"),
        (b"\xff\xfe\x00\x01", "encoding"),
        (b"\xef\xbb\xbf{}", "encoding"),
        (b'{"tracks":[', "damaged"),
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b'{"a":NaN}', "number"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "too_deep"),
    ],
)
def test_what_is_no_document(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        canonical.parse_document(data)
    assert caught.value.reason == reason


def test_the_refusal_of_an_encrypted_file_names_the_app() -> None:
    with pytest.raises(DocumentError, match="JianYing 6"):
        canonical.parse_document(b"QkFTRTY0IGxvb2tpbmcgdGV4dA==" * 20)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"tracks": None}, "/tracks"),
        ({"tracks": [1]}, "/tracks/0"),
        ({"tracks": [{"segments": None}]}, "/tracks/0/segments"),
        ({"tracks": [{"segments": [{}, []]}]}, "/tracks/0/segments/1"),
        ({"materials": []}, "/materials"),
        ({"materials": {"a/b": {}}}, "/materials/a~1b"),
        ({"materials": {"videos": [{}, 1]}}, "/materials/videos/1"),
        ({"canvas_config": None}, "/canvas_config"),
        ({"canvas_config": {"width": 0, "height": 1}}, "/canvas_config/width"),
        ({"canvas_config": {"width": 1, "height": 1.5}}, "/canvas_config/height"),
        ({"canvas_config": {"width": 1, "height": True}}, "/canvas_config/height"),
    ],
)
def test_the_minimal_shape(change: dict[str, Any], place: str) -> None:
    doc = {**skeleton.fresh(width=1, height=1), **change}
    with pytest.raises(DocumentError) as caught:
        canonical.parse_document(canonical.dumps(doc))
    assert (caught.value.reason, caught.value.place) == ("unsupported", place)


def test_markers_may_be_missing() -> None:
    doc = {"tracks": [], "materials": {}, "canvas_config": {"width": 2, "height": 1}}
    assert canonical.parse_document(canonical.dumps(doc)) == doc
    assert canonical.facts(doc) == canonical.DocumentFacts(2, 1, 30.0, 0)


@pytest.mark.parametrize(("value", "reason"), [(2**64, "number"), ("\ud800", "surrogate"), (b"x", "unsupported")])
def test_what_cannot_be_written(value: Any, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        canonical.dumps({"a": value})
    assert caught.value.reason == reason


@given(st.binary(max_size=2000))
def test_compression_keeps_bytes_and_states_their_size(data: bytes) -> None:
    packed = canonical.compress(data)
    assert canonical.decompress(packed, limit=len(data)) == data
    if data:
        with pytest.raises(DocumentError):
            canonical.decompress(packed, limit=len(data) - 1)


def test_damaged_frames_are_refused() -> None:
    for data in (b"", b"not a frame", canonical.compress(b"x" * 100)[:-3]):
        with pytest.raises(DocumentError):
            canonical.decompress(data, limit=1000)


def test_compression_in_many_threads() -> None:
    results: list[bool] = []

    def work(seed: int) -> None:
        data = bytes([seed]) * 50_000
        results.append(all(canonical.decompress(canonical.compress(data), limit=50_000) == data for _ in range(50)))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8


def test_sha256() -> None:
    assert canonical.sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
