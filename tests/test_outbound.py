"""The outgoing client: what it refuses to call, and what hosts cannot do to it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from drafts.core import outbound
from drafts.core.errors import DomainError, Unavailable
from drafts.core.outbound import DownloadFailed, FileTooLarge, Watch
from tests.remote import Remote, remote_host, send

FIELD = "video_infos[0].video_url"
NOT_PUBLIC = "leads to an address that is not public (OUTBOUND_ALLOWED_HOSTS)"


@pytest.fixture
def remote(settings: Any) -> Iterator[Remote]:
    """A host that is allowed by its name and port, and nothing else of the loopback."""
    with remote_host() as host:
        settings.OUTBOUND_ALLOWED_HOSTS = [host.host]
        yield host


def fetch(url: str, *, seconds: float = 20) -> bytes:
    """The bytes behind a URL."""
    watch = Watch(seconds)
    try:
        got = outbound.fetch(url, field=FIELD, watch=watch)
        with got.file:
            return got.file.read()
    finally:
        watch.close()


def refusal(url: str, *, seconds: float = 20, kind: type[DomainError] = DownloadFailed) -> str:
    """The sentence with which a URL is refused, without field and URL."""
    with pytest.raises(kind) as caught:
        fetch(url, seconds=seconds)
    sentence = caught.value.detail.en
    assert sentence.startswith(f"{FIELD}: ")
    assert caught.value.errors[0].field == FIELD
    return sentence.removeprefix(f"{FIELD}: ").partition(" ")[2]


INSIDE = [
    "http://127.0.0.1:{port}/x",
    "http://localhost:{port}/x",
    "http://127.1:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://0x7f.1:{port}/x",
    "http://0177.0.0.1:{port}/x",
    "http://017700000001:{port}/x",
    "http://0:{port}/x",
    "http://0.0.0.0:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://[::ffff:7f00:1]:{port}/x",
    "http://[::127.0.0.1]:{port}/x",
    "http://[64:ff9b::7f00:1]:{port}/x",
    "http://[64:ff9b:1::7f00:1]:{port}/x",
    "http://[2002:7f00:1::]:{port}/x",
    "http://[2001:0:7f00:1::]/x",
    "http://[fe80::1]/x",
    "http://[fe80::1%25lo]/x",
    "http://[fc00::1]/x",
    "http://[fd12:3456::1]/x",
    "http://[fec0::1]/x",
    "http://[ff02::1]/x",
    "http://10.0.0.1/x",
    "http://172.16.0.1/x",
    "http://172.31.255.255/x",
    "http://192.168.1.1/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/x",
    "http://192.0.0.1/x",
    "http://198.18.0.1/x",
    "http://224.0.0.1/x",
    "http://240.0.0.1/x",
    "http://255.255.255.255/x",
    "https://127.0.0.1:{port}/x",
    "http://127.0.0.1.:{port}/x",
    "http://LOCALHOST:{port}/x",
]


@pytest.mark.parametrize("url", INSIDE)
def test_no_address_inside_is_called(settings: Any, url: str) -> None:
    with remote_host() as host:
        host.serve("/x", b"secret")
        settings.OUTBOUND_ALLOWED_HOSTS = []
        said = refusal(url.format(port=host.port))
        assert said in {NOT_PUBLIC, "is not a URL", "has a host name that does not exist"}
        assert host.asked == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.org/x", "is not http or https"),
        ("file:///etc/passwd", "is not http or https"),
        ("gopher://127.0.0.1/x", "is not http or https"),
        ("data:image/png;base64,AAAA", "is not http or https"),
        ("//example.org/x", "is not http or https"),
        ("example.org/x", "is not http or https"),
        ("", "is not http or https"),
        ("http://user:secret@example.org/x", "carries a user name or password"),
        ("http://example.org@127.0.0.1/x", "carries a user name or password"),
        ("http://", "is not a URL"),
        ("http://example.org:99999/x", "is not a URL"),
        ("http://[::1/x", "is not a URL"),
        ("http://example.org\\@127.0.0.1/x", "carries a user name or password"),
        ("http://example.org\\.127.0.0.1/x", "is not a URL"),
        ("http://exam ple.org/x", "is not a URL"),
        ("http://example.org/a\r\nHost: inside", "is not a URL"),
        ("http://example.org/" + "x" * 5000, "is not a URL"),
    ],
)
def test_what_is_no_public_web_address_is_refused_before_anything_is_called(url: str, said: str) -> None:
    with pytest.raises(DownloadFailed) as caught:
        fetch(url)
    assert caught.value.detail.en.endswith(said)
    assert "secret" not in caught.value.detail.en


def test_a_redirect_inside_is_not_followed(remote: Remote) -> None:
    with remote_host() as inside:
        inside.serve("/x", b"secret")
        for target in (inside.url("/x"), "http://169.254.169.254/", "//localhost:1/", "http://[::1]/x"):
            url = remote.answer("/r", lambda handler, to=target: send(handler, 302, b"", {"Location": to}))  # type: ignore[misc]  # mypy sees no type in a lambda's default
            assert refusal(url) == NOT_PUBLIC
        for target in ("file:///etc/passwd", "ftp://example.org/", "http://a:b@example.org/"):
            url = remote.answer("/r", lambda handler, to=target: send(handler, 302, b"", {"Location": to}))  # type: ignore[misc]  # mypy sees no type in a lambda's default
            assert refusal(url) == "redirects to an address that is not allowed"
        assert inside.asked == []


def test_redirects_are_followed_to_their_limit(remote: Remote, settings: Any) -> None:
    for number in range(5):
        to = f"/{number + 1}"
        remote.answer(f"/{number}", lambda handler, to=to: send(handler, 307, b"", {"Location": to}))  # type: ignore[misc]  # mypy sees no type in a lambda's default
    remote.serve("/5", b"here")
    assert fetch(remote.url("/0")) == b"here"
    settings.DOWNLOAD_REDIRECTS = 4
    assert refusal(remote.url("/0")) == "redirects more than 4 times (DOWNLOAD_REDIRECTS)"


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """A resolver that gives these addresses for media.example.org, one after the other, the last one for ever."""
    real, asked = socket.getaddrinfo, list[str]()

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "media.example.org":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        return real(answers[min(len(asked), len(answers)) - 1], port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_that_means_an_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("127.0.0.1", "10.1.2.3", "::1", "169.254.169.254", "::ffff:10.0.0.1"):
        resolving(monkeypatch, address)
        assert refusal("http://media.example.org/x") == NOT_PUBLIC


def test_a_name_that_changes_its_meaning_is_called_where_it_was_checked(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    with remote_host() as inside:
        inside.serve("/x", b"secret")
        settings.OUTBOUND_ALLOWED_HOSTS = []
        settings.DOWNLOAD_TRIES, settings.DOWNLOAD_CONNECT_SECONDS = 1, 1
        asked = resolving(monkeypatch, "203.0.114.1", "127.0.0.1")
        called: list[Any] = []
        real = socket.socket.connect

        def connect(self: socket.socket, address: Any) -> None:
            called.append(address)
            if address[0] == "203.0.114.1":
                raise ConnectionRefusedError
            real(self, address)

        monkeypatch.setattr(socket.socket, "connect", connect)
        refusal(f"http://media.example.org:{inside.port}/x")
        assert (asked, called) == (["media.example.org"], [("203.0.114.1", inside.port)])
        assert inside.asked == []


@pytest.mark.parametrize("entry", ["{host}", "127.0.0.1", "127.0.0.0/8"])
def test_an_operator_may_allow_a_host_inside(settings: Any, entry: str) -> None:
    with remote_host() as host:
        settings.OUTBOUND_ALLOWED_HOSTS = [entry.format(host=host.host)]
        assert fetch(host.serve("/x", b"mine")) == b"mine"


def test_an_allowed_network_is_reached_by_name_and_other_ports_of_an_allowed_host_are_not(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    with remote_host() as host, remote_host() as other:
        hosts: list[str] = []
        host.answer("/x", lambda handler: (hosts.append(handler.headers["Host"]), send(handler, 200, b"mine"))[1])
        other.serve("/x", b"secret")
        settings.OUTBOUND_ALLOWED_HOSTS = ["127.0.0.0/8"]
        assert fetch(f"http://media.example.org:{host.port}/x") == b"mine"
        assert hosts == [f"media.example.org:{host.port}"]
        settings.OUTBOUND_ALLOWED_HOSTS = [host.host]
        assert refusal(other.url("/x")) == NOT_PUBLIC


def test_a_body_larger_than_the_limit_is_refused_announced_or_not(remote: Remote, settings: Any) -> None:
    settings.DOWNLOAD_FILE_SIZE_LIMIT = 1000
    assert len(fetch(remote.serve("/fits", b"x" * 1000))) == 1000
    large = "has more than 1000 bytes (DOWNLOAD_FILE_SIZE_LIMIT)"
    assert refusal(remote.serve("/large", b"x" * 1001), kind=FileTooLarge) == large

    def endless(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    assert refusal(remote.answer("/endless", endless), kind=FileTooLarge) == large
    assert remote.gone.wait(5)
    with pytest.raises(FileTooLarge) as caught:
        fetch(remote.url("/large"))
    assert (caught.value.status, caught.value.code) == (413, 2004)


def test_a_compressed_body_is_measured_unpacked(remote: Remote, settings: Any) -> None:
    import gzip

    settings.DOWNLOAD_FILE_SIZE_LIMIT = 100_000
    bomb = gzip.compress(b"\0" * 50_000_000)
    url = remote.answer("/bomb", lambda handler: send(handler, 200, bomb, {"Content-Encoding": "gzip"}))
    assert len(bomb) < 100_000
    assert refusal(url, kind=FileTooLarge) == "has more than 100000 bytes (DOWNLOAD_FILE_SIZE_LIMIT)"


TOO_LATE = "was not fetched in time (DOWNLOAD_SECONDS)"


def drip(*, head: bool) -> Any:
    """Bytes that come one by one for ever, in the headers or in the body."""

    def answer(handler: Any) -> None:
        if not head:
            handler.send_response(200)
            handler.end_headers()
        while True:
            handler.wfile.write(b"X")
            handler.wfile.flush()
            time.sleep(0.05)

    return answer


@pytest.mark.parametrize("head", [True, False])
def test_a_host_that_sends_a_byte_now_and_then_is_left_in_time(remote: Remote, head: bool) -> None:
    started = time.monotonic()
    assert refusal(remote.answer("/slow", drip(head=head)), seconds=0.6) == TOO_LATE
    assert 0.5 < time.monotonic() - started < 20
    assert remote.gone.wait(5)


def test_a_tls_handshake_that_never_ends_is_left_in_time(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings.OUTBOUND_ALLOWED_HOSTS = [f"127.0.0.1:{port}"]
        started = time.monotonic()
        assert refusal(f"https://127.0.0.1:{port}/x", seconds=0.6) == TOO_LATE
        assert time.monotonic() - started < 20


def test_a_silent_host_is_left_after_the_read_limit(remote: Remote, settings: Any) -> None:
    settings.DOWNLOAD_READ_SECONDS, settings.DOWNLOAD_TRIES = 0.3, 1
    url = remote.answer("/silent", lambda handler: time.sleep(2))
    assert refusal(url) == "did not answer in time"


def test_a_moment_of_weakness_is_forgiven(remote: Remote) -> None:
    weak = [503, 429, 500]

    def answer(handler: Any) -> None:
        send(handler, weak.pop(0), b"no") if weak else send(handler, 200, b"yes")

    started = time.monotonic()
    assert fetch(remote.answer("/weak", answer)) == b"yes"
    assert 2 < time.monotonic() - started < 20


def test_retry_after_is_waited_for_within_the_time_and_not_beyond(remote: Remote) -> None:
    waits = ["1"]

    def answer(handler: Any) -> None:
        send(handler, 503, b"", {"Retry-After": waits.pop()}) if waits else send(handler, 200, b"yes")

    started = time.monotonic()
    assert fetch(remote.answer("/wait", answer)) == b"yes"
    assert 0.95 < time.monotonic() - started < 20
    waits.append("3600")
    started = time.monotonic()
    assert refusal(remote.url("/wait")) == "answered with status 503"
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 304])
def test_a_refusal_of_the_host_is_final_and_its_body_is_not_repeated(remote: Remote, status: int) -> None:
    url = remote.answer("/no", lambda handler: send(handler, status, b"" if status in {204, 304} else b"<secret>"))
    with pytest.raises(DownloadFailed) as caught:
        fetch(f"{url}?token=hidden#part")
    assert caught.value.detail.en == f"{FIELD}: {url}?... answered with status {status}"
    assert (caught.value.status, caught.value.code, caught.value.retryable) == (400, 2005, False)
    assert remote.asked == ["/no"]


def test_a_body_that_breaks_off_is_tried_again_and_then_refused(remote: Remote, settings: Any) -> None:
    settings.DOWNLOAD_TRIES = 2
    url = remote.answer("/cut", lambda handler: send(handler, 200, b"abc", {"Content-Length": "10"}))
    assert refusal(url) == "broke the connection off or refused it"
    assert remote.asked == ["/cut", "/cut"]


def test_a_closed_port_and_an_unknown_name_say_so(settings: Any, remote: Remote) -> None:
    settings.DOWNLOAD_TRIES = 1
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"127.0.0.1:{server.getsockname()[1]}"
    settings.OUTBOUND_ALLOWED_HOSTS = [closed]
    assert refusal(f"http://{closed}/x") == "broke the connection off or refused it"
    assert refusal("http://no-such-name.invalid/x") == "has a host name that does not exist"


def test_a_full_disk_is_our_trouble_not_the_hosts(remote: Remote, settings: Any) -> None:
    settings.MIN_FREE_BYTES = 1 << 60
    with pytest.raises(Unavailable):
        fetch(remote.serve("/x", b"x"))


def test_stopping_the_watch_ends_every_fetch_at_once(remote: Remote) -> None:
    url, watch, ended = remote.answer("/slow", drip(head=False)), Watch(30), []

    def run() -> None:
        with pytest.raises(outbound.Stopped):
            outbound.fetch(url, field=FIELD, watch=watch)
        ended.append(time.monotonic())

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    while remote.now < 3:
        time.sleep(0.01)
    stopped = time.monotonic()
    watch.close()
    for thread in threads:
        thread.join(20)
    assert len(ended) == 3
    assert max(ended) - stopped < 10
