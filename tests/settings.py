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
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
for name in ("PUBLIC_URL", "CAPCUT_MATE_LANGUAGE", "CAPCUT_MATE_ALWAYS_200", "CAPCUT_EMBEDDED"):
    os.environ.pop(name, None)
if os.environ.get("S3_BUCKET") and "PYTEST_XDIST_WORKER" in os.environ:  # tests/services/run.py makes these buckets
    os.environ["S3_BUCKET"] += f"-{os.environ['PYTEST_XDIST_WORKER']}"

from capcut_site.settings import *  # noqa: E402, F403

STATIC_ROOT = STATE_DIR / "static"  # noqa: F405
STATIC_ROOT.mkdir()
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
