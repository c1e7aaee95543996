"""``docker-compose.yml`` on a machine without Docker: every service's command as a process, on ports of its own.

What a container changes is undone by :data:`Native.places`: names of containers become 127.0.0.1 with a free port, and
volumes become folders. Everything else, commands and environment, is the file's.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from tests.harness import ROOT, free_port

PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "AWS_SECRET_ACCESS_KEY")
_VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")
_PORTS = ("master.port", "volume.port", "filer.port", "master.port.grpc", "volume.port.grpc", "filer.port.grpc")


def interpolated(text: str, variables: dict[str, str]) -> str:
    """A value as compose reads it: ``${NAME:-default}``, ``${NAME:?message}``, ``$$``."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if name is None:
            return "$"
        if not variables.get(name) and kind == "?":
            raise LookupError(f"{name}: {rest}")
        return variables.get(name) or (rest if kind == "-" else "")

    return _VARIABLE.sub(value, text)


def load(variables: dict[str, str]) -> dict[str, Any]:
    """The file with its variables filled in and its anchors merged."""

    def fill(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: fill(value) for key, value in node.items()}
        if isinstance(node, list):
            return [fill(value) for value in node]
        return interpolated(node, variables) if isinstance(node, str) else node

    return dict(fill(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))))


class Native:
    """The services of the file as processes, in ``folder``."""

    def __init__(self, folder: Path, *, database: str) -> None:
        self.folder = folder
        self.variables = {**{name: secrets.token_hex(32) for name in SECRETS}, "ACCESS_MODE": "open"}
        self.services: dict[str, Any] = load(self.variables)["services"]
        self.port, self.redis, self.s3, self.metrics = (free_port() for _ in range(4))
        given = self.services["web"]["environment"]["DATABASE_URL"]
        self.places = {
            given: database,
            "redis:6379": f"127.0.0.1:{self.redis}",
            "http://s3:8333": f"http://127.0.0.1:{self.s3}",
            "127.0.0.1:8333": f"127.0.0.1:{self.s3}",
            "127.0.0.1:30000": f"127.0.0.1:{self.port}",
            "-s3.port=8333": f"-s3.port={self.s3}",
            "-ip=s3": "-ip=127.0.0.1",
            "0.0.0.0": "127.0.0.1",  # noqa: S104 - replaced, not bound
            "=/data": f"={folder}/s3",
            "celery@$HOSTNAME": f"celery@{socket.gethostname()}",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def here(self, text: str) -> str:
        """A word of a command, or a value, as it is on this machine."""
        for place, native in self.places.items():
            text = text.replace(place, native)
        return text

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a service: the file's, the image's, and nothing of ours but PATH."""
        state = self.folder / name
        state.mkdir(exist_ok=True)
        image = {"PATH": PATH, "HOME": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        service = self.services[name]
        file = self.variables if service.get("env_file") == [{"path": ".env", "required": False}] else {}
        stated = {key: self.here(str(value)) for key, value in service.get("environment", {}).items()}
        here = {"STATE_DIR": str(state), "TMPDIR": str(state), "HOST": "127.0.0.1", "PORT": str(self.port)}
        if "METRICS_PORT" in stated:
            here["METRICS_PORT"] = str(self.metrics)
        return image | file | stated | here

    def command(self, name: str) -> list[str]:
        """The command of a service as a process."""
        service = self.services[name]
        words = [self.here(word) for word in [*service.get("entrypoint", ()), *service["command"]]]
        if name == "redis":
            return [*words, "--port", str(self.redis), "--bind", "127.0.0.1", "--dir", str(self.folder / name)]
        if name == "s3":  # the roles of one container have ports that only it knows
            (self.folder / "s3").mkdir(exist_ok=True)
            others = [f"-{role}={free_port()}" for role in (*_PORTS, "s3.port.grpc")]
            sockets = [f"-{role}.localSocket={self.folder}/{role}.sock" for role in ("s3", "filer")]
            return ["weed", *words, *others, *sockets]
        return words

    def start(self, name: str) -> None:
        """Start a service; its output goes to ``<name>.log``."""
        environment = self.environment(name)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self._found(self.command(name)),
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def run(self, name: str, *words: str) -> None:
        """A one-shot service to its end; with ``words``, the command that they are instead of its own."""
        if words:
            self.services[name]["command"] = list(words)
        self.start(name)
        assert self.running.pop(name).wait(timeout=120) == 0, self.log(name)

    def healthy(self, name: str) -> bool:
        """What the service's own health check says, once."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        words = [self.here(word) for word in words]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else self._found(words)
        if name == "redis":
            command[1:1] = ["-p", str(self.redis)]
        seconds = float(self.services[name]["healthcheck"]["timeout"].removesuffix("s"))
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=self.environment(name), capture_output=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def wait_healthy(self, name: str, seconds: float = 60) -> None:
        """Until the health check holds."""
        deadline = time.monotonic() + seconds
        while not self.healthy(name):
            process = self.running.get(name)
            assert process is None or process.poll() is None, f"{name} ended: {self.log(name)}"
            assert time.monotonic() < deadline, f"{name} is not healthy: {self.log(name)}"
            time.sleep(0.3)

    def log(self, name: str) -> str:
        """The end of what a service said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]

    def stop(self, name: str) -> int:
        """SIGTERM as compose sends it, and the exit status."""
        process = self.running.pop(name)
        process.terminate()
        try:
            return process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def stop_all(self) -> None:
        """End what runs, in the opposite order."""
        for name in reversed(list(self.running)):
            if name in {"redis", "s3"}:  # they take their time, and hold nothing that is needed
                self.running[name].kill()
            self.stop(name)

    @staticmethod
    def _found(command: list[str]) -> list[str]:
        path = shutil.which(command[0], path=PATH)
        assert path, f"{command[0]} is not on this machine"
        return [path, *command[1:]]
