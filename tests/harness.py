"""The whole service as a user starts it, in a folder of its own, for tests that restart and kill it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests

ROOT = Path(__file__).resolve().parent.parent
ROLES = {
    "worker": "--app=capcut_site --quiet worker",
    "beat": "--app=capcut_site --quiet beat",
    "web": "-m capcut_site.web",
    "broker": "broker.sock",
}
PATIENCE = 120.0  # seconds; no wait is a claim about speed


class Service:
    """``manage.py dev`` on a free port, with ``state`` as STATE_DIR."""

    def __init__(self, state: Path, **environment: str) -> None:
        self.state = state
        self.port = free_port()
        self.environment = {"QUEUE_PREFIX": f"{uuid.uuid4().hex}:", "LOG_LEVEL": "WARNING", **environment}
        self.prefix: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.http = requests.Session()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def whole_environment(self) -> dict[str, str]:
        """The environment of this service's processes."""
        inherited = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
        inherited["DJANGO_SETTINGS_MODULE"] = "capcut_site.settings"  # pytest-django exports the tests' own
        return {**inherited, "STATE_DIR": str(self.state), "PORT": str(self.port), **self.environment}

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.state.parent / f"{self.state.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, str(ROOT / "manage.py"), "dev"],
                cwd=ROOT,
                env=self.whole_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        """Until /readyz says that the database is there."""
        wait_for(self.answers, f"the service at {self.url}; its log is {self.state}.log")

    def answers(self) -> bool:
        """Whether it is ready now."""
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/readyz", timeout=2).status_code == 200
        return False

    def pids(self, role: str) -> list[int]:
        """Processes of a role, the children of this service's supervisor and their children."""
        if role == "supervisor":
            return [self.process.pid] if self.process else []
        table = _processes()
        ours = {self.process.pid} if self.process else set()
        for _ in range(3):
            ours |= {pid for pid, (parent, _) in table.items() if parent in ours}
        return sorted(pid for pid in ours if ROLES[role] in table.get(pid, (0, ""))[1])

    def children(self) -> list[int]:
        """The processes that the started one has started itself."""
        return [pid for pid, (parent, _) in _processes().items() if self.process and parent == self.process.pid]

    def kill(self, role: str) -> None:
        """``kill -9`` of every process of a role; "all" means the supervisor and everything under it.

        The children of a killed supervisor end by themselves; this waits until they have.
        """
        roles = ["supervisor", *ROLES] if role == "all" else [role]
        everybody = [pid for each in ROLES for pid in self.pids(each)]
        for pid in [pid for each in roles for pid in self.pids(each)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if "supervisor" in roles and self.process:
            self.process.wait()
            wait_for(lambda: not _processes().keys() & set(everybody), "the supervisor's children to end")

    def stop(self) -> int:
        """SIGTERM, and wait; returns the exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def create(self, **body: Any) -> dict[str, Any]:
        """A draft."""
        answer = self.http.post(f"{self.url}/openapi/capcut-mate/v1/create_draft", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def _processes() -> dict[int, tuple[int, str]]:
    lines = subprocess.run(["ps", "-wweo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in lines.splitlines())
    return {int(row[0]): (int(row[1]), row[2] if len(row) > 2 else "") for row in rows}


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Any, what: str, seconds: float = PATIENCE) -> None:
    """Ask ``condition`` again until it holds; fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
        time.sleep(0.05)


@contextlib.contextmanager
def service(folder: Path, **environment: str) -> Iterator[Service]:
    """A started service; with ``DATABASE_URL`` of PostgreSQL in the environment, on a database of its own there.

    Where an S3 store is in force it also has a bucket of its own; its temp folder is ``folder/temp``.
    """
    (folder / "temp").mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        changes = {"TMPDIR": str(folder / "temp"), **environment}
        url = environment.get("DATABASE_URL", os.environ.get("DATABASE_URL", ""))
        if "postgres" in url:
            changes["DATABASE_URL"] = stack.enter_context(scratch_database(url))
        if "S3_BUCKET" not in environment and os.environ.get("S3_BUCKET"):
            changes["S3_BUCKET"] = scratch_bucket()
        running = Service(folder / "state", **changes)
        stack.callback(running.stop)
        try:
            running.start()
            yield running
        except BaseException:
            print(Path(f"{running.state}.log").read_text(errors="replace")[-8000:], file=sys.stderr)
            raise


def scratch_bucket() -> str:
    """A new bucket in the S3 store of the environment, which is thrown away with its server."""
    import boto3
    from botocore.client import Config

    name = f"capcut-{uuid.uuid4().hex[:12]}"
    style = Config(s3={"addressing_style": "path"})
    store = boto3.client("s3", endpoint_url=os.environ["S3_ENDPOINT_URL"], region_name="us-east-1", config=style)
    store.create_bucket(Bucket=name)
    return name


@contextlib.contextmanager
def scratch_database(url: str) -> Iterator[str]:
    """A database of its own on the PostgreSQL server of ``url``, dropped afterwards."""
    import psycopg

    name = f"capcut_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
