"""Long transfers: a bounded number at once, without a database connection, with ranges.

Range, 206, 416, HEAD and 304 are answered from the row, never by the store (DESIGN section 4). Nothing is
compressed on the way: clients store what they receive.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from drafts.core import metrics
from drafts.core.blobs import release_connection
from drafts.core.errors import Text, Unavailable
from drafts.document import kinds
from drafts.selectors.delivery import Served, pieces

from . import policies
from .etags import not_modified
from .problems import Refusal, problem

GATHERED = 1024 * 1024  # bytes; bodies up to here are read before anything else is done for them
JSON = "application/json"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
BEYOND = Text("The range cannot be satisfied", "请求的范围无效")
FULL = Text("Too many transfers at once", "同时传输过多")


class _Slots:
    """So many requests at once in this process."""

    def __init__(self, kind: str, number: int) -> None:
        self._kind = kind
        self._free = threading.BoundedSemaphore(number)

    def take(self) -> None:
        """One of them. Raises ``Unavailable`` when all are taken."""
        if not self._free.acquire(blocking=False):
            raise Unavailable(FULL, retry_after=2)
        metrics.SLOTS.labels(self._kind).inc()

    def release(self) -> None:
        """Give one back."""
        metrics.SLOTS.labels(self._kind).dec()
        self._free.release()


_streams = _Slots("stream", settings.STREAM_SLOTS)
_bodies = _Slots("body", settings.BODY_SLOTS)


@contextmanager
def _slot(slots: _Slots) -> Iterator[None]:
    slots.take()
    try:
        yield
    finally:
        slots.release()


@contextmanager
def admitted(request: HttpRequest) -> Iterator[None]:
    """Let a request with a body in: none waits for its client without a slot, whatever its address.

    A body of up to 1 MB is gathered in one of ``BODY_SLOTS``; a longer one has one of ``STREAM_SLOTS`` until its
    request is answered. Raises ``Unavailable`` when all are taken, and ``BodyTimeout``.
    """
    raw = str(request.META["CONTENT_LENGTH"]).strip()
    length = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) <= 18 else 0
    if length > GATHERED:
        with _slot(_streams):
            yield
        return
    with _slot(_bodies), suppress(OSError):  # whoever wants the body finds that it is short
        source: Any = request._stream  # not `body`, which has a limit of its own for forms
        request._stream = io.BytesIO(source.read(length))
    yield


class _Slotted:
    """An iterator that gives its slot back when it is closed, once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._open = True

    def __iter__(self) -> _Slotted:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        if self._open:
            self._open = False
            close: Any = getattr(self._chunks, "close", None)
            if close is not None:
                close()
            _streams.release()

    def __del__(self) -> None:
        self.close()


def streamed(chunks: Callable[[], Iterator[bytes]], *, content_type: str) -> StreamingHttpResponse:
    """A reply that streams ``chunks()`` in a slot; the database connection is given back before the first byte."""
    _streams.take()
    try:
        iterator = chunks()
    except BaseException:
        _streams.release()
        raise
    release_connection()
    return StreamingHttpResponse(_Slotted(iterator), content_type=content_type)


def serve_document(request: HttpRequest, data: bytes, *, etag: str) -> HttpResponseBase:
    """A whole document; a long one in pieces and in a slot, or it would lie here until a slow client has it.

    Raises ``Unavailable`` when all slots are taken, and ``Stale``.
    """
    if len(data) <= GATHERED or request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(data, content_type=JSON)
    elif (unchanged := not_modified(request, etag)) is not None:
        response = unchanged
    else:
        response = streamed(lambda: pieces(data), content_type=JSON)
        response["Content-Length"] = str(len(data))
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    return response


def serve_file(request: HttpRequest, served: Served) -> HttpResponseBase:
    """One delivered file, whole or the asked range of it."""
    etag = f'"{served.sha256}"'
    unchanged = not_modified(request, etag)
    if unchanged is not None:
        return _with_headers(unchanged, served, etag)
    span = _span(request, served.size, etag)
    if span is None:
        refused = problem(request, Refusal(416, 416, BEYOND))
        refused["Content-Range"] = f"bytes */{served.size}"
        refused["Accept-Ranges"] = "bytes"
        return refused
    start, length = span
    response = _body(request, served, start, length)
    response["Content-Length"] = str(length)
    if length < served.size or _wants_range(request, etag):
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{start + length - 1}/{served.size}"
    return _with_headers(response, served, etag)


def _body(request: HttpRequest, served: Served, start: int, length: int) -> HttpResponseBase:
    content_type = kinds.media_type_of(served.path)
    if request.method == "HEAD":
        return HttpResponse(content_type=content_type)
    if served.data is not None and length <= GATHERED:
        return HttpResponse(served.data[start : start + length], content_type=content_type)
    return streamed(lambda: served.chunks(start=start, length=length), content_type=content_type)


def _with_headers(response: HttpResponseBase, served: Served, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    changes = served.path.lower().endswith(".json")
    response["Cache-Control"] = "no-cache" if changes else "private, max-age=31536000, immutable"
    response["Content-Security-Policy"] = policies.FILE
    response.setdefault("Content-Disposition", "attachment")  # a browser takes the name from the end of the path
    return response


def _wants_range(request: HttpRequest, etag: str) -> bool:
    condition = request.META.get("HTTP_IF_RANGE")
    header = request.META.get("HTTP_RANGE", "").replace(" ", "")
    match = _RANGE.fullmatch(header)
    if not match or not (match[1] or match[2]) or condition not in {None, etag}:
        return False
    return not (match[1] and match[2] and int(match[2]) < int(match[1]))


def _span(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """Start and length to send; ``None`` when the range cannot be satisfied. A header that is no range is ignored."""
    if not _wants_range(request, etag):
        return 0, size
    match = _RANGE.fullmatch(request.META["HTTP_RANGE"].replace(" ", ""))
    first, last = (match[1], match[2]) if match else ("", "")
    if not first:
        length = min(int(last), size)
        return (size - length, length) if length else None
    start = int(first)
    if start >= size:
        return None
    return start, (min(int(last) + 1, size) if last else size) - start
