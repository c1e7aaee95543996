"""Rolling upgrades: old and new code on the new schema at once (docs/operations.md, "Upgrading")."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import models
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from tests.harness import ROOT, free_port, wait_for

OURS = ("drafts", "drafts_access", "drafts_core")
FIRST = "0001_initial"
BREAKING = (ops.RemoveField, ops.RenameField, ops.DeleteModel, ops.RenameModel, ops.AlterModelTable)
NEED_A_WORD = (ops.RunPython, ops.RunSQL, ops.AddConstraint, ops.AlterUniqueTogether)


def danger(operation: Any, state: ProjectState, app: str) -> str | None:
    """Why code of the release before would fail on a database that the operation has changed, or ``None``."""
    if isinstance(operation, ops.SeparateDatabaseAndState):
        parts = (*operation.database_operations, *operation.state_operations)
        return next((why for part in parts if (why := danger(part, state, app))), None)
    if isinstance(operation, BREAKING):
        return "the release before still uses what goes"
    if isinstance(operation, NEED_A_WORD):
        return "what it asks of rows must hold for those that the release before writes"
    if isinstance(operation, ops.AddField):
        field = operation.field
        absent = field.null or field.db_default is not models.NOT_PROVIDED or field.many_to_many
        return None if absent else "an INSERT of the release before does not name it: null=True or db_default="
    if isinstance(operation, ops.AlterField):
        return _other(state.models[app, operation.model_name_lower].fields[operation.name], operation.field)
    return None


def _other(old: Any, new: Any) -> str | None:
    if type(old) is not type(new):
        return "another type"
    if old.null and not new.null:
        return "no longer null"
    if old.max_length != new.max_length:
        return "another length: statements that PostgreSQL has prepared for the release before name the old one"
    if old.db_default is not models.NOT_PROVIDED and new.db_default is models.NOT_PROVIDED and not new.null:
        return "no default any more: an INSERT of the release before may leave the column to it"
    if (not old.unique and new.unique) or old.db_column != new.db_column:
        return "unique, or another column"
    return None


def test_migrations_after_the_first_release_keep_the_release_before_working() -> None:
    loader = MigrationLoader(None)
    found = []
    for app, name in sorted(key for key in loader.disk_migrations if key[0] in OURS and key[1] != FIRST):
        migration = loader.disk_migrations[app, name]
        state = loader.project_state((app, name), at_end=False)
        for operation in migration.operations:
            why = danger(operation, state, app)
            if why and not getattr(migration, "contract", ""):
                found.append(f"{app}.{name}: {operation.describe()}: {why}")
            operation.state_forwards(app, state)
    assert found == [], "Split it in two releases, or say in the migration's `contract` why it is safe now"


STATE = ProjectState()
STATE.add_model(
    ModelState(
        "drafts",
        "Draft",
        [
            ("id", models.AutoField(primary_key=True)),
            ("note", models.CharField(max_length=9)),
            ("size", models.IntegerField(db_default=0)),
        ],
    )
)


@pytest.mark.parametrize(
    ("operation", "safe"),
    [
        (ops.RemoveField("draft", "note"), False),
        (ops.RenameField("draft", "note", "remark"), False),
        (ops.DeleteModel("draft"), False),
        (ops.RunSQL("SELECT 1"), False),
        (ops.SeparateDatabaseAndState([ops.RunSQL("SELECT 1")]), False),
        (ops.SeparateDatabaseAndState(state_operations=[ops.RemoveField("draft", "note")]), False),
        (ops.AddConstraint("draft", models.UniqueConstraint(fields=["note"], name="once")), False),
        (ops.AddField("draft", "size", models.IntegerField(default=0)), False),
        (ops.AddField("draft", "size", models.IntegerField(null=True)), True),
        (ops.AlterField("draft", "size", models.IntegerField()), False),
        (ops.AlterField("draft", "size", models.IntegerField(db_default=1)), True),
        (ops.AddField("draft", "length", models.IntegerField(db_default=0)), True),
        (ops.AlterField("draft", "note", models.CharField(max_length=8)), False),
        (ops.AlterField("draft", "note", models.CharField(max_length=10)), False),
        (ops.AlterField("draft", "note", models.TextField()), False),
        (ops.AlterField("draft", "note", models.CharField(max_length=9, unique=True)), False),
        (ops.AlterField("draft", "note", models.CharField(max_length=9, null=True)), True),
        (ops.CreateModel("other", [("id", models.AutoField(primary_key=True))]), True),
        (ops.AddIndex("draft", models.Index(fields=["note"], name="by_note")), True),
    ],
)
def test_what_the_rule_refuses(operation: Any, safe: bool) -> None:
    assert (danger(operation, STATE.clone(), "drafts") is None) is safe


def newest_release() -> str:
    """The newest tag ``v<version>``; while there is none, this commit, so that the test itself is tested."""
    done = subprocess.run(["git", "tag", "--list", "v*", "--sort=-v:refname"], cwd=ROOT, capture_output=True, text=True)
    tags = [tag for tag in done.stdout.split() if re.fullmatch(r"v\d+\.\d+\.\d+", tag)]
    return tags[0] if tags else "HEAD"


@contextmanager
def web(code: Path, environment: dict[str, str]) -> Iterator[str]:
    """A web server of the code in a folder; yields its URL."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "capcut_site.web"],
        cwd=code,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )

    def answers() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    try:
        wait_for(answers, f"the web server of {code}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_the_release_before_works_on_the_new_schema_beside_the_new_code(tmp_path: Path) -> None:
    before = tmp_path / "before"
    packed = subprocess.run(["git", "archive", newest_release()], cwd=ROOT, capture_output=True, check=True).stdout
    before.mkdir()
    subprocess.run(["tar", "-x"], cwd=before, input=packed, check=True)
    state = tmp_path / "state"
    inherited = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    environment = {**inherited, "STATE_DIR": str(state), "DJANGO_SETTINGS_MODULE": "capcut_site.settings"}
    environment |= {"DATABASE_URL": "", "REDIS_URL": "", "S3_BUCKET": "", "WEB_WORKERS": "1", "LOG_LEVEL": "ERROR"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    with ExitStack() as stack:
        old = stack.enter_context(web(before, environment))
        new = stack.enter_context(web(ROOT, environment))
        for first, second in ((old, new), (new, old)):
            draft = requests.post(f"{first}/openapi/capcut-mate/v1/create_draft", json={}, timeout=20).json()
            resource = f"/api/v1/drafts/{draft['draft_id']}"
            for number, here in enumerate((first, second, first), start=1):
                document = requests.get(f"{here}{resource}/content", timeout=20)
                put = requests.put(
                    f"{here}{resource}/content",
                    json=document.json() | {"n": number},
                    headers={"If-Match": document.headers["ETag"]},
                    timeout=20,
                )
                assert put.status_code == 200, put.text
                file = f"{here}{resource}/files/assets/images/{number}.png"
                assert requests.put(file, data=b"%d" % number, timeout=20).status_code == 201
                saved = requests.post(f"{here}{resource}/save", json={}, timeout=20)
                assert (saved.status_code, saved.json()["number"]) == (201, number)
            for here in (first, second):
                listed = requests.get(f"{here}{resource}/versions", timeout=20).json()["results"]
                assert [version["number"] for version in listed] == [3, 2, 1]
                assert requests.get(f"{here}{resource}/content", timeout=20).json()["n"] == 3
