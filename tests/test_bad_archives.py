"""ZIPs that lie, escape, explode or break off: refused with their rule, and nothing is left behind."""

from __future__ import annotations

import io
import json
import random
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from drafts.core import collect
from drafts.core.models import Blob
from drafts.document import skeleton
from drafts.models import Draft, DraftContent, DraftFile, DraftVersion
from tests.refusals import refused, remains
from tests.support import MEDIA, Api, zip_of

LOGO = (MEDIA / "logo.png").read_bytes()
DOCUMENT = json.dumps(skeleton.fresh(width=1280, height=720)).encode()
FILES = {"t/draft_content.json": DOCUMENT, "t/logo.png": LOGO, "t/tall.png": (MEDIA / "tall.png").read_bytes()}


@pytest.fixture(autouse=True)
def _nothing_left(api: Api, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Every test of this file ends with the rows, objects and temporary files that it began with."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    before = remains()
    yield
    assert remains() == before


def zipped(
    change: Callable[[zipfile.ZipInfo], object], data: bytes = LOGO, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A good draft with one more entry, whose header is changed before it is written."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
        info = zipfile.ZipInfo("t/more.png")
        info.compress_type = method
        change(info)
        archive.writestr(info, data)
    return buffer.getvalue()


def named(name: str) -> bytes:
    """A good draft with one more entry of this name; NUL cannot be written, so it is put in afterwards."""
    data = zipped(lambda info: setattr(info, "filename", name.replace("\0", "\1")))
    return data.replace(name.replace("\0", "\1").encode(), name.encode())


def central(data: bytes, offset: int, form: str, value: int, entry: int = -1) -> bytes:
    """``data`` with one field of an entry of the central directory overwritten."""
    starts = [index for index in range(len(data)) if data.startswith(b"PK\1\2", index)]
    changed = bytearray(data)
    struct.pack_into(form, changed, starts[entry] + offset, value)
    return bytes(changed)


@pytest.mark.parametrize(
    "name",
    [
        *["../evil.png", "t/../../evil.png", "t/../evil.png", "/etc/evil.png", "\\windows\\evil.png", "..\\evil.png"],
        *["C:/evil.png", "c:evil.png", "t\\..\\..\\evil.png", "t/..", "..", "//server/share"],
    ],
)
def test_an_entry_that_leaves_its_folder_is_refused(api: Api, name: str) -> None:
    problem = refused(api.import_zip(named(name)), 400, 1001, rule="path")
    assert problem["errors"][0]["field"] == "archive"


def test_a_nul_in_a_name_is_refused(api: Api) -> None:
    refused(api.import_zip(named("t/a\0b.png")), 400, 1001)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_are_refused(api: Api, kind: int) -> None:
    data = zipped(lambda info: setattr(info, "external_attr", (kind | 0o777) << 16), b"/etc/passwd")
    refused(api.import_zip(data), 400, 1001, rule="symlink")


def test_an_encrypted_entry_is_refused(api: Api) -> None:
    refused(api.import_zip(central(zip_of(FILES), 8, "<H", 1)), 400, 1001, "The archive is encrypted", rule="encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 93, 99])
def test_only_stored_and_deflated_entries_are_taken(api: Api, method: int) -> None:
    if method in {zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}:
        data = zipped(lambda _: None, method=method)
    else:
        data = central(zip_of(FILES), 10, "<H", method)
    refused(api.import_zip(data), 400, 1001, rule="method")


def test_the_ratio_of_an_entry_is_limited(api: Api) -> None:
    data = zipped(lambda _: None, b"\0" * 3_000_000)
    assert "(MAX_ARCHIVE_RATIO)" in refused(api.import_zip(data), 413, 3002)["detail"]


def test_entries_sizes_and_files_are_limited(api: Api, settings: Settings) -> None:
    data = zip_of({**FILES, **{f"t/{number}.png": bytes([number]) for number in range(20)}})
    for setting, limit, status in [
        *[("MAX_ARCHIVE_ENTRIES", 10, 413), ("MAX_FILES", 10, 413), ("MAX_FILE_BYTES", 100, 413)],
        *[("MAX_ARCHIVE_UNPACKED_BYTES", 2000, 413), ("MAX_DOCUMENT_BYTES", 100, 413)],
    ]:
        before = getattr(settings, setting)
        setattr(settings, setting, limit)
        detail = refused(api.import_zip(data), status, 3002)["detail"]
        assert f"({setting})" in detail
        assert f" {limit} " in detail
        setattr(settings, setting, before)


def test_a_zip64_directory_is_measured_before_it_is_read(api: Api) -> None:
    data = zip_of(FILES)
    end = data.rindex(b"PK\5\6")
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 4, 4, 2**40, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    bomb = data[:end] + record + locator + data[end:]
    assert "(MAX_ARCHIVE_ENTRIES)" in refused(api.import_zip(bomb), 413, 3002)["detail"]


def test_entries_that_share_their_bytes_are_refused(api: Api) -> None:
    data = zip_of(FILES)
    first = data.index(b"PK\1\2")
    one = data[first : data.index(b"PK\1\2", first + 1)]
    copies = b"".join(one.replace(b"t/draft_content.json", b"t/%016d.x" % number) for number in range(50))
    end = data.index(b"PK\5\6")
    directory = data[first:end] + copies
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 53, 53, len(directory), first, 0)
    refused(api.import_zip(data[:first] + directory + tail), 400, 1001, rule="overlap")


def test_a_zip_in_a_zip_is_a_file_like_any_other(api: Api) -> None:
    before = remains()
    draft = api.import_zip(zip_of({**FILES, "t/nested.zip": zip_of({"../x": b"\0" * 100})})).json()["draft"]
    assert remains()["DraftFile"] == before["DraftFile"] + 3
    forget()
    assert draft["head"] == 1


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_zip_is_refused(api: Api, cut: float) -> None:
    data = zip_of(FILES)
    refused(api.import_zip(data[: int(len(data) * cut)]), 400, 1001, "The archive is not a ZIP file", rule="zip")


def test_no_zip_at_all_is_refused(api: Api) -> None:
    for data in (b"x", b"PK\5\6", b"PK\5\6" + b"\0" * 17, b"\0" * 100_000, DOCUMENT):
        refused(api.import_zip(data), 400, 1001, rule="zip")


@pytest.mark.parametrize("name", ["t/draft_content.json", "t/tall.png"])
def test_a_damaged_entry_is_refused_and_what_came_before_it_is_taken_back(api: Api, name: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for each, content in FILES.items():
            archive.writestr(each, content)
    data = buffer.getvalue()
    at = data.index(FILES[name]) + len(FILES[name]) // 2
    flipped = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    refused(api.import_zip(flipped), 400, 1001, rule="damaged")


@pytest.mark.parametrize(("offset", "form"), [(16, "<L"), (20, "<L"), (24, "<L"), (42, "<L")])
@pytest.mark.parametrize("value", [0, 7, 2**31, 2**32 - 2])
@pytest.mark.parametrize("entry", [0, -1])
def test_headers_that_lie_are_refused(api: Api, offset: int, form: str, value: int, entry: int) -> None:
    response = api.import_zip(central(zip_of(FILES), offset, form, value, entry))
    if (offset, entry, value) == (42, 0, 0):  # where the first entry lies anyway
        assert response.status_code == 201
        forget()
        return
    body = refused(response, response.status_code, response.json()["code"])
    assert (body["status"], body["code"]) in {(400, 1001), (413, 3002), (422, 3005)}


def forget() -> None:
    """Take back an import that was meant to succeed."""
    DraftFile.objects.all().delete()
    Draft.objects.update(head=None)
    for model in (DraftVersion, DraftContent, Draft):
        model._default_manager.all().delete()
    collect.discard(list(Blob.objects.filter(state="stored")))
    Blob.objects.all().delete()


def test_a_document_that_unpacks_to_more_than_it_announces_costs_no_memory(api: Api) -> None:
    bomb = DOCUMENT[:-1] + b', "x": "' + b" " * 60_000_000 + b'"}'
    data = central(zip_of({"draft_content.json": bomb}), 24, "<L", 50_000)
    tracemalloc.start()
    try:
        refused(api.import_zip(data), 400, 1001, rule="damaged")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_the_same_name_twice_is_refused_whatever_the_case(api: Api) -> None:
    refused(api.import_zip(zip_of({**FILES, "t/LOGO.PNG": b"x"})), 400, 1001, rule="duplicate")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, 3005),
        (b"{}", 422, 3005),
        (b"[]", 422, 3005),
        (b"aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=" * 40, 422, 3004),
        (b"\0\1\2", 422, 3005),
        (DOCUMENT[:-1] + b', "x": NaN}', 400, 1001),
        (DOCUMENT[:-1] + b', "x": 1e400}', 400, 1001),
        (DOCUMENT[:-1] + b', "x": 18446744073709551616}', 400, 1001),
        (DOCUMENT[:-1] + b', "x": "\\ud800"}', 400, 1001),
        (DOCUMENT[:-1] + b', "x": 1, "x": 2}', 400, 1001),
        (DOCUMENT[:-1] + b', "x": "\xff"}', 400, 1001),
        (b"[" * 100_000, 400, 1001),
        (DOCUMENT.replace(b'"width": 1280', b'"width": 32769'), 400, 1001),
    ],
)
def test_a_document_that_cannot_be_taken_costs_no_upload(api: Api, content: bytes, status: int, code: int) -> None:
    refused(api.import_zip(zip_of({"draft_content.json": content, "logo.png": LOGO})), status, code)


def test_noise_in_a_zip_is_never_a_fault_of_the_server(api: Api) -> None:
    good = zip_of(FILES)
    source = random.Random(7)
    outcomes: dict[int, int] = {}
    for _ in range(300):
        data: Any = bytearray(good)
        for _ in range(source.randint(1, 4)):
            data[
                source.randrange(len(data) - 400, len(data)) if source.random() < 0.7 else source.randrange(len(data))
            ] = source.randrange(256)
        response = api.import_zip(bytes(data))
        outcomes[response.status_code] = outcomes.get(response.status_code, 0) + 1
        if response.status_code == 201:
            forget()
        else:
            refused(response, response.status_code, response.json()["code"])
    assert set(outcomes) <= {201, 400, 413, 422}, outcomes
    assert outcomes[400] > 100
