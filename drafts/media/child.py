"""ffprobe and ffmpeg as child processes, with limits on time, memory and what they write."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import BinaryIO

from django.conf import settings

from drafts.core.errors import DomainError, Text

LONGEST_OUTPUT = 4 * 1024 * 1024
# Limits that hold from the first instruction; a system without one of them (macOS has no -v) goes without it.
_LIMITED = 'ulimit -v "$0" 2>/dev/null; ulimit -t "$1" 2>/dev/null; ulimit -c 0 2>/dev/null; shift; exec "$@"'


class NoFfmpeg(DomainError):
    """ffprobe or ffmpeg is not on PATH: audio and video cannot be looked into."""

    status = 501
    code = 3009
    label = Text(
        "Audio and video need ffmpeg, which this server does not have", "本服务器未安装 ffmpeg，无法处理音视频"
    )
    hint = Text(
        "Install ffmpeg on the server (apt install ffmpeg, brew install ffmpeg), then send it again.",
        "请在服务器上安装 ffmpeg（apt install ffmpeg 或 brew install ffmpeg），然后重试。",
    )


class ChildFailed(Exception):
    """The child gave up, or was ended at a limit; the text is for the log."""


def available() -> bool:
    """Whether both tools are on PATH."""
    return all(shutil.which(name) for name in ("ffprobe", "ffmpeg"))


def run(name: str, arguments: Sequence[str], *, source: BinaryIO) -> tuple[bytes, str]:
    """Run a tool on ``source`` (``{}`` in an argument is its path) and return its output and what it complained of.

    The source needs a descriptor of its own; the child opens it anew, so its position does not matter. Raises
    ``NoFfmpeg`` and ``ChildFailed``.
    """
    tool = shutil.which(name)
    if tool is None:
        raise NoFfmpeg
    descriptor = source.fileno()
    limits = [str(settings.PROBE_MEMORY // 1024), str(settings.PROBE_SECONDS + 1)]
    command = [tool, *(part.replace("{}", f"/dev/fd/{descriptor}") for part in arguments)]
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are ours, the source is a descriptor
            ["/bin/sh", "-c", _LIMITED, *limits, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=settings.PROBE_SECONDS,
            pass_fds=(descriptor,),
            env={"PATH": os.defpath, "LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChildFailed(f"{name} took longer than PROBE_SECONDS") from error
    complaints = done.stderr[-4000:].decode("utf-8", "replace")
    if done.returncode != 0 or len(done.stdout) > LONGEST_OUTPUT:
        raise ChildFailed(f"{name} ended with {done.returncode}: {complaints[-200:]}")
    return done.stdout, complaints
