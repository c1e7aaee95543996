"""SeaweedFS, an S3 server that checks signatures, on free ports of the loopback address with a key of its own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from capcut_site import lifeline
from tests.harness import free_port


class SeaweedFS:
    """The server; what it stored outlives a kill and a start in the same folder."""

    def __init__(self, folder: Path) -> None:
        self.program = Path(sys.executable).with_name("weed")
        if not self.program.exists():
            sys.exit("SeaweedFS is not installed: run `make test-services`, which does that (Linux and Apple silicon).")
        self.folder = folder
        self.log = folder / "weed.log"
        self.port = free_port()
        self.key, self.secret = secrets.token_hex(10), secrets.token_hex(20)
        self.options = self._options()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, bucket: str) -> dict[str, str]:
        """The variables that lead the service to it."""
        return {
            "S3_BUCKET": bucket,
            "S3_ENDPOINT_URL": self.url,
            "S3_ADDRESSING_STYLE": "path",
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
        }

    def start(self, buckets: Sequence[str]) -> None:
        """Start it and wait until it takes objects in ``buckets``, which are made if they are missing."""
        tied = [sys.executable, lifeline.__file__, str(os.getpid())]
        with self.log.open("ab") as log:
            command = [*tied, str(self.program), *self.options]
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        self._create(list(buckets))

    def kill(self) -> None:
        """``kill -9``."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _options(self) -> list[str]:
        credentials = [{"accessKey": self.key, "secretKey": self.secret}]
        identity = {"name": "tests", "credentials": credentials, "actions": ["Admin"]}
        (self.folder / "s3.json").write_text(json.dumps({"identities": [identity]}), encoding="ascii")
        (self.folder / "data").mkdir()
        roles = ("master.port", "volume.port", "filer.port")
        ports = {name: free_port() for role in roles for name in (role, f"{role}.grpc")}
        options = {
            "dir": str(self.folder / "data"),
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "s3": "true",
            "s3.config": str(self.folder / "s3.json"),
            "s3.port": str(self.port),
            "s3.port.grpc": str(free_port()),
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            "s3.localSocket": str(self.folder / "s3.sock"),
            "filer.localSocket": str(self.folder / "filer.sock"),
            "master.telemetry": "false",
            "master.volumeSizeLimitMB": "64",
            "volume.max": "200",
            **{name: str(number) for name, number in ports.items()},
        }
        return ["server", *(f"-{name}={value}" for name, value in options.items())]

    def _create(self, names: list[str]) -> None:
        quick = {"retries": {"max_attempts": 0}, "connect_timeout": 2, "read_timeout": 10}
        client = boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, **quick),
        )
        deadline = time.monotonic() + 60
        while names:
            try:
                if names[0] not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
                    client.create_bucket(Bucket=names[0])
                client.put_object(Bucket=names[0], Key="ready", Body=b"ready")
                names.pop(0)
            except (BotoCoreError, ClientError) as error:
                if time.monotonic() > deadline:
                    sys.exit(f"SeaweedFS did not start in a minute ({error}): {self.log.read_text()[-500:]}")
                time.sleep(0.3)
