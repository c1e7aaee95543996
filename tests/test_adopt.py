"""Moving in: the folders of a capcut-mate server live again under their ids; ``make demo`` fills a server."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from drafts.core import blobs, gate
from drafts.core.models import Blob, BlobPayload
from drafts.core.storage import StoreError
from drafts.document import skeleton
from drafts.document.paths import TOKEN
from drafts.models import Draft, DraftFile, DraftVersion
from tests.client import DesktopClient, RenderWorker
from tests.support import MATE, SAMPLES, Api, body_of, path_of

ROOT = Path(__file__).parent.parent
S05 = SAMPLES / "s05_reference"
S05_ID = "2026112101434402e8a07a"
OLD_URL = f"https://capcut-mate.example.com{MATE}/get_draft?draft_id={S05_ID}"
PNG = b"\x89PNG\r\n\x1a\n"


def run(*arguments: object) -> str:
    """What the command prints, without its seconds."""
    out = io.StringIO()
    call_command("adopt", *map(str, arguments), stdout=out, no_color=True)
    return re.sub(r"\(\d+ s\)", "(0 s)", out.getvalue())


def refused(*arguments: object) -> tuple[str, str]:
    """What the command prints, and the sentence with which it fails."""
    out = io.StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("adopt", *map(str, arguments), stdout=out, no_color=True)
    assert raised.value.returncode == 1
    return tuple(re.sub(r"\(\d+ s\)", "(0 s)", text) for text in (out.getvalue(), str(raised.value)))  # type: ignore[return-value]  # two texts


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """``output`` of a server that has s05."""
    shutil.copytree(S05, tmp_path / "output" / "draft" / S05_ID)
    return tmp_path / "output"


def made_id(number: int) -> str:
    return f"20250301{number // 3600 % 24:02}{number // 60 % 60:02}{number % 60:02}{number:08x}"


def make_draft(folder: Path, draft_id: str, picture: bytes = b"") -> Path:
    """A draft folder with one picture, as the reference lays it out."""
    draft = folder / draft_id
    name = f"assets/images/{draft_id[:14]}00000000.png"
    (draft / name).parent.mkdir(parents=True)
    (draft / name).write_bytes(picture or PNG + draft_id.encode() * 40)
    document = skeleton.fresh(width=1280, height=720)
    path = f"/app/output/draft/{draft_id}/{name}"
    document["materials"]["videos"].append({"id": "m", "type": "photo", "path": path, "width": 1, "height": 1})
    write(draft, document)
    for other in ("draft_meta_info.json", "draft_agency_config.json", "attachment_pc_common.json", "template.tmp"):
        shutil.copy(S05 / other, draft / other)
    return draft


def write(draft: Path, document: Any) -> None:
    data = document if isinstance(document, bytes) else json.dumps(document, indent=4).encode()
    for name in ("draft_content.json", "draft_info.json"):
        (draft / name).write_bytes(data)


def make_server(folder: Path, count: int) -> Path:
    """``output`` of a server with ``count`` drafts."""
    for number in range(count):
        make_draft(folder / "draft", made_id(number))
    return folder


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Draft, DraftVersion, DraftFile, Blob, BlobPayload)}


# what is taken


@pytest.mark.parametrize("inner", ["", "output", "output/draft"])
def test_the_sample_keeps_its_id_and_its_media(api: Api, output: Path, inner: str) -> None:
    assert run(output.parent / inner) == "1 of 1 drafts: 1 taken over, 0 here already (0 s).\n"
    listed = api.get(f"{MATE}/get_draft?draft_id={S05_ID}").json()["files"]
    inside = {url.split(f"/{S05_ID}/", 1)[1] for url in listed}
    assert inside == {path.relative_to(S05).as_posix() for path in S05.rglob("*") if path.is_file()}
    document = api.content(S05_ID)
    paths = [item["path"] for kind in ("videos", "audios") for item in document["materials"][kind]]
    assert [path for path in paths if not path.startswith(f"{TOKEN}/assets/")] == []
    version = DraftVersion.objects.get()
    assert (version.number, version.origin, version.user_agent) == (1, "import", "manage.py adopt")
    assert version.note.startswith("Adopted from another server, last changed there 20")
    assert api.save(OLD_URL).json()["version"] == 1


@pytest.mark.parametrize("kind", [DesktopClient, RenderWorker])
def test_both_clients_download_it_by_its_old_id(
    live_server: LiveServer, tmp_path: Path, output: Path, kind: type[DesktopClient | RenderWorker]
) -> None:
    run(output)
    url = OLD_URL.replace("https://capcut-mate.example.com", live_server.url)
    done = kind(tmp_path / "drafts").download(url)
    assert done.failed == []
    for path in (path for path in (S05 / "assets").rglob("*") if path.is_file()):
        assert (done.folder / path.relative_to(S05)).read_bytes() == path.read_bytes()
    media = done.media_paths()
    assert len(media) >= 4
    assert [path for path in media if not Path(path).is_file()] == []
    assert len(done.read()["tracks"]) == len(json.loads((S05 / "draft_content.json").read_bytes())["tracks"])


def test_times_come_from_the_id_and_from_the_document(db: None, tmp_path: Path) -> None:
    draft = make_draft(tmp_path, "20250301080000abcdef12")
    written = datetime(2025, 4, 2, 12, 30, tzinfo=UTC)
    for name in ("draft_content.json", "draft_info.json"):
        os.utime(draft / name, (written.timestamp(),) * 2)
    run(tmp_path, "--timezone", "Asia/Shanghai")
    row = Draft.objects.get()
    assert (row.created_at, row.updated_at) == (datetime(2025, 3, 1, 0, 0, tzinfo=UTC), written)
    version = DraftVersion.objects.get()
    assert version.note.endswith("2025-04-02 12:30:00 UTC")
    assert timezone.now() - version.created_at < timedelta(minutes=1)


@pytest.mark.parametrize("name", ["20259999999999abcdef12", "29990101000000abcdef12", "abcdefabcdefabcdefab"])
def test_an_id_without_a_time_leaves_the_time_of_the_document(db: None, tmp_path: Path, name: str) -> None:
    draft = make_draft(tmp_path, name)
    for document in ("draft_content.json", "draft_info.json"):
        os.utime(draft / document, (4e9, 4e9))  # written on a clock that ran ahead
    run(tmp_path)
    row = Draft.objects.get()
    assert row.created_at == row.updated_at
    assert timezone.now() - row.updated_at < timedelta(minutes=1)


def test_an_id_may_be_a_uuid(api: Api, tmp_path: Path) -> None:
    name = "0f8fad5b-d9cb-469f-a165-70867728950e"
    make_draft(tmp_path, name)
    run(tmp_path)
    assert Draft.objects.get().pk == name.replace("-", "")
    assert api.get(f"{MATE}/get_draft?draft_id={name}").status_code == 200


def test_of_two_documents_the_whole_one_counts(db: None, tmp_path: Path) -> None:
    torn_first, torn_second = (make_draft(tmp_path, made_id(number)) for number in range(2))
    (torn_first / "draft_content.json").write_bytes(b'{"canvas_config": {"wi')
    (torn_second / "draft_info.json").write_bytes(b"")
    shown = run(tmp_path)
    assert shown == (
        f"{made_id(0)}: draft_content.json is damaged, its twin was used.\n"
        "2 of 2 drafts: 2 taken over, 0 here already (0 s).\n"
    )
    assert run(tmp_path).startswith("2 of 2 drafts: 0 taken over, 2 here already")


def test_of_two_whole_documents_the_first_written_counts(api: Api, tmp_path: Path) -> None:
    draft = make_draft(tmp_path, made_id(0))
    newer = {**json.loads((draft / "draft_content.json").read_bytes()), "name": "newer"}
    (draft / "draft_content.json").write_text(json.dumps(newer), encoding="utf-8")
    run(tmp_path)
    assert api.content(made_id(0))["name"] == "newer"


def test_media_that_are_not_there_are_told(db: None, tmp_path: Path) -> None:
    draft = make_draft(tmp_path, made_id(0))
    shutil.rmtree(draft / "assets")
    path = f"/app/output/draft/{made_id(0)}/assets/images/{made_id(0)[:14]}00000000.png"
    assert run(tmp_path).splitlines()[0] == f"{made_id(0)}: 1 media are not there: {path}"
    assert Draft.objects.count() == 1


# again, and what differs


def test_again_and_dry_nothing_is_written(db: None, output: Path, blob_folder: Path) -> None:
    def objects() -> set[Path]:
        return {path for path in blob_folder.rglob("*") if path.is_file()}

    make_draft(output / "draft", made_id(1))
    before = objects()
    shown = run(output, "--dry-run")
    assert shown == "Nothing was written. It would be: 2 of 2 drafts: 2 taken over, 0 here already (0 s).\n"
    assert set(rows().values()) == {0}
    assert objects() == before
    assert run(output) == "2 of 2 drafts: 2 taken over, 0 here already (0 s).\n"
    counts, after = rows(), objects()
    for arguments in ([], ["--update"], ["--dry-run"]):
        assert run(output, *arguments).endswith("2 of 2 drafts: 0 taken over, 2 here already (0 s).\n")
    assert (rows(), objects()) == (counts, after)


def test_edits_made_here_are_no_difference(api: Api, output: Path) -> None:
    run(output)
    api.put_content(S05_ID, {**api.content(S05_ID), "name": "edited here"})
    api.save(OLD_URL, note="ours")
    assert run(output, "--update") == "1 of 1 drafts: 0 taken over, 1 here already (0 s).\n"
    assert api.content(S05_ID)["name"] == "edited here"
    api.delete(f"/api/v1/drafts/{S05_ID}")
    assert "1 here already" in run(output)


def test_what_was_imported_here_since_is_left_alone(api: Api, output: Path) -> None:
    run(output)
    other = api.create()
    archive = body_of(api.get(f"/api/v1/drafts/{other['draft_id']}/archive.zip"))
    into = f"/api/v1/drafts/{S05_ID}/import"
    assert api.client.post(into, archive, content_type="application/zip").status_code == 201
    before = api.content(S05_ID)
    assert run(output, "--update") == "1 of 1 drafts: 0 taken over, 1 here already (0 s).\n"
    assert api.content(S05_ID) == before


def test_a_draft_that_differs_is_left_alone_or_becomes_a_new_version(api: Api, output: Path) -> None:
    run(output)
    folder = output / "draft" / S05_ID
    write(folder, {**json.loads((folder / "draft_content.json").read_bytes()), "name": "went on there"})
    picture = next((folder / "assets/images").glob("*.png"))
    picture.write_bytes(PNG + b"other bytes under the same name")
    counts = rows()
    shown, reason = refused(output)
    assert shown.splitlines()[0] == f"{S05_ID}: differs from the draft here; --update makes it a new version."
    assert reason == "1 of 1 drafts could not be taken; the reasons are above."
    assert run(output, "--update", "--dry-run").endswith("0 taken over, 0 here already, 1 updated (0 s).\n")
    assert rows() == counts
    assert run(output, "--update") == "1 of 1 drafts: 0 taken over, 0 here already, 1 updated (0 s).\n"
    assert list(DraftVersion.objects.order_by("number").values_list("number", "origin")) == [
        (1, "import"),
        (2, "import"),
    ]
    assert api.content(S05_ID)["name"] == "went on there"
    assert run(output, "--update") == "1 of 1 drafts: 0 taken over, 1 here already (0 s).\n"


def test_a_draft_in_the_trash_is_not_updated(api: Api, output: Path) -> None:
    run(output)
    api.delete(f"/api/v1/drafts/{S05_ID}")
    folder = output / "draft" / S05_ID
    write(folder, {**json.loads((folder / "draft_content.json").read_bytes()), "name": "went on there"})
    shown, _ = refused(output, "--update")
    assert shown.startswith(f"{S05_ID}: not taken. Draft does not exist. The draft is in the trash since ")


@pytest.mark.slow
def test_a_thousand_drafts_move_in(api: Api, tmp_path: Path) -> None:
    make_server(tmp_path, 1000)
    started = time.monotonic()
    assert run(tmp_path).endswith("\n1000 of 1000 drafts: 1000 taken over, 0 here already (0 s).\n")
    taken = time.monotonic() - started
    counts = rows()
    assert run(tmp_path).endswith("1000 of 1000 drafts: 0 taken over, 1000 here already (0 s).\n")
    print({"drafts": 1000, "seconds": round(taken), "seconds again": round(time.monotonic() - started - taken)})
    assert rows() == counts
    for number in range(1000):
        draft_id = made_id(number)
        listed = api.get(f"{MATE}/get_draft?draft_id={draft_id}").json()["files"]
        [picture] = [url for url in listed if url.endswith(".png")]
        assert body_of(api.get(path_of(picture))) == PNG + draft_id.encode() * 40


def test_limit_takes_the_next_ones(db: None, tmp_path: Path) -> None:
    make_server(tmp_path, 5)
    assert run(tmp_path, "--limit", 2).endswith("2 of 5 drafts: 2 taken over, 0 here already (0 s).\n")
    assert run(tmp_path, "--limit", 2).endswith("4 of 5 drafts: 2 taken over, 2 here already (0 s).\n")
    assert list(Draft.objects.order_by("pk").values_list("pk", flat=True)) == [made_id(n) for n in range(4)]


# what cannot be taken


def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(db: None, tmp_path: Path, settings: Any) -> None:
    settings.MAX_DOCUMENT_BYTES, settings.MAX_FILE_BYTES, settings.MAX_FILES = 100_000, 1_000_000, 3
    drafts = tmp_path / "draft"
    names = ["encrypted", "damaged", "large", "file", "many", "link", "pipe", "empty", "bytes", "utf8"]
    folders = {name: make_draft(drafts, made_id(number)) for number, name in enumerate(names)}
    write(folders["encrypted"], b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=" * 20)
    write(folders["damaged"], b'{"tracks": [')
    write(folders["large"], b" " * 100_001)
    (folders["file"] / "big.bin").write_bytes(b"x" * 1_000_001)
    for number in range(3):
        (folders["many"] / f"{number}.txt").write_bytes(b"x")
    (folders["link"] / "assets/secret").symlink_to("/etc/passwd")
    os.mkfifo(folders["pipe"] / "pipe")
    shutil.rmtree(folders["empty"])
    folders["empty"].mkdir()
    (folders["bytes"] / os.fsdecode(b"\xc4\xe3.txt")).write_bytes(b"a name in GB18030")
    (folders["utf8"] / "你\n好.txt").write_bytes(b"a name that is changed")
    for name in ("short", f"{made_id(0)}.bak", ".recycle_bin", "\x1b[31m"):
        (drafts / name).mkdir()
    (drafts / made_id(90)).symlink_to(folders["utf8"])
    (drafts / "a-file.json").touch()
    shown, reason = refused(tmp_path)
    told = dict(line.split(": not taken. ") for line in shown.splitlines()[:-1])
    no_id = "The name is no draft id: 20 to 32 letters and digits."
    expected = {
        "encrypted": "The document is encrypted. JianYing 6 and newer encrypt the drafts they save; send a draft that ",
        "damaged": "The document is damaged or unsupported. The text is not JSON: ",
        "large": "The document has 100001 bytes; the limit is 100000 (MAX_DOCUMENT_BYTES).",
        "file": "big.bin has more than 1000000 bytes (MAX_FILE_BYTES).",
        "many": "A draft has at most 3 files (MAX_FILES).",
        "link": "secret is a symbolic link.",
        "pipe": "pipe is not a plain file.",
        "empty": "There is no draft_content.json or draft_info.json.",
        "bytes": "The name '\\udcc4\\udce3.txt' is not UTF-8.",
    }
    for number, name in enumerate(names[:-1]):
        assert told.pop(made_id(number)).startswith(expected[name])
    assert told == {
        "short": no_id,
        f"{made_id(0)}.bak": no_id,
        "\\x1b[31m": no_id,
        made_id(90): "The folder is a symbolic link.",
    }
    assert shown.splitlines()[-1] == "14 of 14 drafts: 1 taken over, 0 here already, 13 not taken (0 s)."
    assert reason == "13 of 14 drafts could not be taken; the reasons are above."
    assert [draft.pk for draft in Draft.objects.all()] == [made_id(9)]
    assert Blob.objects.count() == 4  # the document and three files of that one draft
    counts = rows()
    assert refused(tmp_path, "--dry-run")[1] == reason
    assert rows() == counts


def test_one_strange_draft_keeps_no_other_out(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_server(tmp_path, 3)
    original = blobs.put

    def put(source: Any, *, length: int) -> Blob:
        if made_id(1) in source.name:
            raise ZeroDivisionError
        return original(source, length=length)

    monkeypatch.setattr(blobs, "put", put)
    shown, _ = refused(tmp_path)
    assert shown.splitlines()[0] == (
        f"{made_id(1)}: not taken. An unforeseen ZeroDivisionError; the log has its traceback."
    )
    assert Draft.objects.count() == 2


def test_a_folder_that_is_not_one_of_drafts_is_refused(db: None, tmp_path: Path, output: Path) -> None:
    assert refused(tmp_path / "gone")[1] == f"There is no folder at {tmp_path / 'gone'}."
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty")[1] == f"There is no draft folder in {tmp_path / 'empty'}."
    one = output / "draft" / S05_ID
    assert refused(one)[1] == f"{one} is one draft; name the folder that holds it, or use import_draft."
    assert "no time zone" in refused(output, "--timezone", "Mars/Olympus")[1]
    for number in ("0", "-1", "x"):
        assert "a whole number from 1" in refused(output, f"--limit={number}")[1]


def test_it_stops_when_nothing_can_be_taken_and_goes_on_later(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_server(tmp_path, 3)

    def fail(*_: Any, **__: Any) -> None:
        raise StoreError("down")

    with monkeypatch.context() as patch:
        patch.setattr(type(blobs.store()), "put", fail)
        _, reason = refused(tmp_path)
    assert reason == (
        "0 of 3 drafts: 0 taken over, 0 here already (0 s). Stopped: The object store cannot be reached. "
        "Try again after Retry-After. Run it again to go on."
    )
    call_command("maintenance", "on", stdout=io.StringIO())
    gate.state(fresh=True)
    assert "Stopped: Service unavailable. The server is in maintenance." in refused(tmp_path)[1]
    call_command("maintenance", "off", stdout=io.StringIO())
    gate.state(fresh=True)
    assert "3 taken over" in run(tmp_path)


def test_a_run_without_worker_stores_what_it_took(db: None, tmp_path: Path) -> None:
    run(make_server(tmp_path, 60))
    assert BlobPayload.objects.count() < 50


# kill -9


def database(state: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(state / "db.sqlite3", timeout=20)) as connection:
        return connection.execute(query).fetchall()


def test_kill_9_in_the_middle_and_again(tmp_path: Path) -> None:
    state, count = tmp_path / "state", 120
    make_server(tmp_path / "output", count)
    environment = {**os.environ, "STATE_DIR": str(state), "DATABASE_URL": "", "S3_BUCKET": "", "SECRET_KEY": "x" * 50}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    call: dict[str, Any] = {"cwd": ROOT, "env": environment, "text": True, "stdin": subprocess.DEVNULL}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True, **call)
    adopt = [sys.executable, "manage.py", "adopt", str(tmp_path / "output")]
    for least in (5, 20):
        process = subprocess.Popen(adopt, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **call)
        while database(state, "SELECT count(*) FROM drafts_draft")[0][0] < least and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        taken = database(state, "SELECT count(*) FROM drafts_draft")[0][0]
        assert least <= taken < count
        unfinished = (
            "SELECT id, head_id, created_at FROM drafts_draft WHERE head_id IS NULL OR created_at >= '2026-01-01'"
        )
        assert database(state, unfinished) == []
    done = subprocess.run(adopt, capture_output=True, check=True, **call)
    assert f"\n{count} of {count} drafts: {count - taken} taken over, {taken} here already" in f"\n{done.stdout}"
    assert database(state, "SELECT count(*), count(DISTINCT draft_id), max(number) FROM drafts_draftversion") == [
        (count, count, 1)
    ]
    assert database(state, "SELECT count(*) FROM drafts_draftfile") == [(2 * count,)]
    counts = "SELECT (SELECT count(*) FROM drafts_core_blob), (SELECT count(*) FROM drafts_draftversion)"
    before = database(state, counts)
    again = subprocess.run(adopt, capture_output=True, check=True, **call)
    assert f"\n{count} of {count} drafts: 0 taken over, {count} here already" in f"\n{again.stdout}"
    assert database(state, counts) == before


# the page that says how


def test_the_page_names_options_that_exist() -> None:
    text = (ROOT / "docs/moving-in.md").read_text(encoding="utf-8")
    lines = re.findall(r"manage\.py adopt(.*)", text)
    assert len(lines) > 2
    known = {"--dry-run", "--update", "--limit", "--timezone"}
    assert {option for line in lines for option in re.findall(r"--[a-z-]+", line)} <= known


# demo


def demo(url: str) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, "-I", "-S", str(ROOT / "capcut_site/demo.py"), url]
    return subprocess.run(script, capture_output=True, text=True, check=False, timeout=60)


def test_demo_fills_a_running_server(live_server: LiveServer, tmp_path: Path) -> None:
    done = demo(live_server.url)
    assert (done.returncode, done.stderr) == (0, "")
    draft = Draft.objects.get()
    assert (draft.name, draft.duration, draft.width, draft.height) == ("Demo", 9_000_000, 1280, 720)
    versions = list(draft.versions.order_by("number"))
    assert [(version.number, version.origin, version.author) for version in versions] == [
        (1, "save", "Demo"),
        (2, "save", "Demo"),
        (3, "save", "Demo"),
    ]
    assert len({version.note for version in versions} - {""}) == 3
    assert [version.file_count for version in versions] == [2, 4, 4]
    url = f"{live_server.url}{MATE}/get_draft?draft_id={draft.pk}"
    assert f"draft_url  {url}\n" in done.stdout
    admin = re.findall(rf"{re.escape(live_server.url)}(/admin/\S+)", done.stdout)[0]
    assert resolve(admin).kwargs == {"object_id": draft.pk}
    api = Api(Client(headers={"host": live_server.url.removeprefix("http://")}))
    assert api.get(f"/api/v1/drafts/{draft.pk}/integrity").json() == {"findings": []}
    document = api.content(draft.pk)
    assert [(track["type"], len(track["segments"])) for track in document["tracks"]] == [
        ("video", 3),
        ("audio", 1),
        ("text", 3),
    ]
    downloaded = DesktopClient(tmp_path).download(url)
    assert downloaded.failed == []
    assert [path for path in downloaded.media_paths() if not Path(path).is_file()] == []
    with (downloaded.folder / "assets/audios/tune.wav").open("rb") as sound:
        assert sound.read(4) == b"RIFF"
    past = body_of(api.get(f"/api/v1/drafts/{draft.pk}/versions/1/content"))
    assert json.loads(past)["duration"] == 6_000_000


def test_demo_says_in_one_sentence_what_keeps_it(live_server: LiveServer) -> None:
    nowhere = demo("http://127.0.0.1:9")
    assert (nowhere.returncode, nowhere.stdout) == (1, "")
    assert nowhere.stderr == "There is no server at http://127.0.0.1:9: start one with make run, or name its URL.\n"
    other = demo("ftp://example.org")
    assert (other.returncode, other.stderr) == (1, "A URL starts with http:// or https://.\n")
    elsewhere = demo(f"{live_server.url}/admin")
    assert elsewhere.returncode == 1
    assert elsewhere.stderr.count("\n") == 1
    assert not Draft.objects.exists()
    assert settings.STATE_DIR
