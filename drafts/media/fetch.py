"""Media from URLs: fetched together, outside any transaction, stored once, all or nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings

from drafts.core import blobs, collect, gate
from drafts.core.errors import Text, TooLarge, Unavailable
from drafts.core.models import Blob
from drafts.core.outbound import TIME_IS_OVER, DownloadFailed, Fetched, Stopped, Watch, check_url, fetch, redacted

from .info import NotMedia, keep, known_facts, to_media, wrong_kind
from .probe import Facts, probe
from .sniff import Unfit, sniff
from .types import Fetch, Media

_In = TypeVar("_In")
_Out = TypeVar("_Out")

FULL = Text("Too many calls fetch media at once", "同时下载素材的请求过多")


def fetch_all(requests: Sequence[Fetch], *, draft_id: str = "") -> list[Media]:
    """The media behind each request, in order; the same URL is fetched once.

    Call it outside any transaction, without the draft's lock, and attach what it returns inside
    :func:`discarded_unless_used`. Media to link are fetched and probed too, but not stored. A URL that has
    ``draft_id`` in it is always stored: clients take it for a file of the draft and would not fetch it (contract 3.8).

    Raises ``DownloadFailed``, ``FileTooLarge`` and ``NotMedia``, each naming its item; ``TooLarge`` for more than
    ``MAX_URLS``; ``Unavailable`` when all slots are taken or the store fails; ``NoFfmpeg``. Whatever it raises,
    nothing is left behind.
    """
    if not requests:
        return []
    _check_count(len(requests))
    if any(_is_stored(request, draft_id) for request in requests):
        gate.check_writable()
    first = {_key(request): request for request in reversed(requests)}
    with _slot({(urlsplit(url).hostname or "").lower() for url in first}), ExitStack() as files:
        blobs.release_connection()
        watch = Watch(settings.DOWNLOAD_SECONDS)
        files.callback(watch.close)
        found = dict(zip(first, _fetch_together(list(first.values()), files, watch), strict=True))
        facts = _facts_of(first, found, watch)
        for request in requests:
            _check_kind(request, facts[found[_key(request)].sha256])
        stored = _store({_key(request) for request in requests if _is_stored(request, draft_id)}, found, facts)
        return [_media(request, found[_key(request)], facts, stored, draft_id) for request in requests]


@contextmanager
def discarded_unless_used(media: Sequence[Media]) -> Iterator[None]:
    """When this block fails, what was fetched for it goes at once, unless something refers to it."""
    ids = {item.blob_id for item in media if item.blob_id is not None}
    with collect.kept_if_used(list(Blob.objects.filter(pk__in=ids)) if ids else []):
        yield


def _key(request: Fetch) -> str:
    return check_url(request.url, field=request.field)


def _check_count(count: int) -> None:
    if count > settings.MAX_URLS:
        limit = settings.MAX_URLS
        raise TooLarge(
            Text(f"One call fetches at most {limit} URLs (MAX_URLS)", f"一次调用最多下载 {limit} 个 URL（MAX_URLS）")
        )


_lock = threading.Lock()
_calls: Counter[str] = Counter()
_all = "*"


@contextmanager
def _slot(hosts: set[str]) -> Iterator[None]:
    """One of ``DOWNLOAD_SLOTS``, and of ``DOWNLOAD_SLOTS_PER_HOST`` for each host: a slow one leaves some to others."""
    with _lock:
        free = _calls[_all] < settings.DOWNLOAD_SLOTS
        if not free or any(_calls[host] >= settings.DOWNLOAD_SLOTS_PER_HOST for host in hosts):
            raise Unavailable(FULL, retry_after=5)
        _calls.update([_all, *hosts])
    try:
        yield
    finally:
        with _lock:
            _calls.subtract([_all, *hosts])
            for name in [name for name, count in _calls.items() if count <= 0]:
                del _calls[name]


def _fetch_together(requests: Sequence[Fetch], files: ExitStack, watch: Watch) -> list[Fetched]:
    def one(request: Fetch) -> Fetched:
        got = fetch(request.url, field=request.field, watch=watch)
        files.callback(got.file.close)
        with _as_refusal(request):
            sniff(got.file)  # a web page fails the call before the other files have come
        return got

    return _together(one, requests, stop=watch.stop)


def _together(work: Callable[[_In], _Out], items: Sequence[_In], *, stop: Callable[[], None]) -> list[_Out]:
    """``work`` on all items in threads without a database; the first failure stops the others and is raised."""
    with ThreadPoolExecutor(max(1, settings.DOWNLOADS_AT_ONCE), thread_name_prefix="media") as pool:
        futures = [pool.submit(work, item) for item in items]
        if wait(futures, return_when=FIRST_EXCEPTION).not_done:
            stop()
            pool.shutdown(cancel_futures=True)
    errors = [error for error in (future.exception() for future in futures if not future.cancelled()) if error]
    for error in errors:
        if not isinstance(error, Stopped):
            raise error
    return [future.result() for future in futures]


def _facts_of(first: Mapping[str, Fetch], found: Mapping[str, Fetched], watch: Watch) -> dict[str, Facts]:
    """The facts by hash: what is known, and what ffprobe says of the rest."""
    facts = known_facts(sha256=[got.sha256 for got in found.values()])
    blobs.release_connection()
    unknown = {got.sha256: (first[url], got) for url, got in found.items() if got.sha256 not in facts}

    def one(item: tuple[Fetch, Fetched]) -> Facts:
        request, got = item
        if watch.stopped:
            raise DownloadFailed(request.field, request.url, TIME_IS_OVER, transient=True)
        with _as_refusal(request):
            return probe(got.file)

    probed = _together(one, list(unknown.values()), stop=lambda: None)
    return facts | dict(zip(unknown, probed, strict=True))


@contextmanager
def _as_refusal(request: Fetch) -> Iterator[None]:
    try:
        yield
    except Unfit as error:
        raise NotMedia(request.field, redacted(request.url), error.rule, error.reason, code=request.code) from error


def _check_kind(request: Fetch, facts: Facts) -> None:
    if facts.kind not in request.kinds:
        reason = wrong_kind(facts.kind, request.kinds)
        raise NotMedia(request.field, redacted(request.url), "kind", reason, code=request.code)


def _is_stored(request: Fetch, draft_id: str) -> bool:
    link = settings.MEDIA_MODE == "link" if request.link is None else request.link
    return not link or bool(draft_id and draft_id.lower() in request.url.replace("-", "").lower())


def _store(wanted: set[str], found: Mapping[str, Fetched], facts: Mapping[str, Facts]) -> dict[str, int]:
    """Blob ids by hash of the URLs to store; when one fails, those made before it go again."""
    made: dict[str, Blob] = {}
    try:
        for got in (got for url, got in found.items() if url in wanted and got.sha256 not in made):
            got.file.seek(0)
            blob = blobs.known(got.sha256) or blobs.put(got.file, length=got.size)
            made[got.sha256] = blob
            keep(blob=blob, facts=facts[got.sha256])
    except BaseException:
        with collect.kept_if_used(list(made.values())):
            raise
    return {sha256: blob.pk for sha256, blob in made.items()}


def _media(request: Fetch, got: Fetched, facts: Mapping[str, Facts], stored: Mapping[str, int], draft_id: str) -> Media:
    blob_id = stored[got.sha256] if _is_stored(request, draft_id) else None
    return to_media(facts[got.sha256], blob_id=blob_id, sha256=got.sha256, size=got.size, url=got.url)
