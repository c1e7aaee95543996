"""PostgreSQL and Redis of a drill's own, to be stopped, crashed and flushed."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import psycopg
import redis

from capcut_site import lifeline
from capcut_site.broker import binary
from tests.harness import PATIENCE, free_port, wait_for

S = TypeVar("S", bound="Server")


class Server:
    """A process on a port of the loopback address that dies with the drill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.account: str | None = None

    def command(self) -> list[str]:
        """What is run."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it serves."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it serves."""
        # Another account may not be allowed to run this Python; then the server outlives a drill that is killed.
        tied = [] if self.account else [sys.executable, "-I", "-S", lifeline.__file__, str(os.getpid())]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*tied, *self.command()], cwd=self.folder, stdout=log, stderr=log, user=self.account
            )
        wait_for(self.answers, f"{self.command()[0]}; its log is {self.folder}/log")

    def stop(self, number: int = signal.SIGKILL) -> None:
        """End it with a signal, and wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=PATIENCE)


class Postgres(Server):
    """A cluster. SIGINT stops it fast, SIGQUIT at once, as a crash does: it recovers from its log at the next start."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self.account = next(
                name for name in ("postgres", "nobody") if name in {row.pw_name for row in pwd.getpwall()}
            )
            shutil.chown(folder, self.account)
            folder.chmod(0o700)
        command = [program("initdb"), "--pgdata", "data", "--auth=trust", "--username=postgres", "--encoding=UTF8"]
        subprocess.run(command, cwd=folder, user=self.account, check=True, capture_output=True)

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def command(self) -> list[str]:
        """On the loopback address alone."""
        options = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        return [
            program("postgres"),
            "-D",
            "data",
            *(word for key, value in options.items() for word in ("-c", f"{key}={value}")),
        ]

    def answers(self) -> bool:
        """Whether it takes connections."""
        with contextlib.suppress(psycopg.Error):
            psycopg.connect(self.url, connect_timeout=2).close()
            return True
        return False


class Redis(Server):
    """A Redis that keeps nothing, as the worst broker would."""

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """Nothing is written to disk."""
        found = binary()
        assert found, "The drill needs a Redis server: install one (Debian: apt install redis-server)."
        return [str(found), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    def answers(self) -> bool:
        """Whether it answers PING."""
        with contextlib.suppress(redis.RedisError), redis.Redis.from_url(self.url, socket_timeout=2) as client:
            return bool(client.ping())
        return False

    def flush(self) -> None:
        """Forget everything."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


def program(name: str) -> str:
    """A program of PostgreSQL's server, which Debian keeps off PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    found = shutil.which(name) or next(
        (str(folder / name) for folder in folders[::-1] if (folder / name).exists()), None
    )
    assert found, f"The drill needs PostgreSQL's {name}: install the server (Debian: apt install postgresql)."
    return found


@contextlib.contextmanager
def server(kind: type[S]) -> Iterator[S]:
    """A started server in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="capcut-drill-") as folder:
        running = kind(Path(folder))
        try:
            running.start()
            yield running
        finally:
            running.stop()
