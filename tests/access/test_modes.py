"""When a key is asked for by default, and what does not start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import ROOT, free_port

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing is served there


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A Python of the service, with nothing of the tests' settings."""
    kept = {
        name: value for name, value in os.environ.items() if name not in {"ACCESS_MODE", "PROMETHEUS_MULTIPROC_DIR"}
    }
    stated = {"STATE_DIR": str(folder), "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "capcut_site.settings"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**kept, **stated, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({"CAPCUT_EMBEDDED": "1"}, "open"),
        ({"CAPCUT_EMBEDDED": "1", "HOST": "127.0.0.2"}, "open"),
        ({"CAPCUT_EMBEDDED": "1", "HOST": EVERYWHERE}, "keys"),
        ({"CAPCUT_EMBEDDED": "1", "HOST": "192.168.1.20"}, "keys"),
        ({"CAPCUT_EMBEDDED": "1", "HOST": "::"}, "keys"),
        ({"CAPCUT_EMBEDDED": "0"}, "keys"),
        ({"CAPCUT_EMBEDDED": "0", "ACCESS_MODE": "open"}, "open"),
    ],
)
def test_keys_are_the_default_but_on_a_laptop_alone(tmp_path: Path, environment: dict[str, str], mode: str) -> None:
    asked = run(tmp_path, "-c", "from django.conf import settings; print(settings.ACCESS_MODE)", **environment)
    assert asked.stdout == f"{mode}\n"


@pytest.mark.parametrize("command", [("-m", "capcut_site.web"), ("manage.py", "dev")])
def test_open_access_on_a_public_address_does_not_start(tmp_path: Path, command: tuple[str, ...]) -> None:
    environment = {"HOST": EVERYWHERE, "PORT": str(free_port()), "ACCESS_MODE": "open"}
    ended = run(tmp_path, *command, **environment)
    assert ended.returncode == 1
    assert ended.stderr == (
        "ACCESS_MODE=open lets everybody who reaches 0.0.0.0 change every draft: set ACCESS_MODE=keys and make a key "
        "with `manage.py create_api_key NAME`, or set ACCESS_OPEN_ANYWHERE=1 if that is meant.\n"
    )


def test_it_starts_when_it_is_forced(tmp_path: Path) -> None:
    listen = "from capcut_site import web; print(len(web.listen('0.0.0.0', 0, 1)))"
    given = {"HOST": EVERYWHERE, "ACCESS_MODE": "open", "ACCESS_OPEN_ANYWHERE": "1"}
    assert run(tmp_path, "-c", listen, **given).stdout == "1\n"
