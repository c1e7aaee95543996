"""The only reader of ``os.environ``.

Settings call :func:`text`, :func:`integer`, ... once per variable; every call records the variable in
:data:`VARIABLES`, so that README, ``.env.example`` and ``docker-compose.yml`` can be checked against what
the code really reads. A ``.env`` file beside ``manage.py`` is read first; the process environment wins.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import dj_database_url
import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent

_env = environ.Env()
_env.read_env(str(ROOT / ".env"), overwrite=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name, the default as a person would write it, and what it is for."""

    name: str
    default: str
    help: str


VARIABLES: dict[str, Variable] = {}
SECRETS = {  # whose value may stand in the file that a variable with _FILE at its end names (Docker secrets)
    *("SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "REDIS_URL"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
}


def _register(name: str, default: object, help_text: str) -> None:
    shown = ",".join(default) if isinstance(default, list) else str(default)
    VARIABLES[name] = Variable(name, shown, help_text)


def text(name: str, default: str, help_text: str) -> str:
    """The variable as a string; an empty value counts as unset. One of ``SECRETS`` may stand in a file."""
    _register(name, default, help_text)
    return _env.str(name, default="") or (name in SECRETS and _from_file(name)) or default


def _from_file(name: str) -> str:
    """What stands in the file that ``<name>_FILE`` names, without the end of its last line; "" for no file."""
    path = _env.str(f"{name}_FILE", default="")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ImproperlyConfigured(f"{name}_FILE {path} cannot be read: {reason}.") from error


def integer(name: str, default: int, help_text: str) -> int:
    """The variable as a non-negative integer; raises ``ImproperlyConfigured`` in one sentence otherwise."""
    raw = text(name, str(default), help_text)
    if not raw.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.")
    return int(raw)


def flag(name: str, default: bool, help_text: str) -> bool:  # noqa: FBT001 - a reader, not an option
    """The variable as a boolean (1/0, true/false, yes/no, on/off)."""
    raw = text(name, "1" if default else "0", help_text).lower()
    if raw not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {raw!r}.")
    return raw in {"1", "true", "yes", "on"}


def words(name: str, default: list[str], help_text: str) -> list[str]:
    """The variable as a comma-separated list; blanks are dropped."""
    raw = text(name, ",".join(default), help_text)
    return [word.strip() for word in raw.split(",") if word.strip()]


def rate(name: str, default: tuple[int, int], help_text: str) -> tuple[int, int]:
    """The variable as so many calls in so many seconds, ``600/60``; 0 calls for none counted."""
    raw = text(name, "{}/{}".format(*default), help_text)
    calls, _, seconds = raw.partition("/")
    if raw == "0":
        return 0, 1
    if not (calls.isdecimal() and seconds.isdecimal() and int(seconds)):
        raise ImproperlyConfigured(f"{name} must be calls/seconds like 600/60, or 0, not {raw!r}.")
    return int(calls), int(seconds)


def networks(name: str, help_text: str) -> list[IPv4Network | IPv6Network]:
    """The variable as a comma-separated list of addresses and networks; none by default."""
    try:
        return [ip_network(word) for word in words(name, [], help_text)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must have addresses or networks like 10.1.0.0/16: {error}.") from error


def choice(name: str, default: str, options: tuple[str, ...], help_text: str) -> str:
    """The variable as one of ``options``."""
    raw = text(name, default, help_text)
    if raw not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {raw!r}.")
    return raw


def database(default: str) -> dict[str, Any]:
    """``DATABASE_URL`` as Django's settings; sqlite and postgres are what the service is tested on."""
    url = text("DATABASE_URL", default, "sqlite:///... or postgres://user:password@host:5432/name")
    try:
        return dict(dj_database_url.parse(url))
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}.") from error


def secret_key(state_dir: Path, *, embedded: bool) -> str:
    """``SECRET_KEY``, else the one that ``manage.py dev`` made once under ``STATE_DIR``.

    Only the embedded profile makes a key; anywhere else a missing one stops the start.
    """
    key = text("SECRET_KEY", "", "signs file links and sessions; 50 random characters. Made once by `make run`")
    if key:
        return key
    path = state_dir / "secret_key"
    try:
        if not path.exists():
            if not embedded:
                raise ImproperlyConfigured(
                    "SECRET_KEY is not set: put 50 random characters into it, or use `make run`, which makes one."
                )
            _write_once(path, secrets.token_urlsafe(50))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"STATE_DIR {state_dir} cannot be used: {error.strerror}.") from error


def _write_once(path: Path, value: str) -> None:
    """Write a 0600 file that appears whole or not at all; the first of several writers wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(value + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def child(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with ``changes``, for a child process."""
    return {**os.environ, **changes}


def publish(name: str, value: str) -> None:
    """Set a variable that a library reads at import (``PROMETHEUS_MULTIPROC_DIR``), unless it is set."""
    os.environ.setdefault(name, value)
