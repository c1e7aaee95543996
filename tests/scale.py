"""What a large PostgreSQL database costs: bytes a row, plans of the service's own queries, WAL a save, drain a second.

``psql -v drafts=1000000 -f tests/scale.sql`` fills a migrated, empty database; ``python -m tests.scale`` then measures
it, on DATABASE_URL. Figures and what follows from them: docs/scale.md.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import django
from django.db import connection

TABLES = ("draft", "draftcontent", "draftversion", "draftfile", "core_blob")
ROUNDS = 1000


class Undone(Exception):
    """Rolls back what a measurement has written."""


def sizes() -> None:
    """Bytes a row, of the table and of its indexes."""
    print("table | rows | bytes a row | of its indexes | total MB")
    with connection.cursor() as cursor:
        for name in TABLES:
            table = f"drafts_{name}"
            cursor.execute(f"SELECT count(*), pg_table_size('{table}'), pg_indexes_size('{table}') FROM {table}")  # noqa: S608 - names of our own
            rows, heap, indexes = cursor.fetchone()
            print(f"{table} | {rows} | {heap / rows:.0f} | {indexes / rows:.0f} | {(heap + indexes) / 1e6:.0f}")
        cursor.execute(
            "SELECT relname, indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes "
            "WHERE relname LIKE 'drafts%' ORDER BY 3 DESC LIMIT 24"
        )
        for table, index, size in cursor.fetchall():
            print(f"  {table} {index}: {size / 1e6:.0f} MB")


def explain(what: str, call: Callable[[], Any]) -> None:
    """Run ``call`` and explain every statement that it sends; what is written is rolled back."""
    from django.db import transaction

    sent: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with suppress(Undone), transaction.atomic():
        with connection.execute_wrapper(note):
            call()
        raise Undone
    for sql, params in sent:
        verb = sql.split(None, 1)[0].upper()
        if verb not in {"SELECT", "(SELECT", "UPDATE", "INSERT", "DELETE", "WITH"}:
            continue
        with suppress(Undone), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '120s'")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
            answer = cursor.fetchone()[0]
            plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]
            root = plan["Plan"]
            pages = root.get("Shared Hit Blocks", 0) + root.get("Shared Read Blocks", 0)
            print(f"{what} | {plan['Execution Time']:.1f} ms | {pages} pages | {_nodes(root)} | {sql[:60]}")
            raise Undone


def _nodes(plan: dict[str, Any]) -> str:
    own = plan["Node Type"] + (f" {plan['Index Name']}" if "Index Name" in plan else "")
    own += f" {plan['Relation Name']}" if plan["Node Type"] == "Seq Scan" else ""
    below = [_nodes(child) for child in plan.get("Plans", ())]
    return " < ".join([own, *below])


def plans() -> None:
    """The statements of every kind of request, on a draft in the middle."""
    from drafts.api.operators import _read_now
    from drafts.core import collect, gate, persist
    from drafts.models import Draft
    from drafts.selectors.delivery import file_names
    from drafts.selectors.drafts import get_draft, list_drafts
    from drafts.selectors.search import search_drafts
    from drafts.services.save import save_draft

    draft = Draft.objects.order_by("-id")[1000:1001].get()
    explain("get_draft", lambda: get_draft(draft_id=draft.pk))
    explain("get_draft, files", lambda: file_names(draft_id=draft.pk, number=None))
    explain("save, changed", lambda: save_draft(draft_id=draft.pk, note="x"))
    explain("gate", lambda: gate.state(fresh=True))
    explain("list, newest", lambda: list(list_drafts().filter(deleted_at=None).order_by("-created_at", "-id")[:51]))
    explain("list, by name", lambda: list(list_drafts().filter(deleted_at=None).order_by("name", "id")[:51]))
    explain("list, by size", lambda: list(list_drafts().filter(deleted_at=None).order_by("-content__size", "-id")[:51]))
    explain("search, one hit", lambda: search_drafts("day 77777"))
    explain("search, no hit", lambda: search_drafts("nothing"))
    explain("count (admin)", lambda: Draft.objects.order_by().values("pk")[:5001].count())
    explain("versions", lambda: list(draft.versions.order_by("-number")[:51]))  # type: ignore[attr-defined]  # a reverse relation, not in the stubs
    explain("drain, claim", lambda: persist._claim(50))
    explain("collect, doom", lambda: list(collect.unreferenced().order_by("touched_at")[:500]))
    explain("/metrics", _read_now)


def wal() -> None:
    """WAL and time of changed saves of 20 KB documents, then how fast they are stored."""
    from drafts.core import persist
    from drafts.core.large import Unread
    from drafts.models import Draft
    from drafts.services.content import replace_content
    from drafts.services.save import save_draft

    from .bench.documents import Document

    document = Document(20_000)
    ids = list(Draft.objects.order_by("?").values_list("pk", flat=True)[:ROUNDS])
    for what in ("random drafts, first time after a checkpoint", "the same again"):
        if what.startswith("random"):
            _sql("CHECKPOINT")
        puts, saves = 0.0, 0.0
        put_wal = save_wal = 0
        for each in ids:
            at, began = _lsn(), time.perf_counter()
            replace_content(draft_id=each, document=Unread.of(document.copy()), revisions=None)
            puts, began = puts + time.perf_counter() - began, time.perf_counter()
            between = _lsn()
            save_draft(draft_id=each)
            saves += time.perf_counter() - began
            put_wal, save_wal = put_wal + between - at, save_wal + _lsn() - between
        n = len(ids)
        print(f"{what}: put {put_wal / n / 1000:.1f} KB of WAL, {puts / n * 1000:.1f} ms; ", end="")
        print(f"save {save_wal / n / 1000:.1f} KB of WAL, {saves / n * 1000:.1f} ms")
    began, before, stored = time.perf_counter(), _lsn(), 0
    while (done := persist.drain()).stored:
        stored += done.stored
    took = time.perf_counter() - began
    each = (_lsn() - before) / max(1, stored) / 1000
    print(f"drain: {stored} blobs, {stored / took:.0f} a second, {each:.1f} KB of WAL each")


def _lsn() -> int:
    return int(_sql("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


def _sql(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


if __name__ == "__main__":
    django.setup()
    sizes()
    plans()
    wal()
