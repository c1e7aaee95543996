"""``manage.py dev`` as a user starts it: real processes, signals and files."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.harness import ROOT, Service, scratch_database, wait_for

EMBEDDED = {"SECRET_KEY": "", "DATABASE_URL": "", "REDIS_URL": "", "S3_BUCKET": "", "WEB_WORKERS": "1"}
ROLES = ("supervisor", "broker", "worker", "beat", "web")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """An instance that leaves nothing behind."""
    service = Service(tmp_path / "state", **EMBEDDED)
    with contextlib.ExitStack() as stack:
        stack.callback(service.kill, "all")
        yield service


def log_of(service: Service) -> str:
    """Everything it printed, on stdout and stderr."""
    return Path(f"{service.state}.log").read_text(encoding="utf-8")


def group(service: Service) -> list[str]:
    """The processes that are left of an instance: they all stay in the supervisor's process group."""
    assert service.process
    lines = subprocess.run(["ps", "-wweo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in lines.splitlines())
    return [row[2] for row in rows if int(row[0]) == service.process.pid and not row[1].startswith("Z")]


def refusal(state: Path, port: int) -> str:
    """The one sentence with which ``manage.py dev`` refuses to start."""
    environment = {**os.environ, **EMBEDDED, "STATE_DIR": str(state), "PORT": str(port)}
    environment["DJANGO_SETTINGS_MODULE"] = "capcut_site.settings"
    command = [sys.executable, str(ROOT / "manage.py"), "dev"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    return sentence


def test_starts_works_and_stops_twice(service: Service) -> None:
    service.start()
    assert requests.get(f"{service.url}/healthz", timeout=5).status_code == 200
    draft = service.create()
    answer = requests.put(
        f"{service.url}/api/v1/drafts/{draft['draft_id']}/files/assets/images/a.png", data=b"x", timeout=10
    )
    assert answer.status_code == 201
    saved = requests.post(
        f"{service.url}/openapi/capcut-mate/v1/save_draft", json={"draft_url": draft["draft_url"]}, timeout=10
    ).json()
    version = f"{service.url}/api/v1/drafts/{draft['draft_id']}/versions/{saved['version']}"
    wait_for(lambda: requests.get(version, timeout=10).json()["state"] == "stored", "the worker to store the save")

    wait_for(lambda: "Staff account: admin" in log_of(service), "the greeting")
    password = (service.state / "admin-password").read_text(encoding="ascii").strip()
    assert len(password) >= 16
    assert password not in log_of(service)
    for secret in ("admin-password", "secret_key"):
        assert stat.S_IMODE((service.state / secret).stat().st_mode) == 0o600
    assert f"{service.url}/admin/" in log_of(service)
    assert str(service.state) in log_of(service)

    assert service.process
    locked = refusal(service.state, port=0)
    assert f"in use by process {service.process.pid}" in locked
    taken = refusal(service.state.parent / "other", service.port)
    assert taken.startswith(f"Port {service.port} of 127.0.0.1 cannot be opened (Address already in use)")

    assert service.stop() == 0
    assert group(service) == []
    service.start()
    assert log_of(service).count("Preparing the database") == 1
    assert requests.get(version, timeout=10).json()["state"] == "stored"
    assert service.stop() == 0


def test_kill_9_leaves_no_orphans_and_no_neighbour_is_hurt(service: Service, tmp_path: Path) -> None:
    neighbour = Service(tmp_path / "neighbour", **EMBEDDED)
    try:
        neighbour.start()
        service.start()
        assert all(service.pids(role) for role in ROLES)
        assert service.process
        service.process.kill()
        service.process.wait()
        wait_for(lambda: group(service) == [], "the children of a killed supervisor to end")
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{service.url}/healthz", timeout=5)
        service.start()
        assert neighbour.answers()
    finally:
        neighbour.stop()
    assert group(neighbour) == []
    assert service.answers()


@pytest.mark.services
def test_a_killed_child_is_started_again(service: Service) -> None:
    said = "ended (signal SIGKILL); starting it again"
    service.start()
    for count, role in enumerate(("broker", "worker", "beat", "web"), start=1):
        os.kill(min(service.pids(role)), 9)
        wait_for(lambda count=count: log_of(service).count(said) == count, f"word of the killed {role}")
        wait_for(lambda role=role: service.pids(role), f"another {role}")
        assert requests.get(f"{service.url}/healthz", timeout=15).status_code == 200, role
    assert service.stop() == 0


def settled(burst: list[socket.socket]) -> bool:
    """Some were answered, and for two seconds no more."""
    answered = select.select(burst, [], [], 0)[0]
    time.sleep(2)
    return bool(answered) and select.select(burst, [], [], 0)[0] == answered


def test_web_processes_share_a_burst_and_nothing_queued_for_a_killed_one_is_lost(tmp_path: Path) -> None:
    service = Service(tmp_path / "state", **EMBEDDED | {"WEB_WORKERS": "2"})
    with contextlib.ExitStack() as stack:
        stack.callback(service.kill, "all")
        service.start()
        first, second = service.pids("web")[1:]  # before them granian's main process
        os.kill(first, signal.SIGSTOP)
        threads = list(Path(f"/proc/{first}/task").glob("*/stat"))
        wait_for(lambda: all(each.read_text().rpartition(")")[2][1] == "T" for each in threads), "it to stop")
        burst = [stack.enter_context(socket.create_connection(("127.0.0.1", service.port))) for _ in range(64)]
        for connection in burst:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_for(lambda: settled(burst), "the other process to answer what it has")
        waiting = [each for each in burst if each not in select.select(burst, [], [], 0)[0]]
        assert 10 < len(waiting) < 54
        os.kill(first, signal.SIGKILL)
        for connection in burst:
            connection.settimeout(20)
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
        assert second in service.pids("web")
        assert "Address already in use" in refusal(tmp_path / "other", service.port)
        assert service.stop() == 0


def test_an_unwritable_state_dir_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert refusal(tmp_path / "file" / "state", port=0).startswith(f"STATE_DIR {tmp_path}/file/state cannot be ")


def test_a_port_shared_by_reuseport_counts_as_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert "Address already in use" in refusal(tmp_path / "state", other.getsockname()[1])


@pytest.mark.services
def test_the_same_command_runs_on_the_production_parts(tmp_path: Path) -> None:
    url = os.environ["DATABASE_URL"]
    with scratch_database(url) as database:
        service = Service(tmp_path / "state", DATABASE_URL=database, QUEUE_PREFIX=f"test-{os.getpid()}:")
        try:
            service.start()
            draft = service.create()
            saved = requests.post(
                f"{service.url}/openapi/capcut-mate/v1/save_draft", json={"draft_url": draft["draft_url"]}, timeout=10
            ).json()
            version = f"{service.url}/api/v1/drafts/{draft['draft_id']}/versions/{saved['version']}"
            wait_for(lambda: requests.get(version, timeout=10).json()["state"] == "stored", "the worker")
            assert service.pids("broker") == []
            assert not (service.state / "blobs").exists()
            assert not (service.state / "db.sqlite3").exists()
        finally:
            assert service.stop() == 0
