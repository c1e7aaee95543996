"""Idempotency keys: a request is done once, and asked again it gets the answer that it got.

The answer is part of the transaction that has the effect, so neither can be without the other, whatever dies
when. Every service writes inside :func:`effect`. For a request with a key that transaction stays open until the
reply is known; it begins by claiming the key, and the unique constraint lets one of several claimants through:
the others wait for its commit, do nothing and give its answer. Only successes are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from drafts.core.errors import DomainError, Text, Unavailable
from drafts.core.writers import writing

from .models import KeptAnswer

Work = TypeVar("Work", bound=Callable[[], None])


class KeyReused(DomainError):
    """The key was used for something else."""

    status = 422
    code = 3010
    label = Text("The Idempotency-Key was used for another request", "该 Idempotency-Key 已用于其他请求")
    hint = Text(
        "Send a new key with every new request, and the same key only to repeat one.",
        "每个新请求请使用新的 key；仅在重试同一请求时使用相同的 key。",
    )


@dataclass(frozen=True, slots=True)
class Ask:
    """A request with a key: who asks, the key, and the SHA-256 of method, path and body."""

    scope: str
    key: str
    fingerprint: str


class Once:
    """One request with a key, from its first effect to its answer."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.lost = False
        self._claimed: tuple[ExitStack, KeptAnswer] | None = None

    def begin(self) -> tuple[ExitStack, KeptAnswer]:
        """Open the transaction and claim the key. Raises ``Unavailable`` when another request had it first."""
        if self._claimed is None:
            with ExitStack() as opening:
                opening.enter_context(transaction.atomic())
                try:
                    row = _claim(self.ask)
                except IntegrityError:
                    self.lost = True
                    raise Unavailable(retry_after=1) from None
                self._claimed = opening.pop_all(), row
        return self._claimed

    def keep(self, *, status: int, headers: dict[str, str], body: bytes) -> None:
        """Write the answer and commit it together with its effect."""
        opened, row = self.begin()
        row.status, row.headers, row.body = status, headers, body
        row.save(force_update=True)
        self._claimed = None
        opened.close()

    def cancel(self) -> None:
        """Undo what there is; the key is free again."""
        if self._claimed is not None:
            opened, _ = self._claimed
            self._claimed = None
            transaction.set_rollback(True)
            opened.close()


_current: ContextVar[Once | None] = ContextVar("idempotent request", default=None)


@contextmanager
def asked(ask: Ask) -> Iterator[Once]:
    """Handle one request under its key; what is not kept by the end is undone."""
    once = Once(ask)
    token = _current.set(once)
    try:
        yield once
    finally:
        _current.reset(token)
        once.cancel()


@contextmanager
def effect(*, one_statement: bool = False) -> Iterator[None]:
    """The transaction in which a service has its effect; ``one_statement`` is one by itself. Raises ``Busy``."""
    once = _current.get()
    with writing():
        if once is None and one_statement:
            yield
            return
        if once is None:
            with _whole():
                yield
            return
        once.begin()
        try:
            with _whole():
                yield
        except BaseException:
            once.cancel()
            raise


_last: ContextVar[dict[str, Any] | None] = ContextVar("done before the commit", default=None)


@contextmanager
def _whole() -> Iterator[None]:
    """A transaction, which ends with the works of :func:`before_commit`."""
    works: dict[str, Callable[[], None]] = {}
    with transaction.atomic():
        token = _last.set(works)
        try:
            yield
            if not transaction.get_rollback():  # a dry run
                for work in works.values():
                    work()
        finally:
            _last.reset(token)


def before_commit(work: Work, *, key: str) -> Work | None:
    """Call ``work`` as the last thing of the effect, so that the locks it takes are held shortly, and after all others.

    Returns the work that waits under that key, this one or an earlier one; ``None`` where there is no effect to end.
    """
    works = _last.get()
    return None if works is None else works.setdefault(key, work)


def answered(ask: Ask) -> KeptAnswer | None:
    """The answer that this request was given. Raises ``KeyReused`` when the key was used for another one."""
    rows = KeptAnswer.objects.filter(scope=ask.scope, key=ask.key, created_at__gte=_oldest())
    kept = rows.first()
    if kept is not None and kept.fingerprint != ask.fingerprint:
        raise KeyReused
    return kept


def concerns(draft_id: str) -> None:
    """Note which draft the request with a key changes, if it is one."""
    once = _current.get()
    if once is not None:
        once.begin()[1].draft_id = draft_id


def forget(*, draft_id: str) -> None:
    """Forget the answers to requests that changed the draft."""
    KeptAnswer.objects.filter(draft_id=draft_id).delete()


def sweep() -> int:
    """Forget answers older than ``IDEMPOTENCY_SECONDS``; returns how many."""
    return KeptAnswer.objects.filter(created_at__lt=_oldest()).delete()[0]


def _claim(ask: Ask) -> KeptAnswer:
    KeptAnswer.objects.filter(scope=ask.scope, key=ask.key, created_at__lt=_oldest()).delete()
    return KeptAnswer.objects.create(
        scope=ask.scope, key=ask.key, fingerprint=ask.fingerprint, created_at=timezone.now()
    )


def _oldest() -> datetime:
    return timezone.now() - timedelta(seconds=settings.IDEMPOTENCY_SECONDS)
