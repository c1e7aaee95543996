"""``make test-services``: the whole suite against PostgreSQL, Redis and an S3 server that checks signatures.

PostgreSQL (``DATABASE_URL``) and Redis (``REDIS_URL``) must run; SeaweedFS is started here, on free ports of
the loopback address, with a key of its own and one bucket for each test process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis

from tests.services.store import SeaweedFS

PROCESSES = 2
BUCKET = "capcut-test"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def check_services() -> None:
    """Say in one sentence what is missing."""
    try:
        psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3).close()
    except psycopg.Error as error:
        sys.exit(
            f"PostgreSQL does not answer ({str(error).splitlines()[0]}): start one (Debian: apt install "
            "postgresql) and name it in TEST_DATABASE_URL=postgres://user:password@host:5432/postgres."
        )
    try:
        redis.Redis.from_url(os.environ["REDIS_URL"], socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        sys.exit(
            f"Redis does not answer ({error}): start one (Debian: apt install redis-server) and name it in "
            "TEST_REDIS_URL=redis://host:6379/9."
        )
    if not shutil.which("npx"):
        sys.exit("Node.js 18 or newer with npx is needed: install it (Debian: apt install nodejs npm).")
    if not any(shutil.which(name) for name in CHROMIUM):
        sys.exit("Chromium is needed: install it (Debian: apt install chromium).")


@contextlib.contextmanager
def seaweedfs() -> Iterator[dict[str, str]]:
    """A running S3 server; yields the variables that lead the service to it."""
    with tempfile.TemporaryDirectory(prefix="capcut-s3-") as folder:
        store = SeaweedFS(Path(folder))
        try:
            store.start([BUCKET, *(f"{BUCKET}-gw{number}" for number in range(PROCESSES))])
            yield store.environment(BUCKET)
        finally:
            store.kill()


def main(arguments: list[str]) -> int:
    """Run pytest with everything but the slow tier."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C: what was started here is ended
    check_services()
    with seaweedfs() as store:
        command = [sys.executable, "-m", "pytest", "-n", str(PROCESSES), "-m", "not slow", *arguments]
        # Importing capcut_site has named the product's settings, which would win over pyproject.toml.
        environment = {**os.environ, **store, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
