"""Hand-written SQL: Django's errors, its transactions, and what watches its statements."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from drafts.core.models import Blob
from drafts.core.rows import Columns, execute, fetch_all, fetch_one
from tests.support import Api

pytestmark = pytest.mark.django_db


def test_placeholders_and_percent_signs_are_djangos() -> None:
    assert fetch_one("SELECT '%%s %%', %s", ["%s"]) == ("%s %", "%s")
    assert fetch_one("SELECT 1 WHERE 1 = %s", [2]) is None
    assert [tuple(row) for row in fetch_all("SELECT %s UNION SELECT %s ORDER BY 1", ["b", "a"])] == [("a",), ("b",)]


def test_execute_tells_how_many_rows_it_changed(api: Api) -> None:
    for _ in range(2):
        api.create()
    assert execute("UPDATE drafts_draft SET name = %s", ["new"]) == 2
    assert execute("UPDATE drafts_draft SET name = %s WHERE id = %s", ["new", "none"]) == 0


def test_faults_are_djangos() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("INSERT INTO drafts_core_blobpayload (blob_id, data) VALUES (%s, NULL)", [1])
    with pytest.raises((OperationalError, ProgrammingError)), transaction.atomic():
        fetch_one("SELECT * FROM no_such_table WHERE id = %s", [1])


def test_nothing_runs_in_a_broken_transaction() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            fetch_one("SELECT %s", [1])
        transaction.set_rollback(False)


def test_traces_and_query_logs_see_the_statements() -> None:
    seen: list[str] = []

    def watch(run: Any, sql: str, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
        seen.append(sql)
        return run(sql, parameters, many, context)

    with connection.execute_wrapper(watch):
        fetch_one("SELECT %s", ["watched"])
    assert seen == ["SELECT %s"]
    with CaptureQueriesContext(connection) as queries:
        fetch_one("SELECT %s", ["logged"])
    assert len(queries) == 1


def test_columns_that_are_not_wanted_are_deferred(api: Api) -> None:
    api.save(str(api.create()["draft_id"]))
    some = Columns(Blob, "blob", ("id", "state", "created_at"))
    row = fetch_one(f"SELECT 0, {some.sql} FROM drafts_core_blob blob", [])  # noqa: S608 - fixed parts
    assert row is not None
    blob, whole = some.instance(row, 1), Blob.objects.get()
    assert (blob, blob.state, blob.created_at, row[1 + some.place("state")]) == (
        whole,
        "pending",
        whole.created_at,
        "pending",
    )
    assert blob.get_deferred_fields() == {field.attname for field in Blob._meta.concrete_fields} - {*some.only}
    assert blob.sha256 == whole.sha256
