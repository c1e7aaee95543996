"""What browsers are told about every reply, and whom the server believes about who calls."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from drafts.api import policies
from drafts.models import DraftVersion
from tests.support import MATE, MEDIA, Api, body_of, path_of

INLINE = re.compile(r"<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|javascript:", re.IGNORECASE)
PROXY = "10.0.0.2"
NOBODY = "2" * 32


@pytest.fixture
def staff(db: None) -> Client:
    """A superuser, signed in."""
    client = Client()
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client


def policy(response: Any) -> dict[str, str]:
    """The directives of a reply's policy."""
    return dict((part.strip() + " ").split(" ", 1) for part in response["Content-Security-Policy"].split(";"))


def test_every_kind_of_reply_has_a_policy_that_lets_nothing_in_from_elsewhere(staff: Client, api: Api) -> None:
    draft = api.create()
    there = f"/api/v1/drafts/{draft['draft_id']}"
    api.put(f"{there}/files/assets/a.svg", b"<svg/>")
    file = next(path_of(url) for url in api.get(draft["draft_url"]).json()["files"] if url.endswith("a.svg"))
    paths = ["/", "/api/docs/", "/api/docs/?script=", "/api/openapi.yaml", "/healthz", "/readyz", "/metrics"]
    paths += [draft["draft_url"], there, f"{there}/timeline.svg", f"{there}/archive.zip", file, "/nothing"]
    paths += ["/admin/", "/admin/login/", "/admin/drafts/draft/", f"/admin/drafts/draft/{draft['draft_id']}/change/"]
    paths += ["/static/drafts/page.css", "/static/admin/img/search.svg"]
    for path in paths:
        for headers in ({}, {"Sec-Fetch-Dest": "document"}):
            response = staff.get(path, headers=headers)
            told = policy(response)
            assert told["default-src"].strip() == "'none'", path
            assert "unsafe" not in response["Content-Security-Policy"], path
            assert "frame-ancestors" in told or "sandbox" in told, path
            assert response["X-Content-Type-Options"] == "nosniff", path
            body_of(response)


@pytest.mark.parametrize("path", ["/", "/api/docs/", "/admin/login/", "/admin/", "/admin/auth/user/add/"])
def test_no_page_has_script_or_style_inside(staff: Client, path: str) -> None:
    client = Client() if "login" in path else staff
    page = body_of(client.get(path)).decode()
    assert "<html" in page
    assert INLINE.findall(page) == []
    assert "<style" not in page


def test_a_refusal_before_any_view_has_the_same_headers(api: Api) -> None:
    refused = api.get("/api/v1/drafts", Host="elsewhere.example")
    assert refused.status_code == 400
    assert refused["Content-Security-Policy"] == policies.DATA
    assert refused["X-Content-Type-Options"] == "nosniff"


def test_uploads_are_saved_and_not_shown(api: Api) -> None:
    draft = api.create()
    there = f"/api/v1/drafts/{draft['draft_id']}"
    for name in ("page.html", "pic.svg", "notes.txt", "code.js", "feed.xml"):
        api.put(f"{there}/files/assets/{name}", b"<script>alert(1)</script>")
    api.save(draft["draft_url"])
    listed = [path_of(url) for url in api.get(draft["draft_url"]).json()["files"] if "/assets/" in url]
    assert len(listed) == 5
    for path in [*listed, f"{there}/files/assets/page.html", f"{there}/versions/1/files/assets/page.html"]:
        served = api.get(path)
        assert (served.status_code, body_of(served)) == (200, b"<script>alert(1)</script>")
        assert served["Content-Disposition"] == "attachment"
        assert served["Content-Security-Policy"] == policies.FILE
        assert served["X-Content-Type-Options"] == "nosniff"
        assert served["Content-Type"].partition(";")[0] not in {"text/html", "text/javascript", "text/xml"}


def test_what_the_desktop_client_demands_of_files_stays_true(api: Api) -> None:
    draft, logo = api.create(), (MEDIA / "logo.png").read_bytes()
    api.put(f"/api/v1/drafts/{draft['draft_id']}/files/assets/images/logo.png", logo)
    path = next(path_of(url) for url in api.get(draft["draft_url"]).json()["files"] if url.endswith("logo.png"))
    part = api.get(path, Range="bytes=10-19")
    assert (part.status_code, body_of(part)) == (206, logo[10:20])
    assert part["Content-Range"] == f"bytes 10-19/{len(logo)}"
    assert part["Content-Type"] == "image/png"
    assert not part.has_header("Content-Encoding")
    beyond = api.get(path, Range=f"bytes={len(logo)}-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(logo)}")


