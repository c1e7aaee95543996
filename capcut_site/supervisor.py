"""``manage.py dev``: web, worker, beat and the embedded broker as children of one process.

The lock on STATE_DIR and the listening sockets are taken before anything else happens, and kept to the end.
Children stay in this process group, are restarted when they end, and die with this process (``lifeline``).
"""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from capcut_site import broker, env, lifeline, preparations, web
from drafts.media import child as ffmpeg

STOP_SECONDS = 15.0
SHORTEST_DELAY, LONGEST_DELAY = 0.5, 10.0
TICK = 0.2


def say(line: str) -> None:
    """One line for the person who started us; a terminal that is gone is no reason to stop."""
    try:
        print(line, flush=True)  # noqa: T201 - this is the command's output
    except OSError:
        pass


@contextmanager
def claim(state_dir: Path) -> Iterator[None]:
    """Hold STATE_DIR for this process alone."""
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = (state_dir / "lock").open("a+", encoding="ascii")
    except OSError as error:
        raise ImproperlyConfigured(f"STATE_DIR {state_dir} cannot be written: {error.strerror}.") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise ImproperlyConfigured(
                f"STATE_DIR {state_dir} is in use by process {handle.read().strip()}: stop that one, "
                "or choose another folder, for example STATE_DIR=var2 PORT=30001."
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


class Child:
    """One process that is started again, later and later, whenever it ends."""

    def __init__(self, name: str, command: list[str], *, descriptors: Sequence[int] = ()) -> None:
        self.name = name
        self.command = command
        self.descriptors = descriptors
        self.delay = SHORTEST_DELAY
        self.started_at = 0.0
        self.due_at: float | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, environment: dict[str, str]) -> None:
        """Start it, tied to this process, with all its output on our standard error."""
        shim = [sys.executable, "-I", "-S", str(Path(lifeline.__file__)), str(os.getpid())]
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [*shim, *self.command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            pass_fds=self.descriptors,
        )
        self.started_at, self.due_at = time.monotonic(), None

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.process is not None and self.process.poll() is None

    def tend(self, environment: dict[str, str]) -> None:
        """Start it again when it has ended and its delay is over."""
        now = time.monotonic()
        if self.alive:
            return
        if self.due_at is None:
            if now - self.started_at > LONGEST_DELAY:
                self.delay = SHORTEST_DELAY
            say(f"{self.name} ended ({self._ending()}); starting it again in {self.delay:g} s.")
            self.due_at, self.delay = now + self.delay, min(2 * self.delay, LONGEST_DELAY)
        elif now >= self.due_at:
            self.start(environment)

    def _ending(self) -> str:
        code = self.process.returncode if self.process else 0
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"


class Supervisor:
    """Runs the children until it is told to stop."""

    def __init__(self, *, tied: bool) -> None:
        self.parent = os.getppid() if tied else None
        self.stops = 0
        self.children: list[Child] = []
        self.environment: dict[str, str] = {}
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if not self.children:
            sys.exit("Stopped before it had started.")
        self.stops += 1

    def run(self) -> None:
        """Everything from the first check to the clean stop."""
        with claim(settings.STATE_DIR), ExitStack() as stack:
            listeners = web.listen(settings.HOST, settings.PORT, settings.WEB_WORKERS)
            descriptors = [stack.enter_context(listener).fileno() for listener in listeners]
            port = listeners[0].getsockname()[1]
            children = _children(descriptors)
            password = _prepare()
            say("Starting broker, worker, beat and web ...")
            self.environment = _environment(port)
            self.children = children
            try:
                self._start()
                self._tend(port, password)
            finally:
                self._stop()

    def _start(self) -> None:
        first, *others = self.children
        first.start(self.environment)
        if not broker.ready(settings.BROKER_URL, timeout=5):
            say("The broker does not answer yet; saves work without it, their storing waits for it.")
        for child in others:
            child.start(self.environment)

    def _tend(self, port: int, password: str | None) -> None:
        greeted = False
        while not self.stops and not self._abandoned():
            for child in self.children:
                child.tend(self.environment)
            if not greeted and _answers(port):
                greeted = True
                _greet(port, password)
            time.sleep(TICK)

    def _abandoned(self) -> bool:
        return self.parent is not None and os.getppid() != self.parent

    def _stop(self) -> None:
        say("Stopping ...")
        deadline = time.monotonic() + STOP_SECONDS
        serving = [child for child in self.children if child.name != "broker"]
        self._end(serving, deadline - 2)
        self._end(self.children, deadline)
        say("Stopped.")

    def _end(self, children: list[Child], deadline: float) -> None:
        running = [child.process for child in children if child.process is not None]
        for process in running:
            process.terminate()
        while any(process.poll() is None for process in running):
            if self.stops > 1 or time.monotonic() > deadline:
                for process in running:
                    process.kill()
            time.sleep(TICK / 4)


def _children(listening: list[int]) -> list[Child]:
    """The commands, broker first; each also runs alone (README)."""
    python = [sys.executable, "-m"]
    # As root Celery prints a page of warning, which would hide the password.
    celery = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--app=capcut_site", "--quiet"]
    worker = ["worker", "--pool=prefork", "--concurrency=2", "--queues=drafts", "--without-gossip", "--without-mingle"]
    children = [
        Child("web", [*python, "capcut_site.web", *(f"--fd={each}" for each in listening)], descriptors=listening),
        Child("worker", [*celery, *worker, f"--hostname=drafts-{os.getpid()}@%h"]),
        Child("beat", [*celery, "beat", "--pidfile="]),
    ]
    if not settings.REDIS_URL:
        children.insert(0, Child("broker", broker.command(settings.STATE_DIR)))
    return children


def _prepare() -> str | None:
    preparations.clear_metrics()
    preparations.migrate(say)
    password = preparations.create_staff()
    preparations.close_databases()
    return password


def _environment(port: int) -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(settings.BASE_DIR), env.child({}).get("PYTHONPATH", "")]))
    return env.child(
        {"CAPCUT_EMBEDDED": "1", "STATE_DIR": str(settings.STATE_DIR), "PORT": str(port), "PYTHONPATH": path}
    )


def _answers(port: int) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _greet(port: int, password: str | None) -> None:
    wildcard = settings.HOST in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    host = "localhost" if wildcard else f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    address = f"http://{host}:{port}"
    path = preparations.staff_password_file()
    say(f"\nReady: {address}/   admin: {address}/admin/   API: {address}/api/docs/")
    say(f"Data lies in {settings.STATE_DIR}.")
    if settings.PUBLIC_URL:
        say(f"Links that clients get begin with {settings.PUBLIC_URL} (PUBLIC_URL).")
    if settings.CAPCUT_MATE_LANGUAGE == "en":
        say("Replies are in English unless a client asks for Chinese. 默认用中文回复：CAPCUT_MATE_LANGUAGE=zh make run")
    if settings.ACCESS_MODE == "keys":
        say("Every call needs an API key: .venv/bin/python manage.py create_api_key NAME makes one.")
    if not ffmpeg.available():
        say("ffmpeg is not on PATH: pictures work, audio and video from URLs and thumbnails need it.")
    say("Reset the staff password with `make password`; stop with Ctrl-C.")
    if password and sys.stdout.isatty():
        say(f"Staff account: {preparations.STAFF_NAME}, password: {password}   (also in {path})")
    elif path.exists():
        say(f"Staff account: {preparations.STAFF_NAME}, password in {path}")
