"""The only outgoing HTTP client: GET of a URL that somebody else chose, into a file without a name.

Every hop of a redirect is checked as the first one (:mod:`drafts.core.addresses`). Proxies, cookies, ``.netrc``
and credentials in URLs are not used. A :class:`Watch` bounds the whole time, also against hosts that send a byte
now and then: at its end it shuts the sockets down under whoever waits for them.
"""

from __future__ import annotations

import errno
import itertools
import random
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, BinaryIO, cast
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from django.conf import settings
from requests_hardened import Config, HTTPSession
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from . import gate
from .addresses import Forbidden, GuardedAdapter
from .errors import DomainError, FieldError, Text, Unavailable

CHUNK = 256 * 1024
LONGEST_URL = 4096
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
USER_AGENT = "Mozilla/5.0 (compatible; capcut-draft-server)"


class DownloadFailed(DomainError):
    """A URL could not be fetched; the sentence names item, URL and reason, never what the host sent."""

    code = 2005
    label = Text("File download failed", "下载文件失败")
    hint = Text(
        "The URL must be http or https, public, and answer without a login.",
        "该 URL 必须是可公开访问的 http 或 https 地址，且无需登录。",
    )

    def __init__(self, field: str, url: str, reason: Text, *, transient: bool = False) -> None:
        shown = redacted(url)
        text = Text(f"{field}: {shown} {reason.en}", f"{field}：{shown} {reason.zh}")
        super().__init__(text, errors=[FieldError(field, "download", text)])
        self.retryable = transient


class FileTooLarge(DomainError):
    """The file behind a URL is larger than ``DOWNLOAD_FILE_SIZE_LIMIT``."""

    status = 413
    code = 2004
    label = Text("File size exceeds the limit", "文件大小超出限制")

    def __init__(self, field: str, url: str, *, total: bool = False) -> None:
        name = "DOWNLOAD_TOTAL_LIMIT" if total else "DOWNLOAD_FILE_SIZE_LIMIT"
        limit, shown = getattr(settings, name), redacted(url)
        text = Text(
            f"{field}: {shown} makes more than {limit} bytes for one call ({name})"
            if total
            else f"{field}: {shown} has more than {limit} bytes ({name})",
            f"{field}：{shown} 使本次调用超过 {limit} 字节（{name}）"
            if total
            else f"{field}：{shown} 超过 {limit} 字节（{name}）",
        )
        super().__init__(text, errors=[FieldError(field, "max_size", text)])


class Stopped(Exception):
    """The watch stopped this fetch: its time is over, or another item of the call failed."""


