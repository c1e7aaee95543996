"""Secrets come from the environment or from files, can be changed, and stand in no log line."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.test import Client

from capcut_site import env
from tests.edits import Editor
from tests.harness import ROOT
from tests.support import MATE, Api, body_of, path_of

SECRETS = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "DATABASE_URL",
    "REDIS_URL",
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
)
SHOWN = """
import json
from capcut_site import settings as s
print(json.dumps([s.SECRET_KEY, s.SECRET_KEY_FALLBACKS, s.DATABASES["default"]["PASSWORD"], s.REDIS_URL,
    s.AWS_ACCESS_KEY_ID, s.AWS_SECRET_ACCESS_KEY]))
"""


def settings_of(folder: Path, **environment: str) -> Any:
    """What the settings make of an environment."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    given = {**kept, "STATE_DIR": str(folder / "state"), "S3_BUCKET": "x", **environment}
    done = subprocess.run(
        [sys.executable, "-c", SHOWN], cwd=ROOT, env=given, capture_output=True, text=True, check=False
    )
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def test_every_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    assert set(SECRETS) == env.SECRETS
    values = ["key of fifty characters or so", "old,older", "postgres://me:p%40ss@db/x", "redis://:pw@r/0", "id", "s3"]
    files = {}
    for name, value in zip(SECRETS, values, strict=True):
        (tmp_path / name).write_text(f"{value}\n")
        files[f"{name}_FILE"] = str(tmp_path / name)
    expected = [values[0], ["old", "older"], "p@ss", "redis://:pw@r/0", "id", "s3"]
    assert settings_of(tmp_path, **files) == expected
    assert settings_of(tmp_path, **dict(zip(SECRETS, values, strict=True))) == expected


def test_a_file_that_cannot_be_read_is_one_sentence_without_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = env.VARIABLES["REDIS_URL"]
    monkeypatch.delenv("REDIS_URL", raising=False)
    (tmp_path / "noise").write_bytes(b"\xffsecret")
    for file, reason in (("nothing", "No such file or directory"), ("noise", "it is no text"), ("", "Is a directory")):
        monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / file))
        with pytest.raises(env.ImproperlyConfigured) as refused:
            env.text("REDIS_URL", "", before.help)
        assert str(refused.value) == f"REDIS_URL_FILE {tmp_path / file} cannot be read: {reason}."
    monkeypatch.setenv("REDIS_URL", "redis://the-environment-wins")
    assert env.text("REDIS_URL", "", before.help) == "redis://the-environment-wins"


def test_a_changed_key_leaves_links_and_sessions_as_long_as_it_is_named(api: Api, settings: Any) -> None:
    draft = api.create()
    chief, idle = User.objects.create(username="chief", is_staff=True, is_superuser=True), Client()
    for client in (api.client, idle):
        client.force_login(chief)
    link = path_of(api.get(draft["draft_url"]).json()["files"][0])
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key, of which nobody knows", [configured.SECRET_KEY]
    assert api.get(link).status_code == 200
    assert api.get("/admin/").status_code == 200
    assert path_of(api.get(draft["draft_url"]).json()["files"][0]) != link  # new links are made with the new key
    settings.SECRET_KEY_FALLBACKS = []
    assert api.get(link).status_code == 404
    assert api.get("/admin/").status_code == 200  # it was used meanwhile, and moved to the new key
    assert idle.get("/admin/").status_code == 302


HIDDEN = "hunter2-5d2c9f"  # in everything that must not be logged


def lines(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> str:
    """All that was logged or printed."""
    said = capfd.readouterr()
    return "\n".join([*(f"{record.msg} {record.getMessage()} {record.exc_text}" for record in caplog.records), *said])


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_no_key_token_password_or_content_is_logged(
    api: Api, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], level: int
) -> None:
    caplog.set_level(level)
    editor = Editor(api)
    draft_id, url = editor.id, editor.url
    keys = {"Authorization": f"Bearer {HIDDEN}", "X-API-Key": HIDDEN, "Cookie": f"sessionid={HIDDEN}"}
    caption = json.dumps([{"start": 0, "end": 1_000_000, "text": HIDDEN}])
    calls = [
        api.post(f"{MATE}/add_captions", {"draft_url": url, "captions": caption, "apiKey": HIDDEN}, **keys),
        api.post(f"{MATE}/add_captions", {"draft_url": url, "captions": HIDDEN}, **keys),
        api.post(f"{MATE}/save_draft?token={HIDDEN}", {"draft_url": f"{url}&token={HIDDEN}", "note": HIDDEN}, **keys),
        api.post(f"{MATE}/save_draft", {"draft_url": f"https://me:{HIDDEN}@x/{HIDDEN}"}),
        api.post(f"{MATE}/add_images", {"draft_url": url, "image_infos": images(f"http://me:{HIDDEN}@127.0.0.1/")}),
        api.put_content(draft_id, b'{"tracks": "' + HIDDEN.encode()),
        api.put_content(draft_id, {**api.content(draft_id), "x": HIDDEN}),
        api.get(f"/api/v1/drafts?search={HIDDEN}&api_key={HIDDEN}", **keys),
        api.get(f"{MATE}/get_draft?draft_id={draft_id}&token={HIDDEN}", **keys),
        api.get(f"{MATE}/files/w-{HIDDEN}/{draft_id}/draft_content.json"),
        api.get(f"{MATE}/files/w-{HIDDEN}/{draft_id}.zip"),
        api.client.post("/admin/login/", {"username": HIDDEN, "password": HIDDEN}),
        api.client.post("/admin/login/", {"username": "chief", "password": HIDDEN, "next": f"/?{HIDDEN}"}),
        api.import_zip(HIDDEN.encode()),
    ]
    for response in calls:
        body_of(response)
    link = path_of(api.get(url).json()["files"][0])
    body_of(api.get(link))
    told = lines(caplog, capfd)
    assert told.count("'event': 'request'") + told.count('"event":"request"') > len(calls)
    assert HIDDEN not in told
    assert link.split("/")[5] not in told
    assert configured.SECRET_KEY not in told


def images(url: str) -> str:
    """The infos of one image."""
    return json.dumps([{"image_url": url, "width": 10, "height": 10, "start": 0, "end": 1_000_000}])
