"""``make test-services``: the whole suite against PostgreSQL, Redis and an S3 server that checks signatures.

PostgreSQL (``DATABASE_URL``) and Redis (``REDIS_URL``) must run; SeaweedFS is started here, on free ports of
the loopback address, with a key of its own and one bucket for each test process.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import psycopg
import redis
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from capcut_site import lifeline
from tests.harness import free_port

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
    weed = Path(sys.executable).with_name("weed")
    if not weed.exists():
        sys.exit("SeaweedFS is not installed: run `make test-services`, which does that (Linux and Apple silicon).")
    key, secret = secrets.token_hex(10), secrets.token_hex(20)
    with tempfile.TemporaryDirectory(prefix="capcut-s3-") as folder:
        port = free_port()
        log = Path(folder, "weed.log").open("wb")  # noqa: SIM115 - closed with the process
        tied = [sys.executable, lifeline.__file__, str(os.getpid())]
        command = [*tied, str(weed), *_options(Path(folder), port, key, secret)]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _create_buckets(url, key, secret, Path(log.name))
            yield {
                "S3_BUCKET": BUCKET,
                "S3_ENDPOINT_URL": url,
                "S3_ADDRESSING_STYLE": "path",
                "AWS_ACCESS_KEY_ID": key,
                "AWS_SECRET_ACCESS_KEY": secret,
            }
        finally:
            process.kill()
            process.wait()
            log.close()


def _options(folder: Path, port: int, key: str, secret: str) -> list[str]:
    identity = {"name": "tests", "credentials": [{"accessKey": key, "secretKey": secret}], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}), encoding="ascii")
    (folder / "data").mkdir()
    roles = ("master.port", "volume.port", "filer.port")
    ports = {name: free_port() for role in roles for name in (role, f"{role}.grpc")}
    options = {
        "dir": str(folder / "data"),
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "s3": "true",
        "s3.config": str(folder / "s3.json"),
        "s3.port": str(port),
        "s3.port.grpc": str(free_port()),
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
        "s3.localSocket": str(folder / "s3.sock"),
        "filer.localSocket": str(folder / "filer.sock"),
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": "64",
        "volume.max": "200",
        **{name: str(number) for name, number in ports.items()},
    }
    return ["server", *(f"-{name}={value}" for name, value in options.items())]


def _create_buckets(url: str, key: str, secret: str, log: Path) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}, connect_timeout=2, read_timeout=10),
    )
    names = [BUCKET, *(f"{BUCKET}-gw{number}" for number in range(PROCESSES))]
    deadline = time.monotonic() + 60
    while names:
        try:
            client.create_bucket(Bucket=names[0])
            client.put_object(Bucket=names[0], Key="ready", Body=b"ready")
            names.pop(0)
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > deadline:
                sys.exit(f"SeaweedFS did not start in a minute ({error}): {log.read_text()[-500:]}")
            time.sleep(0.3)


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
