"""What the tests of the operators' long commands share."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from drafts.core import blobs, persist
from drafts.core.models import Blob
from tests.harness import ROOT, scratch_database
from tests.support import Api

POSTGRES = "postgres" in os.environ.get("DATABASE_URL", "")
MISSING = "blobs/00/none"


def run(name: str, *arguments: object) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command(name, *map(str, arguments), stdout=out, no_color=True)
    return out.getvalue()


def refused(name: str, *arguments: object) -> tuple[str, str]:
    """The sentence with which the command fails, and what it printed before."""
    out = io.StringIO()
    with pytest.raises(CommandError) as raised:
        call_command(name, *map(str, arguments), stdout=out, no_color=True)
    assert raised.value.returncode == 1
    assert "\n" not in str(raised.value)
    return str(raised.value), out.getvalue()


def stored_drafts(api: Api) -> list[Blob]:
    for number in range(3):
        draft = api.create()
        assert api.put_content(draft["draft_id"], api.content(draft["draft_id"]) | {"n": number}).status_code == 200
        assert api.save(draft["draft_url"]).json()["version"] == 1
    persist.drain()
    return list(Blob.objects.order_by("pk"))


def write(key: str, data: bytes) -> None:
    """Put bytes into the store under any key."""
    blobs.store().put(key, io.BytesIO(data))


@contextlib.contextmanager
def empty_state(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a new server: state folder and file store in ``folder``, a database of the same kind."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(scratch_database(os.environ["DATABASE_URL"])) if POSTGRES else ""
        folder.mkdir(exist_ok=True)
        yield {"STATE_DIR": str(folder), "DATABASE_URL": url, "S3_BUCKET": "", "SECRET_KEY": "x" * 50}


def manage(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    """``manage.py`` as an operator runs it."""
    inherited = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env={**inherited, "DJANGO_SETTINGS_MODULE": "capcut_site.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def files(folder: Path) -> set[str]:
    """Everything in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