def test_cookies_are_for_this_server_alone(client: Client, db: None, settings: Any) -> None:
    User.objects.create_superuser("chief", password="correct horse battery")
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client.get("/admin/login/")
    client.post("/admin/login/", {"username": "chief", "password": "correct horse battery"})
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["samesite"], cookie["httponly"], cookie["secure"]) == ("Lax", True, True)


class Seen:
    """What the server takes a caller for."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def __call__(self, peer: str, **headers: str) -> tuple[str, str]:
        """Scheme of the links and address in the version's row, for a call from ``peer``."""
        made = self.api.client.post(
            f"{MATE}/create_draft", "{}", "application/json", REMOTE_ADDR=peer, headers=headers
        ).json()
        there = f"/api/v1/drafts/{made['draft_id']}"
        saved = self.api.client.post(f"{there}/save", "{}", "application/json", REMOTE_ADDR=peer, headers=headers)
        assert saved.status_code == 201, saved.content
        address = DraftVersion.objects.get(draft_id=made["draft_id"]).address
        return made["draft_url"].partition(":")[0], address


def forwarded(client: str, scheme: str = "https") -> dict[str, str]:
    """What a proxy says."""
    return {"X-Forwarded-For": client, "X-Forwarded-Proto": scheme, "X-Forwarded-Host": "evil.example"}


def test_nobody_s_word_counts_unless_it_is_a_trusted_proxy(api: Api, settings: Any) -> None:
    seen = Seen(api)
    assert seen(PROXY, **forwarded("203.0.113.7")) == ("http", PROXY)
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/24")]
    assert seen(PROXY, **forwarded("203.0.113.7")) == ("https", "203.0.113.7")
    assert seen("10.0.1.2", **forwarded("203.0.113.7")) == ("http", "10.0.1.2")
    assert seen("", **forwarded("203.0.113.7")) == ("http", "")


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("127.0.0.1, 198.51.100.1, 203.0.113.7", "203.0.113.7"),  # the client wrote the first two
        ("203.0.113.7, 10.0.0.9", "203.0.113.7"),  # through two proxies
        ("203.0.113.7:51234", "203.0.113.7"),
        ("[2001:db8::7]:51234", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, unknown", PROXY),
        ("", PROXY),
        ("10.0.0.8", "10.0.0.8"),  # a proxy's own call
        ("203.0.113.7\t,  10.0.0.9 ", "203.0.113.7"),
        ("<script>", PROXY),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_proxy(api: Api, settings: Any, said: str, address: str) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/24")]
    assert Seen(api)(PROXY, **forwarded(said))[1] == address


@pytest.mark.parametrize(
    ("said", "scheme"), [("https", "https"), ("http, HTTPS", "https"), ("ftp", "http"), ("", "http")]
)
def test_the_scheme_is_one_of_two(api: Api, settings: Any, said: str, scheme: str) -> None:
    settings.TRUSTED_PROXIES = [ip_network(PROXY)]
    assert Seen(api)(PROXY, **forwarded("203.0.113.7", said))[0] == scheme


def test_an_ipv6_socket_knows_its_ipv4_proxies(api: Api, settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network(PROXY)]
    assert Seen(api)(f"::ffff:{PROXY}", **forwarded("203.0.113.7")) == ("https", "203.0.113.7")


def test_https_is_kept_to_and_led_to_where_that_is_set(db: None, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 1000, True
    settings.TRUSTED_PROXIES = [ip_network(PROXY)]
    client = Client(REMOTE_ADDR=PROXY)
    led = client.get(f"{MATE}/get_draft?draft_id={NOBODY}", headers=forwarded("203.0.113.7", "http"))
    assert (led.status_code, led["Location"]) == (301, f"https://testserver{MATE}/get_draft?draft_id={NOBODY}")
    kept = client.get("/", headers=forwarded("203.0.113.7"))
    assert (kept.status_code, kept["Strict-Transport-Security"]) == (200, "max-age=1000")
    assert client.get("/healthz").status_code == 200


def test_without_those_settings_nothing_is_a_redirect(api: Api) -> None:
    plain = api.get("/")
    assert plain.status_code == 200
    assert not plain.has_header("Strict-Transport-Security")


def test_browsers_elsewhere_may_not_call_unless_they_are_named(api: Api) -> None:
    for path in ("/api/v1/drafts", f"{MATE}/get_draft?draft_id={NOBODY}", "/admin/login/"):
        response = api.get(path, Origin="https://evil.example")
        assert not [name for name in response.headers if name.lower().startswith("access-control-")]


def test_the_admin_is_never_open_to_another_origin(api: Api, settings: Any) -> None:
    settings.CORS_ALLOW_ALL_ORIGINS = True
    assert api.get("/api/v1/drafts", Origin="https://a.example")["Access-Control-Allow-Origin"] == "*"
    response = api.get("/admin/login/", Origin="https://a.example")
    assert not response.has_header("Access-Control-Allow-Origin")
