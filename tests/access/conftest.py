"""What the tests of access share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from drafts.access import keys
from tests.support import Api


@pytest.fixture
def closed(api: Api, settings: Any) -> Iterator[Api]:
    """The API with ``ACCESS_MODE=keys``."""
    settings.ACCESS_MODE = "keys"
    yield api
    keys._believed.clear()
    keys._noted.clear()
