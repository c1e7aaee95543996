"""How often one may call: documented rhythms are never limited, the rest is told when to come back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from redis import Redis

from drafts.access import rates
from drafts.access.rates import AHEAD, MICRO, Counters, Limit, TooMany, share_in
from drafts.core import recent
from tests.harness import wait_for
from tests.support import MATE, Api

NOWHERE = "unix:///nonexistent/broker.sock"
DEFAULTS = {"read": (6000, 60), "write": (3000, 60), "upload": (3000, 60), "render": (300, 60)}


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A moment."""
    return Clock()


@pytest.fixture
def limited(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Nobody has called yet, and time stands still; Redis, which has a time of its own, is away."""
    clock = Clock()
    settings.BROKER_URL = NOWHERE
    settings.RATE_ADDRESS_TIMES = 1
    settings.RATES = dict.fromkeys(DEFAULTS, (1_000_000, 60))
    monkeypatch.setattr(rates, "_counters", Counters(clock))
    yield clock
    tell_nobody()


def tell_nobody() -> None:
    """What a test used of its small limits must not be told under the prefix of the tests after it."""
    with rates._counters.lock:
        rates._counters.changed = {}
        rates._counters.known.clear()


def limit(calls: int = 10, seconds: int = 10, who: str = "address:192.0.2.1") -> Limit:
    """A limit of reads."""
    return Limit("read", who, calls, seconds)


def through(counters: Counters, limits: list[Limit], calls: int) -> int:
    """How many of so many calls are let through."""
    passed = 0
    for _ in range(calls):
        try:
            counters.count(limits)
            passed += 1
        except TooMany:
            pass
    return passed


def test_so_many_pass_and_come_back_one_by_one(clock: Clock) -> None:
    counters = Counters(clock)
    assert [counters.count([limit()])[0].left for _ in range(10)] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    with pytest.raises(TooMany) as refused:
        counters.count([limit()])
    assert (refused.value.retry_after, refused.value.standing.left) == (1, 0)
    clock.now += 0.9
    assert through(counters, [limit()], 5) == 0
    clock.now += 0.1
    assert through(counters, [limit()], 5) == 1
    clock.now += 3.0
    assert through(counters, [limit()], 5) == 3
    clock.now += 3600
    assert through(counters, [limit()], 50) == 10


def test_no_window_has_more_than_twice_the_limit_and_a_long_one_keeps_to_it(clock: Clock) -> None:
    counters, passed = Counters(clock), []
    for _ in range(3000):
        passed += [clock.now] * through(counters, [limit(100, 10)], 1)
        clock.now += 0.01
    assert max(sum(1 for at in passed if start <= at < start + 10) for start in passed) <= 200
    assert len(passed) == 100 + 299  # what was there at the start, and ten a second for 29.99 s


def test_a_refused_call_costs_nothing_and_counts_against_no_limit(clock: Clock) -> None:
    counters, narrow, wide = Counters(clock), limit(1, 10, "principal:1"), limit(10, 10)
    assert through(counters, [wide, narrow], 30) == 1
    assert through(counters, [wide], 30) == 9
    clock.now += 10
    assert through(counters, [narrow], 2) == 1


def test_callers_do_not_share_a_limit(clock: Clock) -> None:
    counters = Counters(clock)
    assert [through(counters, [limit(who=f"address:192.0.2.{last}")], 20) for last in range(3)] == [10, 10, 10]


def test_what_a_process_knows_has_a_bound(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST", 100)
    counters = Counters(clock)
    for number in range(1000):
        counters.count([limit(who=f"address:{number}")])
        clock.now += 0.001
    assert len(counters.known) <= 100
    counters.tell(lambda keys, used: [0] * len(keys))
    clock.now += 100
    counters.count([limit()])
    assert len(counters.known) <= 100


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
        (":nonsense", ":nonsense"),
    ],
)
def test_one_line_is_one_address(address: str, counted: str) -> None:
    assert rates.network_of(address) == counted


# The rhythms of the documents, second by second for an hour; each with the class of its route.
RHYTHMS: dict[str, tuple[str, float, int]] = {
    "auto-save at 30 s": ("write", 30, 2),  # the content and the save
    "50 drafts polled every 5 s": ("read", 5, 50),
    "batches at 100 ms": ("write", 0.1, 1),
    "a desktop client that polls get_draft": ("read", 1, 1),
    "gen_video_status every 2 s": ("read", 2, 1),
    "a file a tenth of a second, one after the other": ("read", 0.1, 1),
}


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_documented_rhythms_are_never_limited(clock: Clock, rhythm: str) -> None:
    name, every, calls = RHYTHMS[rhythm]
    counters, mine = Counters(clock), Limit(name, "principal:1", *DEFAULTS[name])
    for _ in range(int(3600 / every)):
        assert through(counters, [mine], calls) == calls
        clock.now += every


def test_all_rhythms_at_once_from_one_address_are_not_limited(clock: Clock) -> None:
    counters = Counters(clock)
    for tenth in range(6000):
        for name, every, calls in RHYTHMS.values():
            if tenth % round(every * 10) == 0:
                mine = Limit(name, "principal:1", *DEFAULTS[name])
                assert through(counters, [mine], calls) == calls
        clock.now += 0.1


def test_a_draft_of_five_thousand_files_is_downloaded_in_one_go(clock: Clock) -> None:
    counters, mine = Counters(clock), Limit("read", "address:192.0.2.1", *DEFAULTS["read"])
    assert through(counters, [mine], 5 + 5000) == 5005  # side by side, as fast as the line is


def test_retries_after_1_2_and_5_s_come_through_once_the_limit_is_used_up(clock: Clock) -> None:
    counters, mine = Counters(clock), Limit("write", "principal:1", *DEFAULTS["write"])
    assert through(counters, [mine], 4000) == 3000
    for wait in (1, 2, 5):
        clock.now += wait
        assert through(counters, [mine], 1) == 1


def test_the_defaults_are_those_of_the_rhythms() -> None:
    from capcut_site import env

    shown = {name: env.VARIABLES[f"RATE_{name.upper()}"].default for name in DEFAULTS}
    assert shown == {name: f"{calls}/{seconds}" for name, (calls, seconds) in DEFAULTS.items()}


@pytest.fixture
def redis(broker_server: None, settings: Any) -> Iterator[Redis]:
    """The broker, under a prefix of nobody else."""
    settings.QUEUE_PREFIX = f"{uuid.uuid4().hex}:"
    yield Redis.from_url(settings.BROKER_URL, decode_responses=True)
    tell_nobody()


def test_processes_share_a_limit(redis: Redis, clock: Clock) -> None:
    one, other = Counters(clock), Counters(clock)
    moment = 1_800_000_000 * MICRO

    def tell(counters: Counters) -> None:
        counters.tell(share_in(redis, now=moment + round((clock.now - 1000) * MICRO)))

    assert through(one, [limit(100, 100)], 60) == 60
    tell(one)
    assert through(other, [limit(100, 100)], AHEAD) == AHEAD  # before it has asked
    assert other.pressing
    tell(other)
    assert not other.pressing
    assert through(other, [limit(100, 100)], 100) == 100 - 60 - AHEAD
    tell(other)
    assert through(one, [limit(100, 100)], 1) == 1  # it has not asked since
    tell(one)
    assert through(one, [limit(100, 100)], 100) == 0
    clock.now += 11
    assert through(one, [limit(100, 100)], 100) == 10  # one was too many


def test_what_redis_keeps_ends_by_itself_and_is_one_number(redis: Redis, clock: Clock) -> None:
    counters, mine = Counters(clock), limit(100, 500_000)
    through(counters, [mine], 30)
    counters.tell(share_in(redis))
    assert redis.type(mine.key) == "string"
    assert 140_000_000 < redis.pttl(mine.key) <= 150_000_001


def test_many_callers_are_told_with_one_command(redis: Redis, clock: Clock) -> None:
    counters = Counters(clock)
    for number in range(500):
        counters.count([limit(who=f"address:{number}")])
    asked = []

    def share(keys: Any, used: Any) -> Any:
        asked.append(len(keys))
        return share_in(redis)(keys, used)

    counters.tell(share)
    counters.tell(share)
    assert asked == [500]


def test_a_share_that_fails_changes_nothing(clock: Clock) -> None:
    counters = Counters(clock)
    assert through(counters, [limit()], 8) == 8

    def away(keys: Any, used: Any) -> Any:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        counters.tell(away)
    assert through(counters, [limit()], 8) == 2


# Through the doors.


def told(response: Any) -> tuple[str, str]:
    """The two headers."""
    return response["RateLimit-Policy"], response["RateLimit"]


def test_every_reply_says_what_is_left(api: Api, limited: Clock, settings: Any) -> None:
    settings.RATES["read"] = (10, 60)
    policy = '"read";q=10;w=60'
    assert told(api.get("/api/v1/drafts")) == (policy, '"read";r=9;t=6')
    assert told(api.get(f"{MATE}/get_draft?draft_id={'2' * 32}")) == (policy, '"read";r=8;t=12')
    assert told(api.get("/")) == (policy, '"read";r=7;t=18')
    assert not api.get("/healthz").has_header("RateLimit")
    assert not api.get("/static/drafts/page.css").has_header("RateLimit")


def test_too_many_is_429_with_the_time_to_wait(api: Api, limited: Clock, settings: Any) -> None:
    settings.RATES["read"] = (2, 60)
    for _ in range(2):
        assert api.get("/api/v1/drafts").status_code == 200
    refused = api.get("/api/v1/drafts")
    body = refused.json()
    assert (refused.status_code, body["code"], body["retryable"]) == (429, 3003, True)
    assert body["title"] == "Too Many Requests"
    assert body["detail"] == "Too many requests: more than 2 in 60 s (RATE_READ)"
    assert refused["Retry-After"] == "30"
    assert told(refused) == ('"read";q=2;w=60', '"read";r=0;t=60')
    assert api.post(f"{MATE}/create_draft").status_code == 200  # another class
    limited.now += 30
    assert api.get("/api/v1/drafts").status_code == 200


def test_capcut_mate_routes_refuse_in_their_own_shape(api: Api, limited: Clock, settings: Any) -> None:
    settings.RATES["write"] = (1, 60)
    draft = api.create()
    refused = api.save(draft["draft_url"])
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert {"code", "message", "detail", "hint", "request_id"} <= set(refused.json())
    settings.CAPCUT_MATE_ALWAYS_200 = True
    refused = api.post(f"{MATE}/save_draft", {"draft_url": draft["draft_url"]}, **{"Accept-Language": "zh-CN"})
    assert (refused.status_code, refused["Retry-After"]) == (200, "60")
    assert refused.json() == {"code": 3003, "message": "请求过于频繁(请求过于频繁：60 秒内超过 1 次（RATE_WRITE）)"}


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/api/v1/drafts", "read"),
        ("GET", f"{MATE}/get_draft", "read"),
        ("GET", f"{MATE}/files/w-x/{'2' * 32}/a.mp4", "read"),
        ("GET", "/admin/login/", "read"),
        ("POST", f"{MATE}/save_draft", "write"),
        ("POST", f"{MATE}/add_captions/", "write"),
        ("PUT", f"/api/v1/drafts/{'2' * 32}/content", "write"),
        ("DELETE", f"/api/v1/drafts/{'2' * 32}", "write"),
        ("PUT", f"/api/v1/drafts/{'2' * 32}/files/assets/a.png", "upload"),
        ("POST", "/api/v1/drafts/import", "upload"),
        ("POST", f"/api/v1/drafts/{'2' * 32}/import/", "upload"),
        ("GET", f"/api/v1/drafts/{'2' * 32}/timeline.svg", "render"),
        ("GET", f"/api/v1/drafts/{'2' * 32}/versions/compare", "render"),
        ("POST", f"{MATE}/gen_video", "render"),
        ("POST", f"{MATE}/gen_video_status", "read"),
    ],
)
def test_routes_have_classes(api: Api, limited: Clock, method: str, path: str, kind: str) -> None:
    response = api.client.generic(method, path, b"{}" if method != "GET" else b"", "application/json")
    assert response["RateLimit"].startswith(f'"{kind}";')


def test_one_address_s_calls_are_not_another_s(api: Api, limited: Clock, settings: Any) -> None:
    settings.RATES["read"] = (1, 60)
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1"):
        assert api.client.get("/api/v1/drafts", REMOTE_ADDR=address).status_code == 200
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8::2"):
        assert api.client.get("/api/v1/drafts", REMOTE_ADDR=address).status_code == 429


def test_what_a_stranger_says_of_its_address_buys_nothing(api: Api, limited: Clock, settings: Any) -> None:
    settings.RATES["read"] = (1, 60)
    codes = [api.get("/", **{"X-Forwarded-For": f"192.0.2.{number}"}).status_code for number in range(3)]
    assert codes == [200, 429, 429]


def test_an_address_may_call_more_often_than_one_principal(api: Api, limited: Clock, settings: Any) -> None:
    settings.RATES["read"], settings.RATE_ADDRESS_TIMES = (1, 60), 3
    assert [api.get("/").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_limit_of_0_is_none(api: Api, limited: Clock, settings: Any) -> None:
    settings.RATES["read"] = (0, 1)
    response = api.get("/")
    assert response.status_code == 200
    assert not response.has_header("RateLimit")


def test_a_refused_upload_is_not_read(api: Api, limited: Clock, settings: Any) -> None:
    settings.RATES["upload"] = (1, 60)
    draft = api.create()
    there = f"/api/v1/drafts/{draft['draft_id']}/files/assets"
    assert api.put(f"{there}/a.txt", b"a").status_code == 201
    assert api.put(f"{there}/b.txt", b"b").status_code == 429
    assert api.get(f"{there}/b.txt").status_code == 404


@pytest.mark.parametrize("url", [NOWHERE, "redis://192.0.2.1:1/0", "nonsense://"])
def test_while_redis_is_away_calls_are_answered_and_still_counted(
    api: Api, limited: Clock, settings: Any, url: str
) -> None:
    settings.BROKER_URL = url
    settings.RATES["write"] = (3, 60)
    draft = api.create()
    assert [api.save(draft["draft_url"]).status_code for _ in range(3)] == [200, 200, 429]
    assert api.get(draft["draft_url"]).status_code == 200


def test_what_was_used_reaches_redis(redis: Redis, api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATES, settings.RATE_ADDRESS_TIMES = {**settings.RATES, "read": (100, 600_000)}, 1
    monkeypatch.setattr(rates, "_counters", Counters())
    for _ in range(20):
        assert api.get("/").status_code == 200
    key = f"{settings.QUEUE_PREFIX}rate:read:address:127.0.0.1"
    wait_for(lambda: (redis.pttl(key) or 0) > 119_000_000, "all twenty to be told")
    assert recent.ask(lambda client: client.exists(key)) == 1


def test_a_browser_elsewhere_may_read_the_limits(api: Api, limited: Clock, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS, settings.RATES["read"] = ["https://a.example"], (1, 60)
    api.get("/api/v1/drafts", Origin="https://a.example")
    refused = Client().get("/api/v1/drafts", headers={"Origin": "https://a.example"})
    assert refused.status_code == 429
    assert refused["Access-Control-Allow-Origin"] == "https://a.example"
    assert {"ratelimit", "ratelimit-policy", "retry-after"} <= set(
        re.split(", ?", refused["Access-Control-Expose-Headers"])
    )


def test_a_setting_that_is_no_rate_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from capcut_site import env

    for value in ("many", "10", "10/", "10/0", "/60", "-1/60"):
        monkeypatch.setenv("SOME_RATE", value)
        with pytest.raises(env.ImproperlyConfigured, match="SOME_RATE must be calls/seconds like 600/60, or 0"):
            env.rate("SOME_RATE", (1, 1), "")
    monkeypatch.setenv("SOME_RATE", "0")
    assert env.rate("SOME_RATE", (1, 1), "") == (0, 1)
    env.VARIABLES.pop("SOME_RATE")
