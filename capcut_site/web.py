"""The web server: granian around the project's WSGI application; ``python -m capcut_site.web`` runs it alone.

Left to itself on Linux, granian opens the port anew in each worker with SO_REUSEPORT: two servers then share
one port without a word, and a killed worker takes the connections queued for it along. Here one listening
socket, opened once or inherited from the supervisor (``--fd``), is shared by all workers and outlives each.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
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
from granian.server.mp import MPServer

from capcut_site import lifeline

BACKLOG = 1024
BLOCKING_THREADS = 64  # a stalled download holds one; see STREAM_SLOTS
STOP_SECONDS = 10
UNREAD = 10_000  # bytes; granian itself reads the rest of smaller bodies


def listen(host: str, port: int) -> socket.socket:
    """The listening socket; a taken port or an address of another machine is said in one sentence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=host == "::")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise ImproperlyConfigured(
            f"Port {port} of {host} cannot be opened ({reason}): choose another, for example PORT={port + 1}."
        ) from error
    # Inherited by every connection: a reply in two segments must not wait 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def application() -> Callable[..., Any]:
    """What each worker process serves; called first in the worker, so it is tied to its parent here.

    Until granian has set the worker's own handlers, a SIGTERM would meet the copy of the parent's and be lost.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        lifeline.tie(parent.pid)
    from capcut_site.wsgi import application

    return closing_after_refusals(application)


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
    """Granian on a socket that is already open."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        super().__init__(
            "capcut_site.wsgi:application",
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=settings.WEB_WORKERS,
            blocking_threads=BLOCKING_THREADS,
            backlog=BACKLOG,
            respawn_failed_workers=True,
            workers_kill_timeout=STOP_SECONDS,
            log_level=LogLevels.error,  # at `warning` it advises against 64 threads at every start
            log_dictconfig={**settings.LOGGING, "loggers": {"_granian": {}}},
        )

    def _init_shared_socket(self) -> None:
        self.listener.settimeout(0)
        is_unix = False
        self._shd = SocketHolder(self.listener.fileno(), is_unix, BACKLOG)  # type: ignore[call-arg, assignment]
        self._sso = self.listener


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m capcut_site.web", description="Serve the API and the admin.")
    parser.add_argument("--fd", type=int, help="a listening socket to serve on, instead of HOST and PORT")
    descriptor = parser.parse_args(arguments).fd
    try:
        listener = listen(settings.HOST, settings.PORT) if descriptor is None else socket.socket(fileno=descriptor)
        importlib.import_module("capcut_site.wsgi")  # before the fork: workers share it and start in no time
        WebServer(listener).serve(target_loader=application, wrap_loader=False)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capcut_site.settings")
    main(sys.argv[1:])
