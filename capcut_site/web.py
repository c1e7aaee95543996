"""The web server: granian around the project's WSGI application; ``python -m capcut_site.web`` runs it alone.

Left to itself on Linux, granian opens the port anew in each worker with SO_REUSEPORT: two servers then share
one port without a word, and a killed worker takes the connections queued for it along. Here the listening
sockets, one for each worker, are opened before the workers or inherited from the supervisor (``--fd``); each outlives
its worker, and the next one finds what is queued.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

from capcut_site import lifeline, memory
from capcut_site.stalls import Stalls

BACKLOG = 1024
ANSWERING = 32  # threads beside those that wait for a client or a media host, one a slot; made when needed
KEEPALIVE_SECONDS = 60
OPEN_FILES = 8192
STOP_SECONDS = 10
UNREAD = 10_000  # bytes; granian itself reads the rest of smaller bodies


def listen(host: str, port: int, workers: int) -> list[socket.socket]:
    """The listening sockets, one for each worker; the kernel spreads connections over them (SO_REUSEPORT, Linux).

    Elsewhere one that all share: connections that come in a burst may then all be taken by the same worker. A taken
    port, an address of another machine, and one where open access was not meant are said in one sentence.
    """
    if settings.ACCESS_MODE == "open" and not (settings.LOOPBACK or settings.ACCESS_OPEN_ANYWHERE):
        raise ImproperlyConfigured(
            f"ACCESS_MODE=open lets everybody who reaches {host} change every draft: set ACCESS_MODE=keys and make a "
            "key with `manage.py create_api_key NAME`, or set ACCESS_OPEN_ANYWHERE=1 if that is meant."
        )
    try:
        # Opened to be alone, shared only then: so a port that others share is refused, and nobody else finds ours free.
        first = _open(host, port)
        first_port = first.getsockname()[1]
        listeners = [first]
        if sys.platform == "linux" and workers > 1:
            first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listeners += [_open(host, first_port, reuse_port=True) for _ in range(1, workers)]
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise ImproperlyConfigured(
            f"Port {port} of {host} cannot be opened ({reason}): choose another, for example PORT={port + 1}."
        ) from error
    return listeners


def _open(host: str, port: int, *, reuse_port: bool = False) -> socket.socket:
    listener = socket.create_server(
        (host, port),
        family=socket.AF_INET6 if ":" in host else socket.AF_INET,
        backlog=BACKLOG,
        reuse_port=reuse_port,
        dualstack_ipv6=host == "::",
    )
    # Inherited by every connection: a reply in two segments must not wait 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    end_with_their_clients(listener)
    return listener


def allow_open_files() -> None:
    """Let the process open as many files as it may: a thousand connections and their databases pass the usual 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def end_with_their_clients(listener: socket.socket) -> None:
    """Have the kernel break connections whose client is gone without a word, or takes nothing of a reply any more."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_SECONDS // 4)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, settings.DOWNLOAD_STALL_SECONDS * 1000)


def application() -> Callable[..., Any]:
    """What each worker process serves; called first in the worker, so it is tied to its parent here.

    Until granian has set the worker's own handlers, a SIGTERM would meet the copy of the parent's and be lost.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        lifeline.tie(parent.pid)
    memory.give_back()
    from capcut_site.wsgi import application

    memory.collect_rarely()

    stalls = Stalls(seconds=settings.BODY_SECONDS)
    stalls.watch()
    return stalls.watched(closing_after_refusals(application))


def closing_after_refusals(serve: Callable[..., Any]) -> Callable[..., Any]:
    """Say ``Connection: close`` where an upload may have been refused unread.

    Granian then closes the connection in any case; unannounced, a client would lose its next request to that.
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        length = environ.get("CONTENT_LENGTH") or "0"
        if len(length) < len(str(UNREAD)):
            return serve(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            refused = status[0] in "45"
            return start_response(status, [*headers, ("Connection", "close")] if refused else headers, *rest)

        return serve(environ, start)

    return wrapped


class WebServer(MPServer):
    """Granian on sockets that are already open."""

    def __init__(self, listeners: list[socket.socket]) -> None:
        self.listeners = listeners
        super().__init__(
            "capcut_site.wsgi:application",
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=settings.WEB_WORKERS,
            blocking_threads=settings.STREAM_SLOTS + settings.BODY_SLOTS + settings.DOWNLOAD_SLOTS + ANSWERING,
            backlog=BACKLOG,
            respawn_failed_workers=True,
            workers_kill_timeout=STOP_SECONDS,
            log_level=LogLevels.error,  # at `warning` it advises against so many threads at every start
            log_dictconfig={**settings.LOGGING, "loggers": {"_granian": {}}},
        )

    def _init_shared_socket(self) -> None:
        is_unix = False
        for listener in self.listeners:
            listener.settimeout(0)
        self.holders = [SocketHolder(each.fileno(), is_unix, BACKLOG) for each in self.listeners]  # type: ignore[call-arg]  # the stubs lack the backlog

    def _spawn_worker(self, idx: int, *arguments: Any, **named: Any) -> WorkerProcess:
        which = idx % len(self.listeners)
        self._shd, self._sso = self.holders[which], self.listeners[which]  # type: ignore[assignment]  # said to be None
        return super()._spawn_worker(idx, *arguments, **named)


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m capcut_site.web", description="Serve the API and the admin.")
    parser.add_argument(
        "--fd", type=int, action="append", help="a listening socket to serve on, instead of HOST and PORT; repeatable"
    )
    descriptors = parser.parse_args(arguments).fd
    try:
        if descriptors:
            listeners = [socket.socket(fileno=descriptor) for descriptor in descriptors]
        else:
            listeners = listen(settings.HOST, settings.PORT, settings.WEB_WORKERS)
        allow_open_files()
        importlib.import_module("capcut_site.wsgi")  # before the fork: workers share it and start in no time
        WebServer(listeners).serve(target_loader=application, wrap_loader=False)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capcut_site.settings")
    main(sys.argv[1:])
