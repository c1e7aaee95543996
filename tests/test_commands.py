"""The operators' commands: what they do, what they print, how they fail."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.utils import timezone

from drafts.access.models import Workspace
from drafts.core import blobs, gate
from drafts.core.models import Blob, BlobPayload, DoomedObject, Maintenance
from drafts.core.storage import ObjectMissing, StoreError
from drafts.models import Draft, DraftVersion
from tests.support import SAMPLES, Api, body_of, zip_folder

ROOT = Path(__file__).parent.parent
COMMANDS = sorted(path.stem for path in (ROOT / "drafts/management/commands").glob("[a-z]*.py"))
OPERATORS = [name for name in COMMANDS if name != "dev"]


def run(name: str, *arguments: object, **options: Any) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command(name, *map(str, arguments), stdout=out, no_color=True, **options)
    return out.getvalue()


def refused(name: str, *arguments: object) -> str:
    """The one sentence with which the command fails."""
    with pytest.raises(CommandError) as raised:
        run(name, *arguments)
    assert raised.value.returncode == 1
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.fixture
def broken_store(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise StoreError("ConnectTimeoutError")

    for method in ("put", "stream", "remove"):
        monkeypatch.setattr(type(blobs.store()), method, fail)


def test_every_command_has_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert {"adopt", "collect", "dev", "drain", "export_draft", "import_draft", "maintenance"} <= set(COMMANDS)
    assert [name for name in COMMANDS if f'"{name}"' not in tests] == []


@pytest.mark.parametrize("name", OPERATORS)
def test_help_teaches(name: str) -> None:
    command = load_command_class("drafts", name)
    parser = command.create_parser("manage.py", name)
    assert len(command.help) > 150
    ours = [action for action in parser._actions if action.container.title and action.dest not in DJANGO_OPTIONS]
    assert all(action.help or action.choices for action in ours)


DJANGO_OPTIONS = {"help", "verbosity", "settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks"}


# maintenance


def test_maintenance_keeps_writes_out_and_lets_them_in_again(api: Api) -> None:
    made = api.create()
    assert run("maintenance", "status") == "off: writes are let in\n"
    shown = run("maintenance", "on", "--reason", "Back at 14:00 UTC.")
    row = Maintenance.objects.get()
    assert shown == f"on since {row.since:%Y-%m-%d %H:%M:%S} UTC: writes answer 503. Back at 14:00 UTC.\n"
    assert run("maintenance", "status") == shown
    gate.state(fresh=True)
    problem = api.post("/openapi/capcut-mate/v1/create_draft")
    assert (problem.status_code, problem.json()["code"], problem["Retry-After"]) == (503, 3007, "10")
    assert problem.json()["hint"] == "The server is in maintenance. Back at 14:00 UTC."
    assert api.get(f"/api/v1/drafts/{made['draft_id']}").status_code == 200
    assert run("maintenance", "off") == "off: writes are let in\n"
    gate.state(fresh=True)
    assert api.post("/openapi/capcut-mate/v1/create_draft").status_code == 200


def test_maintenance_twice_changes_the_reason_not_the_time(db: None) -> None:
    run("maintenance", "on", "--reason", "first")
    since = Maintenance.objects.get().since
    run("maintenance", "on", "--reason", "second")
    assert Maintenance.objects.values_list("since", "reason").get() == (since, "second")
    run("maintenance", "off")
    assert run("maintenance", "off") == "It was off already.\noff: writes are let in\n"


def test_maintenance_refuses_what_it_cannot_keep(db: None) -> None:
    assert refused("maintenance", "off", "--reason", "x") == "--reason belongs to `maintenance on`."
    assert refused("maintenance", "on", "--reason", "x" * 201) == "A reason has at most 200 characters."
    assert "invalid choice: 'maybe'" in refused("maintenance", "maybe")
    assert not Maintenance.objects.exists()


# import_draft


def test_import_a_folder(db: None, sample: Path) -> None:
    shown = run("import_draft", sample)
    draft = Draft.objects.get()
    version = DraftVersion.objects.get()
    assert shown == f"{draft.pk} version 1: {sample.name} ({version.file_count} files)\n"
    assert (version.origin, version.user_agent, version.author) == ("import", "manage.py import_draft", "")


def test_import_a_zip_under_another_name_and_then_into_the_same_draft(db: None, tmp_path: Path) -> None:
    archive = tmp_path / "draft.zip"
    archive.write_bytes(zip_folder(SAMPLES / "s01_basic"))
    run("import_draft", archive, "--name", "Holiday")
    draft = Draft.objects.get()
    assert draft.name == "Holiday"
    url = f"http://testserver/openapi/capcut-mate/v1/get_draft?draft_id={draft.pk}"
    assert run("import_draft", SAMPLES / "s02_effects", "--into", url) == f"{draft.pk} version 2: Holiday (5 files)\n"
    assert Draft.objects.count() == 1


@pytest.mark.parametrize("command", [("import_draft", SAMPLES / "s01_basic"), ("adopt", SAMPLES)])
def test_what_comes_in_belongs_to_the_workspace_that_is_named(
    db: None, tmp_path: Path, command: tuple[str, Path]
) -> None:
    name, folder = command
    if name == "adopt":
        folder = shutil.copytree(SAMPLES / "s05_reference", tmp_path / "draft" / "2026112101434402e8a07a").parent
    assert refused(name, folder, "--workspace", "studio") == "There is no workspace studio."
    assert not Draft.objects.exists()
    Workspace.objects.create(id="studio")
    run(name, folder, "--workspace", "studio")
    assert Draft.objects.get().workspace_id == "studio"


def test_import_lists_media_that_are_not_there(db: None, tmp_path: Path) -> None:
    folder = shutil.copytree(SAMPLES / "s01_basic", tmp_path / "s01_basic")
    (folder / "assets/videos/clip.mp4").unlink()
    lines = run("import_draft", folder).splitlines()
    assert lines[0].endswith("version 1: s01_basic (3 files)")
    assert [
        line for line in lines[1:] if not re.fullmatch(r"missing: .*clip\.mp4 \(material [0-9A-Za-z-]+\)", line)
    ] == []
    assert len(lines) > 1


def test_import_refuses_in_one_sentence_and_leaves_nothing(db: None, tmp_path: Path) -> None:
    not_a_zip = tmp_path / "draft.zip"
    not_a_zip.write_bytes(b"PK but no more")
    sample = SAMPLES / "s01_basic"
    unknown = "0" * 32
    assert refused("import_draft", tmp_path / "gone") == f"There is no folder and no file at {tmp_path / 'gone'}."
    assert refused("import_draft", not_a_zip) == "The archive is not a ZIP file."
    assert refused("import_draft", tmp_path) == "There is no draft_content.json or draft_info.json."
    assert refused("import_draft", sample, "--into", unknown).startswith("Draft does not exist. ")
    assert refused("import_draft", sample, "--into", "x").startswith("Invalid draft_url format. ")
    assert refused("import_draft", sample, "--into", f"http://x/?draft_id={unknown}&version=1").startswith(
        "draft_url names a version. "
    )
    assert refused("import_draft", sample, "--name", "x" * 201).startswith("A name has at most 200 characters")
    run("maintenance", "on")
    gate.state(fresh=True)
    assert refused("import_draft", sample) == "Service unavailable. The server is in maintenance."
    assert not Draft.objects.exists()
    assert not Blob.objects.exists()


# export_draft


def test_export_a_folder_and_import_it_again(api: Api, sample: Path, tmp_path: Path) -> None:
    draft = api.imported(sample)
    assert run("export_draft", draft["id"], tmp_path / "new") == f"{tmp_path / 'new' / sample.name}\n"
    assert [path.name for path in (tmp_path / "new").iterdir()] == [sample.name]
    run("import_draft", tmp_path / "new" / sample.name)
    again = Draft.objects.exclude(pk=draft["id"]).get()
    assert again.head.content.sha256 == Draft.objects.get(pk=draft["id"]).head.content.sha256  # type: ignore[union-attr]  # both were saved


def test_export_a_version_as_zip(api: Api, tmp_path: Path) -> None:
    draft = api.imported(SAMPLES / "s01_basic")
    api.put(f"/api/v1/drafts/{draft['id']}/files/assets/later.txt", b"later")
    url = draft["draft_url"]
    run("export_draft", url, tmp_path / "now", "--zip")
    run("export_draft", url, tmp_path / "then", "--zip", "--version", "1")
    run("export_draft", f"{url}&version=1", tmp_path / "url", "--zip")
    names = {
        folder: zipfile.ZipFile(tmp_path / folder / "s01_basic.zip").namelist() for folder in ("now", "then", "url")
    }
    assert set(names["now"]) - set(names["then"]) == {"s01_basic/assets/later.txt"}
    assert names["then"] == names["url"]
    assert (tmp_path / "then/s01_basic.zip").read_bytes() == body_of(
        api.get(f"/api/v1/drafts/{draft['id']}/versions/1/archive.zip")
    )


def test_export_from_the_trash(api: Api, tmp_path: Path) -> None:
    draft = api.imported(SAMPLES / "s01_basic")
    api.delete(f"/api/v1/drafts/{draft['id']}")
    run("export_draft", draft["id"], tmp_path)
    assert (tmp_path / "s01_basic/draft_content.json").is_file()


def test_export_refuses_in_one_sentence_and_leaves_nothing(api: Api, tmp_path: Path) -> None:
    draft = api.imported(SAMPLES / "s01_basic")
    assert refused("export_draft", "0" * 32, tmp_path).startswith("Draft does not exist. ")
    assert (
        refused("export_draft", draft["id"], tmp_path, "--version", "9")
        == "Version 9 does not exist. The newest version of this draft is 1."
    )
    for number in ("-1", "0", "x"):
        shown = refused("export_draft", draft["id"], tmp_path, "--version", number)
        assert shown == "version must be a whole number from 1."
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "s01_basic").mkdir()
    assert refused("export_draft", draft["id"], tmp_path) == f"{tmp_path / 's01_basic'} exists already."
    (tmp_path / "file").touch()
    assert refused("export_draft", draft["id"], tmp_path / "file").endswith("exists.")


@pytest.mark.parametrize("form", ["--zip", "--no-color"])
def test_an_export_that_breaks_off_leaves_nothing(api: Api, tmp_path: Path, broken_store: None, form: str) -> None:
    draft = api.create()
    content = api.content(draft["draft_id"])
    assert content
    api.save(draft["draft_url"])
    Blob.objects.update(state="stored", stored_at=timezone.now())
    BlobPayload.objects.all().delete()
    shown = refused("export_draft", draft["draft_id"], tmp_path, "--version", "1", form)
    assert shown == "The object store cannot be reached. Try again after Retry-After."
    assert list(tmp_path.iterdir()) == []


# drain


def test_drain_stores_what_waits_and_says_so(api: Api) -> None:
    for _ in range(51):
        api.save(api.create()["draft_url"])
    assert run("drain").splitlines() == [
        "51 waiting",
        "50 stored, 1 waiting",
        "51 stored, 0 waiting",
        "Everything is in the store.",
    ]
    assert run("drain") == "0 waiting\nEverything is in the store.\n"
    assert not BlobPayload.objects.exists()


def test_drain_fails_while_something_waits_and_says_why(api: Api, broken_store: None) -> None:
    api.save(api.create()["draft_url"])
    for tries in (1, 2):  # the second time although it is backing off
        shown = refused("drain")
        blob = Blob.objects.get()
        assert shown == f"1 still waiting: ConnectTimeoutError. Next try at {blob.next_try_at:%H:%M:%S} UTC."
        assert blob.tries == tries
    assert BlobPayload.objects.count() == 1


# collect


@pytest.fixture
def rubbish(db: None) -> Blob:
    """An old blob that nothing refers to, and an object that no blob owns."""
    blob = blobs.put(io.BytesIO(b"rubbish"), length=7)
    Blob.objects.update(touched_at=timezone.now() - timedelta(days=2))
    DoomedObject.objects.create(key="blobs/up/gone")
    return Blob.objects.get(pk=blob.pk)


def test_collect_shows_what_it_would_delete(rubbish: Blob) -> None:
    lines = run("collect", "--dry-run").replace("\xa0", " ").splitlines()
    assert lines == [
        f"blob {rubbish.key} 7 bytes, last used {rubbish.touched_at:%Y-%m-%d %H:%M} UTC",
        "object blobs/up/gone",
        "1 blobs (7 bytes, unused for 86400 s) and 1 objects would be deleted.",
    ]
    assert blobs.read(rubbish) == b"rubbish"
    assert DoomedObject.objects.count() == 1


def test_collect_deletes_it(api: Api, rubbish: Blob) -> None:
    api.save(api.create()["draft_url"])
    assert run("collect") == "1 blobs and 2 objects deleted.\n"
    with pytest.raises(ObjectMissing):
        blobs.store().length(rubbish.key)
    assert Blob.objects.count() == 1
    assert run("collect") == "0 blobs and 0 objects deleted.\n"


def test_collect_fails_when_the_store_does(rubbish: Blob, broken_store: None) -> None:
    shown = refused("collect")
    assert shown == "The store failed: 2 objects are still to be deleted, and will be tried again."
    assert DoomedObject.objects.count() == 2


# as an operator starts them


def shell(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "STATE_DIR": str(state), "DATABASE_URL": "", "SECRET_KEY": "x" * 50}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_failure_is_one_sentence_and_status_1(tmp_path: Path) -> None:
    failed = shell(tmp_path, "import_draft", "/no/such/folder")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr == "CommandError: There is no folder and no file at /no/such/folder.\n"


def test_a_database_without_tables_is_said_in_one_sentence(tmp_path: Path) -> None:
    failed = shell(tmp_path, "maintenance", "status")
    assert failed.returncode == 1
    assert failed.stderr == "CommandError: The database cannot be used: no such table: drafts_core_maintenance.\n"
