"""The rows of a new version: blob, payload, version, the draft's head, and who made it.

The bytes go from content to payload inside the database, and wait there for ``drain`` (DESIGN section 3). On
PostgreSQL all of it is one statement, a transaction of its own unless there is one, and so a single round trip.
SQLite knows no such statements and has no round trips: there the same parts run one after the other.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from drafts.core.blobs import new_key
from drafts.core.models import Blob
from drafts.core.rows import Columns, Row, execute, fetch_one, moment, relate
from drafts.models import Draft, DraftVersion
from drafts.selectors.drafts import SAVED, SAVED_BLOB, Working

from . import events

BLOB = Columns(Blob, "drafts_core_blob", SAVED_BLOB.only)

# The draft as it was read; no row when it has been edited, saved or trashed since.
_SAME = """
SELECT id FROM drafts_draft
WHERE id = %s AND revision = %s AND coalesce(head_id, 0) = %s AND deleted_at IS NULL
"""
# Touching is what keeps the collector away from a blob that is there already.
_BLOB = f"""
INSERT INTO drafts_core_blob (key, sha256, size, state, created_at, touched_at, tries, next_try_at, error)
SELECT %s, %s, %s, 'pending', %s, %s, 0, %s, '' FROM same WHERE true
ON CONFLICT (sha256) DO UPDATE SET touched_at = excluded.touched_at
RETURNING {BLOB.sql}
"""
_PAYLOAD = """
INSERT INTO drafts_core_blobpayload (blob_id, data)
SELECT blob.id, content.data FROM blob CROSS JOIN drafts_draftcontent content
WHERE blob.state <> 'stored' AND content.draft_id = %s
ON CONFLICT (blob_id) DO NOTHING
"""


def insert_version(
    draft: Draft, values: Mapping[str, Any], *, working: Working, event: list[Any]
) -> DraftVersion | None:
    """Insert a version that holds the working state of ``draft``, make it the head, and record ``event``.

    ``values`` are those of all columns but the key and the document's. ``None``, and nothing done, when the draft is no
    longer as it was read. The bytes of the version's ``content`` wait for the store unless that has them.
    """
    now = moment(values["created_at"])
    same = [draft.pk, draft.revision, draft.head_id or 0]
    blob = [new_key(working.sha256), working.sha256, working.size, now, now, now]
    prepared = {**values, "created_at": now}
    insert = _one_statement if connection.vendor == "postgresql" else _step_by_step
    row = insert(same, blob, draft.pk, [prepared[column] for column in _columns()], event)
    if row is None:
        return None
    content = BLOB.instance(row, 1)
    version = SAVED.holding({**values, "id": row[0], "content_id": content.pk})
    relate(version, "content", content)
    relate(version, "draft", draft)
    draft.head = version
    return version


def _one_statement(same: list[Any], blob: list[Any], draft_id: str, values: list[Any], event: list[Any]) -> Row | None:
    return fetch_one(_statement(), [*same, *blob, draft_id, *values, *event])


@functools.cache
def _statement() -> str:
    return f"""
    WITH same AS ({_SAME} FOR UPDATE), blob AS ({_BLOB}), payload AS ({_PAYLOAD}), version AS ({_version()}),
    head AS (UPDATE drafts_draft SET head_id = version.id FROM version WHERE drafts_draft.id = version.draft_id),
    event AS (INSERT INTO drafts_draftevent ({events.COLUMNS}) SELECT {events.PLACES} FROM version)
    SELECT version.id, blob.* FROM version CROSS JOIN blob
    """


@transaction.atomic
def _step_by_step(same: list[Any], blob: list[Any], draft_id: str, values: list[Any], event: list[Any]) -> Row | None:
    made = fetch_one(f"WITH same AS ({_SAME}) {_BLOB}", [*same, *blob])
    if made is None:
        return None
    execute(f"WITH blob (id, state) AS (SELECT %s, %s) {_PAYLOAD}", [made[0], made[BLOB.place("state")], draft_id])
    row = fetch_one(f"WITH blob (id) AS (SELECT %s) {_version()}", [made[0], *values])
    if row is None:  # cannot be: an INSERT returns what it inserted
        return None
    execute("UPDATE drafts_draft SET head_id = %s WHERE id = %s", [row[0], draft_id])
    execute(events.INSERT, event)
    return (row[0], *made)


@functools.cache
def _version() -> str:
    return f"""
    INSERT INTO drafts_draftversion (content_id, {", ".join(_columns())})
    SELECT blob.id, {", ".join(["%s"] * len(_columns()))} FROM blob
    RETURNING id, draft_id
    """


@functools.cache
def _columns() -> list[str]:
    """What a version has besides its key and its document."""
    found = [field.column or "" for field in DraftVersion._meta.concrete_fields]
    return [column for column in found if column not in {"id", "content_id"}]
