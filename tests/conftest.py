"""Fixtures shared by all tiers."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from capcut_site import broker
from drafts.api import middleware
from drafts.core import gate, recent
from drafts.services import quotas
from tests.support import Api

SAMPLES = Path(__file__).parent / "samples" / "drafts"

# A change fails by its own fault, not by the luck of a draw: the same cases each time. make test-slow draws new ones.
hypothesis_settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile("same cases", hypothesis_settings.get_profile("search"), derandomize=True)
hypothesis_settings.load_profile("same cases")


@pytest.fixture(autouse=True)
def _fresh_process_state() -> None:
    """What a process keeps for a second or a minute must not leak from test to test."""
    gate._state = gate.State(float("-inf"), None, 0, 0)
    middleware._gone.clear()
    quotas.forget()


@pytest.fixture(autouse=True)
def _time_to_purge(monkeypatch: pytest.MonkeyPatch) -> None:
    """One message purges all that is due, however slow the machine is."""
    monkeypatch.setattr("drafts.tasks.PURGE_SECONDS", 600.0)


@pytest.fixture
def api(db: None) -> Api:
    """A client of both surfaces, inside the test's transaction."""
    return Api(Client(raise_request_exception=False))


@pytest.fixture
def live_api(transactional_db: None) -> Api:
    """A client whose transactions really commit."""
    return Api(Client(raise_request_exception=False))


@pytest.fixture(params=sorted(path.name for path in SAMPLES.iterdir()))
def sample(request: pytest.FixtureRequest) -> Path:
    """Each of the five real draft folders."""
    return SAMPLES / str(request.param)


@pytest.fixture
def blob_folder() -> Path:
    """Where the file store of this test process lies."""
    return Path(settings.STATE_DIR) / "blobs"


@pytest.fixture(scope="session")
def broker_server() -> Iterator[None]:
    """The embedded broker of this test process, where no other is configured."""
    if settings.REDIS_URL:
        yield
        return
    process = subprocess.Popen(broker.command(settings.STATE_DIR), stdin=subprocess.DEVNULL)
    assert broker.ready(settings.BROKER_URL, timeout=10)
    yield
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def noted(broker_server: None, settings: Any) -> None:
    """What is noted in Redis is kept, and nothing is noted yet."""
    settings.QUEUE_PREFIX = f"{uuid.uuid4().hex}:"
    recent._notes.clear()
