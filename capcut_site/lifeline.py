"""Processes that end with their parent, so that ``kill -9`` of any process leaves no orphans.

Linux does it in the kernel (PR_SET_PDEATHSIG). Elsewhere a thread asks for the parent's id twice a second.
Run as a script, ``lifeline.py PARENT COMMAND...`` becomes COMMAND, tied to the process PARENT and deaf to what
a terminal sends to a whole process group: the supervisor alone answers Ctrl-C, so that the broker ends last.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.5


def tie(parent: int) -> None:
    """Kill this process as soon as ``parent``, which must be its parent, is gone; it may be gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    _check(parent)


def _check(parent: int) -> None:
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _watch(parent: int) -> None:
    while True:
        _check(parent)
        time.sleep(POLL_SECONDS)


def _run_beside(parent: int, command: list[str]) -> int:
    """Where the kernel cannot help: stay, pass SIGTERM on, and end the command when ``parent`` is gone."""
    child = subprocess.Popen(command, close_fds=False)  # noqa: S603 - the supervisor's own command
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while child.poll() is None:
        if os.getppid() != parent:
            child.kill()
        time.sleep(POLL_SECONDS)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def main(arguments: list[str]) -> int:
    """Become ``COMMAND``; see the module."""
    parent, command = int(arguments[0]), arguments[1:]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP, signal.SIGQUIT})
    if sys.platform != "linux":
        return _run_beside(parent, command)
    tie(parent)
    return os.execvp(command[0], command)  # noqa: S606 - the supervisor's own command


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
