"""The real settings on a throw-away STATE_DIR, one for every test process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_state = tempfile.mkdtemp(prefix="capcut-test-")
_owner = os.getpid()


def _clean() -> None:
    if os.getpid() == _owner:
        shutil.rmtree(_state, ignore_errors=True)


atexit.register(_clean)
os.environ["STATE_DIR"] = _state
os.environ["SECRET_KEY"] = "a key for tests only, long enough for the deploy checks"
os.environ["LOG_FORMAT"] = "json"
os.environ["ACCESS_MODE"] = "open"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
for name in ("READ", "WRITE", "UPLOAD", "RENDER", "LOGIN"):  # limits are met by tests that set some
    os.environ[f"RATE_{name}"] = "1000000/60"
os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
for name in ("PUBLIC_URL", "CAPCUT_MATE_LANGUAGE", "CAPCUT_MATE_ALWAYS_200", "CAPCUT_EMBEDDED"):
    os.environ.pop(name, None)
if os.environ.get("S3_BUCKET") and "PYTEST_XDIST_WORKER" in os.environ:  # tests/services/run.py makes these buckets
    os.environ["S3_BUCKET"] += f"-{os.environ['PYTEST_XDIST_WORKER']}"

from capcut_site.settings import *  # noqa: E402, F403 - after the environment is set; settings are one namespace

STATIC_ROOT = STATE_DIR / "static"  # noqa: F405 - from the line above
STATIC_ROOT.mkdir()
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405 - likewise
