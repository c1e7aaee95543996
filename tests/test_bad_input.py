"""Bad input at every door: a problem object that names the rule, nothing written, nothing left behind."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from drafts.document import skeleton
from drafts.models import Draft
from tests.refusals import refused, remains
from tests.support import MATE, Api

DRAFTS = "/api/v1/drafts"
ID = "202611210341125f0c1d2e3a4b5c6d7e"
BASE64 = (
    b'--x\r\nContent-Disposition: form-data; name="archive"; filename="a"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--x--"
)
FRESH = json.dumps(skeleton.fresh(width=1280, height=720)).encode()


@pytest.fixture(autouse=True)
def _nothing_left(api: Api, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Every test of this file ends with the rows, objects and temporary files that it began with."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    Draft.objects.create(id=ID, width=1, height=1)
    before = remains()
    yield
    assert remains() == before
    assert Draft.objects.get(pk=ID).revision == 1


def post(api: Api, path: str, data: bytes, **headers: str) -> Any:
    """POST raw JSON bytes."""
    return api.client.post(path, data, "application/json", headers=headers)


def put_document(api: Api, data: bytes) -> Any:
    """PUT a document, whatever the revision."""
    return api.put_content(ID, data)


def with_value(value: bytes) -> bytes:
    """A draft document that holds the JSON text ``value``."""
    return FRESH[:-1] + b', "own": ' + value + b"}"


JSON_DOORS = [
    *[f"{MATE}/create_draft", f"{MATE}/save_draft", DRAFTS, f"{DRAFTS}/{ID}/save", f"{DRAFTS}/{ID}/copy"],
    f"{DRAFTS}/{ID}/versions/1/restore",
]
VALUES = [
    *[(b"NaN", "number"), (b"Infinity", "number"), (b"-Infinity", "number"), (b"1e400", "number")],
    *[(b"18446744073709551616", "number"), (b"-9223372036854775809", "number"), (b"9" * 100_000, "number")],
    *[(b"1e" + b"9" * 50, "number"), (b'"\\ud800"', "surrogate"), (b'"\\udc00x"', "surrogate")],
    *[
        (b'"\\ud800\\ud800"', "surrogate"),
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b'{"a":1,"\\u0061":2}', "duplicate_key"),
    ],
    *[(b'"\xff"', "encoding"), (b'"\xed\xa0\x80"', "encoding"), (b'"\xc0\xaf"', "encoding")],
    *[(b"[" * 100_000, "too_deep"), (b'{"a":' * 100_000, "too_deep"), (b"[" * 65 + b"]" * 65, "too_deep")],
]
BROKEN = [
    b"{",
    b'{"width": 5',
    b'{"width": 5}x',
    b"{'width': 5}",
    b"{width: 5}",
    b'{"a" 1}',
    b"\0",
    b'{"a": "\n"}',
    b"{}{}",
]


@pytest.mark.parametrize("door", JSON_DOORS)
@pytest.mark.parametrize(("value", "rule"), VALUES, ids=range(len(VALUES)))
def test_json_that_could_not_be_kept_exactly_is_refused(api: Api, door: str, value: bytes, rule: str) -> None:
    problem = refused(post(api, door, b'{"x": ' + value + b"}"), 400, 1001, rule=rule)
    assert problem["errors"][0]["field"] == "body"


@pytest.mark.parametrize("door", JSON_DOORS)
def test_what_is_no_json_object_is_refused(api: Api, door: str) -> None:
    for body in BROKEN:
        refused(post(api, door, body), 400, 1001, rule="damaged")
    for body in (b"[]", b'"x"', b"5", b"null", b"true"):
        refused(post(api, door, body), 400, 1001, "The body must be a JSON object", rule="object")
    refused(post(api, door, b"\xef\xbb\xbf{}"), 400, 1001, rule="encoding")
    refused(post(api, door, b"\xff\xfe{\0}\0"), 400, 1001, rule="encoding")


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_document_that_could_not_be_kept_exactly_is_refused(api: Api, value: tuple[bytes, str]) -> None:
    refused(put_document(api, with_value(value[0])), 400, 1001, rule=value[1])


@pytest.mark.parametrize(
    ("data", "status", "code", "place"),
    [
        (b" ", 422, 3005, ""),
        (FRESH[: len(FRESH) // 2], 422, 3005, ""),
        (b"[]", 422, 3005, ""),
        (b"5", 422, 3005, ""),
        (b"\0\1\2\3binary", 422, 3005, ""),
        (b"aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=" * 40, 422, 3004, ""),
        (b"{}", 422, 3005, "/tracks"),
        (b'{"tracks": [5], "materials": {}, "canvas_config": {}}', 422, 3005, "/tracks/0"),
        (b'{"tracks": [], "materials": {"videos": 5}, "canvas_config": {}}', 422, 3005, "/materials/videos"),
        (b'{"tracks": [], "materials": {}, "canvas_config": {"width": 0, "height": 1}}', 422, 3005, "width"),
        (b'{"tracks": [], "materials": {}, "canvas_config": {"width": 1, "height": "1"}}', 422, 3005, "height"),
    ],
)
def test_an_encrypted_or_damaged_document_has_a_code_of_its_own(
    api: Api, data: bytes, status: int, code: int, place: str
) -> None:
    problem = refused(put_document(api, data), status, code)
    assert place in problem["hint"]
    sentence = "The document is encrypted" if code == 3004 else "The document is damaged or unsupported"
    assert problem["detail"] == sentence


@pytest.mark.parametrize("side", ["width", "height"])
def test_a_document_s_canvas_is_held_to_the_limit(api: Api, side: str) -> None:
    made = skeleton.fresh(width=1280, height=720)
    made["canvas_config"][side] = 32769
    problem = refused(put_document(api, json.dumps(made).encode()), 400, 1001, rule="max_value")
    assert "32768" in problem["detail"]
    assert "MAX_CANVAS_SIDE" in problem["detail"]


def test_numbers_at_the_edge_of_64_bits_are_kept(api: Api) -> None:
    draft_id = api.create()["draft_id"]
    for value in (b"18446744073709551615", b"-9223372036854775808", b"1e308", b'"\\ud83d\\ude00"'):
        data = with_value(value)
        assert api.put_content(draft_id, data).status_code == 200
        assert api.get(f"{DRAFTS}/{draft_id}/content").content == data
    longest = {**json.loads(FRESH), "duration": 2**64 - 1}
    assert api.put_content(draft_id, longest).status_code == 200
    assert api.get(f"{DRAFTS}/{draft_id}").json()["duration"] == 2**63 - 1
    assert api.content(draft_id)["duration"] == 2**64 - 1
    Draft.objects.filter(pk=draft_id).delete()


def test_sizes_are_refused_by_their_announcement_and_name_the_setting(api: Api, settings: Settings) -> None:
    settings.MAX_BODY_BYTES = settings.MAX_DOCUMENT_BYTES = settings.MAX_FILE_BYTES = settings.MAX_ARCHIVE_BYTES = 10
    doors = {
        "MAX_BODY_BYTES": [post(api, door, b" " * 11) for door in JSON_DOORS],
        "MAX_DOCUMENT_BYTES": [put_document(api, b" " * 11)],
        "MAX_FILE_BYTES": [api.put(f"{DRAFTS}/{ID}/files/a.png", b" " * 11)],
        "MAX_ARCHIVE_BYTES": [api.import_zip(b" " * 11), api.import_zip(b" " * 11, into=ID)],
    }
    for setting, responses in doors.items():
        for response in responses:
            problem = refused(response, 413, 3002)
            assert setting in problem["detail"]
            assert " 10 " in problem["detail"]


@pytest.mark.parametrize("length", ["-1", "+5", "5.0", "0x10", "５", "nine", "1_0", " ", "9" * 30, "9" * 5000])
def test_a_content_length_that_is_no_number_is_refused(api: Api, length: str) -> None:
    for method, path in (("POST", f"{MATE}/create_draft"), ("PUT", f"{DRAFTS}/{ID}/files/a.png")):
        response = api.client.generic(method, path, b"{}", "application/json", CONTENT_LENGTH=length)
        if length == " ":
            assert response.status_code in {400, 411}
        else:
            refused(response, 400, 1001, "Content-Length must be a whole number")


def test_without_a_length_a_body_is_refused_with_411(api: Api) -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    bodies: list[tuple[str, str, dict[str, str]]] = [
        *[("POST", door, chunked) for door in JSON_DOORS],
        *[
            ("PUT", f"{DRAFTS}/{ID}/content", {**extra, "HTTP_IF_MATCH": "*"})
            for extra in (chunked, {"CONTENT_LENGTH": ""})
        ],
        *[("PUT", f"{DRAFTS}/{ID}/files/a.png", extra) for extra in (chunked, {"CONTENT_LENGTH": ""})],
        *[("POST", f"{DRAFTS}/import", extra) for extra in (chunked, {"CONTENT_LENGTH": ""})],
    ]
    for method, path, extra in bodies:
        problem = refused(api.client.generic(method, path, b"", "application/json", **extra), 411, 3006)
        assert "chunked" in problem["hint"]


@pytest.mark.parametrize("announced", [5, 3_000_000])
def test_a_body_shorter_than_announced_is_refused(api: Api, announced: int) -> None:
    requests = [
        *[("POST", f"{MATE}/create_draft", "application/json"), ("PUT", f"{DRAFTS}/{ID}/files/a.png", "image/png")],
        *[("POST", f"{DRAFTS}/import", "application/zip"), ("PUT", f"{DRAFTS}/{ID}/content", "application/json")],
    ]
    for method, path, kind in requests:
        extra: dict[str, Any] = {
            "CONTENT_LENGTH": str(announced),
            "wsgi.input": io.BytesIO(b"{}"),
            "HTTP_IF_MATCH": "*",
        }
        if announced > 5 and "draft" in path and kind == "application/json":
            extra["CONTENT_LENGTH"] = "20"
        response = api.client.generic(method, path, b"{}", kind, **extra)
        refused(response, 400, 1001, "The body ended before its Content-Length", rule="complete")


PATHS = [
    *[("../x.png", "dots"), ("a/../../x.png", "dots"), ("%2e%2e/x.png", "dots"), ("./x.png", "dots")],
    *[("%2Fetc/passwd", "absolute"), ("/etc/passwd", "absolute"), ("C:/x.png", "drive"), ("c%3Ax.png", "drive")],
    *[("a%00.png", "control"), ("a%0A.png", "control"), ("a%7F.png", "control"), ("a%5Cb.png", "backslash")],
    *[
        ("a//b.png", "empty_segment"),
        ("con.png", "windows_name"),
        ("a/NUL", "windows_name"),
        ("LPT1.txt", "windows_name"),
    ],
    *[("a./b.png", "trailing_dot"), ("a.", "trailing_dot"), ("a b.png", "characters"), ("%E4%B8%AD.png", "characters")],
    *[
        ("%FF.png", "characters"),
        ("%ED%A0%80.png", "characters"),
        ("a%2525.png", "characters"),
        ("ab:c.png", "characters"),
    ],
    *[("x" * 201, "too_long"), ("/".join("abcdefghi"), "too_deep"), (".tmp-x.png", "temporary")],
    *[("draft_content.json", "reserved"), ("timelines/x.png", "reserved"), ("Draft_Meta_Info.JSON", "reserved")],
]


@pytest.mark.parametrize(("path", "rule"), PATHS)
def test_a_path_that_no_client_could_store_is_refused(api: Api, path: str, rule: str) -> None:
    problem = refused(api.client.put(f"{DRAFTS}/{ID}/files/{path}", b"x", "image/png"), 400, 1001, rule=rule)
    assert problem["errors"][0]["field"] == "path"


@pytest.mark.parametrize("path", [path for path, rule in PATHS if rule != "reserved"])
def test_such_a_path_is_not_found_either(api: Api, path: str) -> None:
    assert api.client.get(f"{DRAFTS}/{ID}/files/{path}").status_code == 404
    refused(api.client.delete(f"{DRAFTS}/{ID}/files/{path}"), 404, 1002)
    assert api.client.get(f"{MATE}/files/w-1/{ID}/{path}").status_code == 404


@pytest.mark.parametrize(
    "draft_id", ["%00" * 24, "%FF" * 24, "..%2f..%2fetc", "%ED%A0%80", "x" * 9000, "%", "%zz", "é" * 24, ID + "%0A"]
)
def test_ids_that_are_none_are_not_found_at_any_door(api: Api, draft_id: str) -> None:
    for name in ("", "/content", "/files", "/files/a.png", "/versions", "/versions/1", "/integrity", "/archive.zip"):
        assert api.client.get(f"{DRAFTS}/{draft_id}{name}").status_code == 404
    for name in ("save", "copy", "untrash", "versions/1/restore"):
        assert api.post(f"{DRAFTS}/{draft_id}/{name}").status_code == 404
    assert api.get(f"{MATE}/get_draft?draft_id={draft_id}").status_code == 400
    assert api.get(f"{MATE}/files/w-1/{draft_id}/a.json").status_code == 404


def test_percent_nonsense_in_a_query_is_no_fault(api: Api) -> None:
    for query in ("%", "%zz=%FF", "search=%FF%FE", "search=%ED%A0%80", "a=" + "b" * 50_000, "&" * 900, "\0"):
        response = api.get(f"{DRAFTS}?{query}")
        assert response.status_code == 200, query


def test_django_s_own_limits_name_themselves(api: Api, settings: Settings) -> None:
    fields = "&".join("a=1" for _ in range(1001))
    for path in (f"{DRAFTS}?{fields}", f"{MATE}/get_draft?{fields}", f"/v1/get_draft?{fields}"):
        problem = refused(api.get(path), 400, 1001)
        assert problem["detail"] == "There are more fields than 1000 (DATA_UPLOAD_MAX_NUMBER_FIELDS)"
    many = {f"f{number}": "1" for number in range(1001)}
    assert "DATA_UPLOAD_MAX_NUMBER_FIELDS" in refused(api.client.post(f"{DRAFTS}/import", many), 400, 1001)["detail"]
    files = {f"f{number}": SimpleUploadedFile("x", b"") for number in range(101)}
    assert "DATA_UPLOAD_MAX_NUMBER_FILES" in refused(api.client.post(f"{DRAFTS}/import", files), 400, 1001)["detail"]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    problem = refused(api.client.post(f"{DRAFTS}/import", {"archive": "x" * 2000}), 413, 3002)
    assert problem["detail"] == "Form fields have more bytes than 1000 (DATA_UPLOAD_MAX_MEMORY_SIZE)"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="archive"\r\n\r\nPK', "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="archive"; filename="a.zip"\r\n\r\nPK',
            "multipart/form-data; boundary=x",
        ),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=" + "\xe9" * 5),
        (BASE64, "multipart/form-data; boundary=x"),
    ],
)
def test_a_damaged_form_is_refused(api: Api, body: bytes, kind: str) -> None:
    for path in (f"{DRAFTS}/import", f"{DRAFTS}/{ID}/import"):
        problem = refused(api.client.generic("POST", path, body, kind), 400, 1001)
        assert [error["field"] for error in problem["errors"]] == ["archive"]


def test_an_archive_of_another_media_type_is_refused(api: Api) -> None:
    for kind in ("application/json", "text/plain", ""):
        problem = refused(api.client.generic("POST", f"{DRAFTS}/import", b"PK", kind), 415, 415)
        assert problem["hint"] == "Send Content-Type: application/zip."


def test_headers_full_of_rubbish_are_no_fault(api: Api) -> None:
    rubbish = "\x7fé" + "y" * 5000
    names = ("Accept", "Accept-Language", "User-Agent", "Range", "If-Match", "If-None-Match", "If-Range", "Cookie")
    for name in (*names, "traceparent", "X-Request-ID", "Origin", "Referer", "If-Modified-Since", "X-Forwarded-For"):
        response = api.get(f"{MATE}/get_draft?draft_id={'a' * 20}", **{name: rubbish})
        refused(response, 404, 2001)
