"""How often a key may call: wherever its calls come from, and whatever others at the same address do."""

from __future__ import annotations

from typing import Any

import pytest

from drafts.access import keys, rates
from drafts.access.principal import SCOPES
from drafts.access.rates import Counters
from tests.support import Api
from tests.test_rates import NOWHERE, Clock


@pytest.fixture
def limited(closed: Api, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Two reads in a minute of one key, ten of one address."""
    clock = Clock()
    settings.BROKER_URL = NOWHERE
    settings.RATES, settings.RATE_ADDRESS_TIMES = {**settings.RATES, "read": (2, 60)}, 5
    monkeypatch.setattr(rates, "_counters", Counters(clock))
    return clock


def key(name: str) -> str:
    """A new key's token."""
    return keys.make_key(workspace="default", name=name, scopes=SCOPES).token


def read(api: Api, token: str, address: str = "192.0.2.1") -> Any:
    """One read with a key."""
    return api.client.get("/api/v1/drafts", headers={"X-API-Key": token}, REMOTE_ADDR=address)


def test_a_key_has_its_limit_wherever_it_calls_from(closed: Api, limited: Clock) -> None:
    token = key("n8n")
    replies = [read(closed, token, f"192.0.2.{number}") for number in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert replies[0]["RateLimit"] == '"read";r=1;t=30'  # what leaves the caller least
    assert replies[2]["RateLimit-Policy"] == '"read";q=2;w=60'
    assert (replies[2].json()["code"], replies[2]["Retry-After"]) == (3003, "30")
    limited.now += 30
    assert read(closed, token).status_code == 200


def test_keys_at_one_address_do_not_share_a_limit_but_the_address_has_one(closed: Api, limited: Clock) -> None:
    tokens = [key(str(number)) for number in range(6)]
    assert [read(closed, token).status_code for token in tokens for _ in range(2)] == [200] * 10 + [429] * 2
    assert read(closed, tokens[5], "192.0.2.2").status_code == 200


def test_guessed_keys_are_counted_for_the_address(closed: Api, limited: Clock) -> None:
    codes = [read(closed, f"ck_aaaaaaaa_{number:043}").status_code for number in range(12)]
    assert codes == [401] * 10 + [429] * 2
