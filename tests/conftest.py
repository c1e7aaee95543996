"""Fixtures shared by all tiers."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from drafts.api import middleware
from drafts.core import gate
from tests.support import Api

SAMPLES = Path(__file__).parent / "samples" / "drafts"


@pytest.fixture(autouse=True)
def _fresh_process_state() -> None:
    """What a process keeps for a second or a minute must not leak from test to test."""
    gate._state = gate.State(float("-inf"), None, 0, 0)
    middleware._gone.clear()


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