def redacted(url: str) -> str:
    """The URL without credentials, query and fragment, for messages and logs."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "the URL"
    if not host:
        return "the URL"
    query = "?..." if parts.query else ""
    shown = f"{parts.scheme}://{host}{parts.path}{query}"
    return "".join(letter if letter.isprintable() else "?" for letter in shown)[:200]


class Watch:
    """The time of one call, shared by its threads. Stopping it ends every connection of theirs at once."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._bytes = 0
        self._sockets: dict[int, list[socket.socket]] = {}
        self._timer = threading.Timer(seconds, self.stop)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left(self) -> float:
        """Seconds left; never negative."""
        return max(0.0, self._deadline - time.monotonic())

    @property
    def stopped(self) -> bool:
        """Whether the time is over or the call has failed."""
        return self._stopped.is_set()

    def spend(self, size: int) -> int:
        """Count bytes of this call; returns how many it has fetched so far."""
        with self._lock:
            self._bytes += size
            return self._bytes

    def pause(self, seconds: float) -> None:
        """Wait. Raises ``Stopped`` when the watch stops meanwhile, at once when it would."""
        if seconds >= self.left or self._stopped.wait(seconds):
            raise Stopped

    def hold(self, connected: socket.socket) -> None:
        """End this connection when the watch stops. A twin of the descriptor works through TLS as well."""
        twin = connected.dup()
        with self._lock:
            self._sockets.setdefault(threading.get_ident(), []).append(twin)
        if self.stopped:
            self.stop()
            raise Stopped

    def release(self) -> None:
        """Let go of the connections that this thread opened."""
        with self._lock:
            for twin in self._sockets.pop(threading.get_ident(), ()):
                twin.close()

    def stop(self) -> None:
        """End everything under way."""
        self._stopped.set()
        with self._lock:
            for twin in itertools.chain.from_iterable(self._sockets.values()):
                try:
                    twin.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self) -> None:
        """Stop; the threads of the call have ended."""
        self._timer.cancel()
        self.stop()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL gave: a nameless file at its start, its length in bytes and its hash."""

    file: BinaryIO
    size: int
    sha256: str
    url: str


def check_url(url: str, *, field: str) -> str:
    """The URL, trimmed, if it is one to fetch. Raises ``DownloadFailed``."""
    url = url.strip().strip("\ufeff\u200b\u200c\u200d\u2060")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise DownloadFailed(field, url, Text("is not a URL", "不是有效的 URL")) from None
    if parts.scheme.lower() not in {"http", "https"}:
        raise DownloadFailed(field, url, Text("is not http or https", "不是 http 或 https 地址"))
    if "@" in parts.netloc:
        raise DownloadFailed(field, url, Text("carries a user name or password", "包含用户名或密码"))
    odd = any(letter.isspace() or not letter.isprintable() for letter in url)
    if not host or odd or "\\" in url or len(url) > LONGEST_URL:
        raise DownloadFailed(field, url, Text("is not a URL", "不是有效的 URL"))
    return url


def scratch() -> BinaryIO:
    """A file under ``STATE_DIR`` without a name: whatever ends this process takes it along."""
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    return cast("BinaryIO", tempfile.TemporaryFile(dir=settings.STATE_DIR))


def fetch(url: str, *, field: str, watch: Watch) -> Fetched:
    """The bytes behind ``url``; the caller closes their file.

    Raises ``DownloadFailed`` and ``FileTooLarge``, naming ``field``, ``Unavailable`` when the disk is full, and
    ``Stopped`` when the watch stopped for another reason than time.
    """
    url = check_url(url, field=field)
    file = scratch()
    try:
        size, digest = _with_retries(_Fetch(url, field, watch), file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Fetched(file, size, digest, url)


def _with_retries(fetch: _Fetch, target: BinaryIO) -> tuple[int, str]:
    for attempt in itertools.count(1):
        try:
            return fetch.into(target)
        except _Transient as error:
            if attempt >= settings.DOWNLOAD_TRIES:
                raise fetch.failed(error.reason, transient=True) from error
            wait = max(0.5 * 2 ** (attempt - 1) * random.uniform(0.75, 1.25), error.wait)  # noqa: S311 - jitter
            try:
                fetch.watch.pause(wait)
            except Stopped:
                if fetch.watch.left and fetch.watch.stopped:
                    raise
                raise fetch.failed(error.reason, transient=True) from error
    raise AssertionError("unreachable")


class _Transient(Exception):
    """Worth another try, after ``wait`` seconds at least."""

    def __init__(self, reason: Text, *, wait: float = 0.0) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.wait = wait


@dataclass(frozen=True, slots=True)
class _Fetch:
    """One URL with its redirects."""

    url: str
    field: str
    watch: Watch

    def failed(self, reason: Text, *, transient: bool = False) -> DownloadFailed:
        """The refusal for this URL."""
        return DownloadFailed(self.field, self.url, reason, transient=transient)

    def into(self, target: BinaryIO) -> tuple[int, str]:
        """Size and hash of what was written to ``target`` from its start."""
        if self.watch.stopped:
            raise self._stopped()
        target.seek(0)
        target.truncate()
        try:
            with _session(self.watch) as session:
                return self._follow(session, target)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if self.watch.stopped:
                raise self._stopped() from error
            raise self._explained(error) from error
        except Forbidden as error:
            raise self.failed(NOT_PUBLIC) from error
        except (Stopped, ValueError, UnicodeError) as error:  # ValueError: a host or header that no library takes
            raise (self._stopped() if self.watch.stopped else self.failed(NOT_A_URL)) from error
        finally:
            self.watch.release()

    def _follow(self, session: HTTPSession, target: BinaryIO) -> tuple[int, str]:
        url = self.url
        for _ in range(settings.DOWNLOAD_REDIRECTS + 1):
            timeout = (
                min(settings.DOWNLOAD_CONNECT_SECONDS, self.watch.left or 0.01),
                min(settings.DOWNLOAD_READ_SECONDS, self.watch.left or 0.01),
            )
            with session.get(url, stream=True, timeout=timeout) as response:
                location = response.headers.get("Location")
                if not (response.is_redirect and location):
                    return self._save(response, target)
                try:
                    url = check_url(urljoin(url, location), field=self.field)
                except DownloadFailed as error:
                    text = Text("redirects to an address that is not allowed", "重定向到了不允许的地址")
                    raise self.failed(text) from error
        text = Text(
            f"redirects more than {settings.DOWNLOAD_REDIRECTS} times (DOWNLOAD_REDIRECTS)",
            f"重定向超过 {settings.DOWNLOAD_REDIRECTS} 次（DOWNLOAD_REDIRECTS）",
        )
        raise self.failed(text)

    def _save(self, response: requests.Response, target: BinaryIO) -> tuple[int, str]:
        status = response.status_code
        if status != 200:
            reason = Text(f"answered with status {status}", f"返回状态码 {status}")
            if status in TRANSIENT:
                raise _Transient(reason, wait=_retry_after(response.headers.get("Retry-After")))
            raise self.failed(reason)
        announced = response.headers.get("Content-Length", "")
        limit = settings.DOWNLOAD_FILE_SIZE_LIMIT
        if announced.isdecimal() and int(announced) > limit:
            raise FileTooLarge(self.field, self.url)
        size, digest = 0, sha256()
        for chunk in response.iter_content(CHUNK):
            size += len(chunk)
            if size > limit:
                raise FileTooLarge(self.field, self.url)
            if self.watch.spend(len(chunk)) > settings.DOWNLOAD_TOTAL_LIMIT:
                raise FileTooLarge(self.field, self.url, total=True)
            gate.check_space()
            if self.watch.stopped:
                raise self._stopped()
            target.write(chunk)
            digest.update(chunk)
        if self.watch.stopped:  # a body without a length ends as if it were whole when its socket is shut down
            raise self._stopped()
        target.flush()
        return size, digest.hexdigest()

    def _stopped(self) -> Exception:
        return Stopped() if self.watch.left else self.failed(TIME_IS_OVER, transient=True)

    def _explained(self, error: Exception) -> Exception:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}:
            return Unavailable(retry_after=30)  # our disk, not their host
        if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
            return self.failed(NOT_A_URL)
        causes = list(_causes(error))
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            again = any(getattr(cause, "errno", None) == socket.EAI_AGAIN for cause in causes)
            return _Transient(UNKNOWN_HOST) if again else self.failed(UNKNOWN_HOST)
        if any(isinstance(cause, requests.exceptions.SSLError) for cause in causes):
            return self.failed(Text("has no valid TLS certificate", "的 TLS 证书无效"))
        if isinstance(error, (requests.exceptions.Timeout, TimeoutError, urllib3.exceptions.TimeoutError)):
            return _Transient(Text("did not answer in time", "未及时响应"))
        if any("timed out" in str(cause) for cause in causes):  # requests wraps a silent body as a broken connection
            return _Transient(Text("did not answer in time", "未及时响应"))
        return _Transient(Text("broke the connection off or refused it", "连接被拒绝或中断"))


NOT_A_URL = Text("is not a URL", "不是有效的 URL")
UNKNOWN_HOST = Text("has a host name that does not exist", "的主机名不存在")
NOT_PUBLIC = Text(
    "leads to an address that is not public (OUTBOUND_ALLOWED_HOSTS)", "指向非公网地址（OUTBOUND_ALLOWED_HOSTS）"
)
TIME_IS_OVER = Text("was not fetched in time (DOWNLOAD_SECONDS)", "未能在规定时间内下载完成（DOWNLOAD_SECONDS）")


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    todo: list[Any] = [error]
    while todo:
        cause = todo.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        todo += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]


def _retry_after(header: str | None) -> float:
    """Seconds of a Retry-After, a number or a date; 0 when there is none to read."""
    if not header:
        return 0.0
    if header.strip().isdecimal():
        return float(header.strip()[:9])
    try:
        when = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return 0.0
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _session(watch: Watch) -> HTTPSession:
    session = HTTPSession(
        Config(
            ip_filter_enable=False,  # our own adapters below filter
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(settings.DOWNLOAD_CONNECT_SECONDS, settings.DOWNLOAD_READ_SECONDS),
            user_agent_override=USER_AGENT,
        )
    )
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"
    for scheme in ("http", "https"):
        session.mount(f"{scheme}://", _watched(GuardedAdapter(is_https_proto=scheme == "https"), watch))
    return session


def _watched(adapter: GuardedAdapter, watch: Watch) -> GuardedAdapter:
    """The adapter with connections that the watch holds from the moment they are open."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _held(super()._new_conn(), watch)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _held(super()._new_conn(), watch)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    adapter.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return adapter


def _held(connected: socket.socket, watch: Watch) -> socket.socket:
    try:
        watch.hold(connected)
    except BaseException:
        connected.close()
        raise
    return connected
