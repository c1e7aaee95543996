"""Signing in to the admin: guessing is stopped, and says so in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from drafts.access import rates
from drafts.access.rates import Counters
from tests.test_rates import NOWHERE, Clock

PASSWORD = "correct horse battery"
LOCKED = "Too many tries to sign in. Try again in {} min (RATE_LOGIN)."


@pytest.fixture
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> Clock:
    """A staff account, five tries in ten minutes, and a clock that stands still."""
    clock = Clock()
    settings.BROKER_URL = NOWHERE  # Redis has a time of its own
    settings.RATES = {**settings.RATES, "login": (5, 600)}
    settings.RATE_ADDRESS_TIMES = 4
    monkeypatch.setattr(rates, "_counters", Counters(clock))
    User.objects.create_superuser("chief", password=PASSWORD)
    return clock


def sign_in(
    name: str = "chief",
    password: str = "wrong",  # noqa: S107 - it is
    address: str = "192.0.2.1",
    language: str = "en",
) -> str:
    """The word in, or what the page says against it."""
    client = Client(REMOTE_ADDR=address, HTTP_ACCEPT_LANGUAGE=language)
    response = client.post("/admin/login/?next=/admin/", {"username": name, "password": password})
    if response.status_code == 302:
        assert response["Location"] == "/admin/"
        return "in"
    text = response.content.decode()
    return text.partition('<p class="errornote">')[2].partition("</p>")[0].strip()


def test_guessing_locks_the_account_also_without_redis_and_for_the_right_password_too(clock: Clock) -> None:
    for _ in range(5):
        assert "Please enter the correct" in sign_in()
    assert sign_in() == LOCKED.format(2)
    assert sign_in(password=PASSWORD) == LOCKED.format(2)
    assert sign_in(password=PASSWORD, address="192.0.2.99") == LOCKED.format(2)
    clock.now += 120
    assert sign_in(password=PASSWORD) == "in"


def test_another_account_is_not_locked(clock: Clock) -> None:
    User.objects.create_superuser("other", password=PASSWORD)
    for _ in range(6):
        sign_in()
    assert sign_in("other", PASSWORD) == "in"


def test_spellings_of_a_name_are_one_account(clock: Clock) -> None:
    for name in ("chief", "CHIEF", "Chief", "ｃｈｉｅｆ", "chieF"):
        sign_in(name)
    assert sign_in("chief", PASSWORD) == LOCKED.format(2)


def test_one_address_cannot_try_many_accounts(clock: Clock) -> None:
    for number in range(20):
        assert "Please enter the correct" in sign_in(f"user{number}")
    assert sign_in("chief", PASSWORD) == LOCKED.format(1)
    assert sign_in("chief", PASSWORD, address="192.0.2.2") == "in"


def test_accounts_that_do_not_exist_are_locked_like_those_that_do(clock: Clock) -> None:
    assert [sign_in("nobody") for _ in range(7)] == [sign_in("chief", address="192.0.2.2") for _ in range(7)]


def test_it_is_said_in_chinese(clock: Clock) -> None:
    for _ in range(5):
        sign_in()
    assert sign_in(language="zh-CN") == "登录尝试次数过多，请在 2 分钟后重试（RATE_LOGIN）。"


def test_after_signing_in_nobody_is_led_elsewhere(clock: Clock) -> None:
    for there in ("https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"):
        client = Client()
        response = client.post("/admin/login/", {"username": "chief", "password": PASSWORD, "next": there})
        assert (response.status_code, response["Location"]) == (302, "/accounts/profile/"), there
        clock.now += 600


@pytest.mark.parametrize("password", ["short", "password123456", "chief-of-staff", "123456789012"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(username="chief-of-staf"))


def test_a_password_that_the_first_start_makes_is_good_enough() -> None:
    import secrets

    validate_password(secrets.token_urlsafe(12), User(username="admin"))
